"""What a masked network is asked in training and in evaluation.

Letters: B batch, K codebooks, T frames, V tokens that a head tells apart.
"""

from __future__ import annotations

from math import cos, pi
from typing import Any

import torch
from torch import Generator, Tensor

from narrows.models.lm.conditions import Conditions
from narrows.models.lm.hidden import Hidden, Lengths
from narrows.models.lm.masked.spans import draw_spans
from narrows.models.lm.prediction import check_lengths

GROUPS = 8
"""Passes a codebook in which `predict_all` goes through the frames."""


def draw_hidden(lm: Any, batch: int, frames: int, lengths: Lengths, generator: Generator | None = None) -> Hidden:
    """Draw what is hidden in a step of training: spans of one codebook, another share of each item.

    Args:
        lm: the network.
        batch: items (B).
        frames: T.
        lengths: frames of each item `(B,)`; None for T.
        generator: source of the draws; None for torch's global one.
    """
    device = "cpu" if generator is None else generator.device
    codebook = int(torch.randint(lm.num_quantizers, (), generator=generator, device=device))
    hidden = torch.zeros(batch, frames, dtype=torch.bool)
    for item, count in enumerate(_counts(lengths, batch, frames)):
        share = cos(float(torch.rand((), generator=generator, device=device)) * pi / 2)
        hidden[item, :count] = draw_spans(count, lm.span_len, share, generator)
    return Hidden(codebook, hidden)


def hidden_counts(lm: Any, batch: int, frames: int, lengths: Lengths = None, hidden: Hidden | None = None) -> Tensor:
    """How many tokens of each codebook are predicted: `(K,)`; see `MaskedNetwork.predict`."""
    if hidden is None:
        return torch.full((lm.num_quantizers,), sum(_counts(lengths, batch, frames)))
    counts = torch.zeros(lm.num_quantizers, dtype=torch.long)
    counts[hidden.codebook] = hidden.frames.sum()
    return counts


def predict_hidden(
    lm: Any, codes: Tensor, conditions: Conditions, lengths: Lengths, hidden: Hidden
) -> tuple[Tensor, Tensor]:
    """Predict the hidden tokens from those that are shown.

    Args:
        lm: the network.
        codes: `(B, K, T)`.
        conditions: projected ones.
        lengths: frames of each item `(B,)`: those behind change nothing; None for T.
        hidden: of `draw_hidden`.

    Returns:
        Finite logits `(B, K, T, V)`, zero for other codebooks, and a mask `(B, K, T)` of the tokens that are predicted.
    """
    frames = hidden.frames.to(codes.device)
    valid = _valid(codes, lengths)
    said = lm(_shown(lm, codes, hidden.codebook, frames, valid), hidden.codebook, conditions, valid)
    # Zero, and yet of all heads: processes that exchange gradients expect one of every weight.
    nothing = codes.new_zeros(1, 1, lm.backbone.embed_dim, dtype=said.dtype)
    others = [head(nothing).expand_as(said) for head in lm.quantizer_heads]
    logits = torch.stack([said if k == hidden.codebook else other for k, other in enumerate(others)], dim=1)
    mask = torch.zeros_like(codes, dtype=torch.bool)
    mask[:, hidden.codebook] = frames if valid is None else frames & valid
    return logits, mask


def predict_all(lm: Any, codes: Tensor, conditions: Conditions, lengths: Lengths = None) -> tuple[Tensor, Tensor]:
    """Predict every token once: its codebook is filled in in `GROUPS` passes, from the passes before.

    Which spans a pass fills in depends on the length alone. So the cross-entropy is the length of a code, like that of
    a model that predicts one token after the other, and the same at every call.

    Args:
        lm: the network.
        codes: `(B, K, T)`.
        conditions: projected ones.
        lengths: frames of each item `(B,)`; None for T.

    Returns:
        Logits `(B, K, T, V)`, and a mask `(B, K, T)`, false behind the end.
    """
    valid = _valid(codes, lengths)
    groups = torch.full((len(codes), codes.shape[-1]), GROUPS, device=codes.device)
    for item, count in enumerate(_counts(lengths, len(codes), codes.shape[-1])):
        groups[item, :count] = _groups(count, lm.span_len).to(codes.device)
    books = []
    for codebook in range(lm.num_quantizers):
        said: Tensor | None = None
        for group in range(min(GROUPS, int(groups.masked_fill(groups == GROUPS, -1).max()) + 1)):
            shown = _shown(lm, codes, codebook, groups >= group, valid)
            logits = lm(shown, codebook, conditions, valid)
            said = logits if said is None else torch.where((groups == group)[..., None], logits, said)
        assert said is not None, "every item has a frame"
        books.append(said)
    mask = torch.ones_like(codes, dtype=torch.bool)
    return torch.stack(books, dim=1), mask if valid is None else mask & valid[:, None]


def _shown(lm: Any, codes: Tensor, codebook: int, hidden: Tensor, valid: Tensor | None) -> Tensor:
    """Codes as the network sees them."""
    shown = codes.clone()
    shown[:, codebook] = shown[:, codebook].masked_fill(hidden, lm.special)
    shown[:, codebook + 1 :] = lm.special
    return shown if valid is None else shown.masked_fill(~valid[:, None], lm.special)


def _groups(frames: int, span: int) -> Tensor:
    """In which pass each of T frames is predicted: spans in a random order that is always the same."""
    spans = -(-frames // span)
    order = torch.randperm(spans, generator=torch.Generator().manual_seed(0))
    passes = order * min(GROUPS, spans) // spans
    return passes.repeat_interleave(span)[:frames]


def _valid(codes: Tensor, lengths: Lengths) -> Tensor | None:
    """`(B, T)`, false behind the end of an item; None where there is nothing behind."""
    frames = codes.shape[-1]
    counts = _counts(lengths, len(codes), frames)
    if min(counts) == frames:
        return None
    return torch.arange(frames, device=codes.device) < torch.tensor(counts, device=codes.device)[:, None]


def _counts(lengths: Lengths, batch: int, frames: int) -> list[int]:
    return [frames] * batch if lengths is None else check_lengths(lengths, batch, frames)
