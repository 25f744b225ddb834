"""Chunks of any size give the result of the whole clip, for every pair that can."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.chunkable_models import MODELS, build, build_from, oobleck
from torch import Tensor

from narrows.models.streaming import chunking_report

CHUNKS = (1, 2, 3, 5, 7, 11, 13, 17, 31, 1000)
LENGTHS = (1, 613)


def relative(got: Tensor, want: Tensor) -> float:
    assert got.shape == want.shape
    return float((got - want).abs().max() / want.abs().max())


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest) -> Any:
    return build(request.param)


@pytest.mark.parametrize("length", LENGTHS)
@torch.inference_mode()
def test_chunks_give_the_whole(model: Any, length: int) -> None:
    length = max(length, model.shortest)
    audio = torch.randn(2, model.in_channels, length, generator=torch.Generator().manual_seed(length))
    whole = model.encode_audio(audio)
    latents = torch.randn(whole.shape, generator=torch.Generator().manual_seed(1))
    decoded = model.decode_audio(latents)
    for chunk in CHUNKS:
        assert relative(model.encode_audio(audio, chunk), whole) < 1e-5, chunk
        assert relative(model.decode_audio(latents, chunk), decoded) < 1e-5, chunk


@pytest.mark.parametrize("block", [101, 5000])
@torch.inference_mode()
def test_streams_give_the_whole(model: Any, block: int) -> None:
    audio = torch.randn(2, model.in_channels, max(601, model.shortest), generator=torch.Generator().manual_seed(3))
    whole = model.encode_audio(audio)
    streamed = torch.cat(list(model.encode_stream(audio.split(block, dim=-1))), dim=-1)
    assert relative(streamed, whole) < 1e-5
    decoded = model.decode_audio(whole)
    frames = whole.split(max(1, block // model.downsampling_ratio), dim=-1)
    assert relative(torch.cat(list(model.decode_stream(frames)), dim=-1), decoded) < 1e-5


def test_the_model_is_known_to_be_exact(model: Any) -> None:
    report = chunking_report(model)
    assert report.exact
    assert report.latency is not None
    assert not report.obstacles


@torch.inference_mode()
def test_clips_of_a_padded_batch_get_their_own_result(model: Any) -> None:
    lengths = [max(n, model.shortest) for n in (1203, 390, 777)]
    audio = torch.randn(3, model.in_channels, max(lengths), generator=torch.Generator().manual_seed(5))
    latents = model.encode_audio(audio, 4, lengths=lengths)
    decoded = model.decode_audio(latents, 4, lengths=torch.tensor(lengths))
    assert decoded.shape[-1] == max(lengths)
    for row, length in enumerate(lengths):
        alone = model.encode_audio(audio[row : row + 1, :, :length])
        assert relative(latents[row : row + 1, :, : alone.shape[-1]], alone) < 1e-5
        assert not latents[row, :, alone.shape[-1] :].any()
        frames = -(-length // model.downsampling_ratio)
        sound = model.decode_audio(alone[..., :frames])[..., :length]
        assert relative(decoded[row : row + 1, :, : sound.shape[-1]], sound) < 1e-5
        assert not decoded[row, :, length:].any()


@settings(deadline=None, max_examples=10)
@given(lengths=st.lists(st.integers(1, 900), min_size=2, max_size=4), seed=st.integers(0, 99))
def test_tokens_of_a_clip_do_not_depend_on_its_fellows(lengths: list[int], seed: int) -> None:
    model = _fsq()
    clips = [torch.rand(2, n, generator=torch.Generator().manual_seed(seed + n)) - 0.5 for n in lengths]
    batch = torch.stack([torch.nn.functional.pad(clip, (0, max(lengths) - clip.shape[-1])) for clip in clips])
    with torch.inference_mode():
        latents, info = model.encode_audio(batch, lengths=lengths, return_info=True)
        tokens, audio = model.bottleneck.tokens(info), model.decode_audio(latents, lengths=lengths)
        for row, clip in enumerate(clips):
            alone, own = model.encode_audio(clip[None], return_info=True)
            frames = alone.shape[-1]
            assert torch.equal(tokens[row, :, :frames], model.bottleneck.tokens(own)[0])
            sound = model.decode_audio(alone)[0, :, : lengths[row]]
            # The decoder's odd strides lose some samples at the end, alone as in the batch.
            torch.testing.assert_close(audio[row, :, : sound.shape[-1]], sound, atol=1e-5, rtol=0)


@cache
def _fsq() -> Any:
    document = oobleck()
    document["bottleneck"] = {"type": "fsq", "config": {"levels": [5] * 8}}
    return build_from(document)
