"""When one of two processes fails, the other notices within seconds, saves, and one message tells what happened."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from support.training_cases import experiment_config, model_config, write_clips

from narrows.models.checkpoints.training_format import STATE_DICT
from narrows.training.checkpoints.files import checkpoint_path, read_checkpoint

FAILING = Path(__file__).with_name("failing_run.py")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="needs gloo"),
]


def run(folder, *arguments, rank=1, by_torchrun=False, **settings):
    clips = folder / "clips"
    if not clips.exists():
        write_clips(clips)
    often = {"steps": 8, "devices": 2, "checkpoint_every": 100, "val_every": 100, "strategy": "ddp"}
    config = experiment_config(clips, folder, model_config(), **{**often, **settings})
    (folder / "experiment.json").write_text(json.dumps(config))
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"] if by_torchrun else []
    return subprocess.run(
        [sys.executable, *launcher, str(FAILING), str(folder / "experiment.json"), *arguments],
        env={**os.environ, "OMP_NUM_THREADS": "1", "FAILING_RANK": str(rank)},
        capture_output=True,
        text=True,
        timeout=600,
    )


def told(done):
    return re.findall(r"^Process \d of 2 \(pid .*", done.stderr, re.MULTILINE)


def test_an_error_in_one_process_saves_and_the_run_goes_on_as_if_nothing_had_been(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    failed = run(tmp_path / "a", "raise", "5")
    assert failed.returncode == 1
    (message,) = told(failed)
    assert "ValueError: the dog ate the gradient. The run is saved at step 4 and can be resumed." in message
    # Every process left its generators, so that the resumed run is that of one that was never stopped.
    saved = read_checkpoint(tmp_path / "a/run/checkpoints/step=00000004.ckpt")
    assert all(state is not None for state in saved["rng"])
    for folder in ("a", "b"):
        assert run(tmp_path / folder, "raise", "100").returncode == 0
    one, other = (read_checkpoint(checkpoint_path(tmp_path / f"{name}/run/checkpoints", 8)) for name in "ab")
    for key, value in one[STATE_DICT].items():
        torch.testing.assert_close(other[STATE_DICT][key], value, rtol=0, atol=0, msg=key)


@pytest.mark.parametrize(("rank", "by_torchrun"), [(1, False), (0, False), (1, True)])
def test_a_killed_process(rank, by_torchrun, tmp_path):
    failed = run(tmp_path, "kill", "4", rank=rank, by_torchrun=by_torchrun)
    (message,) = told(failed)
    assert message.startswith(f"Process {rank} of 2")
    assert "it was killed" in message
    assert "The run is saved at step 3 and can be resumed." in message
    saved = read_checkpoint(tmp_path / "run/checkpoints/step=00000003.ckpt")
    assert [state is None for state in saved["rng"]] == [rank == 0, rank == 1]


@pytest.mark.long
def test_a_process_that_fails_and_does_not_end(tmp_path):
    """Nothing breaks the connection, as on GPUs: the other process is stuck in an exchange."""
    failed = run(tmp_path, "linger", "4")
    (message,) = told(failed)
    assert "the dog ate the gradient. The run is saved at step 3 and can be resumed." in message


@pytest.mark.long
def test_weights_that_are_spread_over_the_processes_keep_the_last_checkpoint(tmp_path):
    failed = run(tmp_path, "raise", "5", strategy="fsdp", checkpoint_every=2)
    (message,) = told(failed)
    assert "The last checkpoint is kept" in message
    assert run(tmp_path, "raise", "100", strategy="fsdp", checkpoint_every=2).returncode == 0
