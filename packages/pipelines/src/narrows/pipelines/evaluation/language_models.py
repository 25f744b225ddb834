"""Evaluating language models on audio files: how well they foresee the tokens, and what they make of their own.

Letters: B batch, K codebooks, T frames, C channels.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from narrows.data import audio_info, read_audio
from narrows.models.codec.channels import check_channels
from narrows.models.finite import not_finite_error
from narrows.models.lm.loss import perplexities
from narrows.models.lm.model import AudioLanguageModel
from narrows.pipelines.metrics import Embedding, frechet_distance, kernel_distance, log_mel_embedding
from narrows.pipelines.metrics.base import Score
from narrows.pipelines.metrics.codebooks import CodeCounts
from narrows.pipelines.metrics.ngrams import KINDS, NGrams

LONGEST = 512
"""Frames of a piece where the model does not say how long its training crops were."""


@dataclass
class TokenStatistics:
    """What tokens are like."""

    perplexity: list[float]
    """Entries that would give the entropy of each codebook if all were as frequent."""
    used: list[float]
    """Share of each codebook's entries that occur."""
    repeated: list[float]
    """Share of the tokens of each codebook that are those of the frame before."""


@dataclass
class LMEvaluation:
    """Figures of a language model."""

    frame_rate: float
    clips: int
    cross_entropy: dict[str, list[float]]
    """Nats a token of each codebook: of the `model`, and of the baselines where there are clips enough."""
    data: TokenStatistics
    generated: TokenStatistics | None = None
    divergence: list[float] = field(default_factory=list)
    """Jensen-Shannon divergence of the generated tokens from the data's, in bits, of each codebook."""
    distances: dict[str, float] = field(default_factory=dict)
    """Of generated sounds from the data, and of the tokenizer's reconstructions, which are the best that can be; and
    mean scores of all three."""
    sounds: list[tuple[str, Tensor]] = field(default_factory=list)
    """Generated sounds `(C, samples)` with what was asked for."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Files that were passed over, and why."""

    @property
    def total(self) -> dict[str, float]:
        """The figures, by name."""
        found: dict[str, float] = {"clips": float(self.clips)}
        for name, values in self.cross_entropy.items():
            behind = "" if name == "model" else f"/{name}"
            found[f"cross_entropy{behind}"] = sum(values) / len(values)
            found[f"bits_per_second{behind}"] = sum(values) / log(2) * self.frame_rate
            found |= {f"codebook_{k}/{name}": value for k, value in enumerate(values, 1)}
        found |= perplexities(enumerate(self.cross_entropy["model"], 1))
        for name, tokens in (("data", self.data), ("generated", self.generated)):
            for figure in ("perplexity", "used", "repeated") if tokens is not None else ():
                values = getattr(tokens, figure)
                found[f"{name}/tokens_{figure}"] = sum(values) / len(values)
        if self.divergence:
            found["generated/divergence"] = sum(self.divergence) / len(self.divergence)
        return {**found, **self.distances}

    def as_dict(self) -> dict[str, Any]:
        """All figures, for JSON."""
        rows = {"data": vars(self.data), "generated": self.generated and vars(self.generated)}
        return {"total": self.total, "tokens": rows, "divergence": self.divergence, "skipped": self.skipped}


@dataclass(frozen=True)
class _Clip:
    name: str
    audio: Tensor
    """`(C, samples)`, whole frames."""
    codes: Tensor
    """`(K, T)`"""
    conditions: dict[str, Any]


