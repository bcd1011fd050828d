"""Errors in reading and writing: the walker, the character sets, re-encoding, lengths, file meta."""

from __future__ import annotations

from pydicom.uid import ExplicitVRBigEndian

from faults.mutation_originals import (
    ANATOMIC_REGION,
    CHARACTER_SET,
    CYRILLIC,
    DESCRIPTION,
    LATIN_1,
    OPERATOR,
    THAI,
    code_item,
    ct,
    phantom,
)
from faults.mutations import Mutation, code
from faults.mutations_of_rules import BASIC, NEUTRAL, RESEARCH
from orthanc_deid.deid.changes import Changes
from orthanc_deid.deid.edits import Edits
from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.deid.prescan import _read_each
from orthanc_deid.dicom import character_sets, code_extensions, file_meta, reencode
from orthanc_deid.dicom.walker import _Walk
from support.data.datasets import Form
from support.data.hand_made import encoded, original

RUN = _Walk.run
PLATE = 0x00181004
GENITIVE = "ядро для Черёмухина"
UNDEFINED = Form(open_sequences=True, open_items=True)
DESCEND = "if op == descend or (op == descend_un and length == UNDEFINED):"

WALKER = (
    Mutation(
        "walks the first level of sequences only",
        code(
            RUN, (DESCEND, "if (op == descend and not stack) or (op == descend_un and length == UNDEFINED):")
        ),
        ct((ANATOMIC_REGION, "SQ", [code_item(phantom(code_item((OPERATOR, "PN", "TARN^INES"))))])),
        BASIC,
        "(0008,2218)[0].(0018,9346)[0].(0008,1070)",
    ),
    Mutation(
        "skips sequences of undefined length",
        code(
            RUN,
            (
                DESCEND,
                "if (op == descend and length != UNDEFINED) or (op == descend_un and length == UNDEFINED):",
            ),
        ),
        ct(form=UNDEFINED),
        BASIC,
        "(0008,2218)[0].(0008,1070)",
    ),
    Mutation(
        "reads the first item of a sequence only",
        code(RUN, ("last, table = -1, child", "last, table = -1, child if items < 2 else SKIP_EXPLICIT")),
        ct(),
        BASIC,
        "(0008,2218)[1].(0008,1070)",
        fast=False,
    ),
    Mutation(
        "skips the element after a sequence",
        code(
            RUN,
            (
                "if explicit != was_explicit:",
                "pos += 0 if stack else 8 + head(buffer, pos)[1]\n        if explicit != was_explicit:",
            ),
        ),
        ct((0x00189347, "LO", "Kestrelmoor phantom")),
        BASIC,
        "(0018,9347)",
    ),
    Mutation(
        "does not drop elements at the end of an item",
        code(
            RUN,
            (
                "tag_if_known(last))\n        if gone >= 0:",
                "tag_if_known(last))\n        gone = -1 if stack else gone\n        if gone >= 0:",
            ),
        ),
        ct(),
        BASIC,
        "not removed (0008,2218)[0].(0010,1030)",
    ),
)

