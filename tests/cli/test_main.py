"""The command line as a whole: exit codes, help without torch, errors without tracebacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from narrows.cli import main
from narrows.cli.main import COMMANDS

FIVE_MISTAKES = """\
{
  "model_type": "autoencoder",
  "sample_rate": "44100",
  "model": {
    "encoder": {"type": "oobleck", "config": {"latent_dim": 64, "strids": [2, 4]}},
    "decoder": {"type": "oobleck", "config": {"latent_dim": 16}},
    "bottleneck": {"type": "vae", "requires_gard": false},
    "latent_dim": 32,
    "downsampling_ratio": 1024,
    "io_channels": 0
  }
}
"""


def narrows(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "narrows.cli", *arguments], capture_output=True, text=True, check=False
    )


def test_five_mistakes_give_five_problems_with_line_pointer_and_hint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "model.json"
    file.write_text(FIVE_MISTAKES)
    assert main(["validate", str(file)]) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith(str(file))]
    places = [line.removeprefix(f"{file}:").split(": ")[:2] for line in lines]
    assert [(place.split(":")[0], pointer) for place, pointer in places] == [
        ("3", "/sample_rate"),
        ("5", "/model/encoder/config/strids"),
        ("6", "/model/decoder/config/latent_dim"),
        ("7", "/model/bottleneck/requires_gard"),
        ("10", "/model/io_channels"),
    ]


def test_problems_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "model.json"
    file.write_text(FIVE_MISTAKES)
    assert main(["validate", "--json", str(file)]) == 1
    problems = json.loads(capsys.readouterr().out)
    assert [p["pointer"] for p in problems][:1] == ["/sample_rate"]
    assert problems[1]["hint"] == "Did you mean 'strides'?"


@pytest.mark.parametrize("arguments", [["--help"], ["schema", "bottlenecks/fsq"], ["--version"]])
def test_light_commands_import_no_torch(arguments: list[str]) -> None:
    code = (
        f"import sys; from narrows.cli import main\ntry:\n    main({arguments!r})\nexcept SystemExit: pass\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules and 'hydra' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert "usage: narrows" in capsys.readouterr().out


def test_wrong_usage_exits_with_2() -> None:
    result = narrows("validate")
    assert result.returncode == 2
    assert "FILE" in result.stderr


def test_a_missing_file_exits_with_1_and_no_traceback(tmp_path: Path) -> None:
    for arguments in (["validate", str(tmp_path / "x.json")], ["inspect", str(tmp_path / "x.json")]):
        result = narrows(*arguments)
        assert result.returncode == 1
        assert "Traceback" not in result.stderr
        assert "x.json" in result.stdout + result.stderr


def test_unknown_schema_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "bottlenecks/fsk"]) == 1
    assert "Did you mean 'bottlenecks/fsq'?" in capsys.readouterr().err


def test_the_bundle_is_one_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    bundle = json.loads(capsys.readouterr().out)
    assert bundle["$defs"]["bottlenecks/fsq.json"]["title"] == "FSQBottleneckConfig"


@pytest.mark.parametrize(("before", "after"), [(None, "4096"), ("77", "77")])
def test_one_dnn_keeps_the_kernels_of_many_lengths(before, after):
    name = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
    own = {key: value for key, value in os.environ.items() if key != name} | ({name: before} if before else {})
    code = f"import os; from narrows.cli import main; main(['schema']); print(os.environ[{name!r}])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=own, capture_output=True, text=True, check=True, timeout=100
    )
    assert done.stdout.splitlines()[-1] == after