@torch.inference_mode()
def evaluate_language_model(
    model: AudioLanguageModel,
    files: Mapping[str, Path],
    *,
    seconds: float = 30,
    generate: int = 8,
    seed: int = 0,
    cfg_scale: float = 1.0,
    embedding: Embedding = log_mel_embedding,
    scores: Mapping[str, Score] | None = None,
    told: Callable[[str, str | None], None] | None = None,
) -> LMEvaluation:
    """Measure a language model on files.

    Conditions of a file are read from the JSON file of its name beside it. The n-grams are counted on half of the files
    and measured on the other half, and the other way round.

    Args:
        model: in eval mode, on its device.
        files: audio by the name to show.
        seconds: longest part of a file that is taken, from its start.
        generate: sounds to generate, with the conditions and lengths of the first files; 0 for none.
        seed: of the first sound.
        cfg_scale: guidance of the sounds.
        embedding: for the Fréchet and kernel distances.
        scores: measures of a sound and the name of the file it stands for, by name, e.g. `PromptScore` of
            `narrows.pipelines.metrics.named_weights`; of the files, the generated sounds and the reconstructions.
        told: is told of progress: the name of each file, and why it was passed over or None.

    Raises:
        ValueError: none of the files can be used, or the model gives no finite cross-entropy.
    """
    clips, skipped = [], {}
    for name, path in files.items():
        reason = None
        try:
            clips.append(_read(model, name, path, seconds))
        except (ValueError, OSError) as error:
            reason = skipped[name] = str(error)
        if told is not None:
            told(name, reason)
    if not clips:
        raise ValueError(
            f"None of the {len(files)} files could be used: {next(iter(skipped.values()), 'there is none')}"
        )
    pieces = [piece for clip in clips for piece in _pieces(model, clip)]
    result = LMEvaluation(
        model.frame_rate,
        len(clips),
        {"model": _cross_entropy(model, pieces), **_baselines(model, [clip.codes for clip in clips])},
        token_statistics([clip.codes for clip in clips], model.codebook_size),
        skipped=skipped,
    )
    if generate:
        _generate(model, clips[:generate], result, seed, cfg_scale, embedding, scores or {})
    return result


def token_statistics(codes: Sequence[Tensor], size: int) -> TokenStatistics:
    """What tokens `(K, T)` of several clips are like."""
    counts = _counted(codes, size)
    same = sum((code[:, 1:] == code[:, :-1]).sum(1) for code in codes)
    pairs = sum(code.shape[-1] - 1 for code in codes)
    repeated = (torch.as_tensor(same) / max(pairs, 1)).tolist()
    use = counts.use()
    return TokenStatistics([each.perplexity for each in use], [each.used for each in use], repeated)


def divergence(one: Sequence[Tensor], other: Sequence[Tensor], size: int) -> list[float]:
    """Jensen-Shannon divergence of the tokens of two sets of clips `(K, T)`, in bits, of each codebook."""
    p, q = (counts / counts.sum(1, keepdim=True) for counts in (_counted(s, size).dense() for s in (one, other)))
    middle = (p + q) / 2
    halves = [torch.where(x > 0, x * (x / middle).log2(), 0.0).sum(1) / 2 for x in (p, q)]
    return [float(value) for value in halves[0] + halves[1]]


def _counted(codes: Sequence[Tensor], size: int) -> CodeCounts:
    counts = CodeCounts(size)
    for code in codes:
        counts.add(code[None].cpu())
    return counts


