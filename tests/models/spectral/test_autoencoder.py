"""Autoencoders on spectrograms as a whole: latents, audio, files, chunks and every form of configuration."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Generator, Tensor

from narrows.configs import ConfigError, load_config
from narrows.models import AutoEncoder, SpectralAutoencoder, create_model_from_config, load_model, save_model
from narrows.models.inspection import inspect_model
from narrows.models.spectral.layout import unpack_complex

SEANET: dict[str, Any] = {"n_filters": 2, "ratios": [[2, 2], [2, 1]], "latent_fbins": 8, "seq_model": "none"}
PATCHES: dict[str, Any] = {
    "patch_size": [8, 2], "image_size": [33, 8], "inter_dim": 8, "n_heads": 2, "depth": 1, "downsample_ratio": 2,
}  # fmt: skip
BASE = "ar_spectra.models"


def model_file(kind: str = "seanet2d", cac: bool = True, audio_channels: int = 2, **changes: Any) -> dict[str, Any]:
    """A small model of 4 latent channels and ratio 32 or 64."""
    shared = {**(SEANET if kind == "seanet2d" else PATCHES), "is_complex": not cac}
    wide, narrow = ("dimension", "input_size") if kind == "seanet2d" else ("dim", "dim")
    if kind == "seanet2d":
        shared["activation"] = "ELU" if cac else "ModReLU"
    model = {
        "stft": {"n_fft": 64, "hop_length": 16},
        "cac": cac,
        "pre_transform": {"type": "power_norm", "config": {"alpha": 0.65, "beta": 0.35}, "apply_target": True},
        "encoder": {"type": kind, "config": {**shared, wide: 8}},
        "decoder": {"type": kind, "config": {**shared, narrow: 4}},
        "bottleneck": {"type": "vae"},
    }
    document = {"model_type": "spectral_autoencoder", "sample_rate": 16000, "audio_channels": audio_channels}
    return {**document, "model": {**model, **changes}}


KINDS = [(kind, cac, audio) for kind in ("seanet2d", "patch_transformer") for cac in (True, False) for audio in (1, 2)]


@pytest.fixture(autouse=True)
def draws() -> None:
    """Weights and audio are the same in every run."""
    torch.manual_seed(0)


def seeded() -> Generator:
    return Generator().manual_seed(0)


@pytest.mark.parametrize(("kind", "cac", "audio_channels"), KINDS)
def test_from_audio_to_audio(kind: str, cac: bool, audio_channels: int, tmp_path: Path) -> None:
    model = create_model_from_config(model_file(kind, cac, audio_channels)).eval()
    audio = torch.randn(2, audio_channels, 5 * model.downsampling_ratio)
    with torch.no_grad():
        latents, info = model.encode(audio, return_info=True, generator=seeded())
        assert latents.shape == (2, model.latent_dim, 5)
        assert not latents.is_complex()
        assert info["kl"].shape == ()
        decoded = model.decode(latents)
        assert decoded.shape == audio.shape
        assert model.decode(latents, length=100).shape[-1] == 100
        one_by_one = model.encode(audio, iterate_batch=True, generator=seeded())
        torch.testing.assert_close(one_by_one, latents, atol=1e-4, rtol=1e-4)
        assert (model.decode(latents, iterate_batch=True) - decoded).abs().max() < 1e-4 * max(1, decoded.abs().max())
        save_model(model, tmp_path / "model")
        torch.testing.assert_close(load_model(tmp_path / "model").decode(latents), decoded)


@pytest.mark.parametrize(("kind", "cac", "audio_channels"), KINDS)
def test_the_way_of_training(kind: str, cac: bool, audio_channels: int) -> None:
    model = create_model_from_config(model_file(kind, cac, audio_channels)).train()
    audio = torch.randn(2, audio_channels, 300)
    spectrogram = model.spectrogram(audio)
    latents, info = model.encode_spectrogram(spectrogram, generator=seeded())
    estimate = model.decode_spectrogram(latents, info)
    assert estimate.shape == spectrogram.shape
    assert (latents.is_complex(), estimate.is_complex()) == (not cac, not cac)
    assert info["feature_shape"][1] == latents.shape[-1]
    loss = (model.comparable(estimate) - model.apply_target(spectrogram)).abs().square().mean()
    wave = model.waveform(model.apply_inverse(estimate), 300)
    assert wave.shape == audio.shape
    (loss + wave.square().mean() + info["kl"]).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad.abs()).all(), name


@pytest.mark.parametrize(("kind", "cac"), [("seanet2d", True), ("seanet2d", False), ("patch_transformer", True)])
def test_chunks_and_streams_give_what_the_whole_gives(kind: str, cac: bool) -> None:
    model = create_model_from_config(model_file(kind, cac)).eval()
    audio = torch.randn(1, 2, 40 * model.downsampling_ratio - 7)
    with torch.no_grad():
        whole = model.encode_audio(audio, deterministic=True)
        torch.testing.assert_close(model.encode_audio(audio, 6, deterministic=True), whole, atol=1e-5, rtol=1e-4)
        decoded = model.decode_audio(whole)
        torch.testing.assert_close(model.decode_audio(whole, 6), decoded, atol=1e-5, rtol=1e-4)
        pieces = torch.cat(list(model.encode_stream(torch.split(audio, 900, dim=-1), deterministic=True)), dim=-1)
        torch.testing.assert_close(pieces, whole, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("cac", [True, False])
def test_codes_of_a_discrete_bottleneck(cac: bool) -> None:
    """Complex latents are quantized as real ones of twice the channels."""
    width = 4 if cac else 8
    bottleneck = {"type": "rvq", "config": {"num_quantizers": 2, "codebook_size": 16, "dim": width}}
    document = model_file(cac=cac, bottleneck=bottleneck)
    document["model"]["encoder"]["config"]["dimension"] = 4
    model = create_model_from_config(document).eval()
    audio = torch.randn(1, 2, 10 * model.downsampling_ratio)
    with torch.no_grad():
        latents, info = model.encode(audio, return_info=True)
        codes = info[model.bottleneck.tokens_id]
        torch.testing.assert_close(model.decode_tokens(codes), model.decode(latents))
    document["model"]["bottleneck"]["config"]["dim"] = 6
    with pytest.raises(ConfigError, match=f"has 6 channels but the latents have {width}"):
        create_model_from_config(document)


def test_channels_are_written_out_with_the_weights(tmp_path: Path) -> None:
    save_model(create_model_from_config(model_file(audio_channels=1)), tmp_path / "model")
    document = json.loads((tmp_path / "model/model_config.json").read_text())
    assert (document["audio_channels"], document["model"]["io_channels"]) == (1, 1)
    assert (
        document["model"]["encoder"]["config"]["input_size"],
        document["model"]["decoder"]["config"]["channels"],
    ) == (2, 2)


def test_inspection_builds_nothing() -> None:
    facts = inspect_model(model_file())
    assert (facts.latent_dim, facts.downsampling_ratio, facts.chunking.exact) == (4, 32, True)
    assert facts.compression == 2 * 32 / 4


def yaml_section(**changes: Any) -> dict[str, Any]:
    """The `model` section of a YAML file of EulerAudioBackbone."""
    shared = {
        **SEANET,
        "is_complex": False,
        "activation": "ELU",
        "norm": "weight_norm",
        "norm_params": {"num_groups": 1},
    }
    return {
        "autoencoder": {"return_latent": False, "pre_transform": {"type": "log_mag", "apply_to_target": True}},
        "encoder": {
            "_target_": f"{BASE}.autoencoders.SeaNET_AE.SEANetEncoder2d",
            "input_size": 4,
            "dimension": 8,
            **shared,
        },
        "decoder": {
            "_target_": f"{BASE}.autoencoders.SeaNET_AE.SEANetDecoder2d",
            "channels": 4,
            "input_size": 4,
            **shared,
        },
        "bottleneck": {"_target_": f"{BASE}.bottlenecks.VAEBottleneck", "skip_bottleneck": False},
        **changes,
    }


STFT = {"n_fft": 64, "hop_length": 16, "win_length": 64, "center": True}


def test_every_form_of_configuration() -> None:
    section = yaml_section()
    old = copy.deepcopy(section)
    for part in ("encoder", "decoder", "bottleneck"):
        options = old[part]
        old[part] = {"class": options.pop("_target_"), "kwargs": options}
    built = [
        AutoEncoder.from_config({"model": section}, stft=STFT),
        AutoEncoder.from_config(section, stft=STFT, sample_rate=44100),
        AutoEncoder.from_config({"model": old, "stft": STFT}),
    ]
    built += [
        AutoEncoder.from_config(built[0].config),
        AutoEncoder.from_config(built[0].config.model_dump(by_alias=True)),
    ]
    assert all(model.config.model == built[0].config.model for model in built)
    for model in built:
        assert isinstance(model, SpectralAutoencoder)
        assert (model.audio_channels, model.sample_rate, model.downsampling_ratio) == (2, 44100, 32)
        assert model.pre_transform is not None
        assert model.pre_transform.apply_target


def test_a_complex_section_says_its_channels() -> None:
    section = yaml_section()
    for side in ("encoder", "decoder"):
        section[side] |= {"is_complex": True, "activation": "CRelu", "seq_model": "lstm"}
    model = AutoEncoder.from_config(section, stft=STFT)
    assert (model.audio_channels, model.layout.cac, model.config.model.encoder.config.seq_model) == (4, False, "none")
    assert model.config.model.encoder.config.activation == "CReLU"


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(ConfigError, match="Model configuration must contain a 'model' section"):
        AutoEncoder.from_config({"data": {}})
    section = yaml_section()
    section["encoder"]["input_size"] = section["decoder"]["channels"] = "auto"
    with pytest.raises(ConfigError, match="Failed to resolve auto channels"):
        AutoEncoder.from_config(section, stft=STFT)
    assert AutoEncoder.from_config(section, stft=STFT, audio_channels=1).audio_channels == 1
    with pytest.raises(ConfigError, match=r"Unknown class: os\.system"):
        AutoEncoder.from_config(yaml_section(bottleneck={"class": "os.system", "kwargs": {}}), stft=STFT)
    with pytest.raises(ConfigError, match="activation"):
        AutoEncoder.from_config(
            yaml_section(encoder=section["encoder"] | {"activation": "eluu"}), stft=STFT, audio_channels=2
        )
    with pytest.raises(ConfigError, match="center"):
        AutoEncoder.from_config(yaml_section(), stft={**STFT, "center": False})


def as_reference(model: SpectralAutoencoder) -> dict[str, Tensor]:
    """The tensors under the names of the reference, inside its Lightning module."""
    from narrows.models.checkpoints.names import to_file

    def spelt(name: str) -> str:
        complex_weight = model.layout.is_complex and ".conv" in name and name.rpartition(".")[2] in WEIGHTS
        return ".module.".join(name.rsplit(".", 1)) if complex_weight else name

    return {f"engine.autoencoder.{spelt(name)}": value for name, value in to_file(model.state_dict()).items()}


WEIGHTS = ("weight_g", "weight_v", "bias")


@pytest.mark.parametrize("is_complex", [True, False])
def test_a_checkpoint_of_the_reference_alone(is_complex: bool, tmp_path: Path) -> None:
    """Its Lightning checkpoint says how the model was built; nothing named in it is imported."""
    section = yaml_section()
    for side in ("encoder", "decoder"):
        section[side] |= {"is_complex": is_complex, "activation": "CReLU" if is_complex else "ELU"}
    model = AutoEncoder.from_config(section, stft=STFT).eval()
    state = as_reference(model)
    assert any(".module." in name for name in state) == is_complex
    said = {"version": 1, "model": section, "stft_config": {**STFT, "normalized": False, "onesided": True},
            "sample_rate": 16000, "audio_channels": model.audio_channels}  # fmt: skip
    extra = {"engine.discriminator.weight": torch.zeros(3)}
    torch.save({"state_dict": {**state, **extra}, "inference_config": said}, tmp_path / "last.ckpt")
    again = load_model(tmp_path / "last.ckpt")
    assert again.sample_rate == 16000
    with torch.no_grad():
        latents = torch.randn(1, model.latent_dim, 4)
        torch.testing.assert_close(again.decode(latents), model.decode(latents))


def test_precision_keeps_imaginary_parts() -> None:
    model = create_model_from_config(model_file(cac=False)).eval()
    audio = torch.randn(1, 2, 320)
    with torch.no_grad():
        before = model.encode(audio, deterministic=True)
        wide = model.to(torch.float64).encode(audio.double(), deterministic=True)
        torch.testing.assert_close(wide.float(), before, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(model.to("cpu", dtype=torch.float32).encode(audio, deterministic=True), before)
    with pytest.raises(ValueError, match=r"float32 or float64, not torch\.bfloat16"):
        model.to(torch.bfloat16)


def test_complex_latents_are_packed_outside() -> None:
    model = create_model_from_config(model_file(cac=False)).eval()
    audio = torch.randn(1, 2, 320)
    with torch.no_grad():
        packed = model.encode(audio, deterministic=True)
        own, _ = model.encode_spectrogram(model.spectrogram(audio)[..., :-1], deterministic=True)
        torch.testing.assert_close(unpack_complex(packed), own)
        torch.testing.assert_close(model.decode(own), model.decode(packed))


def test_typed_configurations_are_accepted() -> None:
    typed = load_config(model_file(), "model")
    assert create_model_from_config(typed).latent_dim == 4


@pytest.mark.parametrize("sequence", ["none", "lstm", "transformer"])
@pytest.mark.parametrize("cac", [True, False])
def test_mixed_precision(cac: bool, sequence: str) -> None:
    """Autocast computes real layers in half precision; spectrograms and complex layers stay what they are."""
    document = model_file(cac=cac)
    for side in ("encoder", "decoder"):
        document["model"][side]["config"] |= {"seq_model": sequence, "seq_layer_num": 1}
    model = create_model_from_config(document).train()
    audio = torch.randn(1, 2, 320)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        spectrogram = model.spectrogram(audio)
        latents, info = model.encode_spectrogram(spectrogram, generator=seeded())
        estimate = model.decode_spectrogram(latents, info)
        distance = (model.comparable(estimate) - model.apply_target(spectrogram)).abs().square().mean()
        loss = distance + model.waveform(model.apply_inverse(estimate), 320).square().mean() + info["kl"]
    loss.backward()
    assert torch.isfinite(loss)
    assert all(parameter.grad is not None for parameter in model.parameters())


@pytest.mark.parametrize("activation", ["CReLU", "ModReLU", "Abs_SiLU"])
def test_complex_networks_start_at_a_sane_level(activation: str) -> None:
    """Neither silence nor an explosion comes out of fresh weights."""
    document = model_file(cac=False, pre_transform=None)
    for side in ("encoder", "decoder"):
        document["model"][side]["config"] |= {"activation": activation, "n_filters": 8}
    model = create_model_from_config(document).eval()
    with torch.no_grad():
        spectrogram = model.spectrogram(0.2 * torch.randn(1, 2, 640))
        estimate = model.decode_spectrogram(*model.encode_spectrogram(spectrogram, deterministic=True))
    level = estimate.abs().square().mean().sqrt() / spectrogram.abs().square().mean().sqrt()
    assert 0.01 < level < 20
