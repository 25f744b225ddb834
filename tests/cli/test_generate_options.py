"""`narrows generate`: Python, requests and the command line ask for the same; loops, pages, memory."""

from __future__ import annotations

import argparse
import inspect
import json
import re
import types
import typing
from pathlib import Path
from typing import Any

import pytest
import soundfile
import torch
from support import tiny_diffusion
from support.command_matrix import run
from support.tiny_lm import config as lm_config

from narrows.cli.commands import generate as command
from narrows.configs import GenerationRequest
from narrows.models import create_model_from_config, save_model
from narrows.models.diffusion.model import DiffusionModel
from narrows.models.finite import NotFiniteError
from narrows.models.lm.model import AudioLanguageModel
from narrows.pipelines.generation import memory, prompt_files

CONTRACT = """--seconds --seed --count --steps --cfg-scale --negative --sampler --init --init-noise-level --inpaint
--region --condition --prompts --keep-going --loop --extend --temperature --top-k --top-p --prompt-audio --device
--precision --batch-size --format --normalize --html --dry-run --json --output"""
NAMED = {"condition": "conditions", "init": "init_audio", "region": "regions"}
"""Options that a field of a request has a longer name for."""
RUNNING = {"model", "output", "prompts", "keep_going", "count", "batch_size", "device", "precision", "format"}
RUNNING |= {"normalize", "offload", "compile", "adapter", "html", "dry_run", "json", "help"}
RUNNING |= {"engine", "address", "workers", "threads"}
"""Options of the command that say nothing about a sound."""
TOKENS = {"temperature", "top_k", "top_p", "prompt_audio"}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tiny_diffusion.build(), tmp_path_factory.mktemp("diffusion") / "model")


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser


def generate(model: Path, out: Path, *words: object) -> Any:
    return run(["generate", str(model), *map(str, words), "-o", str(out), "--device", "cpu", "--steps", "2"])


def test_the_command_asks_for_all_that_a_request_has() -> None:
    asked = {NAMED.get(action.dest, action.dest) for action in options()._actions}
    assert asked - RUNNING == set(GenerationRequest.model_fields)
    known = {flag for action in options()._actions for flag in action.option_strings}
    assert set(CONTRACT.split()) <= known


def test_python_asks_for_all_that_a_request_has() -> None:
    diffusion = inspect.signature(DiffusionModel.generate).parameters
    assert diffusion["values"].kind is inspect.Parameter.VAR_KEYWORD  # the fields of a request, by name
    assert {"init_audio", "inpaint"} <= set(diffusion)
    made = tiny_diffusion.build()
    given: dict[str, Any] = {"seconds": 0.1, "seed": 1, "steps": 2, "negative": "rock", "cfg_scale": 2.0}
    given |= {"sampler": "v-ddim", "schedule": "linear", "init_noise_level": 1.0, "loop": True, "extend": None}
    given |= {"regions": [], "conditions": {"seconds_total": 0.1}}
    assert set(given) | {"prompt", "init_audio", "inpaint"} | TOKENS == set(GenerationRequest.model_fields)
    assert made.generate("jazz", **given).shape == (1, 1, 100)
    tokens = inspect.signature(AudioLanguageModel.generate).parameters
    assert {"prompt_audio", "top_k", "seconds", "seed", "count"} <= set(tokens)
    sampled = set(inspect.signature(AudioLanguageModel.generate_codes).parameters)
    assert TOKENS - {"prompt_audio"} | {"cfg_scale"} <= sampled  # which `generate` passes on


def test_prompt_files_know_which_fields_are_texts() -> None:
    def is_text(annotation: Any) -> bool:
        if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
            return any(is_text(one) for one in typing.get_args(annotation))
        return annotation is str

    texts = {name for name, field in GenerationRequest.model_fields.items() if is_text(field.annotation)}
    assert texts == set(prompt_files.TEXTS)
    assert set(prompt_files.FILES) < texts


def test_loops_and_longer_sounds(model: Path, tmp_path: Path) -> None:
    outcome = generate(model, tmp_path / "loop", "jazz", "--loop", "--seconds", 0.301)
    assert outcome.code == 0, outcome.error
    assert soundfile.info(tmp_path / "loop" / "0000-jazz.wav").frames == 301
    assert json.loads((tmp_path / "loop" / "0000-jazz.json").read_text())["request"]["loop"] is True
    outcome = generate(model, tmp_path / "long", "jazz", "--extend", 0.5)
    assert outcome.code == 0, outcome.error
    assert soundfile.info(tmp_path / "long" / "0000-jazz.wav").frames == 1012
    prompts = tmp_path / "p.csv"
    prompts.write_text("prompt,loop,extend,seconds\njazz,true,,0.2\nrock,,0.3,0.4\n")
    outcome = generate(model, tmp_path / "file", "--prompts", prompts)
    assert outcome.code == 0, outcome.error
    frames = [soundfile.info(tmp_path / "file" / name).frames for name in ("0000-jazz.wav", "0001-rock.wav")]
    assert frames == [200, 700]


def test_an_offloaded_run_makes_the_same_files(model: Path, tmp_path: Path) -> None:
    for out, more in (("plain", ()), ("offload", ("--offload",))):
        assert generate(model, tmp_path / out, "jazz", "rock", "jazz", "--batch-size", 2, *more).code == 0
    for path in (tmp_path / "plain").iterdir():
        assert path.read_bytes() == (tmp_path / "offload" / path.name).read_bytes(), path.name


