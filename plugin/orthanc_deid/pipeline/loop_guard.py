"""Our own outputs coming back: known by SOP Instance UID and content, never by an attribute that a sender could set.

On its way an output may get another file meta (whoever stores a file writes his own), and a data set that is encoded
in another way: C-STORE sends sequences with defined lengths, and a receiver may transcode. So bytes that differ are
compared as far as they can be. What has a SOP Instance UID of ours and other content is not processed and not
trusted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from typing import Protocol

from orthanc_deid.dicom.file_meta import file_head
from orthanc_deid.dicom.part10 import Encoded, locate
from orthanc_deid.dicom.partial_file import Data, whole
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.top_level_values import peek
from orthanc_deid.errors import LostError, RefusedError, RejectedError, VerificationError
from orthanc_deid.pipeline.tasks import OwnOutput, Task
from orthanc_deid.verify.result import Verified

Procedure = Callable[[Data], Verified]
"""De-identifies and verifies one encoded instance; raises RefusedError or VerificationError."""

_SOP_CLASS, _SOP_INSTANCE = 0x00080016, 0x00080018
_ROOT = re.compile(r"2\.25\.([0-9]{1,39})")


class _Maker(Protocol):
    """What can make an output once more: a pipeline."""

    def fetch(self, instance: str) -> Data: ...
    def procedure(self, profile: str) -> Procedure: ...


class OwnOutputs:
    """Judges fetched instances. `known` says whether one of our outputs has a SOP Instance UID."""

    def __init__(self, maker: _Maker, known: Callable[[str], bool] | None) -> None:
        self._maker = maker
        self._known = known

    def judge(self, task: Task, fetched: Data) -> bool | None:
        """Say whether `fetched` is an output of ours as it was (True), a changed one (False), or none (None).

        Raises SourceError where the original is needed for that and cannot be fetched just now.
        """
        if not task.own:
            return False if self._known is not None and _has_our_uid(whole(fetched), self._known) else None
        data = whole(fetched)
        digest = source_md5(data)
        if any(own.md5 == digest for own in task.own):
            return True
        others = [own for own in task.own if own.source != task.instance]
        if not others:
            return None  # a profile that keeps all identifiers: this is the original itself
        return _md5_under_our_meta(data) in {own.md5 for own in others} or self._made_again(others, data)

    def _made_again(self, outputs: Iterable[OwnOutput], data: Buffer) -> bool:
        """Whether one of these outputs, made once more from its original, has the content of `data`."""
        # Imported where it is needed, which is seldom: it takes pydicom's decoders along.
        from orthanc_deid.stores.same_content import same_content

        for own in outputs:
            try:
                again = self._maker.procedure(own.profile)(self._maker.fetch(own.source))
                if again.md5() == own.md5 and same_content(again.output, bytes(data)):
                    return True
            except (LostError, KeyError, RefusedError, VerificationError, RejectedError):
                continue  # it cannot be made again, or not be compared
        return False


def _has_our_uid(data: Buffer, known: Callable[[str], bool]) -> bool:
    """Whether an output of ours has this SOP Instance UID, though in another patient, study or series."""
    try:
        uid = peek(locate(data), _SOP_INSTANCE) or ""
    except RefusedError:
        return False  # the engine will refuse it, too
    return _is_of_our_form(uid) and known(uid)


def source_md5(data: Data) -> str:
    """Return the MD5 of an instance's bytes, as Orthanc tells it: lower-case hexadecimal."""
    return hashlib.md5(whole(data), usedforsecurity=False).hexdigest()


def _md5_under_our_meta(data: Buffer) -> str:
    """Return the MD5 that the data set would have below a file meta of ours."""
    try:
        encoded: Encoded = locate(data)
    except RefusedError:
        return ""
    sop_class, sop_instance = peek(encoded, _SOP_CLASS) or "", peek(encoded, _SOP_INSTANCE) or ""
    head = file_head(sop_class, sop_instance, encoded.transfer_syntax)
    digest = hashlib.md5(head, usedforsecurity=False)
    digest.update(memoryview(data)[encoded.start : encoded.end])
    return digest.hexdigest()


def _is_of_our_form(uid: str) -> bool:
    """Whether a UID is `2.25.` and a UUID version 8, as all that we make are (PS3.5 B.2): few others are."""
    found = _ROOT.fullmatch(uid)
    return found is not None and int(found[1]) >> 76 & 0xF == 8
