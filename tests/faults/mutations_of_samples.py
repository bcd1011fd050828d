"""Errors about samples: bytes behind an image, samples where the IOD names none, and their padding."""

from __future__ import annotations

from faults.mutation_originals import ct
from faults.mutations import Mutation, code
from faults.mutations_of_rules import BASIC, NEUTRAL, RESEARCH
from orthanc_deid.deid import acts_on_bytes, sample_lengths
from orthanc_deid.deid.bytes_changes import BytesChanges
from orthanc_deid.dicom import elements, walker
from orthanc_deid.profile import sample_places
from support.data.datasets import Element, Form, image_size

_REMARK = bytes(range(16)) * 4  # 12 bits in either byte order
_VOI_LUTS = 0x00283010


def _longer(*extra: Element) -> bytes:
    return ct((0x7FE00010, "OW", bytes(512) + _REMARK), *extra)


_REGION = b"\x08\x00\x18\x22SQ"
_SPARE = ct(form=Form(True, True, True))


def _with_spare(mark: bytes) -> bytes:
    """Return an instance with two bytes of no meaning after the first `mark` of a kept sequence."""
    at = _SPARE.index(mark, _SPARE.index(_REGION)) + len(mark)
    return _SPARE[:at] + b"AN" + _SPARE[at + 2 :]


HEADERS = (
    Mutation(
        "leaves the reserved bytes of a header as they are",
        code(
            walker._Walk.run,
            ("if explicit:\n                if length:", "if explicit:\n                if False:"),
        ),
        _with_spare(_REGION),
        BASIC,
        "bytes of no meaning in a header",
        fast=False,
    ),
    Mutation(
        "leaves the length of an item's delimiter as it is",
        code(elements.delimiter, ("if any(key[4:]):", "if False:")),
        _with_spare(b"\xfe\xff\x0d\xe0"),
        BASIC,
        "bytes of no meaning in a header",
        fast=False,
    ),
)
SAMPLES = (
    *HEADERS,
    Mutation(
        "keeps the bytes behind an image",
        code(
            acts_on_bytes.act_on_bytes,
            ("if is_samples(tag)", "if False"),
        ),
        _longer(),
        BASIC,
        "samples not cut to their length (7FE0,0010)",
    ),
    Mutation(
        "cuts an image by a row too little",
        code(sample_lengths.samples_length, ("plane = rows * columns", "plane = (rows + 1) * columns")),
        _longer(),
        NEUTRAL,
        "samples not cut to their length (7FE0,0010)",
    ),
    Mutation(
        "cuts an image by a row too much",
        code(sample_lengths.samples_length, ("plane = rows * columns", "plane = (rows - 1) * columns")),
        ct(),
        BASIC,
        "not kept as it was (7FE0,0010)",
    ),
    Mutation(
        "leaves the padding of an image as it is",
        code(BytesChanges._cut, (" and self._byte(end - 1) == 0", "")),
        ct(*image_size(5, 7, 8), (0x00280102, "US", b"\7\0"), (0x7FE00010, "OW", bytes(35) + b"A")),
        RESEARCH,
        "samples not cut to their length (7FE0,0010)",
    ),
    Mutation(
        "keeps samples in any sequence",
        code(sample_places.out_of_place, ("return known is not None or", "return False and")),
        ct((_VOI_LUTS, "SQ", [[*image_size(2, 2), (0x7FE00010, "OW", bytes(8))]])),
        RESEARCH,
        "not removed (0028,3010)[0].(7FE0,0010)",
    ),
    Mutation(
        "keeps floating point samples beside those of an image",
        code(
            BytesChanges._samples,
            ("top and step.tag in PIXEL_DATA_TAGS", "False and step.tag in PIXEL_DATA_TAGS"),
        ),
        ct(
            (0x7FE00008, "OF", bytes(1024)),
            (0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.30"),
        ),
        BASIC,
        "samples that nothing describes (7FE0,0008)",
    ),
)
