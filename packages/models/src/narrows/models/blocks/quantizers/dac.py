"""The quantizer of the Descript Audio Codec (Kumar et al. 2023, arXiv 2306.06546; descript-audio-codec).

Codes are searched in a few channels, by direction, and the codebooks are trained by gradient.
Letters: D channels, E searched channels, K stages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.convolutions import weight_norm_conv1d
from narrows.models.blocks.draws import integers
from narrows.models.blocks.quantizers.averages import CodeAverages
from narrows.models.blocks.quantizers.gradients import rotate, straight_through
from narrows.models.blocks.quantizers.losses import counted
from narrows.models.blocks.quantizers.nearest import nearest
from narrows.models.blocks.quantizers.revival import Revival

FRAMES = 256
"""Frames that all stages quantize at a time at inference on a CPU, so that what is left over stays in its cache."""


class Stage(NamedTuple):
    """What one stage made of a residual."""

    quantized: Tensor
    """`(B, D, L)`"""
    codes: Tensor
    """`(B, L)`"""
    projected: Tensor
    """`(B, E, L)`, before quantization."""
    commitment: Tensor
    """`(B,)`"""
    codebook: Tensor
    """`(B,)`"""


class DACQuantized(NamedTuple):
    """What all stages made of latents."""

    latents: Tensor
    """`(B, D, L)`"""
    codes: Tensor
    """`(B, K, L)`"""
    projected: Tensor
    """`(B, sum of E, L)`"""
    commitment: Tensor
    codebook: Tensor


class CodeTraining(NamedTuple):
    """How codes are trained so that all of them are used. The defaults are the reference's: as the gradient goes."""

    rotation_trick: bool = False
    """Pass gradients to the encoder by rotation instead of copying them (Fifty et al. 2024, arXiv 2410.06424)."""
    linear_codebook: bool = False
    """Codes are frozen vectors behind a trained linear layer, so that all move with each (SimVQ, arXiv 2411.02038)."""
    revive_below: float = 0.0
    """See `Revival`; 0 replaces no codes."""
    use_decay: float = 0.9
    """See `Revival`."""
    average_decay: float = 0.0
    """Codes are moving averages of the frames that choose them, see `CodeAverages`; 0 trains them by gradient."""


class FrozenCodes(nn.Module):
    """Codes that no gradient trains, in the place of an embedding."""

    def __init__(self, size: int, dim: int) -> None:
        super().__init__()
        self.weight: Tensor
        self.register_buffer("weight", torch.randn(size, dim) * dim**-0.5)


