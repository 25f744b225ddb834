"""Listening tests: nothing tells versions apart before the end, everything is kept, and the figures are right."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from support.studio import HOST, Client, settings, tone

from narrows.studio.app import ENDPOINTS, PAGES
from narrows.studio.listen.anchors import anchor
from narrows.studio.listen.plans import REFERENCE, trials_of
from narrows.studio.listen.statistics import guessing, mean_interval, screening, share_interval, unevenness
from narrows.studio.listen.stimuli import aligned
from narrows.studio.services import Studio


@pytest.fixture(scope="module")
def comparison(client: Client) -> dict[str, Any]:
    return client.compared()


def make(client: Client, comparison: dict[str, Any], kind: str, **options: Any) -> dict[str, Any]:
    versions = [{"name": one["name"], "sound": one["sound"]["id"]} for one in comparison["versions"]]
    item = {"name": "=clip", "reference": comparison["sound"]["id"], "versions": versions}
    body = {"name": "a test", "kind": kind, "items": [item], **options}
    answer = client.post("/api/tests", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def begin(client: Client, test: dict[str, Any], name: str = "Ada") -> dict[str, Any]:
    return client.post(f"/api/tests/{test['id']}/sessions", json={"name": name}).json()


def key(client: Client, session: dict[str, Any]) -> list[dict[str, str]]:
    """What stands behind the labels, from the disk."""
    path = client.studio.settings.data / "tests" / session["test"] / "sessions" / f"{session['id']}.json"
    return [trial["labels"] for trial in json.loads(path.read_text(encoding="utf-8"))["trials"]]


def answer(client: Client, session: dict[str, Any], number: int, **given: Any) -> Any:
    return client.post(f"/api/sessions/{session['id']}/trials/{number}", json=given)


@pytest.mark.parametrize("kind", ["abx", "mushra", "preference"])
def test_nothing_tells_versions_apart_before_the_end(client: Client, comparison: dict[str, Any], kind: str) -> None:
    test = make(client, comparison, kind)
    session = begin(client, test)
    told = [
        client.get(f"/api/sessions/{session['id']}"),
        client.get(f"/api/tests/{test['id']}/results"),
        client.get(f"/api/tests/{test['id']}/results.csv"),
    ]
    secrets = [*test["versions"], REFERENCE, "anchor"]
    for number in range(test["trials"]):
        trial = client.get(f"/api/sessions/{session['id']}/trials/{number}")
        told.append(trial)
        sounds = [
            client.get(f"/api/sessions/{session['id']}/trials/{number}/sounds/{label}")
            for label in trial.json()["labels"]
        ]
        assert len({len(sound.content) for sound in sounds}) == 1, "lengths tell"
        assert len({hashlib.sha256(sound.content).digest() for sound in sounds}) == len(sounds), "checksums tell"
        assert len({str(sorted(sound.headers.items())) for sound in sounds}) == 1, "headers tell"
    for text in (part.text for part in told):
        body = text.replace(json.dumps(test["versions"]), "")
        assert not [
            secret
            for secret in secrets
            if f'"{secret}' in body.replace('"versions":["' + '","'.join(test["versions"]) + '"]', "")
        ]
        assert "seed" not in body


@pytest.fixture
def listener(client: Client) -> Any:
    """Opens a listener's address in a browser of its own."""

    def opened(test: dict[str, Any]) -> TestClient:
        made = TestClient(client.app, base_url=f"http://{HOST}", headers={"origin": f"http://{HOST}"})
        assert made.get(test["listener_address"]).status_code == 200
        return made

    return opened


