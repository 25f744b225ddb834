"""A pass-through in the place of another bottleneck, as EulerAudioBackbone's SkipBottleneck."""

from __future__ import annotations

from torch import Generator, Tensor

from narrows.configs import SkipBottleneckConfig
from narrows.models._options import options
from narrows.models.bottlenecks import Bottleneck, build_bottleneck
from narrows.models.bottlenecks.base import Info


class SkipBottleneck(Bottleneck):
    """Passes latents through, and checks that they are as wide as the decoder wants them.

    Args:
        target_channels: channels the decoder takes; None does not check.
    """

    def __init__(self, target_channels: int | None = None) -> None:
        super().__init__()
        self.target_channels = target_channels

    def forward(
        self, x: Tensor, *, generator: Generator | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`."""
        if self.target_channels is not None and x.shape[1] != self.target_channels:
            raise ValueError(f"The encoder gives {x.shape[1]} channels, but target_channels is {self.target_channels}")
        return x, {}


@build_bottleneck.register
def _(config: SkipBottleneckConfig) -> SkipBottleneck:
    return SkipBottleneck(**options(config))
