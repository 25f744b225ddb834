"""Any data set of audio can be pre-encoded, and what its options say is done."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
import soundfile
import torch
from safetensors.torch import load
from support.parquet_sounds import write_parquet
from support.small_autoencoder import RATE, RATIO, autoencoder

from narrows.data import DataError, ShardWriter
from narrows.models import create_model_from_config, load_model, save_model
from narrows.pipelines.pre_encode import pre_encode


@pytest.fixture(scope="module")
def mono(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    return save_model(create_model_from_config(autoencoder(1)), tmp_path_factory.mktemp("mono") / "model")


def noise(seed: int, length: int = 2000, channels: int = 1, level: float = 0.3) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-level, level, (length, channels)).astype("float32")


def wav(sound: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, sound, RATE, subtype="FLOAT", format="WAV")
    return buffer.getvalue()


def experiment(model: Path, output: Path, dataset: dict[str, Any], **options: Any) -> dict[str, Any]:
    fixed = {"experiment": "pre_encode", "accelerator": "cpu", "num_workers": 2}
    return {
        **fixed,
        "ckpt_path": str(model),
        "output_path": str(output),
        "dataset_config": dataset,
        **options,
    }


def written(folder: Path) -> dict[str, tuple[torch.Tensor, dict[str, Any]]]:
    """Latents and metadata by the path they come from."""
    found = {}
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as tar:
            members = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}
        for name in (n for n in members if n.endswith(".json")):
            metadata = json.loads(members[name])
            place = metadata["relpath"] + (f"/{metadata['channel_group']}" if "channel_group" in metadata else "")
            found[place] = (load(members[name.replace(".json", ".safetensors")])["latents"], metadata)
    return found


def latents_of(model: Path, sound: np.ndarray) -> torch.Tensor:
    with torch.inference_mode():
        return load_model(model).encode_audio(torch.from_numpy(sound.T)[None])[0]


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    with ShardWriter(tmp_path / "tars", max_samples=5) as writer:
        for number in range(12):
            parts = {"wav": wav(noise(number, 1500 + 100 * (number % 3)))}
            writer.write(f"{number:03d}", parts | {"json": json.dumps({"title": f"Take {number}"}).encode()})
        writer.write("bad", {"wav": b"no audio", "json": b"{}"})
    return tmp_path / "tars"


def wds(path: Path, **options: Any) -> dict[str, Any]:
    return {"dataset_type": "wds", "datasets": [{"id": "tars", "path": str(path)}], **options}


def test_archives_become_shards(mono: Path, archives: Path, tmp_path: Path) -> None:
    summary = pre_encode(experiment(mono, tmp_path / "out", wds(archives)))
    assert (summary.complete, summary.shards, summary.clips) == (True, 3, 12)
    assert [Path(path).name for path in summary.bad] == ["shard-000002.tar#bad.wav"]
    found = written(tmp_path / "out")
    assert len(found) == 12
    hashes = {}
    for path in archives.glob("*.tar"):
        with tarfile.open(path) as tar:
            hashes |= {m.name: hashlib.sha256(tar.extractfile(m).read()).hexdigest() for m in tar.getmembers()}
    for number in range(12):
        latents, metadata = found[f"{number:03d}"]
        sound = noise(number, 1500 + 100 * (number % 3))
        torch.testing.assert_close(latents, latents_of(mono, sound), atol=1e-6, rtol=1e-5)
        assert metadata["title"] == f"Take {number}"
        assert metadata["dataset"] == "tars"
        assert metadata["sha256"] == hashes[f"{number:03d}.wav"]
        assert (metadata["start"], metadata["samples"]) == (0, len(sound))
    again = pre_encode(experiment(mono, tmp_path / "out", wds(archives)))
    assert (again.shards, again.complete) == (0, True)


def test_archives_may_be_limited(mono: Path, archives: Path, tmp_path: Path) -> None:
    pre_encode(experiment(mono, tmp_path / "out", wds(archives), limit=7))
    assert sorted(written(tmp_path / "out")) == [f"{number:03d}" for number in range(7)]


def test_options_of_archives_are_kept(mono: Path, tmp_path: Path) -> None:
    gap = np.concatenate([noise(0, 2000), np.zeros((8000, 1), "float32"), noise(1, 2000)])
    with ShardWriter(tmp_path / "tars") as writer:
        writer.write("gap", {"wav": wav(gap), "json": b'{"bpm": "120", "secret": 1}'})
        writer.write("silent", {"wav": wav(np.zeros((2000, 1), "float32"))})
    fields = [{"name": "tempo", "source_name": "bpm", "type": "integer"}]
    options = {"remove_silence": True, "silence_threshold": [0.001, 0.1], "fields": fields}
    pre_encode(experiment(mono, tmp_path / "out", wds(tmp_path / "tars", **options)))
    found = written(tmp_path / "out")
    assert list(found) == ["gap"]
    latents, metadata = found["gap"]
    assert metadata["tempo"] == 120
    assert metadata["samples"] == 4000 + 800
    assert latents.shape[-1] == 4800 // RATIO
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert [item["path"].rpartition("#")[2] for item in manifest["rejected"]] == ["silent"]


@pytest.fixture
def bucket(archives: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    host, port = server.get_host_and_port()
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1")
    client.create_bucket(Bucket="sounds")
    for path in sorted(archives.glob("*.tar")):
        client.upload_file(str(path), "sounds", f"set/{path.name}")
    yield f"http://{host}:{port}"
    server.stop()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_buckets_give_what_folders_give(mono: Path, archives: Path, bucket: str, tmp_path: Path) -> None:
    entry = {"id": "tars", "s3_path": "s3://sounds/set", "endpoint_url": bucket}
    pre_encode(experiment(mono, tmp_path / "s3", {"dataset_type": "s3", "datasets": [entry]}))
    pre_encode(experiment(mono, tmp_path / "folder", wds(archives)))
    there, here = written(tmp_path / "s3"), written(tmp_path / "folder")
    assert there.keys() == here.keys()
    for name, (latents, metadata) in there.items():
        assert torch.equal(latents, here[name][0])
        assert metadata["path"].startswith("s3://sounds/set/shard-")


def test_row_groups_become_shards(mono: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    sounds = {number: noise(number, 1500 + 100 * (number % 3)) for number in range(12)}
    rows = [
        {"audio": {"bytes": wav(sound), "path": f"{number:02d}.wav"}, "title": f"Take {number}"}
        for number, sound in sounds.items()
    ]
    rows[7]["audio"] = {"bytes": b"no audio", "path": "07.wav"}
    path = write_parquet(tmp_path / "set" / "train.parquet", rows, group=5)
    dataset = {"dataset_type": "parquet", "path": str(path.parent)}
    summary = pre_encode(experiment(mono, tmp_path / "out", dataset))
    assert (summary.complete, summary.shards, summary.clips) == (True, 3, 11)
    assert [place.rpartition("#")[2] for place in summary.bad] == ["7/07.wav"]
    found = written(tmp_path / "out")
    assert sorted(found) == [f"{number:02d}.wav" for number in sounds if number != 7]
    for number, sound in sounds.items():
        if number != 7:
            latents, metadata = found[f"{number:02d}.wav"]
            torch.testing.assert_close(latents, latents_of(mono, sound), atol=1e-6, rtol=1e-5)
            assert (metadata["title"], metadata["dataset"]) == (f"Take {number}", "parquet")
            assert metadata["sha256"] == hashlib.sha256(rows[number]["audio"]["bytes"]).hexdigest()
    pre_encode(experiment(mono, tmp_path / "few", dataset, limit=6))
    assert sorted(written(tmp_path / "few")) == [f"{number:02d}.wav" for number in range(6)]


def test_cuts_become_latents_of_their_own(mono: Path, tmp_path: Path) -> None:
    sound = noise(0, 6000)
    (tmp_path / "long.wav").write_bytes(wav(sound))
    recording = {"id": "r", "sources": [{"type": "file", "channels": [0], "source": "long.wav"}]}
    lines = [
        {
            **{"id": f"cut-{n}", "start": n * 2000 / RATE, "duration": 2000 / RATE, "channel": 0},
            **{"supervisions": [{"text": f"words {n}"}], "recording": recording},
        }
        for n in range(4)  # the last begins where the recording ends
    ]
    manifest = tmp_path / "cuts.jsonl"
    manifest.write_text("".join(json.dumps(line) + "\n" for line in lines))
    dataset = {"dataset_type": "lhotse", "path": str(manifest)}
    summary = pre_encode(experiment(mono, tmp_path / "out", dataset))
    assert (summary.complete, summary.clips) == (True, 3)
    assert list(summary.bad) == [f"{manifest}:4"]
    found = written(tmp_path / "out")
    assert sorted(found) == ["cut-0", "cut-1", "cut-2"]
    for number, (latents, metadata) in enumerate(found[name] for name in sorted(found)):
        torch.testing.assert_close(latents, latents_of(mono, sound[2000 * number :][:2000]), atol=1e-6, rtol=1e-5)
        assert (metadata["text"], metadata["dataset"]) == (f"words {number}", "cuts")
    assert len({metadata["sha256"] for _, metadata in found.values()}) == 3


def test_options_of_folders_are_kept(mono: Path, tmp_path: Path) -> None:
    music = tmp_path / "music"
    for place in ("rock", "jazz", "speech"):
        (music / place).mkdir(parents=True)
    sounds = {
        "rock/loud.wav": noise(0),
        "rock/quiet.wav": noise(1, level=0.0005),
        "jazz/short.wav": noise(2, 100),
        "jazz/long.wav": noise(3, 3000),
        "speech/other.flac": noise(4),
    }
    for name, sound in sounds.items():
        soundfile.write(music / name, sound, RATE)
    (music / "table.csv").write_text("path,mood\nrock/loud.wav,angry\njazz/long.wav,calm\n")
    dataset = {
        "dataset_type": "audio_dir",
        "datasets": [
            {"id": "rock", "path": str(music), "keywords": ["rock"]},
            {"id": "rest", "path": str(music), "keywords": ["jazz", "speech"]},
        ],
        "extensions": ["wav"],
        "min_length_sec": 0.1,
        "volume_norm": True,
        "volume_norm_param": [-20, 0],
        "metadata": {"table": "table.csv"},
    }
    pre_encode(experiment(mono, tmp_path / "out", dataset))
    found = written(tmp_path / "out")
    assert sorted(found) == ["jazz/long.wav", "rock/loud.wav"]
    assert found["rock/loud.wav"][1]["mood"] == "angry"
    assert found["rock/loud.wav"][1]["dataset"] == "rock"
    assert found["jazz/long.wav"][1]["dataset"] == "rest"
    plain = latents_of(mono, soundfile.read(music / "rock/loud.wav", dtype="float32", always_2d=True)[0])
    assert not torch.allclose(found["rock/loud.wav"][0], plain, atol=1e-3)  # the loudness was changed
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert [item["path"] for item in manifest["rejected"]] == ["rock/quiet.wav"]
    assert manifest["left_out"] == 1


CODE = """
import numpy as np
def get_custom_metadata(info, audio):
    if "unwanted" in info["relpath"]:
        return {"__reject__": True}
    return {"prompt": "noise of " + info["relpath"], "peak": audio.abs().max(), "shape": np.array(audio.shape)}
