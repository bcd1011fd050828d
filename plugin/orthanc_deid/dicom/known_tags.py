"""Tags in reasons about an encoding that cannot be read."""

from __future__ import annotations

from pydicom.datadict import dictionary_has_tag, repeater_has_tag

from orthanc_deid.dicom.tags import format_tag


def tag_if_known(tag: int) -> str:
    """Return `format_tag` of a tag that PS3.6 lists, else nothing.

    For reasons about an encoding that cannot be read: there the bytes of a text may be taken for a tag.
    """
    return format_tag(tag) if dictionary_has_tag(tag) or repeater_has_tag(tag) else ""
