"""The loss of hyperencoders: distances of outer latents and their reconstruction."""

from __future__ import annotations

from typing import Any

from narrows.configs import HyperencoderTrainingConfig
from narrows.losses.base import LossModule, MultiLoss
from narrows.losses.bottleneck import create_loss_modules_from_bottleneck
from narrows.losses.distances import L1Loss, MSELoss


def create_hyperencoder_loss_from_config(training: HyperencoderTrainingConfig, model: Any) -> MultiLoss:
    """The loss of `reals` and `decoded`, outer latents `(B, E, F)`, and of what the bottleneck says.

    Args:
        training: the `training` section.
        model: the hyperencoder.
    """
    config = training.loss_configs.time
    pairs = (
        (L1Loss, "l1_latent_loss", config.weights.l1),
        (MSELoss, "l2_latent_loss", config.weights.l2),
    )
    losses: list[LossModule] = [
        pair("reals", "decoded", weight, "padding_mask", name, config.decay)
        for pair, name, weight in pairs
        if weight > 0
    ]
    losses += create_loss_modules_from_bottleneck(model.bottleneck, training.loss_configs.bottleneck)
    if not losses:
        raise ValueError("The loss configuration switches on no loss at all")
    return MultiLoss(losses)
