"""The preview of one instance: every changed element with its value before and after, action and rule.

It contains the instance's values, so it is shown only to users who may see the instance, and is never logged.
"""

from __future__ import annotations

import io
import warnings
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from pydicom import config
from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset

from orthanc_deid.deid.element_steps import ElementStep
from orthanc_deid.deid.engine import Deidentified, Deidentifier
from orthanc_deid.deid.missing_uids import DERIVED, FROM_FILE_META
from orthanc_deid.dicom.part10 import DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, Encoded, locate
from orthanc_deid.dicom.reencode import inflate, rewrite
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import (
    CONTRIBUTING_EQUIPMENT_SEQUENCE,
    PATIENT_ID,
    PATIENT_NAME,
    SERIES_INSTANCE_UID,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
    ElementPath,
    is_private,
)
from orthanc_deid.errors import RefusedError
from orthanc_deid.profile.compile import STAMPS

_WORDS = {
    PATIENT_NAME: "pseudonym",
    PATIENT_ID: "pseudonym",
    **dict.fromkeys((SOP_CLASS_UID, SOP_INSTANCE_UID, STUDY_INSTANCE_UID, SERIES_INSTANCE_UID), DERIVED),
}


@dataclass(frozen=True, slots=True)
class ElementChange:
    """One element that differs. `before` and `after` are None where it is missing; `action` empty for additions."""

    path: ElementPath
    name: str
    vr: str
    before: str | None
    after: str | None
    action: str
    rule: str


@dataclass(frozen=True, slots=True)
class Preview:
    """All changes, in the order of the elements, and the result that they are read from."""

    changes: tuple[ElementChange, ...]
    result: Deidentified


def preview(data: Buffer, deidentifier: Deidentifier) -> Preview:
    """De-identify the instance in `data` and return the changes. Raises what `Deidentifier.run` raises."""
    result = deidentifier.run(data)
    with config.disable_value_validation(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before, after = _read(locate(data)), _read(locate(bytes(result.output)))
        rules = _Rules(result.done, result.notes)
        return Preview(tuple(_differences(before, after, (), (), rules)), result)


class _Rules:
    """The rules that the engine carried out, by the tags of a path; several items get theirs in order."""

    def __init__(self, done: tuple[ElementStep, ...], notes: tuple[str, ...]) -> None:
        in_meta = (SOP_CLASS_UID, SOP_INSTANCE_UID) if FROM_FILE_META in notes else ()
        self._words = _WORDS | dict.fromkeys(in_meta, FROM_FILE_META)
        self._steps: dict[tuple[int, ...], deque[ElementStep]] = defaultdict(deque)
        for step in done:
            self._steps[(*step.level.path, step.tag)].append(step)

    def of(self, tags: tuple[int, ...], *, added: bool) -> tuple[str, str]:
        """Return action and rule of the next change of an element at these tags; `added`: the original lacks it."""
        steps = self._steps.get(tags)
        if steps and not (added and len(tags) == 1 and tags[0] in _WORDS):
            step = steps.popleft() if len(steps) > 1 else steps[0]
            return step.rule.action.value, step.rule.name
        if is_private(tags[-1]):
            return "X", "private"
        if len(tags) == 1 and tags[0] in (*STAMPS, CONTRIBUTING_EQUIPMENT_SEQUENCE):
            return "", "stamp"
        return "", self._words.get(tags[-1], "structure")


def _read(encoded: Encoded) -> Dataset:
    if encoded.needs_rewriting:
        deflated = encoded.transfer_syntax == DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
        encoded = inflate(encoded) if deflated else rewrite(encoded)
    body = io.BytesIO(memoryview(encoded.buffer)[encoded.start : encoded.end])
    try:
        return read_dataset(body, not encoded.explicit, is_little_endian=True)
    except Exception as error:  # noqa: BLE001 - pydicom may reject data that the engine accepts
        raise RefusedError(f"no preview: pydicom cannot read it ({type(error).__name__})") from None


def _differences(
    before: Dataset, after: Dataset, path: ElementPath, tags: tuple[int, ...], rules: _Rules
) -> Iterator[ElementChange]:
    olds, news = _values(before), _values(after)
    for tag in sorted(olds.keys() | news.keys()):
        old, new = olds.get(tag), news.get(tag)
        here, here_tags = (*path, int(tag)), (*tags, int(tag))
        # Our item is after the others.
        stamped = here_tags == (CONTRIBUTING_EQUIPMENT_SEQUENCE,) and bool(new)
        if isinstance(old, list) and isinstance(new, list) and len(old) == len(new) - stamped:
            for number, (one, other) in enumerate(zip(old, new, strict=not stamped)):
                yield from _differences(one, other, (*here, number), here_tags, rules)
            old = None if stamped else new
        if old != new:
            action, rule = rules.of(here_tags, added=tag not in olds)
            vr = _vr(before if old is not None else after, tag)
            name = keyword_for_tag(tag) or ("private" if is_private(tag) else "")
            yield ElementChange(here, name, vr, _shown(before, tag), _shown(after, tag), action, rule)


def _values(dataset: Dataset) -> dict[int, list[Dataset] | str | bytes]:
    """Return by tag the value to compare: items, or raw bytes."""
    # All at once, for pydicom decodes some elements for the sake of others and no longer has their bytes then.
    raws = {tag: dataset.get_item(tag) for tag in dataset.keys()}  # noqa: SIM118 - iterating would decode them
    return {int(tag): _value(dataset, tag, raw.value) for tag, raw in raws.items()}


def _value(dataset: Dataset, tag: int, raw: object) -> list[Dataset] | str | bytes:
    element = _element(dataset, tag)
    if isinstance(element, DataElement) and element.VR == "SQ":
        return list(element.value)
    return bytes(raw).rstrip(b" \0") if isinstance(raw, bytes) else str(raw)


def _element(dataset: Dataset, tag: int) -> DataElement | RawDataElement:
    """Return the element, raw where pydicom cannot decode its value."""
    try:
        return dataset[tag]
    except Exception:  # noqa: BLE001 - as numbers of a wrong length
        return dataset.get_item(tag)


def _vr(dataset: Dataset, tag: int) -> str:
    return str(_element(dataset, tag).VR or (dictionary_VR(tag) if dictionary_has_tag(tag) else "UN"))


def _shown(dataset: Dataset, tag: int) -> str | None:
    if tag not in dataset:
        return None
    try:
        element = dataset[tag]
        value = element.value
    except Exception as error:  # noqa: BLE001 - a value that cannot be decoded is shown as that
        return f"(cannot be decoded: {type(error).__name__})"
    if element.VR == "SQ":
        return f"({len(value)} item{'s' * (len(value) != 1)})"
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    if value is None:
        return ""
    many = isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue"
    return "\\".join(map(str, value)) if many else str(value)
