"""The cached walks of both files with the tables of one top level, kept between instances."""

from __future__ import annotations

from dataclasses import dataclass

from orthanc_deid.dicom.elements import MalformedError
from orthanc_deid.dicom.slices import Buffer
from orthanc_deid.dicom.tags import SPECIFIC_CHARACTER_SET
from orthanc_deid.dicom.walk_cache import WalkCache
from orthanc_deid.errors import RefusedError
from orthanc_deid.verify.fast.changed_words import Words, WordTable, words_in
from orthanc_deid.verify.fast.fast_reading import FastTable, UndecidedError
from orthanc_deid.verify.reading.instance import Instance
from orthanc_deid.verify.rules.element_rules import LevelRules
from orthanc_deid.verify.rules.sample_rules import IMAGE_SIZE_TAGS


@dataclass(slots=True)
class WalkCaches:
    """The walks of one of the two files, by whether its encoding is explicit.

    `noted`: with `FastTable`. `words`: with `WordTable`.
    """

    noted: dict[bool, WalkCache]
    words: dict[bool, WalkCache]

    @classmethod
    def of(cls, top: LevelRules, asked: frozenset[int], *, output: bool) -> WalkCaches:
        """Return empty caches; `asked` are noted in any case."""
        asked = asked | {SPECIFIC_CHARACTER_SET, *IMAGE_SIZE_TAGS}
        return cls(
            *(
                {
                    explicit: WalkCache(
                        table(top, asked, explicit=explicit, output=output), explicit=explicit
                    )
                    for explicit in (False, True)
                }
                for table in (FastTable, WordTable)
            )
        )

    def read_words(self, found: Instance, buffer: Buffer) -> Words:
        """Return the kept texts of a located instance; `buffer` as for `read_fast`. Raises UndecidedError."""
        walk = self.words[found.encoding.explicit].walk
        try:
            return words_in(buffer, walk(buffer, found.start, len(found.slices)))
        except (MalformedError, RefusedError):
            raise UndecidedError from None
