"""Distributions of the times that a diffusion is trained at, each as in the reference that has it.

Letters: B batch.
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor

KEEP_OFF = 1e-4
"""Distance from pure noise and from the signal that times drawn by their logarithm keep."""


def draw_times(
    kind: str,
    count: int,
    generator: Generator | None = None,
    *,
    mean_logsnr: float = -1.2,
    std_logsnr: float = 2.0,
    min_logsnr: float = -6.0,
    max_logsnr: float = 5.0,
) -> Tensor:
    """Times `(B,)` in [0, 1] of a `timestep_sampler`, in float32 on the generator's device.

    Args:
        kind: `uniform` (spread evenly over the batch), `logit_normal`, `trunc_logit_normal`, `log_snr` or
            `log_snr_uniform` (Stable Audio 3).
        count: B.
        generator: None for the global generator.
        mean_logsnr: of `log_snr`.
        std_logsnr: of `log_snr`.
        min_logsnr: of `log_snr_uniform`.
        max_logsnr: of `log_snr_uniform`.

    Raises:
        ValueError: there is no such kind.
    """
    if kind == "uniform":
        return spread_times(count, generator)
    if kind == "logit_normal":
        return torch.sigmoid(_normal(count, generator))
    if kind == "trunc_logit_normal":
        return 1 - truncated_logit_normal(count, generator=generator)
    if kind == "log_snr":
        return logsnr_times(_normal(count, generator) * std_logsnr + mean_logsnr)
    if kind == "log_snr_uniform":
        device = None if generator is None else generator.device
        even = torch.rand(count, generator=generator, device=device)
        return logsnr_times(even * (max_logsnr - min_logsnr) + min_logsnr)
    raise ValueError(f"There is no timestep sampler {kind!r}")


def spread_times(count: int, generator: Generator | None = None) -> Tensor:
    """Times in [0, 1): uniform, and evenly spread over the batch."""
    device = None if generator is None else generator.device
    offset = torch.rand((), generator=generator, device=device)
    places = torch.randperm(count, generator=generator, device=device) / count
    return (places + offset) % 1


def logsnr_times(logsnr: Tensor) -> Tensor:
    """The times of logarithms of signal over noise in a flow, kept off both ends."""
    return torch.sigmoid(-logsnr).clamp(KEEP_OFF, 1 - KEEP_OFF)


def truncated_logit_normal(
    shape: int | tuple[int, ...],
    left_trunc: float = 0.075,
    right_trunc: float = 1.0,
    generator: Generator | None = None,
) -> Tensor:
    """Logistic-normal numbers between two bounds, which are then stretched to [0, 1).

    Args:
        shape: of the result.
        left_trunc: lower bound, in (0, 1).
        right_trunc: upper bound, at most 1.
        generator: None for the global generator.
    """
    shares = torch.special.ndtr(_normal(shape, generator))
    low, high = (_cdf_of_logit(bound) for bound in (left_trunc, right_trunc))
    inside = torch.sigmoid(torch.special.ndtri(low + (high - low) * shares))
    return (inside - left_trunc) / (right_trunc - left_trunc)


def _cdf_of_logit(bound: float) -> float:
    return float(torch.special.ndtr(torch.logit(torch.tensor(bound))))


def _normal(shape: int | tuple[int, ...], generator: Generator | None) -> Tensor:
    device = None if generator is None else generator.device
    return torch.randn(shape, generator=generator, device=device)
