"""Pages of the studio, driven as a person does."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import chromium
from support.studio import TOKEN

from narrows.studio.services import Studio

MARKS = [
    pytest.mark.skipif(bool(chromium.missing()), reason=chromium.missing() or "there is a browser"),
    # Selenium and the sockets of its driver are not ours.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
SECONDS = 60


class Page:
    """A browser on a studio."""

    def __init__(self, driver: Any, address: str, studio: Studio) -> None:
        self.driver, self.address, self.studio = driver, address, studio

    def open(self, name: str) -> None:
        self.driver.get("about:blank")
        self.driver.get(f"{self.address}/{name.partition('#')[0]}?token={TOKEN}")
        if "#" in name:
            self.driver.get(f"{self.address}/{name}")
            self.driver.refresh()

    def find(self, selector: str) -> Any:
        """The first element of a selector, as soon as there is one that is shown."""
        return self.until(lambda: next((e for e in self.all(selector) if e.is_displayed()), None), selector)

    def all(self, selector: str) -> list[Any]:
        found: list[Any] = self.driver.find_elements("css selector", selector)
        return found

    def click(self, selector: str) -> None:
        self.until(lambda: self._clicked(selector), selector)

    def _clicked(self, selector: str) -> bool:
        element = self.find(selector)
        if not element.is_enabled():
            return False
        element.click()
        return True

    def key(self, text: str) -> None:
        self.driver.switch_to.active_element.send_keys(text)

    def until(self, look: Callable[[], Any], what: str = "") -> Any:
        from selenium.common.exceptions import ElementClickInterceptedException, StaleElementReferenceException

        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                if found := look():
                    return found
            except (StaleElementReferenceException, ElementClickInterceptedException):
                pass  # the page has just drawn it anew
            time.sleep(0.05)
        raise AssertionError(f"not within {SECONDS} s: {what}\n{self.driver.find_element('tag name', 'body').text}")

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def errors(self) -> list[str]:
        """What the browser complains of."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]


def compare(page: Page, file: Path) -> str:
    """Upload a sound and let all codecs code it; the id of the comparison."""
    page.open("compare")
    page.until(lambda: page.all("#models [data-model=coded]"))
    page.all("input[type=file]")[0].send_keys(str(file))
    page.until(lambda: "tone.wav" in page.find("#chosen").text)
    page.find("[data-model=coded] input[type=text]").send_keys("1")
    page.click("#start")
    page.find(".comparison[data-ready]")
    return page.driver.current_url.rpartition("comparison=")[2]


def position(page: Page) -> float:
    return float(page.find(".view").get_attribute("aria-valuenow"))


def chosen(page: Page) -> str:
    return page.find("[role=radio][aria-checked=true]").get_attribute("data-version")
