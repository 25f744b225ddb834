"""Loggers of other services, without an account and without a network; each where its package is installed."""

import resource
import sys
import threading
from types import SimpleNamespace

import pytest
from support.training_cases import experiment_config, model_config

from narrows.pipelines.metrics_log import read_metrics
from narrows.training import train
from narrows.training.loggers import create_loggers


def run(clips, folder, logger, **settings):
    model = model_config({"type": "vae"})
    return train(experiment_config(clips, folder, model, steps=2, logger=logger, **settings), progress=False)


@pytest.mark.filterwarnings("ignore")
def test_weights_and_biases_offline(clips, tmp_path, monkeypatch):
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    done = run(clips, tmp_path, "wandb")
    (kept,) = (done.folder / "wandb").glob("offline-run-*")
    (data,) = kept.glob("*.wandb")
    assert b"train/mrstft_loss" in data.read_bytes()


@pytest.mark.filterwarnings("ignore")
def test_comet_offline(clips, tmp_path, monkeypatch):
    pytest.importorskip("comet_ml")
    monkeypatch.setenv("COMET_START_ONLINE", "0")
    monkeypatch.setenv("COMET_OFFLINE_DIRECTORY", str(tmp_path / "comet"))
    done = run(clips, tmp_path, "comet")
    key = (done.folder / "comet.txt").read_text()
    (kept,) = (tmp_path / "comet").glob("*.zip")
    assert kept.name.startswith(key)


def test_a_service_that_cannot_be_reached_does_not_stop_the_training(clips, tmp_path, monkeypatch, caplog):
    def refuse(**_):
        raise ConnectionError("no account")

    monkeypatch.setitem(sys.modules, "wandb", SimpleNamespace(init=refuse))
    done = run(clips, tmp_path, "wandb")
    assert "The logger wandb cannot start and is left out: no account" in caplog.text
    assert {record["split"] for record in read_metrics(done.folder / "metrics.jsonl")} == {"train", "val"}
    assert done.report.exists()


@pytest.mark.parametrize("logger", ["tensorboard", "csv"])
def test_a_full_disk_switches_a_logger_off_and_names_the_place(logger, tmp_path, caplog, capfd, monkeypatch):
    """A limit on the size of files stands in for a full disk: the same system calls fail."""
    if logger == "tensorboard":
        pytest.importorskip("tensorboard")
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)  # given back after the test
    loggers = create_loggers(logger, tmp_path, "run", 0)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, hard))
    try:
        for step in range(200):
            loggers.log(step, "train", {"loss": float(step)})
        loggers.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    off = [record.getMessage() for record in caplog.records]
    assert len(off) == 2  # metrics.jsonl is full, too
    for message in off:
        assert "is switched off" in message
        assert str(tmp_path) in message
        assert "cannot be written: the file would be larger than the system allows" in message
    assert not loggers.loggers
    assert "Traceback" not in capfd.readouterr().err
