"""The encoder and decoder with local attention."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support.tiny_models import shaken

from narrows.configs import load_config
from narrows.models import create_decoder_from_config, create_encoder_from_config
from narrows.models.decoders.local_attn import LocalAttnDecoder
from narrows.models.encoders.local_attn import LocalAttnEncoder

SMALL: dict[str, Any] = {"embed_dims": [16, 32], "heads": [2, 4], "depths": [2, 1], "ratios": [2, 3]}


def encoder(**options: Any) -> LocalAttnEncoder:
    torch.manual_seed(0)
    return shaken(LocalAttnEncoder(1, 3, **{**SMALL, "local_attn_window_size": 5, **options})).eval()  # type: ignore[return-value]


@torch.inference_mode()
def test_tokens_see_their_neighbourhood_only() -> None:
    network, x = encoder(), torch.randn(1, 1, 240)
    changed = torch.cat([x[..., :120], torch.randn(1, 1, 120)], dim=-1)
    difference = (network(changed) - network(x)).abs().amax(1)[0]
    assert difference[:15].max() == 0  # two windows of 2 samples to the right, then one of 2 tokens of 2 samples
    assert difference[20:].max() > 0.01


@torch.inference_mode()
@pytest.mark.parametrize("window", [None, 1, 5])
def test_causal_tokens_see_no_later_one(window: int | None) -> None:
    network, x = encoder(causal=True, local_attn_window_size=window), torch.randn(1, 1, 120)
    changed = torch.cat([x[..., :60], torch.randn(1, 1, 60)], dim=-1)
    torch.testing.assert_close(network(changed)[..., :10], network(x)[..., :10], atol=0, rtol=0)


@torch.inference_mode()
def test_windowed_logits_are_scaled_on_request_only() -> None:
    """The reference scales without a window only: a window over everything differs from none, unless scaled."""
    x = torch.randn(1, 1, 24)
    full = encoder(local_attn_window_size=None)(x)
    assert (encoder(local_attn_window_size=99)(x) - full).abs().max() > 1e-3
    scaled = encoder(local_attn_window_size=99, scale_attention=True)(x)
    torch.testing.assert_close(scaled, full, atol=1e-5, rtol=1e-4)


@torch.inference_mode()
def test_heads_may_be_narrow() -> None:
    """The reference rotates 32 features of a head and fails where a head has fewer, as in its own defaults."""
    narrow = LocalAttnEncoder(2, 4, depths=[0, 0, 0, 1])
    assert narrow(torch.randn(1, 2, 32)).shape == (1, 4, 2)
    odd = LocalAttnDecoder(4, 2, embed_dims=[9], heads=[3], depths=[1], ratios=[2])
    assert odd(torch.randn(1, 4, 5)).shape == (1, 2, 10)


def test_lengths_must_be_whole_frames() -> None:
    with pytest.raises(ValueError, match="pad the input to whole frames"):
        encoder()(torch.randn(1, 1, 25))


def test_conditions_that_do_not_exist_can_be_spelt_out() -> None:
    """X-2: every `local_attn` of the current stable-audio-tools fails to build."""
    none = {"cond_dim": 0, "cross_attn_cond_dim": 0}
    create_encoder_from_config({"type": "local_attn", "config": {"in_channels": 1, "out_channels": 3, **SMALL, **none}})
    create_decoder_from_config({"type": "local_attn", "config": {"in_channels": 3, "out_channels": 1, **SMALL, **none}})
    with pytest.raises(ValueError, match="cond_dim"):
        load_config({"type": "local_attn", "config": {"in_channels": 1, "out_channels": 3, "cond_dim": 8}}, "encoder")
