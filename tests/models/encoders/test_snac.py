"""SNAC: attention in windows, noise by request, and codes of several rates in chunks and streams."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support.tiny_models import shaken
from torch import Generator, Tensor

from narrows.models import create_model_from_config
from narrows.models.inference import prepare_for_inference


def codec(window: int | None = None, fold: int = 4) -> Any:
    torch.manual_seed(0)
    shared = {"attn_window_size": window, "fold": fold}
    document = {
        "model_type": "autoencoder",
        "sample_rate": 8000,
        "model": {
            "encoder": {"type": "snac", "config": {"d_model": 16, "strides": [2, 3], **shared}},
            "decoder": {"type": "snac", "config": {"latent_dim": 64, "channels": 64, "rates": [3, 2], **shared}},
            "bottleneck": {
                "type": "snac_rvq",
                "config": {"input_dim": 64, "codebook_size": 8, "strides": [4, 2, 1], "fold": fold},
            },
            "latent_dim": 64 * fold,
            "downsampling_ratio": 6 * fold,
            "io_channels": 1,
        },
    }
    return shaken(create_model_from_config(document)).eval()


def sound(model: Any, frames: int) -> Tensor:
    return torch.randn(2, 1, frames * model.downsampling_ratio, generator=Generator().manual_seed(1))


@pytest.mark.parametrize(("window", "fold"), [(None, 4), (4, 8)])
def test_chunks_and_streams_are_the_whole(window: int | None, fold: int) -> None:
    model = codec(window, fold)
    audio, close = sound(model, 12), {"atol": 1e-4, "rtol": 1e-4}
    with torch.no_grad():
        latents, info = model.encode(audio, return_info=True)
        tokens = model.bottleneck.tokens(info)
        assert tokens.shape == (2, fold // 4 * 7, 12)
        torch.testing.assert_close(model.bottleneck.dequantize(tokens), latents, **close)
        decoded = model.decode(latents)
        torch.testing.assert_close(model.encode_audio(audio, 5), latents, **close)
        torch.testing.assert_close(model.decode_audio(latents, 5), decoded, **close)
        blocks = torch.split(audio, 41, dim=-1)
        torch.testing.assert_close(torch.cat(list(model.encode_stream(blocks)), dim=-1), latents, **close)
        streamed = model.decode_stream(torch.split(latents, 3, dim=-1))
        torch.testing.assert_close(torch.cat(list(streamed), dim=-1), decoded, **close)


def test_a_stage_codes_the_mean_of_its_frames() -> None:
    model = codec()
    x = torch.randn(1, 256, 3, generator=Generator().manual_seed(2))
    constant = x.reshape(1, 64, 4, 3).mean(dim=2, keepdim=True).expand(-1, -1, 4, -1).reshape(1, 256, 3)
    first, other = (model.bottleneck.encode(given, return_info=True)[1]["codes"] for given in (x, constant))
    assert torch.equal(first[:, 0], other[:, 0])
    assert not torch.equal(first[:, 3:], other[:, 3:])


def test_noise_is_drawn_by_request_only() -> None:
    model = codec()
    with torch.no_grad():
        latents = model.encode(sound(model, 3))
        still = model.decode(latents)
        first, second, other = (model.decode(latents, noise_generator=Generator().manual_seed(s)) for s in (1, 1, 2))
        assert torch.equal(first, second)
        assert not torch.equal(first, other)
        assert not torch.equal(first, still)
        assert torch.equal(model.decode(latents), still)
        with pytest.raises(ValueError, match="noise_generator changes what a chunk is"):
            model.decode_audio(latents, 2, noise_generator=Generator())
        model.train()
        assert not torch.equal(model.decode(latents), model.decode(latents))


def test_prepared_it_computes_the_same() -> None:
    model = codec(4, 8)
    audio = sound(model, 6)
    with torch.no_grad():
        want = model(audio)
        prepare_for_inference(model)
        torch.testing.assert_close(model(audio), want, atol=1e-4, rtol=1e-4)
