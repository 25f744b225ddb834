"""The discriminator of latents: a head on the features of a diffusion transformer, which knows the conditions.

Letters: B batch, D channels that are diffused, L latent frames, N tokens, P places that are scored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from narrows.configs import NarrowsError
from narrows.losses.discriminators import Discriminator
from narrows.losses.factory import create_discriminator_from_config
from narrows.models.diffusion.routing import Conditions


class JudgeError(NarrowsError, ValueError):
    """The discriminator does not fit the base model or the length of the sounds."""


class LatentJudge(nn.Module):
    """Scores noisy latents by the features behind a layer of a diffusion transformer.

    Args:
        base: the diffusion model whose transformer and conditioner are trained on; its pretransform is not used.
        head: scores features `(B, width, N)`.
        layer: of the transformer, counted from 0.
    """

    def __init__(self, base: Any, head: Discriminator, layer: int) -> None:
        super().__init__()
        self.base, self.head, self.layer = base, head, layer

    def conditions(self, given: Sequence[Mapping[str, Any]], device: torch.device) -> dict[str, Any]:
        """What its own conditioner makes of the conditions of the items, by id."""
        return {} if self.base.conditioner is None else dict(self.base.conditioner(list(given), device))

    def forward(self, x: Tensor, time: Tensor, tensors: Conditions, valid: Tensor | None = None) -> Tensor:
        """Scores, higher for what looks real: `(B, P)`.

        Args:
            x: `(B, D, L)`.
            time: `(B,)`, the level of the noise in x.
            tensors: of `conditions`, with those of inpainting.
            valid: `(B, L)`, false for padding, whose features are zeros; None for no padding.
        """
        base = self.base
        inputs = base.get_conditioning_inputs(tensors) if base.conditioned(tensors) else {}
        features = base.predict(x, time, inputs, exit_layer_ix=self.layer, padding_mask=valid)
        # Tokens in front of the frames are conditions, which say nothing of how real the latents are.
        count = x.shape[-1] // base.length_multiple
        features = features[:, features.shape[1] - count :]
        if valid is not None:
            features = features * valid.reshape(len(valid), count, -1).any(-1)[..., None]
        return self.head.judge(features.transpose(1, 2))[0].score.flatten(1)


def create_judge(config: Any, base: Any, frames: int | None) -> LatentJudge:
    """A discriminator of a typed `arc.discriminator` section.

    Args:
        config: the section.
        base: a diffusion model of its own, which loses its pretransform.
        frames: latent frames of a training crop, which the head has to fit; None where nobody knows.

    Raises:
        JudgeError: the head is too deep for so few frames, or takes no features of this width.
    """
    base.pretransform = None
    width = base.model.model.transformer.project_in.out_features
    try:
        head = create_discriminator_from_config(config, width, base.sample_rate)
    except ValueError as error:
        raise JudgeError(f"training.arc.discriminator: {error}, the width of the base model") from None
    if frames is not None:
        _check_length(head, width, frames // base.length_multiple)
    return LatentJudge(base, head, config.dit_hidden_layer)


@torch.no_grad()
def _check_length(head: Discriminator, width: int, tokens: int) -> None:
    try:
        scored = head.judge(torch.zeros(1, width, tokens))[0].score.numel() > 0
    except RuntimeError:
        scored = False
    if not scored:
        raise JudgeError(
            f"training.arc.discriminator: a crop has {tokens} tokens, too few for this head. Take smaller `strides` "
            "(convnext), or crops of at least 64 tokens (conv)"
        )
