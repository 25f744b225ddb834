"""How a hyperencoder is trained: as an autoencoder whose signal are the pre-encoded latents of another model."""

from __future__ import annotations

from typing import Any

from torch import nn

from narrows.losses.base import MultiLoss
from narrows.losses.hyperencoder import create_hyperencoder_loss_from_config
from narrows.training.trainers.autoencoder_forward import AutoencoderForward
from narrows.training.trainers.latent import LatentTraining


class HyperencoderTraining(LatentTraining):
    """Losses, optimizer and schedule of a hyperencoder.

    Batches hold outer latents `(B, E, F)`, of a data set of the type `pre_encoded`.

    Args:
        model: the hyperencoder; its outer model, where it has one, stays as it is.
        config: its model file, a `HyperencoderConfig` with a `training` section.
    """

    part = "hyperencoder"
    makes_audio = False

    def look_at(self, dataset: Any) -> None:
        """Give the model the statistics of the latents, where it standardizes them.

        Raises:
            DataError: the data set has none.
        """
        if self.model.standardize:
            # Imported late: it brings all of pre-encoding, which few trainings need.
            from narrows.training.latent_statistics import latent_statistics, usable_std

            statistics = latent_statistics(dataset)
            self.model.set_statistics(statistics.mean, usable_std(statistics))

    def create_losses(self) -> MultiLoss:
        """The losses of the model."""
        return create_hyperencoder_loss_from_config(self.config.training, self.model)

    def create_forward(self, model: nn.Module, learning: bool) -> AutoencoderForward:
        """The forward pass of a model: `encode` and `decode` of a hyperencoder go between outer and inner latents."""
        return AutoencoderForward(model)
