"""Latin spellings of names that are written by one system: passports (ICAO 9303), BGN/PCGN and what is common."""

from __future__ import annotations

import re

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.standard.letters import is_romanized, lookalikes, romanized
from orthanc_deid.verify.text.romanization import is_cyrillic

_LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ"
_PASSPORT_SPELLINGS = "a b v g d e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y _ e iu ia i i ie g"
_PASSPORT = dict(zip(_LETTERS, (each.strip("_") for each in _PASSPORT_SPELLINGS.split(" ")), strict=True))
_COMMON = {**_PASSPORT, "й": "y", "ъ": "", "ю": "yu", "я": "ya", "ї": "yi", "є": "ye"}
_UNSTABLE = re.compile("[sc]ch|t?sch|tch|t[sz]|[kgc]h|cz|[^bdlmnprtk]")
_REPEATED = re.compile(r"(.)\1+")
_AS_LETTERS = {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b"}
_RUSSIAN = str.maketrans("әғқңөұүһў", "агкноууху")
_KAZAKH = dict(zip("әғқңөұүһў", "agqnouuhu", strict=True))
_FEWEST_AFTER_MAC = 4  # letters
_ENDING = re.compile("(?:iy|yy)$")
_BEFORE_A = re.compile("(?:iy|yy)(?=a)")

_AS_DIGITS = str.maketrans(
    {
        **dict.fromkeys("oо", "0"),
        **dict.fromkeys("il!|иі", "1"),
        **dict.fromkeys("z", "2"),
        **dict.fromkeys("e€езэ", "3"),
        **dict.fromkeys("aач@", "4"),
        **dict.fromkeys("sс$", "5"),
        **dict.fromkeys("б", "6"),
        **dict.fromkeys("tт", "7"),
        **dict.fromkeys("bв", "8"),
        **dict.fromkeys("gq", "9"),
    }
)
_CONSONANTS = {"sch": "s", "sh": "s", "tz": "s", "ts": "s", "z": "s", "kh": "k", "ck": "k", "ch": "k", "c": "k",
               "q": "k", "ph": "p", "f": "p", "dj": "g", "j": "g"}  # fmt: skip
_CONSONANT = re.compile("sch|sh|tz|ts|z|kh|ck|ch|c|q|ph|f|dj|j|[bdgklmnprstx]")


@bounded_cache(maxsize=4096)
def common_spellings(word: str) -> tuple[str, ...]:
    """Return the usual Latin spellings of a word in plain lower case; none of a Latin one."""
    if is_cyrillic(word):
        if not all(letter in _PASSPORT for letter in word):
            return ()
        passport, common = ("".join(map(table.__getitem__, word)) for table in (_PASSPORT, _COMMON))
        return tuple(
            dict.fromkeys(
                (passport, common, *(_BEFORE_A.sub(each, _ENDING.sub("y", common)) for each in "iy"))
            )
        )
    if not word.isascii() and any(map(is_romanized, word)):
        return romanized(word)
    return ()


def coded(word: str) -> str:
    """Return a word with one digit for the letters, digits and signs of one shape."""
    return word.translate(_AS_DIGITS)


def bare(latin: str) -> str:
    """Return the consonants of a Latin word that scripts without vowels write, one letter for similar ones."""
    found = ""
    for match in _CONSONANT.finditer(latin):
        letter = _CONSONANTS.get(match[0], match[0])
        found += "" if found.endswith(letter) else letter
    return found


def in_russian_letters(word: str) -> str:
    """Return a Cyrillic word with the Russian letters that stand for Kazakh and Ukrainian ones."""
    return word.translate(_RUSSIAN)


def other_macs(word: str) -> tuple[str, ...]:
    """Return a name that begins with Mac or Mc with the other of both."""
    for own, other in (("mac", "mc"), ("mc", "mac")):
        if word.startswith(own) and len(word) - len(own) >= _FEWEST_AFTER_MAC:
            return (other + word[len(own) :],)
    return ()


def coarse(word: str) -> str:
    """Return the letters that hardly any spelling of a name changes; of letters that only look like others, these."""
    return _REPEATED.sub(r"\1", _UNSTABLE.sub("", in_latin(word)))


def in_latin(word: str) -> str:
    """Return a plain word with each letter and digit as the Latin letter that it sounds or looks like."""
    return "".join(map(_latin, word))


def in_shape(word: str) -> str:
    """Return a plain word with each letter as the Latin one that it looks like, if there is one."""
    return "".join(lookalikes().get(letter, letter) for letter in word)


def _latin(letter: str) -> str:
    if letter.isascii():
        return _AS_LETTERS.get(letter, letter)
    found = _PASSPORT.get(letter) or _KAZAKH.get(letter)
    return found or (romanized(letter) or (lookalikes().get(letter, ""),))[0]
