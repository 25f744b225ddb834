"""Published configurations, built without memory and encoders: as many parameters as in the reference."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from narrows.models import create_model_from_config
from narrows.models.inspection_of_generators import inspect_generator

SECONDS = ("seconds_start", "seconds_total")


def latent(encoder: dict[str, Any], decoder: dict[str, Any], ratio: int) -> dict[str, Any]:
    """A variational autoencoder of stereo audio with 64 latent channels."""
    sizes = {"latent_dim": 64, "downsampling_ratio": ratio, "io_channels": 2}
    config = {"encoder": encoder, "decoder": decoder, "bottleneck": {"type": "vae"}, **sizes}
    return {"type": "autoencoder", "iterate_batch": True, "config": config}


def text_to_audio(pretransform: dict[str, Any], seconds: dict[str, Any], diffusion: dict[str, Any]) -> dict[str, Any]:
    """A model that hears a prompt and two numbers."""
    conditioners = [{"id": name, **seconds} for name in SECONDS]
    prompt = {"id": "prompt", "type": "clap_text", "config": {"clap_ckpt_path": "clap.pt", "use_text_features": True}}
    ids = {"cross_attention_cond_ids": ["prompt", *SECONDS]}
    return {
        "model_type": "diffusion_cond",
        "sample_rate": 44100,
        "model": {
            "io_channels": 64,
            "pretransform": pretransform,
            "conditioning": {"cond_dim": 768, "configs": [prompt, *conditioners]},
            "diffusion": {**ids, **diffusion},
        },
    }


DAC = {"in_channels": 2, "latent_dim": 128, "d_model": 128, "strides": [4, 4, 8, 8]}
DAC_BACK = {"out_channels": 2, "latent_dim": 64, "channels": 1536, "rates": [8, 8, 4, 4]}
OOBLECK = {"channels": 128, "c_mults": [1, 2, 4, 8, 16], "strides": [2, 4, 4, 8, 8], "use_snake": True}
UNET = {
    "in_channels": 64,
    "context_embedding_features": 768,
    "context_embedding_max_length": 79,
    "channels": 256,
    "resnet_groups": 16,
    "multipliers": [4, 4, 4, 5, 5],
    "factors": [1, 2, 2, 4],
    "num_blocks": [2, 2, 2, 2],
    "attentions": [1, 3, 3, 3, 3],
    "attention_heads": 16,
    "attention_multiplier": 4,
}
DIT = {
    "io_channels": 64,
    "embed_dim": 1536,
    "depth": 24,
    "num_heads": 24,
    "cond_token_dim": 768,
    "global_cond_dim": 1536,
    "project_cond_tokens": False,
}
PUBLISHED = {
    "stable_audio_1_0": (
        text_to_audio(
            latent({"type": "dac", "config": DAC}, {"type": "dac", "config": DAC_BACK}, 1024),
            {"type": "int", "config": {"min_val": 0, "max_val": 512}},
            {"type": "adp_cfg_1d", "config": UNET},
        ),
        {"denoiser": 906_679_744, "conditioners": 2 * 513 * 768, "codec": 133_431_300, "total": 1_040_899_012},
    ),
    "stable_audio_2_0": (
        text_to_audio(
            latent(
                {"type": "oobleck", "config": {**OOBLECK, "in_channels": 2, "latent_dim": 128}},
                {"type": "oobleck", "config": {**OOBLECK, "out_channels": 2, "latent_dim": 64, "final_tanh": False}},
                2048,
            ),
            {"type": "number", "config": {"min_val": 0, "max_val": 512}},
            {"type": "dit", "global_cond_ids": list(SECONDS), "config": DIT},
        ),
        {
            "denoiser": 1_056_828_544,
            "conditioners": 2 * (128 + 257 * 768 + 768),
            "codec": 156_112_514,
            "total": 1_213_337_602,
        },
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_text_to_audio_model_has_the_parameters_of_the_reference(name: str) -> None:
    """Without the encoder of the prompt, which is not here and not in the state dict.

    The numbers are those of stable-audio-tools 0.0.19, part by part, built on the meta device without `clap_text`.
    """
    config, numbers = PUBLISHED[name]
    facts = inspect_generator({**config, "sample_size": 2**17})
    assert facts.parameters == numbers
    assert set(facts.encoders) == {"prompt", *SECONDS}
    # Two operations a weight and frame at least, all weights of a transformer being at work in every frame.
    if name == "stable_audio_2_0":
        assert facts.step_flops > 1.8 * facts.frames * facts.parameters["denoiser"]
    assert min(facts.step_memory, facts.decoding_memory or 0) > 0


@pytest.mark.parametrize(
    ("options", "channels"), [({"n_attn_layers": 5}, 2), ({"n_attn_layers": 6, "depth": 14, "io_channels": 1}, 1)]
)
def test_a_dance_diffusion_model_builds(options: dict[str, Any], channels: int) -> None:
    """The reference passes its blocks an option that they do not know."""
    document = {
        "model_type": "diffusion_uncond",
        "sample_rate": 48000,
        "sample_size": 65536,
        "audio_channels": channels,
        "model": {"type": "DAU1d", "config": options},
    }
    with torch.device("meta"):
        model = create_model_from_config(document)
    assert (model.io_channels, model.length_multiple, model.min_input_length) == (channels, 8192, 1)
    assert inspect_generator(document).parameters["total"] == sum(p.numel() for p in model.parameters())


DANCE = {
    "dance_diffusion_base": (48000, 65536),
    "dance_diffusion_base_16k": (16000, 65536),
    "dance_diffusion_base_44k": (44100, 65536),
    "dance_diffusion_large": (48000, 131072),
}


@pytest.mark.parametrize("name", DANCE)
def test_the_published_dance_diffusion_models_have_the_parameters_of_the_reference(name: str) -> None:
    """The number is that of stable-audio-tools 0.0.19 without the option that its blocks do not know."""
    rate, size = DANCE[name]
    model = {"type": "DAU1d", "config": {"n_attn_layers": 5}}
    document = {"model_type": "diffusion_uncond", "sample_rate": rate, "sample_size": size, "model": model}
    with torch.device("meta"):
        built = create_model_from_config(document)
    assert sum(parameter.numel() for parameter in built.parameters()) == 221_389_322


def test_the_medium_transformer_of_stable_audio_3_has_the_parameters_of_the_reference() -> None:
    """Of its package; its documents lie beside its weights, so the sizes are those of its port to MLX."""
    sizes = {"io_channels": 256, "embed_dim": 1536, "depth": 24, "num_heads": 24, "num_memory_tokens": 64}
    conditions = {"cond_token_dim": 768, "global_cond_dim": 768, "local_add_cond_dim": 257, "global_cond_type": "adaLN"}
    attention = {"qk_norm": "rms", "differential": True}
    backbone = {**sizes, **conditions, "norm_type": "rms_norm", "timestep_features_type": "expo"}
    diffusion = {"type": "dit", "config": {**backbone, "attn_kwargs": attention}}
    diffusion["local_add_cond_ids"] = ["inpaint_mask", "inpaint_masked_input"]
    model = {"io_channels": 256, "diffusion": diffusion}
    with torch.device("meta"):
        built = create_model_from_config(
            {"model_type": "diffusion_cond_inpaint", "sample_rate": 44100, "sample_size": 2**17, "model": model}
        )
    assert sum(parameter.numel() for parameter in built.parameters()) == 1_453_170_176


def test_a_stable_audio_3_document_builds_whole() -> None:
    """Local and modular conditions, times as noise ratios, and the two conditions that inpainting brings."""
    document = {
        "model_type": "diffusion_cond_inpaint",
        "sample_rate": 44100,
        "model": {
            "io_channels": 256,
            "diffusion": {
                "type": "dit",
                "diffusion_objective": "rectified_flow",
                "local_add_cond_ids": ["inpaint_mask", "inpaint_masked_input"],
                "modular_local_cond_configs": [{"id": "chords", "dim": 12}],
                "mask_padding_attention": True,
                "sampling_distribution_shift_options": {"type": "logsnr", "rate": 0.0},
                "config": {
                    "io_channels": 256,
                    "embed_dim": 64,
                    "depth": 2,
                    "num_heads": 1,
                    "local_add_cond_dim": 257,
                    "norm_type": "rms_norm",
                    "timestep_features_type": "expo",
                    "timestep_features_logsnr": True,
                    "attn_kwargs": {"qk_norm": "rms"},
                },
            },
        },
    }
    model = create_model_from_config(document).eval()
    assert (model.apg_scale, model.mask_padding_attention, model.diffusion_objective) == (1.0, True, "rectified_flow")
    assert model.sampling_distribution_shift["type"] == "logsnr"
    names = set(model.state_dict())
    assert "model.model.transformer.layers.1.modular_local_embeds.chords.2.bias" in names
    assert "model.model.transformer.layers.0.to_local_embed.0.weight" in names
