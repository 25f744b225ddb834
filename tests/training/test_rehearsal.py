"""What is used after the warm-up is tried before the first step, and that changes nothing."""

from __future__ import annotations

import logging

import pytest
import torch
from support.training_cases import experiment_config, model_config

from narrows.losses.discriminators.encodec import EncodecDiscriminator
from narrows.training import train
from narrows.training.adversarial.adversary import Adversary
from narrows.training.checkpoints.files import read_checkpoint
from narrows.training.demos.callback import DemoCallback
from narrows.training.loop import Loop
from narrows.training.rehearsal import RehearsalError

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


@pytest.mark.parametrize("settings", [{}, {"val_batches": 0}], ids=["validated", "not validated"])
def test_trying_changes_nothing(settings, clips, tmp_path, monkeypatch):
    config = experiment(clips, tmp_path / "with", "full", **settings)
    config["model_config"]["training"]["demo"] = {"demo_every": 5}
    with_it = train(config, progress=False)
    monkeypatch.setattr(Adversary, "rehearse", lambda *_: None)
    monkeypatch.setattr(Loop, "_rehearse", lambda *_: None)
    without = train({**config, "save_dir": str(tmp_path / "without")}, progress=False)
    one, other = (read_checkpoint(result.checkpoint)["state_dict"] for result in (with_it, without))
    assert list(one) == list(other)
    for key, value in one.items():
        torch.testing.assert_close(other[key], value, rtol=0, atol=0, msg=key)
    names = [sorted(p.relative_to(r.folder).as_posix() for p in r.folder.rglob("*")) for r in (with_it, without)]
    assert names[0] == names[1]


def test_a_report_that_cannot_be_made_ends_the_run_at_once(clips, tmp_path, monkeypatch):
    def refuse(*_):
        raise ValueError("no such window")

    monkeypatch.setattr("narrows.pipelines.report.training_run.reconstruct_clips", refuse)
    with pytest.raises(RehearsalError, match=r"report at the end of this run cannot be made.*: no such window"):
        train(experiment_config(clips, tmp_path, model_config({"type": "vae"}), steps=5), progress=False)
    assert not list((tmp_path / "run/checkpoints").glob("*.ckpt"))


@pytest.mark.parametrize("settings", [{}, {"val_batches": 0}], ids=["validated", "not validated"])
def test_demos_that_fail_are_told_before_the_first_step(settings, clips, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(DemoCallback, "_write", lambda *_: 1 / 0)
    model = model_config({"type": "vae"}, demo={"demo_every": 1000})
    with caplog.at_level(logging.WARNING):
        train(experiment_config(clips, tmp_path, model, **{"steps": 1, **settings}), progress=False)
    told = [record.getMessage() for record in caplog.records if "division by zero" in record.getMessage()]
    assert told[0].startswith("This run will have no demos")
