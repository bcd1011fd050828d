"""Identifiers that are recognized by their form: contact data, numbers of documents, postal addresses.

There are two sets, since dates are changed between them. Identifiers of the first set cannot be a date and are cut
before. Those of the second (long numbers, postal addresses) may contain a date and are cut around the changed dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from pydicom._uid_dict import UID_dictionary

from orthanc_deid.deid.text.spans import Span
from orthanc_deid.deid.text.transliteration import fold
from orthanc_deid.deid.text.written_days import spelled_spans
from orthanc_deid.deid.uids import UID_SHAPE
from orthanc_deid.standard.medical_words import medical_words

SHORTEST_IDENTIFIER: Final = 6  # digits in a run; a shorter run may be a parameter of the image

_BEFORE: Final = r"(?<!\d)(?<!\d[.,])"  # no digit, nor the whole part of a decimal number
_AFTER: Final = r"(?!\d)(?![.,]\d)"

# A match begins at the start of a run of characters; otherwise a long run would be scanned from each of them.
_WEB: Final = (
    r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)*",
    r"(?:https?|ftp|dicom|file)://\S+|\bwww\.\S+",
    r"(?<![a-z\d-])(?<![a-z\d-]\.)[a-z\d-]+(?:\.[a-z\d-]+)*\.(?:com|org|net|edu|gov|ru|su|рф)\b(?:/\S*)?",
)
_NUMBERS: Final = (
    r"(?<![\w.:])(?:[a-f\d]{1,4}:){4,7}[a-f\d]{1,4}(?![\w:])|(?:[a-f\d]{2}[:-]){5}[a-f\d]{2}",  # IPv6, MAC
    UID_SHAPE,  # and IPv4
    # UIDs whose groups another sign divides: six and more, one of them of four digits
    r"(?<!\d)(?=[\d_,:;/ -]{16})(?=[\d_,:;/ -]{0,64}\d{4})0*[012](?P<uid>[_,:;/-] ?| )\d+(?:(?P=uid)\d+){4,}",
    # telephones: international, Russian (8 and the area), North American, short Russian, after the word
    r"\+\d[\d\s().-]{6,18}\d",
    _BEFORE
    + r"8[\s-]?(?:\(?\d{3}\)?[\s-]?\d{3}|\(\d{4}\)\s?\d{2}|\(\d{5}\)\s?\d)[\s-]?\d{2}[\s-]?\d{2}"
    + _AFTER,
    _BEFORE + r"(?:\(\d{3,5}\)\s?\d{2,3}|\d{3}[-. ]\d{3})[-.]\d{2}-?\d{2}" + _AFTER,
    _BEFORE + r"\d{3}-\d{2}-\d{2}" + _AFTER,
    # ... without the area, unless it is a range such as 500-1500; British
    _BEFORE
    + r"(?<!HU )(?!\d[05]0-\d\d[05]0(?!\d))\d{3}-\d{4}"
    + _AFTER
    + r"(?!\s?(?:HU|ms|mm|ml|мс|мм|мл|ед)\b)",
    _BEFORE + r"0\d{2,4}[\s-]\d{3,4}[\s-]?\d{3,4}" + _AFTER,
    r"\b(?:tel|phone|telephone|fax|pager|bleep|mobile|cell|ext|extension|тел|телефон[ау]?|моб|мобильный|факс|доб)\b"
    r"[.:№ ]*[+\d(][\d\s().-]{2,18}\d",
    # SNILS; OMS policy; Russian passport; US social security number; any long number in groups
    _BEFORE + r"\d{3}[- ]\d{3}[- ]\d{3}[- ]\d{2}" + _AFTER,
    _BEFORE + r"\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}" + _AFTER,
    _BEFORE + r"\d{2} ?\d{2} ?(?:№|N|No)?\.? ?\d{6}" + _AFTER,
    _BEFORE + r"\d{3}-\d{2}-\d{4}" + _AFTER,
    _BEFORE + r"\d{3,}(?:-\d{3,}){2,}" + _AFTER,
)

_LONG_NUMBER: Final = rf"(?<![^\W_])[^\W\d_]{{0,8}}-?(?<!\d[.,])\d{{{SHORTEST_IDENTIFIER},}}[^\W_]*"
_CAPITALIZED: Final = r"(?-i:[А-ЯЁ])[\w-]+"
_HOUSE: Final = (
    r"(?:[,\s]+(?:д|дом)?\.?\s?\d{1,4}[а-яa-z]?(?:[-/]\d{1,4}){0,2}(?![^\W_]))?"
    r"(?:[,\s]+(?:корп|к|стр|с)\.?\s?\d{1,3}(?!\d))?(?:[,\s]+(?:кв|оф|офис|квартира)\.?\s?\d{1,4}(?!\d))?"
)
_RUSSIAN_ADDRESSES: Final = (
    rf"\b(?:ул\.\s*|ул\s+|улиц[аеыу]\s+|переул[а-я]{{2,4}}\s+|бульвар[аеу]?\s+)(?:имени\s+|им\.\s*)?[^\W\d_][\w.-]*"
    rf"(?:\s+{_CAPITALIZED})?{_HOUSE}",
    rf"\b(?:пр-к?т|просп\.|проспект[аеу]?|б-р|наб\.|набережн[а-я]{{2}}|шоссе|мкр\.?|пос\.|пгт\.?|ст-ца)\s*{_CAPITALIZED}"
    rf"(?:\s+{_CAPITALIZED})?{_HOUSE}",
    rf"(?<!\d)(?<!\d\s)\bг\.\s?{_CAPITALIZED}",
    r"\bд(?:ом)?\.?\s?\d{1,4}[а-я]?[,\s]+(?:(?:корп|к|стр)\.?\s?\d{1,3}[,\s]+)?(?:кв|оф)\.?\s?\d{1,4}",
)
_STREET: Final = r"street|avenue|ave|boulevard|blvd|road|rd|lane|ln|highway|hwy|parkway|pkwy"
_DOUBTFUL_STREET: Final = r"st|dr|ct|pl|drive|court|place|square|terrace|way|close|crescent"
_ENGLISH_ADDRESSES: Final = (
    rf"(?<![^\W_])\d{{1,5}}[a-z]?\s+(?P<name>(?:[^\W\d_][\w'.-]*\s+){{1,4}}?)"
    rf"(?:(?:{_STREET})|(?P<doubtful>{_DOUBTFUL_STREET}))\b\.?"
    r"(?:,?\s+(?:apt|apartment|suite|ste|unit|flat|#)\.?\s?[\w-]{1,5})?"
    r"(?:,\s*[^\W\d_]+(?:\s[^\W\d_]+)?,?\s+(?-i:[A-Z]{2})\s+\d{5}(?:-\d{4})?)?",
    r"\bP\.?\s?O\.?\s?Box\s+\d+",
)


@cache
def _identifiers() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Compile on first use, since most processes never clean text: forms without digits, and with digits."""
    return re.compile("|".join(_WEB), re.IGNORECASE), re.compile("|".join(_NUMBERS), re.IGNORECASE)


