"""Conditions that are audio: sounds of the studio by their ids."""

from __future__ import annotations

import io
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from support import tiny_diffusion
from support.studio import Client, settings, wav

from narrows.models import create_model_from_config, load_model, save_model
from narrows.pipelines.generation.prompt_files import Entry, parsed, read_prompts
from narrows.pipelines.generation.run import make_plan, run_plan
from narrows.studio.services import Studio

OPTIONS = {"steps": 2, "seed": 3, "seconds": 0.4, "prompt": "jazz", "cfg_scale": 1.0}


@pytest.fixture(scope="module")
def ears(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    model = create_model_from_config(tiny_diffusion.listening()).eval()
    return save_model(model, tmp_path_factory.mktemp("ears") / "ears")


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory, ears: Path) -> Iterator[Client]:
    with Client(Studio(settings(tmp_path_factory.mktemp("studio"), {"ears": ears}))) as made:
        yield made


def heard(client: Client, made: dict[str, Any]) -> np.ndarray:
    content = client.get(f"/api/sounds/{made['sounds'][0]['id']}/audio").content
    return np.asarray(soundfile.read(io.BytesIO(content))[0])


def made_of(client: Client, conditions: dict[str, Any]) -> dict[str, Any]:
    return client.done("/api/generations", {"model": "ears", "request": {**OPTIONS, "conditions": conditions}})


def test_forms_tell_which_conditions_are_audio(listening: Client) -> None:
    form = listening.get("/api/models").json()[0]["form"]
    kinds = {field["id"]: (field["kind"], field["options"]) for field in form["fields"]}
    assert kinds == {
        "genre": ("choice", ["rock", "jazz"]),
        "melody": ("audio", []),
        "mix": ("sources", ["drums", "bass"]),
    }


def test_sounds_are_conditions_and_the_command_makes_the_same(listening: Client, ears: Path, tmp_path: Path) -> None:
    first, second = (listening.upload(wav(0.3, seed=seed))["id"] for seed in (1, 2))
    made = made_of(listening, {"melody": first, "mix": {"bass": second}})
    assert made["request"]["conditions"] == {"melody": first, "mix": {"bass": second}}, "the request names sounds"
    words = shlex.split(made["command"])
    pairs = [word.removeprefix("--condition=").partition("=") for word in words if word.startswith("--condition=")]
    conditions = {key: parsed(value) for key, _, value in pairs}
    assert Path(conditions["melody"]).is_file()
    model = load_model(ears)
    plan = make_plan(model, [Entry("x", {**OPTIONS, "conditions": conditions})], tmp_path, defaults={})
    run_plan(model, plan)
    np.testing.assert_allclose(heard(listening, made), soundfile.read(plan.outputs[0].path)[0], atol=1e-5)
    other = made_of(listening, {"melody": second, "mix": {}})
    assert not np.allclose(heard(listening, made), heard(listening, other))


@pytest.mark.parametrize(
    ("conditions", "status", "said"),
    [
        ({"melody": "/etc/hostname", "mix": {}}, 404, "no sound /etc/hostname"),
        ({"melody": "../x.wav", "mix": {}}, 404, "no sound ../x.wav"),
        ({"melody": None, "mix": {}}, 422, "'melody' must be the id of a sound, got None"),
        ({"mix": {"drums": "nothing"}}, 404, "no sound nothing"),
        ({"mix": "nothing"}, 422, "'mix' must be the id of a sound for each of its sources, got 'nothing'"),
    ],
)
@pytest.mark.parametrize("place", ["conditions", "negative"])
def test_only_sounds_of_the_studio_are_heard(
    listening: Client, place: str, conditions: dict[str, Any], status: int, said: str
) -> None:
    answer = listening.post("/api/generations", json={"model": "ears", "request": {**OPTIONS, place: conditions}})
    assert answer.status_code == status, answer.text
    assert said in answer.json()["error"]


def test_a_condition_that_is_left_out_is_told(listening: Client) -> None:
    body = {"model": "ears", "request": {**OPTIONS, "conditions": {"mix": {}}}}
    over = listening.over(listening.post("/api/generations", json=body).json())
    assert over["state"] == "failed"
    assert "'melody' is missing" in over["message"]


def test_the_command_of_conditions_to_stay_away_from_brings_its_prompt_file(
    listening: Client, ears: Path, tmp_path: Path
) -> None:
    wanted, unwanted = (listening.upload(wav(0.3, seed=seed))["id"] for seed in (1, 2))
    request = {**OPTIONS, "cfg_scale": 2.0, "conditions": {"melody": wanted, "mix": {}}}
    negative = {"genre": "rock", "melody": unwanted, "mix": {}}
    request["negative"] = negative
    made = listening.done("/api/generations", {"model": "ears", "request": request, "count": 2})
    assert made["request"]["negative"] == negative
    written, _, line = made["command"].partition(" && ")
    subprocess.run(["sh", "-c", written], cwd=tmp_path, check=True)
    words = ["narrows", "generate", str(ears), "-o", "out", "--prompts=request.jsonl", "--count=2"]
    assert shlex.split(line) == words
    entries = read_prompts(tmp_path / "request.jsonl")
    plan = make_plan(load_model(ears), entries, tmp_path / "out", defaults={}, count=2)
    assert plan.problems == []
    run_plan(load_model(ears), plan)
    np.testing.assert_allclose(heard(listening, made), soundfile.read(plan.outputs[0].path)[0], atol=1e-5)
