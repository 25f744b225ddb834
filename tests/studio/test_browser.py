"""The pages, driven as a person does, in a headless Chromium where there is one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import chromium, tiny_diffusion
from support.studio import TOKEN, settings, wav

from narrows.models import create_model_from_config, save_model
from narrows.studio.services import Studio

pytestmark = [
    pytest.mark.long,
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


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, models: dict[str, Path]) -> Iterator[Page]:
    from support.studio import served

    folder = tmp_path_factory.mktemp("browser")
    runs = folder / "runs"
    for name in ("one", "two"):
        (runs / name).mkdir(parents=True)
        lines = [{"step": step, "split": "train", "loss": 1 / step, "codebook_use": 0.5} for step in range(10, 100, 10)]
        (runs / name / "metrics.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    # Browsers decode no rate below 3000 Hz.
    noise = create_model_from_config(tiny_diffusion.document(size=2048, top={"sample_rate": 4000})).eval()
    ears = create_model_from_config(tiny_diffusion.listening(size=2048, top={"sample_rate": 4000})).eval()
    models = {**models, "noise": save_model(noise, folder / "noise"), "ears": save_model(ears, folder / "ears")}
    studio = Studio(settings(folder / "data", models, runs=(runs,)))
    assert studio.descriptions, "loaded before the browser asks"
    with served(studio) as address, chromium.browser(str(folder)) as driver:
        yield Page(driver, address, studio)


@pytest.fixture(autouse=True)
def _no_errors(page: Page) -> Iterator[None]:
    page.errors()
    yield
    assert page.errors() == []


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sounds") / "tone.wav"
    path.write_bytes(wav(10, rate=4000))
    return path


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


def test_versions_run_on_one_clock(page: Page) -> None:
    """Switching while it plays gives the other version from that very sample on."""
    page.open("watch")
    differences = page.driver.execute_async_script("""
        const done = arguments[0];
        (async () => {
          const { Player } = await import('/static/player.js');
          const context = new OfflineAudioContext(1, 8000, 8000);
          context.resume = async () => {};
          const ramp = (sign) => {
            const made = context.createBuffer(1, 8000, 8000);
            made.copyToChannel(Float32Array.from({ length: 8000 }, (_, i) => (sign * (i + 1)) / 8000), 0);
            return made;
          };
          const player = new Player(context);
          player.add('up', ramp(1)); player.add('down', ramp(-1));
          await player.play();
          context.suspend(0.5).then(() => {
            player.select('down');
            OfflineAudioContext.prototype.resume.call(context);
          });
          const made = (await context.startRendering()).getChannelData(0);
          const start = made.findIndex((x) => x !== 0);
          let before = 0, after = 0;
          for (let i = start; i < 3900; i++) before = Math.max(before, Math.abs(made[i] - (i - start + 1) / 8000));
          for (let i = 4400; i < 8000; i++) after = Math.max(after, Math.abs(made[i] + (i - start + 1) / 8000));
          done([start, before, after]);
        })().catch((error) => done(String(error)));
    """)
    start, before, after = differences
    assert 0 < start < 400
    assert before < 1e-4
    assert after < 1e-3


def test_a_region_is_dragged_and_loops(page: Page, file: Path) -> None:
    from selenium.webdriver import ActionChains

    compare(page, file)
    view = page.find(".view")
    width = view.size["width"]
    ActionChains(page.driver).move_to_element_with_offset(view, -width // 4, 0).click_and_hold().move_by_offset(
        width // 8, 0
    ).release().perform()
    assert page.find("#loop").get_attribute("aria-pressed") == "true"
    assert page.all(".view .region")
    page.click("#play")
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        assert 2.3 < position(page) < 4.0
    page.key(" ")
    from selenium.webdriver.common.keys import Keys

    page.key(Keys.ESCAPE)
    assert not page.all(".view .region")


def test_a_comparison_is_there_after_a_reload_and_as_one_file(page: Page, file: Path) -> None:
    identity = compare(page, file)
    page.driver.refresh()
    page.find(".comparison[data-ready]")
    assert page.find("#download").get_attribute("href").endswith(f"/api/comparisons/{identity}/zip")


def test_a_reload_in_the_middle_finds_the_job_again(page: Page, file: Path) -> None:
    page.open("generate")
    slow(page)
    page.driver.refresh()
    page.find(".job[data-state=running]")
    page.click(".job .cancel")
    page.find(".job[data-state=cancelled]")
    assert not any(job.state in ("queued", "running") for job in page.studio.jobs.jobs())


def slow(page: Page) -> None:
    """Start a generation that takes long."""
    page.find("#request-steps").send_keys("1000")
    page.click("#start")
    page.find(".job[data-state=running]")


def test_generate_hear_a_preview_and_cancel(page: Page) -> None:
    page.open("generate")
    page.find("#condition-genre")
    assert [option.text for option in page.all("#condition-genre option")] == ["rock", "jazz"]
    slow(page)
    page.find(".preview audio")
    page.click(".job .cancel")
    page.find(".job[data-state=cancelled]")
    page.open("generate")
    page.find("#request-steps").send_keys("3")
    page.find("#request-seed").send_keys("7")
    page.click("#start")
    page.find("article audio")
    entry = page.find("article")
    assert "seed 7" in entry.text
    entry.find_element("css selector", "summary").click()
    assert "--seed=7" in entry.text
    assert '"steps": 3' in entry.text


def test_inpainting_by_dragging_over_the_waveform(page: Page) -> None:
    from selenium.webdriver import ActionChains

    page.open("generate")
    page.find("#request-steps").send_keys("2")
    page.find("#history article, #history p")
    before = len(page.all("article audio"))
    page.click("#start")
    page.until(lambda: len(page.all("article audio")) > before)
    page.until(lambda: next((b for b in page.all("article button.link") if b.text == "Inpaint"), None)).click()
    view = page.find("[data-sound=inpaint] .view")
    page.run("arguments[0].scrollIntoView({block: 'center'})", view)
    page.until(lambda: "Drag over" in page.find("#regions").text)
    ActionChains(page.driver).move_to_element(view).click_and_hold().move_by_offset(60, 0).release().perform()
    page.until(lambda: "Made anew" in page.find("#regions").text)
    count = len(page.all("article audio"))
    page.click("#start")
    page.until(lambda: len(page.all("article audio")) > count)
    newest = page.studio.generations.all()[0]
    assert len(newest["request"]["regions"]) == 1
    assert newest["sounds"]


def test_a_sound_is_dropped_into_a_condition(page: Page, file: Path) -> None:
    page.open("generate")
    page.find("#model option[value=ears]").click()
    box = page.find("[data-sound=condition-melody]")
    box.find_element("css selector", "input[type=file]").send_keys(str(file))
    page.until(lambda: "tone.wav (10.00 s)" in page.find("[data-sound=condition-melody]").text)
    drums = page.find("[data-sound=condition-mix-drums]")
    drums.find_element("css selector", "summary").click()
    known = page.find("[data-sound=condition-mix-drums] select")
    page.until(lambda: "tone.wav" in known.text)
    next(option for option in known.find_elements("css selector", "option") if "tone.wav" in option.text).click()
    page.until(lambda: "tone.wav (10.00 s)" in page.find("[data-sound=condition-mix-drums]").text)
    page.find("#request-steps").send_keys("2")
    count = len(page.all("article audio"))
    page.click("#start")
    page.until(lambda: len(page.all("article audio")) > count)
    newest = page.studio.generations.all()[0]
    conditions = newest["request"]["conditions"]
    assert set(conditions["mix"]) == {"drums"}
    assert f"--condition=melody={page.studio.sounds.path(conditions['melody']).resolve()}" in newest["command"]
    page.find("article .again").click()
    page.until(lambda: "tone.wav (10.00 s)" in page.find("[data-sound=condition-melody]").text)


def test_abx_of_ten_trials(page: Page, file: Path) -> None:
    identity = compare(page, file)
    page.open(f"listen#from={identity}")
    form = page.find("#new-test")
    form.find_element("css selector", "input[type=number]").send_keys("5")
    form.find_element("css selector", "button.main").click()
    item = page.find("li[data-test]")
    assert "10 trials" in item.text
    item.find_element("css selector", "input").send_keys("Ada")
    item.find_element("css selector", "button.main").click()
    for number in range(10):
        page.until(lambda number=number: page.find("#count").text == f"Trial {number + 1} of 10")
        page.find(".trial[data-ready]")
        source = page.driver.page_source
        assert "plain" not in source
        assert "codebook" not in source
        if number == 3:
            page.driver.refresh()  # in the middle: it goes on
            page.find(".trial[data-ready]")
            assert page.find("#count").text == "Trial 4 of 10"
        page.key("x")
        assert page.find("[data-label=X]").get_attribute("aria-checked") == "true"
        page.click("[data-choice=A]")
    assert "that was the last trial" in page.find("#over").text
    assert [row.get_attribute("data-version") for row in page.all(".results tr[data-version]")] == [
        "coded, 1 codebook",
        "plain",
    ]


def test_a_listener_who_has_an_address_of_the_test_alone(page: Page, file: Path) -> None:
    identity = compare(page, file)
    comparison = page.studio.comparisons.get(identity)
    versions = [{"name": one["name"], "sound": one["sound"]["id"]} for one in comparison["versions"]]
    page.open(f"listen#from={identity}")
    page.find("#new-test select option[value=preference]").click()
    page.click("#new-test button.main")
    item = page.until(lambda: next((one for one in page.all("li[data-test]") if "Preference" in one.text), None))
    item.find_element("css selector", "summary").click()
    address = page.until(lambda: item.find_element("css selector", "pre").text)
    page.driver.get(address)
    assert not page.all("nav a")
    page.find("#stage input").send_keys("Eve")
    page.click("#stage button.main")
    page.find(".trial[data-ready]")
    assert not any(version["name"] in page.driver.page_source for version in versions)
    page.driver.refresh()
    page.find(".trial[data-ready]")
    page.click("[data-choice=none]")
    assert "last trial" in page.find("#over").text


def test_mushra_asks_for_every_rating(page: Page, file: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    identity = compare(page, file)
    page.open(f"listen#from={identity}")
    page.find("#new-test select option[value=mushra]").click()
    page.find("#new-test button.main").click()
    item = page.until(lambda: next((one for one in page.all("li[data-test]") if "MUSHRA" in one.text), None))
    item.find_element("css selector", "input").send_keys("Bob")
    item.find_element("css selector", "button.main").click()
    page.find(".trial[data-ready]")
    sliders = page.all(".trial input[type=range]")
    assert len(sliders) == 3, "hidden reference and two versions: at 4 kHz there is no room for an anchor"
    for slider in sliders:
        assert not page.find("#next").is_enabled()
        slider.send_keys(Keys.ARROW_RIGHT)
    page.click("#next")
    page.find(".results")


def test_two_runs_are_watched_side_by_side_while_they_go_on(page: Page) -> None:
    page.open("watch")
    page.find("figure[data-curve=loss]")
    page.find("#run-b option:last-child").click()
    page.until(lambda: len(page.all("figure[data-curve=loss] path")) == 2)
    assert "Codes in use" in page.find("#curves").text
    log = page.studio.settings.runs[0] / "one" / "metrics.jsonl"
    with log.open("a") as file:
        file.write(json.dumps({"step": 500, "split": "train", "loss": 0.5}) + "\n")
    page.until(lambda: "step 500" in page.find("main").text)


@pytest.mark.parametrize("name", ["compare", "listen", "generate", "watch"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_its_window(page: Page, name: str, width: int) -> None:
    page.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    )
    try:
        page.open(name)
        page.find("h1")
        time.sleep(0.3)
        assert page.run("return document.documentElement.scrollWidth") <= width
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("name", ["compare", "listen", "generate", "watch"])
def test_everything_has_a_name_for_those_who_do_not_see_it(page: Page, name: str) -> None:
    page.open(name)
    page.find("h1")
    time.sleep(0.3)
    nameless = page.run("""
        const kinds = 'button, a, input, select, textarea, audio, progress, [role=slider]';
        const named = (element) => (element.textContent.trim() && !['SELECT', 'TEXTAREA'].includes(element.tagName))
          || element.labels?.length || element.closest('label') || element.ariaLabel || element.title;
        const left = [...document.querySelectorAll(kinds)].filter((element) => !named(element));
        return left.map((element) => element.outerHTML);
    """)
    assert nameless == []


def test_nothing_is_asked_of_elsewhere(page: Page) -> None:
    for name in ("compare", "listen", "generate", "watch"):
        page.open(name)
        page.find("h1")
        addresses = page.run("return performance.getEntriesByType('resource').map((entry) => entry.name)")
        assert addresses
        assert all(address.startswith(page.address) for address in addresses)
