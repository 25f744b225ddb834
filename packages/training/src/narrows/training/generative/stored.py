"""Batches of what was encoded before: latents `(B, D, L)` or tokens `(B, K, L)`, and how long each item is.

Letters: B batch, T samples or frames, L frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from narrows.data import DataError
from narrows.training.masks import frame_mask, padding_mask
from narrows.training.throughput import Unit


def frame_lengths(metadata: Sequence[Mapping[str, Any]], length: int, ratio: int = 1) -> Tensor | None:
    """Frames of each item `(B,)`, up to its last one that holds signal; None where no item is padded.

    Args:
        metadata: of each item, with its `padding_mask`.
        length: samples of the batch, or frames where it was encoded before (T).
        ratio: samples a frame; 1 where the batch was encoded before.
    """
    mask = padding_mask(metadata, length)
    if mask is None:
        return None
    frames = frame_mask(mask, ratio)
    numbers = torch.arange(1, frames.shape[-1] + 1)
    return (frames * numbers).amax(-1).clamp(min=1)


def stored_latents(model: Any, latents: Tensor) -> Tensor:
    """What a model diffuses of stored latents `(B, D, L)`, as its pretransform's autoencoder gives them."""
    scaled: Tensor = latents if model.pretransform is None else model.pretransform.scaled(latents)
    return scaled


def latent_frames(model: Any, pre_encoded: bool) -> Unit:
    """Throughput of a diffusion: what it diffuses of audio, or of what was encoded before."""
    return Unit("latent_frames", 1 if pre_encoded else model.downsampling_ratio)


def fit_standardization(model: Any, dataset: Any) -> None:
    """Give the pretransform of a diffusion model the statistics of the latents, where it standardizes them.

    Args:
        model: the diffusion model.
        dataset: typed.

    Raises:
        DataError: the data set is of audio, or has none.
    """
    if getattr(model.pretransform, "standardize", False):
        # Imported late: it brings all of pre-encoding, which few trainings need.
        from narrows.training.latent_statistics import fit_statistics

        fit_statistics(model.pretransform, dataset)


def check_tokens(codes: Tensor, codebooks: int, size: int, metadata: Sequence[Mapping[str, Any]]) -> Tensor:
    """Stored tokens that a tokenizer can have made: `(B, K, L)`, int64.

    Raises:
        DataError: they are latents, or of another tokenizer; the item is named.
    """
    name = metadata[0].get("latent_filename", metadata[0].get("path", "The data set")) if metadata else "The data set"
    if codes.is_floating_point():
        raise DataError(
            f"{name}: holds latents, not tokens. Encode the data with the tokenizer of this model: narrows pre-encode"
        )
    if codes.shape[1] != codebooks:
        raise DataError(f"{name}: holds tokens of {codes.shape[1]} codebooks, but the tokenizer has {codebooks}")
    low, high = (int(codes.min()), int(codes.max())) if codes.numel() else (0, 0)
    if low < 0 or high >= size:
        raise DataError(f"{name}: holds tokens from {low} to {high}, but a codebook of the tokenizer has {size}")
    return codes.long()
