"""Distances of two sets of embeddings: do reconstructions, as a set, sound like the originals?"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import Tensor

from narrows.losses.spectral import mel_filters
from narrows.pipelines.metrics.base import at_least, mono

Embedding = Callable[[Tensor, int], Tensor]
"""Embeds audio `(C, T)` at a sample rate in Hz into rows `(N, D)`, e.g. one a second."""


def log_mel_embedding(audio: Tensor, sample_rate: int) -> Tensor:
    """Mean and deviation over every second of a log mel spectrogram of 64 bands: `(C, T)` → `(N, 128)`.

    A transparent stand-in where no trained network such as VGGish or CLAP is at hand. Its figures compare only with
    its own.
    """
    window = 1024
    signal = at_least(mono(audio.detach().double().cpu()), max(sample_rate, window))
    frames = torch.stft(
        signal, window, window // 4, window=torch.hann_window(window, dtype=signal.dtype), return_complex=True
    )
    mel = mel_filters(sample_rate, window, 64).double() @ frames.abs()
    per_second = sample_rate // (window // 4)
    seconds = mel.clamp(min=1e-5).log10().unfold(-1, per_second, per_second)
    return torch.cat([seconds.mean(-1), seconds.std(-1)]).T


def embed(clips: Iterable[Tensor], sample_rate: int, embedding: Embedding = log_mel_embedding) -> Tensor:
    """Embeddings `(N, D)` of several clips `(C, T)`."""
    return torch.cat([embedding(clip, sample_rate) for clip in clips])


def frechet_distance(reference: Tensor, estimate: Tensor) -> float:
    """Fréchet distance of normal distributions fitted to two sets (Heusel et al. 2017; Kilgour et al. 2019).

    `|μ₁ - μ₂|² + tr(Σ₁ + Σ₂ - 2 (Σ₁ Σ₂)^½)`; lower is better. It is biased upwards for small sets: compare sets of
    equal size, well above the number of dimensions.

    Args:
        reference: `(N, D)`, at least two rows.
        estimate: `(M, D)`, at least two rows.
    """
    first, second = _sets(reference, estimate)
    covariances = [np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (first, second)]
    return _frechet(first.mean(0), covariances[0], second.mean(0), covariances[1])


def frechet_of_moments(mean: Tensor, covariance: Tensor, other_mean: Tensor, other_covariance: Tensor) -> float:
    """The same distance, of means `(D,)` and covariances `(D, D)` that were summed up elsewhere."""
    return _frechet(*(value.double().cpu().numpy() for value in (mean, covariance, other_mean, other_covariance)))


def _frechet(mean: np.ndarray, covariance: np.ndarray, other_mean: np.ndarray, other_covariance: np.ndarray) -> float:
    # The trace of the root of a product of two covariances, by way of a symmetric matrix: stable for singular ones.
    root = _symmetric_root(covariance)
    inner = np.linalg.eigvalsh(root @ other_covariance @ root)
    trace = 2 * np.sqrt(np.maximum(inner, 0)).sum()
    shift = mean - other_mean
    return float(max(0.0, shift @ shift + np.trace(covariance) + np.trace(other_covariance) - trace))


def kernel_distance(reference: Tensor, estimate: Tensor) -> float:
    """Squared maximum mean discrepancy with the kernel `(x·y / D + 1)³`, without bias (Bińkowski et al. 2018).

    Lower is better; the estimate can fall a little below 0 for equal distributions. Unlike the Fréchet distance it
    assumes no shape and is usable for small sets.

    Args:
        reference: `(N, D)`, at least two rows.
        estimate: `(M, D)`, at least two rows.
    """
    x, y = _sets(reference, estimate)
    within = sum(_mean_off_diagonal(_cubic(rows, rows)) for rows in (x, y))
    return float(within - 2 * _cubic(x, y).mean())


def _sets(reference: Tensor, estimate: Tensor) -> tuple[np.ndarray, np.ndarray]:
    shapes = f"{tuple(reference.shape)} and {tuple(estimate.shape)}"
    if reference.dim() != 2 or estimate.dim() != 2 or reference.shape[1] != estimate.shape[1]:
        raise ValueError(f"Sets of embeddings are (rows, dimensions) with equal dimensions, got {shapes}")
    if min(len(reference), len(estimate)) < 2:
        raise ValueError(
            f"A distance of sets needs at least two embeddings each, got {shapes}: use more or longer clips"
        )
    return reference.detach().double().cpu().numpy(), estimate.detach().double().cpu().numpy()


def _symmetric_root(matrix: np.ndarray) -> np.ndarray:
    import scipy.linalg  # only for sets of clips

    values, vectors = scipy.linalg.eigh(matrix)
    root: np.ndarray = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    return root


def _cubic(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    kernel: np.ndarray = (x @ y.T / x.shape[1] + 1) ** 3
    return kernel


def _mean_off_diagonal(kernel: np.ndarray) -> float:
    count = len(kernel)
    return float((kernel.sum() - np.trace(kernel)) / (count * (count - 1)))
