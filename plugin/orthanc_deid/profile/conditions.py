"""Evaluation of a profile's conditions on the decoded top-level values of an instance.

All conditions of a rule must hold, and all tests of one condition. An attribute with several values passes a test if
one of them does. Values are compared without their padding (spaces, NULs); case counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from orthanc_deid.dicom.tags import format_tag
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.condition_model import Condition
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.safe_patterns import LONGEST_VALUE, compile_pattern
from orthanc_deid.profile.selectors import parse_tag
from orthanc_deid.profile.uid_keywords import uid_by_keyword

ConditionValues = Mapping[int, tuple[str, ...]]
"""Decoded top-level values by tag; an empty element has `()`, a missing one no entry."""


def holds(conditions: Iterable[Condition], values: ConditionValues) -> bool:
    """Return whether all `conditions` hold for an instance; true where there are none.

    Raises RefusedError where a pattern would have to match a value of more than `LONGEST_VALUE` characters: the
    instance is quarantined, since either answer could release it against a rule.
    """
    return all(_one_holds(condition, values) for condition in conditions)


def condition_tags(profile: Profile) -> frozenset[int]:
    """Return the tags that the conditions of `profile` name; a caller of `holds` decodes these."""
    attributes = [condition for rule in profile.attributes for condition in rule.when]
    instances = [condition for rule in profile.instances for condition in rule.when]
    pixels = [condition for rule in profile.pixels.rules for condition in rule.when]
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
    """Return the UID of a registered UID's keyword, any other value trimmed."""
    wanted = wanted.strip(" \0")
    return uid_by_keyword().get(wanted, wanted)


def _matches(text: str, values: list[str], tag: int) -> bool:
    if any(len(value) > LONGEST_VALUE for value in values):
        raise RefusedError("value too long for the profile's condition", format_tag(tag))
    pattern = compile_pattern(text)
    return any(pattern.fullmatch(value) for value in values)
