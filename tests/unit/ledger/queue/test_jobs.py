"""Jobs: their counts, retries and cancellation."""

from __future__ import annotations

from orthanc_deid.ledger.queue.ledger import Ledger
from orthanc_deid.ledger.queue.requests import JobRequest, TaskFilter
from orthanc_deid.ledger.queue.views import JobState
from orthanc_deid.pipeline.tasks import Result, State
from support.ledger_tasks import ended, received


def test_a_job_counts_its_own_works_until_they_are_done(ledger: Ledger) -> None:
    ledger.record(received(1), 1, 0.0)
    job = ledger.add_job(JobRequest("studies", "s1", "neutral", ["a", "b", "a"]), [("i1", 1), ("i2", 2)], 1.0)
    assert (job.total, job.progress, job.state, job.stores) == (4, 0, JobState.ACTIVE, ("a", "b"))
    tasks = [task for task in ledger.claim("me", 9, 60, 1.0) if task.job]
    assert len(tasks) == 4
    ledger.close([ended(tasks[0]), ended(tasks[1], Result.QUARANTINED, rule="r")], 2.0)
    half = ledger.job(job.id)
    assert half is not None
    assert (half.progress, half.state, half.counts[State.QUARANTINED]) == (50, JobState.ACTIVE, 1)
    ledger.close([ended(task) for task in tasks[2:]], 3.0)
    done = ledger.job(job.id)
    assert done is not None
    assert (done.progress, done.state, done.finished) == (100, JobState.DONE, 3.0)
    assert done.counts == {State.DELIVERED: 3, State.QUARANTINED: 1}
    assert len(ledger.rows_of_job(done)) == 4


def test_why_works_are_held_back_is_counted_by_reason_for_all_and_for_a_job(ledger: Ledger) -> None:
    ledger.record(received(1, 2, 3, 4), 4, 0.0)
    job = ledger.add_job(JobRequest("studies", "s1", "neutral", ["a"]), [("i1", 1)], 1.0)
    results = {"i1": "one", "i2": "two", "i3": "two"}
    tasks = ledger.claim("me", 9, 60, 1.0)
    ledger.close(
        [
            ended(task, Result.QUARANTINED, rule="r", reason=f"r: {results[task.instance]}")
            if task.instance in results
            else ended(task)
            for task in tasks
        ],
        2.0,
    )
    held = ledger.held_back(State.QUARANTINED, State.LOST, most=100)
    assert [(each.state, each.rule, each.reason, each.count) for each in held] == [
        (State.QUARANTINED, "r", "r: one", 2),
        (State.QUARANTINED, "r", "r: two", 2),
    ]
    assert [(each.reason, each.count) for each in ledger.held_back(State.QUARANTINED, most=100, job=job)] == [
        ("r: one", 1)
    ]
    assert sum(each.count for each in ledger.held_back(State.QUARANTINED, most=3)) == 3
    assert ledger.held_back(State.FAILED, most=100) == []


def test_a_job_without_instances_is_done(ledger: Ledger) -> None:
    job = ledger.add_job(JobRequest("studies", "s1", "neutral", ["a"]), [], 1.0)
    assert (job.state, job.progress) == (JobState.DONE, 100)


def test_a_jobs_failures_can_be_tried_again_and_make_it_active(ledger: Ledger) -> None:
    job = ledger.add_job(JobRequest("studies", "s1", "neutral", ["a"]), [("i1", 1)], 1.0)
    ledger.close([ended(task, Result.LOST) for task in ledger.claim("me", 9, 60, 1.0)], 2.0)
    assert ledger.retry(3.0, states=[State.LOST], where=TaskFilter(job_id="another")) == 0
    assert ledger.retry(3.0, states=[State.LOST], where=TaskFilter(job_id=job.id)) == 1
    again = ledger.job(job.id)
    assert again is not None
    assert (again.state, again.finished) == (JobState.ACTIVE, None)


def test_a_cancelled_job_finishes_what_is_claimed_and_leaves_the_rest(ledger: Ledger) -> None:
    job = ledger.add_job(
        JobRequest("studies", "s1", "neutral", ["a"]), [("i1", 1), ("i2", 2), ("i3", 3)], 1.0
    )
    [task] = ledger.claim("me", 1, 60, 1.0)
    cancelled = ledger.cancel_job(job.id, 2.0)
    assert cancelled is not None
    assert (cancelled.state, cancelled.counts[State.CANCELLED]) == (JobState.CANCELLED, 2)
    assert ledger.claim("me", 9, 60, 3.0) == []
    assert ledger.close([ended(task)], 4.0) == 1
    assert ledger.counts().states == {State.CANCELLED: 2, State.DELIVERED: 1}
    assert ledger.cancel_job("no such job", 5.0) is None


def test_jobs_are_listed_newest_first_page_by_page(ledger: Ledger) -> None:
    made = [
        ledger.add_job(JobRequest("studies", f"s{n}", "neutral", ["a"]), [(f"i{n}", n)], float(n))
        for n in range(5)
    ]
    first = ledger.jobs(limit=3)
    assert [job.resource for job in first] == ["s4", "s3", "s2"]
    assert [job.id for job in ledger.jobs(limit=3, before=first[-1].number)] == [made[1].id, made[0].id]
    assert ledger.job("nothing") is None
