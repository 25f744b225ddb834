"""Tokens under small changes of a clip, and clips kept for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import soundfile
import torch
from support.training_cases import RATE, model_config, write_clips
from torch import Tensor

from narrows.models import create_model_from_config
from narrows.pipelines.evaluation import SavedClips, code_stability, evaluate, reconstruct

FSQ = {"type": "fsq", "config": {"levels": [5, 5, 5, 5]}}
CHANGES = {f"codes_kept/{name}" for name in ("reencoded", "shifted", "quieter", "noisy")}


def model(bottleneck: dict[str, Any] | None) -> Any:
    torch.manual_seed(0)
    return create_model_from_config(model_config(bottleneck))


def noise(level: float) -> Tensor:
    return level * torch.randn(2, RATE // 2, generator=torch.Generator().manual_seed(3))


def test_tokens_that_say_nothing_of_the_sound_all_stay() -> None:
    codec = model(FSQ)
    with torch.no_grad():
        # A last layer without weights: every frame is the bias.
        *_, last = (module for module in codec.encoder.modules() if isinstance(module, torch.nn.Conv1d))
        last.parametrizations.weight.original0.zero_()
    audio = noise(0.1)
    kept = code_stability(codec, audio, reconstruct(codec, audio, RATE), RATE)
    assert kept == dict.fromkeys(CHANGES, 1.0)


def test_shares_are_those_of_the_tokens() -> None:
    codec, audio = model(FSQ), noise(0.5)
    made = reconstruct(codec, audio, RATE)
    kept = code_stability(codec, audio, made, RATE)
    assert kept.keys() == CHANGES
    assert all(0 < share <= 1 for share in kept.values())
    with torch.inference_mode():
        tokens = [
            codec.bottleneck.tokens(codec.encode_audio(clip[None], return_info=True)[1])
            for clip in (audio, 0.5 * audio)
        ]
    assert kept["codes_kept/quieter"] == pytest.approx(float((tokens[0] == tokens[1]).float().mean()))
    assert kept["codes_kept/quieter"] < 1
    assert kept == code_stability(codec, audio, made, RATE)


def test_a_model_without_tokens_has_no_shares() -> None:
    codec, audio = model(None), noise(0.1)
    assert code_stability(codec, audio, reconstruct(codec, audio, RATE), RATE) == {}


def test_an_evaluation_has_the_shares_and_keeps_the_clips(tmp_path: Path) -> None:
    folder = write_clips(tmp_path / "clips", count=2)
    (folder / "broken.wav").write_text("no audio")
    files = {path.name: path for path in sorted(folder.iterdir())}
    saved = SavedClips(tmp_path / "kept")
    result = evaluate({"a": model(FSQ), "b": model(None)}, files, stability=True, keep=saved, seconds=0.5)
    saved.finish()
    assert result.models["a"].total.keys() >= CHANGES
    assert not result.models["b"].total.keys() & CHANGES
    lists = {name: _read(tmp_path / "kept" / name) for name in ("gt.scp", "pred.scp", "pred-2.scp")}
    assert len(lists["gt.scp"]) == 2
    assert lists["gt.scp"].keys() == lists["pred.scp"].keys() == lists["pred-2.scp"].keys()
    for identifier, path in lists["gt.scp"].items():
        sizes = {soundfile.info(found[identifier]).frames for found in lists.values()}
        assert sizes == {RATE // 2}, path


def _read(path: Path) -> dict[str, str]:
    return dict(line.split(" ", 1) for line in path.read_text().splitlines())