class DACVectorQuantizer(nn.Module):
    """One stage.

    Args:
        input_dim: channels (D).
        codebook_size: number of codes.
        codebook_dim: channels in which codes are searched (E).
        training: how the codes are trained.
        index: of the stage, for the seed of what is drawn.
    """

    # Attribute names are part of the checkpoint format.
    def __init__(
        self,
        input_dim: int,
        codebook_size: int,
        codebook_dim: int,
        training: CodeTraining = CodeTraining(),  # noqa: B008  # immutable
        index: int = 0,
    ) -> None:
        super().__init__()
        for name in ("revive_below", "average_decay") if training.linear_codebook else ():
            if getattr(training, name):
                raise ValueError(f"{name} changes codes, which linear_codebook keeps frozen: leave one of them out")
        self.in_proj = weight_norm_conv1d(input_dim, codebook_dim, 1)
        self.out_proj = weight_norm_conv1d(codebook_dim, input_dim, 1)
        self.rotation_trick = training.rotation_trick
        self.codebook: nn.Module
        self.code_transform: nn.Linear | None = None
        self.revival: Revival | None = None
        self.averages: CodeAverages | None = None
        if training.average_decay:
            self.codebook = FrozenCodes(codebook_size, codebook_dim)
            self.averages = CodeAverages(codebook_size, codebook_dim, training.average_decay)
        elif training.linear_codebook:
            self.codebook = FrozenCodes(codebook_size, codebook_dim)
            self.code_transform = nn.Linear(codebook_dim, codebook_dim, bias=False)
        else:
            self.codebook = nn.Embedding(codebook_size, codebook_dim)
        if training.revive_below:
            self.revival = Revival(codebook_size, training.revive_below, training.use_decay, index)

    @property
    def moved(self) -> list[Tensor]:
        """Parameters that a forward pass in training changes, see `narrows.training.non_finite`."""
        return [] if self.revival is None or not isinstance(self._stored, nn.Parameter) else [self._stored]

    @property
    def codes(self) -> Tensor:
        """`(N, E)`, in float32."""
        stored = self._stored.float()
        return stored if self.code_transform is None else stored @ self.code_transform.weight.float().t()

    @property
    def _stored(self) -> Tensor:
        stored = self.codebook.weight
        assert isinstance(stored, Tensor)
        return stored

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Stage:
        """Quantize `(B, D, L)`; frames where the mask `(B, L)` is false count in no loss."""
        projected: Tensor = self.in_proj(x)
        with torch.autocast(x.device.type, enabled=False):
            wide = projected.float()
            watched = self.training and (self.revival is not None or self.averages is not None)
            rows = counted(wide.detach().transpose(1, 2), mask) if watched else None
            if rows is not None:
                self._revive(rows)
            table = self.codes
            codes = self._nearest(wide, table)
            quantized = F.embedding(codes, table).transpose(1, 2)
            if rows is not None:
                self._count(rows, counted(codes, mask))
            commitment = _mean_of_items((wide - quantized.detach()) ** 2, mask)
            codebook = _mean_of_items((quantized - wide.detach()) ** 2, mask)
            passed = self._passed(wide, quantized)
        return Stage(self.out_proj(passed.to(projected.dtype)), codes, projected, commitment, codebook)

    def dequantize(self, codes: Tensor) -> Tensor:
        """Channels of codes: `(B, L)` → `(B, D, L)`."""
        found = F.embedding(codes, self.codes).to(self._stored.dtype)
        out: Tensor = self.out_proj(found.transpose(1, 2))
        return out

    def _revive(self, rows: Tensor) -> None:
        """Replace codes that hardly anything chose so far by frames `(R, E)`."""
        if self.revival is not None:
            replaced = self.revival.replace(self._stored, rows)
            if self.averages is not None:
                self.averages.restart(replaced)

    def _count(self, rows: Tensor, chosen: Tensor) -> None:
        """Take the codes `(R,)` that frames `(R, E)` chose into account."""
        if self.revival is not None:
            self.revival.count(chosen)
        if self.averages is not None:
            self.averages.update(self._stored, rows, chosen)

    def _passed(self, x: Tensor, quantized: Tensor) -> Tensor:
        """The quantized value `(B, E, L)`, with a gradient to x."""
        if not self.rotation_trick:
            return straight_through(x, quantized)
        return rotate(x.transpose(1, 2), quantized.transpose(1, 2)).transpose(1, 2)

    @torch.no_grad()
    def _nearest(self, x: Tensor, table: Tensor) -> Tensor:
        rows, codes = F.normalize(x.transpose(1, 2), dim=-1), F.normalize(table, dim=-1)
        squares = (codes**2).sum(-1)

        def similarity(rows: Tensor) -> Tensor:
            # For unit vectors the nearest is the one of the smallest angle; the sum is the reference's, ties included.
            distance = (2 * rows @ codes.t()).neg_().add_((rows**2).sum(-1, keepdim=True)).add_(squares)
            return distance.neg_()

        return nearest(rows, len(codes), similarity)


