"""The requirement on the output for one element of the original, as data, and the tables that it comes from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache

from pydicom.datadict import dictionary_VR

from orthanc_deid.dicom.tags import CODE_MEANING, PATIENT_ID, is_private
from orthanc_deid.profile.options import Option
from orthanc_deid.standard.tables import (
    Type,
    identity_kinds,
    identity_sequences,
    reference_sequences,
)
from orthanc_deid.verify.rules.dummy_table import DATE_VRS, NUMBER_VRS, TEXT_VRS
from orthanc_deid.verify.text.identifiers import Kind


class Requirement(Enum):
    """The requirement on an element of the output."""

    KEPT = "kept"  # the same bytes
    SEARCHED = "kept and searched"  # the same bytes, unless they contain an identifying value
    NUMBER = "kept number"  # the same bytes, if they have the form of numbers; or, in a UI, of UIDs
    SAME_NUMBERS = "same numbers"  # the numbers of the original, a decimal comma and a unit repaired
    DESCENDED = "descended into"  # a sequence of as many items, each checked by itself
    SAFE_INSIDE = (
        "safe elements only"  # likewise, of a private sequence; gone if nothing safe would stay in it
    )
    JUDGED = "kept or gone by its bytes"  # of a private element whose VR nothing states
    CLEANED = "cleaned"  # words of the original only, and searched
    CHARSET = "character set"  # the same terms, misspelled ones corrected
    CHANGED_DATE = "changed date"
    CHANGED_SECONDS = "changed seconds"  # of the Unix epoch
    UID = "keyed UID"
    DUMMY = "dummy"
    EMPTY = "empty"
    GONE = "gone"
    FIXED = "fixed value"
    PATIENT_ID = "pseudonym"
    PATIENT_NAME = "pseudonymous name"
    DERIVED = "derived identifier"
    STAMP = "stamp"


@dataclass(frozen=True, slots=True)
class Expectation:
    """The verdict on one attribute at one level. `written`: its VR as written, None if implicit.

    `fallback`: the requirement where KEPT, SEARCHED or NUMBER cannot hold, X under the floor; for the numbers of
    geometry `lost` is that where the original says no number. `kind`: that of the
    identifying values in it. `retained`: K or an explicit rule keeps the value, so that it is not searched for.
    """

    requirement: Requirement
    rule: str
    written: str | None
    vr: str
    fallback: Requirement = Requirement.GONE
    lost: Requirement = Requirement.GONE
    kind: Kind | None = None
    value: str | None = None
    retained: bool = False
    required: bool = False  # the IOD demands the attribute (Type 1, 1C)
    binary: bool = False  # a standard number in binary, or a table of them
    floor: Requirement = Requirement.GONE  # X under the floor, for numbers in binary
    most: int = 0  # the bytes of as many numbers in binary as the attribute may have; 0: no bound
    shortest: int = (
        0  # the characters of a stretch that counts as words in private bytes; 0: no private bytes
    )
    samples: bool = False  # of an image, an overlay or a waveform
    explicit: bool = False  # an explicit rule of the profile decided
    registered: bool = False  # kept only if a public registry names the UIDs
    by_word: bool = False  # SEARCHED: made of known words
    of_originals: bool = False  # FIXED: only in images that are ORIGINAL and PRIMARY
    iod: Type | None = None  # the Type that the IOD gives the attribute
    plain: bool = False  # equality decides, and nothing is to be collected from the original

    def without_number(self) -> Expectation:
        """Return this verdict for a value of the original that says no number."""
        return replace(self, fallback=self.lost)

    def identified(self) -> Expectation:
        """Return this verdict for a number that may not stay, which no dummy replaces where it is geometry."""
        conditional = self.iod == "1C" and self.lost is Requirement.SAME_NUMBERS
        return replace(self, fallback=Requirement.GONE if conditional else self.lost)

    def under(self, requirement: Requirement) -> Expectation:
        """Return this verdict with another requirement."""
        return replace(self, requirement=requirement, plain=False)


KEEPING = frozenset(
    (
        Requirement.KEPT,
        Requirement.SEARCHED,
        Requirement.NUMBER,
        Requirement.SAME_NUMBERS,
        Requirement.CHANGED_DATE,
        Requirement.DESCENDED,
        Requirement.CLEANED,
        Requirement.UID,
        Requirement.DUMMY,
    )
)
"""Requirements that leave a value or its replacement in place, which fits no VR of another kind."""

OTHER_KIND = "VR of another kind"
"""The rule of what goes because its VR is of another kind than the dictionary's."""

