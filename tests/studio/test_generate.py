"""Generations: the same sounds as `narrows generate` makes, with previews on the way."""

from __future__ import annotations

import io
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from support.studio import Client, settings

from narrows.models import load_model
from narrows.pipelines.generation.prompt_files import Entry
from narrows.pipelines.generation.run import make_plan, run_plan
from narrows.studio.generate.command_line import FLAGS, command_line
from narrows.studio.services import Studio

REQUEST = {"conditions": {"genre": "jazz"}, "steps": 3, "seed": 5, "seconds": 0.4}


def generated(client: Client, model: str, request: dict[str, Any], **more: Any) -> dict[str, Any]:
    return client.done("/api/generations", {"model": model, "request": request, **more})


def test_forms_say_what_can_be_asked(client: Client) -> None:
    models = {model["name"]: model for model in client.get("/api/models").json()}
    assert [(name, model["kind"], model["codebooks"]) for name, model in models.items()] == [
        ("plain", "codec", None),
        ("coded", "codec", 4),
        ("noise", "diffusion", None),
        ("words", "language_model", None),
    ]
    form = models["noise"]["form"]
    assert [(field["id"], field["kind"], field["options"]) for field in form["fields"]] == [
        ("genre", "choice", ["rock", "jazz"])
    ]
    assert form["max_seconds"] == 0.512
    assert "dpmpp-2m-sde" in form["samplers"]
    assert "euler" not in form["samplers"]
    assert models["words"]["form"]["fields"] == []


@pytest.mark.parametrize("count", [1, 3])
def test_sounds_are_those_of_the_command(client: Client, models: dict[str, Path], tmp_path: Path, count: int) -> None:
    made = generated(client, "noise", REQUEST, count=count)
    plan = make_plan(load_model(models["noise"]), [Entry("x", REQUEST)], tmp_path, defaults={}, count=count)
    run_plan(load_model(models["noise"]), plan)
    assert len(made["sounds"]) == count
    for sound, output in zip(made["sounds"], plan.outputs, strict=True):
        content = client.get(f"/api/sounds/{sound['id']}/audio").content
        np.testing.assert_allclose(soundfile.read(io.BytesIO(content))[0], soundfile.read(output.path)[0], atol=1e-5)


def test_a_language_model_and_a_sound_that_it_continues(client: Client) -> None:
    first = generated(client, "words", {"seconds": 0.2, "seed": 1})
    request = {"seconds": 0.4, "seed": 1, "prompt_audio": first["sounds"][0]["id"]}
    assert generated(client, "words", request)["sounds"][0]["samples"] == 400


def test_a_sound_is_varied_and_inpainted(client: Client) -> None:
    first = generated(client, "noise", REQUEST)["sounds"][0]
    generated(client, "noise", {**REQUEST, "init_audio": first["id"], "init_noise_level": 0.3})
    made = generated(client, "noise", {**REQUEST, "seed": 6, "inpaint": first["id"], "regions": [[0.1, 0.2]]})
    before, after = (
        soundfile.read(io.BytesIO(client.get(f"/api/sounds/{sound['id']}/audio").content))[0]
        for sound in (first, made["sounds"][0])
    )
    np.testing.assert_array_equal(before[:100], after[:100])
    np.testing.assert_array_equal(before[200:], after[200:])
    assert not np.array_equal(before, after)


def test_a_request_without_a_seed_gets_one_that_makes_it_again(client: Client) -> None:
    request = {key: value for key, value in REQUEST.items() if key != "seed"}
    first = generated(client, "noise", request)
    again = generated(client, "noise", first["request"])
    contents = [client.get(f"/api/sounds/{made['sounds'][0]['id']}/audio").content for made in (first, again)]
    assert contents[0] == contents[1]
    assert first["request"]["seed"] != generated(client, "noise", request)["request"]["seed"]


