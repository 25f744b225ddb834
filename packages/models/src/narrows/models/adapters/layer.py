"""The adapter of one weight, as a parametrization of the layer that has it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from narrows.models.adapters.bases import Bases
from narrows.models.adapters.kinds import KINDS
from narrows.models.adapters.magnitudes import Magnitudes


class LayerAdapter(nn.Module):
    """Changes a weight: `W + scale * strength * update`, with trained norms where its kind has them.

    Everything trained is float32, whatever the base is. At first the weight comes out as it went in.

    Args:
        weight: of the base, `(O, ...)`.
        kind: name in `KINDS`.
        rank: of the update.
        scale: of the update; `alpha / rank` by convention.
        dropout: share of the columns of the update that a training step leaves out.
        generator: of the initial values; None for the global one.
        bases: singular vectors for the `-xs` kinds; None computes them.
    """

    def __init__(
        self,
        weight: Tensor,
        kind: str,
        rank: int,
        scale: float = 1.0,
        dropout: float = 0.0,
        generator: Generator | None = None,
        bases: Bases | None = None,
    ) -> None:
        super().__init__()
        matrix = as_matrix(weight.detach()).float()
        self.kind, self.scale, self.dropout = kind, scale, dropout
        self.update = KINDS[kind].build(matrix, rank, generator, bases)
        axes = KINDS[kind].axes
        self.magnitudes = Magnitudes(matrix, axes) if axes else None
        self.strength = 1.0
        """Of the update; 0 gives the base's weight. Norms count in full at any other, as in stable-audio-3."""
        self.active = True
        """False passes the base's weight through."""

    def forward(self, weight: Tensor) -> Tensor:
        """The weight to compute with, in the shape and type of the base's."""
        if not self.active or self.strength == 0:
            return weight
        update = self.scale * self.strength * self._dropped(self.update())
        if self.magnitudes is None:
            return weight + update.view_as(weight).to(weight.dtype)
        changed: Tensor = self.magnitudes(as_matrix(weight).to(update.dtype) + update)
        return changed.view_as(weight).to(weight.dtype)

    def tensors(self) -> dict[str, Tensor]:
        """What is trained, by its name in files."""
        return {name.rpartition(".")[2]: parameter.detach() for name, parameter in self.named_parameters()}

    @torch.no_grad()
    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Take the trained values of a file; singular vectors too, where it has them."""
        for name, target in (*self.named_parameters(), *self.named_buffers()):
            given = tensors.get(name.rpartition(".")[2])
            if given is not None:
                target.copy_(given.reshape(target.shape))

    def _dropped(self, update: Tensor) -> Tensor:
        if not self.training or self.dropout == 0:
            return update
        return update * F.dropout(update.new_ones(update.shape[1]), self.dropout)


def as_matrix(weight: Tensor) -> Tensor:
    """A weight `(O, ...)` as `(O, I)`."""
    return weight.reshape(len(weight), -1)