CHARACTER_SETS = (
    Mutation(
        "reads ISO_IR 166 as Latin-1",
        code(code_extensions.upper_codec, ("return next(", 'return "latin_1" or next(')),
        ct(charset=THAI, name="มยรา^ก", station="หลมยรา"),
        NEUTRAL,
        "person found (0008,1010)",
    ),
    Mutation(
        "makes the pseudonym of a name that it reads as Latin-1",
        code(code_extensions.upper_codec, ("return next(", 'return "latin_1" or next(')),
        ct((0x00100020, "LO", ""), charset=CYRILLIC),
        NEUTRAL,
        "pseudonyms: no pseudonym value (0010,0020)",
    ),
    Mutation(
        "ignores escape sequences",
        code(character_sets.decode, ("if _ESCAPE not in raw:\n", "if True:\n")),
        ct(
            (CHARACTER_SET, "CS", "ISO 2022 IR 100\\ISO 2022 IR 166"),
            name=b"\x1b-T" + "มยรา".encode("iso8859_11") + b"^x",
            station=b"\x1b-T" + "หลมยรา".encode("iso8859_11"),
        ),
        NEUTRAL,
        "person found (0008,1010)",
    ),
    Mutation(
        "ignores all character sets but the first",
        code(character_sets.parse, ('raw.split(b"\\\\")', 'raw.split(b"\\\\")[:1]')),
        ct((CHARACTER_SET, "CS", "ISO_IR 100\\ISO 2022 IR 144"), charset=LATIN_1, name="Wexler^Ottilie"),
        NEUTRAL,
        "no character set value (0008,0005)",
    ),
    Mutation(
        "writes UTF-8 under any declared character set",
        code(character_sets._encode, ("text.encode(codecs[0])", 'text.encode("utf-8")')),
        ct((DESCRIPTION, "LO", "ОГК прямая проекция, Черёмухин".encode("iso8859_5")), charset=CYRILLIC),
        RESEARCH,
        "no cleaned value (0008,1030)",
    ),
    Mutation(
        "gathers names in items by the character set around them",
        code(
            _read_each,
            (
                "terms = _read_uncached(prescan, buffer, (value, end), step, terms)",
                "terms = _read_uncached(prescan, buffer, (value, end), step, terms) if not outer else terms",
            ),
        ),
        ct(
            phantom(
                [
                    (CHARACTER_SET, "CS", THAI),
                    *code_item(),
                    (OPERATOR, "PN", "มานี^ก".encode("iso8859_11")),
                ]
            ),
            station="นางมานี",
        ),
        NEUTRAL,
        "person found (0008,1010)",
    ),
    Mutation(
        "continues in the character set of the item that it left",
        code(
            Changes._leave_item,
            ("self._terms, self._item_start = self._outer.pop()", "_, self._item_start = self._outer.pop()"),
        ),
        ct(
            (ANATOMIC_REGION, "SQ", [[(CHARACTER_SET, "CS", CYRILLIC), *code_item()]]),
            (PLATE, "LO", "นางมานี".encode("iso8859_11")),
            charset=THAI,
            name="มานี^ก",
        ),
        RESEARCH,
        "person found (0018,1004)",
    ),
)

WRITING = (
    Mutation(
        "does not swap big endian samples",
        code(
            reencode._Reader._swap_samples,
            ("= _swapped(memoryview(pixels.value), _WORD.get(pixels.vr, 1))", "= pixels.value"),
        ),
        encoded(original(BitsStored=16, HighBit=15), ExplicitVRBigEndian),
        BASIC,
        "not kept as it was (7FE0,0010)",
    ),
    Mutation(
        "does not update the length of a sequence",
        code(Edits.assemble, ("length + growth - before", "length")),
        ct(),
        BASIC,
        "output: ",
    ),
    Mutation(
        "changes the last pixel",
        code(
            Edits.assemble,
            (
                "return [",
                "runs[-1][-1] = (last := bytes(runs[-1][-1]))[:-2] + bytes([last[-2] ^ 1]) + last[-1:]; return [",
            ),
        ),
        ct(),
        NEUTRAL,
        "not kept as it was (7FE0,0010)",
    ),
    Mutation(
        "keeps the file meta information of the sender",
        code(
            Deidentifier._changed,
            (
                "head = file_head(sop_class_uid, changes.sop_instance_uid, encoded.transfer_syntax)",
                "head = bytes(encoded.buffer[:encoded.start])",
            ),
        ),
        ct(),
        NEUTRAL,
        "PS3.10 7.1: file meta information incomplete or with more than it needs (0002,0016)",
    ),
    Mutation(
        "names the sender's AE title",
        code(
            file_meta._around,
            (
                '"SH", _VERSION_NAME.encode())',
                '"SH", _VERSION_NAME.encode()) + encode_short(0x00020016, "AE", b"KESTREL_CT")',
            ),
        ),
        ct(),
        NEUTRAL,
        "(0002,0016)",
    ),
    Mutation(
        "names the instance in the file meta by its old UID",
        code(Changes._uid, ('self.sop_instance_uid = new.rstrip(b"\\0").decode("latin-1")', "pass")),
        ct(),
        NEUTRAL,
        "PS3.10 7.1: wrong value or encoding (0002,0003)",
    ),
    Mutation(
        "keeps the preamble",
        code(file_meta.file_head, ("return PREAMBLE +", 'return b"II*\\0" + PREAMBLE[4:] +')),
        ct(preamble=b"II*\0" + bytes(124)),
        NEUTRAL,
        "PS3.10 7.1: preamble not zeroed",
    ),
)

READING = (*WALKER, *CHARACTER_SETS, *WRITING)
