"""MR images that hold the slices of a volume as tiles, and whose Image Type says so (Siemens, United Imaging).

Only a private element tells how many tiles there are. Where it does not stay, Image Type must not announce them any
more: a converter would read one slice of the wrong size (RULES.md, "Private elements").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from orthanc_deid.deid.edits import Edits
from orthanc_deid.deid.element_steps import Act
from orthanc_deid.dicom.elements import Event, EventKind
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import IMAGE_TYPE, MODALITY
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.rule import Rule
from orthanc_deid.standard.tables import tile_counts

TILES_LOST: Final = "slices of a mosaic cannot be told apart, as their number is not kept"
"""A note for the report."""

_FIRST: Final = 2  # the values before it are those of PS3.3 section C.7.6.1.1.2
_UNTILED: Final = Rule(Action.C, "tiles that cannot be counted")


def lost_tiles(
    values: Mapping[int, tuple[str, ...]], buffer: Buffer, events: Sequence[Event], edits: Edits
) -> frozenset[str]:
    """Return the values of Image Type that announce tiles whose number the changed instance does not hold.

    `values`: those of the original's top level.
    """
    named = tile_counts().keys() & values.get(IMAGE_TYPE, ())[_FIRST:]
    if not named or "MR" not in values.get(MODALITY, ()):
        return frozenset()
    gone = {edit[0] for edit in edits.list if edit is not None and edit[1] > edit[0] and not edit[2]}
    return frozenset(term for term in named if not _is_kept(term, buffer, events, gone))


def _is_kept(term: str, buffer: Buffer, events: Sequence[Event], gone: set[int]) -> bool:
    """Whether the number of tiles is at the top level, no zero, and not among the elements that are `gone`."""
    creator, group, number = tile_counts()[term]
    depth, blocks = 0, set()
    for kind, start, value, end, step in events:
        if kind in (EventKind.SEQUENCE, EventKind.SEQUENCE_END):
            depth += 1 if kind == EventKind.SEQUENCE else -1
        elif kind == EventKind.ELEMENT and not depth and step.tag >> 16 == group:
            block, low = (step.tag & 0xFFFF) >> 8, step.tag & 0xFF
            raw = bytes(buffer[value:end])
            if not block and raw.decode("latin-1").strip(" \0") == creator:
                blocks.add(low)
            elif block in blocks and low == number and start not in gone:
                return bool(raw.strip(b" \0"))
    return False


def untiled(events: Sequence[Event]) -> list[Event]:
    """Return the events with a step for Image Type that takes the lost values out of it."""
    return [
        (*event[:4], replace(event[4], act=Act.UNTILE, rule=_UNTILED)) if _is_image_type(event) else event
        for event in events
    ]


def _is_image_type(event: Event) -> bool:
    step = event[4]
    return (
        event[0] == EventKind.ELEMENT
        and step.tag == IMAGE_TYPE
        and not step.level.path
        and step.act == Act.WORDS
    )


def without_tiles(raw: bytes, lost: frozenset[str]) -> bytes:
    """Return the encoded values of Image Type without the lost ones."""
    values = raw.rstrip(b" \0").split(b"\\")
    rest = [each for each in values[_FIRST:] if each.strip(b" \0").decode("latin-1") not in lost]
    return b"\\".join([*values[:_FIRST], *rest])
