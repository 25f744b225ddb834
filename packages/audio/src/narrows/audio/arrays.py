"""What counts as audio in memory: the one place that decides about shapes, kinds, rates and what is not finite."""

from __future__ import annotations

import math

import numpy as np
from torch import Tensor

from narrows.configs import NarrowsError

MAX_CHANNELS = 64


class AudioArrayError(NarrowsError, ValueError):
    """A tensor or a rate that is no audio."""


def audio_clip(audio: Tensor, name: str = "A clip") -> Tensor:
    """A clip `(C, T)` of a tensor `(T,)`, `(C, T)` or `(1, C, T)`.

    Args:
        audio: floats.
        name: of the clip, for messages.

    Raises:
        AudioArrayError: it is transposed, of another kind or shape, or holds samples that are not finite.
    """
    if isinstance(audio, Tensor) and audio.dim() == 3 and audio.shape[0] == 1:
        audio = audio[0]
    if isinstance(audio, Tensor) and audio.dim() == 1:
        audio = audio[None]
    if not isinstance(audio, Tensor) or audio.dim() != 2 or not audio.is_floating_point():
        raise AudioArrayError(f"{name} is a float tensor of shape (channels, samples), got {_described(audio)}")
    check_channels(audio, name)
    if not bool(audio.isfinite().all()):
        first = int((~audio.isfinite()).any(dim=0).nonzero()[0])
        raise AudioArrayError(f"{name} holds samples that are not finite, the first at sample {first}")
    return audio


def audio_batch(audio: Tensor, channels: int, name: str = "audio") -> Tensor:
    """A batch `(B, channels, T)`, as it was given.

    Raises:
        AudioArrayError: it is transposed, of another kind, shape or number of channels.
    """
    if not isinstance(audio, Tensor):
        raise AudioArrayError(f"{name} must be of shape (batch, {channels}, length), got {_described(audio)}")
    if audio.dim() == 3 and audio.shape[1] == channels and (audio.is_floating_point() or audio.is_complex()):
        return audio
    transposed = audio.dim() == 3 and audio.shape[2] == channels and audio.shape[1] > channels
    hint = ": it is transposed, as soundfile reads it; give its .transpose(1, 2)" if transposed else ""
    if audio.dim() == 1:
        hint = ": give a batch, audio[None, None]"
    if audio.dim() == 2:
        hint = f": give a batch, {'its .T[None]' if audio.shape[-1] == channels < len(audio) else 'audio[None]'}"
    if not (audio.is_floating_point() or audio.is_complex()):
        hint = ": give floats; of 16 bit integers, audio / 32768"
    raise AudioArrayError(f"{name} must be of shape (batch, {channels}, length), got {_described(audio)}{hint}")


def whole_rate(rate: float, name: str = "A sample rate") -> int:
    """A rate in whole Hz; 44100.0 is one.

    Raises:
        AudioArrayError: it is no number, not whole, or not above zero.
    """
    number = rate.item() if hasattr(rate, "item") and getattr(rate, "ndim", 0) == 0 else rate
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise AudioArrayError(f"{name} is a whole number of Hz above zero, got {rate!r}")
    if number != int(number) or number <= 0:
        raise AudioArrayError(f"{name} is a whole number of Hz above zero, got {rate!r}")
    return int(number)


def rated_audio(given: object, name: str) -> tuple[Tensor, int]:
    """A waveform and its rate in Hz, as they were given together.

    Raises:
        AudioArrayError: it is a waveform alone, the rate stands first, or neither is there.
    """
    if isinstance(given, tuple | list) and len(given) == 2 and isinstance(given[0], Tensor):
        return given[0], whole_rate(given[1], f"The rate of {name}")
    hint = f": give ({name}, 44100)" if isinstance(given, Tensor) else ""
    if isinstance(given, tuple | list) and len(given) == 2 and isinstance(given[1], Tensor):
        hint = ": the rate stands first; give the waveform, then its rate"
    elif any(isinstance(part, np.ndarray) for part in (given if isinstance(given, tuple | list) else (given,))):
        hint = ": give torch.from_numpy of the waveform, in float32, and its rate"
    raise AudioArrayError(f"{name} is a waveform and its rate in Hz, got a {type(given).__name__}{hint}")


def check_channels(audio: Tensor, name: str) -> None:
    """Refuse a signal `(C, T)` that is empty, or has more channels than samples.

    Raises:
        AudioArrayError: it is transposed or empty.
    """
    channels, samples = audio.shape
    if channels == 0 or samples == 0:
        raise AudioArrayError(f"{name} is empty: {channels} channels of {samples} samples")
    if channels > max(samples, 1) or channels > MAX_CHANNELS:
        raise AudioArrayError(
            f"{name} is of shape (channels, samples), got {channels} channels of {samples} samples: "
            "it is transposed, as soundfile reads it; give its .T"
        )


def _described(audio: object) -> str:
    if not isinstance(audio, Tensor):
        numpy = type(audio).__name__ == "ndarray"
        return f"a {type(audio).__name__}{': give torch.from_numpy of it, in float32' if numpy else ''}"
    return f"{str(audio.dtype).removeprefix('torch.')} of {tuple(audio.shape)}"