def _read(model: AudioLanguageModel, name: str, path: Path, seconds: float) -> _Clip:
    channels, ratio = model.io_channels, model.pretransform.downsampling_ratio
    most = max(ratio, round(seconds * model.sample_rate))
    check_channels(audio_info(path).channels, channels, model.pretransform.channel_policy)
    audio = read_audio(path, frames=most, sample_rate=model.sample_rate, channels=channels)[0]
    audio = audio[:, : audio.shape[-1] // ratio * ratio]
    if not audio.shape[-1]:
        raise ValueError(f"is shorter than a frame of {1 / model.frame_rate:.3f} s")
    codes = model.tokenize(audio[None].to(model.device))[0].cpu()
    return _Clip(name, audio, codes, _conditions(model, path))


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


def _pieces(model: AudioLanguageModel, clip: _Clip) -> Iterator[tuple[Tensor, dict[str, Any]]]:
    """A clip in pieces as long as the crops of the training."""
    size = getattr(getattr(model, "config", None), "sample_size", None)
    length = LONGEST if size is None else max(2, size // model.pretransform.downsampling_ratio)
    yield from ((piece, clip.conditions) for piece in torch.split(clip.codes, length, dim=-1))


def _cross_entropy(model: AudioLanguageModel, pieces: Sequence[tuple[Tensor, dict[str, Any]]]) -> list[float]:
    sums: Any = 0
    counts: Any = 0
    for codes, conditions in pieces:
        tensors = None if model.conditioner is None else model.conditioner([conditions], model.device)
        loss = model.cross_entropy(codes[None].to(model.device), tensors)
        sums, counts = sums + loss.sums.double().cpu(), counts + loss.counts.cpu()
    if not bool(sums.isfinite().all()):
        raise not_finite_error(model.lm, next(model.lm.parameters()).dtype, "use float32")
    return (sums / counts.clamp(min=1)).tolist()  # type: ignore[no-any-return]


def _baselines(model: AudioLanguageModel, codes: Sequence[Tensor]) -> dict[str, list[float]]:
    """Cross-entropy of n-grams; nothing for a single clip."""
    if len(codes) < 2:
        return {}
    totals: dict[str, Tensor] = {}
    for fold in range(2):
        ngrams = NGrams(model.num_quantizers, model.codebook_size)
        for code in codes[1 - fold :: 2]:
            ngrams.add(code[None])
        for code in codes[fold::2]:
            for name, value in ngrams.cross_entropy(code[None]).items():
                totals[name] = totals.get(name, torch.zeros(())) + value
    return {kind: (totals[kind] / totals["tokens"]).tolist() for kind in KINDS}


def _scored(names: Sequence[str], sounds: Sequence[Tensor], rate: int, scores: Mapping[str, Score]) -> dict[str, float]:
    """Means of the scores of sounds `(C, samples)` that stand for files; those that are not defined are left out."""
    found = {}
    for title, score in scores.items():
        values = [score(name, sound, rate) for name, sound in zip(names, sounds, strict=True) if sound.shape[-1]]
        if known := [value for value in values if value is not None]:
            found[title] = sum(known) / len(known)
    return found


def _generate(
    model: AudioLanguageModel,
    clips: Sequence[_Clip],
    result: LMEvaluation,
    seed: int,
    cfg_scale: float,
    embedding: Embedding,
    scores: Mapping[str, Score],
) -> None:
    """Sounds with the conditions and lengths of clips, compared with these."""
    asked = [clip.conditions for clip in clips]
    made: Any = model.generate(
        asked if model.conditioner is not None else None,
        seconds=[clip.audio.shape[-1] / model.sample_rate for clip in clips],
        seed=[seed + index for index in range(len(clips))],
        cfg_scale=cfg_scale,
        batch_size=8,
        return_info=True,
    )
    result.sounds = [
        (
            ", ".join([*(f"{key} {value}" for key, value in conditions.items()), f"seed {seed + index}"]),
            audio.float().cpu(),
        )
        for index, (conditions, audio) in enumerate(zip(asked, made.audio, strict=True))
    ]
    codes = [code.cpu() for code in made.codes if code.shape[-1]]
    if not codes:
        return
    result.generated = token_statistics(codes, model.codebook_size)
    result.divergence = divergence(codes, [clip.codes for clip in clips], model.codebook_size)
    again = [model.decode(clip.codes[None].to(model.device))[0].float().cpu() for clip in clips]
    made_of = {
        "data": [clip.audio for clip in clips],
        "generated": [sound for _, sound in result.sounds],
        "reconstructed": again,
    }
    names = [clip.name for clip in clips]
    for title, sounds in made_of.items():
        result.distances |= {f"{title}/{n}": v for n, v in _scored(names, sounds, model.sample_rate, scores).items()}
    sets = {
        name: torch.cat([embedding(sound, model.sample_rate) for sound in sounds if sound.shape[-1]])
        for name, sounds in made_of.items()
    }
    if min(map(len, sets.values())) >= 2:
        for name in ("generated", "reconstructed"):
            result.distances[f"{name}/frechet_distance"] = frechet_distance(sets["data"], sets[name])
            result.distances[f"{name}/kernel_distance"] = kernel_distance(sets["data"], sets[name])
