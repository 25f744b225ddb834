"""Neighbouring frames as one, so that a codec whose codes cover several frames has a latent frame for each."""

from __future__ import annotations

from torch import Tensor, nn

from narrows.models.receptive_field import ReceptiveField, frames, unframes


def folded(x: Tensor, count: int) -> Tensor:
    """`(B, D, L)` → `(B, D * count, L / count)`: each channel's `count` values in a row."""
    batch, channels, length = x.shape
    if length % count:
        raise ValueError(f"{length} frames cannot be joined by {count}: pad the input to whole latent frames")
    return x.reshape(batch, channels, length // count, count).transpose(2, 3).flatten(1, 2)


def unfolded(x: Tensor, count: int) -> Tensor:
    """`(B, D * count, L)` → `(B, D, L * count)`."""
    batch, channels, length = x.shape
    return x.reshape(batch, channels // count, count, length).transpose(2, 3).flatten(2)


class Fold(nn.Module):
    """Joins frames; see `folded`.

    Args:
        count: frames that become one.
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def forward(self, x: Tensor) -> Tensor:
        """Join."""
        return folded(x, self.count)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return frames(self.count)


class Unfold(nn.Module):
    """Takes apart what `Fold` joined.

    Args:
        count: frames that one becomes.
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def forward(self, x: Tensor) -> Tensor:
        """Take apart."""
        return unfolded(x, self.count)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return unframes(self.count)
