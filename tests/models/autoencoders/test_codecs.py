"""The protocol that every autoencoder offers, and an outer codec and a hyperencoder as one codec of audio."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
import torch
from models.autoencoders.test_hyperencoder import RVQ, build, config, sound
from support.command_matrix import GENERATIVE, MODELS
from torch import Tensor, nn

from narrows.configs import NarrowsError
from narrows.models import (
    AudioAutoencoder,
    Codec,
    DiffusionAutoencoder,
    Hyperencoder,
    NotACodecError,
    SpectralAutoencoder,
    audio_codec,
    create_model_from_config,
    load_model,
    save_model,
)
from narrows.models.autoencoders.cascade import CascadedCodec
from narrows.models.codec import model_hash
from narrows.models.inference import prepare_for_inference

CLASSES = (AudioAutoencoder, SpectralAutoencoder, Hyperencoder, DiffusionAutoencoder, CascadedCodec)
VAE = {"type": "vae"}


@pytest.mark.parametrize("cls", CLASSES)
def test_each_class_is_final_and_inherits_from_no_sibling(cls: type) -> None:
    assert cls.__final__  # type: ignore[attr-defined]
    assert cls.__mro__ == (cls, nn.Module, object)


@pytest.mark.parametrize("name", [name for name in MODELS if name not in GENERATIVE])
def test_each_model_is_a_codec(name: str) -> None:
    model = create_model_from_config(MODELS[name]()).eval()
    assert isinstance(model, Codec)
    if name == "hyperencoder without outer":
        with pytest.raises(NarrowsError, match="no outer model"):
            audio_codec(model)
        return
    codec: Any = audio_codec(model)
    assert isinstance(codec, Codec)
    assert codec.signal == "audio"
    assert codec.min_length % codec.downsampling_ratio == 0
    frames = 2 * codec.min_length // codec.downsampling_ratio
    with torch.inference_mode():
        latents, info = codec.encode(torch.randn(1, codec.in_channels, 2 * codec.min_length), return_info=True)
        assert latents.shape == (1, codec.latent_dim, frames)
        assert "pre_bottleneck_latents" in info
        options = {"steps": 1} if "steps" in inspect.signature(codec.decode).parameters else {}
        audio = codec.decode(latents, **options)
        assert audio.shape == (1, codec.out_channels, 2 * codec.min_length)


def test_other_modules_are_no_codecs() -> None:
    with pytest.raises(NotACodecError, match="Linear"):
        audio_codec(nn.Linear(2, 2))


def variational() -> Any:
    """A hyperencoder over the latents of a variational autoencoder."""
    document = config(RVQ)
    outer = document["model"]["outer"]["config"]
    outer["model"]["bottleneck"] = VAE
    outer["model"]["encoder"]["config"]["latent_dim"] = 12
    return build(document)


@torch.inference_mode()
def test_the_outer_model_gives_its_mean() -> None:
    """So chunks and streams give the result of the whole, and no global random state is read."""
    model, audio = variational(), sound(320)
    codec: Any = audio_codec(model)
    state = torch.get_rng_state()
    latents = model.encode_audio(audio)
    assert torch.equal(torch.get_rng_state(), state)
    torch.testing.assert_close(model.encode_audio(audio, 3), latents, atol=1e-5, rtol=1e-4)
    mean = model.outer.encode(audio, deterministic=True)
    torch.testing.assert_close(latents, model.encode(mean), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(joined(codec.encode_stream(audio.split(37, dim=-1))), latents, atol=1e-5, rtol=1e-4)
    whole = codec.decode(latents)
    torch.testing.assert_close(joined(codec.decode_stream(latents.split(3, dim=-1))), whole, atol=1e-5, rtol=1e-4)


@torch.inference_mode()
def test_tokens_of_a_cascade_decode_to_audio() -> None:
    model = variational()
    codec: Any = audio_codec(model)
    latents, info = codec.encode(sound(160), return_info=True)
    tokens = info[codec.bottleneck.tokens_id]
    torch.testing.assert_close(codec.decode_tokens(tokens), codec.decode(latents))


def test_a_cascade_is_identified_and_saved_as_its_hyperencoder(tmp_path: Path) -> None:
    model = build(config(RVQ))
    codec: Any = audio_codec(model)
    assert (codec.downsampling_ratio, codec.in_channels, codec.latent_dim) == (16, 1, 3)
    before = model_hash(model)
    assert model_hash(codec) == before
    loaded = load_model(save_model(codec, tmp_path / "hyper"))
    assert isinstance(loaded, Hyperencoder)
    prepare_for_inference(codec)
    assert model_hash(codec) == model_hash(model) == model_hash(loaded) == before


def joined(parts: Any) -> Tensor:
    return torch.cat(list(parts), dim=-1)


@pytest.mark.parametrize("name", GENERATIVE)
def test_a_generative_model_is_no_codec(name: str) -> None:
    with pytest.raises(NotACodecError, match="cannot encode and decode audio"):
        audio_codec(create_model_from_config(MODELS[name]()))
