"""The medical vocabulary: the words that the mode `vocabulary` keeps in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.deid.text.named_places import may_name_place
from orthanc_deid.deid.text.transliteration import fold
from orthanc_deid.standard.general_words import is_general
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
_PREFIXES: Final = """
abdomino acro adeno ambi angio ante antero anti arterio arthro atrio auto bi bio blepharo brachio broncho cardio
cephalo cerebro cervico cheilo cholangio chole cholecysto choledocho chondro circum colo colono colpo costo
counter cranio cryo cysto cyto dacryo dermato dorso duodeno electro encephalo endo entero epi esophago ethmo
extra femoro fibro fronto galacto gastro genito glomerulo glosso gluco glyco hemato hemi hemo hepato hetero
histo holo homo hydro hyper hypo hystero ileo ilio immuno infra inter intra irido ischio iso jejuno kerato
laryngo latero leuko lip lipo litho lumbo lymphangio lympho macro mammo mandibulo maxillo medio mega meningo
meso meta micro mid mono multi musculo myelo myo nano naso neo nephro neuro non normo occipito oculo odonto
omento onco ophthalmo oro ortho osteo ovario over pan pancreatico para parieto pelvi peri peritoneo pharyngo
phlebo photo pleuro pneumato pneumo poly post postero pre procto pseudo pulmo pyelo quadri radio re recto reno
retro rhabdo rhino sacro salpingo sarco semi sero sialo sigmoido sino spheno spleno spondylo squamo sterno
stomato stylo sub super supra tele temporo tendo thermo thoraco thrombo thyro tibio tonsillo tracheo trans tri
tympano ulno ultra un under uni uretero urethro uro utero vagino vaso veno ventriculo vertebro vesico video
viscero zygomatico
абдомино авто адено альвеоло ангио анте анти аорто артерио артро аэро без бес би био бледно бронхио
бронхо вагино вазо веб вентрикуло веретено верхне вестибуло видео вне внутри восьми высоко газо гастро
гемато гемо гепато гетеро гидро гипер гипо гисто глубоко гомо грубо дакрио дву двух дермато десяти длинно дорсо
дуодено еюно железо желто жидкостно задне изо илео иммуно интра инфра ишио кардио каротидно керато кисто колоно
кольпо костно косто кохлео кранио крестцово крио крупно лакуно ларинго лево левосторонне лейко лепто лимфо липо
лобно люмбо макро мало маммо медиастино медио меж мезо мелко мета миело микро мио много моно мульти мышечно
мягко над назо наружно не невро нейро нефро нижне низко нормо одно около онко оро орто остео остро
офтальмо пан пара передне пери перикардио пиело плевро плече плоско плотно пневмо под подвздошно позади поздно
поли полно полу порто пост право правосторонне пре прямо псевдо психо пузырно пяти равно разно ранне ректо
рентгено ретро рино сакро само сверх светло серо серозно сигмо сильно слабо слизисто соно спирально сплено
спондило средне стерно стомато суб супер супра сухожильно сфено теле теменно темно темпоро термо толсто тонко
торако точечно транс трахео трех тромбо трубчато тубо узко ультра уретеро уретро фаринго фибро физио флебо фото
фронто хлор холангио холе холедохо хондро хорио цервико церебро цисто цито челюстно черепно четырех шаро шейно
шести широко щито эзофаго экзо экстра электро эндо энтеро энцефало эпи этмо эхо
"""
_COMBINING: Final = frozenset(_PREFIXES.split())
_LONGEST_PREFIX: Final = max(map(len, _COMBINING))
_SHORTEST_COMBINED: Final = 6  # letters behind the prefix
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
_CAPITALIZED: Final = re.compile("[А-ЯЁ][а-яё]")
_BEFORE_SENTENCE: Final = frozenset('.!?:;/|()[]«"\r\n\t0123456789')
_BETWEEN: Final = frozenset(("of", "the", "s", "и"))


def unknown_spans(text: str, *, everyday: bool = True) -> Iterator[tuple[int, int]]:
    """Yield the spans of words in `text` that are neither medical nor, if `everyday`, general words.

    An eponym that is also a common family name is known only next to the word for the sign or fracture it names, a
    general word only where it is no part of a place's name, and a Russian one only where it is not written as a name.
    """
    words = list((_WORD_WITH_SIGNS if _THAI_OR_LAO.search(text) else _WORD).finditer(text))
    for index, word in enumerate(words):
        if is_known(word[0], everyday=False) or (
            everyday and is_known(word[0]) and not (_is_written_as_name(word) or may_name_place(words, index))
        ):
            continue
        if fold(word[0]) in eponyms_in_context() and _is_beside_head(words, index):
            continue
        yield word.span()


def _is_written_as_name(word: re.Match[str]) -> bool:
    """Whether a word begins with a capital Cyrillic letter where a sentence does not: «Больница Ключевой-Яр»."""
    if not _CAPITALIZED.match(word[0]):
        return False
    last = word.start() - 1
    while last >= 0 and word.string[last] == " ":
        last -= 1
    return last >= 0 and word.string[last] not in _BEFORE_SENTENCE


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
            len(run) <= LONGEST_AFFIX or is_medical_word(run) or (everyday and is_general(fold(run)))
            for run in runs
        )
    return is_medical_word(word) or (everyday and is_general(fold(word)))


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
    if any(
        folded[:length] in _COMBINING and folded[length:] in words
        for length in range(2, min(_LONGEST_PREFIX, len(folded) - _SHORTEST_COMBINED) + 1)
    ):
        return True  # cardio-mediastinal, не-расширенный: medical compounds are not all listed
    parts = _CAMEL.findall(letters)
    if len(parts) < 2 or "".join(parts) != letters:
        return False
    return all(len(part) > 1 and fold(part) in words for part in parts)  # ThoraxRoutine
