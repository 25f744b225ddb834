"""The shortest walk through a browser: a sound is uploaded, coded, and heard in versions that are switched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import chromium
from support.browsing import MARKS, Page, chosen, compare, position
from support.studio import served, settings, wav

from narrows.studio.services import Studio

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_errors"), *MARKS]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, models: dict[str, Path]) -> Iterator[Page]:
    """A browser on a studio with codecs alone."""
    folder = tmp_path_factory.mktemp("browser")
    studio = Studio(settings(folder / "data", {name: models[name] for name in ("plain", "coded")}))
    with served(studio) as address, chromium.browser(str(folder)) as driver:
        yield Page(driver, address, studio)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some seconds of a tone, more than the switching takes."""
    path = tmp_path_factory.mktemp("sounds") / "tone.wav"
    path.write_bytes(wav(6, rate=4000))
    return path


def test_upload_and_switch_while_it_plays(page: Page, file: Path) -> None:
    compare(page, file)
    names = [button.get_attribute("data-version") for button in page.all("[role=radio]")]
    assert names == ["original", "plain", "coded, 1 codebook"]
    page.click("#play")
    page.until(lambda: position(page) > 0.2)
    for name in names[::-1]:
        before = position(page)
        page.click(f"[data-version='{name}'][role=radio]")
        assert chosen(page) == name
        page.until(lambda before=before: position(page) > before)
        assert position(page) < before + 2, "the place is kept"
        assert page.find("#play").text.startswith("Pause")
    page.key("3")
    assert chosen(page) == names[2]
    page.key("o")
    assert chosen(page) == "original"
    page.key("d")
    assert page.find("#difference").get_attribute("aria-pressed") == "true"
    page.key("m")
    assert page.find("#match").get_attribute("aria-pressed") == "false"
    page.key(" ")
    page.until(lambda: page.find("#play").text.startswith("Play"))
    rows = [row.text for row in page.all(".comparison tbody tr")]
    assert any(row.startswith("kbit/s, whole file") for row in rows)
