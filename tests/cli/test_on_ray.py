"""`--engine ray`: a cluster gives what one process gives, whatever dies."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from support import tiny_diffusion
from support.command_matrix import run
from support.ray_cluster import actor_processes, ray_cluster
from support.s3_server import s3_server
from support.small_autoencoder import RATE, autoencoder
from support.sounds import write_sounds
from support.tiny_lm import config as lm_config

from narrows.configs.storage import Storage
from narrows.models import create_model_from_config, save_model

pytestmark = [
    # What Ray leaves open when its processes are killed.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray", "ignore::DeprecationWarning:ray"),
]


@pytest.fixture(scope="module")
def generators(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("models")
    models = {"diffusion": tiny_diffusion.build(), "lm": create_model_from_config(lm_config(cross=True))}
    return {name: save_model(model, folder / name) for name, model in models.items()}


@contextmanager
def one_worker_dies(when: Callable[[], bool]) -> Iterator[list[int]]:
    """Kill a worker as soon as something is the case."""
    stop, killed = threading.Event(), list[int]()

    def work() -> None:
        while not killed and not stop.wait(0.02):
            if when() and (found := actor_processes("WorkerActor")):
                os.kill(found[0], signal.SIGKILL)
                killed.append(found[0])

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield killed
    finally:
        stop.set()
        thread.join()


def contents(folder: Path) -> dict[str, bytes]:
    """Files that are not hidden: a killed worker leaves temporary ones."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["diffusion", "lm"])
def test_sounds_of_a_prompt_file(generators: dict[str, Path], tmp_path: Path, kind: str) -> None:
    pytest.importorskip("ray", reason="needs the extra ray")
    prompts = tmp_path / "prompts.jsonl"
    # Of several lengths, so that batches differ.
    asked: Callable[[int], dict[str, Any]] = {
        "diffusion": lambda number: {"prompt": ("jazz", "rock")[number % 2]},
        "lm": lambda number: {"conditions": {"text": number % 9}},
    }[kind]
    lines = [{**asked(number), "seconds": 0.1 * (1 + number % 3)} for number in range(24)]
    prompts.write_text("\n".join(map(json.dumps, lines)))
    steps = ["--steps", 400] if kind == "diffusion" else []
    words = ["generate", generators[kind], "--prompts", prompts, *steps, "--batch-size", 2, "--device", "cpu"]
    local, clustered = tmp_path / "local", tmp_path / "ray"
    assert run([*map(str, words), "-o", str(local), "--threads", "1"]).code == 0
    with ray_cluster(2), one_worker_dies(lambda: bool(list(clustered.glob("*.json")))) as killed:
        outcome = run([*map(str, words), "-o", str(clustered), "--engine", "ray"])
    assert (outcome.code, len(killed)) == (0, 1), outcome.error
    assert "there already" in outcome.error
    assert contents(clustered) == contents(local)
    assert len(contents(local)) == 48


