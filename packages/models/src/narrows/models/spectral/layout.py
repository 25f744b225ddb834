"""The one channel layout of spectrograms, real or complex.

A spectrogram is complex, `(B, C, F, T)`, or real with complex as channels (CAC), `(B, 2C, F, T)`: first the real parts
of all audio channels, then the imaginary parts, in the same order. Stereo is `[re L, re R, im L, im R]`. Every part of
this library reads and writes this layout, and `pairs` says so where another one must be read.

EulerAudioBackbone makes its CAC spectrograms so, but its pre-transforms and losses read neighbouring channels as pairs,
`[re, im, re, im]`. For one audio channel that is the same; for two, the right channel is taken for the imaginary part
of the left. `pairs="neighbours"` repeats that, for weights which were trained with it.

Letters: B batch, C audio channels, F frequency bins, T frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Pairs = Literal["halves", "neighbours"]
"""The order of the real and the imaginary parts of channels: in the two halves of the channels (the layout of this
library), or side by side."""


@dataclass(frozen=True)
class ChannelLayout:
    """How many channels a spectrogram has, and of which kind.

    Args:
        audio_channels: channels of the audio.
        cac: complex as channels; else the spectrogram is complex.
    """

    audio_channels: int
    cac: bool

    @property
    def is_complex(self) -> bool:
        """Whether the spectrogram is complex."""
        return not self.cac

    @property
    def model_channels(self) -> int:
        """Channels of the spectrogram: what an encoder takes and a decoder gives."""
        return self.audio_channels * (2 if self.cac else 1)

    def of(self, spectrogram: Tensor) -> Tensor:
        """A complex spectrogram `(B, C, F, T)` in this layout."""
        return pack_complex(spectrogram) if self.cac else spectrogram

    def check(self, spectrogram: Tensor) -> None:
        """Raise a ValueError unless a spectrogram is in this layout."""
        kind = "complex" if self.is_complex else "real"
        fits = spectrogram.dim() == 4 and spectrogram.shape[1] == self.model_channels
        if not fits or spectrogram.is_complex() != self.is_complex:
            given = "complex" if spectrogram.is_complex() else "real"
            raise ValueError(
                f"The spectrogram must be {kind} of shape (batch, {self.model_channels}, bins, frames), got {given} "
                f"{tuple(spectrogram.shape)}: audio of {self.audio_channels} channels, cac {str(self.cac).lower()}"
            )


def pack_complex(x: Tensor, parts: int = 1) -> Tensor:
    """Complex `(B, C, ...)` as real `(B, 2C, ...)`, real parts first; real tensors as they are.

    This is how complex spectrograms and latents are logged and stored, and how bottlenecks see latents.

    Args:
        x: the tensor.
        parts: how many equal parts of the channels to pack each for itself, e.g. 2 for a mean and a scale.
    """
    if not x.is_complex():
        return x
    split = torch.unflatten(x, 1, (parts, -1))
    return torch.cat([split.real, split.imag], dim=2).flatten(1, 2)


def unpack_complex(x: Tensor) -> Tensor:
    """Real `(B, 2C, ...)` as complex `(B, C, ...)`; complex tensors as they are."""
    if x.is_complex():
        return x
    if x.shape[1] % 2:
        raise ValueError(f"Real and imaginary parts need an even number of channels, got {x.shape[1]}")
    return join_parts(*x.chunk(2, dim=1))


def join_parts(real: Tensor, imaginary: Tensor) -> Tensor:
    """Complex values of their parts; those of half precision, as autocast makes them, become float32 first."""
    if real.dtype not in (torch.float32, torch.float64):
        real, imaginary = real.float(), imaginary.float()
    return torch.complex(real, imaginary)


def to_complex(x: Tensor, pairs: Pairs = "halves") -> Tensor:
    """`unpack_complex`, from either arrangement of the channels."""
    if pairs == "halves" or x.is_complex():
        return unpack_complex(x)
    return unpack_complex(torch.unflatten(x, 1, (-1, 2)).transpose(1, 2).flatten(1, 2))


def from_complex(x: Tensor, pairs: Pairs = "halves") -> Tensor:
    """`pack_complex`, to either arrangement of the channels."""
    packed = pack_complex(x)
    return packed if pairs == "halves" else torch.unflatten(packed, 1, (2, -1)).transpose(1, 2).flatten(1, 2)
