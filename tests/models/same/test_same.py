"""SAME: lengths, windows, overridden strides, gradients, and the rules of its options."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from narrows.configs import ConfigError, load_config
from narrows.models import create_decoder_from_config, create_encoder_from_config, create_model_from_config
from narrows.models.blocks.transformer.windows import attend
from narrows.models.inference import to_dtype

SMALL: dict[str, Any] = {
    "channels": 16,
    "c_mults": [1, 2],
    "strides": [2, 2],
    "transformer_depths": [1, 2],
    "latent_dim": 6,
    "dim_heads": 16,
}
VARIANTS: dict[str, dict[str, Any]] = {
    "chunks": {"chunk_size": 8},
    "shifted": {"chunk_size": 8, "chunk_midpoint_shift": True},
    "window": {"sliding_window": [1, 2]},
    "conformer": {"sliding_window": [1, 1], "conformer": True, "conv_mapping": True},
    "rms": {"chunk_size": 8, "dyt": False, "layer_scale": True, "differential": False},
}


def config(**options: Any) -> dict[str, Any]:
    """A small model file."""
    shared = {**SMALL, **options}
    return {
        "model_type": "autoencoder",
        "sample_rate": 16000,
        "model": {
            "encoder": {"type": "same", "config": {"in_channels": 8, **shared}},
            "decoder": {"type": "same", "config": {"out_channels": 8, **shared}},
            "bottleneck": {"type": "softnorm", "config": {"dim": 6}},
            "pretransform": {"type": "patched", "config": {"channels": 2, "patch_size": 4}},
            "latent_dim": 6,
            "downsampling_ratio": 16,
            "io_channels": 2,
        },
    }


def stirred(model: Any) -> Any:
    """Weights that are not zero anywhere, so that every branch counts."""
    torch.manual_seed(0)
    for parameter in model.parameters():
        parameter.data.add_(0.1 * torch.randn_like(parameter))
    return model.eval()


@settings(max_examples=40, deadline=None)
@given(length=st.integers(1, 300), left=st.integers(0, 90), right=st.integers(0, 90))
def test_windows_are_a_band_of_full_attention(length: int, left: int, right: int) -> None:
    q, k, v = torch.randn(3, 1, 2, length, 4)
    distance = torch.arange(length) - torch.arange(length)[:, None]
    band = (distance >= -left) & (distance <= right)
    want = F.scaled_dot_product_attention(q, k, v, attn_mask=band)
    torch.testing.assert_close(attend(q, k, v, window=(left, right)), want)


def test_windows_keep_gradients_finite_in_padded_blocks() -> None:
    q, k, v = (torch.randn(1, 1, 70, 4, requires_grad=True) for _ in range(3))
    attend(q, k, v, window=(3, 3)).sum().backward()
    assert all(torch.isfinite(x.grad).all() for x in (q, k, v) if x.grad is not None)


@pytest.mark.parametrize("name", VARIANTS)
def test_lengths_and_batches(name: str) -> None:
    model = stirred(create_model_from_config(config(**VARIANTS[name])))
    audio = torch.randn(3, 2, 128)
    latents = model.encode(audio)
    assert latents.shape == (3, 6, 8)
    torch.testing.assert_close(model.encode(audio[1:2]), latents[1:2], atol=1e-5, rtol=1e-4)
    assert model.decode(latents).shape == audio.shape


@pytest.mark.parametrize("name", VARIANTS)
def test_gradients_reach_every_parameter(name: str) -> None:
    model = stirred(create_model_from_config(config(**VARIANTS[name]))).train()
    model(torch.randn(2, 2, 64)).square().sum().backward()
    missing = [n for n, p in model.named_parameters() if p.requires_grad and p.grad is None and p.numel()]
    assert not missing


def test_half_precision() -> None:
    model = stirred(create_model_from_config(config(**VARIANTS["window"])))
    audio = torch.randn(1, 2, 64)
    want = model.encode(audio)
    got = to_dtype(model, torch.bfloat16, gradients=False).encode(audio.to(torch.bfloat16))
    assert got.dtype == torch.bfloat16
    torch.testing.assert_close(got.float(), want, atol=0.2, rtol=0.1)


@pytest.mark.slow
def test_compiles_without_graph_breaks() -> None:
    model = stirred(create_model_from_config(config(**VARIANTS["window"])))
    audio = torch.randn(1, 2, 64)
    with torch.inference_mode():
        latents = torch.compile(model.encode, fullgraph=True, backend="aot_eager")(audio)
        torch.testing.assert_close(latents, model.encode(audio), atol=1e-5, rtol=1e-4)
        decoded = torch.compile(model.decode, fullgraph=True, backend="aot_eager")(latents)
        torch.testing.assert_close(decoded, model.decode(latents), atol=1e-5, rtol=1e-4)


def test_checkpointing_changes_nothing() -> None:
    plain = stirred(create_model_from_config(config(chunk_size=8)))
    saving = create_model_from_config(config(chunk_size=8, checkpointing=True))
    saving.load_state_dict(plain.state_dict())
    audio = torch.randn(1, 2, 64)
    torch.testing.assert_close(saving.train()(audio), plain.train()(audio))


def test_noise_on_learned_tokens_follows_the_generator() -> None:
    model = stirred(create_model_from_config(config(chunk_size=8, mask_noise=0.5)))
    audio = torch.randn(1, 2, 64)
    first, again = (model.encode(audio, generator=torch.Generator().manual_seed(3)) for _ in range(2))
    other = model.encode(audio, generator=torch.Generator().manual_seed(4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_strides_are_overridden_only_where_allowed() -> None:
    options = {"sliding_window": [1, 1], "variable_stride": True}
    encoder = create_encoder_from_config({"type": "same", "config": {"in_channels": 8, **SMALL, **options}})
    decoder = create_decoder_from_config({"type": "same", "config": {"out_channels": 8, **SMALL, **options}})
    latents = encoder(torch.randn(1, 8, 24), override_stride=[3, 4])
    assert latents.shape == (1, 6, 2)
    assert decoder(latents, override_stride=[4, 3]).shape == (1, 8, 24)
    with pytest.raises(ValueError, match="one stride for each of the 2 stages"):
        encoder(torch.randn(1, 8, 24), override_stride=[3])
    fixed = create_encoder_from_config({"type": "same", "config": {"in_channels": 8, **SMALL, "chunk_size": 12}})
    with pytest.raises(ValueError, match="only with variable_stride"):
        fixed(torch.randn(1, 8, 24), override_stride=[3, 4])


def test_a_frozen_backbone_leaves_the_mappings() -> None:
    encoder = create_encoder_from_config({"type": "same", "config": {**SMALL, "freeze_backbone": True}})
    trained = {name.split(".")[2] for name, p in encoder.named_parameters() if p.requires_grad}
    assert trained == {"mapping"}


@pytest.mark.parametrize(
    ("options", "pointer"),
    [
        ({"strides": [4]}, "strides"),
        ({"transformer_depths": [0, 1]}, "strides/0"),
        ({"chunk_size": 9}, "chunk_size"),
        ({"dim_heads": 12}, "dim_heads"),
        ({"sliding_window": [1, 1], "chunk_midpoint_shift": True}, "chunk_midpoint_shift"),
        ({"causal": True}, "causal"),
    ],
)
def test_rules_name_what_does_not_fit(options: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(config(**options), "model")
    assert f"/model/encoder/config/{pointer}" in [problem.pointer for problem in caught.value.problems]
