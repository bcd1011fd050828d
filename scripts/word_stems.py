"""Write a list of Russian forms as stems with the numbers of their endings: `vocabulary/SOURCE.md`, "The form"."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

BEGINNING: Final = 3  # letters that the words of a line share
_FEWEST_STEMS = 4  # that a set of endings must serve to be written as such
_FEWEST_FORMS = 3


def write(target: Path, head: str, groups: Iterable[Iterable[str]]) -> None:
    """Write forms in groups, those of one group being inflected from one word, and print the length of the list."""
    stems = _stems(groups)
    used = Counter(frozenset(endings) for endings in stems.values() if len(endings) >= _FEWEST_FORMS)
    sets = [endings for endings, count in used.most_common() if count >= _FEWEST_STEMS]
    numbers = {endings: number for number, endings in enumerate(sets, 1)}
    words: set[str] = set()
    for stem, endings in stems.items():
        number = numbers.get(frozenset(endings))
        words.update((f"{stem}:{number}",) if number else (stem + ending for ending in endings))
    lines = [f"{number} = {' '.join(sorted(end or '-' for end in ends))}" for ends, number in numbers.items()]
    lines.append("")
    lines += (" ".join(line) for _, line in groupby(sorted(words), lambda word: word[:BEGINNING]))
    target.write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")
    print(f"{target.name}: {len(words)} entries, {len(sets)} sets of endings")


def _stems(groups: Iterable[Iterable[str]]) -> dict[str, set[str]]:
    stems: dict[str, set[str]] = defaultdict(set)
    for group in groups:
        for stem, forms in _by_stem(sorted(group)):
            stems[stem].update(form[len(stem) :] for form in forms)
    return stems


def _by_stem(forms: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield what the forms with one beginning have in common; forms that are too short are stems by themselves."""
    for start, same in groupby(forms, lambda form: form[:BEGINNING]):
        found = list(same)
        stem = _common(found[0], found[-1])
        if len(start) < BEGINNING:
            yield from ((form, [form]) for form in found)
        else:
            yield stem, found


def _common(first: str, last: str) -> str:
    """Return what the first and the last of sorted words, and so all of them, begin with."""
    pairs = enumerate(zip(first, last, strict=False))
    length = next((at for at, (one, other) in pairs if one != other), min(len(first), len(last)))
    return first[:length]
