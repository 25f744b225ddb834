"""Processes come and go: the batch, the order of samples and the state stay what they were."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from support.processes import CHILD
from support.training_cases import experiment_config, model_config

from narrows.configs.copies import local_copy
from narrows.configs.storage import Storage
from narrows.models import load_model
from narrows.models.checkpoints.training_format import STATE_DICT
from narrows.pipelines.metrics_log import read_metrics
from narrows.training import train
from narrows.training.best import Best
from narrows.training.checkpoints.files import newest_checkpoint, read_checkpoint, remove_other_bests, write_state

ELASTIC = CHILD.with_name("elastic_run.py")
pytestmark = pytest.mark.timeout(900)
needs_gloo = pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="needs gloo")


def experiment(clips: Path, folder: Path, **settings: Any) -> dict[str, Any]:
    model = model_config()
    # Spectral convergence is a ratio over the whole batch, so parts of a batch do not add up to it.
    model["training"]["loss_configs"]["spectral"]["config"]["w_sc"] = 0.0
    sgd = {"optimizer": {"type": "SGD", "config": {"lr": 1e-3, "momentum": 0.9}}}
    model["training"] |= {"learning_rate": None, "optimizer_configs": {"autoencoder": sgd}}
    shared = {"global_batch_size": 5, "batch_size": 3, "val_batches": 0, "checkpoint_every": 1, "keep_checkpoints": 9}
    return experiment_config(clips, folder, model, **{**shared, **settings})


def torchrun(config: dict[str, Any], folder: Path, *launcher: str, **environment: str) -> str:
    """Train it in processes that note which samples each step has."""
    folder.mkdir(exist_ok=True)
    (folder / "experiment.json").write_text(json.dumps(config))
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", *launcher, str(ELASTIC), str(folder / "experiment.json")],
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        timeout=800,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stderr


def standalone(processes: int) -> tuple[str, str]:
    return "--standalone", f"--nproc-per-node={processes}"


def steps(folder: Path) -> dict[int, list[str]]:
    """The samples of each step, of all processes; of a step that was done again, the last time."""
    lines = [line for path in folder.glob("samples*.jsonl") for line in path.read_text().splitlines()]
    found: dict[int, dict[int, Any]] = {}
    for record in sorted(map(json.loads, lines), key=lambda record: record["time"]):
        shares = found.setdefault(record["step"], {})
        if any(share["world"] != record["world"] for share in shares.values()):
            shares.clear()  # there were more processes, or fewer, when it was done before
        shares[record["rank"]] = record
    return {step: sorted(name for s in shares.values() for name in s["samples"]) for step, shares in found.items()}


def assert_same(one: Path, other: Path, **tolerance: float) -> None:
    left, right = (read_checkpoint(path)[STATE_DICT] for path in (one, other))
    assert left.keys() == right.keys()
    for key, value in left.items():
        torch.testing.assert_close(right[key], value, **tolerance, msg=lambda text, key=key: f"{key}: {text}")


def test_one_process_writes_and_reads_sharded_checkpoints(clips: Path, tmp_path: Path) -> None:
    """As files do, they continue a run bit by bit."""
    whole = train(experiment(clips, tmp_path / "whole", steps=4), progress=False)
    assert whole.checkpoint.is_file()
    for count in (2, 4):
        config = experiment(clips, tmp_path / "parts", steps=count, checkpoint_format="sharded")
        parts = train(config, progress=False)
    assert parts.checkpoint.name == "step=00000004"
    assert_same(whole.checkpoint, parts.checkpoint, rtol=0, atol=0)
    one, other = load_model(whole.checkpoint), load_model(parts.checkpoint)
    assert all(torch.equal(value, other.state_dict()[key]) for key, value in one.state_dict().items())
    # Each other takes over from it, and a damaged one is passed over.
    started = experiment(clips, tmp_path / "new", steps=1, ckpt_path=str(parts.checkpoint))
    train(started, progress=False)
    chunks = next(parts.checkpoint.glob("*.distcp"))
    chunks.write_bytes(chunks.read_bytes()[:100])
    found = newest_checkpoint(parts.checkpoint.parent)
    assert found is not None
    assert found[0].name == "step=00000003"


def test_the_best_checkpoint_is_sharded_as_the_others_are(clips: Path, tmp_path: Path) -> None:
    """Its folder is a model, the one before it goes when it is whole, and a file takes its place in another format."""

    def trained(steps: int, **settings: Any) -> Any:
        validated = {"val_batches": 1, "val_every": 1, "best_metric": "auto", "keep_checkpoints": 1}
        return train(experiment(clips, tmp_path / "run", steps=steps, **{**validated, **settings}), progress=False)

    parts = trained(2, checkpoint_format="sharded")
    (best,) = (tmp_path / "run/run/checkpoints").glob("best*")
    assert parts.best == best
    assert best.is_dir()
    assert best.name == f"best={read_checkpoint(best)['step']:08d}"
    assert load_model(best).sample_rate == load_model(parts.model).sample_rate
    found = Best("mel_distance", [*read_metrics(tmp_path / "run/run/metrics.jsonl")])
    assert found.step == read_checkpoint(best)["step"]
    # A best one of an earlier format goes when there is a better one.
    write_state(best.parent / "best.ckpt", {"step": 0})
    remove_other_bests(best.parent, best)
    assert [path.name for path in best.parent.glob("best*")] == [best.name]


@pytest.mark.slow
@needs_gloo
def test_two_processes_share_five_clips_as_one_would_take_them(clips: Path, tmp_path: Path) -> None:
    alone = train(experiment(clips, tmp_path / "alone", steps=3), progress=False)
    torchrun(experiment(clips, tmp_path / "two", steps=3), tmp_path / "two", *standalone(2))
    together = tmp_path / "two/run/checkpoints/step=00000003"
    assert (together / "tensors.json").is_file()
    assert_same(alone.checkpoint, together, rtol=1e-4, atol=1e-5)


@pytest.mark.long
@needs_gloo
def test_two_processes_write_into_a_bucket_from_which_one_goes_on(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each process puts its part of a checkpoint; another machine has nothing but the bucket."""
    boto3 = pytest.importorskip("boto3")
    pytest.importorskip("s3fs")
    from support.s3_server import s3_server

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    validated = {"val_batches": 1, "val_every": 2, "keep_checkpoints": 1}
    with s3_server() as place:
        url = "http://{}:{}".format(*place)
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        boto3.client("s3", endpoint_url=url).create_bucket(Bucket="runs")
        for processes, steps_done in ((2, 2), (1, 4)):
            monkeypatch.setenv("NARROWS_CACHE", str(tmp_path / f"machine-{processes}"))
            config = experiment(clips, tmp_path, steps=steps_done, checkpoint_format="sharded", **validated)
            config["save_dir"] = "s3://runs/elastic"
            torchrun(config, tmp_path / "there", *standalone(processes), SAMPLES=str(processes))
            names = [place.address for place in Storage().find("s3://runs/elastic/run/checkpoints")]
            folders = {name.rpartition("/")[0].rpartition("/")[2] for name in names}
            assert {name for name in folders if name.startswith("step=")} == {f"step={steps_done:08d}"}
            assert len([name for name in folders if name.startswith("best=")]) == 1
            parts = [name for name in names if f"/step={steps_done:08d}/" in name and name.endswith(".distcp")]
            assert len(parts) == processes
        there = local_copy("s3://runs/elastic/run/checkpoints/step=00000004")
        alone = train(experiment(clips, tmp_path / "alone", steps=4, **validated), progress=False)
        assert_same(alone.checkpoint, there, rtol=1e-3, atol=1e-5)


