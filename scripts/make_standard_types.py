"""Write `attribute_types.json`, `iods.json` and `sop_classes.csv` from highdicom's tables of PS3.3.

highdicom lists 99,740 attributes of modules, each with its path of sequences. Here a module is a tree of levels
without Type 3 leaves (an attribute that a known level does not name is Type 3), and equal levels are stored once.
"""

from __future__ import annotations

import csv
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydicom._dicom_dict import RepeatersDictionary
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.uid import UID_dictionary

# Words of an IOD's name that are not written like other words.
CAPITALS = "B CAD CDA CT ECG MPR MR MTL OBJ LUT PDF PET RT SR STL US VL XA XRF"
SMALL = "and en for of to"
HYPHENS = (
    ("X Ray", "X-Ray"),
    ("Multi Frame", "Multi-frame"),
    ("C Arm", "C-arm"),
    (" Bit", "-bit"),
    (" Lead", "-lead"),
)
SPELLINGS = {word.lower(): word for word in f"{CAPITALS} {SMALL} 3D".split(" ")}
# Classes newer than pydicom's UID dictionary whose IOD is shared with another class.
NEW_CLASSES = {"1.2.840.10008.5.1.4.1.1.66.7": "Label Map Segmentation Storage"}
Level = dict[str, Any]  # keyword -> [Type, level inside its items]


def standard_folder() -> Path:
    """Return the folder of highdicom's JSON files without importing highdicom."""
    spec = find_spec("highdicom")
    if spec is None or spec.origin is None:
        raise SystemExit("highdicom is not installed: it is the source of the attribute Types")
    return Path(spec.origin).parent / "_standard"


def repeating_group_tags() -> dict[str, int]:
    """Return keyword -> tag in the first group, for the attributes of repeating groups such as 60xx."""
    return {
        entry[4]: int(mask.replace("x", "0"), 16) for mask, entry in RepeatersDictionary.items() if entry[4]
    }


REPEATING = repeating_group_tags()


def tag_of(keyword: str) -> int:
    """Return the tag of `keyword`. Raises KeyError if the data dictionary lacks it."""
    tag = tag_for_keyword(keyword)
    return REPEATING[keyword] if tag is None else tag


def is_sequence(tag: int) -> bool:
    """Return whether the data dictionary's VR of `tag` is SQ."""
    return dictionary_VR(tag) == "SQ"


def tree(attributes: list[dict[str, Any]]) -> Level:
    """Return a module's attributes as nested levels, independent of their order."""
    root: Level = {}
    for attribute in attributes:
        level = root
        for keyword in attribute["path"]:
            level = level.setdefault(keyword, ["3", {}])[1]
        # highdicom writes None where the standard's table has no Type column
        kind = "3" if attribute["type"] == "None" else attribute["type"]
        level.setdefault(attribute["keyword"], ["3", {}])[0] = kind
    return root


class Nodes:
    """Levels stored once each: a line `GGGGEEEE Type [level]` per attribute, sorted by tag."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, ...], int] = {}

    def add(self, level: Level) -> int:
        """Store `level` and everything inside it; return its number."""
        lines = []
        for keyword, (kind, inside) in level.items():
            tag = tag_of(keyword)
            if is_sequence(tag):
                # A sequence that lists no content of its own (recursive, or open to any attribute) names no level.
                lines.append(f"{tag:08X} {kind} {self.add(inside)}" if inside else f"{tag:08X} {kind}")
            elif kind != "3":
                lines.append(f"{tag:08X} {kind}")
        return self.numbers.setdefault(tuple(sorted(lines)), len(self.numbers))


def iod_name(key: str) -> str:
    """Return `CT Image` for highdicom's `ct-image`."""
    name = " ".join(SPELLINGS.get(word, word.capitalize()) for word in key.split("-"))
    for apart, joined in HYPHENS:
        name = name.replace(apart, joined)
    return name


def lines_json(document: dict[str, Any]) -> str:
    """Return `document` as JSON with one line per entry of each of its members, so that diffs are readable."""
    parts = []
    for name, member in document.items():
        if isinstance(member, dict):
            entries = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in member.items()]
            parts.append(f'"{name}": {{\n' + ",\n".join(entries) + "\n}")
        else:
            parts.append(f'"{name}": [\n' + ",\n".join(json.dumps(value) for value in member) + "\n]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def make_types(output: Path) -> None:
    """Write the three files into `output`."""
    folder = standard_folder()
    modules = json.loads((folder / "module_attribute_map.json").read_text())
    iods = json.loads((folder / "iod_module_map.json").read_text())
    classes = json.loads((folder / "sop_class_iod_map.json").read_text())

    used = sorted({entry["key"] for entries in iods.values() for entry in entries})
    nodes = Nodes()
    roots = {key: nodes.add(tree(modules[key])) for key in used if key in modules}
    document = {"levels": [",".join(lines) for lines in nodes.numbers], "modules": roots}
    (output / "attribute_types.json").write_text(lines_json(document), encoding="utf-8")

    table = {}
    for key in sorted(iods):
        named = [entry["key"] for entry in iods[key]]
        table[key] = {
            "name": iod_name(key),
            "modules": [module for module in named if module in roots],
        }
        if missing := [module for module in named if module not in roots]:
            table[key]["missing"] = missing
    (output / "iods.json").write_text(lines_json({"iods": table}), encoding="utf-8")

    with (output / "sop_classes.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("sop_class_uid", "iod", "name"))
        for uid in sorted(classes, key=lambda text: [int(part) for part in text.split(".")]):
            known = NEW_CLASSES.get(uid, f"{iod_name(classes[uid])} Storage")
            name = UID_dictionary[uid][0] if uid in UID_dictionary else known
            writer.writerow((uid, classes[uid], name))