"""


def test_user_code_runs_only_when_it_is_allowed(mono: Path, tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    for number, name in enumerate(("wanted", "unwanted")):
        soundfile.write(music / f"{name}.wav", noise(number), RATE, subtype="FLOAT")
    (tmp_path / "code.py").write_text(CODE)
    entry = {"id": "a", "path": str(music), "custom_metadata_module": str(tmp_path / "code.py")}
    dataset = {"dataset_type": "audio_dir", "datasets": [entry]}
    with pytest.raises(DataError, match="--allow-code"):
        pre_encode(experiment(mono, tmp_path / "out", dataset))
    assert not (tmp_path / "out").exists()
    pre_encode(experiment(mono, tmp_path / "out", dataset), allow_code=True)
    ((_, metadata),) = written(tmp_path / "out").values()
    assert metadata["prompt"] == "noise of wanted.wav"
    assert metadata["peak"] == pytest.approx(0.3, abs=0.01)
    assert metadata["shape"] == [1, 2000]
    (tmp_path / "code.py").write_text("def get_custom_metadata(info, audio): return {'x': object()}")
    with pytest.raises(DataError, match="hold a object, which JSON"):
        pre_encode(experiment(mono, tmp_path / "other", dataset), allow_code=True)
    (tmp_path / "code.py").write_text("def get_custom_metadata(info, audio): return {'__audio__': {'stem': audio}}")
    with pytest.raises(DataError, match="__audio__"):
        pre_encode(experiment(mono, tmp_path / "third", dataset), allow_code=True)


def test_what_holds_no_audio_is_refused(mono: Path, archives: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'pre_encoded' hold no audio"):
        pre_encode(experiment(mono, tmp_path / "out", {"dataset_type": "pre_encoded", "path": str(archives)}))
    with pytest.raises(DataError, match="latents already"):
        pre_encode(experiment(mono, tmp_path / "out", wds(archives, pre_encoded=True)))


@pytest.mark.parametrize("policy", [None, "error", "downmix", "fold"])
def test_channels_follow_the_policy(mono: Path, tmp_path: Path, policy: str | None) -> None:
    music = tmp_path / "music"
    music.mkdir()
    stereo = noise(0, channels=2)
    soundfile.write(music / "stereo.wav", stereo, RATE, subtype="FLOAT")
    dataset = {"dataset_type": "audio_dir", "path": str(music)}
    document = experiment(mono, tmp_path / "out", dataset, channel_policy=policy)
    if policy in (None, "error"):
        with pytest.raises(DataError, match="set channel_policy to downmix or fold"):
            pre_encode(document)
        return
    pre_encode(document)
    found = written(tmp_path / "out")
    if policy == "downmix":
        mixed = stereo.mean(1, keepdims=True)
        torch.testing.assert_close(found["stereo.wav"][0], latents_of(mono, mixed), atol=1e-6, rtol=1e-5)
        return
    assert sorted(found) == ["stereo.wav/0", "stereo.wav/1"]
    for channel in range(2):
        alone = latents_of(mono, stereo[:, channel : channel + 1])
        torch.testing.assert_close(found[f"stereo.wav/{channel}"][0], alone, atol=1e-6, rtol=1e-5)
