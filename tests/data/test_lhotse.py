"""Cuts of Lhotse: stretches, channels, texts, order, resuming, and lines that cannot be used."""

from __future__ import annotations

import gzip
import json
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from narrows.configs import ConfigError
from narrows.data import DataError, create_dataloader_from_config, inspect_folder
from narrows.data.cuts.cut import parse, samples

RATE = 1000
CLIP = 100
"""Samples of a clip."""


def ramp(channels: int = 1, length: int = 4000) -> np.ndarray:
    """Every sample tells where it stands, and in which channel: `(T, C)`."""
    return np.arange(length)[:, None] / 10000 + 0.4 * np.arange(channels)


def recording(source: str, channels: list[int], name: str = "r") -> dict[str, Any]:
    sources = [{"type": "file", "channels": channels, "source": source}]
    return {"id": name, "sources": sources, "sampling_rate": RATE, "num_samples": 4000, "duration": 4.0}


def cut(number: int, source: str = "sounds/long.wav", **more: Any) -> dict[str, Any]:
    """A tenth of a second of a recording, the later the higher its number."""
    return {
        "id": f"cut-{number}",
        "start": number / 20,
        "duration": CLIP / RATE,
        "channel": 0,
        "supervisions": [{"id": f"s{number}", "start": 0.0, "duration": 0.1, "text": f"words {number}"}],
        "recording": recording(source, [0]),
        "type": "MonoCut",
        **more,
    }


def write(path: Path, cuts: list[Any]) -> Path:
    text = "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in cuts).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sounds").mkdir()
    soundfile.write(tmp_path / "sounds" / "long.wav", ramp(), RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "sounds" / "two.wav", ramp(2), RATE, subtype="FLOAT")
    write(tmp_path / "cuts.jsonl", [cut(number) for number in range(48)])
    return tmp_path


def loader_of(path: Path, size: int = 8, workers: int = 0, rank: int = 0, world: int = 1, **config: Any) -> Any:
    document = {"dataset_type": "lhotse", "random_phase_flip": False, "silence_threshold_db": None, **config}
    if "datasets" not in config:
        document["path"] = str(path)
    channels, length = document.pop("channels", 1), document.pop("length", CLIP)
    return create_dataloader_from_config(
        document, size, length, RATE, channels, workers, rank=rank, world_size=world, on_skip=lambda *_: None
    )


def ids_of(batches: Any) -> list[list[str]]:
    return [[info["relpath"] for info in infos] for _, infos in batches]


@pytest.mark.parametrize("name", ["cuts.jsonl", "packed.jsonl.gz"])
def test_every_cut_comes_once_with_its_own_stretch_and_text(folder: Path, name: str) -> None:
    if not (folder / name).exists():
        write(folder / name, [cut(number) for number in range(48)])
    seen = []
    for audio, infos in loader_of(folder / name):
        for clip, info in zip(audio, infos, strict=True):
            number = int(info["relpath"].removeprefix("cut-"))
            torch.testing.assert_close(clip[0], (50 * number + torch.arange(CLIP)).float() / 10000)
            assert (info["text"], info["prompt"]) == (f"words {number}", f"words {number}")
            assert (info["cut_start"], info["dataset"]) == (number / 20, "cuts")
            assert info["path"] == str(folder / "sounds" / "long.wav")
            seen.append(number)
    assert sorted(seen) == list(range(48))
    assert seen != sorted(seen)


