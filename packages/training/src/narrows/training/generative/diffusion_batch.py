"""A batch of a data set as a diffusion is trained on it.

Letters: B batch, C audio channels, D channels that are diffused, L latent frames, T samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import torch
from torch import Tensor

from narrows.data import DataError
from narrows.data.inpainting import random_inpaint_mask
from narrows.losses.diffusion import Regions
from narrows.training.data_iterator import Batch
from narrows.training.generative.conditions import conditions_of
from narrows.training.generative.diffusion_recipe import DiffusionRecipe
from narrows.training.generative.draws import StepDraws
from narrows.training.generative.silence import extended
from narrows.training.masks import frame_mask, padding_mask


@dataclass
class DiffusionBatch:
    """What a training step takes; masks and counts are on the CPU."""

    signal: Tensor
    """Audio `(B, C, T)`, or stored latents `(B, D, L)`."""
    sounding: Tensor | None
    """`(B, T)`, false where audio is padded; None for no padding, and for latents."""
    valid: Tensor
    """`(B, L)`, true for signal."""
    regions: Regions
    """What the loss is of."""
    counts: Tensor
    """How much each item counts in the mean, `(B,)`."""
    kept: Tensor | None
    """`(B, 1, L)`, 1 for what is known when filling in; None for a model that does not."""
    lengths: list[int]
    """Frames of each item, for the shift of its time."""
    conditions: list[dict[str, Any]]
    """What the conditioners read of each item."""
    draws: StepDraws | None = None
    """Of the step; None in validation."""


class BatchReader:
    """Reads batches of audio or of stored latents.

    Args:
        model: the diffusion model.
        recipe: how it is trained.
    """

    def __init__(self, model: Any, recipe: DiffusionRecipe) -> None:
        self.model, self.recipe = model, recipe

    def __call__(self, batch: Batch, draws: StepDraws | None = None) -> DiffusionBatch:
        """Read a batch.

        Args:
            batch: signal and metadata.
            draws: of masks, and of silence that counts; None for validation, where everything is generated.

        Raises:
            DataError: the data are not what the model diffuses.
        """
        signal, metadata = batch
        options, rules = self.recipe.options, self.recipe.rules
        sounding = padding_mask(metadata, signal.shape[-1])
        valid = self._valid(signal, sounding, metadata)
        if draws is not None and rules.masked_attention:
            seconds = options.silence_extension_scale_seconds
            valid = extended(valid, seconds * self.model.sample_rate / self.model.downsampling_ratio, draws)
        kept = self._kept(valid, draws)
        hole = None if kept is None else kept[:, 0] == 0
        kept_padding = draws is not None and _chance(options.mask_padding_dropout, draws)
        regions = rules.regions(valid, hole, options.mask_padding and not kept_padding)
        return DiffusionBatch(
            signal=signal,
            sounding=None if options.pre_encoded else sounding,
            valid=valid,
            regions=regions,
            counts=rules.counts(regions),
            kept=kept,
            lengths=self._lengths(valid, metadata),
            conditions=conditions_of(self.model.conditioner, metadata),
            draws=draws,
        )

    def _valid(self, signal: Tensor, sounding: Tensor | None, metadata: Sequence[Mapping[str, Any]]) -> Tensor:
        ratio = 1 if self.recipe.options.pre_encoded else self.model.downsampling_ratio
        channels = self.model.io_channels if self.recipe.options.pre_encoded else self.model.audio_channels
        if signal.shape[1] != channels:
            name = metadata[0].get("latent_filename", metadata[0].get("path", "The data set"))
            kind = "latents" if self.recipe.options.pre_encoded else "audio"
            raise DataError(f"{name}: holds {signal.shape[1]} channels, but the model takes {kind} of {channels}")
        frames = -(-signal.shape[-1] // ratio)
        if sounding is None:
            return torch.ones(len(signal), frames, dtype=torch.bool)
        return frame_mask(sounding, ratio)

    def _kept(self, valid: Tensor, draws: StepDraws | None) -> Tensor | None:
        inpainting = self.recipe.options.inpainting
        if inpainting is None:
            return None
        nothing = torch.zeros(len(valid), 1, valid.shape[-1])
        if draws is None:
            return nothing
        options = inpainting.mask_kwargs.model_dump()
        options["mask_padding"] |= self.recipe.rules.masked_attention
        masks = [
            random_inpaint_mask(nothing[i : i + 1], valid[i : i + 1], **options, generator=draws.python("mask", i))[1]
            for i in range(len(valid))
        ]
        return torch.cat(masks)

    def _lengths(self, valid: Tensor, metadata: Sequence[Mapping[str, Any]]) -> list[int]:
        if not self.model.use_effective_length_for_schedule:
            return [valid.shape[-1]] * len(valid)
        if all("seconds_total" in item for item in metadata):
            rate = self.model.sample_rate / self.model.downsampling_ratio
            return [max(1, ceil(float(item["seconds_total"]) * rate)) for item in metadata]
        return [max(1, int(length)) for length in valid.sum(1)]


def _chance(share: float, draws: StepDraws) -> bool:
    """A draw for the whole batch, the same in all processes."""
    return share > 0 and bool(torch.rand((), generator=draws.shared("padding")) < share)
