"""Sounds of requests: seeds, lengths and prompts of each item, alone or together; audio while it is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from support import tiny_lm
from support.tiny_lm import PATTERNS, WIDTH, build, codes
from torch import Tensor, nn

from narrows.models import create_model_from_config
from narrows.models.lm.errors import LanguageModelError
from narrows.models.lm.model import LMGeneration


class Genres(nn.Module):
    """A conditioner: every metadata of the key `text` is three tokens."""

    def forward(self, metadata: Sequence[dict[str, Any]], device: torch.device) -> dict[str, tuple[Tensor, Tensor]]:
        rows = [torch.randn(3, WIDTH, generator=torch.Generator().manual_seed(item["text"])) for item in metadata]
        return {"text": (torch.stack(rows).to(device), torch.ones(len(rows), 3, device=device))}


def conditional(pattern: str = "delay") -> Any:
    model = build(pattern=PATTERNS[pattern], cross=True)
    model.conditioner = Genres()
    return model


@pytest.mark.parametrize("window", [None, 7])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_each_item_is_what_it_is_alone(pattern: str, window: int | None) -> None:
    """Other seeds, lengths and prompts beside it, in one batch or in several."""
    model = conditional(pattern)
    texts, seconds, seeds = [1, 2, 3, 4], [0.1, 0.06, 0.13, 0.1], [9, 5, 5, 7]
    asked: dict[str, Any] = {"cfg_scale": 2.0, "temperature": 1.1, "window": window}
    prompted = [{"text": text} for text in texts]
    for size in (None, 3):
        together = model.generate(prompted, seconds=seconds, seed=seeds, batch_size=size, return_info=True, **asked)
        assert [a.shape[-1] for a in together.audio] == [80, 48, 104, 80]
        for i, (length, seed) in enumerate(zip(seconds, seeds, strict=True)):
            alone = model.generate(prompted[i], seconds=length, seed=seed, return_info=True, **asked)
            assert torch.equal(alone.codes[0], together.codes[i])
            assert torch.equal(alone.audio[0], together.audio[i])


def test_sounds_come_batch_by_batch() -> None:
    model = conditional()
    asked: dict[str, Any] = {"seconds": [0.1, 0.06, 0.13], "seed": [9, 5, 6], "batch_size": 1}
    prompted = [{"text": text} for text in (1, 2, 3)]
    whole = model.generate(prompted, return_info=True, **asked)
    steps: list[int] = []
    made = model.generate(prompted, stream=True, on_step=lambda done, total: steps.append(done), **asked)
    first = next(made)
    so_far = len(steps)
    sounds = [first, *made]
    assert 0 < so_far < len(steps), "the first comes before the others are begun"
    assert [sound.index for sound in sounds] == [0, 1, 2]
    for sound, audio, codes_of in zip(sounds, whole.audio, whole.codes, strict=True):
        assert torch.equal(sound.audio, audio)
        assert torch.equal(sound.codes, codes_of)


def test_a_seed_counts_up() -> None:
    model = build()
    many = model.generate(seconds=0.05, seed=3, count=3, return_info=True)
    assert isinstance(many, LMGeneration)
    assert [request.seed for request in many.requests] == [3, 4, 5]
    single = model.generate(seconds=0.05, seed=5)
    assert isinstance(single, Tensor)
    assert torch.equal(single[0], many.audio[2])
    assert len({tuple(c.flatten().tolist()) for c in many.codes}) == 3
    state = torch.get_rng_state()
    first, second = (model.generate(seconds=0.05, return_info=True) for _ in range(2))
    assert first.requests[0].seed != second.requests[0].seed  # type: ignore[union-attr]
    assert torch.equal(state, torch.get_rng_state())


def test_count_repeats_each_item() -> None:
    model = conditional()
    made = model.generate([{"text": 1}, {"text": 2}], seconds=[0.05, 0.1], seed=1, count=2, return_info=True)
    assert [(r.conditions["text"], r.seconds, r.seed) for r in made.requests] == [
        (1, 0.05, 1),
        (1, 0.05, 2),
        (2, 0.1, 3),
        (2, 0.1, 4),
    ]


def test_shorter_sounds_are_padded() -> None:
    audio = conditional().generate([{"text": 1}, {"text": 2}], seconds=[0.05, 0.1], seed=1)
    assert audio.shape == (2, 1, 80)
    assert (audio[0, :, 40:] == 0).all()
    assert audio[1, :, 40:].any()


def test_prompts_are_continued() -> None:
    model = build()
    start = codes(1, 5)[0]
    made = model.generate(seconds=0.1, seed=1, count=2, prompt_codes=start, return_info=True)
    assert isinstance(made, LMGeneration)
    assert all(torch.equal(c[:, :5], start) for c in made.codes)
    audio = torch.randn(1, 43, generator=torch.Generator().manual_seed(0))
    tokens = model.tokenize(audio[None, :, :40])[0]
    made = model.generate(seconds=0.1, seed=1, prompt_audio=(audio, 800), return_info=True)
    assert isinstance(made, LMGeneration)
    assert torch.equal(made.codes[0][:, :5], tokens)
    two = model.generate(seconds=0.1, seed=1, prompt_codes=codes(2, 3), return_info=True)
    assert isinstance(two, LMGeneration)
    assert torch.equal(torch.stack(two.codes)[..., :3], codes(2, 3))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_audio_streams_to_what_is_decoded_at_once(pattern: str) -> None:
    model = build(pattern=PATTERNS[pattern])
    draws = [torch.Generator().manual_seed(1)]
    pieces = list(model.stream_audio(24, 1, generator=draws))
    whole = model.decode(model.generate_codes(24, 1, generator=[torch.Generator().manual_seed(1)]))
    torch.testing.assert_close(torch.cat(pieces, dim=-1), whole, atol=1e-5, rtol=1e-5)
    assert len(pieces) > 3 or not model.lm.pattern.is_streamable


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"seconds": 0.0}, "Item 0: seconds must be above 0"),
        ({"seconds": 0.1, "count": 0}, "count must be at least 1"),
        ({"seconds": [0.1, 0.2], "seed": [1, 2, 3]}, "seconds for 3 items"),
        ({"seconds": 0.1, "prompt_codes": codes(1, 2), "prompt_audio": (torch.zeros(1, 80), 800)}, "not both"),
        ({"seconds": 0.1, "prompt_audio": (torch.zeros(1, 3), 800)}, "shorter than a frame"),
        ({"seconds": 0.01, "prompt_codes": codes(1, 9)}, "The prompt has 9 frames"),
    ],
)
def test_wrong_requests(call: dict[str, Any], words: str) -> None:
    with pytest.raises(LanguageModelError, match=words):
        build().generate(**call)


def test_requests_are_read_strictly() -> None:
    torch.manual_seed(0)
    document = tiny_lm.config(cross=True)
    document["model"]["conditioning"]["configs"][0] = {
        "id": "text",
        "type": "list",
        "config": {"options": ["rock", "jazz"]},
    }
    document["model"]["conditioning"]["default_keys"] = {"text": "prompt"}
    model = create_model_from_config(document).eval()
    options: dict[str, Any] = {"seconds": 0.1, "seed": 1}
    assert torch.equal(model.generate("jazz", **options), model.generate({"text": "jazz"}, **options))
    assert len(model.generate(["jazz", "rock"], **options)) == 2
    for wrong in ({"text": "blues"}, {"txt": "jazz"}, {}):
        with pytest.raises(LanguageModelError, match="Item 1"):
            model.generate([{"text": "jazz"}, wrong], **options)