def test_previews_come_while_it_works_and_it_can_be_cancelled(client: Client) -> None:
    body = {"model": "noise", "request": {**REQUEST, "steps": 1000}}
    job = client.post("/api/generations", json=body).json()
    path = f"/api/generations/{job['result']}"
    while client.get(path).json()["previews"] == 0:
        assert client.get(f"/api/jobs/{job['id']}").json()["state"] in ("queued", "running")
    audio, rate = soundfile.read(io.BytesIO(client.get(f"{path}/preview").content))
    assert (len(audio), rate) == (400, 1000)
    assert np.isfinite(audio).all()
    client.delete(f"/api/jobs/{job['id']}")
    assert client.over(job)["state"] == "cancelled"
    assert client.get(path).json()["sounds"] == []
    assert not (client.studio.settings.data / "generations" / job["result"]).exists()


def test_previews_can_be_left_out(client: Client) -> None:
    assert generated(client, "noise", REQUEST, preview=False)["previews"] == 0


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"steps": 1001}, 413),
        ({"seconds": 21}, 413),
        ({"seconds": 1, "extend": 20}, 413),
        ({"inpaint": "nothing"}, 404),
        ({"init_audio": "../../x.wav"}, 404),
        ({"tempo": 3}, 422),
        ({"seed": -1}, 422),
    ],
)
def test_requests_that_are_too_much_or_wrong_make_no_job(client: Client, request_: dict[str, Any], status: int) -> None:
    assert client.post("/api/generations", json={"model": "noise", "request": request_}).status_code == status
    assert client.post("/api/generations", json={"model": "nothing", "request": {}}).status_code == 404
    assert client.post("/api/generations", json={"model": "noise", "request": {}, "count": 9}).status_code == 422


@pytest.mark.parametrize(
    ("model", "request_", "said"),
    [
        ("noise", {}, "'genre'"),
        ("noise", {"conditions": {"genre": "folk"}}, "rock, jazz"),
        ("words", {}, "seconds is missing"),
        ("plain", {}, "does not generate"),
        ("noise", {**REQUEST, "sampler": "euler"}, "euler"),
    ],
)
def test_what_a_model_cannot_do_fails_in_words(client: Client, model: str, request_: dict[str, Any], said: str) -> None:
    over = client.over(client.post("/api/generations", json={"model": model, "request": request_}).json())
    assert over["state"] == "failed"
    assert said in over["message"]


def test_history_outlives_the_studio(tmp_path: Path, models: dict[str, Path]) -> None:
    with Client(Studio(settings(tmp_path, models))) as first:
        made = generated(first, "noise", REQUEST)
    with Client(Studio(settings(tmp_path, models))) as second:
        assert second.get("/api/generations").json() == [made]
        assert second.get(f"/api/sounds/{made['sounds'][0]['id']}/audio").status_code == 200


@given(st.text(min_size=1), st.one_of(st.none(), st.text()), st.floats(0.1, 9), st.integers(0, 9))
def test_the_command_line_survives_the_shell(prompt: str, negative: str | None, scale: float, seed: int) -> None:
    request = {
        "prompt": prompt,
        "negative": negative,
        "cfg_scale": scale,
        "seed": seed,
        "conditions": {"a": "1", "b": 2},
    }
    words = shlex.split(command_line("a model", request, 2))
    assert words[:2] == ["narrows", "generate"]
    assert (words[-3:] == ["--", "a model", prompt]) if prompt.startswith("-") else (words[2:4] == ["a model", prompt])
    assert f"--cfg-scale={scale}" in words
    assert ('--condition=a="1"' in words, "--condition=b=2" in words, "--count=2" in words) == (True, True, True)
    assert [word for word in words if word.startswith("--negative=")] == (
        [] if negative is None else [f"--negative={negative}"]
    )


def test_every_field_of_a_request_has_a_place_in_the_command() -> None:
    from narrows.configs import GenerationRequest

    assert {*FLAGS, "prompt", "conditions", "negative", "regions", "loop"} == set(GenerationRequest.model_fields)
