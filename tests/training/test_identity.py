"""A run is its experiment: another one is refused, and nobody else works in its folder."""

import json
import os
import signal
import subprocess
import sys

import pytest
from support.training_cases import experiment_config, model_config, write_clips

from narrows.configs import NarrowsError
from narrows.pipelines.pre_encode.rank import Place, ProcessesError, check_processes, this_place
from narrows.training import train
from narrows.training.checkpoints.same_run import check_same_run
from narrows.training.run_lock import RunInUseError, held


def test_another_experiment_under_the_same_name_is_refused(clips, tmp_path):
    config = experiment_config(clips, tmp_path, model_config(), steps=1, val_batches=0)
    train(config, progress=False)
    written = (tmp_path / "run/experiment.json").read_bytes()
    other = write_clips(tmp_path / "others", 2)
    changed = {
        **config,
        "dataset_config": {"dataset_type": "audio_dir", "path": str(other)},
        "seed": 7,
        "batch_size": 1,
        "accum_batches": 2,
        "precision": "bf16-mixed",
    }
    with pytest.raises(NarrowsError) as caught:
        train(changed, progress=False)
    message = str(caught.value)
    for line in (
        f'/dataset_config/path: "{clips}" before, "{other}" now',
        "/seed: 42 before, 7 now",
        "/batch_size: 2 before, 1 now",
        "/accum_batches: 1 before, 2 now",
        '/precision: "32-true" before, "bf16-mixed" now',
        "name=",
    ):
        assert line in message
    assert (tmp_path / "run/experiment.json").read_bytes() == written
    allowed = {"steps": 2, "max_seconds": 600, "log_every": 3, "val_every": 5, "checkpoint_every": 7, "logger": "csv"}
    assert train({**config, **allowed}, progress=False).step == 2


def test_other_files_under_the_same_path_are_refused(tmp_path):
    folder = write_clips(tmp_path / "clips", 4)
    config = experiment_config(folder, tmp_path, model_config(), steps=1, val_batches=0)
    train(config, progress=False)
    for file in folder.rglob("*.wav"):
        os.utime(file)  # A copy is the same data, and so is a note beside it.
    (folder / "notes.txt").write_text("licence")
    assert train({**config, "steps": 2}, progress=False).step == 2
    next(folder.rglob("*.wav")).unlink()
    with pytest.raises(NarrowsError, match=r"files of /dataset_config: .4 files of \d+ bytes.* before, .3 files"):
        train({**config, "steps": 3}, progress=False)


def test_as_large_a_batch_may_be_spread_over_other_devices(clips, tmp_path):
    model = model_config()

    def texts(**settings):
        whole = experiment_config(clips, tmp_path, model, **settings)
        return {"config": json.dumps(model), "experiment": json.dumps(whole)}

    before = texts(batch_size=2, devices=2)
    check_same_run(before, texts(batch_size=4, devices=1), "x")
    with pytest.raises(NarrowsError, match="/devices: 2 before, 1 now"):
        check_same_run(before, texts(batch_size=2, devices=1), "x")
    with pytest.raises(NarrowsError, match="/accum_batches: 1 before, 2 now"):
        check_same_run(before, texts(batch_size=1, accum_batches=2, devices=2), "x")


def test_a_folder_is_held_by_one_process_and_free_when_it_is_killed(tmp_path):
    code = (
        "import sys, time, os\nfrom pathlib import Path\nfrom narrows.training.run_lock import held\n"
        "with held(Path(sys.argv[1])):\n"
        "    if os.fork() == 0: print(os.getpid(), flush=True)\n"  # after the worker has let go of the lock
        "    time.sleep(600)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with child.stdout as output:
        worker = int(output.readline())
    try:
        with pytest.raises(RunInUseError, match="Another process"), held(tmp_path):
            pass
    finally:
        child.kill()
        child.wait()
    try:
        with held(tmp_path), pytest.raises(RunInUseError), held(tmp_path):
            pass
    finally:
        os.kill(worker, signal.SIGKILL)


@pytest.mark.parametrize(
    ("environment", "devices", "num_nodes", "message"),
    [
        ({"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "2"}, 1, 1, "devices=2 num_nodes=1"),
        ({"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "2"}, 4, 1, "devices is 4"),
        ({"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "2"}, 1, 2, "2 on this machine"),
        ({"SLURM_PROCID": "1", "SLURM_NTASKS": "2", "SLURM_LOCALID": "1"}, 1, 1, "SLURM started 2 processes"),
        ({"RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}, 2, 2, None),
        ({"SLURM_PROCID": "1", "SLURM_NTASKS": "2", "SLURM_LOCALID": "1"}, 2, 1, None),
        ({}, 4, 2, None),
    ],
)
def test_processes_started_from_outside_are_those_asked_for(environment, devices, num_nodes, message):
    place = this_place(environment)
    if message is None:
        check_processes(place, devices, num_nodes)
    else:
        with pytest.raises(ProcessesError, match=message):
            check_processes(place, devices, num_nodes)


def test_training_asks_who_started_it(clips, tmp_path, monkeypatch):
    for name, value in {"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)
    assert this_place() == Place(0, 2, 0, "torchrun", 2)
    with pytest.raises(ProcessesError, match="torchrun started 2 processes"):
        train(experiment_config(clips, tmp_path, model_config()), progress=False)
    assert not (tmp_path / "run").exists()
