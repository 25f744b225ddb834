"""Training in 16 bit on a CPU: layers with bad kernels train in float32, the others in what was asked for."""

from __future__ import annotations

import pytest
import torch
from support import probes
from support.training_cases import experiment_config, model_config

from narrows.models.float32_layers import Float32Layer
from narrows.training import run as training_run
from narrows.training import train
from narrows.training.checkpoints.files import read_checkpoint

BAD = '"groups": 1, "padding": [3], "stride": [1], "weight": [4, 2, 7]'
"""The first convolution of the encoder."""


@pytest.mark.parametrize("precision", ["bf16-mixed", "bf16-true"])
def test_bad_layers_train_in_float32(precision, clips, tmp_path, monkeypatch, caplog):
    log = probes.install(monkeypatch, tmp_path, {BAD: "wrong"})
    seen, steps = [], training_run.Loop.run

    def run(loop):
        seen.append(loop.state.trainer)
        return steps(loop)

    monkeypatch.setattr(training_run.Loop, "run", run)
    result = train(experiment_config(clips, tmp_path, model_config(), steps=3, precision=precision), progress=False)
    [training] = seen
    [name] = [name for name, layer in training.model.named_modules() if isinstance(layer, Float32Layer)]
    assert name == "encoder.layers.0"
    assert [isinstance(layer, Float32Layer) for layer in training.ema.model.encoder.layers][:2] == [True, False]
    other = torch.float32 if precision == "bf16-mixed" else torch.bfloat16
    for path, parameter in training.model.named_parameters():
        assert parameter.dtype == (torch.float32 if path.startswith(f"{name}.") else other)
    assert result.skipped_steps == 0
    [record] = [record for record in caplog.records if record.name == "narrows.models"]
    assert "(model.encoder.layers.0)" in record.message
    assert len(log.read_text().splitlines()) == 1
    weights = read_checkpoint(result.checkpoint)["state_dict"]
    assert any(key.startswith("encoder.layers.0.") or ".encoder.layers.0." in key for key in weights)


def test_in_32_bit_nothing_is_tried(clips, tmp_path, monkeypatch):
    log = probes.install(monkeypatch, tmp_path, {BAD: "wrong"})
    train(experiment_config(clips, tmp_path, model_config(), steps=1), progress=False)
    assert log.read_text() == ""
