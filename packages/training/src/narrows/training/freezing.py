"""Freeze what encodes: neither gradients nor the forward pass change anything of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn


@contextmanager
def frozen_encoding(model: Any, freeze: bool) -> Iterator[None]:
    """Inside, a frozen model encodes as it will in use.

    Without gradients alone, a forward pass in training mode still moves codebooks that are averages (`rvq`), replaces
    dead codes and updates statistics of normalisation, so that latents and tokens would change their meaning.

    Args:
        model: with an `encoder` and a `bottleneck`.
        freeze: False changes nothing.
    """
    if not freeze:
        yield
        return
    parts = [part for part in (model.encoder, model.bottleneck) if isinstance(part, nn.Module)]
    modes = [(module, module.training) for part in parts for module in part.modules()]
    try:
        for part in parts:
            part.eval()
        with torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training
