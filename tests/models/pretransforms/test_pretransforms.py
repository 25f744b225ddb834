"""What every pretransform promises: it can be undone, treats items of a batch alone, and says what it cannot take."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.configs import ConfigError, load_config
from narrows.models import create_model_from_config, create_pretransform_from_config
from narrows.models.pretransforms.patched import PatchedPretransform
from narrows.models.pretransforms.pqmf import PQMFPretransform
from narrows.models.pretransforms.wavelet import WaveletPretransform

WAVELETS = ["bior2.2", "bior2.4", "bior2.6", "bior2.8", "bior4.4", "bior6.8"]
PATCHED = {"type": "patched", "config": {"channels": 2, "patch_size": 4}}
FIXED: dict[str, dict[str, Any]] = {
    "wavelet": {"type": "wavelet", "config": {"channels": 2, "levels": 2, "wavelet": "bior4.4"}},
    "pqmf": {"type": "pqmf", "config": {"channels": 2, "num_bands": 4, "attenuation": 80}},
    "patched": PATCHED,
}


def autoencoder(**bottleneck: Any) -> dict[str, Any]:
    """A small autoencoder, as `pretransform.config` has it."""
    shape = {"channels": 4, "c_mults": [1, 2], "strides": [2, 2], "latent_dim": 4}
    return {
        "encoder": {"type": "oobleck", "config": {"in_channels": 2, **shape}},
        "decoder": {"type": "oobleck", "config": {"out_channels": 2, **shape}},
        "latent_dim": 4,
        "downsampling_ratio": 4,
        "io_channels": 2,
        **bottleneck,
    }


@settings(max_examples=30, deadline=None)
@given(
    wavelet=st.sampled_from(WAVELETS),
    levels=st.integers(1, 4),
    channels=st.integers(1, 3),
    frames=st.integers(12, 40),
)
def test_wavelets_are_undone(wavelet: str, levels: int, channels: int, frames: int) -> None:
    transform = WaveletPretransform(channels, levels, wavelet)
    audio = torch.randn(2, channels, frames * 2**levels)
    encoded = transform.encode(audio)
    assert encoded.shape == (2, transform.encoded_channels, frames)
    torch.testing.assert_close(transform.decode(encoded), audio, atol=2e-5, rtol=0)


@settings(max_examples=30, deadline=None)
@given(channels=st.integers(1, 3), patch_size=st.integers(1, 9), length=st.integers(1, 50))
def test_patches_are_undone(channels: int, patch_size: int, length: int) -> None:
    transform = PatchedPretransform(channels, patch_size)
    audio = torch.randn(2, channels, length)
    decoded = transform.decode(transform.encode(audio))
    assert torch.equal(decoded[..., :length], audio)
    assert not decoded[..., length:].any()


# Error in dB below the signal, on white noise away from the ends. A run gives 46.9, 60.3 and 60.1 dB.
@pytest.mark.parametrize(("attenuation", "bands", "decibels"), [(60, 4, 45), (80, 8, 58), (100, 16, 58)])
def test_pqmf_is_nearly_undone(attenuation: float, bands: int, decibels: float) -> None:
    torch.manual_seed(0)
    transform = PQMFPretransform(attenuation, bands, channels=2)
    audio = torch.randn(1, 2, 8192)
    error = transform.decode(transform.encode(audio)) - audio
    inside = slice(1024, -1024)
    ratio = 10 * torch.log10(audio[..., inside].square().mean() / error[..., inside].square().mean())
    assert ratio > decibels


@pytest.mark.parametrize("name", FIXED)
def test_items_of_a_batch_are_independent(name: str) -> None:
    transform = create_pretransform_from_config(FIXED[name], 16000)
    audio = torch.randn(3, 2, 64)
    encoded = transform.encode(audio)
    alone = torch.cat([transform.encode(clip[None]) for clip in audio])
    torch.testing.assert_close(alone, encoded)
    torch.testing.assert_close(transform.decode(encoded)[1:2], transform.decode(encoded[1:2]))


@pytest.mark.parametrize("name", FIXED)
def test_half_precision_and_gradients(name: str) -> None:
    transform = create_pretransform_from_config(FIXED[name], 16000).to(torch.bfloat16)
    audio = torch.randn(2, 2, 64, dtype=torch.bfloat16, requires_grad=True)
    decoded = transform.decode(transform.encode(audio))
    assert decoded.dtype == torch.bfloat16
    torch.testing.assert_close(decoded[..., 16:-16], audio.detach()[..., 16:-16], atol=0.1, rtol=0.1)
    decoded.square().sum().backward()
    assert audio.grad is not None
    assert torch.isfinite(audio.grad).all()
    assert audio.grad.abs().sum() > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", FIXED)
def test_compiles_without_graph_breaks(name: str) -> None:
    transform = create_pretransform_from_config(FIXED[name], 16000)
    audio = torch.randn(2, 2, 64)
    encoded = torch.compile(transform.encode, fullgraph=True, backend="aot_eager")(audio)
    torch.testing.assert_close(encoded, transform.encode(audio))
    decoded = torch.compile(transform.decode, fullgraph=True, backend="aot_eager")(encoded)
    torch.testing.assert_close(decoded, transform.decode(encoded))


@pytest.mark.parametrize("name", ["wavelet", "patched"])
def test_wrong_channels_are_named(name: str) -> None:
    transform = create_pretransform_from_config(FIXED[name], 16000)
    with pytest.raises(ValueError, match=r"audio must be of shape \(batch, 2, length\), got \(1, 3, 64\)"):
        transform.encode(torch.zeros(1, 3, 64))
    with pytest.raises(ValueError, match=r"encoded must be of shape \(batch, 8, length\)"):
        transform.decode(torch.zeros(1, 7, 16))


def test_wrong_lengths_are_named() -> None:
    transform = create_pretransform_from_config(FIXED["wavelet"], 16000)
    with pytest.raises(ValueError, match="must be a multiple of 4, got 62: pad it with 2 zeros"):
        transform.encode(torch.zeros(1, 2, 62))
    with pytest.raises(ValueError, match="Too short for this wavelet"):
        transform.encode(torch.zeros(1, 2, 4))


def test_oversampling_is_counted_beside_the_declared_ratio() -> None:
    transform = PatchedPretransform(1, patch_size=6, oversampling=2)
    assert transform.downsampling_ratio == 6
    assert transform.samples_per_frame == 3
    assert transform.encode(torch.zeros(1, 1, 30)).shape == (1, 6, 10)


def test_postfilter_follows_the_patches() -> None:
    config = {
        "type": "patched",
        "config": {"channels": 2, "patch_size": 4, "postfilter_channels": 6},
        "enable_grad": True,
    }
    transform = create_pretransform_from_config(config, 16000)
    decoded = transform.decode(torch.randn(1, 8, 10))
    assert decoded.shape == (1, 2, 40)
    decoded.sum().backward()
    assert all(p.grad is not None for p in transform.parameters())


def test_autoencoder_stays_frozen_in_eval_mode() -> None:
    bottleneck = {"bottleneck": {"type": "dac_rvq", "config": {"input_dim": 4, "n_codebooks": 2, "codebook_size": 8}}}
    transform = create_pretransform_from_config({"type": "autoencoder", "config": autoencoder(**bottleneck)}, 16000)
    transform.train()
    assert not any(module.training for module in transform.modules())
    assert not any(parameter.requires_grad for parameter in transform.parameters())
    assert transform.is_discrete
    assert (transform.num_quantizers, transform.codebook_size) == (2, 8)


def test_iterating_and_halving_change_nothing_but_memory() -> None:
    torch.manual_seed(0)
    audio = torch.randn(3, 2, 64)
    plain = create_pretransform_from_config({"type": "autoencoder", "config": autoencoder(), "scale": 2.0}, 16000)
    item = {"type": "autoencoder", "config": autoencoder(), "scale": 2.0, "iterate_batch": True}
    one_by_one = create_pretransform_from_config(item, 16000)
    one_by_one.load_state_dict(plain.state_dict())
    torch.testing.assert_close(one_by_one.encode(audio), plain.encode(audio))
    torch.testing.assert_close(plain.encode(audio), plain.model.encode(audio) / 2)
    half = create_pretransform_from_config(
        {"type": "autoencoder", "config": autoencoder(), "scale": 2.0, "model_half": True}, 16000
    )
    half.load_state_dict(plain.state_dict())
    assert half.dtype == torch.float16
    encoded = half.encode(audio)
    assert encoded.dtype == torch.float32
    torch.testing.assert_close(encoded, plain.encode(audio), atol=5e-3, rtol=5e-2)


def test_continuous_autoencoders_have_no_tokens() -> None:
    transform = create_pretransform_from_config({"type": "autoencoder", "config": autoencoder()}, 16000)
    with pytest.raises(TypeError, match="discrete bottleneck"):
        transform.tokenize(torch.zeros(1, 2, 16))
    with pytest.raises(TypeError, match="not discrete"):
        create_pretransform_from_config(PATCHED, 16000).tokenize(torch.zeros(1, 2, 16))


def whole(pretransform: dict[str, Any], channels: int, ratio: int) -> dict[str, Any]:
    """An autoencoder behind a pretransform."""
    shape = {"channels": 4, "c_mults": [1, 2], "strides": [2, 2], "latent_dim": 4}
    return {
        "model_type": "autoencoder",
        "sample_rate": 16000,
        "model": {
            "encoder": {"type": "oobleck", "config": {"in_channels": channels, **shape}},
            "decoder": {"type": "oobleck", "config": {"out_channels": channels, "final_tanh": False, **shape}},
            "latent_dim": 4,
            "downsampling_ratio": ratio,
            "io_channels": 2,
            "pretransform": pretransform,
        },
    }


def test_gradients_pass_through_a_frozen_pretransform_to_the_decoder() -> None:
    model = create_model_from_config(whole({"type": "autoencoder", "config": autoencoder()}, 4, 16))
    model.train()
    model(torch.randn(1, 2, 64)).square().sum().backward()
    assert all(p.grad is not None for part in (model.encoder, model.decoder) for p in part.parameters())
    assert all(p.grad is None for p in model.pretransform.parameters())


def test_skipping_it_and_iterating() -> None:
    model = create_model_from_config(whole(PATCHED, 8, 16)).eval()
    audio = torch.randn(3, 2, 64)
    latents = model.encode(audio)
    torch.testing.assert_close(model.encode(model.pretransform.encode(audio), skip_pretransform=True), latents)
    torch.testing.assert_close(model.encode(audio, iterate_batch=True), latents)
    torch.testing.assert_close(model.decode(latents, iterate_batch=True), model.decode(latents))


@pytest.mark.parametrize(
    ("pretransform", "channels", "ratio", "pointer"),
    [
        (PATCHED, 8, 4, "/model/downsampling_ratio"),
        (PATCHED, 2, 16, "/model/encoder/config/in_channels"),
        ({"type": "patched", "config": {"channels": 1, "patch_size": 4}}, 8, 16, "/model/pretransform/config/channels"),
        ({"type": "pqmf", "config": {"num_bands": 6}}, 12, 24, "/model/pretransform/config/num_bands"),
        ({"type": "autoencoder", "config": autoencoder(), "scale": 0}, 4, 16, "/model/pretransform/scale"),
    ],
)
def test_rules_name_what_does_not_fit(pretransform: dict[str, Any], channels: int, ratio: int, pointer: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(whole(pretransform, channels, ratio), "model")
    assert pointer in [problem.pointer for problem in caught.value.problems]


def test_oversampled_patches_may_count_either_ratio() -> None:
    patched = {"type": "patched", "config": {"channels": 2, "patch_size": 4, "oversampling": 2}}
    for ratio in (8, 16):
        load_config(whole(patched, 8, ratio), "model")


def test_noise_of_an_inner_bottleneck_follows_the_generator() -> None:
    inner = autoencoder(bottleneck={"type": "vae"})
    inner["encoder"]["config"]["latent_dim"] = 8
    model = create_model_from_config(whole({"type": "autoencoder", "config": inner}, 4, 16)).eval()
    audio = torch.randn(2, 2, 64)
    first, again = (model.encode(audio, generator=torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, model.encode(audio, generator=torch.Generator().manual_seed(2)))
