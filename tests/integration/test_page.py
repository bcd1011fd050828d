"""The page at /deidentify/app/ in a real browser: what it shows, what it starts, and what it must not do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.expected_conditions import presence_of_all_elements_located
from selenium.webdriver.support.ui import Select

from orthanc_deid.report.catalogue import in_russian, reasons
from support.data.studies import BIRTH_DATE, NAME, PATIENT_ID, REFERRER, ct_study, encoded
from support.repository import ROOT
from support.servers.browser import chromium
from support.servers.browser_page import APP, page, press, shown, tab_to, texts_of, wait, wait_for_text
from support.servers.orthanc_server import OrthancServer, running, with_plugin

pytestmark = pytest.mark.integration

VALUES = (NAME, PATIENT_ID, REFERRER, BIRTH_DATE)
VIEWS_OF_A_STUDY = ("study", "preview/studies", "tags/studies")


def upload(orthanc: OrthancServer, images: list[Any]) -> str:
    """Send a study; return Orthanc's identifier of it."""
    return str([orthanc.upload(encoded(image)) for image in images][-1]["ParentStudy"])


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """An Orthanc that de-identifies what it receives, with one study delivered and one delivered in part."""
    with running(with_plugin(tmp_path_factory.mktemp("page"))) as server:
        upload(server, ct_study(4))
        clean, suspected = ct_study(2, patient=1)
        suspected.BurnedInAnnotation = "YES"
        upload(server, [clean, suspected])
        server.wait_idle(6)
        yield server


@pytest.fixture(scope="module")
def partial(orthanc: OrthancServer) -> str:
    """The study of which one instance is held back."""
    return str(orthanc.get("/deidentify/report")["PartialStudies"][0]["ID"])


def held_back_so_far(orthanc: OrthancServer) -> int:
    """Return how often something was quarantined, trials anew included."""
    return sum(hour.get("Quarantined", 0) for hour in orthanc.get("/deidentify/report")["Hours"])


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ("De-identification", "Waiting", "Delivered", "Quarantined", "Throughput", "Partial studies")),
        (
            "ru",
            (
                "Деидентификация",
                "Ожидает",
                "Передано",
                "В карантине",
                "Производительность",
                "Неполные исследования",
            ),
        ),
        ("de", ("De-identification", "Waiting")),
    ],
)
def test_the_overview_shows_counts_reasons_pace_and_partial_studies(
    orthanc: OrthancServer, partial: str, tmp_path: Path, language: str, texts: tuple[str, ...]
) -> None:
    with page(orthanc, tmp_path, language=language) as browser:
        wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, f"a[href='#study/{partial}']"))
        everything = shown(browser, "body")
        assert not [text for text in texts if text not in everything]
        assert shown(browser, "#tile-Delivered b") == "5"
        assert shown(browser, "#tile-Quarantined b") == "1"
        assert browser.find_elements(By.CSS_SELECTOR, ".bars a[href^='#held?state=Quarantined&rule=']")
        assert browser.find_elements(By.CSS_SELECTOR, ".chart rect.delivered")
        assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == (
            "ru" if language == "ru" else "en"
        )
        assert not [value for value in VALUES if value in browser.page_source]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_reasons_are_shown_in_the_words_of_the_reports(
    on_request: OrthancServer, tmp_path: Path, language: str
) -> None:
    texts = [each.replace("{}", "64") for each in reasons()]
    texts.append("identifying values (no row: LO): person found (0010,0010)[1].(0040,A123); and 3 more")
    with page(on_request, tmp_path, language=language) as browser:
        shown_reasons = browser.execute_async_script(
            "const [texts, done] = arguments;"
            "import('./reasons.js').then((reasons) => done(texts.map(reasons.translated)))",
            texts,
        )
    assert shown_reasons == (texts if language == "en" else [in_russian(text) for text in texts])


def test_without_the_slash_it_is_the_same_page(orthanc: OrthancServer, tmp_path: Path) -> None:
    with chromium(tmp_path / "profile") as browser:
        browser.get(f"{orthanc.url}{APP.rstrip('/')}#held")
        wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "#view-held h1"))
        assert browser.current_url == f"{orthanc.url}{APP}#held"


