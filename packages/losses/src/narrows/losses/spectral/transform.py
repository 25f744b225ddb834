"""The short-time Fourier transform of real signals, with a backward pass of real transforms.

Autograd fills the other half of every spectrum with zeros, transforms all of it as complex numbers and adds frames up
by index: three times the work.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional as F


def real_stft(x: Tensor, fft_size: int, hop_size: int, window: Tensor) -> Tensor:
    """Complex spectra `(N, F, L)` of signals `(N, T)`, centred, with reflected ends: those of `torch.stft`.

    Args:
        x: signals.
        fft_size: in samples.
        hop_size: in samples.
        window: `(W,)` with W at most `fft_size`.
    """
    if torch.compiler.is_compiling() or not (torch.is_grad_enabled() and x.requires_grad):
        return _plain(x, fft_size, hop_size, window)
    spectra: Tensor = _Transform.apply(x, fft_size, hop_size, window)  # type: ignore[no-untyped-call]
    return spectra


def _plain(x: Tensor, fft_size: int, hop_size: int, window: Tensor) -> Tensor:
    return torch.stft(x, fft_size, hop_size, len(window), window, return_complex=True)


class _Transform(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, fft_size: int, hop_size: int, window: Tensor) -> Tensor:
        ctx.save_for_backward(window)
        ctx.options, ctx.shape = (fft_size, hop_size), x.shape
        return _plain(x, fft_size, hop_size, window)

    @staticmethod
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        (window,), (fft_size, hop_size) = ctx.saved_tensors, ctx.options
        if torch.is_grad_enabled():  # a gradient of the gradient is wanted; of a linear function, anywhere
            x = window.new_zeros(ctx.shape, requires_grad=True)
            spectra = _plain(x, fft_size, hop_size, window)
            return *torch.autograd.grad(spectra, x, given, create_graph=True), None, None, None
        frames = _frames(given.transpose(1, 2), fft_size, window)
        padded = _added(frames, hop_size, ctx.shape[-1] + 2 * (fft_size // 2))
        return _unreflected(padded, fft_size // 2), None, None, None


def _frames(given: Tensor, fft_size: int, window: Tensor) -> Tensor:
    """Gradient of the frames `(N, L, fft_size)` from that of their spectra `(N, L, F)`."""
    # The inverse transform takes each inner bin for two: itself and its conjugate.
    halved = given.clone(memory_format=torch.contiguous_format)
    halved[..., 0] *= 2
    if fft_size % 2 == 0:
        halved[..., -1] *= 2
    left = (fft_size - len(window)) // 2
    shape = F.pad(window, (left, fft_size - len(window) - left))
    frames: Tensor = torch.fft.irfft(halved, fft_size, norm="forward")
    return frames.mul_(0.5 * shape)


def _added(frames: Tensor, hop: int, length: int) -> Tensor:
    """The overlapping frames `(N, L, fft_size)` added up: `(N, length)`."""
    count = -(-frames.shape[-1] // hop)
    parts = F.pad(frames, (0, count * hop - frames.shape[-1])).reshape(*frames.shape[:2], count, hop)
    total = frames.new_zeros(frames.shape[0], frames.shape[1] + count - 1, hop)
    for index in range(count):
        total[:, index : index + frames.shape[1]] += parts[:, :, index]
    flat = total.flatten(1)
    return F.pad(flat, (0, length - flat.shape[-1]))


def _unreflected(padded: Tensor, pad: int) -> Tensor:
    """Gradient of a signal from that of the signal with reflected ends."""
    if pad == 0:
        return padded
    inner = padded[:, pad:-pad]
    inner[:, 1 : pad + 1] += padded[:, :pad].flip(-1)
    inner[:, -pad - 1 : -1] += padded[:, -pad:].flip(-1)
    return inner