def test_a_listener_answers_a_test_and_sees_nothing_else(
    client: Client, comparison: dict[str, Any], listener: Any
) -> None:
    test, other = make(client, comparison, "preference"), make(client, comparison, "preference")
    browser = listener(test)
    page = browser.get(f"/listen/{test['id']}").text
    assert "/compare" not in page
    assert browser.get("/static/listener.js").status_code == 200
    session = browser.post(f"/api/tests/{test['id']}/sessions", json={"name": "Eve"}).json()
    path = f"/api/sessions/{session['id']}/trials/0"
    for label in browser.get(path).json()["labels"]:
        assert browser.get(f"{path}/sounds/{label}").status_code == 200
    for method, refused in (
        *((one.method, one.path) for one in ENDPOINTS if not one.path.startswith("/api/sessions/")),
        *(("GET", f"/{page}") for page in PAGES),
        ("GET", "/api/openapi.json"),
        ("GET", f"/listen/{other['id']}"),
        ("GET", f"/api/tests/{test['id']}/results"),
        ("POST", f"/api/tests/{other['id']}/sessions"),
        ("GET", f"/api/sounds/{comparison['sound']['id']}/audio"),
    ):
        answer = browser.request(method, refused)
        assert answer.status_code == 403, refused
        assert "listener's address" in answer.json()["error"]
    assert browser.post(path, json={"choice": "A"}).json()["finished"]


def test_a_listener_cannot_make_addresses_of_other_tests(client: Client, comparison: dict[str, Any]) -> None:
    test = make(client, comparison, "abx")
    _, mark, token = test["listener_address"].partition("?token=")
    assert mark
    stranger = TestClient(client.app, base_url=f"http://{HOST}")
    for wrong in (
        token[:-1],
        token + "0",
        token.replace(test["id"], "0" * 16),
        test["id"],
        f"{test['id']}.",
        ".",
        "\udc80.x",
    ):
        headers = {"authorization": b"Bearer " + wrong.encode("utf-8", "surrogateescape")}
        assert stranger.get(f"/listen/{test['id']}", headers=headers).status_code == 401


def test_assignments_cannot_be_worked_out_from_what_is_known(client: Client, comparison: dict[str, Any]) -> None:
    """A seed that nobody gave is secret; one that was given makes the same assignments again."""
    plans = []
    for seed in (None, None, 5, 5):
        plans.append(key(client, begin(client, make(client, comparison, "abx", seed=seed))))
    assert plans[0] != plans[1]
    assert plans[2] == plans[3]


def test_a_sound_is_the_same_when_it_is_heard_again(client: Client, comparison: dict[str, Any]) -> None:
    session = begin(client, make(client, comparison, "abx"))
    path = f"/api/sessions/{session['id']}/trials/0/sounds/X"
    assert client.get(path).content == client.get(path).content
    audio, rate = soundfile.read(io.BytesIO(client.get(path).content), always_2d=True)
    assert (len(audio), rate) == (comparison["sound"]["samples"], 8000)


def test_abx_of_ten_trials(client: Client, comparison: dict[str, Any]) -> None:
    test = make(client, comparison, "abx")
    assert test["trials"] == 20
    session = begin(client, test)
    for number, labels in enumerate(key(client, session)):
        right = "A" if labels["A"] == labels["X"] else "B"
        wrong = {"A": "B", "B": "A"}[right]
        # Always right about `plain`, and about nothing else but once.
        knows = "plain" in labels.values() or number == 0
        now = answer(client, session, number, choice=right if knows else wrong)
        assert now.status_code == 200, now.text
    assert now.json()["finished"]
    versions = {one["name"]: one for one in client.get(f"/api/tests/{test['id']}/results").json()["versions"]}
    assert (versions["plain"]["value"], versions["plain"]["count"]) == (1, 10)
    assert versions["plain"]["p"] == pytest.approx(1 / 1024)
    assert versions["coded, 1 codebook"]["value"] <= 0.1
    rows = list(csv.DictReader(io.StringIO(client.get(f"/api/tests/{test['id']}/results.csv").text)))
    assert len(rows) == 60
    assert {row["item"] for row in rows} == {"'=clip"}, "a spreadsheet would take it for a formula"
    assert sum(row["right"] == "True" for row in rows) in (30, 33)


