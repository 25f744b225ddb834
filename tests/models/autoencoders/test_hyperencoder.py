"""The hyperencoder: an autoencoder over the latents of another one."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from narrows.configs import ConfigError
from narrows.models import create_hyperencoder_from_config, create_model_from_config, load_model, save_model

OUTER: dict[str, Any] = {
    "model_type": "autoencoder",
    "sample_rate": 16000,
    "model": {
        "encoder": {
            "type": "oobleck",
            "config": {"in_channels": 1, "channels": 4, "c_mults": [1, 2], "strides": [2, 4], "latent_dim": 6},
        },
        "decoder": {
            "type": "oobleck",
            "config": {"out_channels": 1, "channels": 4, "c_mults": [1, 2], "strides": [2, 4], "latent_dim": 6},
        },
        "latent_dim": 6,
        "downsampling_ratio": 8,
        "io_channels": 1,
    },
}


def config(bottleneck: dict[str, Any] | None = None, outer: bool = True) -> dict[str, Any]:
    inner = {"channels": 4, "c_mults": [1], "strides": [2]}
    variational = (bottleneck or {}).get("type") == "vae"
    return {
        "model_type": "hyperencoder",
        "sample_rate": 16000,
        "model": {
            "encoder": {
                "type": "oobleck",
                "config": {**inner, "in_channels": 6, "latent_dim": 6 if variational else 3},
            },
            "decoder": {
                "type": "oobleck",
                "config": {**inner, "out_channels": 6, "latent_dim": 3, "final_tanh": False},
            },
            "bottleneck": bottleneck,
            "latent_dim": 3,
            "outer": {"config": copy.deepcopy(OUTER)} if outer else None,
        },
    }


RVQ = {"type": "rvq", "config": {"dim": 3, "codebook_size": 8, "num_quantizers": 2, "kmeans_init": False}}


def build(document: dict[str, Any]) -> Any:
    torch.manual_seed(0)
    return create_model_from_config(document).eval()


def sound(samples: int) -> Tensor:
    return torch.randn(2, 1, samples, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("bottleneck", [None, RVQ, {"type": "vae"}], ids=["none", "rvq", "vae"])
def test_outer_latents_to_inner_and_back(bottleneck: dict[str, Any] | None) -> None:
    model = build(config(bottleneck, outer=False))
    outer = torch.randn(2, 6, 10)
    inner, info = model.encode(outer, return_info=True)
    assert inner.shape == (2, 3, 5)
    assert model.decode(inner).shape == outer.shape
    if model.is_discrete:
        tokens = info[model.bottleneck.tokens_id]
        torch.testing.assert_close(model.decode_tokens(tokens), model.decode(inner))


def test_through_the_outer_model_to_audio() -> None:
    model = build(config())
    audio = sound(160)
    outer = model.outer.encode_audio(audio)
    inner = model.encode_audio(audio)
    torch.testing.assert_close(inner, model.encode(outer))
    decoded = model.decode_audio(inner)
    torch.testing.assert_close(decoded, model.outer.decode_audio(model.decode(inner)))
    assert decoded.shape == audio.shape


def test_an_outer_model_can_be_given_in_the_call() -> None:
    with_outer, without = build(config()), build(config(outer=False))
    without.load_state_dict({k: v for k, v in with_outer.state_dict().items() if not k.startswith("outer.")})
    audio = sound(160)
    inner = without.encode_audio(audio, outer=with_outer.outer)
    torch.testing.assert_close(inner, with_outer.encode_audio(audio))
    torch.testing.assert_close(without.decode_audio(inner, outer=with_outer.outer), with_outer.decode_audio(inner))
    with pytest.raises(ValueError, match="no outer model"):
        without.encode_audio(audio)


@pytest.mark.parametrize("chunk_size", [3, 7])
def test_chunks_do_not_change_the_result(chunk_size: int) -> None:
    model = build(config(RVQ))
    audio = sound(16 * 20 + 5)
    with torch.no_grad():
        whole = model.encode_audio(audio)
        assert whole.shape == (2, 3, 21)
        torch.testing.assert_close(model.encode_audio(audio, chunk_size), whole, atol=1e-5, rtol=1e-4)
        decoded = model.decode_audio(whole)
        torch.testing.assert_close(model.decode_audio(whole, chunk_size), decoded, atol=1e-5, rtol=1e-4)


def test_a_clip_gives_the_same_alone_or_in_a_padded_batch() -> None:
    model, audio, lengths = build(config()), sound(320), [320, 133]
    audio[1, :, 133:] = 9.0
    with torch.no_grad():
        together = model.encode_audio(audio, lengths=lengths)
        alone = model.encode_audio(audio[1:, :, :133])
    torch.testing.assert_close(together[1, :, : alone.shape[-1]], alone[0], atol=1e-5, rtol=1e-4)


def test_the_outer_model_is_frozen() -> None:
    model = build(config()).train()
    assert model.encoder.training
    assert not model.outer.training
    assert not any(p.requires_grad for p in model.outer.parameters())
    model.requires_grad_(True)
    assert not any(p.requires_grad for p in model.outer.parameters())
    model(torch.randn(1, 6, 8)).sum().backward()
    assert all(p.grad is not None for p in model.encoder.parameters())


def test_saved_with_its_outer_model(tmp_path: Path) -> None:
    model = build(config(RVQ))
    loaded = load_model(save_model(model, tmp_path / "hyper"))
    audio = sound(64)
    assert torch.equal(loaded.decode_audio(loaded.encode_audio(audio)), model.decode_audio(model.encode_audio(audio)))


def test_outer_weights_from_a_file(tmp_path: Path) -> None:
    torch.manual_seed(7)
    outer = create_model_from_config(OUTER)
    save_model(outer, tmp_path / "outer")
    document = config()
    document["model"]["outer"]["ckpt_path"] = str(tmp_path / "outer/model.safetensors")
    model = create_hyperencoder_from_config(document)
    for key, value in outer.state_dict().items():
        assert torch.equal(model.outer.state_dict()[key], value)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"latent_dim": 4}, "/model/encoder/config/latent_dim"),
        ({"in_channels": 5}, "/model/encoder/config/in_channels"),
        ({"downsampling_ratio": 4}, "/model/downsampling_ratio"),
    ],
)
def test_parts_that_do_not_fit(change: dict[str, Any], pointer: str) -> None:
    document = config()
    document["model"] |= change
    with pytest.raises(ConfigError) as error:
        create_model_from_config(document)
    assert pointer in [problem.pointer for problem in error.value.problems]


def test_an_outer_model_of_another_width_or_rate() -> None:
    document = config()
    document["model"]["outer"]["config"]["sample_rate"] = 44100
    with pytest.raises(ConfigError, match="outer model works at 44100"):
        create_model_from_config(document)
    model, other = build(config(outer=False)), copy.deepcopy(OUTER)
    other["sample_rate"] = 8000
    with pytest.raises(ValueError, match="8000 Hz"):
        model.encode_audio(sound(64), outer=create_model_from_config(other))