@cache
def _numbers_and_addresses() -> tuple[re.Pattern[str], ...]:
    patterns = (*_RUSSIAN_ADDRESSES, *_ENGLISH_ADDRESSES, _LONG_NUMBER)
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def identifier_spans(text: str) -> Iterator[Span]:
    """Yield the spans of e-mail addresses, URLs, UIDs, telephone numbers, numbers of documents and days in words.

    UIDs registered by the standard (PS3.6) are not among them.
    """
    web, numbers = _identifiers()
    if "@" in text or "." in text or "://" in text:
        yield from (match.span() for match in web.finditer(text))
    yield from spelled_spans(fold(text))
    if _has_digit(text):
        yield from (match.span() for match in numbers.finditer(text) if match[0] not in UID_dictionary)


def number_and_address_spans(text: str) -> Iterator[Span]:
    """Yield the spans of long numbers and postal addresses in `text`; they may overlap."""
    for pattern in _numbers_and_addresses():
        for match in pattern.finditer(text):
            if not _is_no_street(match):
                yield match.span()


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


def _is_no_street(match: re.Match[str]) -> bool:
    """Whether the match is no address, as `2 PHASE LIVER CT`: with medical words alone, CT does not mean court."""
    groups = match.groupdict()
    if not groups.get("doubtful"):
        return False
    return all(fold(word.strip(".")) in medical_words() for word in groups["name"].split())
