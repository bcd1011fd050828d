"""The page at /deidentify/app/ in a browser: opening it, reading it, and using it by the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from support.servers.browser import chromium, console_errors
from support.servers.orthanc_server import OrthancServer

APP = "/deidentify/app/"


@contextmanager
def page(orthanc: OrthancServer, folder: Path, place: str = "", language: str = "en") -> Iterator[Chrome]:
    """Open the page; at the end, check that the console is clean and that no other host was asked."""
    with chromium(folder / "profile", language) as browser:
        browser.get(f"{orthanc.url}{APP}{place}")
        wait(browser, lambda b: b.find_elements(By.CSS_SELECTOR, "main h1"))
        yield browser
        browser.save_screenshot(str(folder / "page.png"))
        assert not console_errors(browser), "the console is clean"
        asked = [
            entry["name"]
            for entry in browser.execute_script(
                "return performance.getEntries().filter(e => /^https?:/.test(e.name)).map(e => ({name: e.name}))"
            )
        ]
        assert asked
        assert {urlsplit(name).netloc for name in asked} == {urlsplit(orthanc.url).netloc}


def wait(browser: Chrome, condition: Callable[[Chrome], Any]) -> Any:
    return WebDriverWait(browser, 30, 0.1).until(condition)


def shown(browser: Chrome, selector: str = "main") -> str:
    """Return the visible text, read in one step: the page is drawn anew all the time."""
    return str(
        browser.execute_script("return document.querySelector(arguments[0])?.innerText ?? ''", selector)
    ).strip()


def texts_of(browser: Chrome, selector: str) -> list[str]:
    """Return the texts of all elements, those of SVG as well."""
    script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)"
    found: list[str] = browser.execute_script(script, selector)
    return found


def wait_for_text(browser: Chrome, text: str, selector: str = "main") -> None:
    wait(browser, lambda b: text in shown(b, selector))


def press(browser: Chrome, *keys: str) -> None:
    for key in keys:
        ActionChains(browser).send_keys(key).perform()


def tab_to(browser: Chrome, key: str) -> None:
    """Move the focus by the Tab key to the element with this data-key or id."""
    for _ in range(60):
        press(browser, Keys.TAB)
        at = browser.switch_to.active_element
        if key in (at.get_attribute("data-key"), at.get_attribute("id")):
            return
    raise AssertionError(f"the Tab key never reaches {key}")
