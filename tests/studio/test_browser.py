"""The pages, driven as a person does, in a headless Chromium; `test_browser_short` has the first steps."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from support.browsing import MARKS, Page, compare, position

from narrows.configs import StudioGenerationRequest, load_part

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("no_errors"), *MARKS]


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


def test_a_region_is_marked_with_keys(page: Page, file: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    compare(page, file)
    page.find("h1").click()
    for key in (Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, "[", Keys.ARROW_RIGHT, "]"):
        page.key(key)
    assert page.find("#loop").get_attribute("aria-pressed") == "true"
    box, region = page.find(".view").rect, page.find(".view .region").rect
    assert (region["x"] - box["x"]) / box["width"] == pytest.approx(0.2, abs=0.01)
    assert region["width"] / box["width"] == pytest.approx(0.1, abs=0.01)


def test_the_picture_of_a_trial_does_not_follow_the_order_of_its_sounds(page: Page) -> None:
    page.open("watch")
    first, second, largest = page.driver.execute_async_script("""
        const done = arguments[0];
        (async () => {
          const { outline } = await import('/static/player.js');
          const context = new OfflineAudioContext(1, 8, 8000);
          const made = [[0.5, -0.25, 0, 0.125], [-0.5, 0.75, -0.5]].map((values) => {
            const buffer = context.createBuffer(1, values.length, 8000);
            buffer.copyToChannel(Float32Array.from(values), 0);
            return buffer;
          });
          const drawn = (buffers) => [...outline(context, buffers).getChannelData(0)];
          done([drawn(made), drawn(made.toReversed()), drawn(made.slice(1))]);
        })().catch((error) => done(String(error)));
    """)
    assert first == second == [0.5, 0.75, -0.5, 0.125]
    assert largest == [-0.5, 0.75, -0.5]


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


def test_conditions_to_stay_away_from_go_back_to_the_form(page: Page) -> None:
    request = {"conditions": {"genre": "jazz"}, "negative": {"genre": "rock"}, "steps": 2, "cfg_scale": 2.0}
    asked = load_part({"model": "noise", "request": request}, StudioGenerationRequest)
    job = page.studio.jobs.submit(page.studio.generations.job(asked))
    page.until(lambda: job.state == "done")
    page.open("generate")
    page.find("article .again").click()
    assert page.find("#request-unwanted").is_selected()
    count = len(page.all("article audio"))
    page.click("#start")
    page.until(lambda: len(page.all("article audio")) > count)
    assert page.studio.generations.all()[0]["request"]["negative"] == {"genre": "rock"}
    page.find("article .again").click()
    page.click("#request-unwanted")
    count = len(page.all("article audio"))
    page.click("#start")
    page.until(lambda: len(page.all("article audio")) > count)
    assert "negative" not in page.studio.generations.all()[0]["request"]


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
    assert "Every listener was left out" in page.find(".results").text, "51 for the hidden reference is no answer"


def test_two_runs_are_watched_side_by_side_while_they_go_on(page: Page) -> None:
    page.open("watch")
    page.find("figure[data-curve=loss]")
    page.find("#run-b option:last-child").click()
    page.until(lambda: len(page.all("figure[data-curve=loss] path")) == 2)
    assert "Codes in use" in page.find("#curves").text
    page.driver.set_window_size(1280, 400)
    page.until(lambda: next((one for one in page.all("main nav button") if one.text == "Codes in use"), None)).click()
    page.until(lambda: page.run("return scrollY") > 100, "scrolled to the codes")
    page.driver.set_window_size(1280, 1000)
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
