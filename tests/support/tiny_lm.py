"""Small language models over small codecs, with weights that are all in use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import torch
from support.tiny_models import shaken
from torch import Tensor, nn

from narrows.models import factory
from narrows.models.lm import building
from narrows.models.lm.model import AudioLanguageModel

CODEBOOK_SIZE = 16
WIDTH = 12
"""Of the conditions."""
BACKBONES: dict[str, dict[str, Any]] = {
    "continuous_transformer": {"embed_dim": 32, "depth": 2, "dim_heads": 32, "ff_kwargs": {"mult": 2}},
    "x-transformers": {"embed_dim": 32, "depth": 2, "heads": 2, "attn_dim_head": 32, "ff_mult": 2},
}
PATTERNS: dict[str, Any] = {
    "parallel": {"type": "parallel"},
    "delay": {"type": "delay"},
    "unroll": {"type": "unroll", "flattening": [0, 1, 1, 3], "delays": [0, 2, 2, 2]},
    "coarse_first": {"type": "coarse_first"},
    "musiclm": {"type": "musiclm"},
}


def codec(bottleneck: dict[str, Any] | None = None, channels: int = 4) -> dict[str, Any]:
    """The `pretransform` of a language model: mono, ratio 8."""
    sides = {"channels": 4, "c_mults": [1, 2], "strides": [2, 4]}
    rvq = {"type": "rvq", "config": {"dim": 4, "num_quantizers": 4, "codebook_size": CODEBOOK_SIZE}}
    return {
        "type": "autoencoder",
        "config": {
            "encoder": {"type": "oobleck", "config": {**sides, "in_channels": 1, "latent_dim": channels}},
            "decoder": {"type": "oobleck", "config": {**sides, "out_channels": 1, "latent_dim": 4}},
            "latent_dim": 4,
            "downsampling_ratio": 8,
            "io_channels": 1,
            "bottleneck": bottleneck or rvq,
        },
    }


def config(
    backbone: str = "continuous_transformer",
    pattern: Any = "delay",
    cross: bool = False,
    prepend: bool = False,
    added: bool = False,
    options: dict[str, Any] | None = None,
    bottleneck: dict[str, Any] | None = None,
    **block: Any,
) -> dict[str, Any]:
    """The model file; conditions `text` (attended to), `front` (prepended) and `level` (added)."""
    given: dict[str, Any] = {**BACKBONES[backbone], **(options or {})}
    ids, kinds = [], {"text": cross, "front": prepend, "level": added}
    ids = [name for name, on in kinds.items() if on]
    if cross:
        given["cross_attn_cond_dim"] = WIDTH
        if backbone == "continuous_transformer":
            given["project_cross_attn_cond"] = True
    if prepend:
        given["prepend_cond_dim"] = WIDTH
    if added:
        given["sum_cond_dim"] = WIDTH
    conditioning = {
        "cond_dim": WIDTH,
        "configs": [{"id": name, "type": "int", "config": {"max_val": 9}} for name in ids],
    }
    return {
        "model_type": "lm",
        "sample_rate": 800,
        "model": {
            "pretransform": codec(bottleneck),
            "lm": {
                "type": backbone,
                "codebook_pattern": pattern,
                "config": given,
                "cross_attention_cond_ids": ["text"] if cross else [],
                "prepend_cond_ids": ["front"] if prepend else [],
                "sum_cond_ids": ["level"] if added else [],
                **block,
            },
            **({"conditioning": conditioning} if ids else {}),
        },
    }


def musicgen_config() -> dict[str, Any]:
    """The model file of one with MusicGen's layers; condition `text`, attended to."""
    given = {"embed_dim": 32, "depth": 2, "heads": 4, "ff_mult": 2, "cross_attn_cond_dim": WIDTH}
    kinds = [{"id": "text", "type": "int", "config": {"max_val": 9}}]
    model = {
        "pretransform": codec(),
        "conditioning": {"cond_dim": WIDTH, "configs": kinds},
        "lm": {"type": "musicgen", "config": given, "cross_attention_cond_ids": ["text"]},
    }
    return {"model_type": "lm", "sample_rate": 800, "model": model}


def masked_config(cross: bool = False, options: dict[str, Any] | None = None, **block: Any) -> dict[str, Any]:
    """The model file of one that fills in hidden tokens; condition `text`, attended to."""
    given = {"embed_dim": 32, "depth": 2, "heads": 4, "ff_mult": 2, **(options or {})}
    given |= {"cross_attn_cond_dim": WIDTH} if cross else {}
    lm = {"type": "masked", "config": given, "cross_attention_cond_ids": ["text"] if cross else [], **block}
    model: dict[str, Any] = {"pretransform": codec(), "lm": lm}
    if cross:
        kinds = [{"id": "text", "type": "int", "config": {"max_val": 9}}]
        model["conditioning"] = {"cond_dim": WIDTH, "configs": kinds}
    return {"model_type": "lm", "sample_rate": 800, "model": model}


@contextmanager
def no_conditioners() -> Iterator[None]:
    """Models are built without their conditioners: tests give condition tensors."""
    name = "create_multi_conditioner_from_conditioning_config"
    with mock.patch.object(building, name, return_value=nn.Identity()):
        yield


def build(*args: Any, **kwargs: Any) -> AudioLanguageModel:
    """A model in eval mode, the same at every call."""
    return built(config(*args, **kwargs))


def built(document: dict[str, Any]) -> AudioLanguageModel:
    """The model of a file, in eval mode, the same at every call."""
    torch.manual_seed(0)
    with no_conditioners():
        model = factory.create_model_from_config(document)
    shaken(model.lm)
    return model.eval()  # type: ignore[no-any-return]


def conditions(batch: int, tokens: int = 3, padded: bool = False) -> dict[str, tuple[Tensor, Tensor | None]]:
    """Condition tensors of all three conditions, other ones for each item; `padded`: the second token is padding."""
    generator = torch.Generator().manual_seed(1)
    mask = torch.ones(batch, tokens)
    if padded:
        mask[:, 1] = 0

    def draw(count: int) -> Tensor:
        return torch.randn(batch, count, WIDTH, generator=generator)

    return {"text": (draw(tokens), mask), "front": (draw(tokens), mask), "level": (draw(1), None)}


def codes(batch: int, frames: int, codebooks: int = 4, seed: int = 2) -> Tensor:
    """Random codes `(B, K, T)`."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(CODEBOOK_SIZE, (batch, codebooks, frames), generator=generator)
