"""The search of texts for identifiers: all texts at once, and text by text only where that finds something."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import cast

from orthanc_deid.bounded_cache import bounded_cache
from orthanc_deid.standard.letters import lookalikes
from orthanc_deid.verify.text.decoding import GUESSES, Terms, believed, codec, decode, readings
from orthanc_deid.verify.text.identifiers import Identifiers, Kind, normalized
from orthanc_deid.verify.text.people import is_rare
from orthanc_deid.verify.text.romanization import keys, plain, split_scripts, without_modality_codes

_BETWEEN = b" \x1e "
_ESCAPE = b"\x1b"
_APOSTROPHE = b"'"
_NOT_WORD = re.compile(r"[^\w'’`ʹ]+|_")
_PLAIN_ASCII = bytes(
    ord(chr(byte).lower()) if chr(byte).isalnum() and byte < 0x80 else byte if byte == 0x1E else 0x20
    for byte in range(256)
)
_RUN = re.compile(r"[^\W\d_]+|\d+")
_LONG = 100  # letters of a word that is not cached
_FEWEST_BESIDE = 4  # characters of a value, names excepted, that may be part of a longer word
_SHORTEST_NAME = 2  # letters of a name that counts in its own script
_CYRILLIC = re.compile("[\u0400-\u052f]")


def found_in_any(values: Sequence[bytes], charsets: Iterable[Terms], identifiers: Identifiers) -> bool:
    """Whether any of the encoded texts may contain an identifier, in any character set; `False` is certain.

    `charsets`: those that the data sets of the values declare.
    """
    joined = _BETWEEN.join(values)
    if joined.isascii() and _ESCAPE not in joined and _APOSTROPHE not in joined:
        return _found_in_ascii(joined, identifiers)
    if _ESCAPE in joined or any(len(terms) > 1 for terms in charsets):
        declared = {codec(terms): terms for terms in charsets}
        return any(kinds_in(value, terms, identifiers) for value in values for terms in declared.values())
    names = dict.fromkeys((*GUESSES, *map(codec, charsets)))
    texts = dict.fromkeys(joined.decode(name, "replace") for name in names)
    return any(_has_text(text, identifiers) for text in texts)


@bounded_cache(maxsize=256)  # the texts of a series are nearly the same
def _found_in_ascii(joined: bytes, identifiers: Identifiers) -> bool:
    words = joined.translate(_PLAIN_ASCII).decode("ascii").split()
    return bool(identifiers.known.kinds_in(joined.decode("ascii"))) or _has(
        f" {' '.join(words)} ", words, identifiers
    )


def kinds_in(value: bytes, terms: Terms, identifiers: Identifiers) -> frozenset[Kind]:
    """Return the kinds of the identifying values in one encoded text."""
    found: set[Kind] = set()
    apart = split_scripts(decode(value, terms))
    likely = believed(value, terms) | {
        apart
    }  # wrong readings are not transliterated: any letters sound like some name
    for text in readings(value, terms) | {apart}:
        plain = normalized(text)
        words = frozenset(plain.split())
        runs, parts = _parts_of(words)
        clear = (
            words if "\ufffd" not in text else frozenset()
        )  # an undecodable byte may have been a letter of the word
        for word in (words | runs | parts) & identifiers.words.keys():
            if word in clear or len(word) >= _FEWEST_BESIDE or identifiers.words[word] == "person":
                found.add(identifiers.words[word])
        for word in words & identifiers.phrases.keys():
            found.update(kind for phrase, kind in identifiers.phrases[word].items() if phrase in plain)
        for digits in (words | runs) & identifiers.mixed.keys():
            patterns = identifiers.mixed[digits].items()
            found.update(kind for pattern, kind in patterns if re.search(pattern, plain))
        found.update(cast("frozenset[Kind]", identifiers.known.kinds_in(text)))
        likely_words = (*_spelled(text), *parts, *_long(runs)) if text in likely else ()
        if _has_other_script(likely_words, identifiers) or _has_people(text, identifiers):
            found.add("person")
        if identifiers.unspaced:
            dense = plain.replace(" ", "")
            found.update(kind for part, kind in identifiers.unspaced.items() if part in dense)
    return frozenset(found)


def _has_text(text: str, identifiers: Identifiers) -> bool:
    apart = split_scripts(text)
    if apart != text:
        text = f"{text}{_BETWEEN.decode()}{apart}"
    plain = f" {' | '.join(normalized(part).strip() for part in text.split(_BETWEEN.decode()))} "
    return bool(identifiers.known.kinds_in(text)) or _has(plain, _spelled(text), identifiers)


def _spelled(text: str) -> list[str]:
    """Return the words of a text with the signs that transliterations use."""
    return _NOT_WORD.sub(" ", text).split()


def _has(plain: str, spelled: Iterable[str], identifiers: Identifiers) -> bool:
    """Whether a normalized text may contain an identifier; values in it are divided by signs that are no words."""
    words = frozenset(plain.split())
    runs, parts = _parts_of(words)
    if not identifiers.words.keys().isdisjoint(words | runs | parts):
        return True
    begun = words & identifiers.phrases.keys()
    if any(phrase in plain for word in begun for phrase in identifiers.phrases[word]):
        return True
    if any(
        re.search(pattern, plain)
        for digits in (words | runs) & identifiers.mixed.keys()
        for pattern in identifiers.mixed[digits]
    ):
        return True
    if identifiers.unspaced and not plain.isascii():
        dense = plain.replace(" ", "")
        if any(part in dense for part in identifiers.unspaced):
            return True
    return _has_other_script((*spelled, *parts, *_long(runs)), identifiers) or _has_people(plain, identifiers)


def _parts_of(words: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the runs of letters and of digits in mixed words, and the rests of words beside modality codes."""
    inside = [
        each for word in words if (each := _inside(word) if len(word) < _LONG else _inside.__wrapped__(word))
    ]
    runs = frozenset(run for each, _ in inside for run in each)
    return runs, frozenset(part for _, each in inside for part in each)


