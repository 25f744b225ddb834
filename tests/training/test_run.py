"""What a run leaves behind, and where it may start from."""

from __future__ import annotations

import json
import re
import sys
from types import SimpleNamespace

import pytest
import soundfile
import torch
from support.training_cases import experiment_config, model_config

from narrows.configs import ConfigError, load_config
from narrows.models import CheckpointError, create_model_from_config, load_checkpoint, load_model
from narrows.pipelines.metrics_log import read_metrics
from narrows.training import DemoCallback, OutOfMemoryError, train
from narrows.training.checkpoints.files import read_checkpoint
from narrows.training.loggers.extras import MissingLoggerError
from narrows.training.trainers.autoencoder import AutoencoderTrainer
from narrows.training.training_data import split_data

VAE = {"type": "vae"}


def test_a_run_leaves_everything_that_is_promised(clips, tmp_path, capsys):
    model = model_config(VAE, demo={"demo_every": 2, "max_demos": 2})
    result = train(experiment_config(clips, tmp_path, model, steps=3, logger="tensorboard"))
    folder = tmp_path / "run"
    assert (result.folder, result.step, result.skipped_steps) == (folder, 3, 0)
    assert load_config(folder / "experiment.json", "experiment").model_config_.sample_rate == 8000
    assert list((folder / "tensorboard").iterdir())
    assert sorted(p.name for p in (folder / "demos").iterdir()) == ["step=00000002", "step=00000003"]
    demo = folder / "demos/step=00000002"
    names = {f"{clip:02d}_{kind}.{ending}" for clip in (0, 1) for kind in ("original", "reconstruction", "difference")
             for ending in ("wav", "png")} | {"00_latents.png", "01_latents.png"}  # fmt: skip
    assert {p.name for p in demo.iterdir()} == names
    audio, rate = soundfile.read(demo / "00_reconstruction.wav")
    assert (audio.shape, rate) == ((1024, 2), 8000)

    records = list(read_metrics(folder / "metrics.jsonl"))
    assert [(r["step"], r["split"]) for r in records] == [
        (0, "val"), (1, "train"), (2, "train"), (3, "train"), (3, "val"),
    ]  # fmt: skip
    assert {"loss", "kl_loss", "grad_norm/autoencoder", "lr/autoencoder", "loader_wait"} <= records[1].keys()
    assert {"si_sdr", "mel_distance", "stft_distance", "kl", "active_dimensions"} <= result.metrics.keys()

    # The model folder holds the average; the checkpoint gives the same to whoever loads it.
    saved = load_model(result.model)
    again = create_model_from_config(model)
    load_checkpoint(again, result.checkpoint)
    assert all(torch.equal(a, b) for a, b in zip(saved.state_dict().values(), again.state_dict().values(), strict=True))
    assert (
        "Steps 1 to 3:\n  autoencoder: spectral_loss x 1, l1_time_loss x 1, kl_loss x 1e-06" in capsys.readouterr().err
    )


def test_checkpoints_hold_tensors_and_plain_values(clips, tmp_path):
    result = train(experiment_config(clips, tmp_path, model_config(), steps=2), progress=False)
    state = torch.load(result.checkpoint, weights_only=True)
    assert (state["format"], state["version"], state["step"]) == ("narrows-training", 1, 2)
    assert json.loads(state["config"])["model_type"] == "autoencoder"
    assert json.loads(state["experiment"])["name"] == "run"
    assert state["loader"].keys() == {"sample"}
    names = {name.split(".")[0] for name in state["state_dict"]}
    assert names == {"model", "ema"}
    assert any(name.endswith("weight_g") for name in state["state_dict"])


@pytest.mark.parametrize("logger", ["csv", "none"])
def test_other_loggers(logger, clips, tmp_path):
    train(experiment_config(clips, tmp_path, model_config(), steps=2, logger=logger), progress=False)
    train(experiment_config(clips, tmp_path, model_config(), steps=3, logger=logger), progress=False)
    file = tmp_path / "run/metrics.csv"
    assert file.exists() == (logger == "csv")
    if logger == "csv":
        rows = [line.split(",") for line in file.read_text().splitlines()]
        assert rows[0] == ["step", "split", "name", "value"]
        assert [int(row[0]) for row in rows[1:] if row[1:3] == ["train", "loss"]] == [1, 2, 3]


