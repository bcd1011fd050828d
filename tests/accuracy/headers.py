"""The modules that every instance has: patient, study, series, equipment; requests and other nested identity."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from random import Random
from typing import Final

from accuracy.cast import Cast
from accuracy.people import Person
from accuracy.russian import romanized
from accuracy.sheet import Sheet, day
from accuracy.texts import Writer

MAKERS: Final = (
    ("SIEMENS", "Sensation 64", "VB42B"), ("GE MEDICAL SYSTEMS", "Discovery 690", "41.08"),
    ("Philips Medical Systems", "Ingenia", "5.4.1"), ("TOSHIBA", "Aquilion ONE", "V6.00"),
    ("FUJIFILM Corporation", "CR-IR 355", "V2.1"), ("AGFA", "DX-D 300", "NX 3.0"),
)  # fmt: skip
_OLDEST_KEPT_AGE: Final = 89
_LONGEST_SH: Final = 16


@dataclass(frozen=True, slots=True)
class Study:
    """One study of a patient: what all its instances say alike."""

    cast: Cast
    uid: str
    frame_of_reference: str
    date: datetime.date
    time: str
    accession: str
    study_id: str
    writer: Writer


@dataclass(frozen=True, slots=True)
class Reference:
    """A composite instance that others may refer to."""

    sop_class: str
    sop_instance: str
    series: str


def new_uid(rng: Random) -> str:
    """Return a UID as a scanner makes it."""
    return f"1.3.12.2.1107.5.1.4.{rng.randrange(10**5)}.{rng.randrange(10**14)}.{rng.randrange(1, 10**4)}"


def person_name(cast: Cast, person: Person, rng: Random) -> str:
    """Return a PN in the site's alphabet; in UTF-8 at times with the Cyrillic name as second component group."""
    value = person.person_name(cast.pn_script, rng.choice(("passport", "passport", "english")))
    if not cast.encodable(value):
        value = person.person_name("cyrillic" if cast.pn_script == "latin" else "latin")
    if cast.charset == "ISO_IR 192" and cast.pn_script == "latin" and rng.random() < 0.2:
        return f"{value}={person.person_name('cyrillic')}"
    return value.upper() if rng.random() < 0.3 else value


def put_patient(sheet: Sheet, cast: Cast, study: Study, rng: Random) -> None:
    """Write the patient modules."""
    sheet.data_set.SpecificCharacterSet = cast.charset
    name = f"name ({cast.patient.kind})"
    sheet.drop(about=name, present=True, PatientName=person_name(cast, cast.patient, rng))
    sheet.patient_id(cast.patient_id)
    if cast.issuer:
        sheet.drop(about="place", IssuerOfPatientID=cast.issuer)
    sheet.drop(about="birthdate", present=True, PatientBirthDate=day(cast.birth_date))
    sheet.keep(PatientSex="F" if cast.patient.feminine else "M")
    age = study.date.year - cast.birth_date.year
    if 0 < age <= _OLDEST_KEPT_AGE:
        sheet.keep(PatientAge=f"{age:03d}Y")
    elif age > _OLDEST_KEPT_AGE + 1:
        sheet.drop(about="age", present=True, PatientAge=f"{age:03d}Y")
    sheet.keep(PatientSize="1.72", PatientWeight=str(rng.randrange(48, 110)))
    if rng.random() < 0.5:
        sheet.drop(about="address", PatientAddress=cast.address)
        sheet.drop(about="phone", PatientTelephoneNumbers=_short(cast.phone))
    if rng.random() < 0.3:
        sheet.drop(about="patient_id", OtherPatientIDs=f"X{cast.patient_id}")
        if cast.encodable("я") or cast.patient.family.latin:
            sheet.drop(about=name, OtherPatientNames=_mother(cast))
    if rng.random() < 0.4:
        sheet.write(AdditionalPatientHistory=study.writer.report(2000, "\r\n"))
    if rng.random() < 0.3:
        sheet.write(PatientComments=study.writer.report(), decoys_stay=False)


def _short(phone: str) -> str:
    """Return a telephone number as it fits into an SH."""
    return phone if len(phone) <= _LONGEST_SH else phone.replace(" ", "").replace("-", "")


def _mother(cast: Cast) -> str:
    """Return the patient's family name with another spelling of itself, as after a change of passports."""
    name = cast.patient.name(cast.pn_script, system="english")
    if cast.pn_script == "latin" and not cast.patient.family.latin:
        return romanized(cast.patient.name("cyrillic").family, "casual")
    return name.family


