"""Audio that is kept or varied: brought to the model, masked in frames, and put back sample by sample.

Letters: B batch, C audio channels, T samples, D channels that are diffused, L frames of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from narrows.audio.prepare import prepare_audio
from narrows.models.codec.channels import check_channels
from narrows.models.conditioners.sources import encoded
from narrows.models.diffusion.process import process_of
from narrows.models.interfaces import ChannelPolicy

SEAM = 0.005
"""Seconds behind a seam in which the generated sound is led to the known one."""


def fitted(model: Any, audio: tuple[Tensor, int], samples: int) -> Tensor:
    """Audio `(C, samples)` of a waveform and its rate: resampled, its channels converted, cut or padded.

    Raises:
        ChannelError: the pretransform's `channel_policy` refuses its channels.
    """
    waveform, rate = audio
    return prepare_audio(waveform, rate, model.sample_rate, samples, channels_for(model, waveform))[0]


def channels_for(model: Any, waveform: Tensor) -> int:
    """The channels that a model takes a waveform `(T,)` or `(..., C, T)` with.

    Raises:
        ChannelError: the pretransform's `channel_policy` refuses its channels.
    """
    channels: int = model.io_channels if model.pretransform is None else model.audio_channels
    policy: ChannelPolicy = "duplicate" if model.pretransform is None else model.pretransform.channel_policy
    check_channels(waveform.shape[-2] if waveform.dim() > 1 else 1, channels, policy)
    return channels


def latents_of(model: Any, audio: Tensor, seed: int) -> Tensor:
    """`(D, L)` of audio `(C, T)`, T a multiple of the frame; a bottleneck that draws takes the item's seed."""
    if model.pretransform is None:
        return audio
    device = next(iter(model.pretransform.parameters()), audio).device
    with torch.no_grad():
        return encoded(model.pretransform, audio[None].to(device), device, Generator().manual_seed(seed))[0]


def kept_samples(regions: Sequence[Sequence[float]], rate: int, known: int, samples: int) -> Tensor:
    """Which samples `(samples,)` stay: those outside the regions, and before the end of what is known."""
    kept = torch.arange(samples) < known
    for start, end in regions:
        kept[round(start * rate) : round(end * rate)] = False
    return kept


def kept_frames(kept: Tensor, ratio: int, frames: int) -> Tensor:
    """Frames `(L,)` of which all samples stay."""
    padded = F.pad(kept, (0, frames * ratio - len(kept)), value=False)
    return padded.reshape(frames, ratio).all(dim=1)


def put_back(made: Tensor, known: Tensor, kept: Tensor, rate: int) -> Tensor:
    """Generated audio with the samples that stay, bit for bit; beside a seam, what is generated is led to them.

    Args:
        made: `(C, T)`.
        known: `(C, T)`.
        kept: `(T,)`.
        rate: in Hz.
    """
    out = made.to(known.dtype).clone()
    edges = torch.nonzero(kept[1:] != kept[:-1]).flatten().tolist()
    starts, ends = [0, *(edge + 1 for edge in edges)], [*(edge + 1 for edge in edges), len(kept)]
    for start, end in zip(starts, ends, strict=True):
        if kept[start]:
            out[:, start:end] = known[:, start:end]
            continue
        length = min(round(SEAM * rate) + 1, end - start)
        fade = 0.5 + 0.5 * torch.cos(torch.linspace(0, torch.pi, length + 1)[:length])
        if start > 0:
            step = known[:, start - 1] - made[:, start - 1]
            out[:, start : start + length] += step[:, None] * fade
        if end < len(kept):
            step = known[:, end] - made[:, end]
            out[:, end - length : end] += step[:, None] * fade.flip(0)
    return out


def holding(predict: Any, objective: str, latents: Tensor, kept: Tensor) -> Any:
    """A predictor that knows the clean signal of some frames, for models that were not trained to inpaint.

    Args:
        predict: of `(B, D, L)` and `(B,)`: a pair of velocity and a dictionary.
        objective: what is predicted.
        latents: `(B, D, L)`, known.
        kept: `(B, 1, L)`, true where they are.
    """
    process = process_of(objective)

    def known(x: Tensor, t: Tensor, out: Tensor) -> Tensor:
        # The clean signal is linear in the velocity: move the velocity until it is the known one.
        time, wide = t.double(), x.double()
        clean = process.clean_of(wide, torch.zeros_like(wide), time)
        slope = process.clean_of(wide, torch.ones_like(wide), time) - clean
        return torch.where(kept, ((latents.double() - clean) / slope).to(out), out)

    def held(x: Tensor, t: Tensor) -> Any:
        out, info = predict(x, t)
        more = {**info, "uncond_output": known(x, t, info["uncond_output"])} if "uncond_output" in info else info
        return known(x, t, out), more

    return held
