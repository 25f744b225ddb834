"""Ctrl-C: the first lets a step end, the second interrupts at once, but never a save."""

from __future__ import annotations

import signal

import pytest
from support.training_cases import experiment_config, model_config

from narrows.training import train
from narrows.training.run_folder import RunFolder
from narrows.training.stop_signals import StopSignals
from narrows.training.trainers.autoencoder import AutoencoderTrainer


def press_ctrl_c(times: int) -> None:
    for _ in range(times):
        signal.raise_signal(signal.SIGINT)


def test_a_second_ctrl_c_waits_for_what_is_held():
    before, finished = signal.getsignal(signal.SIGINT), False
    with StopSignals() as signals:
        press_ctrl_c(1)
        with pytest.raises(KeyboardInterrupt):
            press_ctrl_c(1)
        with pytest.raises(KeyboardInterrupt), signals.held():  # noqa: PT012  how far it comes is what is tested
            press_ctrl_c(2)
            finished = True
    assert finished
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_while_an_error_is_saved_loses_nothing(clips, tmp_path, monkeypatch):
    update, save = AutoencoderTrainer.update, RunFolder.save
    tried = 0

    def failing(self, batches, step):
        nonlocal tried
        tried += 1
        if tried == 3:
            raise RuntimeError("no luck")
        return update(self, batches, step)

    def interrupted(self, *arguments, **options):
        press_ctrl_c(3)
        save(self, *arguments, **options)

    monkeypatch.setattr(AutoencoderTrainer, "update", failing)
    monkeypatch.setattr(RunFolder, "save", interrupted)
    experiment = experiment_config(clips, tmp_path, model_config(), checkpoint_every=100, val_every=100)
    with pytest.raises(KeyboardInterrupt):
        train(experiment, progress=False)
    assert (tmp_path / "run/checkpoints/step=00000002.ckpt").exists()