def test_a_page_has_a_player_a_sound(model: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    for _ in range(2):  # also of sounds that are there already
        outcome = generate(model, tmp_path / "out", "jazz", "rock", "--html", page)
        assert outcome.code == 0, outcome.error
        text = page.read_text()
        assert text.count("<audio") == 2
        assert "0001-rock.wav: rock" in text
        assert "CC0" in text
        assert "reconstruction" not in text
        page.unlink()
    outcome = generate(model, tmp_path / "out", "jazz", "--html", page, "--dry-run")
    assert outcome.code == 1
    assert not page.exists()


@pytest.mark.parametrize("loud", [False, True])
def test_clipping_is_told(loud: bool, tmp_path: Path) -> None:
    """16 bit cannot hold more than full scale: the sound beside the note is at the limit as often as the note says."""
    document = tiny_diffusion.document()
    document["model"]["pretransform"]["config"]["decoder"]["config"] |= {"final_tanh": False}
    built = create_model_from_config(document)
    with torch.no_grad():
        for parameter in built.pretransform.parameters():
            parameter *= 6 if loud else 0.2
    outcome = generate(save_model(built, tmp_path / "model"), tmp_path / "out", "jazz", "--format", "wav16")
    assert outcome.code == 0, outcome.error
    beside = json.loads((tmp_path / "out" / "0000-jazz.json").read_text())
    sound, _ = soundfile.read(tmp_path / "out" / "0000-jazz.wav", dtype="int16")
    assert (beside["peak"] > 1) == loud
    assert (beside["clipped"] > 0) == loud
    assert beside["clipped"] <= int((abs(sound.astype(int)) >= 32767).sum()) + 1
    assert ("clipped" in outcome.error) == loud


def test_weights_that_are_not_finite_are_named(tmp_path: Path) -> None:
    broken = tiny_diffusion.build()
    name, parameter = next((n, p) for n, p in broken.model.named_parameters() if "to_out" in n)
    with torch.no_grad():
        parameter.view(-1)[0] = float("nan")
    folder = save_model(broken, tmp_path / "broken")
    outcome = generate(folder, tmp_path / "out", "jazz")
    assert outcome.code == 1
    assert re.search(f"not finite.*model.{re.escape(name)}", outcome.error), outcome.error
    assert not (tmp_path / "out").exists()
    with pytest.raises(NotFiniteError, match=f"weight model.{re.escape(name)} "):
        broken.generate("jazz", steps=2)
    with torch.no_grad():
        parameter.view(-1)[0] = 1e38
    with pytest.raises(NotFiniteError, match=r"in torch\.float32: use"):
        broken.generate("jazz", steps=2, cfg_scale=1e30)


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("x"), RuntimeError("DefaultCPUAllocator: can't allocate memory")]
)
def test_memory_that_does_not_suffice_says_what_to_lower(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(DiffusionModel, "sample", full)
    outcome = generate(model, tmp_path / "out", "jazz")
    assert outcome.code == 1
    assert "batch_size" in outcome.error
    assert not (tmp_path / "out").exists()
    with pytest.raises(RuntimeError, match="shapes"), memory.told_memory():
        raise RuntimeError("shapes do not fit")


def test_language_models_refuse_what_is_for_diffusion(tmp_path: Path) -> None:
    folder = save_model(create_model_from_config(lm_config(cross=True)), tmp_path / "lm")
    words = ["generate", str(folder), "-o", str(tmp_path / "out"), "--seconds", "0.1", "--condition", "text=3"]
    for more, said in ((["--loop"], "loop"), (["--extend", "1"], "extend"), (["--offload"], "offload")):
        outcome = run([*words, *more])
        assert (outcome.code, said in outcome.error) == (1, True), outcome.error
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("rate", "channels"), [(1500, 1), (2000, 2)])
def test_audio_of_another_rate_and_channels_is_converted(model: Path, tmp_path: Path, rate: int, channels: int) -> None:
    soundfile.write(tmp_path / "in.wav", torch.rand(rate // 2, channels).numpy(), rate)
    outcome = generate(model, tmp_path / "out", "jazz", "--inpaint", tmp_path / "in.wav", "--region", "0.1:0.2")
    assert outcome.code == 0, outcome.error
    info = soundfile.info(tmp_path / "out" / "0000-jazz.wav")
    assert (info.frames, info.channels, info.samplerate) == (500, 1, tiny_diffusion.RATE)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["jazz", "--inpaint", "IN", "--region", "0.4:0.9"], "region 0.4 to 0.9 s does not lie in 0.5 s"),
        (["jazz", "--seconds", "9"], "9 s are beyond the 0.512 s .*extend"),
        (["jazz", "--loop", "--inpaint", "IN"], "loop"),
        (["jazz", "--loop", "--extend", "1"], "no end to extend"),
        (["jazz", "--extend", "-1"], "extend"),
        (["jazz", "--condition", "gnre=rock"], "Did you mean 'genre'"),
        (["--prompts", "missing.txt"], "missing.txt"),
        (["jazz", "--init", "torn.wav"], "torn.wav"),
    ],
)
def test_bad_input_leaves_nothing_behind(model: Path, tmp_path: Path, words: list[str], message: str) -> None:
    soundfile.write(tmp_path / "in.wav", torch.rand(500).numpy(), 1000)
    (tmp_path / "torn.wav").write_bytes(b"RIFF torn")
    places = {"IN": str(tmp_path / "in.wav"), "torn.wav": str(tmp_path / "torn.wav")}
    outcome = generate(model, tmp_path / "out", *(places.get(word, word) for word in words))
    assert outcome.code == 1, outcome.error
    assert re.search(message, outcome.error), outcome.error
    assert "Traceback" not in outcome.error
    assert not (tmp_path / "out").exists()
