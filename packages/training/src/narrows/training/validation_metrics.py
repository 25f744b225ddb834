"""Validation metrics: distances of audio, use of latents and codebooks.

Letters: B batch, C audio channels, T samples, D latent channels, L latent frames, K codebooks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from narrows.pipelines.metrics import Metric, mel_distance, si_sdr, stft_distance
from narrows.pipelines.metrics.base import value_of
from narrows.pipelines.metrics.codebooks import code_counter
from narrows.training.step_result import Info

ACTIVE_VARIANCE = 0.01
"""A latent channel is active when its variance over the data is above this (Burda et al. 2016, arXiv 1509.00519)."""

Reduce = Callable[[Tensor], Tensor]


AUDIO_METRICS: dict[str, Metric] = {"si_sdr": si_sdr, "mel_distance": mel_distance, "stft_distance": stft_distance}
"""The metrics of audio in every validation. PESQ is not among them: it is meant for speech and refuses silence."""


class ValidationMetrics:
    """Sums over batches, and the means of all of them.

    Args:
        bottleneck: of the model, which reads its tokens; None without one.
        sample_rate: in Hz.
        metrics: of audio, by name; None measures no audio.
    """

    def __init__(self, bottleneck: Any, sample_rate: int, metrics: Mapping[str, Metric] | None = None) -> None:
        self._codes = code_counter(bottleneck)
        self._sample_rate = sample_rate
        self._metrics = dict(metrics or {})
        self._sums: dict[str, Tensor] = {}
        self._metric_sums = {name: torch.zeros(2, dtype=torch.float64) for name in self._metrics}

    def add(self, info: Info, terms: Mapping[str, Tensor] | None = None) -> None:
        """Add a batch.

        Args:
            info: of the forward pass.
            terms: scalars to average beside the metrics.
        """
        clips = len(info["reals"])
        for name, value in (terms or {}).items():
            self._sum(name, value * clips)
        pairs = list(_clips(info)) if self._metrics else []
        for name, metric in self._metrics.items():
            values = [value_of(name, metric, *pair, self._sample_rate) for pair in pairs]
            defined = [value for value in values if value is not None]
            self._metric_sums[name] += torch.tensor([sum(defined), len(defined)], dtype=torch.float64)
        if "kl" in info:
            self._sum("kl", info["kl"] * clips)
        self._sum("clips", torch.tensor(float(clips)))
        means = self._means(info)
        frames = info.get("frame_mask")
        rows = (means.transpose(1, 2).flatten(0, 1) if frames is None else means.transpose(1, 2)[frames]).double()
        self._sum("moments", torch.stack([torch.ones_like(rows), rows, rows.square()]).sum(1))
        if self._codes is not None:
            self._codes.add(info)

    def means(self, reduce: Reduce) -> dict[str, float]:
        """Means over all clips; those of a metric over the clips that it is defined for, NaN where there are none.

        Args:
            reduce: sums a tensor over all processes.
        """
        sums = {name: reduce(value.double()) for name, value in self._sums.items()}
        clips = sums.pop("clips")
        count, first, second = sums.pop("moments")
        variance = second / count - (first / count).square()
        figures = {"active_dimensions": float((variance > ACTIVE_VARIANCE).sum())}
        if self._codes is not None:
            figures |= self._codes.take(reduce)
        found = {name: float(value / clips) for name, value in sums.items()}
        for name, pair in self._metric_sums.items():
            whole, defined = reduce(pair).tolist()
            found[name] = whole / defined if defined else float("nan")
        return found | figures

    def _sum(self, name: str, value: Tensor) -> None:
        value = value.detach()
        self._sums[name] = self._sums[name] + value if name in self._sums else value

    def _means(self, info: Info) -> Tensor:
        """Latents without the noise of variational bottlenecks: `(B, D, L)`."""
        latents: Tensor = info["latents"]
        before: Tensor = info["pre_bottleneck_latents"]
        return before.chunk(2, dim=1)[0] if before.shape[1] == 2 * latents.shape[1] else latents


def as_float(info: Info) -> Info:
    """The info with all real numbers in float32."""
    return {
        name: value.float() if isinstance(value, Tensor) and value.is_floating_point() else value
        for name, value in info.items()
    }


def _clips(info: Info) -> Iterator[tuple[Tensor, Tensor]]:
    """Original and reconstruction `(C, T)` of each clip, without padding."""
    mask = info.get("padding_mask")
    for index, pair in enumerate(zip(info["reals"], info["decoded"], strict=True)):
        length = pair[0].shape[-1] if mask is None else max(1, int(mask[index].sum()))
        yield pair[0][:, :length], pair[1][:, :length]
