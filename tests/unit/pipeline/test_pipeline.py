"""One instance's way, and every end that it can come to."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from orthanc_deid.dicom.partial_file import Data
from orthanc_deid.errors import ConflictError, RejectedError, StoreError, VerificationError
from orthanc_deid.pipeline.pipeline import Pipeline, PipelineOptions
from orthanc_deid.pipeline.process import Processed, Withheld
from orthanc_deid.pipeline.tasks import OwnOutput, Result, Task
from support.pipeline_parts import KEY, PROFILE, FolderOfBytes, ListStore, fill, turned


def task(number: int, instance: str, store: str = "a", **more: object) -> Task:
    return Task(number, 1, instance, number, "neutral", store, **more)  # type: ignore[arg-type]


def pipeline(folder: Path, *stores: ListStore, **more: object) -> Pipeline:
    makers = {"neutral": lambda: turned(PROFILE, KEY)}
    return Pipeline(FolderOfBytes(folder), stores, makers, PipelineOptions(**more))  # type: ignore[arg-type]


def instance(folder: Path, content: str) -> str:
    name = hashlib.sha256(content.encode()).hexdigest()[:8]
    (folder / name).write_text(content)
    return name


def test_an_instance_is_put_once_its_store_is_synced_and_its_output_is_known(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    store = ListStore("a")
    [outcome] = pipeline(tmp_path, store).run([task(1, "i000")])
    data = b"content of i000"[::-1]
    assert store.put_bytes == [data]
    assert store.synced == 1
    assert outcome.result is Result.DELIVERED
    assert outcome.output is not None
    assert outcome.output.md5 == hashlib.md5(data, usedforsecurity=False).hexdigest()
    assert outcome.output.patient_id == "p1"


def test_the_same_bytes_again_are_a_duplicate(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    tested = pipeline(tmp_path, ListStore("a"))
    results = [tested.run([task(number, "i000")])[0].result for number in (1, 2)]
    assert results == [Result.DELIVERED, Result.DUPLICATE]


@pytest.mark.parametrize(
    ("content", "result", "rule"),
    [
        ("refuse", Result.QUARANTINED, "test rule"),
        ("crash", Result.QUARANTINED, "unexpected: ValueError"),
        ("memory", Result.QUARANTINED, "unexpected: MemoryError"),
    ],
)
def test_what_cannot_be_made_safe_is_quarantined_and_the_others_are_delivered(
    tmp_path: Path, content: str, result: Result, rule: str
) -> None:
    fill(tmp_path, 2)
    bad = instance(tmp_path, content)
    store = ListStore("a")
    outcomes = pipeline(tmp_path, store).run([task(1, "i000"), task(2, bad), task(3, "i001")])
    assert [outcome.result for outcome in outcomes] == [Result.DELIVERED, result, Result.DELIVERED]
    assert outcomes[1].rule == rule
    assert len(store.put_bytes) == 2


def test_an_unexpected_error_is_named_by_its_type_and_never_by_its_message(tmp_path: Path) -> None:
    bad = instance(tmp_path, "crash")
    [outcome] = pipeline(tmp_path, ListStore("a")).run([task(1, bad)])
    assert "DOE" not in repr(outcome)


def test_an_instance_that_is_gone_is_lost(tmp_path: Path) -> None:
    [outcome] = pipeline(tmp_path, ListStore("a")).run([task(1, "nothing")])
    assert (outcome.result, outcome.rule) == (Result.LOST, "lost")


def test_a_source_that_fails_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    [outcome] = pipeline(tmp_path, ListStore("a")).run([task(1, "folder")])
    assert (outcome.result, outcome.rule) == (Result.RETRY, "source")


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (StoreError("down"), Result.RETRY_STORE),
        (RejectedError("not this one"), Result.RETRY),
        (ConflictError("other bytes"), Result.QUARANTINED),
        (KeyError("DOE^JOHN"), Result.QUARANTINED),
    ],
)
def test_what_a_store_says_decides_whether_it_is_tried_again(
    tmp_path: Path, error: Exception, result: Result
) -> None:
    fill(tmp_path, 1)
    [outcome] = pipeline(tmp_path, ListStore("a", error=error)).run([task(1, "i000")])
    assert outcome.result is result
    assert outcome.output is None
    assert "DOE" not in repr(outcome)


def test_one_instance_for_two_stores_is_fetched_and_deidentified_once(tmp_path: Path) -> None:
    calls: list[int] = []
    process = turned(PROFILE, KEY)

    def counting() -> object:
        def run(data: Data) -> Processed | Withheld:
            calls.append(1)
            return process(data)

        return run

    fill(tmp_path, 1)
    a, b = ListStore("a"), ListStore("b")
    tested = Pipeline(FolderOfBytes(tmp_path), [a, b], {"neutral": counting})  # type: ignore[dict-item]
    outcomes = tested.run([task(1, "i000", "a"), Task(2, 1, "i000", 1, "neutral", "b")])
    assert [outcome.result for outcome in outcomes] == [Result.DELIVERED] * 2
    assert len(calls) == 1
    assert a.put_bytes == b.put_bytes


def test_a_store_that_fails_twice_is_spared_the_rest_and_the_other_store_gets_all(
    tmp_path: Path,
) -> None:
    names = fill(tmp_path, 5)
    good, bad = ListStore("good"), ListStore("bad", error=StoreError("down"))
    tasks = [
        task(10 * n + s, name, store)
        for n, name in enumerate(names)
        for s, store in enumerate(("bad", "good"))
    ]
    outcomes = pipeline(tmp_path, good, bad).run(tasks)
    assert len(good.put_bytes) == 5
    failed = [outcome for outcome in outcomes if outcome.task.store == "bad"]
    assert {outcome.result for outcome in failed} == {Result.RETRY_STORE}
    assert [outcome.reason for outcome in failed].count("down") == 2


def test_one_slow_failure_is_enough(tmp_path: Path) -> None:
    names = fill(tmp_path, 3)
    times = iter(range(0, 1000, 5))
    store = ListStore("a", error=StoreError("no answer in time"))
    tested = pipeline(tmp_path, store, clock=lambda: float(next(times)))
    outcomes = tested.run([task(n, name) for n, name in enumerate(names)])
    assert [outcome.reason for outcome in outcomes].count("no answer in time") == 1


def test_what_could_not_be_made_durable_was_not_delivered(tmp_path: Path) -> None:
    names = fill(tmp_path, 2)
    good, bad = ListStore("good"), ListStore("bad", sync_error=StoreError("input/output error"))
    tasks = [
        task(1, names[0], "good"),
        task(2, names[0], "bad"),
        task(3, names[1], "bad"),
        task(4, "gone", "bad"),
    ]
    outcomes = pipeline(tmp_path, good, bad).run(tasks)
    assert [outcome.result for outcome in outcomes] == [
        Result.DELIVERED,
        Result.RETRY_STORE,
        Result.RETRY_STORE,
        Result.LOST,
    ]
    assert outcomes[1].output is None


def test_our_own_output_that_came_back_is_not_processed_again(tmp_path: Path) -> None:
    [name] = fill(tmp_path, 1)
    md5 = hashlib.md5((tmp_path / name).read_bytes(), usedforsecurity=False).hexdigest()
    store = ListStore("a")
    [outcome] = pipeline(tmp_path, store).run([task(1, name, own=(OwnOutput("0" * 32), OwnOutput(md5)))])
    assert outcome.result is Result.IGNORED
    assert not store.put_bytes


def test_other_bytes_under_an_outputs_identifiers_are_neither_processed_nor_trusted(tmp_path: Path) -> None:
    [name] = fill(tmp_path, 1)
    store = ListStore("a")
    [outcome] = pipeline(tmp_path, store).run([task(1, name, own=(OwnOutput("0" * 32, "gone", "neutral"),))])
    assert (outcome.result, outcome.rule) == (Result.QUARANTINED, "own output, changed")
    assert not store.put_bytes


def test_an_original_whose_identifiers_the_profile_keeps_is_processed_again(tmp_path: Path) -> None:
    [name] = fill(tmp_path, 1)
    own = (OwnOutput("0" * 32, name, "neutral"),)
    [outcome] = pipeline(tmp_path, ListStore("a")).run([task(1, name, own=own)])
    assert outcome.result is Result.DELIVERED


def test_a_profile_that_the_store_no_longer_admits_is_not_applied(tmp_path: Path) -> None:
    [name] = fill(tmp_path, 1)
    store = ListStore("a")
    [outcome] = pipeline(tmp_path, store, admitted={"a": ("basic",)}).run([task(1, name)])
    assert (outcome.result, outcome.rule) == (Result.QUARANTINED, "not admitted")
    assert not store.put_bytes


@pytest.mark.parametrize("wanted", [True, False])
def test_the_md5_of_the_source_is_in_the_outcome_where_the_setup_wants_it(
    tmp_path: Path, wanted: bool
) -> None:
    [name] = fill(tmp_path, 1)
    md5 = hashlib.md5((tmp_path / name).read_bytes(), usedforsecurity=False).hexdigest()
    [outcome] = pipeline(tmp_path, ListStore("a"), source_md5=wanted).run([task(1, name)])
    assert outcome.source_md5 == (md5 if wanted else "")


def test_a_store_is_opened_when_it_is_first_needed_and_once(tmp_path: Path) -> None:
    names = fill(tmp_path, 2)
    used, unused = ListStore("a"), ListStore("b")
    tested = pipeline(tmp_path, used, unused)
    for name in names:
        tested.run([task(1, name)])
    assert (used.opened, unused.opened) == (1, 0)


def test_facts_come_with_delivered_and_with_refused_instances(tmp_path: Path) -> None:
    [name] = fill(tmp_path, 1)
    bad = instance(tmp_path, "refuse")
    outcomes = pipeline(tmp_path, ListStore("a")).run([task(1, name), task(2, bad), task(3, "gone")])
    assert [outcome.facts and outcome.facts.sop_class for outcome in outcomes] == [
        "1.2.840.10008.5.1.4.1.1.2",
        "1.2",
        None,
    ]


@pytest.mark.parametrize("wanted", [True, False])
def test_a_conflict_names_its_result_where_that_is_wanted(tmp_path: Path, wanted: bool) -> None:
    [name] = fill(tmp_path, 1)
    store = ListStore("a", error=ConflictError("other bytes"))
    [outcome] = pipeline(tmp_path, store, conflict_output=wanted).run([task(1, name)])
    assert outcome.rule == "conflict"
    assert (outcome.output is not None) is wanted


def test_an_error_while_a_result_is_written_is_a_finding(tmp_path: Path) -> None:
    [name] = fill(tmp_path, 1)
    store = ListStore("a", error=VerificationError(("pixels: other samples",)))
    [outcome] = pipeline(tmp_path, store).run([task(1, name)])
    assert (outcome.result, outcome.rule) == (Result.QUARANTINED, "verification")
    assert outcome.facts is not None
    assert outcome.facts.findings == ("pixels: other samples",)
