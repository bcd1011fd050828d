"""Names of months and of days of the month in several languages, folded, for the search for known days."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from orthanc_deid.deid.text.months import month_word
from orthanc_deid.deid.text.transliteration import unaccented

_LIKE: Final = ("january", "jan", "январь", "января", "январе", "январю", "январем", "янв")
_OTHER_LANGUAGES: Final = (
    "januar jänner janvier enero gennaio janeiro januari styczeń stycznia",
    "februar feber février fevrier febrero febbraio fevereiro februari luty lutego",
    "märz maerz marz mars marzo março marco maart marzec marca",
    "april avril abril aprile kwiecień kwietnia",
    "mai mayo maggio maio mei maj maja",
    "juni juin junio giugno junho czerwiec czerwca",
    "juli juillet julio luglio julho lipiec lipca",
    "august août aout agosto augustus sierpień sierpnia",
    "september septembre septiembre settembre setembro sept wrzesień września сент",
    "oktober octobre octubre ottobre outubro październik października",
    "november novembre noviembre novembro listopad listopada нояб",
    "dezember décembre decembre diciembre dicembre dezembro december grudzień grudnia",
)
_SHORT_RUSSIAN: Final = {"февр": 2, "сент": 9, "нояб": 11, "мая": 5, "май": 5}
_ENGLISH_DAYS: Final = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_ENGLISH_NUMBERS: Final = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_RUSSIAN_DAYS: Final = (
    "перв втор трет четверт пят шест седьм восьм девят десят одиннадцат двенадцат тринадцат четырнадцат пятнадцат "
    "шестнадцат семнадцат восемнадцат девятнадцат двадцат"
)
_RUSSIAN_ENDINGS: Final = ("ое", "ого", "ому", "ым", "ом", "ье", "ьего", "ьему", "ьим", "ьем")


@cache
def month_names() -> Mapping[str, int]:
    """Return the number of the month by its names and their first three letters."""
    found: dict[str, int] = {}
    for number, others in enumerate(_OTHER_LANGUAGES, 1):
        names = {month_word(number, like) for like in _LIKE}.union(others.split())
        plain = {unaccented(name) for name in names}
        found |= dict.fromkeys((each for name in plain for each in (name, name[:3])), number)
    return {**found, **_SHORT_RUSSIAN, "mar": 3, "мар": 3, "jun": 6, "июн": 6, "июл": 7, "jul": 7}


@cache
def months_in_full() -> frozenset[str]:
    """Return the names that mean a month without a year beside them: four letters at least, no common word."""
    return frozenset(name for name in month_names() if len(name) >= 4) - {"mars", "sept"} | {"мая", "маю"}


@cache
def day_words() -> Mapping[str, int]:
    """Return the day of the month by its ordinal in English or Russian, and by its English number."""
    found = {
        word: day for words in (_ENGLISH_DAYS, _ENGLISH_NUMBERS) for day, word in enumerate(words.split(), 1)
    }
    for day, stem in enumerate(_RUSSIAN_DAYS.split(), 1):
        found |= dict.fromkeys((stem + ending for ending in _RUSSIAN_ENDINGS), day)
    return (
        found | {"thirtieth": 30} | dict.fromkeys(("тридцатое", "тридцатого", "тридцатому", "тридцатым"), 30)
    )


@cache
def tens_words() -> Mapping[str, int]:
    """Return 20 and 30 by the words before an ordinal: twenty first, двадцать первое."""
    return {"twenty": 20, "thirty": 30, "двадцать": 20, "тридцать": 30}
