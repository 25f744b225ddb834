"""The metrics that a training section asks for in `eval_loss_configs`."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import Tensor, nn

from narrows.configs import EvaluationLossConfigs
from narrows.losses import MelSTFTLoss, SISDRLoss, STFTLoss
from narrows.pipelines.metrics.base import Metric, pair
from narrows.pipelines.metrics.packages import MetricUnavailableError
from narrows.pipelines.metrics.perceptual import pesq, pesq_available


def configured_metrics(configs: EvaluationLossConfigs | None, sample_rate: int) -> dict[str, Metric]:
    """Metrics by the names of stable-audio-tools: `pesq`, `stft`, `sisdr` (in dB, higher is better) and `mel`.

    Args:
        configs: of a training section; None asks for nothing.
        sample_rate: in Hz.

    Raises:
        MetricUnavailableError: PESQ is asked for but not installed.
    """
    metrics: dict[str, Metric] = {}
    if configs is None:
        return metrics
    if configs.pesq is not None:
        if not pesq_available():
            raise MetricUnavailableError("eval_loss_configs asks for pesq: install narrows-pipelines[pesq]")
        metrics["pesq"] = pesq
    if configs.stft is not None:
        metrics["stft"] = partial(_measure, STFTLoss(sample_rate=sample_rate, **_options(configs.stft)))
    if configs.mel is not None:
        metrics["mel"] = partial(_measure, MelSTFTLoss(sample_rate, **_options(configs.mel)))
    if configs.sisdr is not None:
        metrics["sisdr"] = partial(_measure, SISDRLoss(**_options(configs.sisdr)), sign=-1.0)
    return metrics


def _options(config: Any) -> dict[str, Any]:
    options: dict[str, Any] = config.model_dump()
    return options


def _measure(loss: nn.Module, reference: Tensor, estimate: Tensor, sample_rate: int, sign: float = 1.0) -> float:
    reference, estimate = pair(reference, estimate)
    return sign * float(loss(estimate[None], reference[None]))
