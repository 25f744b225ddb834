"""`narrows generate`: from prompts to files, once, whole, and the same after an interruption."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import soundfile
import torch
from support import tiny_diffusion
from support.command_matrix import Outcome, run
from support.tiny_lm import config as lm_config

from narrows.models import create_model_from_config, save_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tiny_diffusion.build(inpaint=True), tmp_path_factory.mktemp("diffusion") / "model")


@pytest.fixture(scope="module")
def lm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    model = create_model_from_config(lm_config(cross=True))
    return save_model(model, tmp_path_factory.mktemp("lm") / "model")


def generate(model: Path, out: Path, *words: object, seconds: float = 0.1) -> Outcome:
    given = ["generate", str(model), *map(str, words), "-o", str(out), "--device", "cpu", "--seconds", str(seconds)]
    return run(given)


def visible(folder: Path) -> list[Path]:
    """Files of a folder without those of a temporary name, which a killed run leaves."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in visible(folder)}


def interrupt(beside: Path) -> None:
    """Leave an output as it is between its sound and its JSON."""
    beside.unlink()
    beside.with_name(f".{beside.stem}.making").touch()


def test_prompts_become_files(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    outcome = generate(model, out, "jazz", "rock", "--steps", 2, "--seed", 5, "--count", 2, "--negative", "rock")
    assert outcome.code == 0, outcome.error
    names = ["0000-jazz", "0001-jazz", "0002-rock", "0003-rock"]
    assert sorted(path.name for path in out.iterdir()) == sorted(f"{n}{e}" for n in names for e in (".json", ".wav"))
    info = soundfile.info(out / "0002-rock.wav")
    assert (info.samplerate, info.frames, info.subtype) == (tiny_diffusion.RATE, 100, "FLOAT")
    beside = json.loads((out / "0003-rock.json").read_text())
    want = {"prompt": "rock", "negative": "rock", "seconds": 0.1, "steps": 2, "seed": 8}
    assert beside["request"] == want
    assert beside["license"] == "CC0"
    assert beside["sha256"] == hashlib.sha256((out / "0003-rock.wav").read_bytes()).hexdigest()


def test_the_json_is_a_request(model: Path, tmp_path: Path) -> None:
    assert generate(model, tmp_path / "one", "jazz", "--steps", 2, "--seed", 9).code == 0
    beside = json.loads((tmp_path / "one" / "0000-jazz.json").read_text())
    again = tmp_path / "again.jsonl"
    again.write_text(json.dumps(beside["request"]))
    assert generate(model, tmp_path / "two", "--prompts", again).code == 0
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")


def test_a_resumed_run_equals_an_undisturbed_one(model: Path, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("jazz\n\nrock\njazz\nrock\njazz\n")
    options = ("--prompts", prompts, "--steps", 2, "--batch-size", 2)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for out in (whole, broken):
        assert generate(model, out, *options).code == 0
    interrupt(broken / "0001-rock.json")
    (broken / "0003-rock.wav").unlink()
    (broken / "0004-jazz.wav").write_bytes(b"torn")
    outcome = generate(model, broken, *options)
    assert outcome.code == 0
    assert "3 written, 2 there already" in outcome.error
    assert hashes(whole) == hashes(broken)
    assert not list(broken.glob(".*"))
    before = {path.name: path.stat().st_mtime_ns for path in whole.iterdir()}
    assert "0 written, 5 there already" in generate(model, whole, *options).error
    assert before == {path.name: path.stat().st_mtime_ns for path in whole.iterdir()}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.csv", "prompt,seconds_total,steps\njazz,0.25,2\nrock,0.5,3\n"),
        ("p.jsonl", '{"prompt": "jazz", "seconds": 0.25, "steps": 2}\n"rock"\n'),
        ("p.yaml", "- prompt: jazz\n  conditions: {seconds_total: 0.25}\n  steps: 2\n- rock\n"),
    ],
)
def test_prompt_files(model: Path, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    given = ["generate", model, "--prompts", tmp_path / name, "-o", tmp_path / "out", "--steps", "2", "--device", "cpu"]
    outcome = run([str(word) for word in given])
    assert outcome.code == 0, outcome.error
    assert soundfile.info(tmp_path / "out" / "0000-jazz.wav").frames == 250
    assert (tmp_path / "out" / "0001-rock.wav").is_file()


def test_a_broken_line_is_named(model: Path, tmp_path: Path) -> None:
    prompts = tmp_path / "p.jsonl"
    prompts.write_text('{"prompt": "jazz"}\n{"prompt": \n{"promt": "rock"}\n{"conditions": {"gnre": "rock"}}\n')
    outcome = generate(model, tmp_path / "out", "--prompts", prompts, "--steps", 2)
    assert outcome.code == 1
    for line, word in ((2, "JSON"), (3, "promt"), (4, "Did you mean 'genre'")):
        assert any(f"line {line}:" in said and word in said for said in outcome.error.splitlines()), outcome.error
    assert not (tmp_path / "out").exists()
    outcome = generate(model, tmp_path / "out", "--prompts", prompts, "--steps", 2, "--keep-going")
    assert outcome.code == 1
    assert [path.name for path in (tmp_path / "out").glob("*.wav")] == ["0000-jazz.wav"]


def test_inpainting_keeps_samples_in_float_files(model: Path, tmp_path: Path) -> None:
    audio = 0.3 * torch.randn(300, generator=torch.Generator().manual_seed(0)).numpy()
    soundfile.write(tmp_path / "in.wav", audio, tiny_diffusion.RATE, subtype="FLOAT")
    words = ("jazz", "--inpaint", tmp_path / "in.wav", "--region", "0.1:0.2", "--steps", 2)
    outcome = generate(model, tmp_path / "out", *words, seconds=0.3)
    assert outcome.code == 0, outcome.error
    made = soundfile.read(tmp_path / "out" / "0000-jazz.wav", dtype="float32")[0]
    assert (made[:100] == audio[:100]).all()
    assert (made[200:] == audio[200:]).all()
    assert (made[110:190] != audio[110:190]).all()


def test_variations_formats_and_levels(model: Path, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "in.wav", torch.rand(300).numpy(), tiny_diffusion.RATE)
    words = ("jazz", "--init", tmp_path / "in.wav", "--init-noise-level", 2, "--steps", 2)
    outcome = generate(model, tmp_path / "out", *words, "--format", "flac", "--normalize", seconds=0.3)
    assert outcome.code == 0, outcome.error
    assert abs(soundfile.read(tmp_path / "out" / "0000-jazz.flac")[0]).max() == pytest.approx(10 ** (-1 / 20), abs=1e-4)


@pytest.mark.parametrize("name", ["0000-jazz.wav", "0000-jazz.json", "0001-jazz.wav"])
@pytest.mark.parametrize("content", [b"my own", b'{"sha256": "my own"}'])
def test_files_of_others_are_not_replaced(model: Path, tmp_path: Path, name: str, content: bytes) -> None:
    theirs = tmp_path / "out" / name
    theirs.parent.mkdir()
    theirs.write_bytes(content)
    outcome = generate(model, theirs.parent, "jazz", "--count", 2)
    assert outcome.code == 1
    assert f"{name}: this file was not made by a generation" in outcome.error
    assert theirs.read_bytes() == content
    assert visible(theirs.parent) == [theirs]


def test_a_dry_run_makes_nothing(model: Path, tmp_path: Path) -> None:
    outcome = generate(model, tmp_path / "out", "jazz", "rock", "--dry-run", "--json")
    assert outcome.code == 0
    assert [row["request"]["prompt"] for row in json.loads(outcome.out)] == ["jazz", "rock"]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["jazz", "--sampler", "euler"], "Item 0: .*does not fit"),
        (["jazz", "blues"], "Item 1: .*blues"),
        (["jazz", "--condition", "bpm=120"], "Item 0: There is no condition 'bpm'"),
        (["jazz", "--condition", "bpm"], "KEY=VALUE"),
        (["jazz", "--region", "0:1"], "--inpaint"),
        (["jazz", "--temperature", "1"], "language models"),
        (["jazz", "--init", "none.wav"], "none.wav"),
        (["jazz", "--prompts", "p.txt"], "not both"),
        (["--prompts", "p.doc"], "p.doc"),
        (["jazz", "--count", "0"], "at least 1"),
    ],
)
def test_bad_input_is_one_message(model: Path, tmp_path: Path, words: list[str], message: str) -> None:
    import re

    outcome = generate(model, tmp_path / "out", *words)
    assert outcome.code == 1
    assert re.search(message, outcome.error), outcome.error
    assert "Traceback" not in outcome.error
    assert not (tmp_path / "out").exists()


