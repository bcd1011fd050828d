"""All tables of the standard and of this project under one name; each is read once, on first use."""

from __future__ import annotations

from orthanc_deid.standard.attribute_types import (
    CompositeIod,
    Type,
    TypeContext,
    iod_for,
    reference_sequences,
    unknown_types,
)
from orthanc_deid.standard.confidentiality_rows import (
    ConfidentialityRow,
    all_rows,
    private_row,
    row_for,
    structured_content,
)
from orthanc_deid.standard.device_boxes import DeviceBox, device_boxes
from orthanc_deid.standard.geometry import decay_times, geometry_units
from orthanc_deid.standard.private_attributes import (
    SafePrivate,
    all_safe_private,
    epoch_seconds,
    private_samples,
    safe_creators,
    safe_private,
    tile_counts,
)
from orthanc_deid.standard.reviews import (
    BurnedIn,
    OnlyValue,
    RegisteredUids,
    burned_in,
    class_uid_tags,
    defined_terms,
    faceless_body_parts,
    identity_kinds,
    identity_sequences,
    image_data_tags,
    kept_text_tags,
    modality_sop_class,
    only_values,
    registered_uids,
    structural_terms,
    structure_label_tags,
)

__all__ = [
    "BurnedIn",
    "CompositeIod",
    "ConfidentialityRow",
    "DeviceBox",
    "OnlyValue",
    "RegisteredUids",
    "SafePrivate",
    "Type",
    "TypeContext",
    "all_rows",
    "all_safe_private",
    "burned_in",
    "class_uid_tags",
    "decay_times",
    "defined_terms",
    "device_boxes",
    "epoch_seconds",
    "faceless_body_parts",
    "geometry_units",
    "identity_kinds",
    "identity_sequences",
    "image_data_tags",
    "iod_for",
    "kept_text_tags",
    "modality_sop_class",
    "only_values",
    "private_row",
    "private_samples",
    "reference_sequences",
    "registered_uids",
    "row_for",
    "safe_creators",
    "safe_private",
    "structural_terms",
    "structure_label_tags",
    "structured_content",
    "tile_counts",
    "unknown_types",
]
