"""A training checkpoint goes on on new data with its discriminator and its optimizers, where it was."""

import pytest
import torch
from support.training_cases import experiment_config, model_config, write_clips

from narrows.pipelines.metrics_log import read_metrics
from narrows.training import train
from narrows.training.checkpoints.files import read_checkpoint

ADVERSARY = {
    "type": "encodec",
    "config": {"filters": 4, "n_ffts": [256], "hop_lengths": [64], "win_lengths": [256]},
    "weights": {"adversarial": 1.0, "feature_matching": 1.0},
}


def adversarial(run):
    """Loss of the discriminator at every step of a run."""
    records = read_metrics(run.folder / "metrics.jsonl")
    return [record["discriminator_loss"] for record in records if record["split"] == "train"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    model = model_config({"type": "vae"}, learning_rate=2e-3)
    model["training"]["loss_configs"]["discriminator"] = ADVERSARY
    data = write_clips(folder / "data")
    settings = {"steps": 40, "batch_size": 4, "checkpoint_every": 40, "val_every": 40}
    return model, train(experiment_config(data, folder, model, **settings), progress=False)


def test_the_adversarial_loss_starts_where_it_was(trained, tmp_path):
    """Within 10 % of the last logged values, though the clips are new; a discriminator that starts anew is not."""
    model, first = trained
    new = write_clips(tmp_path / "new", count=8, seconds=0.4)
    settings = {"steps": 1, "batch_size": 4, "val_batches": 0}
    warm = experiment_config(new, tmp_path / "warm", model, ckpt_path=str(first.checkpoint), **settings)
    cold = experiment_config(
        new, tmp_path / "cold", model, pretrained_ckpt_path=str(first.model / "model.safetensors"), **settings
    )
    last = adversarial(first)[-1]
    assert adversarial(train(warm, progress=False))[0] == pytest.approx(last, rel=0.1)
    assert adversarial(train(cold, progress=False))[0] != pytest.approx(last, rel=0.1)


def test_weights_and_moments_are_taken_over_and_rates_are_new(trained, tmp_path):
    model, first = trained
    still = {**model, "training": {**model["training"], "learning_rate": 1e-30}}
    data = write_clips(tmp_path / "data", count=4)
    settings = {"steps": 1, "batch_size": 4, "val_batches": 0, "ckpt_path": str(first.checkpoint)}
    second = train(experiment_config(data, tmp_path, still, **settings), progress=False)
    before, after = (read_checkpoint(run.checkpoint) for run in (first, second))
    assert after["step"] == 1
    for part in ("autoencoder", "discriminator"):
        optimizer = after["optimizers"][part]
        assert int(optimizer["state"][0]["step"]) == 41
        assert optimizer["param_groups"][0]["lr"] == 1e-30
    for key, value in before["state_dict"].items():
        if key.startswith(("model.", "discriminator.")):
            torch.testing.assert_close(after["state_dict"][key], value)


def test_what_the_checkpoint_does_not_have_starts_anew(clips, tmp_path, capsys):
    plain = train(
        experiment_config(clips, tmp_path / "plain", model_config(None, use_ema=False), steps=2), progress=False
    )
    model = model_config(None)
    model["training"]["loss_configs"]["discriminator"] = ADVERSARY
    settings = {"steps": 1, "ckpt_path": str(plain.checkpoint)}
    train(experiment_config(clips, tmp_path / "adversarial", model, **settings))
    assert "has no discriminator; it starts anew" in capsys.readouterr().err
