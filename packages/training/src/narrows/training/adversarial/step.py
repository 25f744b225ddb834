"""A training step of a model that reconstructs its input, and of the discriminator that judges the reconstructions.

Letters: B batch, C audio channels, T samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import torch
from lightning_fabric import Fabric
from torch import Tensor

from narrows.configs import AutoencoderTrainingConfig, SpectralAutoencoderTrainingConfig
from narrows.losses import MultiLoss
from narrows.losses.base import total
from narrows.pipelines.metrics.codebooks import CodeCounter
from narrows.training.adversarial.adversary import Adversary
from narrows.training.adversarial.balance import Balancer
from narrows.training.data_iterator import Batch
from narrows.training.distributed.fabric import is_sharded
from narrows.training.masks import padding_mask
from narrows.training.optim.clipping import NormPercentile
from narrows.training.optim.parameter_groups import ParameterGroup
from narrows.training.optim.update import update
from narrows.training.step_result import Info, Scalars, StepResult, scaled, summed

Options = AutoencoderTrainingConfig | SpectralAutoencoderTrainingConfig
ADVERSARIAL_TERMS = {"loss_adv", "feature_matching_loss"}
"""Losses that are zero while the adversarial loss is off."""


class Place(NamedTuple):
    """Of a batch among those that add up."""

    divisor: float
    """Of its losses."""
    last: bool


class AdversarialStep:
    """Losses, gradients and updates of one step; without a discriminator, those of the model alone.

    Several batches add up to one large one. Both sides compute their gradients before either is updated, unless the
    discriminator has batches of its own (`discriminator_batch: next`), which it judges after the model's update. When
    it fails on those, the update of the model is kept.

    Args:
        losses: of the model.
        options: the training section.
        adversary: the discriminator; None for none.
        codes: counts the codes of the batches; None for models without codebooks.
        balancer: balances the losses by their gradients; None adds them up as they are.
    """

    def __init__(
        self,
        losses: MultiLoss,
        options: Options,
        adversary: Adversary | None = None,
        codes: CodeCounter | None = None,
        balancer: Balancer | None = None,
    ) -> None:
        self.losses, self.options, self.adversary = losses, options, adversary
        self.codes, self.balancer = codes, balancer
        self._rehearsed = False

    def setup(
        self, fabric: Fabric, forward: Any, model: ParameterGroup, discriminator: ParameterGroup | None = None
    ) -> None:
        """Set the modules and parameter groups of a step.

        Args:
            fabric: of the run.
            forward: from audio `(B, C, T)`, whether to freeze the encoder, and a mask `(B, T)` to the info of losses.
            model: parameter group of the model.
            discriminator: that of the discriminator, where there is one.
        """
        self.fabric, self.forward = fabric, forward
        self.model, self.discriminator = model, discriminator
        if (percentile := self.options.clip_grad_percentile) is not None:
            for group in (model, *self._discriminators()):
                group.usual = NormPercentile(percentile)

    @property
    def switches(self) -> frozenset[int]:
        """The end of the warm-up, where it changes anything."""
        warmup = self.options.warmup_steps
        changes = self.adversary is not None or self.freezes_encoder(warmup)
        return frozenset({warmup} if warmup and changes else ())

    def batches_at(self, step: int) -> int:
        """Batches that a step needs, before accumulation."""
        return 2 if self.options.discriminator_batch == "next" and self._discriminator_learns(step) else 1

    def freezes_encoder(self, step: int) -> bool:
        """Whether the encoder is no longer trained at a step, counted from 0."""
        return bool(self.options.encoder_freeze_on_warmup) and step >= self.options.warmup_steps

    def describe(self, step: int) -> Iterator[str]:
        """Lines of the plan: losses and trained parts at a step."""
        adversary = self.adversary
        active = adversary is None or adversary.adversarial_active(step)
        off = set() if active else ADVERSARIAL_TERMS
        terms = ", ".join(f"{loss.name} x {loss.weight:g}" for loss in self.losses.losses if loss.name not in off)
        frozen = ", encoder frozen" if self.freezes_encoder(step) else ""
        yield f"autoencoder{frozen}: {terms}"
        if adversary is not None:
            learns = "trained" if adversary.learns(step) else "not trained yet"
            yield f"discriminator: {learns}{'' if active else ', adversarial loss off'}"

    def __call__(self, batches: Sequence[Batch], step: int, divisors: Sequence[float]) -> StepResult:
        """One update of the model, and of the discriminator when it learns.

        Args:
            batches: on the device; as many as `batches_at` says, times those to accumulate.
            step: counted from 0.
            divisors: of the losses of each batch, see `Trainer.divisors`.
        """
        self.losses.set_step(step)
        balance = self.balancer.state_dict() if self.balancer is not None else {}
        count = len(batches) // self.batches_at(step)
        own, others = batches[:count], batches[count:]
        with_discriminator = self._discriminator_learns(step) and not others
        clip = self.options.clip_grad_norm
        places = [Place(divisor, index % count == count - 1) for index, divisor in enumerate(divisors)]
        values = summed(
            self._both_backward(*pair, step, with_discriminator) for pair in zip(own, places[:count], strict=True)
        )
        groups = [self.model, *self._discriminators()] if with_discriminator else [self.model]
        problem = update(self.fabric, groups, values, clip)
        if problem is not None:
            if self.balancer is not None:
                self.balancer.load_state_dict(balance)
            return StepResult(values, problem, updated=False)
        if others:
            more = summed(
                self._discriminator_backward(*pair, step) for pair in zip(others, places[count:], strict=True)
            )
            problem = update(self.fabric, self._discriminators(), more, clip)
            values |= more
        return StepResult(values, problem)

    def _both_backward(self, batch: Batch, place: Place, step: int, with_discriminator: bool) -> Scalars:
        """Forward and backward pass of one of several batches; its scalars."""
        last, shared = place.last, None
        with self._sync(self.forward, last), self._sync_of_discriminator(last):
            info = self._forward(batch, self.freezes_encoder(step))
            if self.balancer is not None:
                # A tensor returned by Fabric gives its gradient only in Fabric's own backward pass; this view always.
                info["decoded"] = info["decoded"].view_as(info["decoded"])
            if self.adversary is not None and with_discriminator and self.shares_judgement(step):
                shared = self.adversary.judge(info)
                info |= shared.terms
            elif self.adversary is not None:
                with self.fabric.autocast():
                    if not self._rehearsed and not self.adversary.adversarial_active(step):
                        self.adversary.rehearse(info)
                    self._rehearsed = True
                    info |= self.adversary.judgement(info, step)
            loss, values = self._loss(info)
            if shared is not None and self.discriminator is not None:
                loss = shared.backward(self.fabric, loss, self.discriminator.parameters, place.divisor)
                values["discriminator_loss"] = shared.own
            self.fabric.backward(loss / place.divisor)
        values |= {"latent_std": info["latents"].std(), "data_std": info["encoder_input"].std()}
        if self.codes is not None:
            self.codes.add(info)
        if with_discriminator and shared is None:
            values |= self._judge_backward(info, place)
        return scaled(values, place.divisor)

    def _loss(self, info: Info) -> tuple[Tensor, Scalars]:
        """The scalar to differentiate, and the loss with its terms."""
        parts = self.losses.parts(info)
        terms = {name: term for _, part in parts for name, term in part.items()}
        loss = total(terms)
        values = {"loss": loss, **terms}
        if self.balancer is not None:
            weighted = [(module.name, module.weight, total(part)) for module, part in parts]
            loss, shares = self.balancer(weighted, info["decoded"])
            values |= {f"gradient_share/{name}": share for name, share in shares.items()}
        return loss, values

    def _discriminator_backward(self, batch: Batch, place: Place, step: int) -> Scalars:
        """The discriminator's pass over one of several batches of its own."""
        with torch.no_grad():
            info = self._forward(batch, self.freezes_encoder(step))
        return scaled(self._judge_backward(info, place), place.divisor)

    def _judge_backward(self, info: Info, place: Place) -> Scalars:
        assert self.adversary is not None
        with self._sync(self.adversary.forward, place.last):
            loss = self.adversary.loss(info)
            self.fabric.backward(loss / place.divisor)
        return {"discriminator_loss": loss}

    def _forward(self, batch: Batch, freeze_encoder: bool) -> Info:
        audio, metadata = batch
        mask = padding_mask(metadata, audio.shape[-1])
        info: Info = self.forward(audio, freeze_encoder, None if mask is None else self.fabric.to_device(mask))
        return info

    def _discriminators(self) -> list[ParameterGroup]:
        return [] if self.discriminator is None else [self.discriminator]

    def _discriminator_learns(self, step: int) -> bool:
        return self.adversary is not None and self.adversary.learns(step)

    def shares_judgement(self, step: int) -> bool:
        """Whether one judgement serves both sides of a step in which the discriminator learns.

        Balanced losses need the gradient of each term, 16 bit a scale of its own for each backward pass, and sharded
        parameters are gathered for one pass at a time: there each side judges for itself.
        """
        active = self.adversary is not None and self.adversary.adversarial_active(step)
        scales = getattr(self.fabric.strategy.precision, "scaler", None) is not None
        return active and self.balancer is None and not scales and not is_sharded(self.fabric)

    def _sync(self, module: Any, last: bool) -> AbstractContextManager[None]:
        """Gradients are exchanged between processes once a step, in the last backward pass."""
        return self.fabric.no_backward_sync(module, enabled=not last)

    def _sync_of_discriminator(self, last: bool) -> AbstractContextManager[None]:
        return nullcontext() if self.adversary is None else self._sync(self.adversary.forward, last)
