"""Codecs that work in pieces: every piece alone, faded into the next, its scale kept without loss."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Generator, Tensor

from narrows.models import create_model_from_config
from narrows.models.autoencoders.pieces import PieceDecoder, _digits, _from_digits, _to_digits

SEANET = {"channels": 2, "dimension": 4, "n_filters": 2, "norm": "time_group_norm", "lstm": 1}
HOP, LENGTH = 60, 76


def codec(bottleneck: dict[str, Any], normalize: bool = True) -> Any:
    torch.manual_seed(0)
    document = {
        "model_type": "autoencoder",
        "sample_rate": 8000,
        "model": {
            "encoder": {"type": "seanet", "config": SEANET | {"ratios": [2, 4]}},
            "decoder": {"type": "seanet", "config": SEANET | {"ratios": [4, 2]}},
            "bottleneck": bottleneck,
            "latent_dim": 4,
            "downsampling_ratio": 8,
            "io_channels": 2,
            "pieces": {"length": LENGTH, "hop": HOP, "normalize": normalize},
        },
    }
    return create_model_from_config(document)


RVQ = {"type": "rvq", "config": {"dim": 4, "codebook_size": 24, "num_quantizers": 3, "kmeans_init": False}}
TANH = {"type": "tanh"}


def sound(samples: int) -> Tensor:
    noise = torch.randn(2, 2, samples, generator=Generator().manual_seed(1))
    return noise * torch.linspace(0.01, 1, samples)


@pytest.mark.parametrize("bottleneck", [RVQ, TANH], ids=["rvq", "tanh"])
@pytest.mark.parametrize("normalize", [False, True])
def test_chunks_and_streams_are_the_whole(bottleneck: dict[str, Any], normalize: bool) -> None:
    model, audio = codec(bottleneck, normalize), sound(7 * HOP)
    assert model.encode_field().exact
    assert model.decode_field().exact
    with torch.no_grad():
        latents = model.encode(audio)
        assert latents.shape == (2, model.latent_dim, 7)
        assert model.latent_dim == 4 * 10 + normalize
        decoded = model.decode(latents)
        assert decoded.shape == audio.shape
        close = {"atol": 1e-5, "rtol": 1e-4}
        torch.testing.assert_close(model.encode_audio(audio, 2), latents, **close)
        torch.testing.assert_close(model.decode_audio(latents, 3), decoded, **close)
        blocks = torch.split(audio, 47, dim=-1)
        torch.testing.assert_close(torch.cat(list(model.encode_stream(blocks)), dim=-1), latents, **close)
        streamed = model.decode_stream(torch.split(latents, 2, dim=-1))
        torch.testing.assert_close(torch.cat(list(streamed), dim=-1), decoded, **close)


def test_tokens_hold_everything_and_loudness_is_no_matter_of_the_codes() -> None:
    model, audio = codec(RVQ), sound(3 * HOP)
    with torch.no_grad():
        latents, info = model.encode(audio, return_info=True)
        tokens = model.bottleneck.tokens(info)
        assert tokens.shape == (2, model.bottleneck.num_quantizers, 3)
        assert torch.equal(model.bottleneck.dequantize(tokens), latents)
        louder = model.bottleneck.tokens(model.encode(4 * audio, return_info=True)[1])
        digits = model.bottleneck.digits
        assert torch.equal(louder[:, digits:], tokens[:, digits:])
        assert not torch.equal(louder[:, :digits], tokens[:, :digits])
        torch.testing.assert_close(model.decode_tokens(louder), 4 * model.decode_tokens(tokens), atol=1e-5, rtol=1e-4)


@given(
    numbers=st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=8),
    base=st.integers(2, 70000),
)
@settings(max_examples=50, deadline=None)
def test_the_digits_of_a_number_give_it_back(numbers: list[float], base: int) -> None:
    scale = torch.tensor(numbers)[:, None]
    digits = _to_digits(scale, _digits(base), base)
    assert 0 <= int(digits.min()) <= int(digits.max()) < base
    assert torch.equal(_from_digits(digits, base), scale)


@given(st.lists(st.integers(0, 1023), min_size=4, max_size=4))
@settings(max_examples=50, deadline=None)
def test_any_digits_give_a_finite_number(digits: list[int]) -> None:
    assert _from_digits(torch.tensor([digits]), 1024).isfinite().all()


def test_equal_pieces_are_faded_without_a_seam() -> None:
    decoder = PieceDecoder(torch.nn.Identity(), frames=LENGTH, length=LENGTH, hop=HOP)
    torch.testing.assert_close(decoder(torch.ones(1, 3 * LENGTH, 5)), torch.ones(1, 3, 5 * HOP))
