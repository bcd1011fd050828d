"""An instance that lacks UIDs or its SOP class: they come from the file meta, or are derived from what it has."""

from __future__ import annotations

import hashlib
import struct

import pytest

from orthanc_deid import Key
from orthanc_deid.deid.engine import Deidentified, deidentify
from orthanc_deid.deid.uids import replace_uid
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.verifier import Verifier
from support.data.datasets import (
    CT_IMAGE_STORAGE,
    EXPLICIT,
    FORMS,
    DataSet,
    Element,
    Form,
    element,
    encode,
    in_order,
    instance,
    part10,
    read_file,
    split,
    value,
)
from support.data.profiles import builtin, profile

KEY = Key(bytes(range(32)))
SOP_CLASS, SOP_INSTANCE, STUDY, SERIES = 0x00080016, 0x00080018, 0x0020000D, 0x0020000E
ALL = (SOP_CLASS, SOP_INSTANCE, STUDY, SERIES)
DATE, TIME, ACCESSION, MODALITY = 0x00080020, 0x00080030, 0x00080050, 0x00080060
NAME, PATIENT, BIRTH, NUMBER = 0x00100010, 0x00100020, 0x00100030, 0x00200011
IN_META = "1.2.826.0.1.3680043.10.1.1"
META, DERIVED = "UID taken from the file meta information", "UID derived, because the data set has none"
DEPTHS: tuple[VerifyDepth, ...] = ("full", "fast")


def without(*tags: int, extra: tuple[Element, ...] = ()) -> DataSet:
    others = {tag for tag, *_ in extra}
    return in_order([*(each for each in instance() if each[0] not in (*tags, *others)), *extra])


def checked(source: bytes, name: str = "basic") -> Deidentified:
    """Return the result, which the check accepts in both depths."""
    used = builtin(name)
    done = deidentify(source, used, KEY)
    for depth in DEPTHS:
        Verifier(used.profile, KEY, depth).check(source, done.output)
    return done


def uid(done: Deidentified, tag: int) -> str:
    text: bytes = value(read_file(bytes(done)), tag)
    return text.rstrip(b"\0").decode()


@pytest.mark.parametrize("name", ["basic", "neutral", "research"])
@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("missing", [(SOP_CLASS,), (SOP_INSTANCE,), (STUDY,), (SERIES,), ALL])
def test_a_part_10_file_is_completed(missing: tuple[int, ...], empty: bool, form: Form, name: str) -> None:
    blank: tuple[Element, ...] = tuple((tag, "UI", "") for tag in missing) if empty else ()
    done = checked(part10(without(*missing, extra=blank), form), name)
    found, (meta, _, _) = read_file(bytes(done)), split(bytes(done))
    assert [tag for tag, _, _ in found] == sorted({tag for tag, _, _ in found})
    assert uid(done, SOP_CLASS) == CT_IMAGE_STORAGE
    assert uid(done, SOP_INSTANCE) == replace_uid(IN_META, KEY)
    assert value(meta, 0x00020003).rstrip(b"\0").decode() == uid(done, SOP_INSTANCE)
    assert len({uid(done, tag) for tag in ALL}) == 4
    notes = {META for tag in missing if tag in ALL[:2]} | {DERIVED for tag in missing if tag in ALL[2:]}
    assert {note for note in done.notes if "UID" in note} == notes


def test_the_uid_of_the_file_meta_is_kept_where_uids_are() -> None:
    used = profile(options=["Retain UIDs"])
    source = part10(without(SOP_INSTANCE))
    done = deidentify(source, used, KEY)
    assert uid(done, SOP_INSTANCE) == IN_META
    Verifier(used.profile, KEY).check(source, done.output)


@pytest.mark.parametrize("written", ["", "ANDERSSON 48151", "1"])
def test_what_is_no_uid_in_the_file_meta_is_not_taken(written: str) -> None:
    source = part10(without(SOP_INSTANCE))
    old, new = (element(0x00020003, "UI", each) for each in (IN_META, written))
    head = struct.pack("<I", struct.unpack_from("<I", source, 140)[0] + len(new) - len(old))
    done = checked(source[:140] + head + source[144:].replace(old, new, 1))
    assert uid(done, SOP_INSTANCE) not in (replace_uid(IN_META, KEY), written)
    assert b"ANDERSSON" not in bytes(done)