def test_mushra_screens_listeners(client: Client, comparison: dict[str, Any]) -> None:
    test = make(client, comparison, "mushra")
    assert test["trials"] == 1
    assert [note.split(" is ")[0] for note in test["notes"]] == ["The anchor 3.5 kHz", "The anchor 7 kHz"] or len(
        test["notes"]
    ) >= 1
    for name, reference in (("Ada", 100), ("Bob", 95), ("Deaf", 20)):
        session = begin(client, test, name)
        (labels,) = key(client, session)
        asked = client.get(f"/api/sessions/{session['id']}/trials/0").json()
        assert asked["labels"][0] == "Reference"
        ratings = {label: reference if labels[label] == REFERENCE else 40 + 2 * len(name) for label in asked["rated"]}
        assert answer(client, session, 0, ratings=ratings).json()["finished"]
    found = client.get(f"/api/tests/{test['id']}/results").json()
    assert {one["name"]: one["kept"] for one in found["listeners"]} == {"Ada": True, "Bob": True, "Deaf": False}
    versions = {one["name"]: one for one in found["versions"]}
    assert (versions[REFERENCE]["value"], versions[REFERENCE]["count"]) == (97.5, 2)
    assert versions["plain"]["value"] == 46


def test_preference_counts_ties_apart(client: Client, comparison: dict[str, Any]) -> None:
    test = make(client, comparison, "preference", trials=5)
    session = begin(client, test)
    for number, labels in enumerate(key(client, session)):
        side = next(label for label, name in labels.items() if name == "plain")
        answer(client, session, number, choice="none" if number == 0 else side)
    (pair,) = client.get(f"/api/tests/{test['id']}/results").json()["versions"]
    assert (pair["name"], pair["value"], pair["count"], pair["ties"]) == ("coded, 1 codebook | plain", 0, 4, 1)
    assert pair["p"] == pytest.approx(2 / 16)


def test_a_session_goes_on_after_a_restart(tmp_path: Path, models: dict[str, Path]) -> None:
    with Client(Studio(settings(tmp_path, models))) as first:
        test = make(first, first.compared(), "abx")
        session = begin(first, test)
        answer(first, session, 0, choice="A")
        assert begin(first, test, "Bob")["id"] != session["id"]
        before = first.get(f"/api/sessions/{session['id']}/trials/1/sounds/X").content
    with Client(Studio(settings(tmp_path, models))) as second:
        again = begin(second, test)
        assert (again["id"], again["answered"]) == (session["id"], 1)
        assert second.get(f"/api/sessions/{session['id']}/trials/1/sounds/X").content == before
        assert second.get(f"/api/tests/{test['id']}").json()["started"] == 2


@pytest.mark.parametrize(
    "given",
    [
        {"choice": "C"},
        {"choice": None},
        {"choice": "none"},
        {"choice": "A", "ratings": {"A": 5}},
        {"ratings": {"A": 101}},
        {},
    ],
)
def test_answers_that_do_not_fit_are_refused(client: Client, comparison: dict[str, Any], given: dict[str, Any]) -> None:
    session = begin(client, make(client, comparison, "abx"))
    assert answer(client, session, 0, **given).status_code == 422


def test_answers_come_in_order_and_once(client: Client, comparison: dict[str, Any]) -> None:
    session = begin(client, make(client, comparison, "abx"))
    assert answer(client, session, 1, choice="A").status_code == 409
    assert answer(client, session, 0, choice="A").status_code == 200
    assert answer(client, session, 0, choice="B").status_code == 409
    assert answer(client, session, 99, choice="B").status_code == 404
    assert client.get(f"/api/sessions/{session['id']}/trials/0/sounds/Y").status_code == 404


def test_names_that_the_test_needs_itself_are_refused(client: Client, comparison: dict[str, Any]) -> None:
    sound = comparison["sound"]["id"]
    for names in (["reference"], ["anchor 7 kHz"], ["a", "a"]):
        item = {"name": "x", "reference": sound, "versions": [{"name": name, "sound": sound} for name in names]}
        assert client.post("/api/tests", json={"name": "x", "kind": "abx", "items": [item]}).status_code == 422