def test_what_is_held_back_is_tried_again_by_the_keyboard_alone(
    orthanc: OrthancServer, tmp_path: Path
) -> None:
    row = orthanc.get("/deidentify/quarantine")[0]
    before = held_back_so_far(orthanc)
    with page(orthanc, tmp_path) as browser:
        tab_to(browser, "tab-held")
        press(browser, Keys.ENTER)
        wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, f"[data-key='retry-{row['Row']}']"))
        assert row["Rule"] in shown(browser)
        tab_to(browser, f"retry-{row['Row']}")
        outline = browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", "one sees where the focus is"
        press(browser, Keys.ENTER)
        wait_for_text(browser, "1 returned to the queue")
        wait(browser, lambda _: held_back_so_far(orthanc) == before + 1)  # done anew, and held back again
        wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, f"[data-key='retry-{row['Row']}']"))
        assert not [value for value in VALUES if value in browser.page_source]


def test_what_is_held_back_is_released_by_another_profile_that_the_store_admits(
    orthanc: OrthancServer, tmp_path: Path
) -> None:
    row = orthanc.get("/deidentify/quarantine")[0]
    before = len(orthanc.get("/deidentify/jobs"))
    with page(orthanc, tmp_path, "#held") as browser:
        wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, f"[data-key='by-{row['Row']}']"))
        choice = Select(browser.find_element(By.CSS_SELECTOR, f"[data-key='by-{row['Row']}']"))
        admitted = orthanc.status()["Stores"][row["Store"]]["Profiles"]
        assert [option.text for option in choice.options] == [
            each for each in admitted if each != row["Profile"]
        ]
        browser.find_element(By.CSS_SELECTOR, f"[data-key='release-{row['Row']}']").click()
        wait_for_text(browser, "Started by profile basic")
        job = orthanc.get("/deidentify/jobs")[0]
        assert (job["Profile"], job["Resource"]) == ("basic", f"/instances/{row['Instance']}")
        browser.find_element(By.CSS_SELECTOR, ".notice a[href='#jobs']").click()
        wait(browser, lambda b: len(b.find_elements(By.CSS_SELECTOR, "#jobs tbody tr")) == before + 1)


def test_the_preview_shows_values_before_anything_is_sent(tmp_path: Path) -> None:
    images = ct_study(2, patient=7)
    with ExitStack() as stack:
        server = stack.enter_context(
            running(with_plugin(tmp_path / "server", {"Deidentify": {"OnReceive": []}}))
        )
        study = upload(server, images)
        browser = stack.enter_context(page(server, tmp_path, f"#study/{study}"))
        wait_for_text(browser, "Left alone")
        assert not [value for value in VALUES if value in browser.page_source]
        Select(browser.find_element(By.ID, "profile")).select_by_value("basic")
        browser.find_element(By.ID, "preview").click()
        wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "#preview-list tbody tr"))
        assert NAME in shown(browser)
        assert "The verifier accepts the result." in shown(browser)
        assert Select(browser.find_element(By.ID, "profile")).first_selected_option.text == "basic"
        browser.find_element(By.ID, "filter").send_keys("PatientName")
        rows = [
            row
            for row in browser.find_elements(By.CSS_SELECTOR, "#preview-list tbody tr")
            if row.is_displayed()
        ]
        assert len(rows) == 1
        assert "(0010,0010)" in rows[0].text
        assert not list(server.output.rglob("*.dcm"))
        browser.find_element(By.CSS_SELECTOR, f"a.button[href='#study/{study}']").click()
        wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "[data-key='start']"))
        browser.find_element(By.CSS_SELECTOR, "[data-key='start']").click()
        wait_for_text(browser, "Delivered", "#study-word")
        assert len(list(server.output.rglob("*.dcm"))) == 2
        wait_for_text(browser, str(server.output))


def test_a_retry_that_is_requested_twice_runs_once_without_an_error(
    orthanc: OrthancServer, tmp_path: Path
) -> None:
    row = orthanc.get("/deidentify/quarantine")[0]
    before = held_back_so_far(orthanc)
    with page(orthanc, tmp_path, "#held") as browser:
        button = wait(browser, lambda b: b.find_element(By.CSS_SELECTOR, f"[data-key='retry-{row['Row']}']"))
        browser.execute_script("arguments[0].click(); arguments[0].click()", button)
        wait_for_text(browser, "1 returned to the queue")
        wait(browser, lambda _: held_back_so_far(orthanc) == before + 1)


