"""Count the attributes of instances. No element value leaves this module.

Every element of the data set counts, at every depth, except group lengths; file meta information and delimiters do
not. Elements with equal tags are the same attribute at any depth. Elements of a repeating group (50xx, 60xx) are the
same attribute in each of its groups; private elements are the same if creator, group and low byte are the same.
"""

from __future__ import annotations

import csv
import struct
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import NamedTuple

from pydicom._private_dict import private_dictionaries

from orthanc_deid.deid.pixels.suspicion import suspicion
from orthanc_deid.deid.sop_class import find_sop_class
from orthanc_deid.dicom.elements import VRS, EventKind, MalformedError
from orthanc_deid.dicom.part10 import DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, Encoded, locate
from orthanc_deid.dicom.reencode import inflate, rewrite
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import (
    BURNED_IN_ANNOTATION,
    CONVERSION_TYPE,
    IMAGE_TYPE,
    MANUFACTURER,
    MODALITY,
    SOP_CLASS_UID,
    is_private,
)
from orthanc_deid.dicom.uniform_tables import note_everything
from orthanc_deid.dicom.walker import walk
from orthanc_deid.errors import NotDicomError, RefusedError, SourceError, unexpected
from orthanc_deid.profile.vr_kinds import implicit_vr
from orthanc_deid.report.analysis.layout import MISSING, OTHER
from orthanc_deid.standard.tables import all_safe_private, defined_terms

_LOOKED_AT = frozenset(
    {SOP_CLASS_UID, MANUFACTURER, MODALITY, IMAGE_TYPE, CONVERSION_TYPE, BURNED_IN_ANNOTATION}
)
_REPEATING = (0x50, 0x60)
_HEAD = struct.Struct("<HH2s").unpack_from


class Attribute(NamedTuple):
    """One attribute. `creator` is empty for a standard attribute, else a published creator, or `?` and a digest.

    `tag`: of a private data element `(gggg,10ee)` with its low byte, of a private creator `(gggg,0010)`.
    """

    tag: int
    creator: str = ""

    @property
    def is_private(self) -> bool:
        return is_private(self.tag)


class InstanceGroup(NamedTuple):
    """The key by which instances are grouped: SOP Class UID, modality, and manufacturer as in `manufacturers.csv`."""

    sop_class: str
    modality: str
    manufacturer: str


@dataclass(slots=True)
class AttributeCounts:
    """Counts of one group: files and occurrences by attribute, and the VR of each attribute."""

    instances: int = 0
    files: Counter[Attribute] = field(default_factory=Counter)
    occurrences: Counter[Attribute] = field(default_factory=Counter)
    vrs: dict[Attribute, str] = field(default_factory=dict)
    suspected: Counter[str] = field(default_factory=Counter)

    def add(self, other: AttributeCounts) -> None:
        """Add the counts of another group or of other instances."""
        self.instances += other.instances
        self.files.update(other.files)
        self.occurrences.update(other.occurrences)
        self.suspected.update(other.suspected)
        for attribute, vr in other.vrs.items():
            self.vrs[attribute] = min(vr, self.vrs.get(attribute, vr))


@dataclass(slots=True)
class Tally:
    """Counts over files: by group, and how many files are not DICOM or, by rule, cannot be read."""

    groups: dict[InstanceGroup, AttributeCounts] = field(default_factory=dict)
    files: int = 0
    not_dicom: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)

    def add(self, fetch: Callable[[], Buffer]) -> int:
        """Fetch and count one file; a failure is counted and not raised. Returns the size of the file in bytes."""
        size = 0
        self.files += 1
        try:
            data = fetch()
            size = len(data)
            group, counts = count_instance(data)
        except NotDicomError:
            self.not_dicom += 1
        except RefusedError as error:
            self.unreadable[error.rule] += 1
        except SourceError as error:
            self.unreadable[str(error)] += 1
        except Exception as error:  # noqa: BLE001 - without the text, which may hold a value
            self.unreadable[unexpected(error)] += 1
        else:
            self.groups.setdefault(group, AttributeCounts()).add(counts)
        return size


def count_instance(data: Buffer) -> tuple[InstanceGroup, AttributeCounts]:
    """Return the group and the counts of one instance.

    Raises NotDicomError where the data is no instance, RefusedError where it cannot be read.
    """
    encoded = locate(data)
    if encoded.needs_rewriting:
        deflated = encoded.transfer_syntax == DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
        encoded = inflate(encoded) if deflated else rewrite(encoded)
    try:
        return _count(encoded)
    except MalformedError:
        encoded = rewrite(encoded)
    try:
        return _count(encoded)
    except MalformedError:
        raise RefusedError("unreadable: neither the walker nor pydicom understands it") from None


