"""The button in Orthanc Explorer, clicked in a real browser on the pages of all four levels.

Profile and store are chosen, the job is started and watched, the link to the result is followed, and the result's
file is in the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pydicom
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from support.data.studies import IDENTITY, ct_study, encoded
from support.servers.browser import chromium
from support.servers.orthanc_server import OrthancServer, research, running, with_plugin

pytestmark = pytest.mark.integration

ENDED = ("Success", "Partial", "Failure", "Refused")
LEVELS = ("patient", "study", "series", "instance")
INSTANCES = 3


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """An Orthanc that de-identifies on request only, into one of two stores."""
    folder = tmp_path_factory.mktemp("button")
    (folder / "second").mkdir()
    stores = {
        "output": {"Type": "Folder", "Path": str(folder / "output"), "Profiles": ["neutral", "basic"]},
        "second": {"Type": "Folder", "Path": str(folder / "second"), "Profiles": ["basic", "research"]},
    }
    with running(with_plugin(folder, {"Deidentify": {"OnReceive": [], "Stores": stores}})) as server:
        yield server


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chrome]:
    with chromium(tmp_path / "profile") as browser:
        yield browser
        browser.save_screenshot(str(tmp_path / "button.png"))


def upload(orthanc: OrthancServer, images: list[Any]) -> dict[str, str]:
    """Send a study; return Orthanc's identifiers by level, of the last instance."""
    answer = [orthanc.upload(encoded(image)) for image in images][-1]
    keys = {"patient": "ParentPatient", "study": "ParentStudy", "series": "ParentSeries", "instance": "ID"}
    return {level: answer[key] for level, key in keys.items()}


def wait(browser: Chrome, condition: Callable[[Chrome], Any]) -> Any:
    return WebDriverWait(browser, 30, 0.1).until(condition)


def open_page(browser: Chrome, orthanc: OrthancServer, level: str, resource: str) -> None:
    """Open the resource's page in Orthanc Explorer, and wait until profile and store can be chosen."""
    browser.get(f"{orthanc.url}/app/explorer.html#{level}?uuid={resource}")
    wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, f"#{level} #deidentify[data-ready]"))


def options(browser: Chrome, name: str) -> list[str]:
    return [option.text for option in Select(browser.find_element(By.ID, f"deidentify-{name}")).options]


def choose(browser: Chrome, name: str, value: str) -> None:
    Select(browser.find_element(By.ID, f"deidentify-{name}")).select_by_visible_text(value)


def start(browser: Chrome) -> tuple[str, list[str]]:
    """Click the button; return the state in which it ends, and the lines that say so."""
    browser.find_element(By.ID, "deidentify-start").click()
    status = browser.find_element(By.ID, "deidentify-status")
    wait(browser, lambda _: status.get_attribute("data-state") in ENDED)
    return str(status.get_attribute("data-state")), status.text.splitlines()


def shown(browser: Chrome, selector: str) -> list[str]:
    return [each.text for each in browser.find_elements(By.CSS_SELECTOR, selector) if each.is_displayed()]


@pytest.mark.parametrize("level", LEVELS)
def test_on_each_level_profile_and_store_are_chosen_and_the_result_is_found_by_the_link(
    orthanc: OrthancServer, browser: Chrome, level: str
) -> None:
    wanted = 1 if level == "instance" else INSTANCES
    held = upload(orthanc, ct_study(INSTANCES, patient=10 + LEVELS.index(level)))
    before = set(orthanc.folder.joinpath("second").rglob("*.dcm"))
    open_page(browser, orthanc, level, held[level])
    assert options(browser, "profile") == ["basic", "neutral", "research"], (
        "what no store admits is not offered"
    )
    assert Select(browser.find_element(By.ID, "deidentify-profile")).first_selected_option.text == "neutral"
    assert options(browser, "store") == ["output"]
    choose(browser, "profile", "basic")
    assert options(browser, "store") == ["output", "second"]
    choose(browser, "store", "second")

    state, lines = start(browser)
    assert (state, lines) == (
        "Success",
        ["Done: every instance is in the store second.", f"Delivered {wanted}"],
    )
    made = set(orthanc.folder.joinpath("second").rglob("*.dcm")) - before
    assert len(made) == wanted
    for path in made:
        data = path.read_bytes()
        assert not [word for word in IDENTITY if word.encode() in data]
        assert "profile basic" in str(pydicom.dcmread(path).DeidentificationMethod)
    (folder,) = {path.parent.parent for path in made}
    wait(browser, lambda b: f"Results are in {folder}" in shown(b, ".deidentify-result"))

    [link] = browser.find_elements(By.CSS_SELECTOR, ".deidentify-result .deidentify-details")
    link.click()
    wait(browser, lambda b: b.find_elements(By.ID, "study-word"))
    assert browser.current_url == f"{orthanc.url}/deidentify/app/index.html#study/{held['study']}"
    wait(browser, lambda b: str(folder) in b.find_element(By.ID, "main").text)


