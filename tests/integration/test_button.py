"""The button in Orthanc Explorer, clicked in a real browser: it starts a job and says how that ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from browser import chromium
from orthanc_server import OrthancServer, running, with_plugin
from studies import ct_study, encoded

pytestmark = pytest.mark.integration

ENDED = ("Success", "Partial", "Failure", "Refused")


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    with running(with_plugin(tmp_path_factory.mktemp("button"), {"Deidentify": {"OnReceive": []}})) as server:
        yield server


def upload(orthanc: OrthancServer, images: list[Any]) -> str:
    """Send a study; return Orthanc's identifier of it."""
    return str([orthanc.upload(encoded(image)) for image in images][-1]["ParentStudy"])


def click(browser: Chrome, orthanc: OrthancServer, study: str) -> tuple[str, str]:
    """Open the study's page, click the button, and return the final state and its text."""
    browser.get(f"{orthanc.url}/app/explorer.html#study?uuid={study}")
    wait = WebDriverWait(browser, 30)
    wait.until(lambda b: b.find_element(By.ID, "deidentify-start").is_displayed())
    browser.find_element(By.ID, "deidentify-start").click()
    status = browser.find_element(By.ID, "deidentify-status")
    wait.until(lambda _: status.get_attribute("data-state") in ENDED)
    return str(status.get_attribute("data-state")), status.text


def test_the_button_delivers_a_study_and_says_so(orthanc: OrthancServer, tmp_path: Path) -> None:
    study = upload(orthanc, ct_study(3))
    with chromium(tmp_path / "profile") as browser:
        state, text = click(browser, orthanc, study)
        browser.save_screenshot(str(tmp_path / "button.png"))
        assert browser.find_element(By.ID, "deidentify-start").text == "De-identify"
    assert state == "Success"
    assert text.splitlines() == [
        "Done: every instance is in the store output.",
        "Delivered 3, already there 0, quarantined 0, failed 0, lost 0",
    ]
    assert len(list(orthanc.output.rglob("*.dcm"))) == 3


def test_the_button_says_what_was_held_back_in_russian_too(orthanc: OrthancServer, tmp_path: Path) -> None:
    clean, suspected = ct_study(2, patient=1)
    suspected.BurnedInAnnotation = "YES"
    study = upload(orthanc, [clean, suspected])
    with chromium(tmp_path / "profile", "ru") as browser:
        state, text = click(browser, orthanc, study)
        browser.save_screenshot(str(tmp_path / "button.png"))
        assert browser.find_element(By.ID, "deidentify-start").text == "Деидентифицировать"
    assert state == "Partial"
    assert text.splitlines() == [
        "Готово частично: выпущены не все объекты.",
        "Передано 1, уже было 0, в карантине 1, сбоев 0, утрачено 0",
    ]


def test_the_button_says_why_it_was_refused(orthanc: OrthancServer, tmp_path: Path) -> None:
    study = upload(orthanc, ct_study(1, patient=2))
    with chromium(tmp_path / "profile") as browser:
        browser.get(f"{orthanc.url}/app/explorer.html#study?uuid={study}")
        wait = WebDriverWait(browser, 30)
        wait.until(lambda b: b.find_element(By.ID, "deidentify-start").is_displayed())
        orthanc.delete(f"/studies/{study}")
        browser.find_element(By.ID, "deidentify-start").click()
        status = browser.find_element(By.ID, "deidentify-status")
        wait.until(lambda _: status.get_attribute("data-state") in ENDED)
        assert status.text == "Not started: Orthanc holds no such resource among its studies"
