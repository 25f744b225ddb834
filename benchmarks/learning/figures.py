"""What is measured on held-out sounds: distances of the reconstruction, and how a codebook's codes are used."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from learning.sounds import Sounds
from narrows.pipelines.metrics.codebooks import CodeCounts
from narrows.training.validation_metrics import AUDIO_METRICS, ValidationMetrics

TOKENS_A_CODE = 50
"""Tokens for each code of a codebook that its use is counted on, at least."""


@torch.no_grad()
def measured(model: Any, sounds: Sounds, samples: int) -> dict[str, float]:
    """Distances of the reconstructions of a model in evaluation mode.

    Args:
        model: an autoencoder.
        sounds: to measure on.
        samples: length of a crop.

    Returns:
        `mel_distance`, `stft_distance`, `si_sdr` in dB; of variational models `kl` and `kl_bitrate`, bits a second.
    """
    metrics = ValidationMetrics(None, sounds.sample_rate, AUDIO_METRICS)
    for audio in sounds.measured(samples):
        latents, info = model.encode(audio, return_info=True, generator=torch.Generator().manual_seed(0))
        decoded = model.decode(latents)[..., : audio.shape[-1]]
        metrics.add({**info, "reals": audio, "decoded": decoded, "latents": latents})
    found = metrics.means(lambda total: total)
    del found["active_dimensions"]
    if "kl" in found:
        # The divergence is reported twice over, as stable-audio-tools does, in nats a frame.
        found["kl_bitrate"] = found["kl"] / 2 / math.log(2) * sounds.sample_rate / model.downsampling_ratio
    return found


@torch.no_grad()
def used(model: Any, sounds: Sounds) -> dict[str, float]:
    """How the codes of a discrete model are used; nothing of a continuous one.

    Returns:
        Means of all codebooks: `codebook_use`, the share of codes that occur, `codebook_perplexity`, its share of the
        codebook's size `perplexity_share`, and `codebook_entropy` in bits; `least_use` and `least_perplexity_share` of
        the worst codebook; `entropy_bitrate`, bits a second of all; `tokens_a_code`, on which this was counted.
    """
    bottleneck = model.bottleneck
    if bottleneck is None or not bottleneck.is_discrete:
        return {}
    counts = CodeCounts(bottleneck.codebook_size)
    for tokens in _tokens(model, sounds):
        counts.add(tokens)
    uses = counts.use()
    frames = float(counts.dense()[0].sum())
    shares = [use.perplexity / use.size for use in uses]
    rate = sounds.sample_rate / model.downsampling_ratio
    return {
        "codebook_size": float(bottleneck.codebook_size),
        "tokens_a_code": frames / bottleneck.codebook_size,
        "codebook_use": _mean([use.used for use in uses]),
        "least_use": min(use.used for use in uses),
        "codebook_perplexity": _mean([use.perplexity for use in uses]),
        "perplexity_share": _mean(shares),
        "least_perplexity_share": min(shares),
        "codebook_entropy": _mean([use.entropy for use in uses]),
        "entropy_bitrate": rate * sum(use.entropy for use in uses),
    }


def _tokens(model: Any, sounds: Sounds) -> Iterator[Tensor]:
    wanted = TOKENS_A_CODE * model.bottleneck.codebook_size * model.downsampling_ratio
    for clip in sounds.counted(wanted):
        _, info = model.encode(clip, return_info=True, generator=torch.Generator().manual_seed(0))
        yield model.bottleneck.tokens(info)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
