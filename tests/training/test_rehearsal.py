"""What is used after the warm-up is tried before the first step, and that changes nothing."""

from __future__ import annotations

import pytest
import torch
from support.training_cases import experiment_config, model_config

from narrows.losses.discriminators.encodec import EncodecDiscriminator
from narrows.training import train
from narrows.training.adversarial.adversary import Adversary, RehearsalError
from narrows.training.checkpoints.files import read_checkpoint

ADVERSARY = {
    "type": "encodec",
    "config": {"filters": 2, "n_ffts": [64], "hop_lengths": [16], "win_lengths": [64]},
    "weights": {"adversarial": 0.1, "feature_matching": 1.0},
}


def experiment(clips, folder, mode, **settings):
    model = model_config({"type": "vae"}, warmup_steps=3, warmup_mode=mode)
    model["training"]["loss_configs"]["discriminator"] = ADVERSARY
    return experiment_config(clips, folder, model, **{"steps": 5, "checkpoint_every": 5, "val_every": 5, **settings})


@pytest.mark.parametrize("mode", ["full", "adv"])
def test_a_discriminator_that_cannot_judge_ends_the_run_at_once(mode, clips, tmp_path, monkeypatch):
    def refuse(self, reals, fakes):
        raise RuntimeError("Padding size should be less than the corresponding input dimension")

    monkeypatch.setattr(EncodecDiscriminator, "generator_losses", refuse)
    with pytest.raises(RehearsalError, match=r"clips of 2 x 1024 .* at step 3: Padding size"):
        train(experiment(clips, tmp_path, mode), progress=False)
    assert not list((tmp_path / "run/checkpoints").glob("*.ckpt"))


def test_trying_changes_nothing(clips, tmp_path, monkeypatch):
    with_it = train(experiment(clips, tmp_path / "with", "full"), progress=False)
    monkeypatch.setattr(Adversary, "rehearse", lambda *_: None)
    without = train(experiment(clips, tmp_path / "without", "full"), progress=False)
    one, other = (read_checkpoint(result.checkpoint)["state_dict"] for result in (with_it, without))
    assert list(one) == list(other)
    for key, value in one.items():
        torch.testing.assert_close(other[key], value, rtol=0, atol=0, msg=key)
