"""AccessionNumber and StudyID replaced by a site's list or by the key, in engine and verifier."""

from __future__ import annotations

import hmac
import io
from base64 import b32encode
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.dicom.slices import Slices
from orthanc_deid.errors import ConfigError, RefusedError, VerificationError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.load import load_profile
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.verify.verifier import verify
from support.data.hand_made import KEY, encoded, original, output

DEPTHS = pytest.mark.parametrize("depth", ["full", "fast"])
BOTH = pytest.mark.parametrize(
    ("keyword", "setting"), [("AccessionNumber", "accession_number"), ("StudyID", "study_id")]
)
TAGS = {"AccessionNumber": "00080050", "StudyID": "00200010"}
OLD, OTHER = "ACC-90210", "ACC-777001"


def made(folder: Path, settings: str, rows: str = "") -> Profile:
    """Return a profile with these lines under [pseudonyms]; the file that they may name holds `rows`."""
    (folder / "given.csv").write_text(f"id_old,id_new\n{rows}", encoding="utf-8")
    (folder / "site.toml").write_text(f'name = "site"\n[pseudonyms]\n{settings}\n', encoding="utf-8")
    return load_profile(folder / "site.toml")


def with_requests(keyword: str, value: str, *nested: str) -> Dataset:
    """Return a CT with the value at the top level, and `nested` ones in items of a sequence that is kept."""
    ds = original(**{keyword: value}, BitsStored=16, HighBit=15)
    items = []
    for each in nested:
        item = Dataset()
        setattr(item, keyword, each)
        items.append(item)
    ds.ReferencedRequestSequence = Sequence(items)
    return ds


def run(ds: Dataset, profile: Profile) -> tuple[Slices, Dataset]:
    result = Deidentifier(CompiledProfile(profile), KEY).run(encoded(ds)).output
    return result, dcmread(io.BytesIO(bytes(result)))


def derived(keyword: str, value: str, issuer: str = "") -> str:
    """The published formula, implemented independently."""
    digest = hmac.new(KEY.patient, f"{TAGS[keyword]}\0{issuer}\0{value}".encode(), "sha256").digest()
    return b32encode(digest).decode().lower()[:16]


def found_in(ds: Dataset, keyword: str) -> list[str]:
    """Return the values at the top level and in the items."""
    return [ds[keyword].value, *(item[keyword].value for item in ds.ReferencedRequestSequence)]


@DEPTHS
@BOTH
@pytest.mark.parametrize("value", [OLD, "A", "Заявка 17", "1.5-B/7'"])
def test_a_derived_identifier_follows_the_published_formula_at_every_depth(
    tmp_path: Path, keyword: str, setting: str, value: str, depth: VerifyDepth
) -> None:
    profile = made(tmp_path, f'prefix = "A-LONG-PREFIX-OF-THE-SITE"\n{setting} = "derive"')
    ds = with_requests(keyword, value, value, OTHER, "")
    ds.SpecificCharacterSet = "ISO_IR 192"
    result, read = run(ds, profile)
    issuer = "KESTREL"  # of the PatientID
    assert found_in(read, keyword) == [
        derived(keyword, value, issuer),
        derived(keyword, value, issuer),
        derived(keyword, OTHER, issuer),
        "",
    ]
    verify(encoded(ds), result, profile, KEY, depth)


@DEPTHS
@BOTH
def test_equal_identifiers_of_two_issuers_become_different(
    keyword: str, setting: str, depth: VerifyDepth
) -> None:
    profile = load_profile("neutral")
    assert getattr(profile.pseudonyms, setting) == "derive"
    found = set()
    for issuer in ("KESTREL", " MERLIN "):
        ds = with_requests(keyword, OLD)
        ds.IssuerOfPatientID = issuer
        result, read = run(ds, profile)
        verify(encoded(ds), result, profile, KEY, depth)
        found.add(read[keyword].value)
    assert found == {derived(keyword, OLD, "KESTREL"), derived(keyword, OLD, "MERLIN")}


