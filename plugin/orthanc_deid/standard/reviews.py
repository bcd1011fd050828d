"""Decisions of this project on attributes and values, where the standard leaves them to the implementer.

Each list is a CSV file with the reason of every entry; an attribute that was not reviewed is not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pydicom.datadict import tag_for_keyword

from orthanc_deid.standard.data_files import parse_tags, read_csv


@dataclass(frozen=True, slots=True)
class BurnedIn:
    """The criteria by which an image is suspected of burned-in text.

    `image_types` are compared with all values of Image Type; `digital_conversion_types` are the only values of
    Conversion Type that raise no suspicion. In gray images of `sectional_sop_classes` and `parametric_sop_classes`
    that state their orientation SECONDARY raises none, nor does the modality of a parametric map.
    """

    sop_classes: frozenset[str]
    modalities: frozenset[str]
    image_types: frozenset[str]
    transfer_syntaxes: frozenset[str]
    digital_conversion_types: frozenset[str]
    sectional_sop_classes: frozenset[str]
    parametric_sop_classes: frozenset[str]


def _kept(name: str) -> frozenset[int]:
    return frozenset(tag for row in read_csv(name) if row["kept"] == "Y" for tag in parse_tags(row["tag"]))


@cache
def class_uid_tags() -> frozenset[int]:
    """Return the UI attributes that hold classes (SOP class, transfer syntax, coding scheme), not instances."""
    return _kept("class_uids.csv")


@dataclass(frozen=True, slots=True)
class RegisteredUids:
    """UIDs of classes that a public registry names, beside those of PS3.6 in pydicom's dictionary.

    `uids`: complete ones. `roots`: those below which a public registry numbers its entries, with the most digits of
    such a number.
    """

    uids: frozenset[str]
    roots: Mapping[str, int]


@cache
def registered_uids() -> RegisteredUids:
    """Return the public UIDs of coding schemes, context groups, mapping resources and private classes."""
    rows = list(read_csv("registered_uids.csv"))
    return RegisteredUids(
        uids=frozenset(row["uid"] for row in rows if not row["below"]),
        roots={row["uid"]: int(row["below"]) for row in rows if row["below"]},
    )


@cache
def image_data_tags() -> frozenset[int]:
    """Return the OB and OW attributes that hold image, lookup table or waveform data."""
    return _kept("image_data.csv")


@cache
def kept_text_tags() -> frozenset[int]:
    """Return the technical text attributes (LO SH ST LT UT UC) that are kept and searched."""
    return _kept("kept_text.csv")


@cache
def structure_label_tags() -> frozenset[int]:
    """Return the attributes that name structures, plans and beams, which must stay distinct when they are cleaned."""
    return frozenset(tag for row in read_csv("structure_labels.csv") for tag in parse_tags(row["tag"]))


@cache
def needed_attributes() -> Mapping[int, frozenset[int]]:
    """Return the attributes that each attribute needs in its data set, without which it means nothing."""
    return {
        tag: frozenset(needed for each in row["needs"].split() for needed in parse_tags(each))
        for row in read_csv("bound_attributes.csv")
        for tag in parse_tags(row["tag"])
    }


@cache
def _identity() -> tuple[Mapping[int, str], Mapping[int, str]]:
    values: dict[int, str] = {}
    sequences: dict[int, str] = {}
    for row in read_csv("identity.csv"):
        target = sequences if row["vr"] == "SQ" else values
        target.update(dict.fromkeys(parse_tags(row["tag"]), row["kind"]))
    return values, sequences


def identity_kinds() -> Mapping[int, str]:
    """Return the kind (person, id, place, address, phone, birthdate) of each attribute that identifies."""
    return _identity()[0]


def identity_sequences() -> Mapping[int, str]:
    """Return the code sequences whose Code Meaning identifies: kind `person` or `place`."""
    return _identity()[1]


@cache
def defined_terms() -> frozenset[str]:
    """Return the defined terms and enumerated values that CS attributes may hold (PS3.3)."""
    return frozenset(row["term"] for row in read_csv("defined_terms.csv"))


@cache
def structural_terms() -> Mapping[int, frozenset[str]]:
    """Return the terms of the CS attributes that decide how an image or its content is read, by tag.

    No other value may stay in them, and they never get a dummy value.
    """
    terms: dict[str, set[str]] = {
        row["keyword"]: set(filter(None, row["also"].split(";"))) for row in read_csv("structural_cs.csv")
    }
    for row in read_csv("defined_terms.csv"):
        if row["keyword"] in terms:
            terms[row["keyword"]].add(row["term"])
    return {tag_for_keyword(keyword) or 0: frozenset(each) for keyword, each in terms.items()}


@dataclass(frozen=True, slots=True)
class OnlyValue:
    """The only value that a structural CS can have; `original`: only in images that are ORIGINAL and PRIMARY."""

    value: str
    original: bool


@cache
def only_values(sop_class_uid: str) -> Mapping[int, OnlyValue]:
    """Return the values of structural CS, by tag, where an instance of the SOP class can have only that one."""
    return {
        tag_for_keyword(row["keyword"]) or 0: OnlyValue(row["value"], row["original"] == "Y")
        for row in read_csv("only_values.csv")
        if row["sop_class_uid"] == sop_class_uid
    }


@cache
def burned_in() -> BurnedIn:
    """Return the criteria of suspected burned-in text."""
    values: dict[str, set[str]] = {}
    for row in read_csv("burned_in.csv"):
        values.setdefault(row["kind"], set()).add(row["value"])
    return BurnedIn(
        sop_classes=frozenset(values["sop_class"]),
        modalities=frozenset(values["modality"]),
        image_types=frozenset(values["image_type"]),
        transfer_syntaxes=frozenset(values["transfer_syntax"]),
        digital_conversion_types=frozenset(values["digital_conversion_type"]),
        sectional_sop_classes=frozenset(values["sectional_sop_class"]),
        parametric_sop_classes=frozenset(values["parametric_sop_class"]),
    )


@cache
def faceless_body_parts() -> frozenset[str]:
    """Return the body parts (PS3.16 Annex L) whose volumes show no face; any other may show one."""
    return frozenset(row["body_part"] for row in read_csv("faceless_body_parts.csv"))


@cache
def modality_sop_class() -> Mapping[str, str]:
    """Return the SOP class by Modality, where only one single-frame class is possible."""
    return {row["modality"]: row["sop_class_uid"] for row in read_csv("modality_sop_class.csv")}
