"""Why works are held back, as routes show it: by reason, and by the tags that the reasons name; never by a value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from pydicom.datadict import keyword_for_tag

from orthanc_deid.dicom.tags import format_tag
from orthanc_deid.host.routes.serializers import key
from orthanc_deid.ledger.queue.views import HeldBack
from orthanc_deid.pipeline.tasks import State

WORKS_LOOKED_AT = 10_000
"""Works of each state that reasons are told of; where there are more, the report says so."""

MOST_REASONS = 20
"""Reasons that are told of a job."""

_PATH = re.compile(r"\([0-9A-F]{4},[0-9A-F]{4}\)(?:\[\d+\]\.\([0-9A-F]{4},[0-9A-F]{4}\))*")
_TAG = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)$")


def reasons_content(held: Iterable[HeldBack]) -> list[dict[str, Any]]:
    """Return reasons as routes show them, in their order."""
    return [
        {"State": key(each.state), "Rule": each.rule, "Reason": each.reason, "Count": each.count}
        for each in held
    ]


def tags_content(held: Iterable[HeldBack]) -> list[dict[str, Any]]:
    """Return how many works a tag holds back, the most frequent first; a work counts once for each tag it names.

    Of an element inside sequences its own tag counts, not those of the sequences.
    """
    counts: Counter[tuple[State, int]] = Counter()
    for each in held:
        for tag in tags_in(each.reason):
            counts[each.state, tag] += each.count
    return [
        {"State": key(state), "Tag": format_tag(tag), "Keyword": keyword_for_tag(tag), "Count": count}
        for (state, tag), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def tags_in(reason: str) -> set[int]:
    """Return the tags of the elements whose paths stand in a reason."""
    found = set()
    for path in _PATH.findall(reason):
        group, element = _TAG.findall(path)[0]
        found.add(int(group, 16) << 16 | int(element, 16))
    return found
