"""Counts of tasks as gauges in the metrics of Orthanc (`/tools/metrics-prometheus`)."""

from __future__ import annotations

from collections.abc import Callable

from orthanc_deid.host.gateway import Gateway
from orthanc_deid.host.periodic import Periodic
from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.ledger.queue.views import QueueCounts
from orthanc_deid.pipeline.tasks import State

SECONDS = 5.0
"""Seconds between two updates: Orthanc-Python 4.0 offers no callback for reading the metrics."""


def values(counts: QueueCounts) -> dict[str, float]:
    """Return the gauges by name; duplicates count as delivered, seconds are those of finished tasks."""
    return {
        "deidentify_pending": counts[State.PENDING] + counts[State.CLAIMED],
        "deidentify_delivered_total": counts[State.DELIVERED] + counts[State.DUPLICATE],
        "deidentify_quarantined_total": counts[State.QUARANTINED],
        "deidentify_failed_total": counts[State.FAILED],
        "deidentify_lost_total": counts[State.LOST],
        "deidentify_seconds_sum": counts.seconds_sum,
        "deidentify_seconds_count": counts.seconds_count,
    }


def metrics(gateway: Gateway, ledger: Ledger, on_error: Callable[[str], None]) -> Periodic:
    """Return the thread that sets the gauges."""

    def run_once() -> None:
        for name, value in values(ledger.counts()).items():
            gateway.set_metric(name, value)

    return Periodic("metrics", run_once, SECONDS, on_error)
