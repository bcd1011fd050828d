"""Routing by `OnReceive`: chooses profile and stores of an instance from its entries in the index of Orthanc."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from re import compile as compile_pattern

from orthanc_deid.config.settings import RoutingRule, Settings
from orthanc_deid.orthanc.main_tags import LEVEL_OF_TAG

PARENT_PATH = {"instance": "", "series": "/series", "study": "/study", "patient": "/patient"}


@dataclass(frozen=True, slots=True)
class Target:
    """One delivery that a rule asks for: a profile and a store."""

    profile: str
    store: str


class ReceivedInstance:
    """The entries of an instance in the index of Orthanc, read once each, and only if a rule needs them."""

    def __init__(self, instance: str, get_json: Callable[[str], object]) -> None:
        self._base = f"/instances/{instance}"
        self._get_json = cache(get_json)

    def metadata(self, name: str) -> str:
        """Return a metadata entry, such as `RemoteAET`, or an empty string."""
        return _text(self._get_json(f"{self._base}/metadata?expand"), name)

    def tag(self, keyword: str) -> str:
        """Return the value of a main DICOM tag, or an empty string."""
        resource = self._get_json(self._base + PARENT_PATH[LEVEL_OF_TAG[keyword]])
        tags = resource.get("MainDicomTags") if isinstance(resource, Mapping) else None
        return _text(tags, keyword)


def choose(settings: Settings, received: ReceivedInstance) -> tuple[Target, ...]:
    """Return the deliveries of the first rule that matches; none if it has `Ignore`, or if no rule matches.

    Raises SourceError, and LostError if Orthanc no longer holds the instance.
    """
    for rule in settings.on_receive:
        if _matches(rule, received):
            return targets(settings, rule)
    return ()


def targets(settings: Settings, rule: RoutingRule) -> tuple[Target, ...]:
    """Return the deliveries that a rule asks for."""
    if rule.ignore:
        return ()
    profile, stores = settings.targets(rule)
    return tuple(Target(profile, store) for store in stores)


def _matches(rule: RoutingRule, received: ReceivedInstance) -> bool:
    metadata = {"RemoteAET": rule.remote_aet, "CalledAET": rule.called_aet, "SopClassUid": rule.sop_class}
    if any(
        patterns and not _matches_any(received.metadata(name), patterns)
        for name, patterns in metadata.items()
    ):
        return False
    if rule.origin and (received.metadata("Origin") or "Unknown") not in rule.origin:
        return False
    if rule.modality and not _matches_any(received.tag("Modality"), rule.modality):
        return False
    return all(_matches_any(received.tag(keyword), patterns) for keyword, patterns in rule.tags.items())


def _matches_any(value: str, patterns: tuple[str, ...]) -> bool:
    return any(_matcher(pattern)(value) for pattern in patterns)


@cache
def _matcher(pattern: str) -> Callable[[str], object]:
    # `[` is an ordinary character in DICOM wildcard matching (PS3.4 C.2.2.2.4), unlike in a shell.
    return compile_pattern(translate(pattern.replace("[", "[[]"))).match


def _text(entries: object, name: str) -> str:
    value = entries.get(name) if isinstance(entries, Mapping) else None
    return value.strip(" \0") if isinstance(value, str) else ""