def test_a_derived_uid_follows_the_published_formula() -> None:
    data_set = without(STUDY, SERIES, extra=((TIME, "TM", "101112"), (NUMBER, "IS", "5 ")))
    done = checked(part10(data_set))

    def keyed(tag: int, *parts: str) -> str:
        digest = KEY.digest("uid", b"%08X\0" % tag + "\0".join(parts).encode())
        number = int.from_bytes(digest[:16], "big") & ~(0xF << 76 | 0x3 << 62) | 0x8 << 76 | 0x2 << 62
        return f"2.25.{number}"

    study = keyed(STUDY, "study", "id", "PID-48151", "", "20240315", "101112", "", "")
    series = keyed(SERIES, "series", study, "CT", "5")
    assert uid(done, STUDY) == replace_uid(study, KEY)
    assert uid(done, SERIES) == replace_uid(series, KEY)


def test_a_uid_of_nothing_but_the_content_is_of_the_bytes_in_the_file() -> None:
    body = encode(without(SOP_INSTANCE))
    digest = hashlib.sha256(body).digest()
    number = int.from_bytes(KEY.digest("uid", b"00080018\0content\0" + digest)[:16], "big")
    number = number & ~(0xF << 76 | 0x3 << 62) | 0x8 << 76 | 0x2 << 62
    assert uid(checked(body), SOP_INSTANCE) == replace_uid(f"2.25.{number}", KEY)


def studies(*files: DataSet) -> list[str]:
    return [uid(checked(encode(each)), STUDY) for each in files]


def test_files_of_one_study_stay_together() -> None:
    one, other = (
        without(STUDY, SERIES, SOP_INSTANCE, extra=((NUMBER, "IS", number), (0x00200013, "IS", number)))
        for number in ("1", "2")
    )
    assert len(set(studies(one, other))) == 1
    assert uid(checked(encode(one)), SERIES) != uid(checked(encode(other)), SERIES)
    assert uid(checked(encode(one)), SERIES) == uid(
        checked(encode(in_order([*one, (0x00200012, "IS", "7")]))), SERIES
    )


@pytest.mark.parametrize(
    "different",
    [(DATE, "DA", "20240316"), (ACCESSION, "SH", "A-2"), (PATIENT, "LO", "PID-48152"), (TIME, "TM", "11")],
)
def test_other_studies_and_patients_stay_apart(different: Element) -> None:
    one = without(STUDY, extra=((TIME, "TM", "10"),))
    other = in_order([*(each for each in one if each[0] != different[0]), different])
    assert len(set(studies(one, other))) == 2


def test_patients_without_id_are_told_apart_by_name_and_birth_date_and_nameless_ones_never_meet() -> None:
    named = [without(STUDY, PATIENT, extra=((NAME, "PN", each),)) for each in ("Doe^A", "Doe^A", "Doe^B")]
    assert [len(set(studies(*named[:2]))), len(set(studies(*named)))] == [1, 2]
    nameless = [
        without(STUDY, SERIES, PATIENT, NAME, extra=((0x00200013, "IS", number),)) for number in ("1", "2")
    ]
    assert len(set(studies(*nameless))) == 2


def test_a_series_holds_a_study_together_where_nothing_else_does() -> None:
    one, other = (
        without(STUDY, PATIENT, NAME, DATE, extra=((0x00200013, "IS", number),)) for number in ("1", "2")
    )
    assert len(set(studies(one, other))) == 1


def test_the_sop_class_of_the_file_meta_decides_before_modality() -> None:
    source = part10(without(SOP_CLASS, extra=((MODALITY, "CS", "MR"),)), EXPLICIT)
    assert uid(checked(source), SOP_CLASS) == CT_IMAGE_STORAGE