@DEPTHS
@BOTH
def test_a_given_identifier_is_written_at_every_depth(
    tmp_path: Path, keyword: str, setting: str, depth: VerifyDepth
) -> None:
    profile = made(tmp_path, f'{setting}s = "given.csv"', f"{OLD},KESTREL-0001\n{OTHER},T^2=x\n")
    ds = with_requests(keyword, f"{OLD} ", OTHER, "")
    result, read = run(ds, profile)
    assert found_in(read, keyword) == ["KESTREL-0001", "T^2=x", ""]
    verify(encoded(ds), result, profile, KEY, depth)


@DEPTHS
@BOTH
def test_an_identifier_that_the_list_does_not_name_is_refused_or_derived(
    tmp_path: Path, keyword: str, setting: str, depth: VerifyDepth
) -> None:
    refusing = made(tmp_path, f'{setting}s = "given.csv"', f"{OTHER},T-1\n")
    ds = with_requests(keyword, OLD)
    with pytest.raises(
        RefusedError, match=r"not in the table of pseudonyms: \(00[02][08],00[15]0\)"
    ) as caught:
        run(ds, refusing)
    assert OLD not in str(caught.value)
    deriving = made(tmp_path, f'{setting}s = "given.csv"\nunknown_{setting} = "derive"', f"{OTHER},T-1\n")
    result, read = run(ds, deriving)
    assert found_in(read, keyword) == [derived(keyword, OLD, "KESTREL")]
    verify(encoded(ds), result, deriving, KEY, depth)
    with pytest.raises(VerificationError):  # such an output is none under the profile that refuses
        verify(encoded(ds), result, refusing, KEY, depth)


@DEPTHS
@BOTH
def test_an_unlisted_identifier_in_an_item_follows_the_table(
    tmp_path: Path, keyword: str, setting: str, depth: VerifyDepth
) -> None:
    profile = made(tmp_path, f'{setting}s = "given.csv"', f"{OLD},T-1\n")
    ds = with_requests(keyword, OLD, OLD, OTHER, "  ")
    result, read = run(ds, profile)
    assert found_in(read, keyword) == ["T-1", "T-1", "", ""]
    verify(encoded(ds), result, profile, KEY, depth)


@BOTH
def test_an_explicit_rule_wins_over_a_list(tmp_path: Path, keyword: str, setting: str) -> None:
    (tmp_path / "given.csv").write_text(f"id_old,id_new\n{OTHER},T-1\n")
    text = f'name = "site"\nattributes = [{{ attribute = "{keyword}", value = "X" }}]\n'
    (tmp_path / "site.toml").write_text(f'{text}[pseudonyms]\n{setting}s = "given.csv"\n')
    assert run(with_requests(keyword, OLD), load_profile(tmp_path / "site.toml"))[1][keyword].value == "X"


@BOTH
@pytest.mark.parametrize("wrong", ["", "REMOVED", "abcdefgh", "ACC-90210", "T-2"])
def test_the_verifier_finds_any_other_identifier(
    tmp_path: Path, keyword: str, setting: str, wrong: str
) -> None:
    rows = f"{OLD},T-1\n{OTHER},T-2\n"
    for profile in (
        made(tmp_path, f'{setting}s = "given.csv"', rows),
        made(tmp_path, f'{setting} = "derive"'),
    ):
        ds = with_requests(keyword, OLD)
        _, read = run(ds, profile)
        read[keyword].value = wrong
        with pytest.raises(VerificationError) as caught:
            verify(encoded(ds), output(read), profile, KEY)
        assert "pseudonyms: no derived identifier value" in "\n".join(caught.value.findings)


@BOTH
def test_the_fast_depth_finds_an_identifier_that_the_engine_cannot_have_written(
    tmp_path: Path, keyword: str, setting: str
) -> None:
    profile = made(tmp_path, f'{setting}s = "given.csv"', f"{OLD},T-1\n")
    ds = with_requests(keyword, OLD)
    _, read = run(ds, profile)
    read[keyword].value = derived(keyword, OLD)
    with pytest.raises(VerificationError):
        verify(encoded(ds), output(read), profile, KEY, "fast")


