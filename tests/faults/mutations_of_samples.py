"""Errors about samples: bytes behind an image, samples where the IOD names none, and their padding."""

from __future__ import annotations

import struct

from faults.mutation_originals import ct
from faults.mutations import Mutation, code
from faults.mutations_of_rules import BASIC, NEUTRAL, RESEARCH
from orthanc_deid.deid import acts_on_bytes, icc_profile, lookup_tables, sample_lengths
from orthanc_deid.deid.bytes_changes import BytesChanges
from orthanc_deid.dicom import elements, walker
from orthanc_deid.profile import number_lengths, sample_places
from support.data.datasets import Element, Form, image_size
from support.data.icc_profiles import described, profile

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
_WORDS = b"Marsdenova Klavdia 84951234567"
NUMBERS = (
    Mutation(
        "keeps more values than an attribute has",
        code(number_lengths.most_bytes, ("int(most) * WIDTHS[vr]", "int(most) * WIDTHS[vr] * 9")),
        ct((0x00280120, "US", struct.pack("<4H", 7, 8, 9, 10))),
        BASIC,
        "more values than the attribute has (0028,0120)",
    ),
    Mutation(
        "keeps words in the place of numbers",
        code(BytesChanges._binary, ("if reads_as_words(kept, step.vr)", "if False")),
        ct((0x00280009, "AT", _WORDS + b"ab")),
        BASIC,
        "words in the place of numbers (0028,0009)",
    ),
    Mutation(
        "keeps a palette that no image uses",
        code(BytesChanges._binary, ("not uses_palette(self.prescan.values)", "False")),
        ct((0x00281101, "US", struct.pack("<3H", 8, 0, 16)), (0x00281201, "OW", bytes(16))),
        NEUTRAL,
        "lookup table without a use (0028,1201)",
    ),
    Mutation(
        "keeps the bytes behind a lookup table",
        code(lookup_tables.table_length, ("words = entries * 2", "words = entries * 4")),
        ct(
            (
                _VOI_LUTS,
                "SQ",
                [[(0x00283002, "US", struct.pack("<3H", 8, 0, 12)), (0x00283006, "OW", bytes(40))]],
            )
        ),
        BASIC,
        "more values than the attribute has (0028,3010)[0].(0028,3006)",
    ),
)
_DESCRIBED = profile(tags={b"desc": described("Marsdenov 4711")})
PROFILES = (
    Mutation(
        "keeps the description of an ICC profile",
        code(icc_profile.cleaned_profile, ("_written(raw, described)", "raw")),
        ct((0x00282000, "OB", _DESCRIBED)),
        BASIC,
        "an ICC profile with more than colours need (0028,2000)",
    ),
    Mutation(
        "keeps an ICC profile that is none",
        code(
            BytesChanges._icc_profile,
            ("cleaned = cleaned_profile(raw)", "cleaned = cleaned_profile(raw) or raw"),
        ),
        ct((0x00282000, "OB", bytes(200))),
        RESEARCH,
        "an ICC profile with more than colours need (0028,2000)",
    ),
)
PRIVATE_BYTES = (
    Mutation(
        "keeps private bytes in which there are words",
        code(BytesChanges._private_bytes, ("reads_as_words(raw, step.vr, step.shortest)", "False")),
        ct((0x20010010, "LO", "Philips Imaging DD 097"), (0x2001102F, "OB", b"\1\2Marsdenov")),
        RESEARCH,
        "words in private bytes (2001,102F)",
    ),
    Mutation(
        "keeps private bytes in which there is a name",
        code(BytesChanges._private_bytes, ("holds_identity_in_bytes(raw, self.subject.identity)", "False")),
        ct((0x20010010, "LO", "Philips Imaging DD 097"), (0x2001102F, "OB", b"\1\2\xffTARN")),
        RESEARCH,
        "person found (2001,102F)",
    ),
)
SAMPLES = (
    *HEADERS,
    *PRIVATE_BYTES,
    *PROFILES,
    *NUMBERS,
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
        code(sample_lengths._length, ("plane = rows * columns", "plane = (rows + 1) * columns")),
        _longer(),
        NEUTRAL,
        "samples not cut to their length (7FE0,0010)",
    ),
    Mutation(
        "cuts an image by a row too much",
        code(sample_lengths._length, ("plane = rows * columns", "plane = (rows - 1) * columns")),
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
