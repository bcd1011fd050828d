"""The medical vocabulary: the words that the mode `vocabulary` keeps in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid.text.transliteration import fold
from orthanc_deid.standard.general_words import general_words
from orthanc_deid.standard.medical_words import eponym_heads, eponyms_in_context, medical_words

LONGEST_AFFIX: Final = 2  # letters next to digits that need not be a word: B31f, T2w, C7, kV120
LAST_ALPHABETIC: Final = "\u052f"
"""The last letter of Latin, Greek and Cyrillic: a single letter of another script may be a word."""

MOST_DIGITS: Final = 4  # in a word of letters and digits; with more it counts as an identifier

_WORD = re.compile(r"[^\W_]+")
_WORD_WITH_SIGNS = re.compile(
    r"(?:[^\W_]|[\u0e31-\u0e4e\u0eb1-\u0ece])+"
)  # vowels and tones above the letters
_THAI_OR_LAO = re.compile("[\u0e00-\u0eff]")
_DIGITS = re.compile(r"\d+")
_ROMAN = re.compile(r"(?=[ivx])x{0,3}(?:ix|iv|v?i{0,3})")
_CAMEL = re.compile(r"[A-ZА-ЯЁ]?[a-zа-яё]+|[A-ZА-ЯЁ]+(?![a-zа-яё])")
_EXTENT = re.compile(r"\d{1,4}(?:[xх]\d{1,4}){1,3}[a-zа-я]{0,2}", re.IGNORECASE)
_TOGETHER = re.compile(r"[\s'’´`-]*")
_COMBINING = re.compile(
    "(?:abdomino|adeno|angio|antero|anti|arterio|arthro|atrio|broncho|cardio|cephalo|cerebro|cervico|chondro|costo|"
    "cranio|cysto|dorso|encephalo|entero|extra|femoro|fibro|gastro|glosso|hemato|hemi|hemo|hepato|hydro|hyper|hypo|"
    "ileo|infra|inter|intra|ischio|latero|leuko|lumbo|lymphangio|lympho|macro|medio|meningo|micro|mono|multi|myelo|myo|"
    "naso|nephro|neuro|non|osteo|pancreatico|para|peri|pleuro|pneumo|poly|post|postero|pre|pseudo|pyelo|radio|re|recto|"
    "retro|rhino|sacro|semi|sino|spleno|spondylo|sterno|sub|super|supra|temporo|thoraco|thrombo|trans|ultra|un|uretero|"
    "uro|vaso|ventriculo|vertebro|vesico|"
    "абдомино|адено|ангио|анти|артерио|артро|бронхо|вентрикуло|верхне|вне|внутри|высоко|гастро|гемато|гемо|гепато|"
    "гидро|гипер|гипо|двух|дву|дорсо|задне|изо|инфра|интра|кардио|косто|кранио|крупно|лево|лимфо|макро|мало|медио|меж|"
    "мелко|микро|много|моно|мульти|мягко|над|не|нейро|нефро|нижне|низко|одно|около|остео|пара|пери|передне|пиело|плевро|"
    "пневмо|под|поли|пост|право|пре|псевдо|ретро|рентгено|сакро|спондило|средне|суб|супер|супра|торако|транс|трех|тромбо|"
    "узко|уретеро|ультра|фибро|холе|хондро|цервико|цисто|черепно|четырех|широко|экстра|энтеро)(?=.{6})"
)
_BRITISH: Final = (
    (re.compile("ae|oe"), "e"),  # haemorrhage, oedema
    (re.compile("our"), "or"),  # tumour
    (re.compile("(?<=[it])s(?=(?:e[ds]?|ing|ations?)$)"), "z"),  # calcise, mobilisation
    (re.compile("(?<=[tb])re(?=s?$)"), "er"),  # centre, calibre
    (re.compile("ll(?=ed$|ing$)"), "l"),  # labelled
    (re.compile("ogue(?=s?$)"), "og"),
)
_SHORTEST_INFLECTED: Final = 6  # letters; shorter words are too often names: Woods, Banks
_ENGLISH_ENDINGS: Final = (
    ("s", ""),
    ("es", ""),
    ("ies", "y"),
    ("d", ""),
    ("ed", ""),
    ("ing", ""),
    ("ing", "e"),
    ("ly", ""),
)
_TYPE = re.compile("[A-CА-В]|[IV]{1,3}")  # Weber B fracture, Garden IV
_BETWEEN: Final = frozenset(("of", "the", "s", "и"))


def unknown_spans(text: str, *, everyday: bool = True) -> Iterator[tuple[int, int]]:
    """Yield the spans of words in `text` that are neither in the medical vocabulary nor, if `everyday`, general ones.

    An eponym that is also a common family name is known only next to the word for the sign or fracture it names.
    """
    words = list((_WORD_WITH_SIGNS if _THAI_OR_LAO.search(text) else _WORD).finditer(text))
    for index, word in enumerate(words):
        if is_known(word[0], everyday=everyday) or (
            fold(word[0]) in eponyms_in_context() and _is_beside_head(words, index)
        ):
            continue
        yield word.span()


def _is_beside_head(words: list[re.Match[str]], index: int) -> bool:
    """Whether the word at `index` is part of an eponym: `Murphy sign`, `pouch of Douglas`, `Salter-Harris`."""
    return any(_leads_to_head(words, index, step) for step in (-1, 1))


def _leads_to_head(words: list[re.Match[str]], index: int, step: int) -> bool:
    """Whether the next word before (step -1) or after (1) is the head of an eponym, with no other sign between."""
    while 0 <= index + step < len(words):
        first, second = sorted((words[index], words[index + step]), key=re.Match.start)
        if not _TOGETHER.fullmatch(first.string, first.end(), second.start()):
            return False
        index += step
        word = fold(words[index][0])
        if word not in _BETWEEN and not (step > 0 and _TYPE.fullmatch(words[index][0])):
            return word in eponym_heads()
    return False


@bounded_cache(maxsize=16_384)
def is_known(word: str, *, everyday: bool = True) -> bool:
    """Whether `word` (letters and digits) is a medical word, a parameter, a number, or an everyday word."""
    if word.isdigit():
        return True
    runs = [run for run in _DIGITS.split(word) if run]  # the signs of Thai are no digits
    digits = len(word) - sum(map(len, runs))
    if digits:
        if _EXTENT.fullmatch(word):  # 45x38x40mm, 512x512
            return True
        return digits <= MOST_DIGITS and all(
            len(run) <= LONGEST_AFFIX or is_medical_word(run) or (everyday and fold(run) in general_words())
            for run in runs
        )
    return is_medical_word(word) or (everyday and fold(word) in general_words())


def _english_spellings(word: str) -> Iterator[str]:
    """Yield the possible base forms of `word` in American spelling, as the word lists have them."""
    if len(word) < _SHORTEST_INFLECTED:
        return
    american = word
    for british, letters in _BRITISH:
        american = british.sub(letters, american)
    for spelling in dict.fromkeys((word, american)):
        yield spelling
        for ending, instead in _ENGLISH_ENDINGS:
            stem = spelling.removesuffix(ending) + instead
            if stem != spelling + instead and len(stem) >= _SHORTEST_INFLECTED - 1:
                yield stem


def is_medical_word(letters: str) -> bool:
    """Whether a run of letters is a word of the medical vocabulary, in any of its spellings."""
    folded = fold(letters)
    words = medical_words()
    if (len(folded) == 1 and folded <= LAST_ALPHABETIC) or folded in words or _ROMAN.fullmatch(folded):
        return True
    if folded.isascii() and any(spelling in words for spelling in _english_spellings(folded)):
        return True
    if (prefix := _COMBINING.match(folded)) and folded[prefix.end() :] in words:
        return True  # cardio-mediastinal, не-расширенный: medical compounds are not all listed
    parts = _CAMEL.findall(letters)
    if len(parts) < 2 or "".join(parts) != letters:
        return False
    return all(len(part) > 1 and fold(part) in words for part in parts)  # ThoraxRoutine
