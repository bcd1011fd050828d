"""Faults between the entries of a profile: contradictions, unreachable rules, circular routes.

The checks work on the TOML data as read, even if the model refuses some of its fields, so that all faults of a file
are reported at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orthanc_deid.profile.faults import Fault
from orthanc_deid.profile.options import EXCLUSIVE
from orthanc_deid.profile.selectors import PathStep, parse_selector
from orthanc_deid.profile.toml_lines import KeyPath


def cross_faults(data: Mapping[str, Any]) -> list[Fault]:
    """Return the faults between entries of the TOML document `data`."""
    return [*_option_faults(data.get("options")), *_shadowed(data), *_unreached(data)]


def routes(data: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Yield key path and name of each profile that the instance rules of `data` route to."""
    for index, rule in _tables(data, "instances"):
        name = rule.get("profile")
        if isinstance(name, str):
            yield ("instances", index, "profile"), name


def route_faults(start: str, routed: Mapping[str, Iterable[tuple[KeyPath, str]]]) -> list[Fault]:
    """Return the faults of the routes that leave profile `start`; `routed` holds those of each profile."""
    faults = []
    for key_path, name in routed[start]:
        if name not in routed:
            faults.append(Fault(key_path, f"no profile named {name}; accepted: {', '.join(sorted(routed))}"))
        elif names := _circle(start, name, routed):
            faults.append(
                Fault(
                    key_path, f"routes in a circle ({' -> '.join(names)}); accepted: a profile that ends it"
                )
            )
    return faults


def _circle(start: str, name: str, routed: Mapping[str, Iterable[tuple[KeyPath, str]]]) -> list[str]:
    """Return the names on the way from `start` by `name` back to `start`; empty if there is none."""
    waiting, seen = [[start, name]], {start}
    while waiting:
        names = waiting.pop()
        if names[-1] == start:
            return names
        if names[-1] not in seen:
            seen.add(names[-1])
            waiting += [[*names, after] for _key_path, after in routed.get(names[-1], ())]
    return []


def _tables(data: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    entries = data.get(key)
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield index, entry


def _option_faults(options: Any) -> Iterator[Fault]:
    named = options if isinstance(options, list) else []
    for index, name in enumerate(named):
        if name in named[:index]:
            yield Fault(("options", index), "named twice; accepted: once")
    for one, other in EXCLUSIVE:
        if one in named and other in named:
            index = max(named.index(one), named.index(other))
            yield Fault(
                ("options", index), f'"{one}" and "{other}" exclude each other; accepted: one of them'
            )


def _shadowed(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the rules that can never apply: an earlier rule without conditions names the same attribute."""
    decided: dict[tuple[PathStep, ...], int] = {}
    for index, rule in _tables(data, "attributes"):
        steps = _steps(rule.get("attribute"))
        if steps in decided:
            key_path: KeyPath = ("attributes", index, "attribute")
            yield Fault(
                key_path,
                f"attributes[{decided[steps]}] already decides this attribute for every instance; "
                "accepted: one rule, or the rule with conditions first",
            )
        elif steps and not rule.get("when"):
            decided[steps] = index


def _steps(attribute: Any) -> tuple[PathStep, ...]:
    try:
        return parse_selector(attribute).steps if isinstance(attribute, str) else ()
    except ValueError:
        return ()  # the model reports it


def _unreached(data: Mapping[str, Any]) -> Iterator[Fault]:
    for index, rule in _tables(data, "instances"):
        if not rule.get("when"):
            entries = len(data["instances"])
            if index + 1 < entries:
                yield Fault(
                    ("instances", index + 1),
                    f"never reached: instances[{index}] takes every instance; accepted: the rule without `when` last",
                )
            return
