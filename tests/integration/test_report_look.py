"""The reports' pages in a real browser: at every width whole rows of tiles, a head in one piece, nothing cut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from orthanc_deid.report.catalogue import reason, word
from orthanc_deid.report.html import Html, document, head, section, table, tiles
from support.servers.browser import chromium

pytestmark = pytest.mark.integration

TITLE = word("analysis.title")
NAME = word("analysis.suspected")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("look")) as driver:
        yield driver


def show(browser: Chrome, folder: Path, width: int, language: str, count: int) -> None:
    """Show a page with so many tiles, large numbers in them, and a wide table, in a window so wide."""
    columns = ((word("column.reason"), "name"), (word("column.tag"), "code keep"), (NAME, "number"))
    found = table(
        [*columns, *columns[1:] * 3], [(reason("verification"), *("(0010,0010)", 12345678) * 4)], NAME
    )
    numbers = (12_345_678, 12_345_678, 12_345_678, 98_765, 98_765, 98_765, 0)
    counts = tiles([("delivered", number, NAME) for number in numbers[:count]])
    file = folder / "page.html"
    body = Html(head(TITLE, "2026-01-02T03:04:05+01:00 · neutral · 0123456789abcdef") + counts)
    file.write_text(document("page", Html(body + section(NAME, found))), encoding="utf-8")
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(file.as_uri())
    browser.find_element(By.CSS_SELECTOR, f"[data-choose='{language}']").click()


def boxes(browser: Chrome, selector: str) -> list[dict[str, float]]:
    """Return where elements stand: left, top, right, bottom, in pixels."""
    script = (
        "return [...document.querySelectorAll(arguments[0])].map((e) => e.getBoundingClientRect().toJSON())"
    )
    found: list[dict[str, float]] = browser.execute_script(script, selector)
    return found


@pytest.mark.parametrize("count", [5, 7])
@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("width", [360, 420, 600, 800, 1024, 1280])
def test_it_fits(browser: Chrome, tmp_path: Path, width: int, language: str, count: int) -> None:
    show(browser, tmp_path, width, language, count)
    root = "document.documentElement"
    assert browser.execute_script(f"return {root}.scrollWidth <= {root}.clientWidth"), "it scrolls sideways"
    (around,) = boxes(browser, ".tiles")
    last_of_rows = {each["top"]: each["right"] for each in boxes(browser, ".tile")}
    assert all(abs(right - around["right"]) < 1 for right in last_of_rows.values()), "a row is not whole"
    (title,), (choice,) = boxes(browser, "h1"), boxes(browser, ".languages")
    assert title["right"] <= choice["left"]
    assert choice["top"] < title["bottom"], "the choice of the language is not beside the title"
    texts = "[...document.querySelectorAll('h1, .tile, figcaption')]"
    cut = browser.execute_script(f"return {texts}.filter((e) => e.scrollWidth > e.clientWidth)")
    assert cut == []