@pytest.fixture(scope="module")
def on_request(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """An Orthanc that de-identifies only what somebody asks for."""
    folder = tmp_path_factory.mktemp("on request")
    with running(with_plugin(folder, {"Deidentify": {"OnReceive": []}})) as server:
        yield server


@pytest.mark.parametrize(
    ("language", "title", "why"),
    [("en", "Identifying tags", "table: Z, VR PN"), ("ru", "Идентифицирующие теги", "таблица: Z, VR PN")],
)
def test_the_chart_of_identifying_tags_shows_which_and_why_and_no_value(
    on_request: OrthancServer, tmp_path: Path, language: str, title: str, why: str
) -> None:
    images = ct_study(3, patient=8)
    images[0].Modality = "MR"
    study = upload(on_request, images)
    with page(on_request, tmp_path, f"#study/{study}", language) as browser:
        wait(browser, lambda b: b.find_element(By.ID, "tags")).click()
        wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "#tags-found tbody tr"))
        assert shown(browser, "h1").startswith(title)
        chart = "#tags-found svg[aria-labelledby='shares']"
        assert browser.find_element(By.CSS_SELECTOR, chart).accessible_name == shown(browser, "#shares")
        names = texts_of(browser, f"{chart} > text:not([text-anchor='end']):not(.small)")
        assert names == ["\u2211", "CT", "MR"], "everything together, then each modality"
        shares = texts_of(browser, f"{chart} rect > title")
        assert len(shares) == 9
        assert all(0 < float(re.split("[.,]", share)[0]) < 100 for share in shares)
        heights = (
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.getBoundingClientRect().height)"
        )
        assert all(height > 1 for height in browser.execute_script(heights, f"{chart} rect"))
        assert browser.find_elements(By.CSS_SELECTOR, f"{chart} .mark")
        languages = (
            "return [...document.querySelectorAll('#tags-found [lang]')].map((e) => e.getAttribute('lang'))"
        )
        assert set(browser.execute_script(languages)) == {language}
        [row] = [
            each.text
            for each in browser.find_elements(By.CSS_SELECTOR, "#tags-found tbody tr")
            if "(0010,0010)" in each.text
        ]
        assert "PatientName" in row
        assert why in row
        browser.find_element(By.ID, "filter").send_keys("0028,0010")
        rows = browser.find_elements(By.CSS_SELECTOR, "#attributes ~ .card tbody tr")
        assert ["(0028,0010)" in each.text for each in rows if each.is_displayed()] == [True]
        assert not [value for value in VALUES if value in browser.page_source]


def test_the_analysis_scrolls_by_the_keyboard_and_every_part_of_it_that_scrolls_has_a_name(
    on_request: OrthancServer, tmp_path: Path
) -> None:
    study = upload(on_request, ct_study(1, patient=10))
    with page(on_request, tmp_path, f"#tags/studies/{study}") as browser:
        wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "#tags-found tbody tr"))
        scrolled = browser.find_elements(By.CSS_SELECTOR, "#tags-found .scroll")
        assert len(scrolled) > 3
        assert {each.aria_role for each in scrolled} == {"region"}
        assert all(each.accessible_name for each in scrolled)
        browser.set_window_size(500, 900)
        tab_to(browser, "filter")
        browser.execute_script("document.activeElement.blur(); window.scrollTo(0, 0)")
        browser.execute_script("arguments[0].focus()", scrolled[0])
        press(browser, *[Keys.ARROW_RIGHT] * 3)
        wait(browser, lambda b: b.execute_script("return arguments[0].scrollLeft", scrolled[0]) > 0)


@pytest.mark.parametrize(
    ("language", "rule", "left_alone"),
    [
        ("en", "private SOP class", "instances were left alone"),
        ("ru", "приватный SOP Class", "Не тронуто объектов:"),
    ],
)
def test_quarantine_is_shown_by_rule_and_by_tag_and_ignored_instances_are_counted(
    on_request: OrthancServer, tmp_path: Path, language: str, rule: str, left_alone: str
) -> None:
    (image,) = ct_study(1, patient=9)
    image.SOPClassUID = "1.2.3.4.5.6.7"
    study = upload(on_request, [image])
    job = on_request.post(f"/studies/{study}/deidentify").json()
    assert on_request.wait_for_job(job["Path"])["State"] == "Failure"
    with page(on_request, tmp_path, language=language) as browser:
        wait_for_text(browser, "(0008,0016) SOPClassUID", "#report")
        assert rule in shown(browser, "#report")
        assert left_alone in shown(browser, "#ignored")
        browser.get(f"{on_request.url}{APP}#study/{study}")
        wait_for_text(browser, f"{rule}: (0008,0016)")


