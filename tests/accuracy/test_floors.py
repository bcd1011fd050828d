"""The floors of the accuracy set hold, on the seed of development and on seeds that nobody developed with."""

from __future__ import annotations

import pytest

from accuracy.material import half_of
from accuracy.run import score

INSTANCES = 150
DEVELOPMENT, HELD_OUT = (1,), (1001, 1002, 1003)


@pytest.mark.parametrize("seed", [*DEVELOPMENT, *HELD_OUT])
def test_every_category_reaches_its_floor(seed: int) -> None:
    card = score(seed, INSTANCES)
    assert half_of(seed) == ("development" if seed in DEVELOPMENT else "held-out")
    assert card.below_floor() == [], f"\n{card}"
    assert not card.refused, f"\n{card}"
    assert not card.unverified, f"\n{card}"
    assert card.instances > INSTANCES * 0.8
