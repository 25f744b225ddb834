"""What an adapter adds to a weight before magnitudes count: a matrix of low rank.

Letters: O rows of a weight (outputs), I columns (inputs times kernel), R rank.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Generator, Tensor, nn

from narrows.models.adapters.bases import Bases, singular_bases


class Update(nn.Module, ABC):
    """A trained matrix `(O, I)`, zero at first; its tensors bear the names of files."""

    @abstractmethod
    def forward(self) -> Tensor:
        """The matrix."""

    @property
    @abstractmethod
    def rank(self) -> int:
        """R."""


class LowRank(Update):
    """`B A` (LoRA; Hu et al. 2021, arXiv 2106.09685).

    Args:
        weight: `(O, I)`, that of the base.
        rank: R.
        generator: of the initial `A`; None for the global one.
    """

    def __init__(self, weight: Tensor, rank: int, generator: Generator | None = None) -> None:
        super().__init__()
        rows, columns = weight.shape
        start = torch.empty(rank, columns)
        nn.init.kaiming_uniform_(start, a=math.sqrt(5), generator=generator)
        self.lora_A = nn.Parameter(start.to(weight.device))
        self.lora_B = nn.Parameter(torch.zeros(rows, rank, device=weight.device))

    def forward(self) -> Tensor:
        """See `Update`."""
        return self.lora_B @ self.lora_A

    @property
    def rank(self) -> int:
        """See `Update`."""
        return len(self.lora_A)


class SingularCore(Update):
    """`U M V^T` with the leading singular vectors of the base's weight (LoRA-XS; Bałazy et al. 2024, arXiv 2405.17604).

    Args:
        weight: `(O, I)`, that of the base.
        rank: R; where it is above the smaller side of the weight, the vectors beyond are zeros.
        bases: the vectors, where they are known.
    """

    def __init__(self, weight: Tensor, rank: int, bases: Bases | None = None) -> None:
        super().__init__()
        self.U: Tensor
        self.V: Tensor
        left, right = singular_bases(weight) if bases is None else bases
        self.register_buffer("U", _columns(left, rank).to(weight.device))
        self.register_buffer("V", _columns(right, rank).to(weight.device))
        self.M_xs = nn.Parameter(torch.zeros(rank, rank, device=weight.device))

    def forward(self) -> Tensor:
        """See `Update`."""
        return self.U @ self.M_xs @ self.V.T

    @property
    def rank(self) -> int:
        """See `Update`."""
        return len(self.M_xs)


def _columns(vectors: Tensor, count: int) -> Tensor:
    """The first columns in float32, with zeros where there are fewer."""
    found = vectors[:, :count].float()
    return nn.functional.pad(found, (0, count - found.shape[1])).contiguous()