def test_language_models_generate(lm: Path, tmp_path: Path) -> None:
    options: tuple[Any, ...] = ("--condition", "text=3", "--temperature", 0.9, "--top-k", 5, "--count", 2)
    outcome = generate(lm, tmp_path / "out", *options)
    assert outcome.code == 0, outcome.error
    made = [soundfile.read(tmp_path / "out" / f"000{index}.wav")[0] for index in (0, 1)]
    assert [len(sound) for sound in made] == [80, 80]
    assert (made[0] != made[1]).any()
    for words in (("--steps", 3), ("--condition", "text=77")):
        outcome = generate(lm, tmp_path / "bad", *options, *words)
        assert (outcome.code, (tmp_path / "bad").exists()) == (1, False), outcome.error


def test_autoencoders_do_not_generate(tmp_path: Path) -> None:
    from support.command_matrix import autoencoder

    folder = save_model(create_model_from_config(autoencoder(None)), tmp_path / "codec")
    outcome = generate(folder, tmp_path / "out", "jazz")
    assert outcome.code == 1
    assert "does not generate" in outcome.error


@pytest.mark.slow
def test_twenty_sounds_are_what_each_is_alone_also_after_a_kill(lm: Path, tmp_path: Path) -> None:
    """Other seeds, lengths and conditions beside it change nothing of a sound; a killed run makes what is missing."""
    requests = [
        {"seed": 100 - number, "seconds": 0.1 + 0.07 * (number % 7), "conditions": {"text": number % 5}}
        for number in range(20)
    ]
    prompts = tmp_path / "prompts.jsonl"
    prompts.write_text("".join(json.dumps(request) + "\n" for request in requests))
    options = ["--prompts", str(prompts), "--cfg-scale", "2", "--batch-size", "3", "--device", "cpu"]
    assert run(["generate", str(lm), "-o", str(tmp_path / "whole"), *options]).code == 0
    whole = hashes(tmp_path / "whole")
    assert len(whole) == 40

    out = tmp_path / "killed"
    command = [sys.executable, "-m", "narrows.cli", "generate", str(lm), "-o", str(out), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and len(list(out.glob("*.json"))) < 4:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it was too fast to be killed"
    assert len(list(out.glob("*.json"))) < 20
    assert run(["generate", str(lm), "-o", str(out), *options]).code == 0
    assert hashes(out) == whole

    for number in (0, 3, 8, 19):
        alone = tmp_path / f"alone{number}.jsonl"
        alone.write_text(json.dumps(requests[number]))
        words = ["--prompts", str(alone), "--cfg-scale", "2", "--device", "cpu"]
        assert run(["generate", str(lm), "-o", str(tmp_path / f"{number}"), *words]).code == 0
        assert hashes(tmp_path / f"{number}")["0000.wav"] == whole[f"{number:04d}.wav"]


def test_shorter_weights(lm: Path, model: Path, tmp_path: Path) -> None:
    """The precision stands in the JSON, so that another one is made again; int8 is for language models."""
    condition = ["--condition", "text=1"]
    for precision in ("float32", "int8", "bfloat16"):
        assert generate(lm, tmp_path / "out", *condition, "--precision", precision).code == 0
        beside = json.loads((tmp_path / "out/0000.json").read_text())
        assert beside["precision"] == precision
    outcome = generate(model, tmp_path / "out", "jazz", "--precision", "int8")
    assert outcome.code == 1
    assert "int8 is for language models" in outcome.error
