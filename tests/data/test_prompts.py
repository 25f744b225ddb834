"""Prompts are made of metadata, drawn by the place of a clip."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from narrows.configs import ConfigError, DatasetPromptOptions, load_config
from narrows.configs.prompt_templates import names_of, parse_template
from narrows.data import create_dataloader_from_config, pack_folder
from narrows.data.errors import AudioFileError
from narrows.data.prompts import Prompts

CLIP = {
    "instrument": "cello",
    "key": "C minor",
    "bpm": 119.7,
    "tags": "warm, slow,sad",
    "caption": ["a", "b"],
    "path": "x",
}


def drawn(options: dict[str, Any], info: Any = CLIP, count: int = 200) -> Counter[str]:
    prompts = Prompts(DatasetPromptOptions(**options))
    return Counter(prompts(info, np.random.default_rng(seed)) for seed in range(count))


def test_templates_are_filled_in() -> None:
    text = "{instrument} in {key}[, {bpm:.0f} BPM][, by {artist}], {{really}} [[loud]]"
    assert set(drawn({"templates": [text]})) == {"cello in C minor, 120 BPM, {really} [loud]"}
    assert set(drawn({"templates": ["{artist}", "a {instrument}"]})) == {"a cello"}
    found = drawn({"templates": ["x", "y {key}"]}, count=1000)
    assert 400 < found["x"] < 600


def test_one_of_several_captions_is_drawn() -> None:
    info = {**CLIP, "title": "c"}
    found = drawn({"captions": ["caption", "title", "nothing"]}, info, 900)
    assert set(found) == {"a", "b", "c"}
    assert min(found.values()) > 230
    both = drawn({"captions": ["title"], "templates": ["{key}"], "caption_share": 0.8}, info, 1000)
    assert 750 < both["c"] < 850
    alone = {"path": "y", "key": "D"}
    assert set(drawn({"captions": ["title"], "templates": ["{key}"], "caption_share": 1.0}, alone)) == {"D"}


def test_tags_are_shuffled_and_dropped() -> None:
    whole = drawn({"templates": ["{tags}"], "tags": ["tags"]}, count=600)
    assert len(whole) == 6
    assert min(whole.values()) > 50
    still = drawn({"templates": ["{tags}"], "tags": ["tags"], "shuffle_tags": False, "tag_separator": " / "})
    assert set(still) == {"warm / slow / sad"}
    fewer = drawn({"templates": ["{tags}"], "tags": ["tags"], "tag_dropout": 0.5}, count=1000)
    lengths = Counter(len(text.split(", ")) for text in fewer.elements())
    assert set(lengths) == {1, 2, 3}
    assert 1000 / 8 * 0.6 < lengths[3] < 1000 / 8 * 1.4
    assert {len(text.split(", ")) for text in drawn({"templates": ["{tags}"], "tags": ["tags"], "max_tags": 2})} == {2}
    listed = {"tags": ["one"], "genre": ["two"], "path": "x"}
    assert set(drawn({"templates": ["{tags}"], "tags": ["tags", "genre"]}, listed)) == {"one, two", "two, one"}


def test_a_clip_without_a_prompt_is_bad_or_has_the_fallback() -> None:
    with pytest.raises(AudioFileError, match="has no prompt"):
        drawn({"captions": ["title"]})
    assert set(drawn({"captions": ["title"], "fallback": "music"})) == {"music"}
    with pytest.raises(AudioFileError, match=r"cannot be written as '\.0f'"):
        drawn({"templates": ["{key:.0f}"]})


@pytest.mark.parametrize("text", ["{a", "a}", "[a", "a]", "[a [b]]", "{a.b}", "{a[0]}", "{}"])
def test_a_template_that_cannot_be_read_is_told(text: str) -> None:
    """Among them those of Python that look inside a value."""
    with pytest.raises(ConfigError, match="The template cannot be read"):
        load_config({"dataset_type": "audio_dir", "path": "x", "prompts": {"templates": [text]}}, "dataset")


def test_prompts_without_a_source_are_refused() -> None:
    with pytest.raises(ConfigError, match="nothing to make prompts of"):
        load_config({"dataset_type": "audio_dir", "path": "x", "prompts": {}}, "dataset")
    with pytest.raises(ConfigError, match="No template has"):
        load_config(
            {
                "dataset_type": "wds",
                "datasets": [{"id": "a", "path": "x"}],
                "prompts": {"captions": ["a"], "tags": ["b"]},
            },
            "dataset",
        )


@given(st.lists(st.sampled_from(["{a}", "[, {b}]", "text", "{{", "]]", "{c:.1f}"]), max_size=6))
def test_templates_are_read_whole(pieces: list[str]) -> None:
    parts = parse_template("".join(pieces))
    assert names_of(parts) == {name for name in "abc" if any("{" + name in piece for piece in pieces)}


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    for index in range(8):
        soundfile.write(folder / f"{index}.wav", np.full((64, 1), index / 10), 8000)
        (folder / f"{index}.json").write_text(json.dumps({"number": index, "tags": ["a", "b", "c", "d"]}))
    return folder


def loader(clips: Path, rank: int = 0, world: int = 1, prompts: Any = None, **options: Any) -> Any:
    made = {"templates": ["{number}: {tags}"], "tags": ["tags"], "tag_dropout": 0.3} if prompts is None else prompts
    data = {"dataset_type": "audio_dir", "path": str(clips), "metadata": {"sidecar": "json"}, "prompts": made or None}
    return create_dataloader_from_config(
        data, 4 // world, 32, 8000, audio_channels=1, num_workers=0, seed=3, rank=rank, world_size=world, **options
    )


def prompts_of(batches: Any) -> list[str]:
    return [item["prompt"] for _, metadata in batches for item in metadata]


def test_prompts_follow_from_seed_and_place(clips: Path) -> None:
    """The same on any number of processes, and after a stop; other ones in the next epoch."""
    whole = loader(clips)
    first, second = prompts_of(whole), prompts_of(whole)
    assert first != second
    assert all(text.split(":")[0].isdigit() for text in first)
    halves = [prompts_of(loader(clips, rank, 2)) for rank in range(2)]
    assert sorted(halves[0] + halves[1]) == sorted(first)
    stopped = loader(clips)
    next(iter(stopped))
    resumed = loader(clips)
    resumed.load_state_dict(stopped.state_dict())
    assert prompts_of(resumed) == first[4:]


def test_samples_of_shards_have_prompts(clips: Path, tmp_path: Path) -> None:
    pack_folder(clips, tmp_path / "shards")
    data = {"dataset_type": "wds", "datasets": [{"id": "a", "path": str(tmp_path / "shards")}], "epoch_steps": 2}
    data["prompts"] = {"key": "text", "templates": ["file {relpath}", "the {relpath}"]}
    runs = [create_dataloader_from_config(data, 4, 32, 8000, audio_channels=1, num_workers=0, seed=3) for _ in range(2)]
    texts = [[item["text"] for _, metadata in run for item in metadata] for run in runs]
    assert texts[0] == texts[1]
    assert {text.split()[0] for text in texts[0]} == {"file", "the"}


def test_nothing_else_depends_on_prompts(clips: Path) -> None:
    one = [audio for audio, _ in loader(clips)]
    other = [audio for audio, _ in loader(clips, prompts=False)]
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
