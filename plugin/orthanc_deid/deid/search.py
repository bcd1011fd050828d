"""Kept texts, searched for the instance's identifying values once they are all known (`profile/RULES.md`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from orthanc_deid.deid.identity import Identity
from orthanc_deid.deid.plan import Step
from orthanc_deid.dicom import charset
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.standard.tables import defined_terms


@dataclass(slots=True)
class KeptText:
    """A kept text, waiting for the one search of them all. `place`: the one kept free for it among the edits."""

    place: int
    start: int
    value: int
    end: int
    step: Step
    terms: tuple[str, ...]

    def text(self, buffer: Buffer) -> str | None:
        """Return the text; None where its character set does not allow the bytes, so that nobody can vouch for it."""
        try:
            return charset.decode(bytes(buffer[self.value : self.end]), self.terms)
        except UnicodeDecodeError:
            return None


def identifying(kept: list[KeptText], buffer: Buffer, identity: Identity) -> Iterator[KeptText]:
    """Yield the texts that may not stay: searched all at once, and one by one where there is a hit."""
    texts = [each.text(buffer) for each in kept]
    hit = identity.finds("\0".join(text for text in texts if text is not None))
    if not hit and None not in texts:
        return
    for each, text in zip(kept, texts, strict=True):
        if text is None or (hit and identity.finds(_searched_part(each, text))):
            yield each


def _searched_part(each: KeptText, text: str) -> str:
    """Return what counts of a text, value by value: of a CS only those that are no defined terms of the standard."""
    parts = text.split("\\")
    if each.step.vr == "CS":
        parts = [part for part in parts if part.strip() not in defined_terms()]
    return "\0".join(parts)
