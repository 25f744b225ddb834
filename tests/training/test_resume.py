"""A run that is stopped anywhere goes on to the same weights as one that never was."""

import json
import os
import signal

import pytest
from support.checkpoints import assert_same
from support.processes import moments, run_killed
from support.training_cases import experiment_config, model_config

from narrows.models import CheckpointError
from narrows.pipelines.metrics_log import read_metrics
from narrows.training import train
from narrows.training.checkpoints.files import checkpoints, newest_checkpoint, read_checkpoint

VAE = {"type": "vae"}
RVQ = {
    "type": "rvq",
    "config": {"dim": 4, "codebook_size": 16, "num_quantizers": 2, "kmeans_init": True, "threshold_ema_dead_code": 1},
}

LIBRARY = {
    "type": "vector_quantize_pytorch",
    "config": {**RVQ["config"], "quantizer": "ResidualVQ", "quantize_dropout": True},
}


KILLS = [4, pytest.param(int(os.environ.get("NARROWS_KILLS", "20")), marks=pytest.mark.long)]
"""How often the run below is killed: at each kind of moment once, and in `nox -s slow` as often as one wants."""


@pytest.mark.slow
@pytest.mark.parametrize("kills", KILLS)
def test_killed_at_any_moment_the_result_is_the_same_bit_by_bit(kills, clips, tmp_path):
    # A process does six steps at most before it is killed.
    steps = 6 * kills
    settings = {"steps": steps, "checkpoint_every": 2, "keep_checkpoints": 2}
    whole = train(experiment_config(clips, tmp_path / "whole", model_config(VAE), **settings), progress=False)

    path = tmp_path / "experiment.json"
    path.write_text(json.dumps(experiment_config(clips, tmp_path / "killed", model_config(VAE), **settings)))
    run_killed(path, moments(kills))

    folder = tmp_path / "killed/run"
    assert_same(read_checkpoint(whole.checkpoint), newest_checkpoint(folder / "checkpoints")[1])
    assert_same(read_checkpoint(whole.best), read_checkpoint(folder / "checkpoints/best.ckpt"))
    kept = [f"step={step:08d}.ckpt" for step in (steps - 2, steps)]
    assert sorted(path.name for path in (folder / "checkpoints").iterdir()) == ["best.ckpt", *kept]
    weights = "model/model.safetensors"
    assert (whole.folder / weights).read_bytes() == (folder / weights).read_bytes()
    logged = [
        [(record["step"], record["split"], record.get("loss")) for record in read_metrics(each / "metrics.jsonl")]
        for each in (whole.folder, folder)
    ]
    assert logged[0] == logged[1]


ADVERSARY = {
    "type": "encodec",
    "config": {"filters": 2, "n_ffts": [64], "hop_lengths": [16], "win_lengths": [64]},
    "weights": {"adversarial": 0.1, "feature_matching": 1.0},
}


@pytest.mark.parametrize(("bottleneck", "adversary"), [(VAE, ADVERSARY), (RVQ, None), (LIBRARY, None), (None, None)])
def test_stopping_and_going_on_changes_nothing(bottleneck, adversary, clips, tmp_path):
    model = model_config(bottleneck, latent_mask_ratio=0.2, warmup_steps=2 if adversary else 0)
    model["training"]["loss_configs"]["discriminator"] = adversary
    whole = train(experiment_config(clips, tmp_path / "whole", model, steps=6), progress=False)
    for steps in (1, 4, 6):
        parts = train(experiment_config(clips, tmp_path / "parts", model, steps=steps), progress=False)
    assert parts.step == 6
    assert_same(read_checkpoint(whole.checkpoint), read_checkpoint(parts.checkpoint))


@pytest.mark.parametrize(("number", "error"), [(signal.SIGTERM, SystemExit), (signal.SIGINT, KeyboardInterrupt)])
def test_a_signal_saves_first(number, error, clips, tmp_path, monkeypatch):
    from narrows.training.trainers.autoencoder import AutoencoderTrainer

    config = experiment_config(clips, tmp_path, model_config(VAE), steps=6, checkpoint_every=100)
    step = AutoencoderTrainer.update

    def interrupted(self, batches, number_of_step):
        if number_of_step == 2:
            os.kill(os.getpid(), number)
        return step(self, batches, number_of_step)

    monkeypatch.setattr(AutoencoderTrainer, "update", interrupted)
    before = signal.getsignal(number)
    with pytest.raises(error) as caught:
        train(config, progress=False)
    assert signal.getsignal(number) is before
    assert number == signal.SIGINT or caught.value.code == 143
    assert newest_checkpoint(tmp_path / "run/checkpoints")[1]["step"] == 3
    monkeypatch.undo()
    assert train(config, progress=False).step == 6


