"""The experiment on the quality of latent diffusion, in its short form."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from argparse import ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def parts() -> Iterator[Any]:
    """The modules of the experiment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        import listener
        from toy_sounds import __main__ as command
        from toy_sounds import examples, measures, stages

        modules = {"command": command, "examples": examples, "measures": measures, "stages": stages}
        yield SimpleNamespace(listener=listener, **modules)


@pytest.fixture(scope="module")
def judge(parts: Any) -> Any:
    """A classifier of few sounds."""
    return parts.measures.Judge.trained(12)


@pytest.mark.long
def test_the_short_form_goes_through_all_stages_and_does_none_twice(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS / "toy_sounds"), str(tmp_path), "--short"]
    first = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert first.returncode == 0, first.stderr
    results = json.loads((tmp_path / "results.json").read_text())
    own = results["seed 0"]
    assert results["codec"]["ceiling"]["originals"]["frechet"] == 0
    assert own["base"]["scale"] in (1.0, 2.0)
    assert {"test", "inpainting", "4 steps"} <= own["base"].keys()
    assert 0 <= own["few_step"]["4 steps"]["accuracy"] <= 1
    assert 0 <= own["adapter"]["new"]["accuracy"] <= 1
    assert all(stage["processor_seconds"] > 0 for stage in own.values())
    assert (tmp_path / "results.md").read_text() in first.stdout
    again = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    assert "codec ..." in first.stdout
    assert "..." not in again.stdout
    other = subprocess.run(
        [*command, "--base", "batch_size=2"], capture_output=True, text=True, timeout=100, check=False
    )
    assert other.returncode == 1
    assert "name another folder" in other.stderr


def test_originals_are_what_was_asked_for(parts: Any, judge: Any) -> None:
    wanted = parts.examples.examples(16, 3)
    found = parts.measures.figures(judge, [one.audio for one in wanted], wanted)
    assert found["accuracy"] >= 0.9
    assert found["frechet"] == pytest.approx(0, abs=1e-6)
    assert found["pitch_error"] < 1e-3
    assert found["inside"] == 1
    assert found["end_error"] < 0.01


def test_wrong_sounds_are_found_wrong(parts: Any, judge: Any) -> None:
    wanted = parts.examples.examples(16, 3)
    longer = [torch.cat([one.audio, one.audio]) for one in wanted]
    assert parts.measures.figures(judge, longer, wanted)["inside"] == pytest.approx(0.5)
    others = [one.audio for one in (*wanted[4:], *wanted[:4])]
    found = parts.measures.figures(judge, others, wanted)
    assert found["accuracy"] < 0.2
    assert found["pitch_error"] > 0.3


def test_a_stage_is_done_once_and_counts_what_killed_attempts_spent(tmp_path: Path, parts: Any) -> None:
    file, calls = tmp_path / "stage.json", []

    def killed() -> dict[str, float]:
        start = time.process_time()
        while time.process_time() - start < 0.05:
            pass
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        parts.stages.stage(file, {"budget": 1}, killed)
    result = parts.stages.stage(file, {"budget": 1}, lambda: calls.append(1) or {"value": 2})
    assert result["value"] == 2
    assert result["processor_seconds"] >= 0.05
    assert parts.stages.stage(file, {"budget": 1}, lambda: calls.append(1) or {}) == result
    assert calls == [1]
    with pytest.raises(parts.stages.OtherSettingsError, match="name another folder"):
        parts.stages.stage(file, {"budget": 2}, dict)


def test_a_stage_has_a_budget_of_its_own(parts: Any) -> None:
    assert parts.command._budget("few_step=90") == ("few_step", 90.0)
    with pytest.raises(ArgumentTypeError, match="base=…"):
        parts.command._budget("steps=3")


def test_a_colour_changes_the_spectrum_smoothly_and_not_the_energy(parts: Any) -> None:
    torch.manual_seed(0)
    audio = torch.randn(3, 4096)
    assert parts.listener.coloured(audio, 0.0) is audio
    out = parts.listener.coloured(audio, 1.0)
    assert torch.allclose(out.norm(dim=-1), audio.norm(dim=-1), rtol=1e-5)
    gains = (torch.fft.rfft(out).abs() / torch.fft.rfft(audio).abs()).log()
    assert float(gains.std(dim=-1).min()) > 0.1
    assert float(gains[:, 1:-1].diff().abs().max()) < 0.02
