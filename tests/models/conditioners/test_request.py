"""The stricter reading of conditions, and the cache of embeddings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from narrows.models import create_multi_conditioner_from_conditioning_config
from narrows.models.conditioners import EmbeddingCache, MultiConditioner, check_request
from narrows.models.conditioners.cache import cache_key

PQMF = {"type": "pqmf", "config": {"channels": 2, "num_bands": 2}}


def conditioner(policy: str = "error") -> MultiConditioner:
    source = {"sample_rate": 16000, "pretransform_config": PQMF, "source_keys": ["drums", "bass"]}
    return create_multi_conditioner_from_conditioning_config(
        {
            "cond_dim": 6,
            "configs": [
                {"id": "prompt", "type": "t5"},
                {"id": "seconds_total", "type": "number", "config": {"max_val": 47, "out_of_range": policy}},
                {"id": "bpm", "type": "int", "config": {"min_val": 40, "max_val": 200, "out_of_range": policy}},
                {"id": "genre", "type": "list", "config": {"options": ["rock", "jazz"], "out_of_range": policy}},
                {"id": "ref", "type": "pretransform", "config": {"sample_rate": 16000, "pretransform_config": PQMF}},
                {"id": "stems", "type": "source_mix", "config": source},
                {"id": "given", "type": "number"},
            ],
            "default_keys": {"genre": "style"},
            "pre_encoded_keys": ["given"],
        }
    )


GOOD: dict[str, Any] = {
    "prompt": "rain",
    "seconds_total": 30,
    "bpm": 120,
    "style": "jazz",
    "ref": torch.zeros(2, 64),
    "stems": {"drums": torch.zeros(1, 64)},
    "given": torch.zeros(5, 6),
}


def problems(policy: str = "error", **changes: Any) -> list[str]:
    item = {key: value for key, value in (GOOD | changes).items() if value is not ...}
    return [str(problem) for problem in check_request(conditioner(policy), [GOOD, item], also=["seed"])]


def test_a_good_request() -> None:
    assert problems(seed=3, seconds_total=[12.5]) == []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("prompt", 3, "'prompt' must be a text, got 3."),
        ("seconds_total", 48, "'seconds_total' must be from 0 to 47, got 48."),
        ("seconds_total", "30", "'seconds_total' must be a number, got '30'."),
        ("seconds_total", float("nan"), "'seconds_total' must be a number, got nan."),
        ("bpm", 120.5, "'bpm' must be an integer, got 120.5."),
        ("bpm", 30, "'bpm' must be from 40 to 200, got 30."),
        ("style", "jaz", "'style' must be one of rock, jazz (nearest: jazz), got 'jaz'."),
        ("genre", "polka", "'genre' must be one of rock, jazz, got 'polka'."),
        ("ref", torch.zeros(64), "'ref' must be a waveform, a tensor (channels, samples) of floats, got a tensor"),
        ("ref", torch.full((2, 64), torch.nan), "'ref' must be finite: it holds infinities or NaN, got a tensor"),
        ("stems", {"drum": torch.zeros(1, 64)}, "must have the sources drums, bass, not 'drum' (nearest: drums)"),
        ("stems", {}, "'stems' must have at least one source, got {}."),
        ("given", 0.5, "'given' must be a tensor: its conditioner takes encoded conditions, got 0.5."),
        ("secnds_total", 30, "There is no condition 'secnds_total'. Did you mean 'seconds_total'?"),
        ("colour", "red", "There is no condition 'colour'. Known: prompt, seconds_total, bpm, genre, ref"),
        ("bpm", ..., "The condition 'bpm' is missing."),
        ("style", ..., "The condition 'genre' or 'style' is missing."),
    ],
)
def test_what_is_wrong_is_said_with_its_item(key: str, value: Any, said: str) -> None:
    found = problems(**{key: value})
    assert len(found) == 1
    assert found[0].startswith("Item 1: ")
    assert said in found[0]


def test_what_is_out_of_range_may_be_clamped() -> None:
    assert problems("clamp", seconds_total=480, bpm=3, style="polka") == []
    assert len(problems("clamp", seconds_total="x", bpm=1.5, style=3)) == 3


def test_a_cache_forgets_what_was_used_least_recently() -> None:
    cache, entry = EmbeddingCache(max_bytes=100), {"hidden": torch.zeros(10)}
    cache.put("a", entry)
    cache.put("b", entry)
    cache.get("a")
    cache.put("c", entry)
    assert [cache.get(key) is not None for key in "abc"] == [True, False, True]
    assert (cache.hits, cache.misses, len(cache)) == (3, 1, 2)


def test_a_folder_outlives_the_memory_and_damage(tmp_path: Path) -> None:
    entry = {"hidden": torch.randn(3, 4, dtype=torch.bfloat16), "mask": torch.tensor([True, False, True])}
    EmbeddingCache(tmp_path).put("aabb", entry)
    found = EmbeddingCache(tmp_path, max_bytes=0).get("aabb")
    assert found is not None
    assert torch.equal(found["hidden"], entry["hidden"])
    assert torch.equal(found["mask"], entry["mask"])
    file = tmp_path / "aa" / "aabb.safetensors"
    file.write_bytes(file.read_bytes()[:20])
    assert EmbeddingCache(tmp_path).get("aabb") is None
    EmbeddingCache(tmp_path).put("aabb", entry)
    assert EmbeddingCache(tmp_path).get("aabb") is not None


@given(st.lists(st.tuples(st.text(), st.text(), st.integers(0, 3)), min_size=2, unique=True))
def test_keys_tell_everything_apart(cases: list[tuple[str, str, int]]) -> None:
    keys = {cache_key(encoder, text, {"layer": layer}) for encoder, text, layer in cases}
    assert len(keys) == len(cases)