def test_a_study_shows_what_became_of_each_instance_and_where(
    orthanc: OrthancServer, partial: str, tmp_path: Path
) -> None:
    with page(orthanc, tmp_path, f"#study/{partial}") as browser:
        wait(browser, lambda b: b.find_elements(By.ID, "study-word"))
        assert shown(browser, "#study-word") == "Partial"
        tasks = orthanc.get(f"/deidentify/studies/{partial}")["Works"]
        reasons = [task["Reason"] for task in tasks if task["State"] == "Quarantined"]
        assert reasons
        assert not [reason for reason in reasons if reason not in shown(browser)]


def test_a_study_is_found_by_its_uid(orthanc: OrthancServer, tmp_path: Path) -> None:
    with page(orthanc, tmp_path) as browser:
        box = wait(browser, lambda b: b.find_element(By.ID, "open-study"))
        box.send_keys("1.2.3.4")
        press(browser, Keys.ENTER)
        wait_for_text(browser, "Orthanc knows no such study.")
        box.clear()
        box.send_keys(str(ct_study(1)[0].StudyInstanceUID))
        press(browser, Keys.ENTER)
        wait(browser, lambda b: b.find_elements(By.ID, "study-word"))
        assert shown(browser, "#study-word") == "Delivered"


def test_the_buttons_of_orthanc_explorer_2_lead_to_the_resource(
    orthanc: OrthancServer, partial: str, tmp_path: Path
) -> None:
    """Orthanc Explorer 2 itself is not here: what its page at /ui/app/ would open is opened."""
    section = json.loads((ROOT / "orthanc-config" / "explorer-2.json").read_text(encoding="utf-8"))
    series = orthanc.get(f"/studies/{partial}")["Series"][0]
    held = {"study": partial, "series": series, "instance": orthanc.get(f"/series/{series}")["Instances"][0]}
    with page(orthanc, tmp_path) as browser:
        for level, (button,) in section["OrthancExplorer2"]["UiOptions"]["CustomButtons"].items():
            browser.get(urljoin(f"{orthanc.url}/ui/app/", button["Url"].replace("{UUID}", held[level])))
            sign = "#study-word" if level == "study" else "#preview-list .notice"
            wait(browser, presence_of_all_elements_located((By.CSS_SELECTOR, sign)))
            assert held[level][:8] in shown(browser, "h1")


def test_changes_are_announced_to_screen_readers_and_every_control_has_a_name(
    orthanc: OrthancServer, partial: str, tmp_path: Path
) -> None:
    with page(orthanc, tmp_path) as browser:
        places = ("#overview", "#held", "#jobs", *(f"#{view}/{partial}" for view in VIEWS_OF_A_STUDY))
        for place in places:
            browser.get(f"{orthanc.url}{APP}{place}")
            wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "main h1"))
            live = browser.find_element(By.ID, "live")
            assert live.get_attribute("aria-live") == "polite"
            unnamed = [
                element.get_attribute("outerHTML")
                for element in browser.find_elements(By.CSS_SELECTOR, "a, button, input, select, progress")
                if not element.accessible_name
            ]
            assert not unnamed


def test_a_study_that_orthanc_does_not_hold_offers_nothing_to_start(
    orthanc: OrthancServer, tmp_path: Path
) -> None:
    with chromium(tmp_path / "profile") as browser:
        browser.get(f"{orthanc.url}{APP}#study/11111111-11111111-11111111-11111111-11111111")
        wait_for_text(browser, "Orthanc knows no such study.")
        assert not browser.find_element(By.CSS_SELECTOR, "[data-key='start']").is_displayed()


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("", "text/html"),
        ("index.html", "text/html"),
        ("page.css", "text/css"),
        ("drawing.css", "text/css"),
        ("main.js", "text/javascript"),
        ("icon.svg", "image/svg+xml"),
    ],
)
def test_its_files_have_their_types_a_strict_policy_and_are_not_sent_twice(
    orthanc: OrthancServer, name: str, content_type: str
) -> None:
    answer = requests.get(orthanc.url + APP + name, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(content_type)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["Cache-Control"] == "no-cache"
    again = requests.get(
        orthanc.url + APP + name, headers={"If-None-Match": answer.headers["ETag"]}, timeout=10
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["nothing.js", "..%2f..%2fpage.py", "__init__.py", "explorer.js"])
def test_no_other_file_is_served(orthanc: OrthancServer, name: str) -> None:
    assert requests.get(orthanc.url + APP + name, timeout=10).status_code == 404


def test_only_reading_is_allowed(orthanc: OrthancServer) -> None:
    assert requests.post(orthanc.url + APP, data=b"", timeout=10).status_code == 405
