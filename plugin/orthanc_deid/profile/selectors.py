"""Selectors: the elements that a rule names by keyword, tag, pattern, private element or path.

| form | example | matches |
|---|---|---|
| keyword | `PatientSex`, `OverlayData` | that attribute; a repeating one in each of its groups |
| tag | `(0010,0040)` or `0010,0040` | that element |
| pattern | `50xx,xxxx` | `x` is any digit; a group ending in `x` means even groups, standard attributes |
| private | `(0019,xx10) "SIEMENS MR HEADER"` | by creator and element, in any block (PS3.5 7.8) |
| private with VR | `(0019,xx10) "SIEMENS MR HEADER" DS` | likewise; the VR holds where the encoding has none |
| path | `RequestAttributesSequence/ScheduledProcedureStepID` | wherever the enclosing sequences end so |

A selector without a path matches at every depth. The steps of a path may have any of the other forms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from pydicom._dicom_dict import RepeatersDictionary
from pydicom.datadict import (
    dictionary_has_tag,
    get_entry,
    keyword_dict,
    repeater_has_tag,
)

from orthanc_deid.dicom.elements import VRS
from orthanc_deid.dicom.tags import format_tag
from orthanc_deid.standard.confidentiality_rows import all_rows

FORMS = (
    "a keyword (PatientSex), a tag (0010,0040), a pattern (50xx,xxxx), "
    'a private element (0019,xx10) "CREATOR", or a path Sequence/Attribute'
)
"""The forms of a selector, for messages."""

_ODD_GROUP = 0x0001_0000
_EVERY_BIT = 0xFFFF_FFFF
_STATED_VRS = VRS - {"UN"}
_STEP = re.compile(
    r"""(?P<open>\()?(?P<group>[0-9A-Fa-fXx]{4}),\ ?(?P<element>[0-9A-Fa-fXx]{4})(?P<close>\))?"""
    r"""(?:\s*"(?P<creator>[^"]*)"(?:\s+(?P<vr>[A-Z]{2}))?)?""",
    re.VERBOSE,
)
_SLASH_OUTSIDE_QUOTES = re.compile(r'/(?=(?:[^"]*"[^"]*")*[^"]*$)')


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step of a selector: tags with `tag & mask == bits`, and their private creator.

    `stated_vr`: the VR of a private element where its encoding names none (implicit VR, UN); empty if not stated.
    """

    bits: int
    mask: int
    creator: str | None = None
    stated_vr: str = ""

    @property
    def tag(self) -> int | None:
        """The only tag that this step matches; None for patterns and private elements (their block varies)."""
        return self.bits if self.mask == _EVERY_BIT else None

    @property
    def vr(self) -> str | None:
        """The VR in the data dictionary (`US or SS` where it varies); None if unknown."""
        return self._entry[0] if self._entry else None

    @property
    def vm(self) -> str | None:
        """The VM in the data dictionary, such as `1-n`; None if unknown."""
        return self._entry[1] if self._entry else None

    @property
    def _entry(self) -> tuple[str, str, str, str, str] | None:
        if self.is_private:
            return None
        if self.tag is None:
            return _repeaters().get((self.bits, self.mask))
        return get_entry(self.tag) if dictionary_has_tag(self.tag) or repeater_has_tag(self.tag) else None

    @property
    def is_private(self) -> bool:
        """Whether only private elements (odd groups) can match."""
        return bool(self.mask & self.bits & _ODD_GROUP)

    def matches(self, tag: int, creator: str | None) -> bool:
        """Return whether this step matches the element `tag`; `creator` is its private creator, if it has one."""
        if tag & self.mask != self.bits:
            return False
        return self.creator is None or (creator is not None and creator.strip(" \0") == self.creator)


@dataclass(frozen=True, slots=True)
class Selector:
    """A parsed selector: the last step is the element, those before it the enclosing sequences."""

    text: str
    steps: tuple[PathStep, ...]

    @property
    def last(self) -> PathStep:
        """The step of the element itself."""
        return self.steps[-1]

    def matches(self, path_tags: tuple[int, ...], creators: tuple[str | None, ...]) -> bool:
        """Return whether the element at `path_tags` matches: tags from the top level down, without item numbers.

        `creators` holds the private creator of each of those tags, None for standard ones; same length.
        """
        count = len(self.steps)
        if count > len(path_tags):
            return False
        pairs = zip(self.steps, path_tags[-count:], creators[-count:], strict=True)
        return all(step.matches(tag, creator) for step, tag, creator in pairs)


@cache
def parse_selector(text: str) -> Selector:
    """Return the selector written as `text`. Raises ValueError with the accepted forms."""
    parts = [part.strip() for part in _SLASH_OUTSIDE_QUOTES.split(text.strip())]
    steps = tuple(_parse_step(part) for part in parts)
    for part, step in zip(parts[:-1], steps[:-1], strict=True):
        if step.vr not in (None, "SQ"):
            raise ValueError(f"{part} has VR {step.vr}; only sequences (SQ) can stand before '/'")
    return Selector(text.strip(), steps)


def parse_tag(text: str) -> int:
    """Return the standard tag that `text` names by keyword or tag. Raises ValueError with the accepted forms."""
    selector = parse_selector(text)
    tag = selector.last.tag
    if len(selector.steps) > 1 or tag is None or tag & _ODD_GROUP:
        raise ValueError(
            f"{text!r} is not one standard attribute; accepted: a keyword (Modality) or a tag (0008,0060)"
        )
    return tag


def suggestion(word: str, known: list[str]) -> str:
    """Return ` (did you mean A or B?)` for the most similar of `known`; empty if none is similar."""
    by_lower = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), by_lower, n=3, cutoff=0.75)
    return f" (did you mean {' or '.join(by_lower[name] for name in near)}?)" if near else ""


def _parse_step(text: str) -> PathStep:
    found = _STEP.fullmatch(text)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return _keyword_step(text)
    digits = (found["group"] + found["element"]).lower()
    step = _masked(digits)
    creator = found["creator"]
    if creator is None:
        return _standard_step(step, digits)
    return _private_step(step, digits, creator, found["vr"] or "")


def _keyword_step(text: str) -> PathStep:
    tag = keyword_dict.get(text, _newer_keywords().get(text))
    if text and tag is not None:  # attributes retired without a keyword share the empty one
        return PathStep(tag, _EVERY_BIT)
    repeater = _repeater_keywords().get(text)
    if repeater is not None:
        return _standard_step(_masked(repeater), repeater)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", text):
        raise ValueError(f"{text!r} selects nothing; accepted: {FORMS}")
    near = suggestion(text, [*keyword_dict, *_newer_keywords(), *_repeater_keywords()])
    raise ValueError(f"unknown keyword {text}{near}; accepted: {FORMS}")


def _masked(digits: str) -> PathStep:
    bits = int(digits.replace("x", "0"), 16)
    mask = int("".join("0" if digit == "x" else "f" for digit in digits), 16)
    return PathStep(bits, mask)


def _standard_step(step: PathStep, digits: str) -> PathStep:
    """Return the step for standard attributes: a group ending in x means even groups (PS3.5 section 7.6)."""
    return PathStep(step.bits, step.mask | _ODD_GROUP) if digits[3] == "x" else step


def _private_step(step: PathStep, digits: str, creator: str, vr: str) -> PathStep:
    name = creator.strip()
    if not name:
        raise ValueError('the private creator is empty; accepted: (0019,xx10) "CREATOR"')
    if digits[3] != "x" and not step.bits & _ODD_GROUP:
        raise ValueError(f"group {digits[:4]} is even, so it has no private creator; accepted: an odd group")
    if digits[4:6] != "xx":
        raise ValueError(
            f"{format_tag(step.bits)} names a block, which differs from data set to data set; "
            f'accepted: ({digits[:4]},xx{digits[6:]}) "{name}"'
        )
    if vr and vr not in _STATED_VRS:
        raise ValueError(f"{vr} is no VR of a private element; accepted: {', '.join(sorted(_STATED_VRS))}")
    return PathStep(step.bits | _ODD_GROUP, step.mask | _ODD_GROUP, name, vr)


@cache
def _newer_keywords() -> dict[str, int]:
    """Return tag by keyword of the attributes of Table E.1-1 that pydicom's dictionary lacks."""
    rows = ((row.keyword, row.tag.strip("()").replace(",", "")) for row in all_rows())
    return {keyword: int(digits, 16) for keyword, digits in rows if _is_newer(keyword, digits)}


def _is_newer(keyword: str, digits: str) -> bool:
    return bool(re.fullmatch(r"[0-9A-Fa-f]{8}", digits)) and keyword not in keyword_dict


@cache
def _repeater_keywords() -> dict[str, str]:
    """Return the digits (with x) by keyword of the repeating groups (PS3.6: 50xx, 60xx)."""
    return {entry[4]: digits for digits, entry in RepeatersDictionary.items() if entry[4]}


@cache
def _repeaters() -> dict[tuple[int, int], tuple[str, str, str, str, str]]:
    """Return the dictionary entry (VR, VM, name, retired, keyword) of a repeating attribute by (bits, mask)."""
    steps = {digits: _standard_step(_masked(digits), digits) for digits in RepeatersDictionary}
    return {(step.bits, step.mask): RepeatersDictionary[digits] for digits, step in steps.items()}