@pytest.mark.long
@pytest.mark.timeout(600)
def test_sounds_in_a_bucket(generators: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers put them themselves; a rerun takes what is there from the listing."""
    pytest.importorskip("ray", reason="needs the extra ray")
    boto3 = pytest.importorskip("boto3")
    pytest.importorskip("s3fs")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    words = ["generate", str(generators["diffusion"]), *(["jazz", "rock"] * 8), "--seconds", "0.1", "--steps", "400"]
    words += ["--batch-size", "2", "--device", "cpu"]
    assert run([*words, "-o", str(tmp_path / "local"), "--threads", "1"]).code == 0
    output, storage, watch = "s3://generated/out", Storage(), Storage()
    with s3_server() as place:
        url = "http://{}:{}".format(*place)
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        boto3.client("s3", endpoint_url=url).create_bucket(Bucket="generated")
        with ray_cluster(2), one_worker_dies(lambda: len(watch.find(output, ".wav")) >= 2) as killed:
            outcome = run([*words, "-o", output, "--engine", "ray"])
        assert (outcome.code, len(killed)) == (0, 1), outcome.error
        found = {p.address.removeprefix(f"{output}/"): storage.read(p.address) for p in storage.find(output)}
        assert found == contents(tmp_path / "local")
        assert len(found) == 32
        again = run([*words, "-o", output, "--threads", "1"])
        assert (again.code, "0 written, 16 there already" in again.error) == (0, True), again.error


def test_options_that_contradict_each_other(generators: dict[str, Path], tmp_path: Path) -> None:
    command = ["generate", str(generators["diffusion"]), "jazz", "-o", str(tmp_path)]
    for words, said in (
        (["--address", "auto"], "belong to --engine ray"),
        (["--engine", "ray", "--device", "cuda:1"], "takes --device auto, cpu, cuda"),
        (["--engine", "ray", "--offload"], "--offload is for one process"),
    ):
        outcome = run([*command, *words])
        assert outcome.code == 1
        assert said in outcome.error


@pytest.mark.long
@pytest.mark.timeout(600)
def test_figures_of_an_evaluation(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="needs the extra ray")
    for seed in (0, 1):
        torch.manual_seed(seed)
        save_model(create_model_from_config(autoencoder(1)), tmp_path / f"model{seed}")
    write_sounds(tmp_path / "music", count=8, frames=4000, rate=RATE)
    (tmp_path / "music" / "broken.wav").write_text("this is no audio")
    models = [tmp_path / "model0", tmp_path / "music", "--against", tmp_path / "model1"]
    command = ["evaluate", *map(str, models), "--device", "cpu", "--channel-policy", "downmix"]

    def evaluated(name: str, *words: str) -> Any:
        out = tmp_path / name
        outcome = run([*command, "--json", str(out / "figures.json"), "--save", str(out / "clips"), *words])
        assert outcome.code == 0, outcome.error
        return timeless(json.loads((out / "figures.json").read_text()))

    local = evaluated("local", "--threads", "1")
    kept = tmp_path / "ray" / "clips" / "gt"
    with ray_cluster(2), one_worker_dies(lambda: len(list(kept.glob("*.wav"))) >= 2) as killed:
        clustered = evaluated("ray", "--engine", "ray")
    assert len(killed) == 1
    assert len(local["models"][str(tmp_path / "model0")]["clips"]) == 8
    assert clustered == local
    for name in ("gt", "pred", "pred-2"):
        assert contents(tmp_path / "ray" / "clips" / name) == contents(tmp_path / "local" / "clips" / name)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_figures_of_a_language_model(tmp_path: Path) -> None:
    """A worker dies over the files; the report, with the sounds that are generated then, is that of one process."""
    pytest.importorskip("ray", reason="needs the extra ray")
    torch.manual_seed(0)
    document = lm_config(prepend=True) | {"sample_rate": RATE, "sample_size": 256, "audio_channels": 1}
    save_model(create_model_from_config(document), tmp_path / "lm")
    music = write_sounds(tmp_path / "music", count=24, frames=4000, rate=RATE)
    for number, path in enumerate(sorted(music.glob("*.wav"))):
        path.with_suffix(".json").write_text(json.dumps({"front": number % 3}))
    (music / "003.json").write_text("{}")
    (music / "broken.wav").write_text("this is no audio")
    command = ["evaluate", str(tmp_path / "lm"), str(music), "--device", "cpu", "--generate", "11"]
    command += ["--channel-policy", "downmix"]

    def evaluated(name: str, *words: str) -> tuple[str, str, bytes]:
        file, page = tmp_path / f"{name}.json", tmp_path / f"{name}.html"
        outcome = run([*command, "--json", str(file), "--html", str(page), *words])
        assert outcome.code == 0, outcome.error
        return file.read_text(), outcome.out, page.read_bytes()

    local = evaluated("local", "--threads", "1")
    with ray_cluster(2), one_worker_dies(lambda: len(actor_processes("ReaderActor")) == 2) as killed:
        clustered = evaluated("ray", "--engine", "ray")
    assert len(killed) == 1
    assert clustered == local
    (figures,) = json.loads(local[0]).values()
    assert figures["total"]["clips"] == 23
    assert set(figures["skipped"]) == {str(music / "003.wav"), str(music / "broken.wav")}
    assert "generated/frechet_distance" in figures["total"]


def timeless(figures: Any) -> Any:
    """Figures without the speed."""
    if isinstance(figures, dict):
        return {key: timeless(value) for key, value in figures.items() if key != "real_time_factor"}
    return [timeless(value) for value in figures] if isinstance(figures, list) else figures
