"""The base class of pretransforms.

Letters: B batch, C audio channels, T samples, E encoded channels, L frames.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

import torch
from torch import Tensor, nn

from narrows.models.interfaces import ChannelPolicy


class Pretransform(nn.Module, ABC):
    """Maps audio to what an encoder or a diffusion model works on, and back.

    Args:
        io_channels: audio channels in and out.
        encoded_channels: channels of a frame.
        downsampling_ratio: samples a frame.
    """

    is_discrete: bool = False
    """Whether `tokenize` and `decode_tokens` are offered."""
    enable_grad: bool = False
    """Whether the parameters are trained. A frozen pretransform stays in eval mode; gradients still pass through its
    `decode`, because what comes before it may be trained."""

    export_obstacle: str | None = None
    """Why a model behind it has no graph; None where it has one."""

    def __init__(self, io_channels: int, encoded_channels: int, downsampling_ratio: int) -> None:
        super().__init__()
        self.io_channels = io_channels
        self.encoded_channels = encoded_channels
        self.downsampling_ratio = downsampling_ratio

    @property
    def dtype(self) -> torch.dtype:
        """Precision of the tensors inside; float32 where there are none."""
        tensors = [t.dtype for t in (*self.parameters(), *self.buffers()) if t.is_floating_point()]
        # Beside 16 bit, some layers may be kept in float32.
        return min(tensors, key=lambda dtype: dtype.itemsize, default=torch.float32)

    @property
    def channel_policy(self) -> ChannelPolicy:
        """What becomes of audio with other channels: what the model inside says, where there is one."""
        policy: ChannelPolicy = getattr(getattr(self, "model", None), "channel_policy", "duplicate")
        return policy

    @abstractmethod
    def encode(self, audio: Tensor, **kwargs: Any) -> Tensor:
        """`(B, C, T)` → `(B, E, T / downsampling_ratio)`."""

    @abstractmethod
    def decode(self, encoded: Tensor, **kwargs: Any) -> Tensor:
        """`(B, E, L)` → `(B, C, L * downsampling_ratio)`."""

    def scaled(self, latents: Tensor) -> Tensor:
        """What `encode` makes of latents `(B, E, L)` of the model inside, as pre-encoding stores them."""
        return latents

    def tokenize(self, audio: Tensor, **kwargs: Any) -> Tensor:
        """Tokens of audio, in the layout of the bottleneck that makes them."""
        raise TypeError(f"{type(self).__name__} is not discrete: it has no tokens")

    def decode_tokens(self, tokens: Tensor, **kwargs: Any) -> Tensor:
        """Audio of tokens."""
        raise TypeError(f"{type(self).__name__} is not discrete: it has no tokens")

    def freeze(self, enable_grad: bool) -> Self:
        """Train the parameters, or freeze them for good."""
        self.enable_grad = enable_grad
        self.requires_grad_(enable_grad)
        return self.eval()

    def train(self, mode: bool = True) -> Self:
        """Switch to training mode; a frozen pretransform stays in eval mode."""
        return super().train(mode and self.enable_grad)


def check_shape(name: str, x: Tensor, channels: int, multiple: int = 1) -> None:
    """Raise a ValueError unless `x` is `(batch, channels, length)`, the length a multiple of a number."""
    if x.dim() != 3 or x.shape[1] != channels:
        raise ValueError(f"{name} must be of shape (batch, {channels}, length), got {tuple(x.shape)}")
    if x.shape[-1] % multiple:
        raise ValueError(
            f"The length of {name} must be a multiple of {multiple}, got {x.shape[-1]}: pad it with "
            f"{-x.shape[-1] % multiple} zeros"
        )
