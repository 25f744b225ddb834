"""Audio through the encoder of a pretransform (stable-audio-tools)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from narrows.audio.channels import set_audio_channels
from narrows.configs import PretransformConditionerConfig
from narrows.models.codec.channels import check_channels
from narrows.models.conditioners import build_conditioner
from narrows.models.conditioners.base import AudioInput, Condition, Conditioner, Generators, stacked
from narrows.models.conditioners.sources import (
    audio_problem,
    encoded,
    held_parameters,
    hold,
    inner_pretransform,
    release_held,
)
from narrows.models.pretransforms import Pretransform


class PretransformConditioner(Conditioner):
    """Latents of audio, frame by frame with those that a diffusion model works on.

    Where the widths differ the channels are projected; the reference projects the time axis there, and raises.

    Args:
        pretransform: encodes the audio.
        output_dim: width (D).
        save_pretransform: keep its weights in the state dict.
        shared: whether the model has the same pretransform, so that `release` leaves it in place.

    Shape:
        waveforms `(C, T)` → `(B, D, L)`, mask `(B, L)`
    """

    # `pretransform` is part of the checkpoint format where it is saved.
    pretransform: Pretransform

    def __init__(
        self, pretransform: Pretransform, output_dim: int, save_pretransform: bool = False, shared: bool = False
    ) -> None:
        super().__init__(pretransform.encoded_channels, output_dim)
        self.shared = shared
        self.audio_input = AudioInput(framewise=True)
        hold(self, pretransform, save_pretransform)

    @property
    def frozen_parameters(self) -> int | None:
        """See `Conditioner.frozen_parameters`."""
        return held_parameters(self, self.shared)

    def forward(
        self, values: Sequence[Any] | Tensor, device: torch.device | str, generator: Generators = None
    ) -> Condition:
        """See `Conditioner.forward`; a tensor `(B, C, T)` or `(C, T)` stands for a list of waveforms."""
        audio = values if isinstance(values, Tensor) else stacked(values, device, "Waveforms")
        check_channels(audio.shape[-2], self.pretransform.io_channels, self.pretransform.channel_policy)
        audio = set_audio_channels(audio if audio.dim() != 2 else audio[None], self.pretransform.io_channels)
        latents = encoded(self.pretransform, audio, torch.device(device), generator)
        latents = self.project(latents.transpose(1, 2)).transpose(1, 2)
        return Condition(latents, torch.ones(len(latents), latents.shape[2], device=latents.device))

    def problem(self, value: Any) -> str | None:
        """See `Conditioner.problem`."""
        return audio_problem(value, self.pretransform)

    def release(self, keep_on: torch.device | str | None = None) -> None:
        """See `Conditioner.release`; a pretransform of its own waits on the CPU, one of the model stays."""
        if not self.shared:
            release_held(self, keep_on)


@build_conditioner.register
def _(
    config: PretransformConditionerConfig, cond_dim: int, pretransform: Pretransform | None = None
) -> PretransformConditioner:
    return PretransformConditioner(
        inner_pretransform(config.config, pretransform),
        config.config.output_dim or cond_dim,
        config.config.save_pretransform,
        shared=config.config.use_model_pretransform,
    )
