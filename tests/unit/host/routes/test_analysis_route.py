"""The route of the analysis: which instances it reads, and its parameters."""

from __future__ import annotations

from orthanc_deid.host.routes.on_demand_routes import MOST_INSTANCES
from support.servers.route_host import ABSENT, FIRST, SECOND, SERIES, STUDY, Host


def test_all_instances_of_a_series_are_analyzed(host: Host) -> None:
    found = host.orthanc.call("GET", f"/series/{SERIES}/deidentify-analysis").json
    assert (found["Resource"], found["Total"]) == (f"/series/{SERIES}", 2)
    assert host.on_demand.analyzed == [FIRST, SECOND]


def test_the_worker_draws_it_on_request(host: Host) -> None:
    path = f"/series/{SERIES}/deidentify-analysis"
    answers = [
        host.orthanc.call("GET", path),
        host.orthanc.call("GET", path, drawing="false"),
        host.orthanc.call("GET", path, drawing="true"),
    ]
    assert [answer.status for answer in answers] == [200] * 3
    assert host.on_demand.drawn == [False, False, True]


def test_another_value_of_drawing_is_refused(host: Host) -> None:
    answer = host.orthanc.call("GET", f"/series/{SERIES}/deidentify-analysis", drawing="<b>")
    assert (answer.status, answer.json["Details"]) == (400, "drawing: accepted: true, false")
    assert host.on_demand.analyzed == []


def test_of_a_large_study_evenly_spread_instances_are_analyzed(host: Host) -> None:
    many = [f"{number:08x}-00000000-00000000-00000000-00000000" for number in range(3 * MOST_INSTANCES + 1)]
    host.orthanc.resources[f"/series/{SERIES}"] = {"Instances": many}
    found = host.orthanc.call("GET", f"/studies/{STUDY}/deidentify-analysis").json
    assert found["Total"] == len(many)
    assert host.on_demand.analyzed == many[::4]


def test_what_orthanc_does_not_hold_is_not_found(host: Host) -> None:
    assert host.orthanc.call("GET", f"/studies/{ABSENT}/deidentify-analysis").status == 404