@given(st.integers(0, 2**32), st.integers(1, 12))
def test_every_listener_hears_everything_in_an_order_of_its_own(seed: int, repeats: int) -> None:
    items = [["a", "b"], ["a", "b", "c"]]
    abx = trials_of("abx", items, repeats, str(seed))
    assert Counter(next(n for n in t["labels"].values() if n != REFERENCE) for t in abx) == dict.fromkeys(
        "abc", repeats
    )
    assert all(
        {t["labels"]["A"], t["labels"]["B"]} > {REFERENCE} and t["labels"]["X"] in t["labels"].values() for t in abx
    )
    mushra = trials_of("mushra", items, 1, str(seed))
    assert sorted(len(t["labels"]) for t in mushra) == [4, 5]
    pairs = trials_of("preference", items, repeats, str(seed))
    assert Counter(frozenset(t["labels"].values()) for t in pairs)[frozenset("ab")] == 2 * repeats
    assert trials_of("abx", items, repeats, str(seed)) == abx


def test_assignments_are_even() -> None:
    trials = [t["labels"] for n in range(200) for t in trials_of("abx", [["v"]], 10, str(n))]
    assert 900 < sum(labels["A"] == REFERENCE for labels in trials) < 1100
    assert 900 < sum(labels["X"] == labels["A"] for labels in trials) < 1100


@pytest.mark.parametrize(("band", "passed", "stopped"), [(3500.0, 3400, 4500), (7000.0, 6800, 9000)])
def test_anchors_meet_the_recommendation(band: float, passed: float, stopped: float) -> None:
    rate = 48000
    impulse = torch.zeros(1, 8192)
    impulse[0, 4096] = 1
    filtered = anchor(impulse, rate, band)
    assert filtered is not None
    assert int(filtered.abs().argmax()) == 4096, "no delay"
    decibel = 20 * np.log10(np.abs(np.fft.rfft(filtered[0].numpy())) + 1e-12)
    frequencies = np.fft.rfftfreq(8192, 1 / rate)
    assert np.abs(decibel[frequencies < passed]).max() < 0.1
    assert decibel[frequencies > band * 4 / 3.5].max() < -25
    assert decibel[frequencies > stopped].max() < -50
    assert anchor(impulse, 8000, band) is None


def test_versions_are_brought_to_their_reference() -> None:
    reference = torch.from_numpy(tone(rate=16000).T).float() * 2
    versions = {
        "short": (reference[:, :12000] * 0.3, 16000),
        "slow": (torch.from_numpy(tone(rate=8000).T).float(), 8000),
    }
    sounds = aligned((reference, 16000), versions, level_match=True)
    assert {audio.shape for audio in sounds.values()} == {(1, 16000)}
    assert max(float(audio.abs().max()) for audio in sounds.values()) == pytest.approx(10 ** (-1 / 20), abs=1e-4)
    assert float(sounds["short"][:, :12000].std() / sounds["reference"][:, :12000].std()) == pytest.approx(1, abs=0.12)


def test_statistics_are_those_of_the_books() -> None:
    assert guessing(9, 10) == pytest.approx(11 / 1024)
    assert guessing(12, 16) == pytest.approx(0.0384, abs=1e-4)
    assert unevenness(4, 4) == pytest.approx(0.125)
    assert share_interval(8, 10) == pytest.approx((0.4439, 0.9748), abs=1e-4)
    assert mean_interval([90, 80, 70]) == pytest.approx((80 - 24.84, 80 + 24.84), abs=0.01)
    assert mean_interval([90]) is None
    assert guessing(0, 0) == unevenness(0, 0) == 1


def test_screening_allows_a_few_slips() -> None:
    assert screening([100] * 9 + [50], [20] * 10) == ""
    assert "hidden reference" in screening([100] * 8 + [50] * 2, [20] * 10)
    assert "anchor" in screening([100] * 10, [95] * 10)
