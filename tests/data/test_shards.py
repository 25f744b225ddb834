from __future__ import annotations

import io
import json
import logging
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.sounds import write_sounds

from narrows.configs import ConfigError
from narrows.data import AudioFileError, DataError, create_dataloader_from_config, pack_folder
from narrows.data.shards import ShardWriter, index_shard, members, read_part

ONCE = {"resampled_shards": False, "drop_last": False, "silence_threshold_db": None}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Seven shards of five sounds each, the last shorter."""
    for path in write_sounds(tmp_path / "set", 33, frames=700).iterdir():
        path.with_suffix(".json").write_text(json.dumps({"number": int(path.stem), "text": f"sound {path.stem}"}))
    pack_folder(tmp_path / "set", tmp_path / "shards", max_samples=5)
    return tmp_path / "shards"


def loader(folder: Path, workers: int = 0, batch_size: int = 4, config: Any = ONCE, **options: Any):
    document = {"dataset_type": "wds", "datasets": [{"id": "a", "path": str(folder)}], **config}
    return create_dataloader_from_config(document, batch_size, 256, 8000, 2, workers, **options)


def numbers(batches: list) -> list[int]:
    return [info["number"] for _, infos in batches for info in infos]


def same(left: list, right: list) -> bool:
    return numbers(left) == numbers(right) and all(
        torch.equal(a, b) for (a, _), (b, _) in zip(left, right, strict=True)
    )


def test_packing_keeps_everything(tmp_path: Path, folder: Path) -> None:
    assert len(list(folder.iterdir())) == 7
    samples = [(shard, s) for shard in sorted(folder.iterdir()) for s in index_shard(shard)]
    assert len(samples) == 33
    for shard, sample in samples:
        info = json.loads(read_part(shard, sample.parts["json"]))
        assert read_part(shard, sample.parts["wav"]) == (tmp_path / "set" / info["relpath"]).read_bytes()
        assert info["seconds_total"] == pytest.approx((700 + 10 * info["number"]) / 8000)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")], "no temporary folder is left"


def test_packing_fails_whole(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/bad.wav").write_text("no sound")
    with pytest.raises(DataError, match=r"no audio file that can be packed(?s:.*)bad\.wav"):
        pack_folder(tmp_path / "set", tmp_path / "shards")
    assert [path.name for path in tmp_path.iterdir()] == ["set"]
    with pytest.raises(DataError, match="exists; name a new folder"):
        pack_folder(tmp_path / "set", tmp_path / "set")


def test_every_sample_comes_once_whatever_the_workers(folder: Path) -> None:
    one = loader(folder)
    epochs = [list(one), list(one)]
    assert all(sorted(numbers(epoch)) == list(range(33)) for epoch in epochs)
    assert numbers(epochs[0]) != numbers(epochs[1])
    for workers in (1, 3):
        many = loader(folder, workers)
        assert all(same(list(many), epoch) for epoch in epochs)


def test_endless_shards_give_epochs_of_so_many_steps(folder: Path) -> None:
    config = {"epoch_steps": 25, "silence_threshold_db": None}
    one, many = loader(folder, config=config), loader(folder, 2, config=config)
    first, second = list(one), list(one)
    assert len(one) == len(first) == len(second) == 25
    assert all(audio.shape == (4, 2, 256) for audio, _ in first)
    assert same(first, list(many))
    assert same(second, list(many))
    with pytest.raises(TypeError, match="no known number"):
        len(loader(folder))


@pytest.mark.parametrize("workers", [0, 2])
def test_resume_in_the_middle_of_an_epoch(folder: Path, workers: int) -> None:
    whole = loader(folder)
    batches = [*whole, *whole]
    count = len(batches) // 2
    again = loader(folder, workers)
    again.load_state_dict({"epoch": 1, "batch": 3})
    assert same(list(again), batches[count + 3 :])
    assert again.state_dict() == {"epoch": 2, "batch": 0}


def test_four_ranks_with_three_workers_cover_the_shards_exactly_once(folder: Path) -> None:
    parts = [list(loader(folder, 3, rank=rank, world_size=4)) for rank in range(4)]
    assert sorted(n for part in parts for n in numbers(part)) == list(range(33))
    with pytest.raises(DataError, match="7 shards are too few for 8 processes"):
        loader(folder, rank=0, world_size=8)


def test_metadata(folder: Path) -> None:
    _, infos = next(iter(loader(folder)))
    info = infos[0]
    assert info["prompt"] == info["text"] == f"sound {info['number']:03d}"
    assert info["seconds_total"] == 1
    assert info["padding_mask"].shape == (256,)
    assert info["dataset"] == "a"
    fields = [{"name": "n", "source_name": "number", "type": "string"}]
    _, infos = next(iter(loader(folder, config={**ONCE, "fields": fields})))
    assert infos[0]["n"].isdigit()


def test_bad_shards_and_samples_are_skipped_and_named_once(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    first, second, third = sorted(folder.iterdir())[:3]
    first.write_bytes(first.read_bytes()[:5000])
    second.write_bytes(b"no tar" * 1000)
    data = bytearray(third.read_bytes())
    data[data.find(b"WAVE")] = 0
    third.write_bytes(data)
    with caplog.at_level(logging.WARNING, "narrows.data"):
        part = loader(folder, 2)
        epochs = [numbers(list(part)) for _ in range(2)]
    assert len(part.skipped) == len(caplog.messages) == 3
    assert all(len(epoch) == len(set(epoch)) for epoch in epochs)
    assert set(range(15, 33)) <= set(epochs[0]) == set(epochs[1])


def test_nothing_but_bad_shards_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "shards").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "shards/a.tar").write_bytes(b"no tar" * 1000)
    for config in (ONCE, {"epoch_steps": 3}):
        with pytest.raises(DataError, match=r"(?s)a\.tar"):
            list(loader(tmp_path / "shards", config={**config, "max_bad_share": 1.0}))
    with pytest.raises(DataError, match=r"no \.tar file is below"):
        loader(tmp_path / "empty")


def test_names_in_a_shard_are_keys_and_never_paths(tmp_path: Path, folder: Path) -> None:
    sound = (tmp_path / "set/000.wav").read_bytes()
    (tmp_path / "evil").mkdir()
    with tarfile.open(tmp_path / "evil/a.tar", "w") as archive:
        for name in ("../../escape.wav", "/abs/olute.wav", "a/../../b.wav"):
            header = tarfile.TarInfo(name)
            header.size = len(sound)
            archive.addfile(header, io.BytesIO(sound))
        link = tarfile.TarInfo("link.wav")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    before = sorted(tmp_path.rglob("*"))
    audio = [a for a, _ in loader(tmp_path / "evil", batch_size=1)]
    assert len(audio) == 3
    assert sorted(tmp_path.rglob("*")) == before


def test_a_member_that_claims_too_much_is_refused(tmp_path: Path) -> None:
    header = tarfile.TarInfo("a.wav")
    header.size = 8 << 30
    data = header.tobuf() + b"x" * 1024
    with pytest.raises(AudioFileError, match="claims 8589934592 bytes"):
        list(members(io.BytesIO(data), "a.tar"))
    (tmp_path / "a.tar").write_bytes(data)
    with pytest.raises(AudioFileError, match="cut off within"):
        index_shard(tmp_path / "a.tar")


def test_the_writer_leaves_nothing_half_done(tmp_path: Path) -> None:
    writer = ShardWriter(tmp_path / "out", max_samples=2)

    def fails() -> None:
        with writer:
            for number in range(3):
                writer.write(f"{number}", {"npy": b"x"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["shard-000000.tar"]
    with pytest.raises(ValueError, match="without dots"):
        writer.write("a.b", {"npy": b"x"})


def test_silences_are_shortened_on_request(tmp_path: Path) -> None:
    import soundfile

    (tmp_path / "set").mkdir()
    soundfile.write(tmp_path / "set/a.wav", np.r_[np.full(500, 0.5), np.zeros(7000), np.full(500, 0.5)], 8000)
    pack_folder(tmp_path / "set", tmp_path / "shards")
    config = {**ONCE, "remove_silence": True, "silence_threshold": [0.01, 0.1], "random_phase_flip": False}
    document = {"dataset_type": "wds", "datasets": [{"id": "a", "path": str(tmp_path / "shards")}], **config}
    [(audio, infos)] = create_dataloader_from_config(document, 1, 4000, 8000, 1, 0)
    assert infos[0]["padding_mask"].sum() == 500 + 800 + 500
    assert (audio > 0.4).sum() == 1000


def test_mistakes_in_the_configuration(tmp_path: Path) -> None:
    for entry in ({}, {"path": "a", "s3_path": "s3://b"}, {"path": "a", "profile": "p"}, {"s3_path": "http://b"},
                  {"s3_path": "s3://b", "endpoint_url": "https://user:secret@host"}):  # fmt: skip
        with pytest.raises(ConfigError):
            create_dataloader_from_config({"dataset_type": "s3", "datasets": [{"id": "a", **entry}]}, 1, 1, 8000)
