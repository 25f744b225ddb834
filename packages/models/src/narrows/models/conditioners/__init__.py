"""Conditioners: what turns the conditions of an item (a prompt, a tempo, a clip) into tensors; one file a type."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from narrows.models.conditioners.base import Condition, Conditioner, ConditionError
from narrows.models.conditioners.cache import EmbeddingCache
from narrows.models.conditioners.multi import MultiConditioner
from narrows.models.conditioners.request import RequestProblem, check_request, cut_words
from narrows.models.pretransforms import Pretransform

__all__ = [
    "Condition",
    "ConditionError",
    "Conditioner",
    "EmbeddingCache",
    "MultiConditioner",
    "RequestProblem",
    "build_conditioner",
    "check_request",
    "cut_words",
]


@singledispatch
def build_conditioner(config: Any, cond_dim: int, pretransform: Pretransform | None = None) -> Conditioner:
    """Build the conditioner of a typed configuration; each type registers its builder in its own file.

    Args:
        config: typed configuration.
        cond_dim: width of what comes out, unless the configuration has an `output_dim`.
        pretransform: the model's, for those that share it.
    """
    raise NotImplementedError(f"No builder for {type(config).__name__}")
