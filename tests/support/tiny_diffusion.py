"""Small conditional diffusion models over a small codec, with random weights in every branch."""

from __future__ import annotations

from typing import Any

import torch

from narrows.models import create_model_from_config
from narrows.models.diffusion.model import DiffusionModel

RATE, RATIO = 1000, 4
SIDE = {"channels": 4, "c_mults": [1, 2], "strides": [2, 2], "latent_dim": 4}


def document(
    objective: str = "v", inpaint: bool = False, size: int = 512, top: dict[str, Any] | None = None, **diffusion: Any
) -> dict[str, Any]:
    """Mono, 1000 Hz, 4 samples a frame; conditions `genre` (read from `prompt`) and `seconds_total`."""
    options: dict[str, Any] = {"io_channels": 4, "embed_dim": 32, "depth": 1, "num_heads": 1, "ff_kwargs": {"mult": 1}}
    options |= {"cond_token_dim": 8, **({"input_concat_dim": 5} if inpaint else {})}
    if inpaint:
        diffusion["input_concat_ids"] = ["inpaint_mask", "inpaint_masked_input"]
    return {
        "model_type": "diffusion_cond_inpaint" if inpaint else "diffusion_cond",
        "sample_rate": RATE,
        "sample_size": size,
        "license": "CC0",
        **(top or {}),
        "model": {
            "io_channels": 4,
            "pretransform": {
                "type": "autoencoder",
                "config": {
                    "encoder": {"type": "oobleck", "config": {**SIDE, "in_channels": 1}},
                    "decoder": {"type": "oobleck", "config": {**SIDE, "out_channels": 1}},
                    "latent_dim": 4,
                    "downsampling_ratio": RATIO,
                    "io_channels": 1,
                },
            },
            "conditioning": {
                "cond_dim": 8,
                "configs": [
                    {"id": "genre", "type": "list", "config": {"options": ["rock", "jazz"]}},
                    {"id": "seconds_total", "type": "number", "config": {"min_val": 0, "max_val": 10}},
                ],
                "default_keys": {"genre": "prompt"},
            },
            "diffusion": {
                "type": "dit",
                "diffusion_objective": objective,
                "cross_attention_cond_ids": ["genre", "seconds_total"],
                "config": options,
                **diffusion,
            },
        },
    }


def build(objective: str = "v", **options: Any) -> DiffusionModel:
    """A model in eval mode, the same at every call."""
    state = torch.random.get_rng_state()
    torch.manual_seed(0)
    model: DiffusionModel = create_model_from_config(document(objective, **options))
    with torch.no_grad():
        for parameter in model.model.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    torch.random.set_rng_state(state)
    return model.eval()


def listening(**options: Any) -> dict[str, Any]:
    """The same with two more conditions, which are audio: `melody`, and `mix` of `drums` and `bass`."""
    made = document(**options)
    shared = {"sample_rate": made["sample_rate"], "use_model_pretransform": True, "output_dim": 4}
    sources = {
        "source_keys": ["drums", "bass"],
        "allow_null_source": True,
        "source_length": made["sample_size"] // RATIO,
    }
    made["model"]["conditioning"]["configs"] += [
        {"id": "melody", "type": "pretransform", "config": shared},
        {"id": "mix", "type": "source_mix", "config": {**shared, **sources}},
    ]
    diffusion = made["model"]["diffusion"]
    diffusion["input_concat_ids"] = ["melody", "mix"]
    diffusion["config"]["input_concat_dim"] = 8
    return made
