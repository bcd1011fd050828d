"""The pseudonyms that an output must have under a key: UIDs, patient, identifiers, and the days of a date shift.

Computed from `profile/RULES.md`, section "Values", independently of the engine.
"""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydicom._uid_dict import UID_dictionary

from orthanc_deid.config.key import Key
from orthanc_deid.profile.model import Profile
from orthanc_deid.standard.tables import registered_uids

_PADDING = " \0"
_MOST_UIDS = 4096
_LONGEST_UID = 64  # PS3.5 section 9; longer ones are not cached
_GROUPS, _CHARACTERS = 4, 16  # a UID has four groups of digits, or three in at least 16 characters
_THREE_GROUPS = re.compile(rb"(?<![0-9])[0-9]++(?:\.[0-9]++){2,}")
_OF_SH = 16  # characters
_VERSION_AND_VARIANT = (0xF << 76) | (0x3 << 62)
_VERSION_8_AND_VARIANT = (0x8 << 76) | (0x2 << 62)


@dataclass(slots=True)
class ExpectedUids:
    """The U replacements of UIDs under one key; recent ones are cached."""

    key: Key
    _known: dict[bytes, bytes] = field(default_factory=dict)

    def replacement(self, uid: bytes) -> bytes:
        """Return the UID that must replace `uid` (one value, without padding); registered UIDs are kept."""
        if len(uid) > _LONGEST_UID:
            return self._compute(uid)
        found = self._known.get(uid)
        if found is None:
            if len(self._known) >= _MOST_UIDS:
                self._known.clear()
            found = self._known[uid] = self._compute(uid)
        return found

    def _compute(self, uid: bytes) -> bytes:
        if not uid or is_registered(uid):
            return uid
        text = uid.decode("latin-1").encode("utf-8")  # a damaged one may not be ASCII
        return keyed_uid(self.key, text)


def keyed_uid(key: Key, message: bytes) -> bytes:
    """Return the UID that the key makes of a message."""
    number = int.from_bytes(key.digest("uid", message)[:16], "big")
    return b"2.25.%d" % ((number & ~_VERSION_AND_VARIANT) | _VERSION_8_AND_VARIANT)


def is_registered(uid: bytes) -> bool:
    """Whether the standard registers the UID (PS3.6 Annex A)."""
    return uid.decode("latin-1") in UID_dictionary


def is_public(uid: bytes) -> bool:
    """Whether PS3.6 or `standard/registered_uids.csv` names the UID, itself or the root that numbers it."""
    listed, text = registered_uids(), uid.decode("latin-1")
    root, dot, number = text.rpartition(".")
    most = listed.roots.get(root)
    numbered = bool(dot) and most is not None and 0 < len(number) <= most and number.isdigit()
    return is_registered(uid) or text in listed.uids or numbered


def is_long_enough(uid: bytes) -> bool:
    """Whether digits and dots in a text are a UID and no version or size (RULES.md, "Cleaned text")."""
    groups = uid.count(b".") + 1
    return groups >= _GROUPS or (groups == _GROUPS - 1 and len(uid) >= _CHARACTERS)


def uids_in(text: bytes) -> Iterator[bytes]:
    """Yield possible UIDs in an encoded text or other bytes, registered ones included."""
    return filter(is_long_enough, _THREE_GROUPS.findall(text))


@dataclass(frozen=True, slots=True)
class PatientValues:
    """The values of the original's top level that identify the patient, decoded as declared."""

    patient_id: str
    issuer: str
    name: str
    birth_date: str
    study_instance_uid: str

    @property
    def length(self) -> int:
        """The characters of all values."""
        values = (self.patient_id, self.issuer, self.name, self.birth_date, self.study_instance_uid)
        return sum(map(len, values))

    @property
    def message(self) -> bytes:
        """The message of the HMAC: the patient as bytes."""
        patient_id, issuer = self.patient_id.strip(_PADDING), self.issuer.strip(_PADDING)
        if patient_id:
            return f"id\0{issuer}\0{patient_id}".encode()
        name, birth_date = self.name.strip(_PADDING).rstrip("^= "), self.birth_date.strip(_PADDING)
        if name:  # a birth date alone would make one patient of all nameless ones born that day
            return f"name\0{name}\0{birth_date}".encode()
        study = self.study_instance_uid.strip(_PADDING)
        return f"study\0{study}".encode()


def pseudonym(patient: PatientValues, profile: Profile, key: Key) -> str:
    """Return the PatientID that the output must have: the one given by the site, or the keyed one."""
    given = profile.pseudonyms.table.pseudonym(patient.patient_id, patient.issuer)
    if given is not None:
        return given
    return profile.pseudonyms.prefix + _base_32(key, patient.message)[: profile.pseudonyms.length]


def identifier(tag: int, value: str, issuer: str, profile: Profile, key: Key) -> str | None:
    """Return the AccessionNumber or StudyID that must replace `value`: the site's, or the keyed one of this issuer.

    None where the site's list must have it and does not, and where the profile does not replace the attribute.
    """
    replaced = profile.pseudonyms.replaced(tag)
    if replaced is None:
        return None
    trimmed = value.strip(_PADDING)
    keyed = (
        None
        if replaced.refuses
        else _base_32(key, b"%08X\0%b\0%b" % (tag, issuer.strip(_PADDING).encode(), trimmed.encode()))[
            :_OF_SH
        ]
    )
    return replaced.table.pseudonym(trimmed) or keyed


def structure_name(name: str, key: Key) -> str:
    """Return the name that must replace that of a structure which may not stay."""
    letters = _base_32(key, b"structure\0" + name.encode())
    return "X-" + "".join("qrstuv"[int(each) - 2] if each.isdigit() else each for each in letters)[:12]


def _base_32(key: Key, message: bytes) -> str:
    return b32encode(key.digest("patient", message)).decode("ascii").lower()


def offset_days(patient: PatientValues, profile: Profile, key: Key) -> int:
    """Return the days by which the patient's dates must be shifted; never 0."""
    first, last = profile.dates.shift_days
    skips = first <= 0 <= last
    number = int.from_bytes(key.digest("date", patient.message)[:8], "big")
    day = first + number % (last - first + 1 - skips)
    return day + 1 if skips and day >= 0 else day
