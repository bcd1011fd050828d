"""Measure an eye on made pictures: `measure_pictures.py --seeds 1000 1040`. Seeds from 1000 on are held out.

Prints per class how many words are covered by boxes, and what happens to pictures without text. Needs the extra
`pixels` and Debian's packages of fonts that `install.sh bench` installs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "plugin"), str(ROOT / "tests")]

from accuracy.pictures.classes import CLASSES  # noqa: E402
from accuracy.pictures.measuring import Clock, Tally, measure_harm, measure_words  # noqa: E402
from accuracy.pictures.picture import make_picture  # noqa: E402
from accuracy.pictures.textfree import real_pictures  # noqa: E402

_COLUMNS = ("found", "noticed", "removed")


def main() -> int:
    """Print the figures; return 1 where a floor of the engine's eye is not reached."""
    options = _options()
    eye: Any
    if options.eye == "engine":
        from orthanc_deid.deid.pixels.eye.eye import find_text as eye
    else:
        from orthanc_deid.verify.pixels.eye.second_eye import find_text as eye
    seeds = range(*options.seeds)
    low = False
    clock = Clock()
    total: dict[str, Tally] = {"all": Tally()}
    print(f"{'class':24}{'words':>7}{'unseen':>8}{'found':>9}{'noticed':>9}{'removed':>9}{'floor':>8}")
    for kind in CLASSES:
        if options.text_free or (options.only and kind.name not in options.only):
            continue
        own = Tally()
        for background, tally in measure_words(eye, kind, seeds, clock).items():
            own += tally
            total["all"] += tally
            total.setdefault(background, Tally())
            total[background] += tally
        low |= own.share("found") < kind.floor
        _print(kind.name, own, f"{kind.floor:8}")
    if clock.worst:
        for name, tally in total.items():
            _print(name, tally)
        _print_clock("with text", clock)
    if not options.only:
        for name, pictures in _text_free(seeds):
            clock = Clock()
            harm = measure_harm(eye, pictures, clock)
            share = 100 * harm.changed_pixels / max(1, harm.pixels)
            print(
                f"{name}: {harm.pictures} pictures, {harm.boxed} with any box, {harm.changed} changed, "
                f"{harm.held} held, {share:.3f} % of pixels changed"
            )
            _print_clock(name, clock)
    return int(low)


def _text_free(seeds: range) -> Any:
    several = range(seeds.start * 3, seeds.stop * 3)
    for kind in ("radiograph", "ultrasound"):
        made = (make_picture(None, seed) for seed in several)
        yield f"made {kind}s without text", (picture for picture in made if picture.kind == kind)
    yield "real radiographs without text", real_pictures(seeds)


def _print(name: str, tally: Tally, end: str = "") -> None:
    shares = "".join(f"{tally.share(column):9.2f}" for column in _COLUMNS)
    print(f"{name:24}{tally.words:7}{tally.unseen:8}{shares}{end}", flush=True)


def _print_clock(name: str, clock: Clock) -> None:
    speed = 1000 * clock.seconds / max(clock.megapixels, 1e-9)
    print(
        f"  {name}: {speed:.0f} ms of processor time per megapixel; longest picture {max(clock.worst):.2f} s"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs=2, default=(0, 20), metavar=("FIRST", "END"))
    parser.add_argument("--eye", choices=("engine", "verifier"), default="engine")
    parser.add_argument("--text-free", action="store_true", help="only pictures without text")
    parser.add_argument("--only", nargs="*", help="names of classes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
