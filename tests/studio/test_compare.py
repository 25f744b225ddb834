"""Comparisons: what the API gives is what the pipelines make."""

from __future__ import annotations

import io
import json
import re
import zipfile
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from support.studio import Client, settings, tone, wav

from narrows.models import load_model
from narrows.pipelines.evaluation.reconstruction import reconstruct
from narrows.pipelines.metrics import HIGHER_IS_BETTER
from narrows.studio.compare.levels import matching_gain
from narrows.studio.services import Studio


def audio_of(client: Client, sound: dict) -> np.ndarray:
    content = client.get(f"/api/sounds/{sound['id']}/audio").content
    return soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)[0].T


def test_versions_are_what_the_models_make(client: Client, models: dict[str, Path]) -> None:
    comparison = client.compared([{"model": "plain"}, {"model": "coded"}, {"model": "coded", "n_quantizers": 1}])
    original = torch.from_numpy(audio_of(client, comparison["sound"]))
    assert [one["name"] for one in comparison["versions"]] == ["plain", "coded", "coded, 1 codebook"]
    for version, (model, count) in zip(
        comparison["versions"], [("plain", None), ("coded", None), ("coded", 1)], strict=True
    ):
        made = reconstruct(load_model(models[model]), original, 8000, n_quantizers=count)
        np.testing.assert_allclose(audio_of(client, version["sound"]), made.audio.numpy(), atol=1e-5)
        rate = made.file_bytes * 8 / 1000
        assert version["metrics"]["kbit_per_second"] == pytest.approx(rate, rel=1e-3)
        assert version["metrics"]["mel_distance"] > 0
    low, all_ = comparison["versions"][2]["metrics"], comparison["versions"][1]["metrics"]
    assert low["payload_kbit_per_second"] < all_["payload_kbit_per_second"]


def test_two_channels_through_a_model_of_one(client: Client) -> None:
    comparison = client.compared([{"model": "plain"}], channels=2)
    assert comparison["versions"][0]["sound"]["channels"] == 2


def test_all_versions_come_in_one_file(client: Client) -> None:
    comparison = client.compared()
    answer = client.get(f"/api/comparisons/{comparison['id']}/zip")
    assert 'filename="tone.wav.zip"' in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["00-original.wav", "01-plain.wav", "02-coded-1-codebook.wav", "comparison.json"]
        assert json.loads(archive.read("comparison.json")) == comparison
        original = soundfile.read(io.BytesIO(archive.read("00-original.wav")), dtype="float32", always_2d=True)[0].T
    np.testing.assert_array_equal(original, audio_of(client, comparison["sound"]))


@pytest.mark.parametrize(
    ("versions", "status"),
    [
        ([{"model": "nothing"}], 404),
        ([], 422),
        ([{"model": "plain"}] * 17, 422),
        ([{"model": "plain", "n_quantizers": 0}], 422),
    ],
)
def test_requests_that_cannot_be_met_make_no_job(client: Client, versions: list, status: int) -> None:
    before = len(client.get("/api/jobs").json())
    sound = client.upload()
    assert client.post("/api/comparisons", json={"sound": sound["id"], "versions": versions}).status_code == status
    assert (
        client.post("/api/comparisons", json={"sound": "nothing", "versions": [{"model": "plain"}]}).status_code == 404
    )
    assert len(client.get("/api/jobs").json()) == before


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ({"model": "plain", "n_quantizers": 1}, "only residual"),
        ({"model": "coded", "n_quantizers": 9}, "4 codebooks"),
        ({"model": "noise"}, "cannot encode"),
    ],
)
def test_what_a_model_cannot_do_fails_in_words(client: Client, version: dict, said: str) -> None:
    sound = client.upload()
    job = client.post("/api/comparisons", json={"sound": sound["id"], "versions": [version]}).json()
    over = client.over(job)
    assert over["state"] == "failed"
    assert said in over["message"]


def test_comparisons_outlive_the_studio(tmp_path: Path, models: dict[str, Path]) -> None:
    with Client(Studio(settings(tmp_path, models))) as first:
        made = first.compared()
    with Client(Studio(settings(tmp_path, models))) as second:
        assert second.get("/api/comparisons").json() == [made]
        assert second.get("/api/comparisons/nothing").status_code == 404


@pytest.mark.parametrize("rate", [8000, 1000])
def test_the_gain_matches_levels(rate: int) -> None:
    sound = torch.from_numpy(tone(rate=rate).T).float()
    assert matching_gain(sound, 0.5 * sound, rate) == pytest.approx(6.02, abs=0.05)
    assert matching_gain(sound, sound, rate) == pytest.approx(0, abs=1e-6)
    assert matching_gain(sound, torch.zeros_like(sound), rate) == 0
    assert matching_gain(sound, 1e-6 * sound, rate) == 24


def test_an_upload_while_a_job_runs_is_answered(client: Client) -> None:
    sound = client.upload(wav(15))
    job = client.post("/api/comparisons", json={"sound": sound["id"], "versions": [{"model": "plain"}] * 8}).json()
    client.upload()
    client.delete(f"/api/jobs/{job['id']}")
    assert client.over(job)["state"] == "cancelled"


def test_the_page_and_the_report_agree_which_metrics_are_better_higher() -> None:
    text = (resources.files("narrows.studio") / "static" / "comparison.js").read_text(encoding="utf-8")
    upward = re.search(r"^const UPWARD = (\[.*\]);$", text, re.MULTILINE)
    assert upward is not None
    assert set(json.loads(upward[1])) == HIGHER_IS_BETTER | {"real_time_factor"}
