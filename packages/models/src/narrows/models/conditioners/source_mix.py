"""A mix of audio sources, each through a pretransform and a head of its own (stable-audio-tools)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import torch
from torch import Tensor, nn

from narrows.audio.channels import set_audio_channels
from narrows.configs import SourceMixConditionerConfig
from narrows.models.codec.channels import check_channels
from narrows.models.conditioners import build_conditioner
from narrows.models.conditioners.base import AudioInput, Condition, Conditioner, ConditionError, Generators, stacked
from narrows.models.conditioners.sources import (
    audio_problem,
    encoded,
    held_parameters,
    hold,
    inner_pretransform,
    release_held,
)
from narrows.models.pretransforms import Pretransform


class SourceMixConditioner(Conditioner):
    """The sum of the latents of the sources that an item has, each projected by the head of its key.

    Args:
        pretransform: encodes the sources.
        output_dim: width (D).
        save_pretransform: keep its weights in the state dict.
        source_keys: keys of the sources in an item; others are ignored.
        pre_encoded: the sources are latents already.
        allow_null_source: an item without sources gets a learned vector, `source_length` times.
        source_length: latent frames (L) of that.
        shared: whether the model has the same pretransform, so that `release` leaves it in place.

    Shape:
        a mapping of waveforms `(C, T)`, or of latents `(E, L)`, an item → `(B, D, L)`, mask `(B, L)`
    """

    # `source_heads`, `null_source` and the unused `proj_out` are part of the checkpoint format, and so is
    # `pretransform` where it is saved.
    pretransform: Pretransform

    def __init__(
        self,
        pretransform: Pretransform,
        output_dim: int,
        save_pretransform: bool = False,
        source_keys: Sequence[str] = (),
        pre_encoded: bool = False,
        allow_null_source: bool = False,
        source_length: int | None = None,
        shared: bool = False,
    ) -> None:
        super().__init__(pretransform.encoded_channels, output_dim)
        hold(self, pretransform, save_pretransform)
        self.source_keys, self.pre_encoded, self.source_length = list(source_keys), pre_encoded, source_length
        self.shared = shared
        self.audio_input = None if pre_encoded else AudioInput(framewise=True, sources=tuple(source_keys))
        self.source_heads = nn.ModuleList(nn.Conv1d(self.dim, output_dim, 1) for _ in self.source_keys)
        if allow_null_source and source_length is None:
            raise ValueError("allow_null_source needs source_length, the latent frames of a crop")
        self.null_source = nn.Parameter(torch.randn(output_dim, 1)) if allow_null_source else None

    @property
    def frozen_parameters(self) -> int | None:
        """See `Conditioner.frozen_parameters`."""
        return held_parameters(self, self.shared)

    def forward(self, values: Sequence[Any], device: torch.device | str, generator: Generators = None) -> Condition:
        """See `Conditioner.forward`."""
        device = torch.device(device)
        sources = list(generator) if isinstance(generator, Sequence) else [generator] * len(values)
        mixes = stacked(
            [self._mix(value, device, draws) for value, draws in zip(values, sources, strict=True)], device, "Mixes"
        )
        return Condition(mixes, torch.ones(len(mixes), mixes.shape[2], device=device))

    def problem(self, value: Any) -> str | None:
        """See `Conditioner.problem`."""
        if not isinstance(value, Mapping):
            return "must be a mapping of sources"
        for key, source in value.items():
            if key not in self.source_keys:
                close = get_close_matches(str(key), self.source_keys, 1, 0.6)
                nearest = f" (nearest: {close[0]})" if close else ""
                return f"must have the sources {', '.join(self.source_keys) or 'none'}, not {key!r}{nearest}"
            if wrong := self._source_problem(source):
                return f"{wrong} in the source {key!r}"
        return None if value or self.null_source is not None else "must have at least one source"

    def release(self, keep_on: torch.device | str | None = None) -> None:
        """See `Conditioner.release`; a pretransform of its own waits on the CPU, one of the model stays."""
        if not self.shared:
            release_held(self, keep_on)

    def _mix(self, value: Any, device: torch.device, generator: Any) -> Tensor:
        """The mix `(D, L)` of an item."""
        if not isinstance(value, Mapping):
            raise ConditionError(f"must be a mapping of sources, got {type(value).__name__}")
        parts = [
            head(self._latents(value[key], device, generator).to(head.weight.dtype))
            for key, head in zip(self.source_keys, self._heads(), strict=True)
            if key in value
        ]
        if not parts and self.null_source is None:
            raise ConditionError(f"has no sources to mix: none of {', '.join(self.source_keys) or 'nothing'}")
        if not parts:
            assert self.null_source is not None
            assert self.source_length is not None
            return self.null_source.expand(-1, self.source_length)
        lengths = sorted({part.shape[-1] for part in parts})
        if len(lengths) > 1:
            raise ConditionError(f"has sources of different lengths, {lengths} latent frames: pad or crop them alike")
        return torch.stack(parts).sum(0)

    def _heads(self) -> list[nn.Conv1d]:
        return [head for head in self.source_heads if isinstance(head, nn.Conv1d)]

    def _latents(self, source: Any, device: torch.device, generator: Any) -> Tensor:
        """Latents `(E, L)` of a source."""
        if not isinstance(source, Tensor) or source.dim() != 2:
            shape = tuple(source.shape) if isinstance(source, Tensor) else type(source).__name__
            raise ConditionError(f"must have sources (channels, length), got {shape}")
        if self.pre_encoded:
            return source.to(device)
        check_channels(len(source), self.pretransform.io_channels, self.pretransform.channel_policy)
        audio = set_audio_channels(source[None], self.pretransform.io_channels)
        return encoded(self.pretransform, audio, device, generator)[0]

    def _source_problem(self, source: Any) -> str | None:
        if not self.pre_encoded:
            return audio_problem(source, self.pretransform)
        fits = isinstance(source, Tensor) and source.dim() == 2 and source.shape[0] == self.dim
        return None if fits else f"must be latents ({self.dim}, frames)"


@build_conditioner.register
def _(
    config: SourceMixConditionerConfig, cond_dim: int, pretransform: Pretransform | None = None
) -> SourceMixConditioner:
    options = config.config
    return SourceMixConditioner(
        inner_pretransform(options, pretransform),
        options.output_dim or cond_dim,
        options.save_pretransform,
        options.source_keys,
        options.pre_encoded,
        options.allow_null_source,
        options.source_length,
        shared=options.use_model_pretransform,
    )
