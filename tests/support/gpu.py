"""Comparing what a GPU computes with what the CPU does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    """In modules that import it, float32 is computed as such: TF32 keeps three digits."""
    convolutions, products = torch.backends.cudnn, torch.backends.cuda.matmul
    before = convolutions.allow_tf32, products.allow_tf32
    convolutions.allow_tf32 = products.allow_tf32 = False
    yield
    convolutions.allow_tf32, products.allow_tf32 = before


def difference(got: Tensor, wanted: Tensor) -> float:
    """The largest difference, relative to the peak of what is wanted."""
    assert got.shape == wanted.shape
    wanted = wanted.detach().cpu()
    return float((got.detach().cpu() - wanted).abs().max() / wanted.abs().max())


def equal_share(got: Tensor, wanted: Tensor) -> float:
    """How many of the values are equal."""
    assert got.shape == wanted.shape
    return float((got.cpu() == wanted.cpu()).double().mean())
