"""Training of models that are judged by their loss: those whose steps make no audio."""

from __future__ import annotations

import torch
from torch import Tensor

from narrows.pipelines.metrics import Metric
from narrows.training.trainers.autoencoder import AutoencoderTraining, Scalars
from narrows.training.trainers.autoencoder_forward import Info


class LatentTraining(AutoencoderTraining):
    """As for autoencoders, but validation measures the loss and its terms instead of audio."""

    main_metric = "loss"

    def create_metrics(self) -> dict[str, Metric]:
        """No metrics of audio."""
        return {}

    @torch.no_grad()
    def observe(self, audio: Tensor, mask: Tensor | None) -> Info:
        """A training step's forward pass, by the model to use."""
        model = self.best_model
        training = model.training
        forward = self.create_forward(model.eval(), learning=False)
        try:
            with self.fabric.autocast():
                on_device = None if mask is None else self.fabric.to_device(mask)
                info: Info = forward(self.fabric.to_device(audio), mask=on_device)
        finally:
            model.train(training)
        return info

    def validation_terms(self, info: Info) -> Scalars:
        """The loss and its terms."""
        loss, terms = self.losses(info)
        return {"loss": loss, **terms}