class DACResidualQuantizer(nn.Module):
    """Stages in a row.

    Args:
        n_codebooks: stages (K).
        codebook_size: codes of each stage.
        input_dim: channels (D).
        codebook_dim: searched channels (E), for all stages or one number a stage.
        quantizer_dropout: share of a training batch that uses a random number of stages.
        training: how the codes are trained.
    """

    # `quantizers` is part of the checkpoint format.
    def __init__(
        self,
        n_codebooks: int,
        codebook_size: int,
        input_dim: int = 512,
        codebook_dim: int | Sequence[int] = 8,
        quantizer_dropout: float = 0.0,
        training: CodeTraining = CodeTraining(),  # noqa: B008  # immutable
    ) -> None:
        super().__init__()
        widths = [codebook_dim] * n_codebooks if isinstance(codebook_dim, int) else list(codebook_dim)
        if len(widths) != n_codebooks:
            raise ValueError(f"codebook_dim has {len(widths)} entries for {n_codebooks} codebooks; give one a codebook")
        self.dropout = quantizer_dropout
        self.quantizers = nn.ModuleList(
            DACVectorQuantizer(input_dim, codebook_size, width, training, index) for index, width in enumerate(widths)
        )

    def forward(
        self,
        x: Tensor,
        n_quantizers: int | None = None,
        mask: Tensor | None = None,
        generator: Generator | None = None,
    ) -> DACQuantized:
        """Quantize `(B, D, L)`; exactly `n_quantizers` stages where it is given, in training too.

        An item whose later stages are dropped still has codes for them; they are not in its latents.
        """
        total = len(self.quantizers)
        if n_quantizers is not None and not 1 <= n_quantizers <= total:
            raise ValueError(f"n_quantizers must be from 1 to {total}, got {n_quantizers}")
        if mask is None and x.shape[-1] > FRAMES and _in_pieces(self, x):
            return _joined([self._quantize(part, n_quantizers, None, None) for part in torch.split(x, FRAMES, -1)])
        return self._quantize(x, n_quantizers, mask, generator)

    def _quantize(
        self, x: Tensor, n_quantizers: int | None, mask: Tensor | None, generator: Generator | None
    ) -> DACQuantized:
        total = len(self.quantizers)
        kept = self._kept(x, n_quantizers, generator)
        left, latents = x, torch.zeros_like(x)
        stages: list[Stage] = []
        losses = x.new_zeros(2, dtype=torch.float32)
        for index, quantizer in enumerate(self.quantizers[: n_quantizers or total]):
            stage: Stage = quantizer(left, mask)
            left = left - stage.quantized
            used = kept > index
            latents = latents + (stage.quantized * used[:, None, None] if self.training else stage.quantized)
            losses = losses + torch.stack([(stage.commitment * used).mean(), (stage.codebook * used).mean()])
            stages.append(stage)
        codes = torch.stack([stage.codes for stage in stages], dim=1)
        projected = torch.cat([stage.projected for stage in stages], dim=1)
        return DACQuantized(latents, codes, projected, losses[0] / total, losses[1] / total)

    def dequantize(self, codes: Tensor) -> Tensor:
        """Latents `(B, D, L)` of codes `(B, k, L)`; fewer than all stages give a coarser result."""
        stages = [quantizer.dequantize(c) for quantizer, c in zip(self.quantizers, codes.unbind(1), strict=False)]  # type: ignore[operator]
        latents = torch.zeros_like(stages[0])
        for stage in stages:
            latents = latents + stage
        return latents

    def _kept(self, x: Tensor, n_quantizers: int | None, generator: Generator | None) -> Tensor:
        """Stages used by each item, `(B,)`."""
        total, batch = len(self.quantizers), x.shape[0]
        kept = torch.full((batch,), total, device=x.device)
        if not self.training or n_quantizers is not None:  # a graph leaves the size of a batch open
            return kept
        dropped = int(batch * self.dropout)
        if dropped == 0:
            return kept
        kept[:dropped] = integers(1, total + 1, batch, x, generator)[:dropped]
        return kept


def _in_pieces(module: nn.Module, x: Tensor) -> bool:
    """Whether frames are better quantized a few at a time: where they are independent, and arrays are not cached."""
    plain = module.training or torch.is_grad_enabled() or torch.compiler.is_compiling()
    return x.device.type == "cpu" and not plain


def _joined(parts: Sequence[DACQuantized]) -> DACQuantized:
    """The result for all frames of those for some."""
    latents, codes, projected = (torch.cat(list(tensors), -1) for tensors in list(zip(*parts, strict=True))[:3])
    shares = torch.tensor([part.codes.shape[-1] / codes.shape[-1] for part in parts])
    commitment, codebook = (torch.stack(list(x)) @ shares for x in list(zip(*parts, strict=True))[3:])
    return DACQuantized(latents, codes, projected, commitment, codebook)


def _mean_of_items(x: Tensor, mask: Tensor | None) -> Tensor:
    """Mean of each item over channels and counted frames: `(B, E, L)` → `(B,)`."""
    if mask is None:
        return x.mean([1, 2])
    weight = mask[:, None].expand_as(x)
    return torch.where(weight, x, 0).sum([1, 2]) / weight.sum([1, 2]).clamp(min=1)
