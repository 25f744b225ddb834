"""A Ray cluster writes what the local engine writes, whatever dies."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import numpy as np
import pytest
import soundfile
import torch
from support.ray_cluster import actor_processes, node, ray_cluster
from support.s3_server import s3_server
from support.small_autoencoder import RATE, autoencoder

from narrows.configs.storage import Storage
from narrows.data import ShardWriter
from narrows.models import create_model_from_config, save_model
from narrows.pipelines.pre_encode import pre_encode

pytest.importorskip("ray", reason="needs the extra ray")
pytestmark = [
    pytest.mark.slow,
    # What Ray leaves open when its processes are killed.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray", "ignore::DeprecationWarning:ray"),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    return save_model(create_model_from_config(autoencoder(1)), tmp_path_factory.mktemp("model") / "model")


@pytest.fixture(scope="module")
def audio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audio")
    rng = np.random.default_rng(0)
    for number in range(48):
        sound = rng.uniform(-0.5, 0.5, (int(rng.choice([3000, 4567, 9000])), 1)).astype("float32")
        soundfile.write(folder / f"{number:02d}.wav", sound, RATE, subtype="FLOAT")
    return folder


def experiment(model: Path, audio: Path, output: Path | str, **options: Any) -> dict[str, Any]:
    return {
        "experiment": "pre_encode",
        "ckpt_path": str(model),
        "dataset_config": {"dataset_type": "audio_dir", "path": str(audio)},
        "output_path": str(output),
        "accelerator": "cpu",
        "shard_size": 4,
        "num_workers": 1,
        "threads": 1,
        **options,
    }


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def kill_one(chance: random.Random) -> int | None:
    """Kill a worker or a reader; gives its process, or None where there is none just now."""
    found = [process for name in ("WorkerActor", "ReaderActor") for process in actor_processes(name)]
    if not found:
        return None
    victim = chance.choice(sorted(found))
    try:
        os.kill(victim, signal.SIGKILL)
    except ProcessLookupError:
        return None
    return victim


@contextmanager
def meanwhile(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Something that goes on in a thread until the block ends."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def kill_when_at_work(folder: Path, kills: int, killed: list[int]) -> Callable[[threading.Event], None]:
    """Kill workers and readers at random, each when another shard is done."""
    chance = random.Random(kills)

    def work(stop: threading.Event) -> None:
        seen = 0
        while len(killed) < kills and not stop.wait(0.02):
            done = len(list(folder.glob("*.index.json")))
            if done > seen and (victim := kill_one(chance)):
                seen = done
                killed.append(victim)

    return work


@pytest.fixture(scope="module")
def wanted(model: Path, audio: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the local engine writes."""
    folder = tmp_path_factory.mktemp("wanted") / "local"
    pre_encode(experiment(model, audio, folder))
    return contents(folder)


def test_two_nodes_write_the_bytes_of_the_local_engine_after_a_kill(
    model: Path, audio: Path, tmp_path: Path, wanted: dict[str, bytes]
) -> None:
    killed: list[int] = []
    with ray_cluster(2), meanwhile(kill_when_at_work(tmp_path / "ray", 1, killed)):
        summary = pre_encode(experiment(model, audio, tmp_path / "ray", engine="ray"))
    assert len(killed) == 1
    assert (summary.complete, summary.clips) == (True, 48)
    assert contents(tmp_path / "ray") == wanted


SLOW = """
import sys, time

def get_custom_metadata(info, audio):
    if sys.argv[0].endswith("default_worker.py"):  # in a process of Ray
        time.sleep(0.6)
    return {}
"""


@pytest.fixture
def slow(audio: Path, tmp_path: Path) -> dict[str, Any]:
    """The data set, in which reading takes so long on a cluster that much can happen meanwhile."""
    (tmp_path / "slow.py").write_text(SLOW)
    entry = {"id": "audio", "path": str(audio), "custom_metadata_module": str(tmp_path / "slow.py")}
    return {"dataset_config": {"dataset_type": "audio_dir", "datasets": [entry]}}


@pytest.mark.long
@pytest.mark.timeout(600)
def test_ten_workers_die(model: Path, audio: Path, tmp_path: Path, slow: dict[str, Any]) -> None:
    killed: list[int] = []
    pre_encode(experiment(model, audio, tmp_path / "local", **slow), allow_code=True)
    with ray_cluster(4), meanwhile(kill_when_at_work(tmp_path / "ray", 10, killed)):
        pre_encode(experiment(model, audio, tmp_path / "ray", engine="ray", **slow), allow_code=True)
    print(f"killed {len(killed)}")
    assert len(killed) == 10
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")


