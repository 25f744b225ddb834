from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save, save_file

from narrows.data import DataError, ShardWriter, create_dataloader_from_config, shard_index
from narrows.data.arrays import parse_array
from narrows.data.latents import LatentOptions
from narrows.data.shards import index_shard

RATIO, RATE = 512, 8000
"""Samples of a latent frame; Hz."""


def latent(number: int, length: int) -> np.ndarray:
    """Latents that say which file and frame they are from."""
    return (1000 * number + np.arange(length, dtype=np.float32))[None].repeat(4, 0)


def info(length: int, valid: int, start: int = 0) -> dict[str, Any]:
    return {"padding_mask": [1] * valid + [0] * (length - valid), "seconds_start": start,
            "seconds_total": valid * RATIO // RATE + 1, "sample_rate": RATE}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six files in the layout of stable-audio-tools."""
    for number in range(6):
        (tmp_path / "latents/0").mkdir(parents=True, exist_ok=True)
        path = tmp_path / f"latents/0/{number:03d}.npy"
        np.save(path, latent(number, 100))
        path.with_suffix(".json").write_text(json.dumps(info(100, 40 + 10 * number, 3)))
    return tmp_path / "latents"


def loader(folder: Path, batch_size: int = 2, workers: int = 0, **config: Any):
    document = {"dataset_type": "pre_encoded", "path": str(folder), **config}
    return create_dataloader_from_config(document, batch_size, 51200, RATE, 2, workers)


def test_whole_latents(folder: Path) -> None:
    batches = list(loader(folder))
    assert len(batches) == 3
    latents, infos = batches[0]
    assert latents.shape == (2, 4, 100)
    assert latents.dtype == torch.float32
    assert infos[0]["padding_mask"].dtype == torch.bool
    assert infos[0]["padding_mask"].sum() == 40 + 10 * (latents[0, 0, 0] // 1000)
    assert Path(infos[0]["latent_filename"]).is_file()


@pytest.mark.parametrize("workers", [0, 2])
def test_random_crops_stay_in_the_signal_and_move_seconds_start(folder: Path, workers: int) -> None:
    config = {"latent_crop_length": 16, "random_crop": True, "downsampling_ratio": RATIO, "samples_per_epoch": 40}
    starts = set()
    for latents, infos in loader(folder, 2, workers, **config):
        for item, got in zip(latents, infos, strict=True):
            number, start = divmod(int(item[0, 0]), 1000)
            assert got["latent_crop_start"] == start
            assert start + 16 <= 40 + 10 * number
            assert got["seconds_start"] == int(3 + start * RATIO / RATE)
            assert got["padding_mask"].all()
            starts.add(start)
    assert len(starts) > 5


def test_short_latents_are_padded(folder: Path) -> None:
    latents, infos = next(iter(loader(folder, latent_crop_length=128)))
    assert latents.shape == (2, 4, 128)
    assert all(got["padding_mask"].shape == (128,) for got in infos)
    assert latents[..., 100:].abs().max() == 0


def test_the_length_of_a_frame_comes_from_what_is_there() -> None:
    rng = np.random.default_rng(0)
    latents, stored = torch.zeros(4, 1000), {"seconds_start": 10, "padding_mask": [1] * 1000}
    for extra, options in (
        ({"downsampling_ratio": 800}, {}),
        ({"sample_size": 800_000}, {}),
        ({}, {"sample_size": 800_000}),
        ({"timestamps": [0.0, 1.0], "seconds_total": 100}, {}),
    ):
        crop = LatentOptions(10, True, RATE, **options)
        _, moved = crop.crop(latents, {**stored, **extra}, rng)
        assert moved["seconds_start"] == int(10 + moved["latent_crop_start"] * 0.1)
    with pytest.raises(ValueError, match="set downsampling_ratio"):
        LatentOptions(10, True, RATE).crop(latents, stored, rng)


@given(st.integers(1, 60), st.integers(1, 60), st.booleans(), st.integers(0, 9))
def test_crops_have_their_length_and_timestamps(length: int, size: int, at_random: bool, seed: int) -> None:
    options = LatentOptions(size, at_random, RATE, RATIO)
    stored = {"timestamps": [0.2, 0.8], "seconds_start": 1}
    crop, moved = options.crop(torch.arange(length)[None].float(), stored, np.random.default_rng(seed))
    assert crop.shape == (1, size)
    assert moved["padding_mask"].sum() == min(size, length)
    start = moved["latent_crop_start"]
    assert crop[0, 0] == start
    assert moved["timestamps"][0] == pytest.approx(0.2 + 0.6 * start / length)


def test_length_limits_are_applied_before_the_run(folder: Path) -> None:
    kept = [i["seconds_total"] for _, infos in loader(folder, 1, min_length_sec=4, max_length_sec=5) for i in infos]
    assert len(kept) == 3
    assert all(4 <= seconds <= 5 for seconds in kept)
    with pytest.raises(DataError, match=r"no \.npy file or shard"):
        loader(folder, min_length_sec=50)


def test_a_list_and_other_endings(folder: Path) -> None:
    (folder / "filelist.txt").write_text("0/001.npy\n0/002.npy\n")
    assert len(loader(folder, 1)) == 2
    for number in range(3):
        save_file({"latents": torch.from_numpy(latent(number, 50).copy())}, folder / f"{number}.safetensors")
    (folder / "filelist.txt").unlink()
    assert next(iter(loader(folder, 3, latent_extension="safetensors")))[0].shape == (3, 4, 50)


def test_shards(tmp_path: Path) -> None:
    with ShardWriter(tmp_path / "shards", max_samples=4) as writer:
        for number in range(10):
            data = save({"latents": torch.from_numpy(latent(number, 30).copy())})
            writer.write(f"{number:06d}", {"safetensors": data, "json": json.dumps(info(30, 30)).encode()})
    batches = list(loader(tmp_path / "shards", 2, 2, latent_extension="safetensors"))
    assert sorted(int(x[0, 0]) // 1000 for audio, _ in batches for x in audio) == list(range(10))
    streamed = {"dataset_type": "wds", "datasets": [{"id": "a", "path": str(tmp_path / "shards")}],
                "pre_encoded": True, "latent_crop_length": 8, "resampled_shards": False, "drop_last": False,
                "random_crop": False}  # fmt: skip
    got = list(create_dataloader_from_config(streamed, 4, 1, RATE, 2, 0))
    assert sorted(int(x[0, 0]) // 1000 for audio, _ in got for x in audio) == list(range(10))
    assert all(audio.shape[1:] == (4, 8) for audio, _ in got)


def test_a_shard_is_searched_again_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(count: int) -> None:
        with ShardWriter(tmp_path / "shards") as writer:
            for number in range(count):
                writer.write(f"{number}", {"safetensors": save({"latents": torch.zeros(4, 9)})})

    write(3)
    searched: list[Path] = []
    monkeypatch.setattr(shard_index, "index_shard", lambda path, told: searched.append(path) or index_shard(path, told))
    options = {"latent_extension": "safetensors", "drop_last": False}
    assert [len(loader(tmp_path / "shards", 1, **options)) for _ in range(2)] == [3, 3]
    assert len(searched) == 1
    write(5)
    assert len(loader(tmp_path / "shards", 1, **options)) == 5
    assert len(searched) == 2


def test_bad_files_are_named_and_replaced(folder: Path) -> None:
    (folder / "0/000.npy").write_bytes((folder / "0/000.npy").read_bytes()[:200])
    (folder / "0/001.json").write_text("[]")
    np.save(folder / "0/002.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    np.save(folder / "0/003.npy", np.full((4, 10), np.nan))
    part = loader(folder, 2, max_bad_share=0.9)
    list(part)
    reasons = {Path(path).name: reason for path, reason in part.skipped.items()}
    assert reasons["000.npy"].startswith("is cut off")
    assert reasons["001.json"] == "is no JSON object but list"
    assert "latents are floats" in reasons["002.npy"]
    assert reasons["003.npy"] == "holds values that are not finite"


def test_a_header_that_lies_allocates_nothing() -> None:
    head = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 100000000), }"
    data = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + b"x" * 100
    with pytest.raises(ValueError, match="is cut off"):
        parse_array(data, "npy")


def test_tokens_stay_integers() -> None:
    import io

    buffer = io.BytesIO()
    np.save(buffer, np.arange(12, dtype=np.int32).reshape(2, 6))
    tokens = parse_array(buffer.getvalue(), "npy")
    assert tokens.dtype == torch.int64
    assert tokens.tolist() == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]
