"""Mimi streams frame by frame: what its transformer keeps stands for all the audio before."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tiny_models import shaken
from torch import Generator, Tensor

from narrows.models import create_model_from_config
from narrows.models.blocks import windowed_transformer
from narrows.models.blocks.windowed_transformer import WindowedTransformer

CLOSE = {"atol": 1e-5, "rtol": 1e-4}
SHARED = {"dimension": 8, "n_filters": 2, "depth": 2, "heads": 2, "ff_dim": 8, "window": 6, "layer_scale": 0.7}


@pytest.fixture(scope="module")
def model() -> Any:
    torch.manual_seed(0)
    quantizer = {"dim": 8, "codebook_dim": 4, "codebook_size": 8, "num_quantizers": 3, "kmeans_init": False}
    document = {
        "model_type": "autoencoder",
        "sample_rate": 8000,
        "model": {
            "encoder": {"type": "mimi", "config": SHARED | {"ratios": [2, 3, 2]}},
            "decoder": {"type": "mimi", "config": SHARED | {"ratios": [2, 3, 2]}},
            "bottleneck": {"type": "split_rvq", "config": quantizer},
            "latent_dim": 8,
            "downsampling_ratio": 12,
            "io_channels": 1,
        },
    }
    return shaken(create_model_from_config(document)).eval()


def sound(frames: int) -> Tensor:
    return torch.randn(2, 1, 12 * frames, generator=Generator().manual_seed(1))


@torch.no_grad()
def test_frames_come_one_by_one(model: Any) -> None:
    """Every frame of audio gives its latents at once, and every latent frame its audio, far beyond the window."""
    audio = sound(40)
    latents = model.encode(audio)
    decoded = model.decode(latents)
    assert decoded.shape == audio.shape
    blocks = list(model.encode_stream(torch.split(audio, 12, dim=-1)))
    assert [block.shape[-1] for block in blocks] == [1] * 40
    torch.testing.assert_close(torch.cat(blocks, dim=-1), latents, **CLOSE)
    sounds = list(model.decode_stream(torch.split(latents, 1, dim=-1)))
    assert [block.shape[-1] for block in sounds] == [12] * 40
    torch.testing.assert_close(torch.cat(sounds, dim=-1), decoded, **CLOSE)


@torch.no_grad()
def test_chunks_are_the_whole(model: Any) -> None:
    audio = sound(40)
    latents = model.encode(audio)
    torch.testing.assert_close(model.encode_audio(audio, 7), latents, **CLOSE)
    torch.testing.assert_close(model.decode_audio(latents, 7), model.decode(latents), **CLOSE)


@torch.no_grad()
def test_nothing_depends_on_later_audio(model: Any) -> None:
    audio = sound(20)
    other = audio.clone()
    other[..., 12 * 10 :] += 1
    latents, changed = model.encode(audio, skip_bottleneck=True), model.encode(other, skip_bottleneck=True)
    torch.testing.assert_close(latents[..., :10], changed[..., :10], atol=1e-6, rtol=1e-5)
    assert not torch.allclose(latents[..., 10], changed[..., 10])


@given(cuts=st.lists(st.integers(1, 9), min_size=1, max_size=8), window=st.integers(1, 12))
@settings(max_examples=25, deadline=None)
@torch.no_grad()
def test_a_transformer_goes_on_from_where_it_stopped(cuts: list[int], window: int) -> None:
    torch.manual_seed(0)
    network = WindowedTransformer(8, 2, 2, 8, window, 0.7).eval()
    x, state, parts = torch.randn(1, sum(cuts), 8), None, []
    for part in torch.split(x, cuts, dim=1):
        out, state = network.advance(part, state)
        parts.append(out)
    torch.testing.assert_close(torch.cat(parts, dim=1), network.advance(x, None)[0], **CLOSE)
    assert state is not None
    assert state.position == sum(cuts)
    assert all(keys.shape[2] == min(sum(cuts), window - 1) for keys, _ in state.kept)


@torch.no_grad()
def test_a_frame_sees_its_window_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windowed_transformer, "BLOCK", 5)
    torch.manual_seed(0)
    network = WindowedTransformer(8, 1, 2, 8, 4, 0.7).eval()
    x = torch.randn(1, 8, 20)
    other = x.clone()
    other[..., 8] = torch.randn(1, 8)  # a constant would be normalised away
    moved = (network(x) - network(other)).abs().amax(dim=1)[0] > 1e-6
    assert moved.nonzero().flatten().tolist() == [8, 9, 10, 11]


@torch.no_grad()
def test_the_two_quantizers_work_side_by_side(model: Any) -> None:
    bottleneck = model.bottleneck
    x = torch.randn(1, 8, 6, generator=Generator().manual_seed(3))
    latents, info = bottleneck.encode(x, return_info=True)
    tokens = bottleneck.tokens(info)
    semantic, acoustic = bottleneck.semantic, bottleneck.acoustic
    assert torch.equal(tokens[:, 1:], acoustic(x, None, None, None).codes)
    torch.testing.assert_close(latents, semantic.dequantize(tokens[:, :1]) + acoustic.dequantize(tokens[:, 1:]))
