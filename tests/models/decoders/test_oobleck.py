"""Oobleck: anti-aliasing and lengths as in the reference, and the options that put them right."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from narrows.models.blocks.activations import AntiAliased
from narrows.models.decoders.oobleck import OobleckDecoder
from narrows.models.encoders.oobleck import OobleckEncoder

SMALL: dict[str, Any] = {"channels": 4, "latent_dim": 3, "c_mults": [1, 2], "strides": [2, 4]}


def antialiased(network: torch.nn.Module) -> int:
    return sum(isinstance(module, AntiAliased) for module in network.modules())


def test_antialiasing_reaches_what_it_reaches_in_the_reference() -> None:
    """Q-23: the option does not reach the encoder's blocks, nor any residual unit; trained weights depend on it."""
    assert antialiased(OobleckEncoder(1, **SMALL)) == 0
    assert antialiased(OobleckEncoder(1, **SMALL, antialias_activation=True)) == 1
    assert antialiased(OobleckDecoder(1, **SMALL, antialias_activation=True)) == 3


def test_antialiasing_the_blocks_on_request() -> None:
    assert antialiased(OobleckEncoder(1, **SMALL, antialias_activation=True, antialias_blocks=True)) == 15


@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.integers(2, 5), st.booleans())
def test_exact_length(strides: list[int], frames: int, nearest: bool) -> None:
    ratio = int(torch.tensor(strides).prod())
    lists = {"channels": 2, "latent_dim": 3, "c_mults": [1] * len(strides), "strides": strides}
    latents = OobleckEncoder(1, **lists, exact_length=True)(torch.randn(1, 1, frames * ratio))
    assert latents.shape[-1] == frames
    decoder = OobleckDecoder(1, **lists, exact_length=True, use_nearest_upsample=nearest)
    assert decoder(latents).shape[-1] == frames * ratio


@pytest.mark.parametrize(("strides", "length"), [([3], 14), ([1], 4), ([2], 10), ([3, 5], 71)])
def test_lengths_of_the_reference(strides: list[int], length: int) -> None:
    """N-4: each stage of an odd stride loses a sample."""
    decoder = OobleckDecoder(1, channels=2, latent_dim=3, c_mults=[1] * len(strides), strides=strides)
    assert decoder(torch.randn(1, 3, 5)).shape[-1] == length


def test_nearest_upsampling_and_the_final_tanh_are_options() -> None:
    z = 100 * torch.randn(1, 3, 8)
    assert OobleckDecoder(1, **SMALL)(z).abs().max() <= 1
    assert OobleckDecoder(1, **SMALL, final_tanh=False)(z).abs().max() > 1
    nearest = OobleckDecoder(1, **SMALL, use_nearest_upsample=True)
    assert not any(isinstance(module, torch.nn.ConvTranspose1d) for module in nearest.modules())


@pytest.mark.parametrize("network", [OobleckEncoder, OobleckDecoder])
def test_weights_of_a_seed_are_drawn_in_the_order_of_the_signal(network: type[torch.nn.Module]) -> None:
    """As in the reference, so that a seed gives its first weights."""
    torch.manual_seed(0)
    layers = [m for m in network(2, **SMALL).modules() if isinstance(m, torch.nn.Conv1d | torch.nn.ConvTranspose1d)]
    torch.manual_seed(0)
    for layer in layers:
        kind = torch.nn.Conv1d if isinstance(layer, torch.nn.Conv1d) else torch.nn.ConvTranspose1d
        sizes = layer.in_channels, layer.out_channels, layer.kernel_size
        drawn = kind(*sizes, bias=layer.bias is not None).weight
        assert torch.equal(layer.parametrizations.weight.original1, drawn)
