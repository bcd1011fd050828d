"""Puts made instances through the product, engine and verifier, and scores what comes out."""

from __future__ import annotations

from functools import cache

from accuracy.generator import Case, generate
from accuracy.scorecard import Scorecard
from accuracy.scoring import Scorer
from orthanc_deid import CompiledProfile, Key, deidentify, load_profile
from orthanc_deid.errors import RefusedError, VerificationError
from orthanc_deid.verify.verifier import Verifier

PROFILE = "research"
KEY = Key(bytes(range(32)))
BURNED_IN = "suspected of burned-in text"
GEOMETRY = "geometry that is no number"


@cache
def _profile() -> CompiledProfile:
    return load_profile(PROFILE)


def score(seed: int, count: int) -> Scorecard:
    """De-identify, verify and score `count` instances made with `seed`."""
    scorer, verifier = Scorer(), Verifier(_profile().profile, KEY)
    for case in generate(seed, count):
        output = _output(case, verifier, scorer.card)
        if output is not None:
            scorer.score(case, output)
    return scorer.card


def _output(case: Case, verifier: Verifier, card: Scorecard) -> bytes | None:
    """Return the output; None where the engine refuses. What the verifier refuses is counted, and scored all the same."""
    try:
        result = deidentify(case.data, _profile(), KEY)
    except RefusedError as refused:
        rightly = (case.withheld and refused.rule == BURNED_IN) or (
            case.unreadable and refused.rule == GEOMETRY
        )
        (card.withheld if rightly else card.refused)[f"{case.name.split()[1]}: {refused}"] += 1
        return None
    if case.withheld:
        card.refused["not withheld, though its pixels show identity"] += 1
    if case.unreadable:
        card.refused["not withheld, though its geometry cannot be read"] += 1
    try:
        verifier.check(case.data, result.output)
    except VerificationError as error:
        card.unverified.update(error.findings)
    return bytes(result)
