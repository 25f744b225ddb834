"""Codebook patterns: recorded layouts, the way there and back, and that tokens are predicted from earlier ones."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.goldens import golden_ids, load_golden

from narrows.configs import ConfigError
from narrows.models.lm.patterns import Pattern, create_pattern


@pytest.mark.parametrize("name", golden_ids("lm", "pattern"))
def test_recorded_layouts(name: str) -> None:
    golden = load_golden("lm", name)
    options, params = dict(golden.meta["config"]["config"]), golden.meta["params"]
    codebooks = options.pop("n_q")
    pattern = create_pattern({"type": golden.meta["config"]["pattern"], **options}, codebooks)
    layout, said = pattern.layout(params["timesteps"]), golden.meta["json_outputs"]
    assert [[list(place) for place in step] for step in layout.steps] == said["layout"]
    assert (len(layout) - 1, layout.max_delay) == (said["num_sequence_steps"], said["max_delay"])
    assert {str(t): layout.first_step(t) for t in range(layout.length)} == said["first_steps"]
    for kind, valid in (("all", False), ("valid", True)):
        sequence, indexes, mask = layout.build(golden.inputs["codes"], params["cardinality"], valid_only=valid)
        back, back_indexes, back_mask = layout.revert(sequence, -1, valid_only=valid)
        b, k, s = sequence.shape
        logits = torch.arange(b * 5 * k * s, dtype=torch.float32).reshape(b, 5, k, s)
        aligned, logits_indexes, logits_mask = layout.revert_logits(logits, float("nan"), valid_only=valid)
        got = {
            "sequence": sequence,
            "indexes": indexes,
            "mask": mask,
            "reverted": back,
            "reverted_indexes": back_indexes,
            "reverted_mask": back_mask,
            "reverted_logits": aligned,
            "logits_indexes": logits_indexes,
            "logits_mask": logits_mask,
        }
        for key, value in got.items():
            golden.assert_close(f"{kind}.{key}", value)


@st.composite
def patterns(draw: st.DrawFn) -> tuple[Pattern, int]:
    """A pattern with options, and a number of frames."""
    count = draw(st.integers(1, 9))
    kind = draw(st.sampled_from(["parallel", "delay", "unroll", "musiclm", "coarse_first"]))
    options: dict[str, Any] = {"type": kind}

    def rising(length: int) -> list[int]:
        return sorted(draw(st.lists(st.integers(0, 4), min_size=length, max_size=length)))

    if kind == "parallel":
        options["empty_initial"] = draw(st.integers(0, 3))
    elif kind == "delay":
        options |= {"delays": draw(st.none() | st.just(rising(count)))}
        options |= {"flatten_first": draw(st.integers(0, 5)), "empty_initial": draw(st.integers(0, 3))}
    elif kind == "unroll":
        options["flattening"] = rising(count)
        late = rising(5)
        options["delays"] = draw(st.none() | st.just([late[step] for step in options["flattening"]]))
    elif kind == "musiclm":
        options["group_by"] = draw(st.sampled_from([n for n in range(1, count + 1) if count % n == 0]))
    else:
        count += 1
        options["delays"] = draw(st.none() | st.just(rising(count - 1)))
    return create_pattern(options, count), draw(st.integers(1, 40))


@settings(deadline=None, max_examples=150)
@given(patterns())
def test_there_and_back(case: tuple[Pattern, int]) -> None:
    pattern, frames = case
    layout = pattern.layout(frames)
    codes = torch.arange(2 * pattern.codebooks * frames).reshape(2, pattern.codebooks, frames)
    sequence, _, mask = layout.build(codes, special=-1)
    assert int(mask.sum()) == pattern.codebooks * frames
    assert not mask[:, 0].any()
    assert torch.equal(layout.revert(sequence, -2)[0], codes)
    assert layout.revert_logits(sequence[:, None].float(), 0.0)[2].all()


@settings(deadline=None, max_examples=100)
@given(patterns())
def test_logits_belong_to_the_step_before(case: tuple[Pattern, int]) -> None:
    """What is aligned with a token was said at the step in front of it, which does not hold the token."""
    pattern, frames = case
    layout = pattern.layout(frames)
    steps = torch.arange(len(layout), dtype=torch.float32).expand(1, 1, pattern.codebooks, -1)
    said_at = layout.revert_logits(steps, -1.0)[0][0, 0].long()
    for codebook in range(pattern.codebooks):
        for frame in range(frames):
            assert int(layout.frames[said_at[codebook, frame] + 1, codebook]) == frame


@settings(deadline=None, max_examples=100)
@given(patterns())
def test_frames_are_complete_at_their_last_step(case: tuple[Pattern, int]) -> None:
    pattern, frames = case
    layout = pattern.layout(frames)
    last = layout.last_steps()
    assert [max(s for s, held in enumerate(layout.steps) if t in dict(held)) for t in range(frames)] == last.tolist()
    if pattern.is_streamable and frames > 20:
        assert int(last[0]) < len(layout) // 2


@pytest.mark.parametrize(
    ("config", "codebooks", "words"),
    [
        ({"type": "delay", "delays": [0, 1]}, 3, "2 delays, but there must be 3"),
        ({"type": "delay", "delays": [0, 2, 1]}, 3, "must not fall"),
        ({"type": "coarse_first"}, 1, "at least 2 codebooks"),
        ({"type": "coarse_first", "delays": [0, 1, 2]}, 3, "there must be 2"),
        ({"type": "unroll", "flattening": [0, 1, 1], "delays": [0, 1, 2]}, 3, "one delay"),
        ({"type": "musiclm", "group_by": 3}, 4, "multiple of 3"),
        ({"type": "zigzag"}, 3, "zigzag"),
    ],
)
def test_wrong_patterns(config: dict[str, Any], codebooks: int, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        create_pattern(config, codebooks)


def test_codes_of_another_shape_are_refused() -> None:
    layout = create_pattern("delay", 3).layout(4)
    with pytest.raises(ValueError, match="for 3 codebooks, got 2"):
        layout.build(torch.zeros(1, 2, 4, dtype=torch.long), 10)
    with pytest.raises(ValueError, match="has 4 frames, got 5"):
        layout.build(torch.zeros(1, 3, 5, dtype=torch.long), 10)
    with pytest.raises(ValueError, match="at least one frame"):
        create_pattern("delay", 3).layout(0)
