"""Which members of a shard make one sample: no sound is lost, and metadata finds its sound."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sounds import noise, wav_bytes

from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.configs import load_config
from narrows.data import AudioFileError, Loader, create_dataloader_from_config
from narrows.data.samples import Grouped, grouped, left_over, runs, samples_of
from narrows.data.scan import is_junk
from narrows.data.shard_index import ShardIndex
from narrows.data.shards import index_shard


def groups(*names: str) -> list[Grouped]:
    return [group for run in runs(names) for group in samples_of(run)]


def test_the_usual_shard() -> None:
    assert groups("0.flac", "0.json", "1.flac", "1.json") == [
        Grouped("0", {"flac": "0.flac", "json": "0.json"}),
        Grouped("1", {"flac": "1.flac", "json": "1.json"}),
    ]


def test_names_with_dots_are_samples_of_their_own() -> None:
    found = groups(*(f"take.{i}.{kind}" for i in range(6) for kind in ("flac", "json")))
    assert [group.key for group in found] == [f"take.{i}" for i in range(6)]
    assert all(group.members["json"] == f"{group.key}.json" for group in found)


def test_metadata_of_a_name_with_dots() -> None:
    (group,) = groups("01. Song No. 0.flac", "01. Song No. 0.json")
    assert group.members["flac"] == "01. Song No. 0.flac"
    assert group.members["json"] == "01. Song No. 0.json"


def test_several_sounds_under_one_key_each_get_the_shared_metadata() -> None:
    found = groups("song.drums.flac", "song.json", "song.vocals.flac", "song.vocals.txt")
    assert [group.key for group in found] == ["song.drums", "song.vocals"]
    assert [group.members.get("json") for group in found] == ["song.json"] * 2
    assert [group.members.get("txt") for group in found] == [None, "song.vocals.txt"]


def test_words_between_key_and_ending_stay_one_sample() -> None:
    (group,) = groups("7.audio.flac", "7.meta.json", "7.latent.npy")
    assert group.members["json"] == "7.meta.json"
    assert group.members["flac"] == "7.audio.flac"
    assert group.members["latent.npy"] == group.members["npy"] == "7.latent.npy"


NAME = st.text(st.sampled_from("ab0 .é"), min_size=1, max_size=8).filter(lambda s: s.strip(". ") != "")


@given(st.sets(st.tuples(NAME, st.sampled_from(["flac", "wav", "json", "txt"])), min_size=1, max_size=12))
def test_every_sound_is_in_exactly_one_sample(members: set[tuple[str, str]]) -> None:
    names = sorted(f"{stem}.{ending}" for stem, ending in members)
    sounds = [name for name in names if name.rpartition(".")[2] in AUDIO_ENDINGS and not name.startswith("._")]
    per_sample = [{n for n in g.members.values() if n.rpartition(".")[2] in AUDIO_ENDINGS} for g in groups(*names)]
    found = [name for names_here in per_sample for name in names_here]
    assert sorted(found) == sorted(sounds)
    stems = [{name.rpartition(".")[0] for name in names_here} for names_here in per_sample]
    assert all(len(names_here) <= 1 for names_here in stems)


ONE = {"flac": "a/audio.flac", "json": "a/meta.json"}


@pytest.mark.parametrize(
    ("names", "left"),
    [
        (["a/audio.flac", "a/meta.json"], []),
        (["a/meta.json", "a/audio.flac"], []),
        (["a/audio.flac", "a/cover.jpg", "a/meta.json"], []),
        (["a/._audio.flac", "a/audio.flac", "a/meta.json", "__MACOSX/a/audio.flac"], []),
        (["a/audio.flac", "a/meta.json", "a/other.json"], ["a/other.json"]),
        (["dataset_info.json", "a/audio.flac", "a/meta.json", "LICENSE"], ["dataset_info.json", "LICENSE"]),
        (["b.json", "a/audio.flac", "a/meta.json"], ["b.json"]),
    ],
)
def test_a_folder_with_one_sound_is_a_sample(names: list[str], left: list[str]) -> None:
    found = [(samples_of(run), run) for run in runs(names)]
    (sample,) = [sample for samples, _ in found for sample in samples]
    assert {ending: sample.members[ending] for ending in ONE} == ONE
    assert [name for samples, run in found for name in left_over(run, samples)] == left


@pytest.mark.parametrize(
    ("names", "left"),
    [
        (["a/0.flac", "a/1.flac", "a/meta.json"], ["a/meta.json"]),
        (["0.flac", "1.flac", "0.json", "1.json"], ["0.json", "1.json"]),
        (["0.flac", "0.json", "1.json", "2.flac"], ["1.json"]),
        (["0.flac", "0.wav", "1.flac"], ["0.wav"]),
        (["song.drums.flac", "song.vocals.flac", "song.a.json", "song.b.json"], ["song.b.json"]),
        ([".flac.json", "0.flac"], [".flac.json"]),
    ],
)
def test_what_no_sample_reads_is_left_over(names: list[str], left: list[str]) -> None:
    assert [name for run in runs(names) for name in left_over(run, samples_of(run))] == left


@given(
    st.lists(st.tuples(st.sampled_from(["", "a/", "b/"]), NAME, st.sampled_from(["flac", "json", "txt", "npy", ""])))
)
def test_every_member_is_read_or_left_over(members: list[tuple[str, str, str]]) -> None:
    names = sorted({f"{folder}{stem}" + (f".{ending}" if ending else "") for folder, stem, ending in members})
    names = [name for name in names if not is_junk(name)]
    seen: set[str] = set()
    for run in runs(names):
        samples = samples_of(run)
        seen |= {name for sample in samples for name in sample.members.values()} | set(left_over(run, samples))
    assert {name for name in names if name.endswith((".flac", ".json", ".txt", ".npy"))} <= seen


def test_a_name_twice_in_one_sample_is_named() -> None:
    with pytest.raises(AudioFileError, match=r"0\.flac: occurs twice"):
        list(grouped([("0.flac", b"a"), ("0.flac", b"b")]))


def shard(path: Path, members: dict[str, bytes | str]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, content in members.items():
            header = tarfile.TarInfo(name)
            if isinstance(content, str):
                header.type, header.linkname = tarfile.LNKTYPE, content
                archive.addfile(header)
            else:
                header.size = len(content)
                archive.addfile(header, io.BytesIO(content))
    return path


def test_a_link_stands_for_what_it_points_to(tmp_path: Path) -> None:
    sound = wav_bytes(noise(100), 8000)
    path = shard(tmp_path / "a.tar", {"0.wav": sound, "1.wav": "0.wav", "2.wav": sound})
    first, second, third = index_shard(path)
    assert first.parts["wav"] == second.parts["wav"] != third.parts["wav"]


def stream(folder: Path, **options: object) -> Loader:
    datasets = [{"id": "x", "path": str(folder)}]
    document = {"dataset_type": "wds", "datasets": datasets, "resampled_shards": False, **options}
    return create_dataloader_from_config(load_config(document), 2, 800, 8000, 1, 0, shuffle=False)


def test_every_take_is_read_from_a_stream(tmp_path: Path) -> None:
    members = {}
    for i in range(6):
        members |= {
            f"take.{i}.wav": wav_bytes(noise(800, seed=i), 8000),
            f"take.{i}.json": json.dumps({"n": i}).encode(),
        }
    shard(tmp_path / "a.tar", members)
    loader = stream(tmp_path, drop_last=False)
    infos = [info for _, batch in loader for info in batch]
    assert sorted(info["n"] for info in infos) == list(range(6))
    assert not loader.skipped


def test_a_link_in_a_stream_is_named(tmp_path: Path) -> None:
    sound = wav_bytes(noise(800), 8000)
    shard(tmp_path / "a.tar", {f"{i}.wav": sound for i in range(5)} | {"9.wav": "0.wav"})
    loader = stream(tmp_path, drop_last=False, max_bad_share=1.0)
    assert sum(len(batch) for _, batch in loader) == 5
    assert "is a link to '0.wav'" in loader.skipped[f"{tmp_path}/a.tar#9.wav"]


def test_folders_in_a_stream_bring_their_metadata(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    sound = wav_bytes(noise(800), 8000)
    members = {}
    for name in "abcd":
        members |= {f"{name}/audio.wav": sound, f"{name}/meta.json": json.dumps({"n": name}).encode()}
    shard(tmp_path / "a.tar", {"read.me.json": b"{}", **members})
    loader = stream(tmp_path, drop_last=False)
    infos = [info for _, batch in loader for info in batch]
    assert [info["n"] for info in infos] == list("abcd")
    assert not loader.skipped
    assert "1 member is used by no sample ('read.me.json')" in caplog.text


def test_shards_of_latents_say_what_no_sample_reads(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    array = io.BytesIO()
    np.save(array, np.zeros((2, 4), np.float32))
    members = {"0.npy": array.getvalue(), "0.json": b"{}", "1.npy": array.getvalue(), "2.json": b"{}"}
    shard(tmp_path / "a.tar", {**members, "3.safetensors": b"x"})
    for _ in range(2):  # The second time from the cache.
        caplog.clear()
        assert len(ShardIndex(tmp_path, ["a.tar"], "npy", pytest.fail)) == 2
        assert "2 members are used by no sample ('a.tar/2.json', 'a.tar/3.safetensors')" in caplog.text


def test_a_name_twice_in_a_shard_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name in ("0.wav", "1.wav", "0.wav"):
            archive.addfile(tarfile.TarInfo(name))
    with pytest.raises(AudioFileError, match=r"holds '0\.wav' twice"):
        index_shard(tmp_path / "a.tar")
