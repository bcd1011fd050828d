"""Which instances a patient, a study, a series or an instance is made of, from Orthanc's index."""

from __future__ import annotations

import re

from orthanc_deid.host.gateway import Gateway

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{8}){4}")

CHILDREN = {
    "patients": ("Studies", "studies"),
    "studies": ("Series", "series"),
    "series": ("Instances", "instances"),
}
"""Level -> the key of its children, and their level."""


def instances_of(gateway: Gateway, level: str, resource: str) -> list[str] | None:
    """Return the Orthanc ids of all instances of a resource; None where Orthanc does not hold it."""
    if not _ID.fullmatch(resource):
        return None
    content = gateway.get_json(f"/{level}/{resource}")
    if not isinstance(content, dict):
        return None
    if level == "instances":
        return [resource]
    key, below = CHILDREN[level]
    if below == "instances":
        return list(content[key])
    found = [instances_of(gateway, below, child) for child in content[key]]
    # A child that is None was deleted since its parent was read.
    return [instance for instances in found if instances is not None for instance in instances]


def first_of_each_series(gateway: Gateway, level: str, resource: str, most: int) -> list[str] | None:
    """Return an instance of each of the first `most` series of a resource; None where Orthanc does not hold it."""
    if not _ID.fullmatch(resource):
        return None
    content = gateway.get_json(f"/{level}/{resource}")
    if not isinstance(content, dict):
        return None
    if level == "instances":
        return [resource]
    key, below = CHILDREN[level]
    if below == "instances":
        return sorted(content[key])[:1]
    found: list[str] = []
    for child in content[key]:
        found += first_of_each_series(gateway, below, child, most - len(found)) or []
        if len(found) >= most:
            break
    return found


def study_of(gateway: Gateway, instance: str) -> str | None:
    """Return the Orthanc id of an instance's study; None where Orthanc no longer holds it."""
    content = gateway.get_json(f"/instances/{instance}/study")
    return content.get("ID") if isinstance(content, dict) else None