def put_study(sheet: Sheet, study: Study, rng: Random) -> None:
    """Write the study modules."""
    cast = study.cast
    sheet.uid(StudyInstanceUID=study.uid)
    sheet.date(StudyDate=day(study.date))
    sheet.keep(StudyTime=study.time)
    sheet.drop(about="accession", present=True, AccessionNumber=study.accession)
    sheet.drop(about="study_id", present=True, StudyID=study.study_id)
    referring = cast.staff["referring"]
    sheet.drop(
        about=f"name ({referring.kind})",
        present=True,
        ReferringPhysicianName=person_name(cast, referring, rng),
    )
    sheet.write(StudyDescription=study.writer.label())
    named = {
        "PhysiciansOfRecord": "attending",
        "NameOfPhysiciansReadingStudy": "reading",
        "RequestingPhysician": "observer",
    }
    for keyword, role in named.items():
        value = {keyword: person_name(cast, cast.staff[role], rng)}
        sheet.drop(about=f"name ({cast.staff[role].kind})", present=False, **value)
    if rng.random() < 0.3:
        sheet.write(AdmittingDiagnosesDescription=study.writer.label())
    if rng.random() < 0.3:
        sheet.write(ReasonForStudy=study.writer.label())


def put_series(sheet: Sheet, study: Study, modality: str, series: str, number: int, rng: Random) -> None:
    """Write the series and equipment modules."""
    cast = study.cast
    maker, model, software = rng.choice(MAKERS)
    sheet.keep(Modality=modality, SeriesNumber=str(number), Manufacturer=maker, ManufacturerModelName=model)
    sheet.keep(
        SoftwareVersions=software,
        DeviceSerialNumber=str(rng.randrange(10_000, 99_999)),
        StationName=f"{modality}0{number}",
    )
    sheet.uid(SeriesInstanceUID=series)
    sheet.date(SeriesDate=day(study.date))
    sheet.keep(SeriesTime=study.time)
    sheet.write(SeriesDescription=study.writer.label())
    for keyword, role in (("PerformingPhysicianName", "performing"), ("OperatorsName", "operator")):
        value = {keyword: person_name(cast, cast.staff[role], rng)}
        sheet.drop(about=f"name ({cast.staff[role].kind})", present=False, **value)
    sheet.drop(about="hospital", InstitutionName=cast.place.hospital)
    if rng.random() < 0.5:
        sheet.drop(about="address", InstitutionAddress=f"{cast.place.street}, {cast.place.town}")
    if rng.random() < 0.5:
        sheet.write(PerformedProcedureStepDescription=study.writer.label())
        sheet.date(PerformedProcedureStepStartDate=day(study.date))
    put_request(sheet, study, rng)


def put_request(sheet: Sheet, study: Study, rng: Random) -> None:
    """Write sequences in which identity hides."""
    cast = study.cast
    request = sheet.item("RequestAttributesSequence")
    request.write(ScheduledProcedureStepDescription=study.writer.label())
    request.write(RequestedProcedureDescription=study.writer.label())
    request.drop(about="accession", RequestedProcedureID=f"RP{study.accession}"[:_LONGEST_SH])
    if rng.random() < 0.5:
        request.write(ReasonForTheRequestedProcedure=study.writer.label())
    code = request.item("ScheduledProtocolCodeSequence")
    code.keep(CodeValue="77477000", CodingSchemeDesignator="SCT", CodeMeaning="Computed tomography")
    if rng.random() < 0.5:
        physician = sheet.item("ReferringPhysicianIdentificationSequence")
        person = cast.staff["referring"]
        physician.drop(about="phone", PersonTelephoneNumbers=cast.phone)
        physician.drop(about="hospital", InstitutionName=cast.place.hospital)
        inner = physician.item("PersonIdentificationCodeSequence")
        meaning = person_name(cast, person, rng).replace("^", " ").split("=")[0]
        inner.drop(about=f"name ({person.kind})", CodeMeaning=meaning)
        inner.data_set.CodeValue, inner.data_set.CodingSchemeDesignator = "L77", "99LOCAL"
    procedure = sheet.item("ProcedureCodeSequence")
    procedure.keep(CodeValue="399208008", CodingSchemeDesignator="SCT", CodeMeaning="Plain chest X-ray")
