from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import soundfile
import torch
from support.sounds import noise, write_sounds

from narrows.configs import ConfigError, DatasetMetadataOptions
from narrows.data import DataError, create_dataloader_from_config
from narrows.data.metadata import MetadataReader


def first_epoch(folder: Path, metadata: Any = None, module: Path | None = None, **options: Any):
    entry = {"id": "set", "path": str(folder), **({"custom_metadata_module": str(module)} if module else {})}
    config = {"dataset_type": "audio_dir", "datasets": [entry], "drop_last": False, "random_phase_flip": False}
    config |= {"metadata": metadata} if metadata else {}
    loader = create_dataloader_from_config(config, 2, 256, 8000, 2, 0, **options)
    batches = list(loader)
    return loader, {i["relpath"]: (i, a) for audio, infos in batches for i, a in zip(infos, audio, strict=True)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_sounds(tmp_path / "set", 3)


def test_sidecar_json_and_txt(folder: Path) -> None:
    for n in range(3):
        (folder / f"00{n}.json").write_text(json.dumps({"caption": f"sound {n}", "bpm": "120"}))
        (folder / f"00{n}.txt").write_text(f"text {n}\n")
    _, found = first_epoch(folder, {"sidecar": "json"})
    assert found["001.wav"][0]["caption"] == "sound 1"
    _, found = first_epoch(folder, {"sidecar": "txt", "text_field": "words"})
    assert found["002.wav"][0]["words"] == "text 2"
    fields = [{"name": "prompt", "source_name": "caption"}, {"name": "bpm", "type": "integer"}]
    _, found = first_epoch(folder, {"sidecar": "json", "fields": fields})
    info = found["000.wav"][0]
    assert (info["prompt"], info["bpm"]) == ("sound 0", 120)
    assert "caption" not in info


@pytest.mark.parametrize(
    ("told", "length"),
    [(1.46, 1.46), ("1.46", 1.46), (7, 7), ("nan", 1), (None, 1), ("long", 1), (True, 1), (-1.0, 1), (float("inf"), 1)],
)
def test_a_length_that_metadata_tell_goes_before_whole_seconds(folder: Path, told: object, length: float) -> None:
    known = {} if told is None else {"seconds_total": told}
    (folder / "000.json").write_text(json.dumps({"caption": "a", **known}))
    _, found = first_epoch(folder, {"sidecar": "json"})
    assert found["000.wav"][0]["seconds_total"] == length


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_table_by_path_name_or_stem(folder: Path, kind: str) -> None:
    rows = [{"path": "000.wav", "prompt": "zero"}, {"path": "001", "prompt": "one, with comma"}]
    if kind == "csv":
        (folder / "t.csv").write_text('path,prompt\n000.wav,zero\n001,"one, with comma"\n', encoding="utf-8-sig")
    else:
        (folder / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    _, found = first_epoch(folder, {"table": f"t.{kind}"})
    assert [found[f"00{n}.wav"][0].get("prompt") for n in range(3)] == ["zero", "one, with comma", None]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_table_of_an_audio_folder_of_hugging_face(folder: Path, kind: str) -> None:
    if kind == "csv":
        (folder / "metadata.csv").write_text("file_name,prompt\n001.wav,one\n")
    else:
        (folder / "metadata.jsonl").write_text(json.dumps({"file_name": "001.wav", "prompt": "one"}))
    _, found = first_epoch(folder, {"table": f"metadata.{kind}"})
    assert found["001.wav"][0]["prompt"] == "one"
    assert "file_name" not in found["001.wav"][0]
    (folder / "metadata.csv").write_text("path,file_name,prompt\n001.wav,000.wav,one\n")
    _, found = first_epoch(folder, {"table": "metadata.csv"})
    assert found["001.wav"][0]["file_name"] == "000.wav", "`path` goes first"


@pytest.mark.parametrize(
    "spelling",
    ["kick/01.wav", "./kick/01.wav", "{root}/kick/01.wav", "set/kick/01.wav", "kick\\01.wav", "kick/01.flac", "01.wav"],
)
def test_a_table_spells_paths_in_many_ways(tmp_path: Path, spelling: str) -> None:
    folder = tmp_path / "set"
    write_sounds(folder / "kick", 1)
    (folder / "kick/000.wav").rename(folder / "kick/01.wav")
    (folder / "t.csv").write_text(f"path,prompt\n{spelling.format(root=folder)},boom\n")
    _, found = first_epoch(folder, {"table": "t.csv"})
    assert found["kick/01.wav"][0]["prompt"] == "boom"


@pytest.mark.parametrize(("on_disk", "in_table"), [("NFC", "NFD"), ("NFD", "NFC"), ("NFD", "NFD")])
def test_accents_match_however_they_are_composed(tmp_path: Path, on_disk: str, in_table: str) -> None:
    folder = write_sounds(tmp_path / "set", 1)
    name = unicodedata.normalize(on_disk, "café.wav")
    (folder / "000.wav").rename(folder / name)
    (folder / "t.csv").write_text(f"path,prompt\n{unicodedata.normalize(in_table, 'café.wav')},boom\n")
    _, found = first_epoch(folder, {"table": "t.csv"})
    assert found[name][0]["prompt"] == "boom"


def test_a_table_that_knows_no_file_is_an_error(folder: Path) -> None:
    (folder / "t.csv").write_text("path,prompt\nother/1.wav,x\nother/2.wav,y\n")
    with pytest.raises(DataError, match=r"no row for any of the 3 files: its first row is for other/1\.wav"):
        first_epoch(folder, {"table": "t.csv"})


def test_rows_and_files_without_each_other_are_counted(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "t.csv").write_text("path,prompt\n000.wav,x\ntake.0,y\n")
    first_epoch(folder, {"table": "t.csv"})
    assert "1 of 3 files have a row; 1 of 2 rows match no file, the first take.0" in caplog.text


def test_patterns_and_tags(tmp_path: Path) -> None:
    (tmp_path / "set/kick").mkdir(parents=True)
    path = tmp_path / "set/kick/hard_3.flac"
    with soundfile.SoundFile(path, "w", 8000, 2) as file:
        file.title, file.artist = "Boom", "Nobody"
        file.write(noise(3000))
    pattern = r"(?P<kind>[^/]+)/(?P<force>\w+)_(?P<take>\d+)\.flac"
    _, found = first_epoch(tmp_path / "set", {"pattern": pattern, "tags": True})
    info = found["kick/hard_3.flac"][0]
    assert (info["kind"], info["force"], info["take"]) == ("kick", "hard", "3")
    assert (info["title"], info["artist"]) == ("Boom", "Nobody")


def test_a_required_field_is_missed_by_name_before_the_run(folder: Path) -> None:
    (folder / "000.json").write_text('{"prompt": "here"}')
    (folder / "001.json").write_text('{"prompt": ""}')
    with pytest.raises(DataError, match=r"2 files(?s:.*)001\.wav: the required(?s:.*)002\.wav: the required"):
        first_epoch(folder, {"sidecar": "json", "fields": [{"name": "prompt", "required": True}]})


def test_a_value_of_the_wrong_type_skips_the_file(folder: Path) -> None:
    for n, bpm in enumerate(("120", "fast", "90")):
        (folder / f"00{n}.json").write_text(json.dumps({"bpm": bpm}))
    loader, found = first_epoch(folder, {"sidecar": "json", "fields": [{"name": "bpm", "type": "integer"}]})
    assert list(loader.skipped.values()) == ["the metadata field 'bpm' must be of type integer, got 'fast'"]
    assert {info["bpm"] for info, _ in found.values()} == {120, 90}


def test_mistakes_in_the_configuration(folder: Path) -> None:
    for metadata in ({"fields": []}, {"pattern": "("}, {"pattern": "no group"}):
        with pytest.raises(ConfigError):
            first_epoch(folder, metadata)
    with pytest.raises(DataError, match="cannot be read: No such file"):
        first_epoch(folder, {"table": "none.csv"})
    (folder / "t.csv").write_text("file,prompt\n1,2\n")
    with pytest.raises(DataError, match="no column 'path'; it has: file, prompt"):
        first_epoch(folder, {"table": "t.csv"})


MODULE = """
import torch

def get_custom_metadata(info, audio):
    if info["relpath"].startswith("001"):
        return {"__reject__": True}
    return {"prompt": info["relpath"], "__audio__": {"ramp": torch.arange(9000.0)[None] / 9000}}
"""


def test_custom_metadata(folder: Path, tmp_path: Path) -> None:
    module = tmp_path / "meta.py"
    module.write_text(MODULE)
    with pytest.raises(DataError, match=r"--allow-code"):
        first_epoch(folder, module=module)
    loader, found = first_epoch(folder, module=module, allow_code=True)
    assert set(found) == {"000.wav", "002.wav"}
    assert loader.rejected >= 1
    info, audio = found["000.wav"]
    assert info["prompt"] == "000.wav"
    assert info["ramp"].shape == audio.shape
    start = round(info["timestamps"][0] * 3000)
    torch.testing.assert_close(info["ramp"][0, 0], torch.tensor(start / 9000), atol=1e-6, rtol=0)


def test_faults_of_user_code_are_the_users_to_see(folder: Path, tmp_path: Path) -> None:
    module = tmp_path / "meta.py"
    for text, kind, match in (
        ("def get_custom_metadata(info, audio): raise KeyError('mine')", KeyError, "mine"),
        ("def get_custom_metadata(info, audio): return None", DataError, "returns NoneType"),
        ("x = 1", DataError, "does not define get_custom_metadata"),
    ):
        module.write_text(text)
        with pytest.raises(kind, match=match):
            first_epoch(folder, module=module, allow_code=True)
    with pytest.raises(DataError, match="is no Python file"):
        first_epoch(folder, module=tmp_path / "none.py", allow_code=True)


@pytest.mark.parametrize(
    ("sidecars", "said"),
    [
        (["a.json", "b/c.json"], ""),
        (["a.json", "b/meta.json"], "1 of 2 files have a .json file of their name beside them, not b/c.wav; 1 .json"),
        (["a.json"], "1 of 2 files"),
        (["b/meta.json"], "0 of 2 files"),
        (["a.json", "b/c.json", "b/._c.json"], ""),
        (["a.json", "b/c.json", "other.json"], "2 of 2 files have a .json file of their name beside them; 1 .json"),
    ],
)
def test_sidecars_that_match_nothing_are_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, sidecars: list[str], said: str
) -> None:
    (tmp_path / "b").mkdir()
    for name in ("a.wav", "b/c.wav", *sidecars):
        (tmp_path / name).touch()
    MetadataReader(DatasetMetadataOptions(sidecar="json"), tmp_path).check(["a.wav", "b/c.wav"])
    assert said in caplog.text
    assert bool(said) == bool(caplog.text)
