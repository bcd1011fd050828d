"""The analysis of identifying attributes as a model: the numbers of `orthanc-deid analyze` and of the analysis route.

An attribute is identifying by each of three definitions:

- `Table`: it has a Basic Profile action in PS3.15 Table E.1-1;
- `TableOrPrivate`: that, or it is private;
- `TableOrPrivateOrVr`: that, or its VR can hold identity (PN DA DT TM LO SH ST LT UT UC UI).

Shares are given in two units: distinct attributes, and their occurrences (elements).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import keyword_for_tag

from orthanc_deid.report.analysis.attribute_counts import Attribute, AttributeCounts, InstanceGroup
from orthanc_deid.report.run.report_model import Count, Part
from orthanc_deid.standard.tables import row_for

IDENTITY_VRS = frozenset({"PN", "DA", "DT", "TM", "LO", "SH", "ST", "LT", "UT", "UC", "UI"})
ARTICLE = 0.60
"""The share of identifying attributes that the article found."""

UNLISTED = "unlisted creator"


class Shares(Part):
    """The share of identifying attributes by each of the three definitions, between 0 and 1."""

    table: float
    table_or_private: float
    table_or_private_or_vr: float


class Scope(Part):
    """The numbers of all instances, or of the instances of one IOD, modality or manufacturer."""

    kind: str
    """all, IOD, modality or manufacturer"""
    name: str
    instances: int
    suspected: int
    """Instances whose images are suspected of burned-in text."""
    attributes: int
    """Distinct attributes."""
    occurrences: int
    """Elements, at every depth."""
    by_attribute: Shares
    by_occurrence: Shares


class AttributeLine(Part):
    """One attribute that occurs, and the reasons why it can carry identity."""

    tag: str
    """As PS3.6 writes it; private: `(gggg,xxee)` with the element's low byte, creators `(gggg,00xx)`."""
    keyword: str
    creator: str
    """A published private creator; others are numbered, because their names may be anything."""
    vr: str
    files: int
    occurrences: int
    basic_code: str
    """Basic Profile action in Table E.1-1; empty where it has no row."""
    private: bool
    identity_vr: bool
    """Whether the VR can hold identity."""


class Analysis(Part):
    """The attributes of a folder or a resource, and which of them can carry identity. It holds no element values."""

    version: str
    files: int
    instances: int
    not_dicom: int
    unreadable: tuple[Count, ...]
    """Files that could not be read as an instance, by rule."""
    suspected: tuple[Count, ...]
    """Instances suspected of burned-in text, by reason."""
    scopes: tuple[Scope, ...]
    attributes: tuple[AttributeLine, ...]

    def of(self, kind: str) -> tuple[Scope, ...]:
        """Return the scopes of one kind, the most frequent first."""
        return tuple(scope for scope in self.scopes if scope.kind == kind)


def analysis(
    version: str,
    groups: Mapping[InstanceGroup, AttributeCounts],
    files: int,
    not_dicom: int,
    unreadable: Mapping[str, int],
) -> Analysis:
    """Return the analysis of counts by group."""
    whole = merged(groups.values())
    scopes = [scope("all", "", whole)]
    for kind, name_of in _KINDS.items():
        scopes += _scopes(kind, name_of, groups)
    return Analysis(
        version=version,
        files=files,
        instances=whole.instances,
        not_dicom=not_dicom,
        unreadable=_named(unreadable),
        suspected=_named(whole.suspected),
        scopes=tuple(scopes),
        attributes=tuple(_lines(whole)),
    )


def merged(counts: Iterable[AttributeCounts]) -> AttributeCounts:
    """Return the sum of some counts."""
    total = AttributeCounts()
    for each in counts:
        total.add(each)
    return total


def sop_class_name(sop_class: str) -> str:
    """Return the name of a SOP class that PS3.6 registers; of any other a fixed text, without its UID."""
    return UID_dictionary.get(sop_class, ("",))[0] or "private or unknown SOP class"


_KINDS: Mapping[str, Callable[[InstanceGroup], str]] = {
    "IOD": lambda group: sop_class_name(group.sop_class),
    "modality": lambda group: group.modality,
    "manufacturer": lambda group: group.manufacturer,
}


def _scopes(
    kind: str, name_of: Callable[[InstanceGroup], str], groups: Mapping[InstanceGroup, AttributeCounts]
) -> list[Scope]:
    by_name: dict[str, AttributeCounts] = {}
    for group, counts in groups.items():
        by_name.setdefault(name_of(group), AttributeCounts()).add(counts)
    found = [scope(kind, name, counts) for name, counts in by_name.items()]
    return sorted(found, key=lambda each: (-each.instances, each.name))


def scope(kind: str, name: str, counts: AttributeCounts) -> Scope:
    """Return the numbers of some counts."""
    once = dict.fromkeys(counts.occurrences, 1)
    return Scope(
        kind=kind,
        name=name,
        instances=counts.instances,
        suspected=sum(counts.suspected.values()),
        attributes=len(once),
        occurrences=sum(counts.occurrences.values()),
        by_attribute=_shares(once, counts.vrs),
        by_occurrence=_shares(counts.occurrences, counts.vrs),
    )


def _shares(weights: Mapping[Attribute, int], vrs: Mapping[Attribute, str]) -> Shares:
    whole = sum(weights.values()) or 1
    sums = [0, 0, 0]
    for attribute, weight in weights.items():
        listed = not attribute.is_private and row_for(attribute.tag) is not None
        for place, identifying in enumerate(
            (
                listed,
                listed or attribute.is_private,
                listed or attribute.is_private or vrs[attribute] in IDENTITY_VRS,
            )
        ):
            sums[place] += weight * identifying
    table, private, by_vr = (each / whole for each in sums)
    return Shares(table=table, table_or_private=private, table_or_private_or_vr=by_vr)


def _lines(counts: AttributeCounts) -> Iterable[AttributeLine]:
    creators = sorted({each.creator for each in counts.files if each.creator.startswith("?")})
    numbered = {name: f"{UNLISTED} {number}" for number, name in enumerate(creators, 1)}
    for attribute in sorted(counts.files):
        row = None if attribute.is_private else row_for(attribute.tag)
        yield AttributeLine(
            tag=_written(attribute),
            keyword=keyword_for_tag(attribute.tag) if not attribute.is_private else "",
            creator=numbered.get(attribute.creator, attribute.creator),
            vr=counts.vrs[attribute],
            files=counts.files[attribute],
            occurrences=counts.occurrences[attribute],
            basic_code=row.basic if row else "",
            private=attribute.is_private,
            identity_vr=counts.vrs[attribute] in IDENTITY_VRS,
        )


def _written(attribute: Attribute) -> str:
    group, element = attribute.tag >> 16, attribute.tag & 0xFFFF
    if attribute.is_private:
        return f"({group:04X},00xx)" if element == 0x10 else f"({group:04X},xx{element & 0xFF:02X})"
    if group >> 8 in (0x50, 0x60):
        return f"({group >> 8:02X}xx,{element:04X})"
    return f"({group:04X},{element:04X})"


def _named(counts: Mapping[str, int]) -> tuple[Count, ...]:
    found = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Count(name=name, count=number) for name, number in found)
