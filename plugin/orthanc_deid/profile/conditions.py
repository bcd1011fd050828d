"""Conditions on an instance's top level: pure, on values that the caller has decoded.

All conditions of a rule must hold, and all that one condition gives. Of several values any one will do. Values
compare with the padding (spaces, NULs) trimmed, and with case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from orthanc_deid.dicom.tags import format_tag
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.model import Condition, Profile
from orthanc_deid.profile.safe_patterns import LONGEST_VALUE, compile_pattern
from orthanc_deid.profile.selectors import parse_tag
from orthanc_deid.profile.uid_keywords import uid_by_keyword

ConditionValues = Mapping[int, tuple[str, ...]]
"""Tag -> decoded values of the top level; an element without a value has `()`; a missing one is not in it."""


def holds(conditions: Iterable[Condition], values: ConditionValues) -> bool:
    """Whether every one of `conditions` holds for an instance; none at all always hold.

    Raises RefusedError where a pattern would have to judge a value of more than `LONGEST_VALUE` characters:
    such an instance is quarantined, since either answer could let it slip past a rule.
    """
    return all(_one_holds(condition, values) for condition in conditions)


def condition_tags(profile: Profile) -> frozenset[int]:
    """Return all tags that any condition of `profile` asks about: what a caller of `holds` must decode."""
    attributes = [condition for rule in profile.attributes for condition in rule.when]
    instances = [condition for rule in profile.instances for condition in rule.when]
    pixels = [condition for rule in profile.pixels for condition in rule.when]
    return frozenset(parse_tag(condition.attribute) for condition in (*attributes, *instances, *pixels))


def _one_holds(condition: Condition, values: ConditionValues) -> bool:
    tag = parse_tag(condition.attribute)
    present = tag in values
    if condition.exists is not None and present is not condition.exists:
        return False
    if not present:
        return condition.exists is False
    trimmed = [value.strip(" \0") for value in values[tag]] or [""]
    if condition.equals is not None and _comparable(condition.equals) not in trimmed:
        return False
    if condition.one_of is not None and not any(_comparable(each) in trimmed for each in condition.one_of):
        return False
    return condition.matches is None or _matches(condition.matches, trimmed, tag)


def _comparable(wanted: str) -> str:
    """A UID may be written by its keyword; no other attribute's values look like those keywords."""
    wanted = wanted.strip(" \0")
    return uid_by_keyword().get(wanted, wanted)


def _matches(text: str, values: list[str], tag: int) -> bool:
    if any(len(value) > LONGEST_VALUE for value in values):
        raise RefusedError("value too long for the profile's condition", format_tag(tag))
    pattern = compile_pattern(text)
    return any(pattern.fullmatch(value) for value in values)
