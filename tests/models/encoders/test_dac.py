"""The Descript Audio Codec's encoder and decoder."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from narrows.models.decoders.dac import DacDecoder
from narrows.models.encoders.dac import DacEncoder

rates = st.lists(st.integers(1, 5), min_size=1, max_size=3)


@given(rates, st.integers(1, 6))
def test_lengths_are_those_of_the_reference(strides: list[int], frames: int) -> None:
    """N-4: a stage of odd stride gives a sample less on the way up, one of stride 1 a frame more on the way down."""
    length = frames * torch.tensor(strides).prod().item()
    down = length
    for stride in strides:
        down = (down + stride % 2) // stride
    encoder = DacEncoder(1, 3, 2, strides)
    latents = encoder(torch.randn(1, 1, length))
    assert latents.shape[-1] == down
    up = down
    for stride in reversed(strides):
        up = up * stride - stride % 2
    if up > 0:
        decoder = DacDecoder(1, 3, 2 ** len(strides), strides[::-1])
        assert decoder(latents).shape[-1] == up


@given(rates, st.integers(1, 6))
def test_exact_length(strides: list[int], frames: int) -> None:
    length = frames * torch.tensor(strides).prod().item()
    latents = DacEncoder(1, 3, 2, strides, exact_length=True)(torch.randn(1, 1, length))
    assert latents.shape[-1] == frames
    decoder = DacDecoder(1, 3, 2 ** len(strides), strides[::-1], exact_length=True)
    assert decoder(latents).shape[-1] == length


def test_without_a_projection_the_last_width_remains() -> None:
    assert DacEncoder(1, None, 3, (2, 2))(torch.randn(1, 1, 16)).shape == (1, 12, 4)


def test_names_are_those_of_the_reference() -> None:
    names = set(DacEncoder(2, 5, 4, (2,)).state_dict()) | set(DacDecoder(2, 5, 8, (2,)).state_dict())
    expected = {
        "encoder.block.0.bias",
        "encoder.block.1.block.0.block.0.alpha",
        "encoder.block.1.block.4.bias",
        "encoder.block.2.alpha",
        "proj_out.weight",
        "decoder.model.0.bias",
        "decoder.model.1.block.1.bias",
        "decoder.model.1.block.4.block.3.bias",
        "decoder.model.3.bias",
    }
    assert expected <= names


def test_a_decoder_needs_a_channel_a_stage() -> None:
    with pytest.raises(ValueError, match="at least 8"):
        DacDecoder(1, 4, 6, (2, 2, 2))


def test_the_output_is_squashed() -> None:
    decoder = DacDecoder(1, 4, 8, (2, 2))
    assert decoder(100 * torch.randn(1, 4, 8)).abs().max() <= 1
