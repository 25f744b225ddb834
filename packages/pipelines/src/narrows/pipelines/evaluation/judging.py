"""One file with every model: read, reconstructed, measured. Letters: C channels, T samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, final

import torch
from torch import Tensor

from narrows.data import AudioFileError, audio_info, read_audio
from narrows.models import Codec
from narrows.models.codec import channels_to_read
from narrows.models.interfaces import ChannelPolicy
from narrows.pipelines.evaluation.figures import ClipFigures, measure
from narrows.pipelines.evaluation.inquiries import File
from narrows.pipelines.evaluation.reconstruction import Reconstruction, reconstruct
from narrows.pipelines.evaluation.stability import code_stability
from narrows.pipelines.metrics import Embedding, Metric
from narrows.pipelines.metrics.base import Score, value_of
from narrows.pipelines.metrics.codec_superb import own_figures


@dataclass(frozen=True)
class Question:
    """What is asked about each file."""

    rate: int
    """At which everything is compared, in Hz."""
    channels: Sequence[tuple[int, ChannelPolicy]]
    """Of each model, and what it does with others."""
    longest: float
    """Seconds of the longest part of a file that is taken, from its start."""
    embedding: Embedding
    seed: int
    """Of the noise of stochastic bottlenecks."""
    stability: bool
    """Whether to measure how many tokens stay when a clip is changed a little."""
    codec_superb: bool = False
    """Whether to measure what only Codec-SUPERB reports."""
    named: Mapping[str, Metric] = field(default_factory=dict)
    """Metrics of networks whose weights the user names."""
    scores: Mapping[str, Score] = field(default_factory=dict)
    """Measures of a reconstruction and what is known of its file."""

    @property
    def block_bytes(self) -> int:
        """Of a clip and what every model makes of it, which comes back the same way."""
        channels = max(own for own, _ in self.channels)
        clip = int(4 * self.longest * self.rate * channels)
        return clip * (1 + len(self.channels))

    def names(self, unit: File) -> Sequence[str]:
        """Of the file."""
        return [unit.name]

    def read(self, unit: File) -> Tensor | str:
        """The start `(C, T)` of a file, with the channels that the models' policies make of its own; or why not."""
        try:
            given = audio_info(unit.path).channels
            channels = max(channels_to_read(given, own, policy) for own, policy in self.channels)
            frames = max(1, round(self.longest * self.rate))
            audio = read_audio(unit.path, frames=frames, sample_rate=self.rate, channels=channels)[0]
        except (ValueError, OSError) as error:
            return _reason(error)
        return audio if audio.shape[-1] else "holds no samples"

    def seconds(self, block: Tensor) -> float:
        """Of a clip."""
        return block.shape[-1] / self.rate

    def answerer(self, models: Mapping[str, Codec]) -> Judge:
        """What asks models about files."""
        return Judge(models, self)


class Answer(NamedTuple):
    """One model on one file."""

    figures: ClipFigures
    made: Reconstruction
    embedded: Tensor
    """Of the reconstruction."""


class Judged(NamedTuple):
    """One file: with what every model made of it, or with the reason why it is passed over."""

    name: str
    reason: str | None
    audio: Tensor | None = None
    embedded: Tensor | None = None
    answers: Mapping[str, Answer] = {}


@final
class Judge:
    """Asks models about files.

    Args:
        models: by name, in eval mode, on their devices.
        question: what to ask.
    """

    def __init__(self, models: Mapping[str, Codec], question: Question) -> None:
        self._models, self._question = models, question
        for model in models.values():
            # The first call of a model is slow.
            reconstruct(model, torch.zeros(model.in_channels, question.rate // 10), question.rate)

    def __call__(self, file: File, audio: Tensor | str) -> Judged:
        """Judge a file.

        Args:
            file: to name.
            audio: what `Question.read` gave.
        """
        name = file.name
        if isinstance(audio, str):
            return Judged(name, audio)
        try:
            answers = self._answers(name, audio)
        except (ValueError, OSError) as error:
            return Judged(name, _reason(error))
        return Judged(name, None, audio, self._question.embedding(audio, self._question.rate), answers)

    def _answers(self, name: str, audio: Tensor) -> dict[str, Answer]:
        rate, seed = self._question.rate, self._question.seed
        made = {title: reconstruct(model, audio, rate, seed=seed) for title, model in self._models.items()}
        answers = {}
        for title, model in self._models.items():
            kept = code_stability(model, audio, made[title], rate, seed=seed) if self._question.stability else {}
            figures = measure(
                name, audio, made[title], rate, model, {**kept, **self._more(name, audio, made[title].audio)}
            )
            answers[title] = Answer(figures, made[title], self._question.embedding(made[title].audio, rate))
        return answers

    def _more(self, name: str, audio: Tensor, estimate: Tensor) -> dict[str, float | None]:
        """Figures that are measured on request only."""
        question = self._question
        found = own_figures(audio, estimate, question.rate) if question.codec_superb else {}
        named = {n: value_of(n, metric, audio, estimate, question.rate) for n, metric in question.named.items()}
        scores = {n: score(name, estimate, question.rate) for n, score in question.scores.items()}
        return {**found, **named, **scores}


def _reason(error: Exception) -> str:
    return error.reason if isinstance(error, AudioFileError) else str(error)
