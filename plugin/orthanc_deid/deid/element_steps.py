"""The steps in the tables of `plan`: how an element is read in the prescan, and how it is changed.

Acts and prescan reads are plain integers in class namespaces, because only those compare at full speed in the loops
that every element passes; the loops bind the names that they need to local variables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from orthanc_deid.profile.compile import Level
from orthanc_deid.profile.condition_model import Condition
from orthanc_deid.profile.options import Option
from orthanc_deid.profile.rule import Rule
from orthanc_deid.standard.tables import structural_terms


class Act:
    """The change that the engine makes to a noted element."""

    KEEP = 0
    REMOVE = 1
    REPLACE = 2  # by `ElementStep.replacement`, unless the element is empty
    UID = 3
    DATE = 4
    TEXT = 5
    SEARCH = 6  # kept unless an identifying value occurs in it
    NUMBER = 7  # kept if it is a number, or a UID where the VR is UI
    PATIENT_ID = 8
    PATIENT_NAME = 9
    DERIVE = 10
    CHARACTER_SET = 11
    PRIVATE = 12
    DUMMY_SEQUENCE = 13
    CASES = 14
    AGE = 15
    EQUIPMENT = 16  # kept, and `ElementStep.replacement` is appended to its items
    SECONDS = 17
    GIVE = 18  # the value of an explicit rule, encoded in the character set in force
    SAMPLES = 19  # kept as far as the attributes that describe them say
    REPAIR = 20  # a number that must not become a dummy: repaired, or the instance is refused
    REFUSE = 21  # the instance, unless the element is empty
    SAFE_INSIDE = 22  # a private sequence in which only safe elements stay
    JUDGED = 23  # a private value without a VR, kept or removed by its bytes
    UNTILE = 24  # Image Type, without the values that announce tiles whose number is lost
    FRAMES = 25  # bytes that may be fragments
    BINARY = 27  # numbers in binary: kept as far as the attribute has values, unless they read as words
    TABLE = 28  # like BINARY, of any length
    PRIVATE_BYTES = 29  # kept unless a value of the identity or a word occurs in them
    ICC_PROFILE = 30  # kept as far as colours need it
    OFFSETS = 26  # tables of offsets of compressed frames: kept as far as they are true
    WORDS = 31  # as SEARCH, but kept only as far as it is made of known words
    CODE = 32  # as WORDS, but a code of a coding scheme is kept as well
    TERM = 33  # kept as a whole if it is a term of its attribute, and holds no identifying value
    FALL = 34  # removed or emptied as it may not stay, and with it what is bound to it


GATHERED_ACTS: Final = frozenset({Act.SEARCH, Act.NUMBER, Act.WORDS, Act.CODE, Act.TERM})
"""Acts that change nothing in most instances: the values of all such elements are checked in one go first."""


STRUCTURAL: Final = tuple(structural_terms())
"""The attributes that hold nothing but terms of their own."""


class Gathered:
    """The lists of values that are checked in one go, by the kind of check."""

    TEXTS = 0
    NUMBERS = 1
    UIDS = 2
    CLASSES = 3  # UIDs that must be registered
    WORDS = 4
    CODES = 5
    BINARY = 6  # numbers in binary that are long enough for a word
    TERMS = 7  # the first of the lists of terms, one for each attribute of STRUCTURAL
    COUNT = TERMS + len(STRUCTURAL)


class PrescanRead:
    """The part of a noted element that the prescan reads."""

    NOTHING = 0
    VALUE = 1
    OWN_UID = 2  # the SOP Instance UID, which no other instance shares: its value is not cached
    POSITION = 3  # of bulk data
    CHARACTER_SET = 4
    ITEMS = 5  # of a private element without a VR: whether it begins with an item
    GATHERED = 8  # added to one of the others: the value also goes to a list of `Gathered`


@dataclass(frozen=True, slots=True, eq=False)
class ElementStep:
    """The processing of all elements of one tag and VR at one path.

    `act` is an `Act`, `prescan_read` a `PrescanRead`. `identity` is the kind of an identifying value, else empty;
    `retained` that of one which the profile keeps.
    `most`: the bytes of as many numbers in binary as the attribute may have; None where there is no bound.
    `shortest`: the characters of the shortest run of private bytes that counts as words.
    `needed`: a condition or the engine itself needs the value, at the top level.
    """

    tag: int
    vr: str
    rule: Rule
    act: int
    level: Level
    explicit: bool
    replacement: bytes = b""
    identity: str = ""
    most: int | None = None
    shortest: int = 0
    retained: str = ""
    prescan_read: int = PrescanRead.NOTHING
    needed: bool = False
    otherwise: ElementStep | None = None
    cases: tuple[tuple[tuple[Condition, ...], ElementStep], ...] = ()

    @property
    def is_prescanned(self) -> bool:
        """Whether the prescan reads anything of the element, apart from gathering its value."""
        return self.prescan_read % PrescanRead.GATHERED != PrescanRead.NOTHING


_GATHERED: Final = {
    Act.SEARCH: Gathered.TEXTS,
    Act.WORDS: Gathered.WORDS,
    Act.CODE: Gathered.CODES,
}


def gathered_list(step: ElementStep) -> int:
    """Return the number of the list (`Gathered`) to which the values of the step's elements go."""
    if step.act == Act.TERM:
        return Gathered.TERMS + STRUCTURAL.index(step.tag)
    if step.act in _GATHERED:
        return _GATHERED[step.act]
    if step.vr != "UI":
        return Gathered.NUMBERS
    return Gathered.CLASSES if step.rule.registered else Gathered.UIDS


def retained_kind(kind: str, rule: Rule) -> str:
    """Return the kind for which a kept value is not searched: a place is no part of the identity of a device."""
    return "" if rule.name == Option.RETAIN_DEVICE_IDENTITY.rule else kind
