"""A training step of a model that is trained by its losses alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lightning_fabric import Fabric

from narrows.losses import MultiLoss
from narrows.pipelines.metrics.codebooks import CodeCounter
from narrows.training.data_iterator import Batch
from narrows.training.masks import padding_mask
from narrows.training.optim.parameter_groups import ParameterGroup
from narrows.training.optim.update import update
from narrows.training.step_result import Info, Scalars, StepResult, scaled, summed


class LossStep:
    """Forward and backward pass of each batch, then one update.

    Args:
        losses: of the model.
        clip_grad_norm: largest norm of the gradient; 0 does not clip.
        codes: counts the codes of the batches; None for models without codebooks.
    """

    def __init__(self, losses: MultiLoss, clip_grad_norm: float, codes: CodeCounter | None = None) -> None:
        self.losses, self.clip_grad_norm, self.codes = losses, clip_grad_norm, codes

    def setup(self, fabric: Fabric, forward: Any, group: ParameterGroup) -> None:
        """Set the module and parameter group of a step.

        Args:
            fabric: of the run.
            forward: from a batch `(B, C, T)` and a mask `(B, T)` to the info of the losses.
            group: the parameters to update.
        """
        self.fabric, self.forward, self.group = fabric, forward, group

    def __call__(self, batches: Sequence[Batch], step: int, divisors: Sequence[float]) -> StepResult:
        """One update; several batches add up to one large one.

        Args:
            batches: on the device.
            step: counted from 0.
            divisors: of the loss of each batch, see `Trainer.divisors`.
        """
        self.losses.set_step(step)
        count = len(batches)
        values = summed(self._backward(batch, divisors[i], last=i == count - 1) for i, batch in enumerate(batches))
        problem = update(self.fabric, [self.group], values, self.clip_grad_norm)
        return StepResult(values, problem, updated=problem is None)

    def describe(self) -> str:
        """The losses with their weights."""
        return ", ".join(f"{loss.name} x {loss.weight:g}" for loss in self.losses.losses)

    def _backward(self, batch: Batch, divisor: float, last: bool) -> Scalars:
        # Gradients are exchanged between processes once a step, in the last backward pass.
        with self.fabric.no_backward_sync(self.forward, enabled=not last):
            info = self._forward(batch)
            loss, terms = self.losses(info)
            self.fabric.backward(loss / divisor)
        if self.codes is not None:
            self.codes.add(info)
        spread = {"latent_std": info["latents"].std(), "data_std": info["encoder_input"].std()}
        return scaled({"loss": loss, **terms, **spread}, divisor)

    def _forward(self, batch: Batch) -> Info:
        audio, metadata = batch
        mask = padding_mask(metadata, audio.shape[-1])
        info: Info = self.forward(audio, mask=None if mask is None else self.fabric.to_device(mask))
        return info