@lru_cache(maxsize=8192)  # a series repeats nearly all of its words
def _inside(word: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    runs = () if word.isalpha() or word.isdigit() else tuple(_RUN.findall(word))
    parts = tuple(part for part, _ in without_modality_codes((word, *runs)))
    return (runs, parts) if runs or parts else None


def _long(runs: Iterable[str]) -> Iterator[str]:
    return (run for run in runs if len(run) >= _FEWEST_BESIDE)


def _has_other_script(spelled: Iterable[str], identifiers: Identifiers) -> bool:
    """Whether a word is a name in another script or in letters that look like its own."""
    return any(_is_in_other_script(word, identifiers) for word in set(spelled))


def _is_in_other_script(word: str, identifiers: Identifiers) -> bool:
    people = identifiers.people
    if not word.isascii():
        if _CYRILLIC.search(word):
            found = keys(word) if identifiers.cyrillic or identifiers.short else frozenset()
            if not identifiers.cyrillic.isdisjoint(found):
                return True
            if len(word) > _SHORTEST_NAME and not identifiers.short.isdisjoint(found):
                return True
            return _looks_like_a_name(word, identifiers)
        if _looks_like_a_name(word, identifiers):
            return True
    if not identifiers.latin and not people.spellings and not people.sounds:
        return False
    if plain(word) in people.spellings:
        return is_rare(plain(word))
    if len(word) < _FEWEST_BESIDE or not (identifiers.latin or people.sounds):
        return False
    found = keys(word)
    return not (identifiers.latin.isdisjoint(found) and people.sounds.isdisjoint(found)) and is_rare(
        plain(word)
    )


def _looks_like_a_name(word: str, identifiers: Identifiers) -> bool:
    """Whether a word is a name in letters of other scripts with the shapes of its own."""
    if len(word) < _FEWEST_BESIDE:
        return False
    alike = lookalikes()
    shape = "".join(letter if letter.isascii() else alike.get(letter, "\n") for letter in plain(word))
    return identifiers.words.get(shape) == "person"


def _has_people(text: str, identifiers: Identifiers) -> bool:
    """Whether a text names a person inside or across words, or in the place of a name."""

    def is_name(word: str) -> bool:
        return identifiers.words.get(word) == "person" or _is_in_other_script(word, identifiers)

    return identifiers.people.are_named(text, is_name)