@BOTH
def test_the_original_identifier_is_searched_in_texts(tmp_path: Path, keyword: str, setting: str) -> None:
    profile = made(tmp_path, f'{setting}s = "given.csv"', f"{OLD},T-1\n")
    ds = with_requests(keyword, OLD)
    ds.ConvolutionKernel = f"K {OLD}"
    _, read = run(ds, profile)
    assert "ConvolutionKernel" not in read


def test_a_patient_whose_id_its_character_set_does_not_allow_has_one_pseudonym(tmp_path: Path) -> None:
    profile = made(tmp_path, 'accession_number = "derive"')
    ds = with_requests("AccessionNumber", OLD)
    ds.PatientID = "PAT-1"
    data = encoded(ds).replace(b"PAT-1 ", "Тула-1".encode("cp1251")).replace(b"ACC-90210 ", b"\xc0CC-90210 ")
    data = data.replace(b"\x08\x00\x08\x00CS", b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 192\x08\x00\x08\x00CS", 1)
    made_of_it = Deidentifier(CompiledProfile(profile), KEY).run(data).output
    verify(data, made_of_it, profile, KEY)


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        (
            'accession_number = "derive"\naccession_numbers = "given.csv"',
            'line 4, pseudonyms.accession_numbers: accession_number = "derive" leaves nothing to a file; '
            'accepted: one of them, or the file with unknown_accession_number = "derive"',
        ),
        (
            'study_id = "derive"\nstudy_ids = "given.csv"',
            'line 4, pseudonyms.study_ids: study_id = "derive" leaves nothing to a file',
        ),
        (
            'unknown_accession_number = "derive"',
            "line 3, pseudonyms.unknown_accession_number: has no effect without accession_numbers; accepted: ",
        ),
        (
            'unknown_study_id = "derive"',
            "line 3, pseudonyms.unknown_study_id: has no effect without study_ids",
        ),
        ('unknown_patient = "derive"', "line 3, pseudonyms.unknown_patient: has no effect without patients"),
        ("study_ids = 1", 'line 3, pseudonyms.study_ids: wrong type; accepted: text in quotes ("...")'),
        ('study_ids = ""', "line 3, pseudonyms.study_ids: not accepted; accepted: "),
        ('study_ids = "none.csv"', "line 3, pseudonyms.study_ids: cannot be read"),
        (
            'accession_nummers = "given.csv"',
            "line 3, pseudonyms.accession_nummers: unknown key (did you mean accession_",
        ),
    ],
)
def test_inconsistent_settings_are_rejected_at_start(tmp_path: Path, settings: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        made(tmp_path, settings, f"{OLD},T-1\n")
    assert fault in str(caught.value)


def test_several_files_may_be_named_and_every_fault_of_each_is_reported(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text(f"id_old,id_new\n{OTHER},{'X' * 17}\n")
    with pytest.raises(ConfigError) as caught:
        made(tmp_path, 'accession_numbers = "given.csv"\nstudy_ids = "other.csv"', f"{OLD},A\n{OLD},B\n")
    assert "given.csv line 3: the accession number of line 2 again; accepted: one row each" in str(
        caught.value
    )
    assert "other.csv line 2: id_new cannot be written everywhere; accepted: up to 16" in str(caught.value)
    assert OLD not in str(caught.value)
    assert OTHER not in str(caught.value)


def test_the_fingerprint_covers_the_new_identifiers_of_each_list(tmp_path: Path) -> None:
    prints = [
        made(tmp_path, settings, rows).fingerprint()
        for settings in ('accession_numbers = "given.csv"', 'study_ids = "given.csv"')
        for rows in ("1,A\n", "2,A\n", "1,B\n")
    ]
    assert prints[0] == prints[1]
    assert prints[3] == prints[4]
    assert len(set(prints)) == 4
