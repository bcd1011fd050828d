"""Errors in texts that stay: those that a profile retains, technical ones, codes."""

from __future__ import annotations

from faults.mutation_originals import ANATOMIC_REGION, STATION, ct
from faults.mutations import Mutation, code
from faults.mutations_of_rules import BASIC, RESEARCH
from orthanc_deid.deid import element_steps, retained_values
from orthanc_deid.deid.text import codes, kept_text
from orthanc_deid.profile.action import Action
from orthanc_deid.profile.compile import Level
from orthanc_deid.profile.model import AttributeRule, Profile
from orthanc_deid.profile.private_rules import PrivateRules

LOCATION = 0x00400011
KEEPING = Profile(name="keeping", attributes=(AttributeRule(attribute="PatientComments", action=Action.K),))

RETAINED = (
    Mutation(
        "does not search the texts that an option retains",
        code(Level._retained, ("vr in vr_kinds.SEARCHED", "vr == 'CS'")),
        ct((STATION, "SH", "CT of Tarn")),
        RESEARCH,
        "person found (0008,1010)",
    ),
    Mutation(
        "does not search the texts that a rule of the site retains",
        code(Level._explicitly, ("else self._retained(tag, vr, name)", "else Rule(action, name)")),
        ct((0x00104000, "LT", "seen by Tarn")),
        KEEPING,
        "person found (0010,4000)",
    ),
    Mutation(
        "takes the location of a device for a place that it may name",
        code(element_steps.retained_kind, ('return "" if', "return kind if")),
        ct((LOCATION, "SH", "Kestrelmoor 2")),
        RESEARCH,
        "place found (0040,0011)",
    ),
    Mutation(
        "does not search a private text that a rule of the site retains",
        code(PrivateRules.rule, ("vr in vr_kinds.SEARCHED", "False")),
        ct((0x00190010, "LO", "KESTREL MR"), (0x00191010, "LO", "by Tarn")),
        Profile(
            name="keeping",
            attributes=(AttributeRule(attribute='(0019,xx10) "KESTREL MR"', action=Action.K),),
        ),
        "person found (0019,1010)",
    ),
)

MODEL, SCAN_OPTIONS, IMAGE_TYPE = 0x00081090, 0x00180022, 0x00080008


def _model(text: str) -> bytes:
    return ct((MODEL, "LO", text))


def _code(value: str, meaning: str) -> bytes:
    item = [(0x00080100, "SH", value), (0x00080102, "SH", "SCT"), (0x00080104, "LO", meaning)]
    return ct((ANATOMIC_REGION, "SQ", [item]))


WORDS = (
    Mutation(
        "keeps unknown words in technical texts",
        code(kept_text._cuts, ("in _unknown_spans(text)", "in ()")),
        _model("Scanner of Zinaida"),
        BASIC,
        "words that no list has (0008,1090)",
    ),
    Mutation(
        "takes terms of several words for single words",
        code(kept_text._is_device_word, ("if folded in words:", "if folded == 'carl' or folded in words:")),
        _model("Scanner Carl"),
        BASIC,
        "words that no list has (0008,1090)",
    ),
    Mutation(
        "keeps long numbers in technical texts",
        code(kept_text._number_spans, ("if _LONG_NUMBER.search(match[0])", "if False")),
        _model("Scanner 4,916555"),
        BASIC,
        "words that no list has (0008,1090)",
    ),
    Mutation(
        "keeps long numbers in groups",
        code(kept_text._number_spans, ("> MOST_JOINED_DIGITS", "> 99")),
        _model("Scanner 79 161 234"),
        BASIC,
        "words that no list has (0008,1090)",
    ),
    Mutation(
        "takes any numbers with dots for a version",
        code(kept_text._is_version, ("<= MOST_VERSION_DIGITS", "<= 99")),
        _model("Scanner 7.9161.2345.678"),
        BASIC,
        "words that no list has (0008,1090)",
    ),
    Mutation(
        "keeps dates in technical texts",
        code(kept_text._cuts, ("for start, end in date_spans(text):", "for start, end in ():")),
        _model("Scanner 23.11.1949"),
        BASIC,
        "words that no list has (0008,1090)",
    ),
    Mutation(
        "believes that all kept texts are made of known words",
        code(retained_values._all_kept, ("kept(value, oldest) == value", "True")),
        _model("Scanner of Zinaida"),
        BASIC,
        "words that no list has (0008,1090)",
    ),
    Mutation(
        "searches CS and keeps all else of it",
        code(Level._kept, ("by_word=searched", "by_word=searched and vr != 'CS'")),
        ct((SCAN_OPTIONS, "CS", "ZINAIDA")),
        BASIC,
        "words that no list has (0018,0022)",
    ),
    Mutation(
        "keeps the unknown value of a CS beside others",
        code(
            retained_values.kept_words,
            ("kept(part, oldest) if part.isascii() else", "part if part.isascii() else"),
        ),
        ct((IMAGE_TYPE, "CS", "ORIGINAL\\PRIMARY\\ZINAIDA")),
        BASIC,
        "words that no list has (0008,0008)",
    ),
    Mutation(
        "drops the unknown value of a CS, so that the next takes its place",
        code(
            retained_values.kept_words,
            ("after or (before and placeholder) for", "after for"),
            ("strict=True)]", "strict=True) if after]"),
        ),
        ct((IMAGE_TYPE, "CS", "ORIGINAL\\PRIMARY\\ZINAIDA\\AXIAL")),
        BASIC,
        "(0008,0008)",
    ),
    Mutation(
        "removes what is made of known words",
        code(kept_text._is_device_word, ("return True", "return False")),
        _model("SOMATOM Scanner"),
        BASIC,
        "removed although nobody is named in it (0008,0070)",
    ),
)

DISGUISES = (
    Mutation(
        "keeps words that are spelled out in letters",
        code(kept_text._cuts, ("in _SPELLED_OUT.finditer(text)", "in ()")),
        _model("Scanner Z I N A"),
        BASIC,
        "words that no list has (0008,1090)",
    ),
    Mutation(
        "keeps words with digits for letters",
        code(kept_text._cuts, ("yield from _disguised_spans(text)", "pass")),
        _model("Scanner Sm1th"),
        BASIC,
        "words that no list has (0008,1090)",
    ),
)

CODES = (
    Mutation(
        "takes any number for a code",
        code(codes.is_code, ("_verhoeff(value) == 0", "True")),
        _code("51185009", "Chest"),
        BASIC,
        "words that no list has (0008,2218)[0].(0008,0100)",
    ),
    Mutation(
        "keeps what is no code",
        code(kept_text.kept_code, ("else kept_text(value, oldest)", "else value")),
        _code("79161234567", "Chest"),
        BASIC,
        "words that no list has (0008,2218)[0].(0008,0100)",
    ),
    Mutation(
        "keeps any code meaning",
        code(kept_text._kept, ("text in unusual_meanings()", "text")),
        _code("51185008", "Chest of Zinaida"),
        BASIC,
        "words that no list has (0008,2218)[0].(0008,0104)",
    ),
)

KEPT_TEXTS = (*RETAINED, *WORDS, *DISGUISES, *CODES)
