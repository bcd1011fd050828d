"""Resources in the index of Orthanc: the instances of a patient, study or series."""

from __future__ import annotations

from orthanc_deid.host.gateway import Gateway
from orthanc_deid.orthanc.ids import is_orthanc_id

CHILDREN = {
    "patients": ("Studies", "studies"),
    "studies": ("Series", "series"),
    "series": ("Instances", "instances"),
}
"""Level -> (key of its children in the JSON of the resource, level of the children)."""


def instances_of(gateway: Gateway, level: str, resource: str) -> list[str] | None:
    """Return the Orthanc ids of all instances of a resource; None if Orthanc does not hold it."""
    if not is_orthanc_id(resource):
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
    # None: the child was deleted after its parent was read.
    return [instance for instances in found if instances is not None for instance in instances]


def first_of_each_series(gateway: Gateway, level: str, resource: str, most: int) -> list[str] | None:
    """Return one instance of each of the first `most` series; None if Orthanc does not hold the resource."""
    if not is_orthanc_id(resource):
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
    """Return the Orthanc id of the study of an instance; None if Orthanc no longer holds it."""
    content = gateway.get_json(f"/instances/{instance}/study")
    return content.get("ID") if isinstance(content, dict) else None
