"""Diffusion autoencoders and backbones: what they promise beside parity."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from narrows.configs import ADP1dConfig, ConfigError, DAU1dConfig, DiTConfig, load_config
from narrows.models import create_diffAE_from_config, create_model_from_config
from narrows.models.diffusion.backbones import Backbone, adp_1d, build_backbone, dau1d, dit
from narrows.models.diffusion.samplers import sample
from narrows.models.streaming import NotExactError

REGISTERED = (adp_1d, dau1d, dit)  # importing them registers their builders

BACKBONES: dict[str, dict[str, Any]] = {
    "dit": {"embed_dim": 32, "depth": 1, "num_heads": 1, "input_concat_dim": 3, "io_channels": 1},
    "adp_1d": {
        "in_channels": 1,
        "channels": 8,
        "multipliers": [1, 2],
        "factors": [2],
        "num_blocks": [1],
        "attentions": [0, 0],
        "resnet_groups": 4,
        "context_channels": [3],
    },
    "DAU1d": {"io_channels": 1, "depth": 2, "n_attn_layers": 0, "channels": [8, 8], "strides": [2], "cond_dim": 3},
}


def config(kind: str = "adp_1d", **model: Any) -> dict[str, Any]:
    """A small model file."""
    options = {**BACKBONES[kind], **({"diffusion_objective": "v"} if kind == "dit" else {})}
    encoder = {"in_channels": 1, "channels": 4, "c_mults": [1, 2], "strides": [2, 2], "latent_dim": 3}
    return {
        "model_type": "diffusion_autoencoder",
        "sample_rate": 16000,
        "model": {
            "encoder": {"type": "oobleck", "config": encoder},
            "diffusion": {"type": kind, "config": options},
            "latent_dim": 3,
            "downsampling_ratio": 4,
            "io_channels": 1,
            **model,
        },
    }


def backbone(kind: str, **options: Any) -> Backbone:
    cls = {"dit": DiTConfig, "adp_1d": ADP1dConfig, "DAU1d": DAU1dConfig}[kind]
    return build_backbone(cls(type=kind, config={**BACKBONES[kind], **options}))


@pytest.mark.parametrize("kind", BACKBONES)
def test_decoding_is_seeded_and_items_are_independent(kind: str) -> None:
    model = create_diffAE_from_config(config(kind)).eval()
    latents, noise = torch.randn(2, 3, 8), torch.randn(2, 1, 32)
    with torch.inference_mode():
        first, again = (model.decode(latents, steps=3, generator=torch.Generator().manual_seed(1)) for _ in range(2))
        both = model.decode(latents, steps=3, noise=noise)
        single = model.decode(latents[1:], steps=3, noise=noise[1:])
        one_by_one = model.decode(latents, steps=3, noise=noise, iterate_batch=True)
    assert torch.equal(first, again)
    assert first.shape == (2, 1, 32)
    torch.testing.assert_close(both[1:], single, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(both, one_by_one, atol=1e-5, rtol=1e-4)


def test_a_decoder_maps_the_latents_once() -> None:
    """The reference calls itself for ever where there is a decoder."""
    decoder = {"out_channels": 3, "channels": 4, "c_mults": [1], "strides": [2], "latent_dim": 3, "final_tanh": False}
    model = create_model_from_config(config(decoder={"type": "oobleck", "config": decoder})).eval()
    assert model.decode(torch.randn(1, 3, 8), steps=2).shape == (1, 1, 32)


def test_a_pretransform_stands_around_the_diffusion() -> None:
    patched = {"type": "patched", "config": {"channels": 1, "patch_size": 4}}
    options = {**BACKBONES["adp_1d"], "in_channels": 4}
    encoder = {"in_channels": 4, "channels": 4, "c_mults": [1, 2], "strides": [2, 2], "latent_dim": 3}
    given = config(
        pretransform=patched,
        io_channels=4,
        encoder={"type": "oobleck", "config": encoder},
        diffusion={"type": "adp_1d", "config": options},
    )
    model = create_model_from_config(given).eval()
    assert (model.downsampling_ratio, model.min_length) == (16, 32)
    latents = model.encode(torch.randn(1, 1, 64))
    assert latents.shape == (1, 3, 4)
    assert model.decode(latents, steps=2).shape == (1, 1, 64)


def test_chunks_and_wrong_noise_are_refused() -> None:
    model = create_model_from_config(config()).eval()
    with pytest.raises(NotExactError):
        model.decode_audio(torch.randn(1, 3, 8), chunk_size=4)
    with pytest.raises(ValueError, match=r"noise must be of shape \(1, 1, 32\)"):
        model.decode(torch.randn(1, 3, 8), noise=torch.zeros(1, 1, 16))


@pytest.mark.parametrize("kind", BACKBONES)
def test_backbones_train_in_half_precision_too(kind: str) -> None:
    network = backbone(kind)
    for parameter in network.parameters():  # so that no branch starts at zero
        parameter.data.add_(0.05 * torch.randn_like(parameter))
    x, t, condition = torch.randn(2, 1, 16), torch.rand(2), torch.randn(2, 3, 16)
    network.train()(x, t, input_concat_cond=condition).square().sum().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in network.parameters())
    half = network.to(torch.bfloat16).eval()
    out = half(x.bfloat16(), t.bfloat16(), input_concat_cond=condition.bfloat16())
    assert out.dtype == torch.bfloat16
    assert out.shape == x.shape


@pytest.mark.slow
@pytest.mark.parametrize("kind", BACKBONES)
def test_backbones_compile_without_graph_breaks(kind: str) -> None:
    network = backbone(kind).eval()
    x, t, condition = torch.randn(1, 1, 16), torch.rand(1), torch.randn(1, 3, 16)
    with torch.inference_mode():
        got = torch.compile(network, fullgraph=True, backend="aot_eager")(x, t, input_concat_cond=condition)
        torch.testing.assert_close(got, network(x, t, input_concat_cond=condition), atol=1e-5, rtol=1e-4)


def test_wrong_shapes_and_missing_conditions_are_named() -> None:
    with pytest.raises(ValueError, match=r"x must be of shape \(batch, 1, frames\)"):
        backbone("dit")(torch.zeros(1, 2, 16), torch.zeros(1))
    with pytest.raises(ValueError, match="multiple of 2, got 15"):
        backbone("adp_1d")(torch.zeros(1, 1, 15), torch.zeros(1))
    with pytest.raises(ValueError, match=r"\[3\] channels must be joined \(context_channels\), got \[\]"):
        backbone("adp_1d")(torch.zeros(1, 1, 16), torch.zeros(1))
    with pytest.raises(ValueError, match="input_concat_cond must have 3 channels, got 0"):
        backbone("dit")(torch.zeros(1, 1, 16), torch.zeros(1))
    with pytest.raises(ValueError, match="cond_token_dim is 0"):
        backbone("dit", input_concat_dim=0)(torch.zeros(1, 1, 16), torch.zeros(1), cross_attn_cond=torch.zeros(1, 2, 4))
    with pytest.raises(ValueError, match="needs learned_resample"):
        backbone("DAU1d", strides=[4])


def test_the_short_time_transform_is_undone() -> None:
    options = {"use_stft": True, "stft_num_fft": 62, "stft_hop_length": 16, "context_channels": None}
    for use_complex in (False, True):
        network = backbone("adp_1d", **options, stft_use_complex=use_complex)
        x = torch.randn(2, 1, 16 * 15)
        stft = network.model.stft  # type: ignore[union-attr]
        torch.testing.assert_close(stft.decode(stft.encode(x), x.shape[-1]), x, atol=1e-5, rtol=1e-4)
        assert network(x, torch.rand(2)).shape == x.shape


def test_samplers_find_the_signal_of_an_exact_velocity() -> None:
    signal, noise = torch.randn(1, 2, 8), torch.randn(1, 2, 8)

    def straight(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        return (x - signal) / t[:, None, None]

    for sampler in ("euler", "heun", "dpmpp", "pingpong"):
        got = sample(sampler, straight, noise, objective="rectified_flow", steps=7)
        torch.testing.assert_close(got, signal, atol=1e-4, rtol=1e-3)

    def turning(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        angle = t[:, None, None] * torch.pi / 2
        return (x * torch.cos(angle) - signal) / torch.sin(angle)

    for eta in (0.0, 1.0):
        got = sample("v-ddim", turning, noise, objective="v", steps=9, eta=eta)
        torch.testing.assert_close(got, signal, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"downsampling_ratio": 8}, "/model/downsampling_ratio"),
        ({"io_channels": 2}, "/model/diffusion/config/in_channels"),
        ({"latent_dim": 4}, "/model/diffusion/config/context_channels"),
        ({"diffusion": {"type": "dit", "config": BACKBONES["dit"]}}, "/model/diffusion/config/diffusion_objective"),
    ],
)
def test_rules_name_what_does_not_fit(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(config(**change), "model")
    assert pointer in [problem.pointer for problem in caught.value.problems]
