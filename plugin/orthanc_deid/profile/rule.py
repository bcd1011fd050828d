"""The rule of one element, and the explicit rules that a profile's author wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias

from orthanc_deid.profile.action import Action
from orthanc_deid.profile.condition_model import Condition
from orthanc_deid.profile.model import AttributeRule
from orthanc_deid.profile.selectors import Selector, parse_selector
from orthanc_deid.standard.tables import row_for

EXPLICIT = "profile: attributes"
"""The prefix of the name of an explicit rule."""


class Manner(Enum):
    """How an action is applied where its code alone does not determine it."""

    PLAIN = 0
    PATIENT_ID = 1
    PATIENT_NAME = 2
    DERIVED = 3  # keyed value: AccessionNumber and StudyID where the profile derives them
    CHARACTER_SET = 4
    PRIVATE = 5  # by private creator: `PrivateRules.rule`
    AGE = 6  # kept up to the profile's limit
    SECONDS = 7  # a date as seconds of the Unix epoch, changed as `dates.mode` says
    GEOMETRY = 8  # a number of `standard/geometry.csv`: repaired, or the instance is refused
    REFUSED = 9  # a value refuses the instance; an empty one stays
    SAFE_INSIDE = 10  # a private sequence: only safe private elements in it stay, and it goes where none does
    JUDGED = 11  # a private value whose VR nothing states: kept as it is, or removed, by its bytes


@dataclass(frozen=True, slots=True)
class Rule:
    """The resolved rule of one element.

    `searched`: kept only if it contains no identifying value of the instance; `otherwise` applies if it does (None:
    the instance is refused). `by_word`: kept only as far as it is made of known words.
    `registered`: a UI that is kept only if a public registry names its values; else `otherwise` applies.
    `cases`: explicit rules with conditions, tried in order before this rule.
    """

    action: Action
    name: str
    value: str | None = None
    manner: Manner = Manner.PLAIN
    searched: bool = False
    registered: bool = False
    by_word: bool = False
    otherwise: Rule | None = None
    cases: tuple[tuple[tuple[Condition, ...], Rule], ...] = ()


@dataclass(frozen=True, slots=True)
class ExplicitRule:
    """A rule of the profile's `attributes`, with its index there."""

    number: int
    selector: Selector
    rule: Rule
    when: tuple[Condition, ...]

    @property
    def weakens(self) -> bool:
        """Whether it keeps an attribute of Table E.1-1, so that the result does not follow the Basic Profile."""
        step = self.selector.last
        if self.rule.action is not Action.K:
            return False
        return step.is_private or step.tag is None or row_for(step.tag) is not None


class ExplicitRules:
    """All explicit rules of a profile, indexed by tag, so that the length of an allow-list does not matter."""

    def __init__(self, rules: tuple[AttributeRule, ...]) -> None:
        self.all = tuple(_explicit(rule, number) for number, rule in enumerate(rules))
        self._by_tag: dict[int, list[ExplicitRule]] = {}
        self._patterns: list[ExplicitRule] = []
        for each in self.all:
            tag = each.selector.last.tag
            (self._patterns if tag is None else self._by_tag.setdefault(tag, [])).append(each)

    def matching(self, path: tuple[int, ...], creators: tuple[str | None, ...]) -> Iterator[ExplicitRule]:
        """Yield the rules that select the element at `path`, in the profile's order."""
        near = sorted((*self._by_tag.get(path[-1], ()), *self._patterns), key=lambda each: each.number)
        return (each for each in near if each.selector.matches(path, creators))

    def first(self, path: tuple[int, ...], creators: tuple[str | None, ...]) -> Rule | None:
        """Return the first matching rule without conditions, or None."""
        return next((each.rule for each in self.matching(path, creators) if not each.when), None)

    def with_cases(self, path: tuple[int, ...], creators: tuple[str | None, ...], rule: Rule) -> Rule:
        """Return `rule` with the matching conditional rules that precede the first unconditional one as cases."""
        cases = []
        for each in self.matching(path, creators):
            if not each.when:
                break
            cases.append((each.when, each.rule))
        return replace(rule, cases=tuple(cases)) if cases else rule


RuleFactory: TypeAlias = Callable[[Action, str], Rule]


def as_written(vr: str, rule: Rule, factory: RuleFactory) -> Rule:
    """Return `rule`, with its cases, in the form in which the engine applies it to an element of `vr`.

    Explicit rules name K and C for any VR: `factory` returns, by action and rule name, the rule for this VR. D of a
    UID is U.
    """
    if rule.cases:
        cases = tuple((when, as_written(vr, case, factory)) for when, case in rule.cases)
        return replace(as_written(vr, replace(rule, cases=()), factory), cases=cases)
    if rule.name.startswith(EXPLICIT) and rule.value is None and rule.manner is Manner.PLAIN:
        if rule.action in (Action.K, Action.C):
            return factory(rule.action, rule.name)
        if rule.action is Action.D and vr == "UI":
            return replace(rule, action=Action.U)
    return rule


def _explicit(rule: AttributeRule, number: int) -> ExplicitRule:
    compiled = Rule(rule.action or Action.D, f"{EXPLICIT}[{number}]", value=rule.value)
    return ExplicitRule(number, parse_selector(rule.attribute), compiled, rule.when)
