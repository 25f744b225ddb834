"""Evaluating models on audio files, one file in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from narrows.models import Codec
from narrows.pipelines.evaluation.figures import badness
from narrows.pipelines.evaluation.inquiries import Ask, File, asked_here
from narrows.pipelines.evaluation.judging import Answer, Judged, Question
from narrows.pipelines.evaluation.results import Evaluation, Heard, ModelEvaluation
from narrows.pipelines.metrics import (
    Embedding,
    Metric,
    available_metrics,
    frechet_distance,
    kernel_distance,
    log_mel_embedding,
)
from narrows.pipelines.metrics.base import Score
from narrows.pipelines.metrics.codebooks import CodeCounts

Told = Callable[[str, str | None], None]
"""Told the name of each file when it is done, and why it was passed over or None."""
Keep = Callable[[str, Tensor, Mapping[str, Tensor], int], None]
"""Given the name of each clip, the original `(C, T)`, the reconstruction of each model by its name, and their rate."""


def evaluate(
    models: Mapping[str, Codec],
    files: Mapping[str, Path],
    *,
    seconds: float = 30,
    worst: int = 0,
    rank_by: str = "mel_distance",
    embedding: Embedding = log_mel_embedding,
    seed: int = 0,
    stability: bool = False,
    codec_superb: bool = False,
    named: Mapping[str, Metric] | None = None,
    scores: Mapping[str, Score] | None = None,
    told: Told | None = None,
    keep: Keep | None = None,
    ask: Ask | None = None,
) -> Evaluation:
    """Reconstruct files with every model and measure what comes out.

    All models are compared at the highest of their rates, and with the most channels that their policies make of a
    file's, so that their figures mean the same; what a model of a lower rate cannot hold counts against it. A file that
    cannot be read, or that one of the models fails on, is left out for all of them.

    Args:
        models: by the name to show, in eval mode, on their devices; the first one's figures sort the clips.
        files: audio by the name to show.
        seconds: longest part of a file that is taken, from its start.
        worst: how many of the worst clips to keep for listening.
        rank_by: metric that says what is worst.
        embedding: for the Fréchet and kernel distances.
        seed: of the noise of stochastic bottlenecks.
        stability: measure how many tokens stay when a clip is changed a little; each clip is encoded four times more.
        codec_superb: measure what only Codec-SUPERB reports, too (`narrows.pipelines.metrics.codec_superb`).
        named: further metrics by name, e.g. of `narrows.pipelines.metrics.named_weights`.
        scores: measures of a reconstruction and the name of its file by name, e.g. `PromptScore` of the same module.
        told: is told of progress.
        keep: is given every clip, at the rate of the evaluation.
        ask: puts the question about every file to the models elsewhere; None does it here.

    Raises:
        ValueError: there are no models, `seconds` is not positive, or `rank_by` is not a metric that can be computed.
    """
    _check(models, seconds, rank_by)
    rate = max(model.sample_rate for model in models.values())
    channels = tuple((model.in_channels, model.channel_policy) for model in models.values())
    question = Question(rate, channels, seconds, embedding, seed, stability, codec_superb, named or {}, scores or {})
    collected = {name: _Collected(model.sample_rate) for name, model in models.items()}
    result = Evaluation(rate, {name: each.result for name, each in collected.items()}, rank_by)
    originals: list[Tensor] = []
    for clip in (ask or asked_here(models))(question, [File(*named) for named in files.items()]):
        if clip.reason is not None:
            result.skipped[clip.name] = clip.reason
        else:
            originals.append(_taken(clip, collected, result, worst, keep))
        if told is not None:
            told(clip.name, clip.reason)
    for each in collected.values():
        each.finish(originals, rank_by)
    return result


def _taken(
    clip: Judged, collected: Mapping[str, _Collected], result: Evaluation, worst: int, keep: Keep | None
) -> Tensor:
    """Add a clip to what there is; returns the embedding of its original."""
    assert clip.audio is not None
    assert clip.embedded is not None
    sounds = {title: answer.made.audio for title, answer in clip.answers.items()}
    if keep is not None:
        keep(clip.name, clip.audio, sounds, result.sample_rate)
    for title, each in collected.items():
        each.add(clip.answers[title])
    worth = badness(result.rank_by, next(iter(clip.answers.values())).figures.metrics[result.rank_by])
    heard = Heard(clip.name, clip.audio, sounds, worth)
    result.heard = sorted([*result.heard, heard], key=lambda one: -one.badness)[:worst]
    return clip.embedded


class _Collected:
    """What one model's clips add up to."""

    def __init__(self, sample_rate: int) -> None:
        self.result = ModelEvaluation(sample_rate)
        self._counts: CodeCounts | None = None
        self._embeddings: list[Tensor] = []

    def add(self, answer: Answer) -> None:
        made = answer.made
        self.result.clips.append(answer.figures)
        self._embeddings.append(answer.embedded)
        if made.tokens is not None and made.codebook_size is not None:
            self._counts = self._counts or CodeCounts(made.codebook_size)
            self._counts.add(made.tokens)

    def finish(self, originals: list[Tensor], rank_by: str) -> None:
        self.result.clips.sort(key=lambda clip: -badness(rank_by, clip.metrics[rank_by]))
        self.result.codebooks = self._counts.use() if self._counts is not None else ()
        if sum(map(len, originals)) >= 2:
            sets = torch.cat(originals), torch.cat(self._embeddings)
            self.result.frechet_distance = frechet_distance(*sets)
            self.result.kernel_distance = kernel_distance(*sets)


def _check(models: Mapping[str, Codec], seconds: float, rank_by: str) -> None:
    if not models or seconds <= 0:
        raise ValueError(f"An evaluation needs a model and a positive number of seconds, got {len(models)}, {seconds}")
    if rank_by not in available_metrics():
        raise ValueError(f"No metric is called {rank_by!r}; there are {', '.join(available_metrics())}")