_NUMBER_STRINGS = frozenset(("DS", "IS"))
_COMPARED_AS = {
    **dict.fromkeys(NUMBER_VRS, "number"),
    **dict.fromkeys(("OD", "OF", "OL", "OV"), "bytes of numbers"),
    **dict.fromkeys(TEXT_VRS | {"CS"}, "text"),
    **dict.fromkeys(DATE_VRS, "date"),
    **dict.fromkeys(("OB", "OW"), "binary"),
}


@cache
def dictionary_vrs(tag: int) -> tuple[str, ...]:
    """Return the VRs of PS3.6, several for `US or SS`; none for an unknown attribute."""
    try:
        return tuple(dictionary_VR(tag).split(" or "))
    except KeyError:
        return ()


def is_of_dictionary_kind(tag: int, vr: str) -> bool:
    """Whether `vr` is of the kind that PS3.6 gives the attribute; true for an unknown attribute."""
    known = dictionary_vrs(tag)
    kinds = {_COMPARED_AS.get(each, each) for each in known}
    if not known or vr in known:
        return True
    if vr not in _NUMBER_STRINGS and _NUMBER_STRINGS.issuperset(known):
        return False  # in binary, a text of digits could not be distinguished from any other value
    return _COMPARED_AS.get(vr, vr) in kinds


def vr_of(tag: int, written: str | None) -> str:
    """Return the VR whose rules hold for an element: the written one, or the dictionary's.

    The dictionary's holds in implicit VR (PS3.5 section 7.1.3), and where a known attribute is written as UN
    (PS3.5 section 6.2.2), or one of DS or IS as a text.
    """
    if written is not None and written != "UN" and written not in TEXT_VRS:
        return written
    known = dictionary_vrs(tag)
    if written in TEXT_VRS and not (known and _NUMBER_STRINGS.issuperset(known)):
        return written
    return known[0] if known else "UN"


def identity_kind(tag: int, vr: str, sequence: int | None) -> Kind | None:
    """Return the kind of identifying value that the attribute holds: by `standard/identity.csv`, and every PN.

    `sequence`: the one that it is in, since some coded entries name a person by their code meaning.
    """
    if tag == CODE_MEANING and sequence is not None:
        return identity_sequences().get(sequence)  # type: ignore[return-value]
    if tag == PATIENT_ID:
        return "patient id"
    kind = identity_kinds().get(tag)
    if kind is not None:
        return kind  # type: ignore[return-value]  # the table holds these kinds only
    if vr in ("DA", "DT") and not is_private(tag):
        return "date"
    return "person" if vr == "PN" else None


_BY_TYPE: dict[str, tuple[str, str, str, str]] = {
    #        1, 1C  2, 2C   3    unknown
    "X": ("D", "Z", "X", "X"),
    "Z": ("D", "Z", "Z", "Z"),
    "D": ("D", "D", "D", "D"),
    "U": ("U", "U", "U", "U"),
    "X/Z": ("D", "Z", "X", "Z"),
    "X/D": ("D", "Z", "X", "D"),
    "X/Z/D": ("D", "Z", "X", "D"),
    "Z/D": ("D", "Z", "Z", "D"),
    "X/Z/U*": ("K", "K", "X", "K"),
}
_COLUMN: dict[Type | None, int] = {"1": 0, "1C": 0, "2": 1, "2C": 1, "3": 2, None: 3}


def resolve(code: str, type_in_iod: Type | None) -> str:
    """Return the action that a Basic code of Table E.1-1 means under the Type: D, Z, X, U or K."""
    return _BY_TYPE[code][_COLUMN[type_in_iod]]


def requirement_of(letter: str, tag: int, vr: str) -> Requirement:
    """Return the requirement of an action on an element; not for C and dates."""
    if vr == "SQ" and (letter == "K" or (letter == "D" and tag in reference_sequences())):
        return Requirement.DESCENDED
    if letter == "K":
        return Requirement.KEPT
    if letter == "U" or (letter == "D" and vr == "UI"):
        return Requirement.UID
    return {"D": Requirement.DUMMY, "Z": Requirement.EMPTY, "X": Requirement.GONE}[letter]


def kind_searched(
    tag: int, path: tuple[int, ...], found: Expectation, options: Collection[Option]
) -> Kind | None:
    """Return the kind of identifying value that an element holds; none for a date that the profile keeps."""
    kind = identity_kind(tag, vr_of(tag, found.written), path[-1] if path else None)
    retained = found.requirement is Requirement.KEPT or Option.RETAIN_FULL_DATES in options
    return None if kind == "date" and retained else kind
