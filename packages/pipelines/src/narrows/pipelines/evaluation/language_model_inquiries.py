"""What is asked of a language model: how well it foresees the tokens of a file, and what it makes of its own.

Letters: K codebooks, T frames, C channels.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, final

import torch
from torch import Tensor

from narrows.data import audio_info, read_audio
from narrows.models.codec.channels import check_channels
from narrows.models.interfaces import ChannelPolicy
from narrows.models.lm.model import AudioLanguageModel
from narrows.pipelines.evaluation.inquiries import File
from narrows.pipelines.metrics import Embedding
from narrows.pipelines.metrics.base import Score

LONGEST = 512
"""Frames of a piece where the model does not say how long its training crops were."""
TOGETHER = 8
"""Sounds that are generated at a time."""
COMPARED = ("data", "generated", "reconstructed")
"""Of sounds that are compared."""


@dataclass(frozen=True)
class Beginnings:
    """How files are read: from their start, in whole frames."""

    rate: int
    channels: int
    ratio: int
    """Samples of a frame."""
    policy: ChannelPolicy
    """What becomes of other numbers of channels."""
    longest: float
    """Seconds that are taken at most."""

    @classmethod
    def of(cls, model: AudioLanguageModel, longest: float) -> Beginnings:
        """As a model wants them."""
        tokenizer = model.pretransform
        rate, channels = model.sample_rate, model.io_channels
        return cls(rate, channels, tokenizer.downsampling_ratio, tokenizer.channel_policy, longest)

    @property
    def clip_bytes(self) -> int:
        """Of the longest clip."""
        return int(4 * self.longest * self.rate * self.channels)

    def read(self, path: Path) -> Tensor:
        """The start `(C, samples)` of a file.

        Raises:
            ValueError: it cannot be used.
        """
        most = max(self.ratio, round(self.longest * self.rate))
        check_channels(audio_info(path).channels, self.channels, self.policy)
        audio = read_audio(path, frames=most, sample_rate=self.rate, channels=self.channels)[0]
        audio = audio[:, : audio.shape[-1] // self.ratio * self.ratio]
        if not audio.shape[-1]:
            raise ValueError(f"is shorter than a frame of {self.ratio / self.rate:.3f} s")
        return audio


class Clip(NamedTuple):
    """A file in tokens."""

    file: File
    codes: Tensor
    """`(K, T)`"""
    conditions: dict[str, Any]
    seconds: float


class Foreseen(NamedTuple):
    """A clip and how well a model foresees it, or why the file is passed over."""

    name: str
    reason: str | None
    clip: Clip | None = None
    sums: Sequence[Tensor] = ()
    """Of the cross-entropy `(K,)` of each piece."""
    counts: Sequence[Tensor] = ()
    """Tokens `(K,)` of each piece."""


@final
@dataclass(frozen=True)
class Foresight:
    """Asks for the tokens of a file, and for the cross-entropy of each piece as long as the crops of the training."""

    beginnings: Beginnings

    @property
    def block_bytes(self) -> int:
        """Of a clip."""
        return self.beginnings.clip_bytes

    def names(self, unit: File) -> Sequence[str]:
        """Of the file."""
        return [unit.name]

    def read(self, unit: File) -> Tensor | str:
        """Its start."""
        try:
            return self.beginnings.read(unit.path)
        except (ValueError, OSError) as error:
            return str(error)

    def seconds(self, block: Tensor) -> float:
        """Of a clip."""
        return block.shape[-1] / self.beginnings.rate

    def answerer(self, models: AudioLanguageModel) -> Callable[[File, Tensor | str], Foreseen]:
        """What asks a model about files."""

        @torch.inference_mode()
        def answer(file: File, audio: Tensor | str) -> Foreseen:
            if isinstance(audio, str):
                return Foreseen(file.name, audio)
            try:
                codes = models.tokenize(audio[None].to(models.device))[0].cpu()
                clip = Clip(file, codes, _conditions(models, file.path), self.seconds(audio))
            except (ValueError, OSError) as error:
                return Foreseen(file.name, str(error))
            losses = [_loss(models, piece, clip.conditions) for piece in _pieces(models, codes)]
            return Foreseen(file.name, None, clip, [one for one, _ in losses], [other for _, other in losses])

        return answer


class Batch(NamedTuple):
    """Clips of which a model generates its own, with their conditions and lengths."""

    clips: Sequence[Clip]
    seed: int
    """Of the first sound; it counts up."""


class Imitated(NamedTuple):
    """What a model made of a batch, or why the batch is passed over."""

    reason: str | None
    sounds: Sequence[Tensor] = ()
    """`(C, samples)`; an empty one where the model ended at once."""
    codes: Sequence[Tensor] = ()
    """Of each `(K, T)`."""
    embedded: Mapping[str, Sequence[Tensor]] = {}
    """Of the sounds that are not empty, by kind."""
    scores: Mapping[str, Sequence[float | None]] = {}
    """Of the same, by kind and score."""


@final
@dataclass(frozen=True)
class Imitation:
    """Asks for sounds like those of files, and for what compares them with the files and with reconstructions."""

    beginnings: Beginnings
    cfg_scale: float
    embedding: Embedding
    scores: Mapping[str, Score] = field(default_factory=dict)

    @property
    def block_bytes(self) -> int:
        """Of a batch."""
        return TOGETHER * self.beginnings.clip_bytes

    def names(self, unit: Batch) -> Sequence[str]:
        """Of the files."""
        return [clip.file.name for clip in unit.clips]

    def read(self, unit: Batch) -> list[Tensor] | str:
        """Their starts."""
        try:
            return [self.beginnings.read(clip.file.path) for clip in unit.clips]
        except (ValueError, OSError) as error:
            return str(error)

    def seconds(self, block: list[Tensor]) -> float:
        """Of the batch."""
        return sum(audio.shape[-1] for audio in block) / self.beginnings.rate

    def answerer(self, models: AudioLanguageModel) -> Callable[[Batch, list[Tensor] | str], Imitated]:
        """What asks a model about batches."""

        @torch.inference_mode()
        def answer(batch: Batch, audio: list[Tensor] | str) -> Imitated:
            if isinstance(audio, str):
                return Imitated(audio)
            made: Any = models.generate(
                [clip.conditions for clip in batch.clips] if models.conditioner is not None else None,
                seconds=[clip.seconds for clip in batch.clips],
                seed=[batch.seed + index for index in range(len(batch.clips))],
                cfg_scale=self.cfg_scale,
                batch_size=TOGETHER,
                return_info=True,
            )
            sounds = [sound.float().cpu() for sound in made.audio]
            again = [models.decode(clip.codes[None].to(models.device))[0].float().cpu() for clip in batch.clips]
            compared = dict(zip(COMPARED, (audio, sounds, again), strict=True))
            return Imitated(
                None, sounds, [c.cpu() for c in made.codes], self._embedded(compared), self._scored(batch, compared)
            )

        return answer

    def _embedded(self, compared: Mapping[str, Sequence[Tensor]]) -> dict[str, list[Tensor]]:
        rate = self.beginnings.rate
        return {kind: [self.embedding(s, rate) for s in sounds if s.shape[-1]] for kind, sounds in compared.items()}

    def _scored(self, batch: Batch, compared: Mapping[str, Sequence[Tensor]]) -> dict[str, list[float | None]]:
        names, rate = self.names(batch), self.beginnings.rate
        return {
            f"{kind}/{title}": [score(n, s, rate) for n, s in zip(names, sounds, strict=True) if s.shape[-1]]
            for kind, sounds in compared.items()
            for title, score in self.scores.items()
        }


def _conditions(model: AudioLanguageModel, path: Path) -> dict[str, Any]:
    """What the JSON beside a file tells the conditioners."""
    conditioner: Any = model.conditioner
    if conditioner is None:
        return {}
    beside = path.with_suffix(".json")
    told = json.loads(beside.read_text(encoding="utf-8")) if beside.is_file() else {}
    keys = {name: conditioner.key_of(told, name) for name in conditioner.ids} if isinstance(told, dict) else {}
    if missing := [name for name in conditioner.ids if keys.get(name) is None]:
        raise ValueError(f"the model needs the conditions {', '.join(missing)}, and {beside.name} does not give them")
    return {name: told[key] for name, key in keys.items()}


def _pieces(model: AudioLanguageModel, codes: Tensor) -> Iterator[Tensor]:
    """Codes in pieces as long as the crops of the training."""
    size = getattr(getattr(model, "config", None), "sample_size", None)
    length = LONGEST if size is None else max(2, size // model.pretransform.downsampling_ratio)
    yield from torch.split(codes, length, dim=-1)


def _loss(model: AudioLanguageModel, codes: Tensor, conditions: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
    """Sums of the cross-entropy of a piece, and the tokens that are in them, of each codebook."""
    tensors = None if model.conditioner is None else model.conditioner([conditions], model.device)
    loss = model.cross_entropy(codes[None].to(model.device), tensors)
    return loss.sums.double().cpu(), loss.counts.cpu()
