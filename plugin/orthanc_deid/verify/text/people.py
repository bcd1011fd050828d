"""Names of persons that are no words of a text by themselves, or only in the place of a name.

The rules are published in `profile/RULES.md`, sections "Names in other letters" and "Names inside and across words".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from orthanc_deid.standard.medical_words import medical_words, name_titles
from orthanc_deid.verify.text.romanization import is_cyrillic, keys, plain, split_scripts
from orthanc_deid.verify.text.romanized_names import (
    bare,
    coarse,
    coded,
    common_spellings,
    in_latin,
    in_shape,
    other_macs,
)

_APART = 5  # letters of a name that a text holds in pieces
_INSIDE = 6  # of one inside a word
_ACROSS = 8  # of one that begins or ends with a word
_BACKWARDS = 6
_PARTICLE = 2  # letters of a word in a component of several that is no name by itself
_SPELLED_OUT = range(3, 5)
_HEAD = 4  # letters by which a name is looked for
_MOST_PARTS = 6
_MOST_SEEN, _LONGEST_SEEN = 128, 8192  # texts and characters of each that are remembered
_FEWEST_COARSE = 3  # of the letters by which a name in a longer word is a reason to remove it
_SINGLE = re.compile(r"(?<!\S)\S(?: \S(?!\S))+")
_CODED_OR_LETTERS = re.compile(r"[^\W_]+")
_ENDING = 2  # letters of a name that its cases change
_NOT_LETTERS = re.compile(r"[\W_]+")
_SOUNDED = range(5, 257)  # letters of a name of another script that is compared by its sound
_LONGEST_ALONE = 64
_GROUPS = re.compile(r"[=\\]")
_TEXTS = re.compile(r"[\0\\\x1e]")
_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_CODED = re.compile(r"[^\W_](?:[^\W_]|[@$!|€](?=[^\W_]))+")
_PIECE = re.compile(r"[\s_.,;/()]+")
_CLOSE = re.compile(r"[\s,.;:^=_'’/-]{0,4}")
_APOSTROPHES = str.maketrans(dict.fromkeys("'’`ʼʹʺ′", " "))
_AFFIXES = (3, 4)


def is_rare(word: str) -> bool:
    """Whether a word in plain lower case is none of the medical vocabulary."""
    return word not in medical_words()


@dataclass(frozen=True, slots=True)
class People:
    """The parts of persons' names by the way they are searched.

    `spellings`: words of Latin letters, `sounds`: keys of long ones; both count if they are rare. `heads`: names of
    several letters by their first ones, joined ones among them. `joins`: those that are no part of a name themselves.
    `short`: names that count if they are spelled out. `coded`: names with digits for letters. `doubtful`, `bare`:
    words, and their consonants, with the parts of names that they may be. `initials`: of these `parts`.
    `seen`: texts that were searched.
    """

    spellings: set[str]
    sounds: set[str]
    heads: defaultdict[str, set[str]]
    short: set[str]
    coded: set[str]
    doubtful: defaultdict[str, set[tuple[str, int]]]
    bare: defaultdict[str, set[tuple[str, int]]]
    initials: defaultdict[str, set[tuple[str, int]]]
    parts: set[str]
    seen: dict[str, bool]

    @classmethod
    def of(cls, names: Iterable[str]) -> People:
        """Return the people whose PN values are `names`."""
        found = cls(
            spellings=set(),
            sounds=set(),
            heads=defaultdict(set),
            short=set(),
            coded=set(),
            doubtful=defaultdict(set),
            bare=defaultdict(set),
            initials=defaultdict(set),
            parts=set(),
            seen={},
        )
        for name in names:
            for group in _GROUPS.split(name):
                found._add(name, list(_components(group)))
        return found

    def _add(self, name: str, components: list[list[str]]) -> None:
        """Add the components of one group of a name."""
        parts = [part for component in components for part in component]
        forms = _joined(components, parts)
        for index, part in enumerate(parts):
            forms |= self._add_part(part, (name, index))
        for component in components:
            if len(component) > 1 and all(len(word) <= _PARTICLE for word in component):
                for word in component:
                    if len(word) == _PARTICLE:
                        self.doubtful[word].add((name, parts.index(word)))
        for form in forms:
            if len(form) >= _APART:
                self.heads[form[:_HEAD]].add(form)
                self.coded.add(coded(form))
            elif len(form) in _SPELLED_OUT:
                self.short.add(form)

    def _add_part(self, part: str, mark: tuple[str, int]) -> set[str]:
        """Add the Latin spellings of a part; return these, the part and both backwards."""
        latin = tuple(filter(None, common_spellings(part)))  # a hard sign alone has an empty one
        self.parts.update((part, *latin))
        self.spellings.update(each for each in latin if len(each) >= _SPELLED_OUT[0])
        if not is_cyrillic(part):
            self.sounds.update(key for each in latin if len(each) in _SOUNDED for key in keys(each))
        for each in latin if len(part) > 1 else ():
            if len(each) > 1:  # one letter is an initial, whatever name it may spell
                self.doubtful[each].add(mark)
        for each in (part, *latin):
            self.initials[each[0]].add(mark)
        if latin and "\u0590" <= part[0] <= "\u06ff" and len(bare(latin[0])) > 1:
            self.bare[bare(latin[0])].add(mark)
        written = {part, *latin, *other_macs(part)}
        return written | {each[::-1] for each in written if _is_backwards(each)}

    def may_be_named(self, text: str) -> bool:
        """Whether a text has anything in common with a name: a reason to remove it, not to refuse it."""
        small = plain(text.translate(_APOSTROPHES))
        words = {*_WORD.findall(small), *_WORD.findall(split_scripts(small)), *_CODED.findall(small)}
        single = ["".join(run.split()) for run in _SINGLE.findall(_NOT_LETTERS.sub(" ", small))]
        ends = {part[0] for part in self.parts}
        if any(len(run) >= _APART and not ends.isdisjoint((run[0], run[-1])) for run in single):
            return True  # spelled out in some romanization
        words.update(single)
        letters = "".join(_CODED_OR_LETTERS.findall(small))
        dense = [each for way in (letters, in_latin(letters), in_shape(letters)) for each in (way, way[::-1])]
        if any(_beginning(part) in way for part in self.parts for way in dense if len(part) > _PARTICLE):
            return True
        code = coded(letters)
        if any(coded(_beginning(part)) in code for part in self.parts if len(part) > _HEAD):
            return True
        if not {*words, *map(in_latin, words)}.isdisjoint(self.parts):
            return True
        known = {each for word in words for each in (coarse(word), coarse(word)[::-1])}
        long = set(filter(None, map(coarse, self.parts)))
        joined = f"{coarse(letters)} {coarse(letters)[::-1]}"
        return not known.isdisjoint(long) or any(
            len(each) >= _FEWEST_COARSE and each in joined for each in long
        )

    def are_named(self, text: str, is_name: Callable[[str], bool]) -> bool:
        """Whether a text holds a name inside or across words, or a doubtful word in the place of a name.

        `is_name`: whether a word in plain lower case is a name by itself, the same for each call.
        """
        found = self.seen.get(text)
        if found is None:
            parts = (plain(part.translate(_APOSTROPHES)) for part in _TEXTS.split(text))
            found = any(self._named_in(part, is_name) for part in parts)
            if len(self.seen) < _MOST_SEEN and len(text) < _LONGEST_SEEN:  # a series repeats its texts
                self.seen[text] = found
        return found

    def _named_in(self, text: str, is_name: Callable[[str], bool]) -> bool:
        words = list(_WORD.finditer(text))
        if any(self._is_in_joined(words, text)):
            return True
        if self.coded and any(map(self._is_coded, _CODED.findall(text))):
            return True
        if self.short and self._is_spelled_out(text):
            return True
        return (bool(self.doubtful) or bool(self.bare)) and self._is_in_place(text, is_name)

    def _is_in_joined(self, found: list[re.Match[str]], text: str) -> Iterator[bool]:
        """Yield whether each possible place of a name in the joined words is one that counts."""
        words = [word[0] for word in found]
        dense = "".join(words)
        if not self.heads or self.heads.keys().isdisjoint(
            {dense[at : at + _HEAD] for at in range(len(dense) - _HEAD)}
        ):
            return
        starts: list[int] = []
        length = 0
        for word in words:
            starts.append(length)
            length += len(word)
        begins, ends = set(starts), {*starts[1:], length}
        inner = {
            at: index for index, start in enumerate(starts) for at in range(start, start + len(words[index]))
        }
        for at in range(len(dense) - _HEAD):
            for form in self.heads.get(dense[at : at + _HEAD], ()):
                if not dense.startswith(form, at):
                    continue
                behind = at + len(form)
                first, last = inner[at], inner[behind - 1]
                if first == last:
                    yield words[first] == form or (len(form) >= _INSIDE and is_rare(words[first]))
                else:
                    ends_of_words = (at in begins) + (behind in ends)
                    wanted = 1 if len(form) >= _ACROSS else 2
                    yield ends_of_words >= wanted and _no_digits(text, found[first : last + 1])

    def _is_coded(self, word: str) -> bool:
        mixed = not word.isalpha() and sum(map(str.isalpha, word)) > 1
        return mixed and coded(word) in self.coded

    def _is_spelled_out(self, text: str) -> bool:
        run: list[str] = []
        for token in (*re.findall(r"[^\W_]+", text), "##"):
            if len(token) == 1 and token.isalpha():
                run.append(token)
            else:
                if "".join(run) in self.short:
                    return True
                run = []
        return False

    def _is_in_place(self, text: str, is_name: Callable[[str], bool]) -> bool:
        tokens = list(_WORD.finditer(text))
        marks = [self._parts(token[0]) for token in tokens]
        for index, own in enumerate(marks):
            if own and any(
                self._is_beside(text, tokens[other], tokens[index], own, marks[other], is_name)
                for other in (index - 1, index + 1)
                if 0 <= other < len(tokens)
            ):
                return True
        return bool(tokens) and self._is_alone(text, [token[0] for token in tokens], marks)

    def _is_alone(self, text: str, words: list[str], marks: list[set[tuple[str, int]]]) -> bool:
        if len(text) > _LONGEST_ALONE or any(map(str.isdigit, text)) or not any(marks):
            return False
        return all(
            (own and len(word) > 2) or len(word) == 1 or word in name_titles()
            for word, own in zip(words, marks, strict=True)
        )

    def _is_beside(
        self,
        text: str,
        other: re.Match[str],
        word: re.Match[str],
        own: set[tuple[str, int]],
        of_other: set[tuple[str, int]],
        is_name: Callable[[str], bool],
    ) -> bool:
        """Whether a doubtful word stands beside another part of a name, a title before it, or an initial."""
        first, second = sorted((other, word), key=re.Match.start)
        if not _CLOSE.fullmatch(text, first.end(), second.start()):
            return False
        if of_other and len(own | of_other) > 1:
            return True
        if first is other and other[0] in name_titles():
            return True
        if len(other[0]) == 1:
            return bool(self.initials.get(other[0], set()) - own)
        return is_name(other[0])

    def _parts(self, word: str) -> set[tuple[str, int]]:
        found = self.doubtful.get(word, set())
        if self.bare and word.isascii() and len(word) > 2 and is_rare(word):
            found = found | self.bare.get(bare(word), set())
        return found


def _no_digits(text: str, words: list[re.Match[str]]) -> bool:
    """Whether there is no digit between the first and the last of some words in a row."""
    return not any(map(str.isdigit, text[words[0].end() : words[-1].start()]))


def _components(group: str) -> Iterator[list[str]]:
    """Yield the words of each component in plain lower case; no titles as affixes, nor words with digits."""
    for place, component in enumerate(group.split("^")):
        pieces = _PIECE.split(plain(component.translate(_APOSTROPHES)))
        yield [
            word
            for piece in pieces
            if not any(map(str.isdigit, piece))
            for word in _WORD.findall(piece)
            if place not in _AFFIXES or word not in name_titles()
        ]


def _joined(components: list[list[str]], parts: list[str]) -> set[str]:
    """Return the parts of each component, and any two of the name, as one word, as written and in Latin letters."""
    found = {"".join(component) for component in components if len(component) > 1}
    some = parts[:_MOST_PARTS]
    for part in some:
        for other in some:
            if other is not part:
                found.add(part + other)
                spelled = [common_spellings(each) or (each,) for each in (part, other)]
                found.add(spelled[0][0] + spelled[1][0])
    return found


def _beginning(part: str) -> str:
    """Return the letters of a part of a name that stay in all its cases."""
    return part[: max(len(part) - _ENDING, _PARTICLE + 1)]


def _is_backwards(word: str) -> bool:
    return len(word) >= _BACKWARDS and is_rare(word[::-1])
