"""Pre-encoding: what is written, that a killed run can be continued, and that mistakes are told."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from safetensors.torch import load
from support.chunkable_models import OOBLECK, build, pair

from narrows.configs import ConfigError
from narrows.data import DataError
from narrows.models import create_model_from_config, load_model, save_model
from narrows.models.inference.prepare import Prepared, prepare_for_inference
from narrows.pipelines.pre_encode import PreEncodeError, job, pre_encode
from narrows.pipelines.pre_encode.manifest import flagged_channels
from narrows.pipelines.pre_encode.rank import Place, this_place
from narrows.pipelines.pre_encode.statistics import Statistics

RATE = 44100


def write_clips(folder: Path, count: int = 24) -> Path:
    rng = np.random.default_rng(0)
    for number in range(count):
        # Some of equal length, so that batches have several clips.
        length = int(rng.choice([3000, 3001, 4567, 9000, 12001]))
        place = folder / f"disc {number % 3}"
        place.mkdir(parents=True, exist_ok=True)
        noise = rng.uniform(-0.5, 0.5, (length, 1 + number % 2)).astype("float32")
        soundfile.write(place / f"{number:02d}.wav", noise, RATE, subtype="FLOAT")
    (folder / "broken.wav").write_bytes(b"no audio at all")
    return folder


@pytest.fixture(scope="module")
def audio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clips(tmp_path_factory.mktemp("audio"))


@pytest.fixture(scope="module")
def vae(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    document = pair(
        "oobleck",
        {"in_channels": 2, **OOBLECK, "latent_dim": 16},
        {"out_channels": 2, **OOBLECK},
        30,
        bottleneck={"type": "vae"},
    )
    model = create_model_from_config({"model_type": "autoencoder", "sample_rate": RATE, "model": document})
    return save_model(model, tmp_path_factory.mktemp("vae") / "model")


def experiment(audio: Path, model: Path, output: Path, **options: Any) -> dict[str, Any]:
    return {
        "experiment": "pre_encode",
        "ckpt_path": str(model),
        "dataset_config": {"dataset_type": "audio_dir", "path": str(audio)},
        "output_path": str(output),
        "shard_size": 4,
        "accelerator": "cpu",
        "num_workers": 2,
        **options,
    }


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def samples(folder: Path) -> dict[str, tuple[dict[str, torch.Tensor], dict[str, Any]]]:
    """All samples of the tar files, by path of the source."""
    found = {}
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as tar:
            members = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}
        for name, data in members.items():
            if name.endswith(".json"):
                metadata = json.loads(data)
                found[metadata["relpath"]] = (load(members[name.replace(".json", ".safetensors")]), metadata)
    return found


def test_latents_are_those_of_the_model(audio: Path, vae: Path, tmp_path: Path) -> None:
    summary = pre_encode(experiment(audio, vae, tmp_path / "out"))
    assert summary.complete
    assert list(summary.bad) == [str(audio / "broken.wav")]
    model = load_model(vae)
    found = samples(tmp_path / "out")
    assert len(found) == summary.clips == 24
    for name, (tensors, metadata) in found.items():
        sound, _ = soundfile.read(audio / name, dtype="float32", always_2d=True)
        clip = torch.from_numpy(sound.T).expand(2, -1)[None]
        with torch.inference_mode():
            inner = model.encode_audio(clip, skip_bottleneck=True)[0]
        mean, scale = inner.chunk(2)
        latents = tensors["latents"]
        assert latents.shape == (8, -(-len(sound) // 30))
        assert metadata["samples"] == len(sound)
        assert metadata["padding_mask"] == [1] * latents.shape[-1]
        # Sampled: the noise is within what its deviation allows, and is there.
        noise = (latents - mean) / (torch.nn.functional.softplus(scale) + 1e-4)
        assert noise.abs().max() < 6
        assert 0.7 < noise.std() < 1.3


def test_the_manifest_has_the_statistics(audio: Path, vae: Path, tmp_path: Path) -> None:
    pre_encode(experiment(audio, vae, tmp_path / "out"))
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    joined = torch.cat([t["latents"] for t, _ in samples(tmp_path / "out").values()], dim=-1).double()
    statistics = manifest["statistics"]
    assert statistics["frames"] == joined.shape[-1] == manifest["frames"]
    torch.testing.assert_close(torch.tensor(statistics["mean"], dtype=torch.float64), joined.mean(-1))
    torch.testing.assert_close(torch.tensor(statistics["std"], dtype=torch.float64), joined.std(-1, correction=0))
    assert statistics["min"] == joined.amin(-1).tolist()
    assert statistics["max"] == joined.amax(-1).tolist()
    assert statistics["scale"] == pytest.approx(float(joined.std(correction=0)))
    assert [fault["path"] for fault in manifest["bad"]] == [str(audio / "broken.wav")]


def test_channels_that_will_be_trouble_are_flagged() -> None:
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(5, 4000, generator=generator)
    latents[1] *= 1e-3
    latents[3] = torch.tanh(50 * latents[3])
    statistics = Statistics()
    for part in latents.split(700, dim=1):
        statistics.add(part)
    flagged = flagged_channels(statistics.to_json())
    assert flagged == {"dead_channels": [1], "saturated_channels": [3]}


def test_the_index_finds_samples_in_the_tar(audio: Path, vae: Path, tmp_path: Path) -> None:
    pre_encode(experiment(audio, vae, tmp_path / "out", tensor_format="npy", dtype="float16"))
    index = json.loads((tmp_path / "out/shard-000000.index.json").read_text())
    raw = (tmp_path / "out/shard-000000.tar").read_bytes()
    assert index["samples"]
    for sample in index["samples"]:
        latents = np.load(io.BytesIO(raw[sample["offset"] : sample["offset"] + sample["size"]]))
        assert latents.dtype == np.float16
        assert latents.shape == (8, sample["frames"])
        metadata, _ = json.JSONDecoder().raw_decode(raw[sample["metadata_offset"] :].split(b"\0", 1)[0].decode())
        assert metadata["relpath"] == sample["relpath"]


def test_latents_do_not_depend_on_shards_or_batches(audio: Path, vae: Path, tmp_path: Path) -> None:
    pre_encode(experiment(audio, vae, tmp_path / "a"))
    pre_encode(experiment(audio, vae, tmp_path / "b", shard_size=100, batch_seconds=0.1, chunk_size=7))
    a, b = samples(tmp_path / "a"), samples(tmp_path / "b")
    assert a.keys() == b.keys()
    for name in a:
        torch.testing.assert_close(a[name][0]["latents"], b[name][0]["latents"], atol=1e-6, rtol=1e-5)


def test_the_reference_reads_its_layout(audio: Path, vae: Path, tmp_path: Path) -> None:
    """`PreEncodedDataset` of stable-audio-tools: a 2-D npy, with `padding_mask` and `seconds_total` beside it."""
    pre_encode(experiment(audio, vae, tmp_path / "out", layout="sat", sample_size=6000))
    arrays = sorted((tmp_path / "out").rglob("*.npy"))
    assert len(arrays) == 24
    for path in arrays:
        latents = np.load(path, allow_pickle=False)
        info = json.loads(path.with_suffix(".json").read_text())
        assert latents.shape == (8, 200)
        assert len(info["padding_mask"]) == 200
        valid = min(200, -(-info["samples"] // 30))
        assert info["padding_mask"] == [1] * valid + [0] * (200 - valid)
        assert isinstance(info["seconds_total"], int)
        assert info["seconds_total"] == 1


def test_tokens_are_kept_where_there_are_any(audio: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    document = {**pair("oobleck", {"in_channels": 2, **OOBLECK}, {"out_channels": 2, **OOBLECK}, 30)}
    document["bottleneck"] = {"type": "fsq", "config": {"levels": [5] * 8}}
    model = create_model_from_config({"model_type": "autoencoder", "sample_rate": RATE, "model": document}).eval()
    save_model(model, tmp_path / "model")
    pre_encode(experiment(audio, tmp_path / "model", tmp_path / "out", limit=5))
    found = samples(tmp_path / "out")
    assert len(found) == 4  # the broken file is the fifth
    name, (tensors, _) = next(iter(found.items()))
    sound, _ = soundfile.read(audio / name, dtype="float32", always_2d=True)
    clip = torch.from_numpy(sound.T).expand(2, -1)[None]
    with torch.inference_mode():
        _, info = model.encode_audio(clip, return_info=True)
    assert tensors["tokens"].dtype == torch.int32
    assert torch.equal(tensors["tokens"].long(), model.bottleneck.tokens(info)[0])


def _killed(document: dict[str, Any], rank: int, after: float) -> None:
    """Run a rank in a process of its own and kill it."""
    child = os.fork()
    if child == 0:
        try:
            pre_encode(document, place=Place(rank, 2), on_skip=lambda path, reason: None)
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.slow
def test_a_compiled_model_gives_the_same_latents(
    audio: Path, vae: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[Prepared] = []
    monkeypatch.setattr(job, "prepare_for_inference", lambda *given: done.append(prepare_for_inference(*given)))
    wanted, got = (
        samples(pre_encode(experiment(audio, vae, tmp_path / str(compiled), limit=4, compile=compiled)).folder)
        for compiled in (False, True)
    )
    assert [prepared.compiled for prepared in done] == [False, True]
    assert wanted.keys() == got.keys()
    for name, (tensors, _) in wanted.items():
        torch.testing.assert_close(got[name][0]["latents"], tensors["latents"], rtol=1e-4, atol=1e-5)


@pytest.fixture
def one_thread() -> Iterator[None]:
    """What several threads add up is rounded otherwise, and a fork has only the one that made it."""
    own = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(own)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("kills", [6, pytest.param(30, marks=pytest.mark.long)])
@pytest.mark.parametrize("layout", ["shards", "sat"])
def test_killed_runs_end_in_the_same_bytes(audio: Path, vae: Path, tmp_path: Path, layout: str, kills: int) -> None:
    whole = experiment(audio, vae, tmp_path / "whole", layout=layout)
    began = time.monotonic()
    for rank in (0, 1):
        pre_encode(whole, place=Place(rank, 2))
    duration = time.monotonic() - began
    killed = experiment(audio, vae, tmp_path / "killed", layout=layout)
    moments = random.Random(layout)
    for moment in range(kills):
        _killed(killed, moment % 2, moments.uniform(0, duration / 2))
    summaries = [pre_encode(killed, place=Place(rank, 2)) for rank in (0, 1)]
    assert summaries[1].complete
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
    again = pre_encode(killed, place=Place())
    assert (again.shards, again.clips) == (0, 0)


def test_a_folder_of_another_pre_encoding_is_refused(audio: Path, vae: Path, tmp_path: Path) -> None:
    pre_encode(experiment(audio, vae, tmp_path / "out", limit=2))
    with pytest.raises(PreEncodeError, match="other args; choose another output_path"):
        pre_encode(experiment(audio, vae, tmp_path / "out", limit=2, seed=43))
    save_model(build("oobleck"), tmp_path / "other")
    with pytest.raises(PreEncodeError, match="other model_config, model;"):
        pre_encode(experiment(audio, tmp_path / "other", tmp_path / "out", limit=2))


def test_mistakes_are_told(audio: Path, vae: Path, tmp_path: Path) -> None:
    with pytest.raises(PreEncodeError, match="no bfloat16"):
        pre_encode(experiment(audio, vae, tmp_path / "out", layout="sat", dtype="bfloat16"))
    with pytest.raises(ValueError, match="has no tokens"):
        pre_encode(experiment(audio, vae, tmp_path / "out", content="tokens"))
    with pytest.raises(ConfigError):
        pre_encode(experiment(audio, vae, tmp_path / "out", layout="zip"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no audio file"):
        pre_encode(experiment(tmp_path / "empty", vae, tmp_path / "out"))
    with pytest.raises(PreEncodeError, match="model_config"):
        pre_encode(experiment(audio, vae / "model.safetensors", tmp_path / "out"))


def test_places_come_from_torchrun_or_slurm() -> None:
    assert this_place({}) == Place(0, 1, 0)
    assert this_place({"RANK": "3", "WORLD_SIZE": "8", "LOCAL_RANK": "1"}) == Place(3, 8, 1, "torchrun")
    assert this_place({"SLURM_PROCID": "1", "SLURM_NTASKS": "2", "SLURM_LOCALID": "0"}) == Place(1, 2, 0, "SLURM")
    assert this_place({"SLURM_PROCID": "0", "SLURM_NTASKS": "4", "SLURM_JOB_NAME": "bash"}) == Place(0, 1, 0)
    with pytest.raises(ValueError, match="must be below WORLD_SIZE=2"):
        this_place({"RANK": "2", "WORLD_SIZE": "2"})