@pytest.mark.long
@needs_gloo
def test_a_killed_process_restarts_the_others_from_the_last_checkpoint(clips: Path, tmp_path: Path) -> None:
    """The state at the end is that of a run that goes on from that checkpoint undisturbed."""
    disturbed = experiment(clips, tmp_path / "a", steps=6, checkpoint_every=2)
    torchrun(disturbed, tmp_path / "a", *standalone(2), "--max-restarts=2", KILL_IN_STEP="5")
    restarts = sorted((tmp_path / "a").glob("samples*.jsonl"))
    assert [path.name for path in restarts] == [f"samples-{n}-{rank}.jsonl" for n in (0, 1) for rank in (0, 1)]
    begun = json.loads(restarts[2].read_text().splitlines()[0])["step"]
    assert begun in (2, 4)  # the one before the death, or what the survivor saved

    checkpoints = tmp_path / "b/run/checkpoints"
    checkpoints.mkdir(parents=True)
    for path in (tmp_path / "a/run/checkpoints").iterdir():
        if path.name.startswith(f"step={begun:08d}"):
            path.rename(checkpoints / path.name)
    undisturbed = experiment(clips, tmp_path / "b", steps=6, checkpoint_every=2)
    torchrun(undisturbed, tmp_path / "b", *standalone(2))
    last = "run/checkpoints/step=00000006"
    assert_same(tmp_path / "a" / last, tmp_path / "b" / last, rtol=0, atol=0)


