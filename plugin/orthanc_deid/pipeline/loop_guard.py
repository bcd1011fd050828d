"""Detect our own outputs when Orthanc receives them again, by SOP Instance UID and content.

No attribute that a sender could set takes part. An output may come back with another file meta information (every
writer of a file adds its own) and with its data set encoded in another way: C-STORE sends sequences with defined
lengths, and a receiver may transcode. So different bytes are compared by content as far as that goes. An instance
with a SOP Instance UID of ours and other content is neither processed nor trusted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable

from orthanc_deid.dicom.file_meta import file_head
from orthanc_deid.dicom.part10 import Encoded, locate
from orthanc_deid.dicom.partial_file import Data, whole
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import SOP_CLASS_UID, SOP_INSTANCE_UID
from orthanc_deid.dicom.top_level_values import top_level_value
from orthanc_deid.errors import LostError, RefusedError, RejectedError, VerificationError
from orthanc_deid.pipeline.process import Processed, Withheld
from orthanc_deid.pipeline.tasks import OwnOutput, Task

_ROOT = re.compile(r"2\.25\.([0-9]{1,39})")


class LoopGuard:
    """Recognizes fetched instances that are outputs of this plugin.

    `fetch` and `process` make an output again for a comparison. `known` returns whether an output of ours has a
    SOP Instance UID; without it only `Task.own` counts.
    """

    def __init__(
        self,
        fetch: Callable[[str], Data],
        process: Callable[[str, Data], Processed | Withheld],
        known: Callable[[str], bool] | None,
    ) -> None:
        self._fetch = fetch
        self._process = process
        self._known = known

    def judge(self, task: Task, fetched: Data) -> bool | None:
        """Return True for an unchanged output of ours, False for a changed one, None for any other instance.

        Raises SourceError where the comparison needs the original and it cannot be fetched now.
        """
        if not task.own:
            return False if self._known is not None and _has_our_uid(whole(fetched), self._known) else None
        data = whole(fetched)
        digest = source_md5(data)
        if any(own.md5 == digest for own in task.own):
            return True
        others = [own for own in task.own if own.source != task.instance]
        if not others:
            return None  # the profile keeps all identifiers: this is the original itself
        return _md5_under_our_meta(data) in {own.md5 for own in others} or self._equals_one_of(others, data)

    def _equals_one_of(self, outputs: Iterable[OwnOutput], data: Buffer) -> bool:
        """Whether one of these outputs, made once more from its original, has the content of `data`."""
        # Imported only here, because it is seldom needed and loads pydicom's decoders.
        from orthanc_deid.stores.same_content import same_content

        for own in outputs:
            try:
                again = self._process(own.profile, self._fetch(own.source))
                if isinstance(again, Withheld) or again.verified.md5() != own.md5:
                    continue
                if same_content(again.verified.output, bytes(data)):
                    return True
            except (LostError, KeyError, RefusedError, VerificationError, RejectedError):
                continue  # the output cannot be made again, or the two cannot be compared
        return False


def _has_our_uid(data: Buffer, known: Callable[[str], bool]) -> bool:
    """Whether an output of ours has this SOP Instance UID, though in another patient, study or series."""
    try:
        uid = top_level_value(locate(data), SOP_INSTANCE_UID) or ""
    except RefusedError:
        return False  # the engine refuses it as well
    return _is_of_our_form(uid) and known(uid)


def source_md5(data: Data) -> str:
    """Return the MD5 of an instance's bytes as Orthanc gives it: lower-case hexadecimal."""
    return hashlib.md5(whole(data), usedforsecurity=False).hexdigest()


def _md5_under_our_meta(data: Buffer) -> str:
    """Return the MD5 that the data set would have below a file meta information of ours."""
    try:
        encoded: Encoded = locate(data)
    except RefusedError:
        return ""
    sop_class, sop_instance = (
        top_level_value(encoded, SOP_CLASS_UID) or "",
        top_level_value(encoded, SOP_INSTANCE_UID) or "",
    )
    head = file_head(sop_class, sop_instance, encoded.transfer_syntax)
    digest = hashlib.md5(head, usedforsecurity=False)
    digest.update(memoryview(data)[encoded.start : encoded.end])
    return digest.hexdigest()


def _is_of_our_form(uid: str) -> bool:
    """Whether a UID is `2.25.` and a UUID of version 8, as all of ours are (PS3.5 B.2); few others are."""
    found = _ROOT.fullmatch(uid)
    return found is not None and int(found[1]) >> 76 & 0xF == 8
