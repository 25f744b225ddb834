"""The transformer autoencoder of stable-audio-tools."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tiny_models import shaken

from narrows.models.blocks.transformer import TransformerBlock
from narrows.models.decoders.taae import TaaeDecoder
from narrows.models.encoders.taae import TaaeEncoder
from narrows.models.inference import to_dtype

SMALL: dict[str, Any] = {"channels": 8, "latent_dim": 3, "c_mults": [1, 2], "strides": [2, 4]}


def encoder(**options: Any) -> TaaeEncoder:
    torch.manual_seed(0)
    return shaken(TaaeEncoder(1, **{**SMALL, "transformer_depths": [1, 1], **options})).eval()  # type: ignore[return-value]


def decoder(**options: Any) -> TaaeDecoder:
    torch.manual_seed(0)
    return shaken(TaaeDecoder(1, **{**SMALL, "transformer_depths": [1, 1], **options})).eval()  # type: ignore[return-value]


@torch.inference_mode()
def test_the_sliding_window_holds() -> None:
    """Q-21: without flash-attn, the reference drops the window. What is out of reach must have no effect."""
    network, x = encoder(sliding_window=[3, 4]), torch.randn(1, 1, 1600)
    changed = x.clone()
    changed[..., 800:] = torch.randn(800)
    windowed = (network(changed) - network(x)).abs().amax(1)[0]
    reach = 20  # frames of 8 samples: 4 + 1 of the last window, 4 / 4 of the first, a few of the convolutions
    assert windowed[: 100 - reach].max() == 0
    assert windowed[100:].max() > 0.01
    full = encoder(sliding_window=None)
    assert (full(changed) - full(x)).abs()[..., : 100 - reach].max() > 1e-4


@torch.inference_mode()
def test_a_window_as_long_as_the_clip_changes_nothing() -> None:
    x = torch.randn(2, 1, 64)
    torch.testing.assert_close(encoder(sliding_window=[31, 31])(x), encoder(sliding_window=None)(x))


@torch.inference_mode()
def test_snake_fits_widths_that_differ() -> None:
    """X-22: the reference makes the decoder's Snake as wide as the output, which fails here."""
    assert decoder(use_snake=True, c_mults=[1, 3])(torch.randn(1, 3, 6)).shape == (1, 1, 48)


@settings(max_examples=20)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.integers(2, 5))
def test_lengths(strides: list[int], frames: int) -> None:
    """N-4: odd strides lose a sample each on the way up, unless lengths shall be exact; stride 1 does nothing."""
    ratio = int(torch.tensor(strides).prod())
    lists = {"c_mults": [1] * len(strides), "strides": strides, "transformer_depths": [0] * len(strides)}
    latents = encoder(**lists)(torch.randn(1, 1, frames * ratio))
    assert latents.shape[-1] == frames
    length = frames
    for stride in reversed(strides):
        length = length * stride - (stride % 2 if stride > 1 else 0)
    assert decoder(**lists)(latents).shape[-1] == length
    assert decoder(**lists, exact_length=True)(latents).shape[-1] == frames * ratio


def test_checkpointing_changes_no_gradient() -> None:
    x = torch.randn(1, 1, 64)
    gradients = []
    for checkpointing in (False, True):
        network = encoder(checkpointing=checkpointing, use_dilated_conv=True).train()
        network(x).square().sum().backward()
        gradients.append([p.grad for p in network.parameters()])
    torch.testing.assert_close(gradients[0], gradients[1])


def test_layer_scale_starts_near_the_identity_and_without_it_at_the_identity() -> None:
    x = torch.randn(2, 5, 8)
    for layer_scale, tolerance in ((True, 1e-3), (False, 0.0)):
        network = TaaeEncoder(1, **SMALL, transformer_depths=[1, 1], layer_scale=layer_scale)
        block = next(m for m in network.modules() if isinstance(m, TransformerBlock))
        torch.testing.assert_close(block(x), x, atol=tolerance, rtol=0)


@pytest.mark.parametrize("options", [{"conformer": True}, {"use_dilated_conv": True}, {"use_snake": True}])
def test_options_add_parameters(options: dict[str, bool]) -> None:
    for build in (encoder, decoder):
        assert set(build(**options).state_dict()) > set(build().state_dict()) or options == {"use_dilated_conv": True}
        assert len(build(**options).state_dict()) > len(build().state_dict())


def test_wide_stages_have_heads_of_128() -> None:
    network = TaaeEncoder(1, channels=128, latent_dim=2, c_mults=[1, 3], strides=[2, 2], transformer_depths=[1, 1])
    heads = [m.self_attn.num_heads for m in network.modules() if isinstance(m, TransformerBlock)]
    assert heads == [1, 3]
    with pytest.raises(ValueError, match="multiple"):
        TaaeEncoder(1, channels=96, latent_dim=2, c_mults=[1, 2], strides=[2, 2], transformer_depths=[1, 1])


def test_a_stage_of_stride_1_keeps_its_width() -> None:
    with pytest.raises(ValueError, match="keeps its width"):
        encoder(strides=[2, 1])


def test_names_are_those_of_the_reference() -> None:
    names = set(encoder().state_dict())
    assert {"layers.1.layers.2.1.self_attn.to_out.weight", "layers.1.layers.2.1.rope.inv_freq"} <= names
    assert "layers.1.layers.0.1.ff.ff.0.proj.weight" in decoder().state_dict()


@torch.inference_mode()
def test_bfloat16_keeps_positions_apart() -> None:
    """Rotary angles are computed in float32, or late positions would blur."""
    network = encoder(sliding_window=[3, 4])
    x = torch.randn(1, 1, 8192)
    wanted, half = network(x), to_dtype(copy.deepcopy(network), torch.bfloat16, gradients=False)(x.bfloat16()).float()
    late = slice(-256, None)
    assert (half - wanted)[..., late].norm() < 0.05 * wanted[..., late].norm()
