"""Autoencoders on spectrograms against the reference, number for number."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from support.goldens import Golden, golden_ids, load_golden
from torch import Tensor

from narrows.configs import LogMagnitudeTransformConfig, PowerNormTransformConfig, load_part
from narrows.models import AutoEncoder, SpectralAutoencoder, load_checkpoint
from narrows.models.bottlenecks.vae import VAEBottleneck
from narrows.models.spectral.layout import pack_complex, unpack_complex
from narrows.models.spectral.stft import STFT
from narrows.models.spectral.transforms import SpectralTransform
from narrows.models.spectral.transforms.naming import transform_of

FLAGS = ("apply_encoder", "apply_inverse", "apply_target")


def as_recorded(transform: dict[str, Any]) -> dict[str, Any]:
    """A transform that reads stereo as the reference did: with its neighbours for pairs (reference defect E-1)."""
    return {**transform, "config": {**transform.get("config", {}), "pairs": "neighbours"}}


def transform(config: dict[str, Any]) -> SpectralTransform:
    kinds = {"log_mag": LogMagnitudeTransformConfig, "power_norm": PowerNormTransformConfig}
    built = transform_of(load_part(config, kinds[config["type"]]))
    assert built is not None
    return built


def loaded(case: Golden, folder: Path) -> SpectralAutoencoder:
    config = copy.deepcopy(case.meta["config"])
    if case.meta["id"] == "seanet2d_real_stereo_power":
        part = config["model"]["autoencoder"]
        part["pre_transform"] = as_recorded(part["pre_transform"])
    model = AutoEncoder.from_config(config["model"], stft=config["stft"]).eval()
    assert case.weights is not None
    save_file(case.weights, folder / "weights.safetensors")
    load_checkpoint(model, folder / "weights.safetensors")
    return model


@pytest.mark.parametrize("name", golden_ids("eulero", "seanet2d"))
@torch.inference_mode()
def test_whole_models(name: str, tmp_path: Path) -> None:
    case = load_golden("eulero", name)
    model = loaded(case, tmp_path)
    spectrogram = model.spectrogram(case.inputs["audio"])
    seen = spectrogram if model.pre_transform is None else model.pre_transform.transform(spectrogram)
    torch.manual_seed(case.meta["seed"])
    latents, info = model.encode_spectrogram(spectrogram)
    # The decoder's own bins and frames; `decode_spectrogram` completes them.
    raw = model.decoder(case.inputs["decode_input"])
    decoded = model.apply_inverse(raw)
    got: dict[str, Tensor] = {f"info.{key}": value for key, value in info.items() if isinstance(value, Tensor)}
    got |= {"spec": unpack_complex(spectrogram), "packed": pack_complex(spectrogram), "pre_transformed": seen}
    got |= {"encoder_out": info["pre_bottleneck_latents"], "latents": latents}
    got |= {"decoded_raw": raw, "decoded": decoded, "waveform": model.waveform(decoded)}
    for key in case.outputs:
        case.assert_close(key, got[key])
    completed = model.decode_spectrogram(case.inputs["decode_input"])
    assert completed.shape[-2] == model.stft.bins
    torch.testing.assert_close(completed[..., : raw.shape[-2], :], raw)


@pytest.mark.parametrize("name", golden_ids("eulero", "log_mag") + golden_ids("eulero", "power_norm"))
def test_transforms(name: str) -> None:
    case = load_golden("eulero", name)
    built = transform(as_recorded(case.meta["config"]))
    assert {key: getattr(built, key) for key in FLAGS} == case.meta["json_outputs"]["flags"]
    for kind in ("complex", "packed"):
        x = case.inputs[kind]
        case.assert_close(f"{kind}.forward", built.transform(x))
        case.assert_close(f"{kind}.inverse", built.inverse(x))
        case.assert_close(f"{kind}.roundtrip", built.inverse(built.transform(x)))


@pytest.mark.parametrize("name", golden_ids("eulero", "stft"))
def test_transform_to_frequencies(name: str) -> None:
    case = load_golden("eulero", name)
    stft = STFT(**case.meta["config"]["stft"])
    spectrogram = stft.encode(case.inputs["audio"])
    case.assert_close("window", stft.window)
    case.assert_close("spec", spectrogram)
    case.assert_close("packed", pack_complex(spectrogram))
    case.assert_close("istft", stft.decode(spectrogram))
    case.assert_close("istft_packed", stft.decode(unpack_complex(pack_complex(spectrogram))))
    case.assert_close("istft_length", stft.decode(spectrogram, case.meta["config"]["length"]))
    case.assert_close("istft_no_nyquist", stft.decode(spectrogram[..., :-1, :]))


@pytest.mark.parametrize("name", golden_ids("eulero", "complex_vae"))
def test_variational_bottleneck(name: str) -> None:
    """Complex latents go through the bottleneck as real ones: mean and scale in two halves, each with both parts."""
    case = load_golden("eulero", name)
    for key in ("x", "x_real"):
        x = case.inputs[key]
        packed = pack_complex(x, parts=2)
        torch.manual_seed(case.meta["seed"])
        latents, info = VAEBottleneck().encode(packed.flatten(2), return_info=True)
        got = {"encoded": torch.unflatten(latents, 2, packed.shape[2:]), "mean": packed.chunk(2, dim=1)[0]}
        for name, value in got.items():
            case.assert_close(f"{key}.{name}", unpack_complex(value) if x.is_complex() else value)
        case.assert_close(f"{key}.kl", info["kl"])
