"""The discriminator's side of adversarial training: when it learns, and from what."""

from __future__ import annotations

from typing import Any, Literal

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from narrows.losses.factory import create_discriminator_from_config
from narrows.training.forward import Info
from narrows.training.parts import Part, create_part

DISCRIMINATOR = "discriminator"


class DiscriminatorForward(nn.Module):
    """The discriminator's loss as one forward pass, so that it can be replicated over processes."""

    def __init__(self, discriminator: Any) -> None:
        super().__init__()
        self.discriminator = discriminator

    def forward(self, reals: Tensor, fakes: Tensor) -> Tensor:
        """Loss of the discriminator; no gradient reaches the audio."""
        loss: Tensor = self.discriminator.discriminator_loss(reals, fakes)
        return loss


class Adversary:
    """A discriminator that learns beside the autoencoder.

    Args:
        config: the `discriminator` section of `loss_configs`.
        channels: of what it judges.
        sample_rate: in Hz.
        warmup_steps: steps before the autoencoder sees its judgement.
        warmup_mode: whether it learns already before (`adv`) or not (`full`).
    """

    def __init__(
        self,
        config: Any,
        channels: int,
        sample_rate: int,
        warmup_steps: int,
        warmup_mode: Literal["adv", "full"],
    ) -> None:
        self.module = create_discriminator_from_config(config, channels, sample_rate)
        self.warmup_steps, self.warmup_mode = warmup_steps, warmup_mode

    def setup(self, fabric: Fabric, optimizer: Any) -> Part:
        """Move it to its device; the part that is optimised."""
        self.forward = fabric.setup_module(DiscriminatorForward(self.module))
        return create_part(DISCRIMINATOR, self.module, optimizer, fabric)

    def is_heard(self, step: int) -> bool:
        """Whether the autoencoder is trained against it at a step, counted from 0."""
        return step >= self.warmup_steps

    def learns(self, step: int) -> bool:
        """Whether it is trained at a step."""
        return self.warmup_mode == "adv" or self.is_heard(step)

    def judgement(self, info: Info, step: int) -> Info:
        """What the autoencoder's losses need: `loss_adv` and `feature_matching_distance`, zero during warm-up."""
        if not self.is_heard(step):
            nothing = torch.zeros((), device=info["decoded"].device)
            return {"loss_adv": nothing, "feature_matching_distance": nothing}
        adversarial, features = self.module.generator_losses(info["reals"], info["decoded"])
        return {"loss_adv": adversarial, "feature_matching_distance": features}

    def loss(self, info: Info) -> Tensor:
        """Its own loss on originals and reconstructions."""
        loss: Tensor = self.forward(info["reals"], info["decoded"].detach())
        return loss