@pytest.mark.parametrize("level", LEVELS)
def test_on_each_level_a_refused_instance_is_shown_with_its_reason(
    orthanc: OrthancServer, browser: Chrome, level: str
) -> None:
    clean, suspected = ct_study(2, patient=20 + LEVELS.index(level))
    suspected.BurnedInAnnotation = "YES"
    held = upload(orthanc, [clean, suspected])
    open_page(browser, orthanc, level, held[level])
    state, lines = start(browser)
    reason = "Held back (1): suspected of burned-in text: BurnedInAnnotation is YES"
    if level == "instance":
        assert (state, lines) == ("Failure", ["Nothing was released.", "Quarantined 1", reason])
    else:
        expected = [
            "Done in part: not every instance could be released.",
            "Delivered 1, quarantined 1",
            reason,
        ]
        assert (state, lines) == ("Partial", expected)


def test_it_says_so_in_russian_too(orthanc: OrthancServer, tmp_path: Path) -> None:
    clean, suspected = ct_study(2, patient=30)
    suspected.BurnedInAnnotation = "YES"
    held = upload(orthanc, [clean, suspected])
    with chromium(tmp_path / "profile", "ru") as browser:
        open_page(browser, orthanc, "study", held["study"])
        assert browser.find_element(By.ID, "deidentify-start").text == "Деидентифицировать"
        state, lines = start(browser)
    assert (state, lines) == (
        "Partial",
        [
            "Готово частично: выпущены не все объекты.",
            "Передано 1, в карантине 1",
            "Задержано (1): подозрение на текст в пикселях: BurnedInAnnotation: YES",
        ],
    )


@pytest.mark.parametrize(
    ("refused", "state", "line"),
    [
        (False, "PastDelivered", "De-identified: every instance was delivered."),
        (True, "PastWithheld", "Nothing was released."),
    ],
)
def test_a_study_that_was_done_before_says_how_that_ended(
    orthanc: OrthancServer, browser: Chrome, refused: bool, state: str, line: str
) -> None:
    (image,) = ct_study(1, patient=32 if refused else 31)
    if refused:
        image.BurnedInAnnotation = "YES"
    study = upload(orthanc, [image])["study"]
    open_page(browser, orthanc, "study", study)
    assert shown(browser, "#deidentify-status") == [], "nothing became of it yet"
    orthanc.wait_for_job(orthanc.post(f"/studies/{study}/deidentify", {"Store": "output"}).json()["Path"])
    browser.refresh()
    wait(browser, lambda b: b.find_element(By.ID, "deidentify-status").get_attribute("data-state") == state)
    assert shown(browser, "#deidentify-status") == [line]
    assert shown(browser, "#deidentify-details") == ["What became of it"]


def test_the_preview_is_of_the_profile_that_is_chosen(orthanc: OrthancServer, browser: Chrome) -> None:
    held = upload(orthanc, ct_study(1, patient=33))
    open_page(browser, orthanc, "series", held["series"])
    choose(browser, "profile", "research")
    browser.find_element(By.ID, "deidentify-preview").click()
    wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "#preview-list tbody tr"))
    assert browser.current_url.endswith(f"#preview/series/{held['series']}?profile=research")


def test_what_is_not_there_any_more_is_refused_and_said(orthanc: OrthancServer, browser: Chrome) -> None:
    study = upload(orthanc, ct_study(1, patient=34))["study"]
    open_page(browser, orthanc, "study", study)
    orthanc.delete(f"/studies/{study}")
    assert start(browser) == ("Refused", ["Not started: Orthanc holds no such resource among its studies"])


def test_one_sees_how_it_goes_and_opens_the_result_in_another_orthanc(tmp_path: Path) -> None:
    with ExitStack() as stack:
        peer = research(tmp_path / "research")  # not there yet: the job must wait for it
        changes = {
            "OrthancPeers": {"research": [f"{peer.url}/", *(peer.auth or ())]},
            "Deidentify": {
                "OnReceive": [],
                "Stores": {"research": {"Type": "Orthanc", "Peer": "research"}},
                "Retry": {"FirstPause": 1, "LongestPause": 1},
            },
        }
        clinic = stack.enter_context(running(with_plugin(tmp_path / "clinic", changes)))
        held = upload(clinic, ct_study(1, patient=35))
        browser = stack.enter_context(chromium(tmp_path / "profile"))
        open_page(browser, clinic, "study", held["study"])
        assert not shown(browser, "#deidentify-profile, #deidentify-store"), "one choice is no question"
        browser.find_element(By.ID, "deidentify-start").click()
        wait(browser, lambda b: shown(b, "#deidentify-status") == ["De-identifying: 0 %"])
        stack.enter_context(running(peer))
        status = browser.find_element(By.ID, "deidentify-status")
        wait(browser, lambda _: status.get_attribute("data-state") == "Success")
        link = wait(
            browser, lambda b: b.find_elements(By.CSS_SELECTOR, ".deidentify-result a[target=_blank]")
        )[0]
        (result,) = peer.get("/studies")
        assert link.get_attribute("href") == f"{peer.url}/app/explorer.html#study?uuid={result}"
