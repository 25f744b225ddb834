"""Loggers of other services, without an account and without a network; each where its package is installed."""

import os
import resource
import subprocess
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


@pytest.mark.filterwarnings("ignore")
def test_mlflow_goes_on_in_the_same_run(tmp_path, monkeypatch):
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "mlruns").as_uri())
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    for start, loss in ((0, 2.0), (5, 1.0)):
        loggers = create_loggers("mlflow", tmp_path, "first", start)
        assert len(loggers.loggers) == 2
        loggers.log(start, "train", {"loss": loss})
        loggers.close()
    client = mlflow.MlflowClient()
    found = client.get_run((tmp_path / "mlflow.txt").read_text())
    assert (found.info.run_name, found.info.status) == ("first", "FINISHED")
    assert [(m.step, m.value) for m in client.get_metric_history(found.info.run_id, "train/loss")] == [(0, 2), (5, 1)]


@pytest.mark.filterwarnings("ignore")
def test_trackio_keeps_curves_on_this_machine(tmp_path, monkeypatch):
    code = (
        "import sys; from pathlib import Path; from narrows.training.loggers import create_loggers\n"
        "loggers = create_loggers('trackio', Path(sys.argv[1]), 'first', 0); assert len(loggers.loggers) == 2\n"
        "loggers.log(3, 'train', {'loss': 2.5}); loggers.close(); assert len(loggers.loggers) == 2"
    )
    pytest.importorskip("trackio")
    environment = {**os.environ, "TRACKIO_DIR": str(tmp_path / "trackio"), "HF_HOME": str(tmp_path / "hf")}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    files = [path for path in (tmp_path / "trackio").rglob("*") if path.is_file()]
    assert any(b"loss" in path.read_bytes() for path in files)


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
