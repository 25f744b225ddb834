"""A run keeps averages from which one of any length is made afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from support.diffusion_cases import FRAMES, RATIO, codec, diffusion_model, tone_data, write_tones
from support.stored_data import encoded, experiment, stored_data
from support.training_cases import RATE

from narrows.models import create_model_from_config, load_model, save_model
from narrows.pipelines.averages.profiles import decay
from narrows.pipelines.averages.snapshots import averaged_model
from narrows.training import train
from narrows.training.trainers.base import Trainer


def test_the_average_of_a_length_after_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is stopped on the way; every step is also averaged here, in the length that is asked for afterwards."""
    torch.manual_seed(0)
    document = {"model_type": "autoencoder", "sample_rate": RATE, "audio_channels": 2, "model": codec()["config"]}
    encoder = save_model(create_model_from_config(document).eval(), tmp_path / "codec")
    data = stored_data(
        encoded(tone_data(write_tones(tmp_path / "tones")), encoder, tmp_path / "stored", FRAMES * RATIO)
    )
    model = diffusion_model(pre_encoded=True, post_hoc_ema={"lengths": [0.05, 0.1], "every": 3}, learning_rate=3e-3)
    direct: dict[str, torch.Tensor] = {}
    step = Trainer.step

    def followed(self: Trainer, batches: Any, number: int) -> Any:
        outcome = step(self, batches, number)
        for name, value in self.model.model.named_parameters():
            direct.setdefault(name, value.detach().clone()).lerp_(value.detach(), 1 - decay(number + 1, 0.15))
        return outcome

    monkeypatch.setattr(Trainer, "step", followed)
    settings = {"steps": 24, "val_batches": 0, "checkpoint_every": 8}
    whole = train(experiment(data, tmp_path / "whole", model, encoder, **settings), progress=False)
    monkeypatch.setattr(Trainer, "step", step)
    made = averaged_model(whole.folder, 0.15).model
    newest = load_model(whole.checkpoint, prefer="raw").model
    apart, moved = (
        sum(float((value.detach() - direct[name]).square().sum()) for name, value in each.named_parameters()) ** 0.5
        for each in (made, newest)
    )
    assert apart < 0.05 * moved

    for steps in (7, 24):
        parts = train(
            experiment(data, tmp_path / "parts", model, encoder, **{**settings, "steps": steps}), progress=False
        )
    names = [path.name for path in sorted((whole.folder / "averages").iterdir())]
    assert len(names) == 2 * 8
    for name in names:
        assert (whole.folder / "averages" / name).read_bytes() == (parts.folder / "averages" / name).read_bytes()
