"""Makes instances with an answer key: the same seed, the same instances, byte for byte."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from random import Random
from typing import Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from accuracy.answers import Answer
from accuracy.cast import Cast, invent_cast
from accuracy.documents import make_presentation_state, make_report, make_segmentation
from accuracy.geometry import put_geometry, with_vr_of_numbers
from accuracy.headers import Reference, Study, new_uid
from accuracy.images import make_image
from accuracy.material import Material, half_of, material
from accuracy.sheet import Sheet
from accuracy.texts import Writer

MODALITIES: Final = ("CT", "CT", "MR", "MR", "CR", "DX", "PT", "NM")
_BURNED_IN: Final = 0.06  # of the instances show their text in the pixels and must be held back
_FIRST_STUDY: Final = datetime.date(2012, 1, 1)


@dataclass(frozen=True, slots=True)
class Case:
    """One instance and what must become of it.

    `withheld`: it must not come out at all, its pixels show identity. `unreadable`: nor may this one, as a number of
    its geometry has no reading, or several.
    """

    name: str
    data: bytes
    patient: str
    answers: tuple[Answer, ...]
    withheld: bool
    unreadable: bool = False


def generate(seed: int, count: int) -> Iterator[Case]:
    """Yield `count` instances of several patients, one or two studies each."""
    rng = Random(seed)
    made = 0
    while made < count:
        for case in _patient(rng, material(half_of(seed)), made):
            if made == count:
                return
            yield case
            made += 1


def _patient(rng: Random, half: Material, first: int) -> Iterator[Case]:
    cast = invent_cast(rng, half)
    number = first
    for _ in range(rng.randrange(1, 3)):
        for case in _study(rng, half, cast, number):
            yield case
            number += 1


def _study(rng: Random, half: Material, cast: Cast, first: int) -> Iterator[Case]:
    accession = rng.choice(
        (
            f"ACC{rng.randrange(10**7)}",
            f"{rng.randrange(20, 25)}-{rng.randrange(10**4):04d}",
            f"R{rng.randrange(10**5):05d}X",
        )
    )
    study = Study(
        cast=cast,
        uid=new_uid(rng),
        frame_of_reference=new_uid(rng),
        date=_FIRST_STUDY + datetime.timedelta(rng.randrange(4500)),
        time=f"{rng.randrange(24):02d}{rng.randrange(60):02d}{rng.randrange(60):02d}",
        accession=accession,
        study_id=f"S{rng.randrange(10**5, 10**6)}",
        writer=Writer(rng, half, cast, accession),
    )
    modality = rng.choice(MODALITIES)
    series = new_uid(rng)
    references: list[Reference] = []
    for number in range(rng.randrange(2, 4)):
        sheet = Sheet([])
        references.append(make_image(sheet, study, modality, series, number + 1, rng))
        unreadable = put_geometry(sheet, modality, Random(references[-1].sop_instance))
        yield _case(rng, first, modality, sheet, unreadable=unreadable)
        first += 1
    yield _document(rng, study, references, first)
    if rng.random() < 4 * _BURNED_IN:
        sheet = Sheet([])
        shown = rng.choice(("US", "OT"))
        make_image(sheet, study, shown, new_uid(rng), 9, rng)
        yield _case(rng, first + 1, shown, sheet, withheld=True)


def _document(rng: Random, study: Study, references: list[Reference], number: int) -> Case:
    sheet, series = Sheet([]), new_uid(rng)
    kind = rng.choice(("SR", "SR", "SR", "PR", "SEG"))
    if kind == "SR":
        make_report(sheet, study, series, 5, references, rng)
    elif kind == "PR":
        make_presentation_state(sheet, study, series, 6, references[0], rng)
    else:
        make_segmentation(sheet, study, series, 7, references, rng)
    return _case(rng, number, kind, sheet)


def _case(
    rng: Random, number: int, kind: str, sheet: Sheet, *, withheld: bool = False, unreadable: bool = False
) -> Case:
    data_set = sheet.data_set
    syntax = rng.choice((ExplicitVRLittleEndian, ImplicitVRLittleEndian))
    if kind in ("CT", "MR", "CR") and rng.random() < 0.1:
        data_set.file_meta = FileMetaDataset()
        data_set.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        data_set.compress(RLELossless, generate_instance_uid=False)
        syntax = RLELossless
    charset = str(data_set.SpecificCharacterSet)
    name = f"{number:04d} {kind} {charset} {syntax.name}"
    return Case(
        name, encoded(data_set, syntax), str(data_set.PatientID), tuple(sheet.answers), withheld, unreadable
    )


def encoded(data_set: Dataset, syntax: str) -> bytes:
    """Return the data set as a Part 10 file."""
    data_set.file_meta = FileMetaDataset()
    data_set.file_meta.TransferSyntaxUID = UID(syntax)
    buffer = BytesIO()
    data_set.save_as(
        buffer, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=True, enforce_file_format=True
    )
    return with_vr_of_numbers(buffer.getvalue(), data_set)
