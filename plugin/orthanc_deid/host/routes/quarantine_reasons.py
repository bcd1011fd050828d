"""Reasons for which tasks are held back, and the tags that the reasons name, as routes show them; never a value."""

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

TASKS_EXAMINED = 10_000
"""Tasks of each state whose reasons are counted; the report says if there are more."""

MOST_REASONS = 20
"""Reasons that are shown of a job."""

_PATH = re.compile(r"\([0-9A-F]{4},[0-9A-F]{4}\)(?:\[\d+\]\.\([0-9A-F]{4},[0-9A-F]{4}\))*")
_TAG = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)$")


def reasons_content(held: Iterable[HeldBack]) -> list[dict[str, Any]]:
    """Return reasons as routes show them, in the same order."""
    return [
        {"State": key(each.state), "Rule": each.rule, "Reason": each.reason, "Count": each.count}
        for each in held
    ]


def tags_content(held: Iterable[HeldBack]) -> list[dict[str, Any]]:
    """Return the number of tasks by the tags that their reasons name, the highest first.

    A task counts once for each tag. Of an element inside sequences only its own tag counts.
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
    """Return the tags of the elements whose paths a reason names."""
    found = set()
    for path in _PATH.findall(reason):
        group, element = _TAG.findall(path)[0]
        found.add(int(group, 16) << 16 | int(element, 16))
    return found
