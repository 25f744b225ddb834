"""Metadata of an exported graph: the model's configuration, rates and shapes, as texts."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from narrows.models.codec.identity import model_hash
from narrows.models.export.graphs import GraphPart
from narrows.models.interfaces import Codec

PREFIX = "narrows."


def metadata_of(model: Codec, part: GraphPart) -> dict[str, str]:
    """Names and values, as every format can hold them."""
    config = getattr(model, "config", None)
    document = (
        config.model_dump(mode="json", by_alias=True, exclude_unset=True) if isinstance(config, BaseModel) else {}
    )
    facts: dict[str, Any] = {
        "part": part.name,
        "model": model_hash(model),
        "config": json.dumps(document, ensure_ascii=False),
        "sample_rate": model.sample_rate,
        "downsampling_ratio": model.downsampling_ratio,
        "in_channels": model.in_channels,
        "out_channels": model.out_channels,
        "latent_dim": model.latent_dim,
        "input": part.input,
        "output": part.output,
        "input_multiple": part.multiple,
        "input_least": part.multiple * part.fewest,
    }
    if part.codebook_size is not None:
        facts["codebook_size"] = part.codebook_size
    return {f"{PREFIX}{name}": str(value) for name, value in facts.items()}
