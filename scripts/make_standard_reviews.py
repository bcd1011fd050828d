"""Update the facts (keyword, VR, retired, names) beside the decisions in the tables of this project.

A review lists every attribute of its VRs without a row in Table E.1-1, kept or not, with the reason. A new
attribute of the dictionary is added as not kept, with the reason `not reviewed`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from make_standard_types import standard_folder
from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary
from pydicom.uid import UID_dictionary

REVIEWS = {
    "class_uids.csv": {"UI"},
    "image_data.csv": {"OB", "OW"},
    "kept_text.csv": {"LO", "SH", "ST", "LT", "UT", "UC"},
}
JUDGED = (
    "bound_attributes.csv",
    "decay_times.csv",
    "device_boxes.csv",
    "device_terms.csv",
    "epoch_seconds.csv",
    "only_values.csv",
    "private_samples.csv",
    "registered_uids.csv",
    "safe_private_supplement.csv",
    "faceless_body_parts.csv",
    "structural_cs.csv",
    "structure_labels.csv",
    "tiled_images.csv",
)
"""Tables of decisions only, without facts to update."""

Row = dict[str, str]


def read(path: Path) -> list[Row]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[Row]) -> None:
    """Write `rows`, whose keys are the columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def dictionary() -> Iterator[tuple[str, str, str, str]]:
    """Yield (tag, VR, keyword, Y or N for retired), repeating groups as `(60xx,0045)`.

    The patterns inside an element number, (0028,04x2) and its like, are retired and left out: never kept.
    """
    for tag, entry in DicomDictionary.items():
        yield f"({tag >> 16:04X},{tag & 0xFFFF:04X})", entry[0], entry[4], "Y" if entry[3] else "N"
    for mask, entry in RepeatersDictionary.items():
        if mask[2:4] != "xx":
            continue
        yield f"({mask[:4]},{mask[4:]})", entry[0], entry[4], "Y" if entry[3] else "N"


def make_review(name: str, source: Path, output: Path) -> None:
    """Update one review: the attributes of its VRs without a row in Table E.1-1 (all of 50xx has one)."""
    judged = {row["tag"]: row for row in read(source / name)}
    decided = {row["tag"] for row in read(output / "ps315_table_e1_1.csv")}
    unseen = {"kept": "N", "reason": "not reviewed"}
    rows = []
    for tag, vr, keyword, retired in dictionary():
        if REVIEWS[name] & set(vr.split(" or ")) and tag not in decided and not tag.startswith("(50xx"):
            old = judged.get(tag, unseen)
            rows.append(
                {
                    "tag": tag,
                    "vr": vr,
                    "keyword": keyword,
                    "retired": retired,
                    "kept": old["kept"],
                    "reason": old["reason"],
                }
            )
    rows.sort(key=lambda row: row["tag"])
    write(output / name, rows)


def make_identity(source: Path, output: Path) -> None:
    """Update identity.csv: every PN of the dictionary is a person; other attributes are reviewed one by one."""
    known = {tag: (vr, keyword) for tag, vr, keyword, _ in dictionary()}
    rows = {row["tag"]: row for row in read(source / "identity.csv")}
    for row in rows.values():
        row["vr"], row["keyword"] = known.get(row["tag"], (row["vr"], row["keyword"]))
    for tag, (vr, keyword) in known.items():
        if vr == "PN":
            rows[tag] = {"tag": tag, "vr": vr, "keyword": keyword, "kind": "person"}
    write(output / "identity.csv", [rows[tag] for tag in sorted(rows)])


def make_geometry(source: Path, output: Path) -> None:
    """Update geometry.csv, whose attributes, units and sections of PS3.3 are reviewed one by one."""
    known = {tag: (vr, keyword) for tag, vr, keyword, _ in dictionary()}
    rows = read(source / "geometry.csv")
    for row in rows:
        row["vr"], row["keyword"] = known.get(row["tag"], (row["vr"], row["keyword"]))
    write(output / "geometry.csv", rows)


def make_terms(source: Path, output: Path) -> None:
    """Add highdicom's body parts of PS3.16 Annex L to the terms written by hand."""
    terms = {(row["keyword"], row["term"]) for row in read(source / "defined_terms.csv")}
    regions = json.loads((standard_folder() / "anatomic_regions.json").read_text())
    terms |= {("BodyPartExamined", term) for term in regions}
    write(
        output / "defined_terms.csv", [{"keyword": keyword, "term": term} for keyword, term in sorted(terms)]
    )


def make_names(name: str, columns: dict[str, str], source: Path, output: Path) -> None:
    """Update the names of UIDs: `columns` maps the column of a UID to the column of its name."""
    rows = read(source / name)
    for row in rows:
        for uid, title in columns.items():
            if row[uid] in UID_dictionary:
                row[title] = UID_dictionary[row[uid]][0]
    write(output / name, rows)


def make_reviews(source: Path, output: Path) -> None:
    """Write every reviewed table into `output`, with the decisions from `source`."""
    for name in REVIEWS:
        make_review(name, source, output)
    make_identity(source, output)
    make_geometry(source, output)
    make_terms(source, output)
    make_names(
        "retired_sop_classes.csv", {"sop_class_uid": "name", "successor_uid": "successor"}, source, output
    )
    make_names("burned_in.csv", {"value": "name"}, source, output)
    make_names("modality_sop_class.csv", {"sop_class_uid": "name"}, source, output)
    for name in JUDGED:
        write(output / name, read(source / name))
