"""Kept texts of the output: whether they are made of known words only (`profile/RULES.md`, "Kept text")."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from pydicom._uid_dict import UID_dictionary

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.standard.codes import unusual_meanings
from orthanc_deid.standard.device_terms import device_terms
from orthanc_deid.standard.medical_words import (
    eponym_heads,
    eponyms_in_context,
    medical_words,
    structure_words,
)
from orthanc_deid.standard.tables import defined_terms
from orthanc_deid.verify.text.cleaned_text_dates import dates_are_changed
from orthanc_deid.verify.text.code_values import is_code_value
from orthanc_deid.verify.text.date_spellings import month_names
from orthanc_deid.verify.text.decoding import Terms, decode
from orthanc_deid.verify.text.romanization import as_seen, composed

_PIECES = re.compile(r"[^\W_]+")
_RUNS = re.compile(r"[^\W\d_]+")
_HUMPS = re.compile(r"[^\W\d_](?:(?<![a-zа-яё])[A-ZА-ЯЁ]+(?![a-zа-яё])|[a-zа-яё]*)")
_LONG_RUN = re.compile(r"\d{6}")
_GROUPS = re.compile(r"\d+(?:[-+/() ]+\d+)+")
_DOTTED = re.compile(r"\d+(?:\.\d+)+")
_PLAIN = re.compile(r"[A-Za-z\d _-]*", re.A)
_MOST_PLAIN = 2  # digits
_NUMBERED = """
street avenue ave boulevard blvd road rd lane ln highway hwy parkway pkwy st dr ct pl drive court place square terrace
way close crescent tel phone telephone fax pager bleep mobile cell ext extension box
"""
_BESIDE_NUMBERS = frozenset(_NUMBERED.split()).union(month_names())
_MAIL = re.compile(r"\w@\w")
_SIZES = re.compile(r"\d{1,4}(?:[xх]\d{1,4}){1,3}[a-zа-я]{0,2}")
_ROMAN_NUMERAL = re.compile(r"x{0,3}(?:i[xv]|v?i{0,3})")
_HALF_WIDTH = re.compile("[\uff61-\uff9f\u3099\u309a]+")  # katakana
_SIDES = re.compile(r"[LRAPHF]{1,3}")
_MOST_IN_GROUPS, _MOST_WITH_DOTS, _MOST_IN_WORD = 6, 10, 4  # digits
_BESIDE_DIGITS = 2  # letters
_SPELLED_OUT = 4
_MOST_SIGNS_BETWEEN = 3
_MOST_LETTERS_OF_CODE = 3
_BETWEEN_DIGITS = frozenset(" /+-")
_BETWEEN_LETTERS = re.compile(r"[^\W\d_]\d+[^\W\d_]")
_MOST_OF_STRUCTURE = 5  # digits of a number in the name of a structure
_ALPHABETS_END = 0x530  # Latin, Greek and Cyrillic are before it
_FEWEST_INFLECTED = 6
_SPELLINGS = (
    ("ae", "e"),
    ("oe", "e"),
    ("our", "or"),
    ("is", "iz"),
    ("ys", "yz"),
    ("ll", "l"),
    ("ogue", "og"),
)
_ENDINGS = ("s", "es", "ies", "d", "ed", "ing", "ly")
_STEM_ENDINGS = ("", "e", "y")
_FEWEST_AFTER_PREFIX = 6
_PREFIX_LIST = """
abdomino acro adeno ambi angio ante antero anti arterio arthro atrio auto bi bio blepharo brachio broncho cardio
cephalo cerebro cervico cheilo cholangio chole cholecysto choledocho chondro circum colo colono colpo costo counter
cranio cryo cysto cyto dacryo dermato dorso duodeno electro encephalo endo entero epi esophago ethmo extra femoro
fibro fronto galacto gastro genito glomerulo glosso gluco glyco hemato hemi hemo hepato hetero histo holo homo hydro
hyper hypo hystero ileo ilio immuno infra inter intra irido ischio iso jejuno kerato laryngo latero leuko lip lipo
litho lumbo lymphangio lympho macro mammo mandibulo maxillo medio mega meningo meso meta micro mid mono multi
musculo myelo myo nano naso neo nephro neuro non normo occipito oculo odonto omento onco ophthalmo oro ortho osteo
ovario over pan pancreatico para parieto pelvi peri peritoneo pharyngo phlebo photo pleuro pneumato pneumo poly post
postero pre procto pseudo pulmo pyelo quadri radio re recto reno retro rhabdo rhino sacro salpingo sarco semi sero
sialo sigmoido sino spheno spleno spondylo squamo sterno stomato stylo sub super supra tele temporo tendo thermo
thoraco thrombo thyro tibio tonsillo tracheo trans tri tympano ulno ultra un under uni uretero urethro uro utero
vagino vaso veno ventriculo vertebro vesico video viscero zygomatico
абдомино авто адено альвеоло ангио анте анти аорто артерио артро аэро без бес би био бледно бронхио бронхо
вагино вазо веб вентрикуло веретено верхне вестибуло видео вне внутри восьми высоко газо гастро гемато гемо
гепато гетеро гидро гипер гипо гисто глубоко гомо грубо дакрио дву двух дермато десяти длинно дорсо дуодено еюно
железо желто жидкостно задне изо илео иммуно интра инфра ишио кардио каротидно керато кисто колоно кольпо костно
косто кохлео кранио крестцово крио крупно лакуно ларинго лево левосторонне лейко лепто лимфо липо лобно люмбо макро
мало маммо медиастино медио меж мезо мелко мета миело микро мио много моно мульти мышечно мягко над назо наружно не
невро нейро нефро нижне низко нормо одно около онко оро орто остео остро офтальмо пан пара передне пери
перикардио пиело плевро плече плоско плотно пневмо под подвздошно позади поздно поли полно полу порто пост право
правосторонне пре прямо псевдо психо пузырно пяти равно разно ранне ректо рентгено ретро рино сакро само сверх
светло серо серозно сигмо сильно слабо слизисто соно спирально сплено спондило средне стерно стомато суб супер
супра сухожильно сфено теле теменно темно темпоро термо толсто тонко торако точечно транс трахео трех тромбо
трубчато тубо узко ультра уретеро уретро фаринго фибро физио флебо фото фронто хлор холангио холе холедохо хондро
хорио цервико церебро цисто цито челюстно черепно четырех шаро шейно шести широко щито эзофаго экзо экстра электро
эндо энтеро энцефало эпи этмо эхо
"""
_PREFIXES = frozenset(_PREFIX_LIST.split())
_LONGEST_PREFIX = max(map(len, _PREFIXES))
_WHOLE = frozenset(("ST", "LT", "UT"))


@bounded_cache(maxsize=4096)  # a series repeats nearly all of its texts
def stays_as_kept_text(value: bytes, terms: Terms, vr: str, placeholder: str, code: bool) -> bool:
    """Whether a kept text of the output may stay; `code`: it is a Code Value. CS may also hold the placeholder."""
    text = decode(value, terms)
    values = [text] if vr in _WHOLE else text.split("\\")
    return all(
        not each
        or (vr == "CS" and each == placeholder)
        or ((vr != "CS" or each.isascii()) and is_known(each, code=code))
        for each in (part.strip(" \0") for part in values)
    )


@bounded_cache(maxsize=4096)
def is_known(text: str, *, code: bool) -> bool:
    """Whether one value is a defined term, a code where `code`, or made of known words and short numbers."""
    if text in defined_terms() or _SIDES.fullmatch(text) or (code and is_code_value(text)):
        return True
    text = _HALF_WIDTH.sub(lambda kana: unicodedata.normalize("NFKC", kana[0]), composed(text))
    words = [_folded(word) for word in _PIECES.findall(text)]
    if text in unusual_meanings() or tuple(words) in device_terms().phrases:
        return True
    return _numbers_are_short(text) and not _is_spelled_out(text) and _words_are_known(text, words)


@bounded_cache(maxsize=4096)
def is_structure(value: bytes, terms: Terms) -> bool:
    """Whether a label is the name of a structure: words known in cleaned text or listed there, alone or joined."""
    text = composed(decode(value, terms))
    return _numbers_are_short(text) and all(map(_is_of_structure, _PIECES.findall(text)))


def _is_of_structure(word: str) -> bool:
    digits = max(map(len, re.findall(r"\d+", word)), default=0)
    if digits > _MOST_OF_STRUCTURE:
        return False
    runs = [part for run in _RUNS.findall(word) for part in (run, *_HUMPS.findall(run))]
    known = {run for run in runs if len(run) == 1 or _folded(run) in structure_words() or _is_known_run(run)}
    return all(
        run in known or (len(_HUMPS.findall(run)) > 1 and known.issuperset(_HUMPS.findall(run)))
        for run in _RUNS.findall(word)
    )


@bounded_cache(maxsize=4096)
def must_stay(value: bytes, terms: Terms, vr: str, code: bool) -> bool:
    """Whether nothing of a kept text of the original may go, as there is no doubt: terms, codes and plain words."""
    text = decode(value, terms)
    values = [part.strip(" \0") for part in ([text] if vr in _WHOLE else text.split("\\"))]
    return all(
        each in defined_terms() or (code and is_code_value(each)) or _is_plainly_known(each)
        for each in values
    )


def _is_plainly_known(text: str) -> bool:
    """Whether a text holds listed words and at most two digits, which are no part of a date, address or telephone."""
    words = _PIECES.findall(_folded(text))
    digits = _digits(text)
    if (
        not _PLAIN.fullmatch(text)
        or digits > _MOST_PLAIN
        or (digits and not _BESIDE_NUMBERS.isdisjoint(words))
        or _is_spelled_out(text)
    ):
        return False
    lists = (medical_words(), device_terms().words)
    return all(
        any(word in listed for listed in lists) if word.isalpha() else _is_known_word(word) for word in words
    )


def is_shortened(value: bytes, source: bytes, terms: Terms, vr: str, placeholder: str) -> bool:
    """Whether a kept text of the output holds words of the original in their order; CS may hold the placeholder.

    Something of the original must be left. The number of values is the same.
    """
    before, after = decode(source, terms), decode(value, terms)
    befores, afters = ([before], [after]) if vr in _WHOLE else (before.split("\\"), after.split("\\"))
    if len(befores) != len(afters):
        return False
    left = False
    for old, new in zip(befores, afters, strict=True):
        if vr == "CS" and new.strip(" \0") == placeholder and old.strip(" \0"):
            continue
        if not _follow(_PIECES.findall(_folded(as_seen(new))), _PIECES.findall(_folded(as_seen(old)))):
            return False
        left = left or any(map(str.isalnum, new))
    return left


def _follow(after: list[str], before: list[str]) -> bool:
    """Whether the words `after` are words of `before`, or their beginnings or ends, in that order."""
    rest = iter(before)
    return all(any(old.startswith(new) or old.endswith(new) for old in rest) for new in after)


def _folded(text: str) -> str:
    return text.lower().replace("ё", "е")


def _numbers_are_short(text: str) -> bool:
    """Whether no number, nor several with only signs between them, is long enough for a telephone or an ID."""
    if _LONG_RUN.search(text) or _MAIL.search(text):
        return False
    if any(_digits(group[0]) > _MOST_IN_GROUPS for group in _GROUPS.finditer(text)):
        return False
    for number in _DOTTED.findall(text):
        if _digits(number) > _MOST_WITH_DOTS and number not in UID_dictionary:
            return False
    return dates_are_changed("", text, "neutral", 0)


def _is_spelled_out(text: str) -> bool:
    """Whether four letters, or four digits, stand there one by one: a name, or a number that has lost its form."""
    letters = digits = 0
    end = 0
    for piece in _PIECES.finditer(text):
        between, single = text[end : piece.start()], len(piece[0]) == 1
        close = 0 < len(between) <= _MOST_SIGNS_BETWEEN
        letters = (letters if close else 0) + 1 if single and piece[0].isalpha() else 0
        of_digits = close and _BETWEEN_DIGITS.issuperset(between)
        digits = (digits if of_digits else 0) + 1 if single and piece[0].isdecimal() else 0
        if letters >= _SPELLED_OUT or (digits > _SPELLED_OUT):
            return True
        end = piece.end()
    return False


def _is_disguised(word: str) -> bool:
    """Whether digits stand between more letters of a word than a code has, and these form no words: Sm1th."""
    runs = _RUNS.findall(word)
    return (
        _BETWEEN_LETTERS.search(word) is not None
        and sum(map(len, runs)) > _MOST_LETTERS_OF_CODE
        and not all(len(run) == 1 or _is_known_run(run) for run in runs)
    )


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _words_are_known(text: str, words: list[str]) -> bool:
    unknown = [word for word in _PIECES.findall(text) if not _is_known_word(word)]
    if not unknown:
        return True
    covered: set[str] = set()
    joined = f" {' '.join(words)} "
    there = frozenset(words)
    for phrase in device_terms().phrases:
        if phrase[0] in there and f" {' '.join(phrase)} " in joined:
            covered.update(phrase)
    if any(word in eponym_heads() for word in words):
        covered.update(word for word in words if word in eponyms_in_context())
    return covered.issuperset(map(_folded, unknown))


@lru_cache(maxsize=8192)
def _is_known_word(word: str) -> bool:
    """Whether a word is known by itself: a short number, a word of the lists, or a code made of such."""
    if word.isdigit():
        return True
    folded = _folded(word)
    if folded in device_terms().words or _SIZES.fullmatch(folded):
        return True
    digits = _digits(word)
    shortest = _BESIDE_DIGITS if digits else 0
    if _is_disguised(word):
        return False
    return digits <= _MOST_IN_WORD and all(
        len(run) <= shortest or _is_known_run(run) for run in _RUNS.findall(word)
    )


def _is_known_run(run: str) -> bool:
    folded = _folded(run)
    if len(folded) == 1:
        return ord(folded) < _ALPHABETS_END
    words, ours = medical_words(), device_terms().words
    if folded in words or folded in ours or _ROMAN_NUMERAL.fullmatch(folded):
        return True
    if any(each in words for each in _base_forms(folded)):
        return True
    for length in range(2, min(_LONGEST_PREFIX, len(folded) - _FEWEST_AFTER_PREFIX) + 1):
        if folded[:length] in _PREFIXES and folded[length:] in words:
            return True
    parts = _HUMPS.findall(run)
    return len(parts) > 1 and all(len(part) > 1 and _folded(part) in words for part in parts)


def _base_forms(word: str) -> Iterator[str]:
    """Yield the American spellings of an English word, and what it may be an inflected form of."""
    if len(word) < _FEWEST_INFLECTED or not word.isascii():
        return
    spellings = {word}
    for british, american in _SPELLINGS:
        spellings |= {each.replace(british, american) for each in spellings}
    spellings |= {re.sub(r"re(s?)$", r"er\1", each) for each in spellings}
    for spelling in spellings:
        yield spelling
        for ending in _ENDINGS:
            if spelling.endswith(ending):
                stem = spelling[: -len(ending)]
                yield from (
                    stem + each for each in _STEM_ENDINGS if len(stem + each) >= _FEWEST_INFLECTED - 1
                )
