"""The five model files that EulerAudioBackbone ships, migrated and built at full size, on the meta device."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from narrows.configs import load_config
from narrows.configs.migrate import migrate
from narrows.models import AutoEncoder, SpectralAutoencoder, create_model_from_config

BASE = "ar_spectra.models"
needs_diffusers = pytest.mark.skipif(importlib.util.find_spec("diffusers") is None, reason="needs diffusers")
POWER = {"type": "power_norm", "apply_target": True, "apply_inverse": True,
         "config": {"eps": 1e-8, "alpha": 0.65, "beta": 0.35}}  # fmt: skip
VAE = {"_target_": f"{BASE}.bottlenecks.VAEBottleneck"}
SKIPPED = {**VAE, "skip_bottleneck": True}
SEANET = {"n_filters": 8, "n_residual_layers": 1, "ratios": [[4, 2], [1, 2], [4, 2]], "norm": "weight_norm",
          "causal": False, "latent_fbins": 64, "dilation_base": 2, "seq_model": "none"}  # fmt: skip
PATCHES = {"dim": 4, "depth": 4, "n_heads": 8, "dropout_rate": 0.05, "patch_size": [16, 16], "image_size": [1025, 128],
           "inter_dim": 64, "mlp_ch_mult": 4, "use_pos_enc": True, "downsample_ratio": 1}  # fmt: skip
DC = {"latent_channels": 32, "attention_head_dim": 32, "is_complex": True, "scaling_factor": 1.0}
KL = {"latent_channels": 4, "is_complex": False, "block_out_channels": [128, 128, 256, 256], "layers_per_block": 2,
      "act_fn": "silu", "norm_num_groups": 32, "mid_block_add_attention": True, "scaling_factor": 0.18215}  # fmt: skip
STAGES = {"block_out_channels": [128, 256, 512, 512, 1024, 1024], "qkv_multiscales": [[], [], [], [5], [5], [5]]}


def section(place: str, name: str, down: dict[str, Any], up: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {
        "autoencoder": {"return_latent": False, "pre_transform": rest.pop("pre_transform", POWER)},
        "encoder": {"_target_": f"{BASE}.{place}.{name}Encoder{rest.pop('ending', '')}", **down},
        "decoder": {"_target_": f"{BASE}.{place}.{name}Decoder{rest.pop('other', '')}", **up},
        **rest,
    }


def dc(side: str) -> dict[str, Any]:
    return {**DC, f"{side}_block_types": "ResBlock", **{f"{side}_{key}": value for key, value in STAGES.items()}}


SEANET_2D = {"place": "autoencoders.SeaNET_AE", "name": "SEANet", "ending": "2d", "other": "2d"}
COMPLEX = {**SEANET, "activation": "CReLU", "activation_params": {}, "norm_params": {}, "is_complex": True}
REAL = {**SEANET, "activation": "ELU", "norm_params": {"num_groups": 1}, "is_complex": False}
FILES: dict[str, dict[str, Any]] = {
    "SEANet_cplx_model": section(
        down={**COMPLEX, "input_size": 2, "dimension": 64}, up={**COMPLEX, "channels": 2, "input_size": 64},
        bottleneck=SKIPPED, **SEANET_2D,
    ),
    "SEANet_real_model": section(
        down={**REAL, "input_size": 4, "dimension": 256}, up={**REAL, "channels": 4, "input_size": 128},
        bottleneck=VAE, pre_transform={**POWER, "type": "none"}, **SEANET_2D,
    ),
    "simple_transformer_AE": section(
        "autoencoders.simple_transformer_AE", "SimpleTransformer", {**PATCHES, "input_size": 2},
        {**PATCHES, "channels": 2}, bottleneck=SKIPPED, pre_transform={**POWER, "type": "none"},
    ),
    "hf_autoencoder_kl": section(
        "autoencoder_kl", "HFAutoencoderKL", {**KL, "input_size": 4, "down_block_types": ["DownEncoderBlock2D"] * 4},
        {**KL, "channels": 4, "up_block_types": ["UpDecoderBlock2D"] * 4, "use_post_quant_conv": True}, bottleneck=VAE,
    ),
    "hf_autoencoder_dc": section(
        "autoencoder_dc", "HFAutoencoderDC",
        {**dc("encoder"), "input_size": 4, "encoder_layers_per_block": [2, 2, 2, 3, 3, 3],
         "downsample_block_type": "pixel_unshuffle", "encoder_out_shortcut": True},
        {**dc("decoder"), "channels": 4, "decoder_layers_per_block": [3] * 6, "upsample_block_type": "pixel_shuffle",
         "decoder_norm_types": "rms_norm", "decoder_act_fns": "silu", "decoder_in_shortcut": True,
         "decoder_conv_act_fn": "relu"}, bottleneck=VAE,
    ),
}  # fmt: skip
DATA = {
    "train_dataset": {
        "_target_": "ar_spectra.dataset.OnTheFlySTFTDataset", "audio_dir": "audio", "target_frames": 128,
        "sample_rate": 44100, "n_fft": 2048, "hop_length": 512, "win_length": 2048, "center": True,
        "normalized": False, "stereo": True, "cac": True,
    },
    "audio_channels": 2,
    "model_channels": 4,
}  # fmt: skip
TRAINER = {
    "loss_config": {
        "spectral": {"stft_mse": {}, "weights": {"stft_mse": 1.0}},
        "bottleneck": {"weights": {"kl": 1e-4}},
    }
}
EXPECTED = {
    "SEANet_cplx_model": (128, 4096),
    "SEANet_real_model": (128, 4096),
    "simple_transformer_AE": (4 * 65, 8192),
    "hf_autoencoder_kl": (4 * 129, 4096),
    "hf_autoencoder_dc": (32 * 33, 16384),
}
PARAMETERS = [pytest.param(name, marks=needs_diffusers if "hf" in name else ()) for name in FILES]


def built(config: Any) -> SpectralAutoencoder:
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of diffusers, about itself
        model: SpectralAutoencoder = create_model_from_config(config)
    return model


@pytest.mark.parametrize("name", PARAMETERS)
def test_builds_after_migration_with_the_shipped_data(name: str, tmp_path: Path) -> None:
    document = {"model": FILES[name], "data": DATA, "trainer": TRAINER}
    (tmp_path / "experiment.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    text = migrate(tmp_path / "experiment.yaml")
    model = built(load_config(yaml.safe_load(text)["model_config"], "model"))
    assert (model.latent_dim, model.downsampling_ratio, model.audio_channels) == (*EXPECTED[name], 2)
    with torch.no_grad():
        latents = model.encode(torch.empty(1, 2, 127 * 512, device="meta"), skip_bottleneck=True)
        decoded = model.decode(latents[:, : model.latent_dim], skip_bottleneck=True, length=127 * 512)
    assert decoded.shape == (1, 2, 127 * 512)


@pytest.mark.parametrize("name", PARAMETERS)
def test_builds_from_its_section_alone(name: str) -> None:
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = AutoEncoder.from_config({"model": FILES[name]})
    assert (model.stft.n_fft, model.stft.hop_length, model.sample_rate) == (2048, 512, 44100)
    # What the encoder takes says how many channels the audio has, where no data do.
    assert model.audio_channels == (1 if name == "simple_transformer_AE" else 2)


@needs_diffusers
@pytest.mark.parametrize("kind", ["autoencoder_kl", "autoencoder_dc"])
def test_networks_of_diffusers_run_and_learn(kind: str) -> None:
    small: dict[str, Any] = {"latent_channels": 2}
    if kind == "autoencoder_kl":
        shared = {**small, "block_out_channels": [4, 8], "layers_per_block": 1, "norm_num_groups": 2}
        down, up = ({**shared, key: [block] * 2} for key, block in
                    (("down_block_types", "DownEncoderBlock2D"), ("up_block_types", "UpDecoderBlock2D")))  # fmt: skip
    else:
        down, up = (
            {**small, "attention_head_dim": 4, f"{side}_block_types": ["ResBlock", "EfficientViTBlock"],
             f"{side}_block_out_channels": [4, 8], f"{side}_layers_per_block": [1, 1],
             f"{side}_qkv_multiscales": [[], [5]]}
            for side in ("encoder", "decoder")
        )  # fmt: skip
    parts = {"encoder": {"type": kind, "config": down}, "decoder": {"type": kind, "config": up}}
    model = create_model_from_config({
        "model_type": "spectral_autoencoder", "sample_rate": 16000,
        "model": {"stft": {"n_fft": 64, "hop_length": 16}, **parts, "bottleneck": {"type": "vae"}},
    })  # fmt: skip
    audio = torch.randn(2, 2, 320)
    spectrogram = model.spectrogram(audio)
    latents, info = model.encode_spectrogram(spectrogram)
    assert latents.shape == (2, model.latent_dim, 11)
    assert info["feature_shape"] == (17, 11)
    estimate = model.decode_spectrogram(latents, info)
    assert estimate.shape == spectrogram.shape
    (estimate.square().mean() + info["kl"]).backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    assert model.decode(model.encode(audio)).shape == audio.shape


@pytest.mark.skipif(importlib.util.find_spec("diffusers") is not None, reason="diffusers is there")
def test_says_what_to_install() -> None:
    with pytest.raises(ImportError, match=r"pip install 'narrows-models\[diffusers\]'"):
        AutoEncoder.from_config({"model": FILES["hf_autoencoder_kl"]})
