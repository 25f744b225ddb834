"""Evaluating language models on audio files: how well they foresee the tokens, and what they make of their own.

Letters: B batch, K codebooks, T frames, C channels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from narrows.models.finite import not_finite_error
from narrows.models.lm.loss import perplexities
from narrows.models.lm.model import AudioLanguageModel
from narrows.pipelines.evaluation.inquiries import Ask, File, asked_here
from narrows.pipelines.evaluation.language_model_inquiries import (
    COMPARED,
    TOGETHER,
    Batch,
    Beginnings,
    Clip,
    Foreseen,
    Foresight,
    Imitated,
    Imitation,
)
from narrows.pipelines.metrics import Embedding, frechet_distance, kernel_distance, log_mel_embedding, ngrams
from narrows.pipelines.metrics.base import Score
from narrows.pipelines.metrics.codebooks import CodeCounts


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
    ask: Ask | None = None,
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
        ask: puts questions about files to the model elsewhere; None does it here.

    Raises:
        ValueError: none of the files can be used, or the model gives no finite cross-entropy.
    """
    beginnings, ask = Beginnings.of(model, seconds), ask or asked_here(model)
    clips: list[Clip] = []
    skipped: dict[str, str] = {}
    losses = _Losses()
    for foreseen in ask(Foresight(beginnings), [File(*named) for named in files.items()]):
        if foreseen.reason is not None:
            skipped[foreseen.name] = foreseen.reason
        else:
            clips.append(foreseen.clip)
            losses.add(foreseen)
        if told is not None:
            told(foreseen.name, foreseen.reason)
    if not clips:
        raise ValueError(
            f"None of the {len(files)} files could be used: {next(iter(skipped.values()), 'there is none')}"
        )
    result = LMEvaluation(
        model.frame_rate,
        len(clips),
        {"model": losses.means(model), **_baselines(model, [clip.codes for clip in clips])},
        token_statistics([clip.codes for clip in clips], model.codebook_size),
        skipped=skipped,
    )
    if generate:
        batches = [
            Batch(clips[at : min(at + TOGETHER, generate)], seed + at)
            for at in range(0, min(generate, len(clips)), TOGETHER)
        ]
        answers = ask(Imitation(beginnings, cfg_scale, embedding, scores or {}), batches)
        _compare(model, [*zip(batches, answers, strict=True)], result)
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


class _Losses:
    """Cross-entropies of pieces, added in their order."""

    def __init__(self) -> None:
        self._sums: Any = 0
        self._counts: Any = 0

    def add(self, foreseen: Foreseen) -> None:
        """Those of a file."""
        for sums, counts in zip(foreseen.sums, foreseen.counts, strict=True):
            self._sums, self._counts = self._sums + sums, self._counts + counts

    def means(self, model: AudioLanguageModel) -> list[float]:
        """Nats a token of each codebook."""
        if not bool(self._sums.isfinite().all()):
            raise not_finite_error(model.lm, next(model.lm.parameters()).dtype, "use float32")
        return (self._sums / self._counts.clamp(min=1)).tolist()  # type: ignore[no-any-return]


def _baselines(model: AudioLanguageModel, codes: Sequence[Tensor]) -> dict[str, list[float]]:
    """Cross-entropy of n-grams; nothing for a single clip."""
    if len(codes) < 2:
        return {}
    totals: dict[str, Tensor] = {}
    for fold in range(2):
        counted = ngrams.NGrams(model.num_quantizers, model.codebook_size)
        for code in codes[1 - fold :: 2]:
            counted.add(code[None])
        for code in codes[fold::2]:
            for name, value in counted.cross_entropy(code[None]).items():
                totals[name] = totals.get(name, torch.zeros(())) + value
    return {kind: (totals[kind] / totals["tokens"]).tolist() for kind in ngrams.KINDS}


def _compare(model: AudioLanguageModel, answers: Sequence[tuple[Batch, Imitated]], result: LMEvaluation) -> None:
    """Sounds with the conditions and lengths of clips, compared with these."""
    for batch, made in answers:
        if made.reason is not None:
            result.skipped |= {clip.file.name: f"nothing is generated: {made.reason}" for clip in batch.clips}
    whole = [(batch, made) for batch, made in answers if made.reason is None]
    result.sounds = [sound for batch, made in whole for sound in _titled(batch, made)]
    codes = [code for _, made in whole for code in made.codes if code.shape[-1]]
    if not codes:
        return
    clips = [clip for batch, _ in whole for clip in batch.clips]
    result.generated = token_statistics(codes, model.codebook_size)
    result.divergence = divergence(codes, [clip.codes for clip in clips], model.codebook_size)
    for title in whole[0][1].scores:
        known = [value for _, made in whole for value in made.scores[title] if value is not None]
        if known:
            result.distances[title] = sum(known) / len(known)
    sets = {kind: torch.cat([one for _, made in whole for one in made.embedded[kind]]) for kind in COMPARED}
    if min(map(len, sets.values())) >= 2:
        for kind in COMPARED[1:]:
            result.distances[f"{kind}/frechet_distance"] = frechet_distance(sets["data"], sets[kind])
            result.distances[f"{kind}/kernel_distance"] = kernel_distance(sets["data"], sets[kind])


def _titled(batch: Batch, made: Imitated) -> Iterator[tuple[str, Tensor]]:
    """Sounds with what was asked for."""
    for index, (clip, sound) in enumerate(zip(batch.clips, made.sounds, strict=True)):
        asked = [f"{key} {value}" for key, value in clip.conditions.items()]
        yield ", ".join([*asked, f"seed {batch.seed + index}"]), sound