def test_the_newest_readable_checkpoint_is_taken(clips, tmp_path, caplog):
    config = experiment_config(clips, tmp_path, model_config(VAE), steps=4)
    expected = read_checkpoint(train(config, progress=False).checkpoint)
    newest, older = checkpoints(tmp_path / "run/checkpoints")
    newest.write_bytes(newest.read_bytes()[:1000])
    assert_same(read_checkpoint(train(config, progress=False).checkpoint), expected)
    assert newest.name in caplog.text
    for path in (newest, older):
        path.write_bytes(b"")
    with pytest.raises(CheckpointError, match="No checkpoint of"):
        train(config, progress=False)


def test_a_run_is_not_resumed_with_another_model(clips, tmp_path):
    train(experiment_config(clips, tmp_path, model_config(VAE), steps=1), progress=False)
    other = experiment_config(clips, tmp_path, model_config(VAE, clip_grad_norm=2.0), steps=2)
    with pytest.raises(CheckpointError, match="/training/clip_grad_norm differ"):
        train(other, progress=False)
    again = experiment_config(clips, tmp_path, model_config(VAE), steps=2, resume=False)
    with pytest.raises(FileExistsError, match="already holds a run at step 1"):
        train(again, progress=False)
    shown_otherwise = experiment_config(clips, tmp_path, model_config(VAE, demo={"demo_every": 7}), steps=2)
    assert train(shown_otherwise, progress=False).step == 2


class InjectedError(RuntimeError):
    """Stands for anything that goes wrong."""


def _fail_in(monkeypatch, owner, name, call):
    """Make a method fail at its n-th call, once."""
    original, calls = getattr(owner, name), []

    def failing(*arguments, **named):
        calls.append(name)
        result = original(*arguments, **named)
        if len(calls) == call:
            raise InjectedError("out of luck")
        return result

    monkeypatch.setattr(owner, name, failing)


@pytest.mark.parametrize("place", ["data", "loss", "validation"])
@pytest.mark.parametrize("bottleneck", [VAE, RVQ])
def test_an_error_leaves_a_checkpoint_from_which_the_run_goes_on_bit_by_bit(
    place, bottleneck, clips, tmp_path, monkeypatch
):
    from narrows.losses import MultiLoss
    from narrows.training.data_iterator import Batches
    from narrows.training.trainers.autoencoder import AutoencoderTrainer

    settings = {"steps": 6, "checkpoint_every": 100, "val_every": 4}
    model = model_config(bottleneck, latent_mask_ratio=0.2)
    whole = train(experiment_config(clips, tmp_path / "whole", model, **settings), progress=False)
    config = experiment_config(clips, tmp_path / "broken", model, **settings)
    owner, name, call, saved = {
        "data": (Batches, "draw", 4, 3),
        "loss": (MultiLoss, "parts", 4, 3),
        "validation": (AutoencoderTrainer, "validate", 2, 4),
    }[place]
    _fail_in(monkeypatch, owner, name, call)
    with pytest.raises(InjectedError):
        train(config, progress=False)
    monkeypatch.undo()
    assert [path.name for path in checkpoints(tmp_path / "broken/run/checkpoints")] == [f"step={saved:08d}.ckpt"]
    assert_same(read_checkpoint(whole.checkpoint), read_checkpoint(train(config, progress=False).checkpoint))


def test_weights_that_were_being_updated_are_not_saved(clips, tmp_path, monkeypatch):
    from narrows.training.optim.parameter_groups import ParameterGroup

    config = experiment_config(clips, tmp_path, model_config(VAE), steps=5, checkpoint_every=2)
    _fail_in(monkeypatch, ParameterGroup, "update", 4)
    with pytest.raises(InjectedError):
        train(config, progress=False)
    monkeypatch.undo()
    assert newest_checkpoint(tmp_path / "run/checkpoints")[1]["step"] == 2
    assert train(config, progress=False).step == 5
