"""Small diffusion models with random weights in every branch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Generator, Tensor, nn

from narrows.models import create_model_from_config
from narrows.models.diffusion.model import DiffusionModel

DIT: dict[str, Any] = {"io_channels": 4, "embed_dim": 32, "depth": 2, "num_heads": 1, "ff_kwargs": {"mult": 1}}
UNET: dict[str, Any] = {
    "in_channels": 4,
    "channels": 32,
    "multipliers": [1, 1],
    "factors": [2],
    "num_blocks": [1],
    "attentions": [1, 1],
    "attention_heads": 2,
    "attention_multiplier": 1,
    "context_features_multiplier": 1,
}
CROSS = {"context_embedding_features": 8, "context_embedding_max_length": 6}
FULL_DIT = {**DIT, "cond_token_dim": 8, "global_cond_dim": 5, "prepend_cond_dim": 6, "local_add_cond_dim": 3}


def document(kind: str, config: dict[str, Any], model_type: str = "diffusion_cond", **diffusion: Any) -> dict[str, Any]:
    """A model file without conditioners."""
    if model_type == "diffusion_uncond":
        model: dict[str, Any] = {"type": kind, "config": config}
    else:
        model = {"io_channels": 4, "diffusion": {"type": kind, "config": config, **diffusion}}
    return {"model_type": model_type, "sample_rate": 16000, "sample_size": 1024, "model": model}


def small(kind: str, config: dict[str, Any], model_type: str = "diffusion_cond", **diffusion: Any) -> DiffusionModel:
    """A model whose branches all say something."""
    model: DiffusionModel = create_model_from_config(document(kind, config, model_type, **diffusion))
    randomize(model)
    return model.eval()


def randomize(model: nn.Module) -> None:
    """Give every parameter, those that start at zero too, a value."""
    generator = Generator().manual_seed(7)
    for parameter in model.parameters():
        drawn = torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype)
        parameter.data.copy_(parameter.data + drawn * (0.3 / max(1, parameter.shape[-1]) ** 0.5))


def random(*shape: int, seed: int = 0) -> Tensor:
    """Gaussian numbers of a seed."""
    return torch.randn(shape, generator=Generator().manual_seed(seed))


def conditions(batch: int, frames: int, *names: str) -> dict[str, Any]:
    """Inputs of the small models."""
    every: dict[str, Any] = {
        "cross_attn_cond": random(batch, 5, 8, seed=1),
        "cross_attn_mask": torch.arange(5) < torch.tensor([[3], [5], [2], [4]])[:batch],
        "global_cond": random(batch, 5, seed=2),
        "prepend_cond": random(batch, 2, 6, seed=3),
        "prepend_cond_mask": torch.arange(2) < torch.tensor([[1], [2], [2], [1]])[:batch],
        "local_add_cond": random(batch, 3, frames, seed=4),
        "modular_local_cond": {"chords": random(batch, 2, frames, seed=5)},
        "input_concat_cond": random(batch, 3, frames, seed=6),
    }
    return {name: every[name] for name in names}