def _count(encoded: Encoded) -> tuple[InstanceGroup, AttributeCounts]:
    values: dict[int, tuple[str, ...]] = {}
    counts = AttributeCounts(instances=1)
    for attribute, vr in _attributes(encoded, values):
        counts.occurrences[attribute] += 1
        counts.vrs[attribute] = min(vr, counts.vrs.get(attribute, vr))
    counts.files.update(counts.occurrences.keys())
    found = values.get(SOP_CLASS_UID, ("",))[0] or find_sop_class(encoded)
    values[SOP_CLASS_UID] = (found,)
    reason = suspicion(values, encoded.transfer_syntax)
    if reason is not None:
        counts.suspected[reason] += 1
    group = InstanceGroup(
        found, _modality(values.get(MODALITY, ("",))[0]), manufacturer(values.get(MANUFACTURER, ("",))[0])
    )
    return group, counts


def _attributes(encoded: Encoded, values: dict[int, tuple[str, ...]]) -> Iterator[tuple[Attribute, str]]:
    """Yield every element as attribute and VR; add the values that determine the group to `values`."""
    buffer, explicit = encoded.buffer, encoded.explicit
    events = walk(
        encoded.buffer, encoded.start, encoded.end, note_everything(explicit=explicit), explicit=explicit
    )
    creators: list[dict[int, str]] = [{}]
    for kind, start, value, end, _step in events:
        if kind == EventKind.ITEM:
            creators.append({})
        elif kind == EventKind.ITEM_END:
            creators.pop()
        elif kind in (EventKind.ELEMENT, EventKind.SEQUENCE):
            group, element, raw = _HEAD(buffer, start)
            tag = group << 16 | element
            vr = raw.decode("latin-1")
            if not explicit or vr not in VRS:
                vr = implicit_vr(tag)
            if not element:
                continue
            if kind == EventKind.ELEMENT and len(creators) == 1 and tag in _LOOKED_AT:
                values[tag] = _texts(buffer, value, end)
            if group & 1:
                yield _private(buffer, tag, value, end, creators[-1]), vr
            else:
                yield Attribute(_folded(tag)), vr


def _texts(buffer: Buffer, value: int, end: int) -> tuple[str, ...]:
    return tuple(each.strip(" \0") for each in bytes(buffer[value:end]).decode("latin-1").split("\\"))


def _folded(tag: int) -> int:
    return tag & 0xFF00FFFF if tag >> 24 in _REPEATING else tag


def _private(buffer: Buffer, tag: int, value: int, end: int, creators: dict[int, str]) -> Attribute:
    """Return the attribute of a private data element or of a private creator (PS3.5 section 7.8.1)."""
    group, element = tag & 0xFFFF0000, tag & 0xFFFF
    if 0x10 <= element <= 0xFF:
        name = _creator(bytes(buffer[value:end]))
        creators[group | element] = name
        return Attribute(group | 0x10, name)
    name = creators.get(group | element >> 8, "?")
    return Attribute(group | 0x1000 | element & 0xFF, name)


def _creator(raw: bytes) -> str:
    """Return a published creator as it is, of any other a digest: its text may be a person's name."""
    name = raw.decode("latin-1").strip(" \0")
    if name in _published():
        return name
    return "?" + blake2b(raw.strip(b" \0"), digest_size=8).hexdigest()


@cache
def _published() -> frozenset[str]:
    return frozenset(private_dictionaries) | {row.creator for row in all_safe_private()}


def _modality(value: str) -> str:
    """Return a modality that the standard defines as it is; the text of any other may be anything."""
    if not value:
        return MISSING
    return value if value in defined_terms() else OTHER


def manufacturer(value: str) -> str:
    """Return the known manufacturer whose name is in `value`; the free text itself is never returned."""
    words = f" {' '.join(''.join(c if c.isalnum() else ' ' for c in value.casefold()).split())} "
    if not words.strip():
        return MISSING
    return next((name for pattern, name in _manufacturers().items() if f" {pattern} " in words), OTHER)


@cache
def _manufacturers() -> Mapping[str, str]:
    text = files(__package__).joinpath("manufacturers.csv").read_text(encoding="utf-8")
    return {row["words"]: row["name"] for row in csv.DictReader(text.splitlines())}