@pytest.mark.parametrize("world", [2, 4])
def test_any_number_of_processes_takes_the_same_batches(folder: Path, world: int) -> None:
    alone = ids_of(loader_of(folder / "cuts.jsonl"))
    shares = [ids_of(loader_of(folder / "cuts.jsonl", 8 // world, rank=rank, world=world)) for rank in range(world)]
    together = [sorted(chain(*(share[step] for share in shares))) for step in range(len(alone))]
    assert together == [sorted(batch) for batch in alone]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_run_goes_on_where_it_stopped(folder: Path, workers: int) -> None:
    whole = loader_of(folder / "cuts.jsonl")
    expected = ids_of(whole) + ids_of(whole)
    first = loader_of(folder / "cuts.jsonl", workers=workers)
    batches = iter(first)
    begun = [[info["relpath"] for info in next(batches)[1]] for _ in range(4)]
    resumed = loader_of(folder / "cuts.jsonl", workers=workers)
    resumed.load_state_dict(first.state_dict())
    assert begun + ids_of(resumed) + ids_of(resumed) == expected
    del batches


def test_crops_stay_inside_their_cut(folder: Path) -> None:
    path = write(folder / "one.jsonl", [cut(n, start=1.0, duration=0.5, id=f"c{n}") for n in range(16)])
    starts = set()
    for audio, infos in loader_of(path, length=50):
        assert float(audio.min()) >= 0.1 - 1e-6
        assert float(audio.max()) < 0.15
        starts |= {round(float(clip[0, 0] - 0.1), 4) for clip in audio}
        assert {(info["cut_start"], info["seconds_start"]) for info in infos} == {(1.0, 0)}
    assert len(starts) > 4


def test_channels_are_those_of_the_cut_whatever_file_holds_them(folder: Path) -> None:
    split = recording("sounds/two.wav", [0, 1])
    split["sources"].append({"type": "file", "channels": [2], "source": "sounds/long.wav"})
    cuts = [
        cut(0, recording=recording("sounds/two.wav", [0, 1]), channel=1),
        cut(1, recording=split, channel=[2, 1], type="MultiCut"),
    ]
    path = write(folder / "channels.jsonl", cuts)
    ((audio, infos),) = loader_of(path, 2, channels=2)
    clips = {info["relpath"]: clip for clip, info in zip(audio, infos, strict=True)}
    steps = torch.arange(CLIP) / 10000
    torch.testing.assert_close(clips["cut-0"], (0.4 + steps).expand(2, -1))
    torch.testing.assert_close(clips["cut-1"], torch.stack([0.005 + steps, 0.405 + steps]))


def test_metadata_are_those_of_supervisions_and_custom_values(folder: Path) -> None:
    said = [
        {"start": 0.05, "text": "second", "speaker": "B", "language": "en"},
        {"start": 0.0, "text": "first", "speaker": "A", "language": "en", "custom": {"mood": "calm"}},
    ]
    custom = {"bpm": 90, "embedding": {"array": "elsewhere"}}
    path = write(folder / "one.jsonl", [cut(0, supervisions=said, custom=custom)])
    ((_, (info,)),) = loader_of(path, 1)
    found = {key: info.get(key) for key in ("text", "prompt", "speaker", "language", "mood", "bpm", "embedding")}
    expected = {"text": "first second", "prompt": "first second", "language": "en", "mood": "calm", "bpm": 90}
    assert found == {**expected, "speaker": None, "embedding": None}
    fields = [{"name": "tempo", "source_name": "bpm", "type": "integer"}]
    ((_, (info,)),) = loader_of(path, 1, fields=fields, prompts={"templates": ["at {tempo}"]})
    assert (info["tempo"], info["prompt"]) == (90, "at 90")
    assert "mood" not in info


def test_a_length_that_a_cut_tells_goes_before_whole_seconds(folder: Path) -> None:
    path = write(folder / "one.jsonl", [cut(0, custom={"seconds_total": 0.35})])
    ((_, (info,)),) = loader_of(path, 1)
    assert info["seconds_total"] == 0.35


REFUSED = {
    "is no JSON": "{",
    "a line holds a JSON object": "[1]",
    "is a MixedCut": cut(1, type="MixedCut"),
    "has no recording": cut(2, recording=None),
    "a command is never run": cut(
        3, recording={"sources": [{"type": "command", "channels": [0], "source": "sox a.wav -"}]}
    ),
    "comes from a url": cut(4, recording={"sources": [{"type": "url", "channels": [0], "source": "https://x/y"}]}),
    "(`transforms`)": cut(5, recording={**recording("sounds/long.wav", [0]), "transforms": [{"name": "Speed"}]}),
    "KeyError 'duration'": {k: v for k, v in cut(6).items() if k != "duration"},
    "gone.wav: No such file": cut(7, "sounds/gone.wav"),
    "has the id 'cut-20' of line 1": cut(20),
}


def test_lines_that_cannot_be_used_are_named_and_the_others_read(folder: Path) -> None:
    path = write(folder / "some.jsonl", [cut(20), *REFUSED.values(), "", cut(21)])
    loader = loader_of(path, 1, max_bad_share=0.9)
    assert sorted(chain(*ids_of(loader))) == ["cut-20", "cut-21"]
    for line, reason in enumerate(REFUSED, 2):
        assert reason in loader.skipped[f"{path}:{line}"]
    assert len(loader.skipped) == len(REFUSED)


def test_files_that_do_not_hold_the_stretch_are_named_with_the_line(folder: Path) -> None:
    cuts = [cut(0), cut(1, start=9.0), cut(2, channel=3)]
    path = write(folder / "short.jsonl", cuts)
    loader = loader_of(path, 3, drop_last=False, max_bad_share=0.9)
    assert set(chain(*ids_of(loader))) == {"cut-0"}
    assert "begins at 9 s, but" in loader.skipped[f"{path}:2"]
    assert "takes channel 3" in loader.skipped[f"{path}:3"]


def test_relative_paths_begin_at_root(folder: Path) -> None:
    (folder / "lists").mkdir()
    path = write(folder / "lists" / "cuts.jsonl", [cut(0), cut(1)])
    with pytest.raises(DataError, match=r"begin at .*lists; `root` says otherwise\n.*cuts.jsonl:1: .*No such file"):
        loader_of(path)
    one = {"id": "a", "path": str(path), "root": str(folder), "weight": 2}
    assert sorted(chain(*ids_of(loader_of(path, 1, datasets=[one])))) == ["cut-0", "cut-0", "cut-1", "cut-1"]


def test_mistakes_are_named(folder: Path) -> None:
    with pytest.raises(ConfigError, match="'path' or 'datasets' is required"):
        create_dataloader_from_config({"dataset_type": "lhotse"}, 8, 100, RATE)
    with pytest.raises(DataError, match=r"there is no manifest .*none\.jsonl"):
        loader_of(folder / "none.jsonl")
    (folder / "cut.jsonl.gz").write_bytes(gzip.compress(b"{}" * 1000)[:20])
    with pytest.raises(DataError, match="no whole gzip file"):
        loader_of(folder / "cut.jsonl.gz")


def test_inspect_reads_every_cut(folder: Path) -> None:
    path = write(folder / "some.jsonl", [cut(0), cut(1), cut(2, "sounds/gone.wav"), cut(3, start=0.0)])
    report = inspect_folder(path)
    assert [found.path for found in report.files] == ["cut-0", "cut-1", "cut-3"]
    assert [found.seconds for found in report.files] == [0.1] * 3
    assert report.duplicates == [["cut-0", "cut-3"]]
    assert list(report.bad) == [f"{path}:3"]
    assert report.columns == ["text"]


def test_cuts_are_those_of_lhotse(tmp_path: Path) -> None:
    """Written, cut into windows and read by Lhotse itself; its own loading of audio gives the same samples."""
    lhotse = pytest.importorskip("lhotse")
    rng = np.random.default_rng(0)
    for name, rate, channels in (("a", 16000, 1), ("b", 22050, 2)):
        soundfile.write(tmp_path / f"{name}.wav", rng.normal(0, 0.1, (rate * 2 + 7, channels)), rate, subtype="FLOAT")
    recordings = [lhotse.Recording.from_file(tmp_path / f"{name}.wav") for name in "ab"]
    said = [lhotse.SupervisionSegment(r.id, r.id, 0.1, 0.5, channel=0, text=f"of {r.id}") for r in recordings]
    cuts = lhotse.CutSet.from_manifests(lhotse.RecordingSet(recordings), lhotse.SupervisionSet(said))
    windows = cuts.cut_into_windows(0.3337).to_eager()
    windows.to_file(tmp_path / "cuts.jsonl.gz")
    lines = gzip.decompress((tmp_path / "cuts.jsonl.gz").read_bytes()).splitlines()
    assert len(lines) == 12
    for line, theirs in zip(lines, windows, strict=True):
        ours = parse(line, "cuts:1", tmp_path)
        with ours.open() as decoder:
            audio = decoder.read(0, decoder.info.frames).T
        np.testing.assert_array_equal(audio, theirs.load_audio())
        assert ours.values.get("text") == (" ".join(s.text for s in theirs.supervisions) or None)
        assert samples(theirs.duration, theirs.sampling_rate) == theirs.num_samples