@pytest.mark.long
@pytest.mark.timeout(600)
def test_three_nodes_die_and_others_come(model: Path, audio: Path, tmp_path: Path, slow: dict[str, Any]) -> None:
    folder, lost = tmp_path / "ray", list[str]()
    pre_encode(experiment(model, audio, tmp_path / "local", **slow), allow_code=True)

    document, seen = experiment(model, audio, folder, engine="ray", **slow), 0
    # Nodes are added by the main thread only.
    with ray_cluster(2) as cluster, ThreadPoolExecutor(1) as pool:
        run = pool.submit(pre_encode, document, allow_code=True)
        while len(lost) < 3 and not run.done():
            time.sleep(0.02)
            done = len(list(folder.glob("*.index.json")))
            others = [one for one in cluster.list_all_nodes() if one is not cluster.head_node]
            if done > seen and others:
                seen = done
                cluster.remove_node(others[0], allow_graceful=False)
                lost.append(others[0].node_id)
                cluster.add_node(**node())
        run.result()
    print(f"lost {len(lost)} nodes")
    assert len(lost) == 3
    assert contents(folder) == contents(tmp_path / "local")


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_driver_dies_and_the_same_command_goes_on(
    model: Path, audio: Path, tmp_path: Path, wanted: dict[str, bytes]
) -> None:
    folder = tmp_path / "ray"
    document = experiment(model, audio, folder, engine="ray", workers=1)
    command = [sys.executable, "-c", f"from narrows.pipelines.pre_encode import pre_encode; pre_encode({document!r})"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as driver:
        while not list(folder.glob("*.index.json")) and driver.poll() is None:
            time.sleep(0.01)
        driver.kill()
    done = len(list(folder.glob("*.index.json")))
    print(f"the driver died after {done} of 12 shards")
    assert 0 < done < 12
    with ray_cluster(2):
        summary = pre_encode(document)
    assert 0 < summary.shards <= 12 - done  # a worker may outlive its driver by a shard
    assert contents(folder) == wanted


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_node_that_joins_late_is_used(
    model: Path, audio: Path, tmp_path: Path, slow: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "ray"
    with ray_cluster(1) as cluster, ThreadPoolExecutor(1) as pool:
        run = pool.submit(pre_encode, experiment(model, audio, folder, engine="ray", **slow), allow_code=True)
        while not list(folder.glob("*.index.json")) and not run.done():
            time.sleep(0.02)
        cluster.add_node(**node())
        run.result()
    assert "2 workers on 2 machines" in capfd.readouterr().err
    again = tmp_path / "local"
    pre_encode(experiment(model, audio, again, **slow), allow_code=True)
    assert contents(folder) == contents(again)


class Everywhere(NamedTuple):
    """A data set, where it is encoded to, and what has become of that so far."""

    dataset: dict[str, Any]
    output: str
    names: Callable[[], list[str]]
    contents: Callable[[], dict[str, bytes]]


@pytest.fixture(params=["folder", "archives", "bucket"])
def everywhere(
    request: pytest.FixtureRequest, audio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Everywhere]:
    """48 clips in 24 shards: of a folder, of archives, or of archives in a bucket, encoded into the bucket."""
    (tmp_path / "slow.py").write_text(SLOW)
    code = {"custom_metadata_module": str(tmp_path / "slow.py")}
    out, tars = tmp_path / "ray", tmp_path / "tars"
    here = out, lambda: [path.name for path in out.glob("*.index.json")], lambda: contents(out)
    if request.param == "folder":
        entry = {"id": "audio", "path": str(audio), **code}
        yield Everywhere({"dataset_type": "audio_dir", "datasets": [entry]}, str(out), *here[1:])
        return
    with ShardWriter(tars, max_samples=2) as writer:
        for path in sorted(audio.iterdir()):
            writer.write(path.stem, {"wav": path.read_bytes(), "json": b"{}"})
        writer.write("bad", {"wav": b"no audio", "json": b"{}"})
    if request.param == "archives":
        entry = {"id": "tars", "path": str(tars), **code}
        yield Everywhere({"dataset_type": "wds", "datasets": [entry]}, str(out), *here[1:])
        return
    boto3 = pytest.importorskip("boto3")
    pytest.importorskip("s3fs")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    storage, there = Storage(), "s3://sounds/ray/out"
    with s3_server() as place:
        url = "http://{}:{}".format(*place)
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        boto3.client("s3", endpoint_url=url).create_bucket(Bucket="sounds")
        for path in sorted(tars.glob("*.tar")):
            storage.put(path, f"s3://sounds/tars/{path.name}")
        yield Everywhere(
            {"dataset_type": "s3", "datasets": [{"id": "tars", "s3_path": "s3://sounds/tars", **code}]},
            there,
            lambda: [found.address for found in storage.find(there, ".index.json")],
            lambda: {p.address.removeprefix(f"{there}/"): storage.read(p.address) for p in storage.find(there)},
        )


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_all_of_it_happens_to_a_run(model: Path, audio: Path, tmp_path: Path, everywhere: Everywhere) -> None:
    """10 processes and 3 nodes are killed in any order, a node joins, and the driver is killed and started again."""
    shared: dict[str, Any] = {"dataset_config": everywhere.dataset, "shard_size": 2}
    pre_encode(experiment(model, audio, tmp_path / "local", **shared), allow_code=True)
    chance = random.Random(0)
    events = [*["kill"] * 10, *["lose"] * 3, "join", "stop"]
    chance.shuffle(events)
    happened = Counter[str]()
    log = tmp_path / "said.txt"
    with ray_cluster(2) as cluster, log.open("w") as said:
        document = experiment(model, audio, everywhere.output, engine="ray", address=cluster.address, **shared)
        code = f"from narrows.pipelines.pre_encode import pre_encode; pre_encode({document!r}, allow_code=True)"
        driver, seen = started(code, said), 0
        while driver.poll() is None:
            time.sleep(0.05)
            done = len(everywhere.names())
            if not events or done <= seen:
                continue
            event = events[-1]
            if event == "kill" and kill_one(chance) is None:
                continue
            if event == "lose":
                others = [one for one in cluster.list_all_nodes() if one is not cluster.head_node]
                cluster.remove_node(chance.choice(others), allow_graceful=False)
            if event in ("lose", "join"):
                cluster.add_node(**node())
            if event == "stop":
                driver.kill()
                driver.wait()
                driver = started(code, said)
            happened[events.pop()], seen = happened[event] + 1, done
    print(f"{dict(happened)}, {driver.returncode}")
    assert driver.returncode == 0, log.read_text()[-3000:]
    assert happened == {"kill": 10, "lose": 3, "join": 1, "stop": 1}
    assert "on 3 machines" in log.read_text()
    assert everywhere.contents() == contents(tmp_path / "local")


def started(code: str, said: TextIO) -> subprocess.Popen[bytes]:
    """A driver in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=said)


POISON = """
import os, signal

def get_custom_metadata(info, audio):
    if info["relpath"] in ("13.wav", "13"):
        os.kill(os.getpid(), signal.SIGKILL)
    return {}
"""


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["folder", "archives"])
def test_a_poisoned_clip_is_set_aside(model: Path, audio: Path, tmp_path: Path, kind: str) -> None:
    (tmp_path / "poison.py").write_text(POISON)
    entry = {"id": "audio", "path": str(audio), "custom_metadata_module": str(tmp_path / "poison.py")}
    dataset = {"dataset_type": "audio_dir", "datasets": [entry]}
    name = "13.wav"
    if kind == "archives":
        with ShardWriter(tmp_path / "tars", max_samples=4) as writer:
            for path in sorted(audio.iterdir()):
                writer.write(path.stem, {"wav": path.read_bytes(), "json": b"{}"})
        dataset = {"dataset_type": "wds", "datasets": [{**entry, "path": str(tmp_path / "tars")}]}
        name = f"{sorted((tmp_path / 'tars').glob('*.tar'))[3]}#13"
    with ray_cluster(2):
        summary = pre_encode(
            experiment(model, audio, tmp_path / "ray", engine="ray", dataset_config=dataset), allow_code=True
        )
    assert (summary.complete, summary.clips) == (True, 47)
    assert summary.bad == {name: "killed its worker three times"}
    # The local engine leaves it out, too, and writes the same.
    again = tmp_path / "local"
    again.mkdir()
    (again / "set_aside.json").write_bytes((tmp_path / "ray/set_aside.json").read_bytes())
    pre_encode(experiment(model, audio, again, dataset_config=dataset), allow_code=True)
    assert contents(again) == contents(tmp_path / "ray")
