"""The steps of private elements, which depend on their creators, and of all elements inside private sequences."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Protocol

from orthanc_deid.deid.acts_on_bytes import shortest_words
from orthanc_deid.deid.element_steps import Act, ElementStep
from orthanc_deid.profile.compile import CompiledProfile, Level
from orthanc_deid.profile.rule import Rule

_MOST_ENTRIES: Final = 50_000  # hostile input must not fill the memory
_MOST_CREATORS: Final = 1 << 10
_MOST_OF_CREATOR: Final = 1 << 9  # elements of a block and some more, as blocks differ


class StepFactory(Protocol):
    """Returns the step that carries out a rule on an element."""

    def __call__(self, level: Level, tag: int, vr: str, rule: Rule, *, explicit: bool) -> ElementStep: ...


class PrivateSteps:
    """The steps under one compiled profile; `factory` makes them."""

    def __init__(self, compiled: CompiledProfile, factory: StepFactory) -> None:
        self._compiled = compiled
        self._factory = factory
        self._elements: dict[tuple[Level, int, str, bool, str], ElementStep] = {}
        self._by_creator: dict[tuple[Level, str], dict[ElementStep, ElementStep | None]] = {}
        self._inside: dict[tuple[Level, int, str, bool], ElementStep] = {}

    def of(self, step: ElementStep, level: Level, creator: str, *, items: bool) -> ElementStep:
        """Return the step of a private data element at `level` whose block `creator` reserved.

        `items`: the element consists of items, whatever its encoding says.
        """
        vr = "SQ" if items else step.vr
        key = (level, step.tag & 0xFFFF00FF, vr, step.explicit, creator)
        found = self._elements.get(key)
        if found is None:
            path, creators = (*level.path, step.tag), (*level.creators, creator)
            rule, vr = self._compiled.private.rule(path, creators, vr)
            found = self._factory(level, step.tag, vr, rule, explicit=step.explicit)
            if found.act == Act.PRIVATE_BYTES:
                found = replace(found, shortest=shortest_words(step.tag, creator))
            if len(self._elements) < _MOST_ENTRIES:
                self._elements[key] = found
        return found if found.tag == step.tag else replace(found, tag=step.tag)

    def known(self, level: Level, creator: str) -> dict[ElementStep, ElementStep | None]:
        """Return the known steps of a creator's elements at `level` by the noted ones; the caller completes them."""
        if len(self._by_creator) > _MOST_CREATORS:
            self._by_creator.clear()
        found = self._by_creator.setdefault((level, creator), {})
        if len(found) > _MOST_OF_CREATOR:
            found.clear()
        return found

    def inside(self, step: ElementStep, level: Level) -> ElementStep:
        """Return the step of the same element at `level`, inside a private sequence."""
        key = (level, step.tag, step.vr, step.explicit)
        found = self._inside.get(key)
        if found is None:
            rule = level.rule(step.tag, step.vr)
            found = self._factory(level, step.tag, step.vr, rule, explicit=step.explicit)
            if len(self._inside) < _MOST_ENTRIES:
                self._inside[key] = found
        return found