def test_a_logger_that_is_not_installed_is_named_before_training(clips, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(MissingLoggerError, match=r"narrows-training\[wandb\]"):
        train(experiment_config(clips, tmp_path, model_config(), logger="wandb"), progress=False)


def test_a_failing_logger_and_a_failing_demo_do_not_end_the_training(clips, tmp_path, monkeypatch, caplog):
    calls = []

    def log(values, step):
        calls.append(step)
        raise ConnectionError("no network")

    run = SimpleNamespace(log=log, finish=lambda: None)
    monkeypatch.setitem(sys.modules, "wandb", SimpleNamespace(init=lambda **_: run))
    monkeypatch.setattr(DemoCallback, "_write", lambda *_: 1 / 0)
    model = model_config(demo={"demo_every": 1})
    assert train(experiment_config(clips, tmp_path, model, steps=2, logger="wandb"), progress=False).step == 2
    assert calls == [0]
    assert "The logger wandb is switched off: no network" in caplog.text
    assert "No demo at step 2: division by zero" in caplog.text
    assert not list((tmp_path / "run/demos").iterdir())


def test_weights_to_start_from_must_fit_tensor_by_tensor(clips, tmp_path):
    first = train(experiment_config(clips, tmp_path / "a", model_config(), steps=2), progress=False)
    start = {"pretrained_ckpt_path": str(first.model / "model.safetensors"), "steps": 1}
    model = model_config(learning_rate=1e-12, use_ema=False)
    second = train(experiment_config(clips, tmp_path / "b", model, **start), progress=False)
    for a, b in zip(load_model(first.model).parameters(), load_model(second.model).parameters(), strict=True):
        torch.testing.assert_close(a, b)
    wide = model_config(width=6)
    with pytest.raises(CheckpointError, match=r"decoder\.layers\.0"):
        train(experiment_config(clips, tmp_path / "c", wide, **start), progress=False)


def test_a_new_run_goes_on_from_a_checkpoint_with_its_optimizers(clips, tmp_path):
    first = train(experiment_config(clips, tmp_path / "a", model_config(), steps=3), progress=False)
    config = experiment_config(clips, tmp_path / "b", model_config(), steps=1, ckpt_path=str(first.checkpoint))
    second = train(config, progress=False)
    moments = [read_checkpoint(r.checkpoint)["optimizers"]["autoencoder"]["state"][0] for r in (first, second)]
    assert [int(m["step"]) for m in moments] == [3, 4]
    assert second.step == 1


def test_files_are_held_out_when_no_validation_data_are_given(clips, tmp_path):
    config = experiment_config(clips, tmp_path, model_config(), val_dataset_config=None)
    data, held_out = split_data(load_config(config, "experiment"))
    assert (data.split, held_out.split, held_out.random_crop) == ("train", "held_out", False)
    assert split_data(load_config({**config, "val_batches": 0}, "experiment"))[1] is None
    assert "si_sdr" in train({**config, "steps": 1}, progress=False).metrics


@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("DefaultCPUAllocator: can't allocate memory: 9 bytes")],
)
def test_what_does_not_fit_into_memory_is_told_with_the_cheapest_changes(error, clips, tmp_path, monkeypatch):
    def fail(*_):
        raise error

    monkeypatch.setattr(AutoencoderTrainer, "update", fail)
    with pytest.raises(OutOfMemoryError) as caught:
        train(experiment_config(clips, tmp_path, model_config()), progress=False)
    lines = str(caught.value).splitlines()
    assert len(lines) == 4
    assert re.search(r"precision=bf16-mixed: about 50% of the memory of activations, [\d,]+ of [\d,]+ MiB", lines[1])
    assert "batch_size=1 accum_batches=2" in lines[2]
    assert "gradient_checkpointing=true" in lines[3]


def test_a_wrong_experiment_is_refused_before_anything_is_written(clips, tmp_path):
    with pytest.raises(ConfigError, match="batch_sice"):
        train(experiment_config(clips, tmp_path, model_config(), batch_sice=3))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "settings",
    [{"gradient_checkpointing": True}, {"accum_batches": 2}, {"precision": "bf16-mixed"}, {"precision": "bf16-true"}],
    ids=lambda settings: next(iter(settings)),
)
def test_options_of_the_engine_train(settings, clips, tmp_path):
    model = model_config(
        VAE, optimizer_configs={"autoencoder": {"optimizer": {"type": "AdamW", "config": {"lr": 1e-3}}}}
    )
    model["training"]["learning_rate"] = None
    plain = train(experiment_config(clips, tmp_path / "plain", model, steps=2), progress=False)
    changed = train(experiment_config(clips, tmp_path / "changed", model, steps=2, **settings), progress=False)
    losses = [
        next(r["loss"] for r in read_metrics(result.folder / "metrics.jsonl") if r["split"] == "train")
        for result in (plain, changed)
    ]
    assert losses[1] == pytest.approx(losses[0], rel=0.0 if "gradient_checkpointing" in settings else 0.3)
    if "gradient_checkpointing" in settings:
        assert (plain.model / "model.safetensors").read_bytes() == (changed.model / "model.safetensors").read_bytes()


@pytest.mark.parametrize("strides", [[2, 5], [3, 4], [5, 7]])
def test_odd_strides_end_in_a_report(strides, clips, tmp_path):
    """A decoder that gives fewer samples than it was asked for: what both have is compared, up to the last report."""
    model = model_config()
    for part in ("encoder", "decoder"):
        model["model"][part]["config"]["strides"] = strides
    ratio = strides[0] * strides[1]
    model["model"]["downsampling_ratio"], model["sample_size"] = ratio, 20 * ratio
    model["training"]["loss_configs"] = {"time": {"type": "l1", "weights": {"l1": 1.0}}}
    done = train(experiment_config(clips, tmp_path, model, steps=1), progress=False)
    assert done.report.exists()
    assert done.metrics
