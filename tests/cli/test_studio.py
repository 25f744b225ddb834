"""`narrows studio`, and what it shares with other commands."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import torch
from support import tiny_diffusion
from support.small_autoencoder import autoencoder
from support.sounds import write_sounds

from narrows.cli import main
from narrows.models import create_model_from_config, save_model

pytest.importorskip("narrows.studio")

from narrows.studio.generate.command_line import command_line

EXAMPLE = Path(__file__).parents[2] / "examples" / "studio_client.py"


def saved(document: dict[str, Any], path: Path) -> Path:
    torch.manual_seed(0)
    save_model(create_model_from_config(document).eval(), path)
    return path


@pytest.mark.parametrize(
    "request_",
    [
        {"conditions": {"genre": "jazz"}, "seed": 7},
        {
            "conditions": {"genre": "rock"},
            "seed": 3,
            "seconds": 0.3,
            "steps": 5,
            "cfg_scale": 2.5,
            "sampler": "k-heun",
            "schedule": "karras",
        },
        {"prompt": "rock", "seed": 0, "loop": True, "seconds": 0.25},
        {"prompt": "rock", "negative": "jazz", "seed": 1, "extend": 0.5, "seconds": 0.5},
        {"prompt": "jazz", "seed": 1, "inpaint": "IN", "regions": [[0.1, 0.2], [0.3, 0.35]]},
        {
            "prompt": "jazz",
            "conditions": {"seconds_total": 0.5},
            "seed": 1,
            "init_audio": "IN",
            "init_noise_level": 0.5,
        },
    ],
)
def test_the_command_that_the_studio_shows_asks_for_the_same(
    tmp_path: Path, request_: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    model = saved(tiny_diffusion.document(), tmp_path / "a model")
    sound = write_sounds(tmp_path / "in", 1, 3000) / "000.wav"
    request = {key: str(sound) if value == "IN" else value for key, value in request_.items()}
    words = shlex.split(command_line(str(model), request, 2, str(tmp_path / "out")))
    assert main([words[1], "--dry-run", "--json", *words[2:]]) == 0
    first, second = (row["request"] for row in json.loads(capsys.readouterr().out))
    assert {key: value for key, value in first.items() if key in request} == request
    assert second["seed"] == request["seed"] + 1


@pytest.mark.slow
def test_the_command_serves_and_the_example_asks_it(tmp_path: Path) -> None:
    model = saved(autoencoder(1), tmp_path / "mine")
    sound = write_sounds(tmp_path / "in", 1, 3000) / "000.wav"
    words = ["studio", str(model), "--data", str(tmp_path / "data"), "--no-browser", "--device", "cpu"]
    with subprocess.Popen([sys.executable, "-m", "narrows.cli", *words], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"http\S+", process.stdout.readline())
            assert address is not None
            place, _, token = address[0].partition("/compare?token=")
            asked_by = {"Authorization": f"Bearer {token}"}
            with urllib.request.urlopen(
                urllib.request.Request(f"{place}/api/openapi.json", headers=asked_by)
            ) as answer:
                assert answer.status == 200
            out = tmp_path / "out"
            asked = [sys.executable, str(EXAMPLE), address[0], str(sound), "-o", str(out)]
            done = subprocess.run(asked, capture_output=True, text=True, check=True)
            assert "mine: " in done.stdout
            assert (out / "01.wav").stat().st_size > 3000
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def test_a_listening_test_of_an_evaluation(tmp_path: Path) -> None:
    from narrows.studio.errors import StudioError
    from narrows.studio.listen.from_evaluation import from_evaluation
    from narrows.studio.listen.listening_tests import ListeningTests

    models = [saved(autoencoder(2), tmp_path / name) for name in ("one", "two")]
    sounds, heard = write_sounds(tmp_path / "in", 3), tmp_path / "heard"
    words = [str(models[0]), str(sounds), "--against", str(models[1]), "--save", str(heard), "--device", "cpu"]
    assert main(["evaluate", *words]) == 0
    tests = ListeningTests(tmp_path / "tests")
    test = from_evaluation(heard, "preference", tests)
    assert (test["name"], test["trials"], test["versions"]) == ("heard", 3, sorted(map(str, models)))
    with pytest.raises(StudioError, match="narrows evaluate MODEL FOLDER --save"):
        from_evaluation(sounds, "abx", tests)
    index = json.loads((heard / "clips.json").read_text())
    index["clips"][0]["original"] = "../in/000.wav"
    (heard / "clips.json").write_text(json.dumps(index))
    with pytest.raises(StudioError):
        from_evaluation(heard, "abx", tests)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "No such model"),
        (["--audio", "nothing"], "No such folder"),
        (["--runs", "nothing"], "No such folder"),
        (["--test", "nothing"], "No such folder"),
        (["--port", "70000"], "--port"),
    ],
)
def test_what_is_not_there_is_said_at_once(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["studio", *words]) == 1
    assert said in capsys.readouterr().err
