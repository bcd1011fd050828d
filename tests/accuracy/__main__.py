"""`python -m accuracy --seed N --count M`: make instances, de-identify and verify them, and print the scorecard."""

from __future__ import annotations

import argparse
import sys

from accuracy.material import FIRST_HELD_OUT_SEED, half_of
from accuracy.run import PROFILE, score


def main(arguments: list[str] | None = None) -> int:
    """Print the scorecard; return 1 where a floor is not reached or an instance is lost, else 0."""
    options = _options(arguments)
    card = score(options.seed, options.count)
    _say(f"profile {PROFILE}, seed {options.seed}, half {half_of(options.seed)}\n\n{card}")
    if options.breakdown:
        _say(f"\n{card.breakdown()}")
    if options.failures:
        for failure in card.failures:
            answer = failure.answer
            wanted = answer.value or " | ".join(answer.forms)
            _say(
                f"\n{failure.case}: {answer.category} {answer.where} {answer.about}\n  {wanted}\n  found: {failure.found}"
            )
    return 1 if card.below_floor() or card.refused or card.unverified else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m accuracy", description=__doc__)
    parser.add_argument(
        "--seed", type=int, default=1, help=f"held-out material from {FIRST_HELD_OUT_SEED} on"
    )
    parser.add_argument("--count", type=int, default=200, help="instances")
    parser.add_argument("--breakdown", action="store_true", help="figures by place and by what was planted")
    parser.add_argument(
        "--failures", action="store_true", help="list what does not hold (development half only)"
    )
    options = parser.parse_args(arguments)
    if options.failures and half_of(options.seed) == "held-out":
        parser.error("what fails of the held-out half is counted, never looked at")
    return options


if __name__ == "__main__":
    sys.exit(main())
