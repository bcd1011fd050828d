"""Write the data files of `orthanc_deid/standard` from their sources; a second run changes nothing.

    python scripts/make_standard.py [FOLDER] [--output FOLDER]

FOLDER holds `ps315_table_e1_1.csv` and `ps315_safe_private.csv` (by default ../shared/standard beside the
repository). Facts of the standard are taken from these sources. Decisions of this project (which attributes hold
classes, image data, technical text, identities) are kept from the existing files; keyword, VR and name beside each
are updated from pydicom's dictionary.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable
from pathlib import Path

from make_standard_reviews import make_reviews
from make_standard_types import make_types

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = REPOSITORY / "plugin" / "orthanc_deid" / "standard"
FACTS = ("tag", "name", "keyword", "retired", "in_std_comp_iod", "basic")


def write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Write one CSV file, UTF-8, lines ending in a line feed on every system."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def spelled(tag: str) -> str:
    """Return `(0008,0050)` for the source's `0008,0050`; `private` for the row of private attributes."""
    return "private" if "odd" in tag else f"({tag})"


def make_table(source: Path, output: Path) -> None:
    """Write Table E.1-1; the columns of the options, mostly empty, become one column of `column=code` pairs."""
    with source.open(encoding="utf-8", newline="") as file:
        rows = []
        for row in csv.DictReader(file):
            codes = " ".join(
                f"{column}={code}" for column, code in row.items() if column not in FACTS and code
            )
            rows.append((spelled(row["tag"]), *(row[fact] for fact in FACTS[1:]), codes))
    rows.sort()
    header = ("tag", "name", "keyword", "retired", "in_standard_iod", "basic", "options")
    write_csv(output / "ps315_table_e1_1.csv", header, rows)


def make_safe_private(source: Path, output: Path) -> None:
    """Write Table E.3.10-1, sorted by creator and tag."""
    with source.open(encoding="utf-8", newline="") as file:
        rows = []
        for row in csv.DictReader(file):
            meaning = " ".join(row["meaning"].split())
            rows.append((row["private_creator"].strip(), f"({row['tag']})", row["vr"], row["vm"], meaning))
    rows.sort()
    write_csv(output / "ps315_safe_private.csv", ("creator", "tag", "vr", "vm", "meaning"), rows)


def main() -> None:
    """Parse the arguments and write every file."""
    parser = argparse.ArgumentParser(description="Make the data files of orthanc_deid/standard.")
    parser.add_argument("folder", type=Path, nargs="?", default=REPOSITORY.parent / "shared" / "standard")
    parser.add_argument("--output", type=Path, default=PACKAGE)
    arguments = parser.parse_args()
    make_table(arguments.folder / "ps315_table_e1_1.csv", arguments.output)
    make_safe_private(arguments.folder / "ps315_safe_private.csv", arguments.output)
    make_types(arguments.output)
    make_reviews(PACKAGE, arguments.output)


if __name__ == "__main__":
    main()