@pytest.mark.long
@needs_gloo
@pytest.mark.parametrize("strategies", [("ddp", "ddp", "auto"), ("fsdp", "fsdp", "auto")])
def test_two_then_three_then_one_process_take_the_same_samples(
    strategies: tuple[str, ...], clips: Path, tmp_path: Path
) -> None:
    for processes, until, strategy in zip((2, 3, 1), (2, 4, 6), strategies, strict=True):
        config = experiment(clips, tmp_path / "changing", steps=until, strategy=strategy)
        torchrun(config, tmp_path / "changing", *standalone(processes), SAMPLES=str(processes))
    torchrun(experiment(clips, tmp_path / "alone", steps=6), tmp_path / "alone", *standalone(1))
    assert steps(tmp_path / "changing") == steps(tmp_path / "alone")
    assert sorted(steps(tmp_path / "alone")) == list(range(6))
    last = "run/checkpoints/step=00000006.ckpt"
    assert_same(tmp_path / "changing" / last, tmp_path / "alone" / last, rtol=1e-3, atol=1e-5)


@pytest.mark.long
@needs_gloo
def test_a_lost_machine_leaves_one_that_goes_on(clips: Path, tmp_path: Path) -> None:
    """Two agents of torchrun, as on two machines: one is killed with its process, and the other one goes on alone."""
    config = experiment(clips, tmp_path, steps=60, checkpoint_every=2, keep_checkpoints=3)
    (tmp_path / "experiment.json").write_text(json.dumps(config))
    meeting = ["--rdzv-backend=c10d", "--rdzv-endpoint=127.0.0.1:29631", "--rdzv-id=elastic"]
    meeting += ["--rdzv-conf=join_timeout=120,last_call_timeout=30,timeout=60"]
    command = [sys.executable, "-m", "torch.distributed.run", "--nnodes=1:2", "--nproc-per-node=1", "--max-restarts=3"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NARROWS_STEP_SECONDS": "0.5"}
    agents = []
    for index in range(2):
        start = [*command, *meeting, str(ELASTIC), str(tmp_path / "experiment.json")]
        with (tmp_path / f"agent{index}.txt").open("wb") as said:
            agents.append(subprocess.Popen(start, env=environment, stderr=said, start_new_session=True))
        # The first holds the place where they meet, and must be the one that stays.
        wait_until_open(29631)
    try:
        lose_a_machine(agents[1], tmp_path)
        assert agents[0].wait(600) == 0, (tmp_path / "agent0.txt").read_text()[-3000:]
    finally:
        for agent in agents:
            agent.kill()
            agent.wait()
    found = steps(tmp_path)
    assert sorted(found) == list(range(60))
    assert all(len(samples) == 5 for samples in found.values())


def wait_until_open(port: int, seconds: float = 120) -> None:
    """Wait until a process listens at a port of this machine."""
    import socket
    import time

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nobody listens at port {port}")


def lose_a_machine(agent: subprocess.Popen[bytes], folder: Path) -> None:
    """Kill an agent and what it started, once there is a checkpoint."""
    import signal
    import time

    until = time.monotonic() + 300
    while not list(folder.glob("run/checkpoints/step=*")) and time.monotonic() < until:
        time.sleep(0.2)
    children = subprocess.run(["pgrep", "-P", str(agent.pid)], capture_output=True, text=True).stdout.split()
    for pid in (agent.pid, *map(int, children)):
        os.kill(pid, signal.SIGKILL)
