"""The discriminator in adversarial training: when it is trained, and on what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from narrows.losses.factory import create_discriminator_from_config
from narrows.models.checkpoints.training_format import DISCRIMINATOR
from narrows.training.checkpoints.rng import preserved_rng
from narrows.training.memory import is_out_of_memory
from narrows.training.non_finite import BufferBackup
from narrows.training.optim.parameter_groups import ParameterGroup, create_parameter_group
from narrows.training.rehearsal import RehearsalError
from narrows.training.step_result import Info


class DiscriminatorForward(nn.Module):
    """The discriminator's loss as one forward pass, so that it can be replicated over processes."""

    def __init__(self, discriminator: Any) -> None:
        super().__init__()
        self.discriminator = discriminator

    def forward(self, reals: Tensor, fakes: Tensor, joint: bool = False) -> Any:
        """Loss of the discriminator, from which no gradient reaches the audio; or its `joint_losses`."""
        if joint:
            return self.discriminator.joint_losses(reals, fakes)
        return self.discriminator.discriminator_loss(reals, fakes)


class SharedJudgement:
    """Losses of both sides for a batch whose originals and reconstructions are judged once.

    The autoencoder's losses take `terms`, which are detached from the discriminator. `backward` first brings the
    gradient of these terms to the reconstructions, then that of the discriminator's own loss to its parameters, which
    frees all that the discriminator remembers of the batch before the autoencoder's own backward pass.

    Args:
        own: the discriminator's loss.
        values: `loss_adv` and `feature_matching_distance`.
        decoded: reconstructions `(B, C, T)`, of the autoencoder.
        judged: the same, detached from the autoencoder; the input of the discriminator.
    """

    def __init__(self, own: Tensor, values: Info, decoded: Tensor, judged: Tensor) -> None:
        self.own, self._values, self._decoded, self._judged = own, values, decoded, judged
        self.terms: Info = {name: value.detach().requires_grad_() for name, value in values.items()}

    def backward(self, fabric: Fabric, loss: Tensor, parameters: Sequence[nn.Parameter], divisor: float) -> Tensor:
        """The backward pass of the discriminator.

        Args:
            fabric: does it.
            loss: of the autoencoder, from `terms` and others.
            parameters: of the discriminator; their gradients are added to.
            divisor: of the discriminator's loss.

        Returns:
            The scalar to differentiate for the autoencoder; its value means nothing.
        """
        weights = torch.autograd.grad(loss, list(self.terms.values()), retain_graph=True, allow_unused=True)
        terms = [w * value for w, value in zip(weights, self._values.values(), strict=True) if w is not None]
        left = loss
        if terms:
            fabric.backward(torch.stack(terms).sum(), inputs=[self._judged], retain_graph=True)
            assert self._judged.grad is not None
            left = loss + (self._decoded * self._judged.grad).sum()
        fabric.backward(self.own / divisor, inputs=list(parameters))
        return left


class Adversary:
    """A discriminator that learns beside the autoencoder.

    Args:
        config: the `discriminator` section of `loss_configs`.
        channels: of the audio.
        sample_rate: in Hz.
        warmup_steps: steps before the adversarial loss acts on the autoencoder.
        warmup_mode: whether the discriminator is trained during these steps (`adv`) or not (`full`).
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

    def setup(self, fabric: Fabric, optimizer: Any) -> ParameterGroup:
        """Move it to its device; its parameter group."""
        self.forward = fabric.setup_module(DiscriminatorForward(self.module))
        return create_parameter_group(DISCRIMINATOR, self.module, optimizer, fabric)

    def adversarial_active(self, step: int) -> bool:
        """Whether the autoencoder is trained against it at a step, counted from 0."""
        return step >= self.warmup_steps

    def learns(self, step: int) -> bool:
        """Whether the discriminator is trained at a step."""
        return self.warmup_mode == "adv" or self.adversarial_active(step)

    def rehearse(self, info: Info) -> None:
        """Judge a batch once before the first step, as after the warm-up, which may be days later; nothing changes.

        Raises:
            RehearsalError: clips of this shape cannot be judged.
        """
        backup = BufferBackup([self.module])
        try:
            with torch.no_grad(), preserved_rng():
                self.module.generator_losses(info["reals"], info["decoded"].detach())
        except (RuntimeError, ValueError, IndexError) as error:
            if isinstance(error, RuntimeError) and is_out_of_memory(error):
                raise
            shape = " x ".join(map(str, info["decoded"].shape[1:]))
            raise RehearsalError(
                f"The discriminator cannot judge clips of {shape} (channels x samples), which it would have to at step "
                f"{self.warmup_steps}: {error}. Choose a larger sample_size, or other options of the discriminator"
            ) from error
        finally:
            backup.restore()

    def judgement(self, info: Info, step: int) -> Info:
        """`loss_adv` and `feature_matching_distance` for the autoencoder's losses, zero during warm-up."""
        if not self.adversarial_active(step):
            nothing = torch.zeros((), device=info["decoded"].device)
            return {"loss_adv": nothing, "feature_matching_distance": nothing}
        adversarial, features = self.module.generator_losses(info["reals"], info["decoded"])
        return {"loss_adv": adversarial, "feature_matching_distance": features}

    def judge(self, info: Info) -> SharedJudgement:
        """Originals and reconstructions judged once, for both sides."""
        judged = info["decoded"].detach().requires_grad_()
        own, adversarial, features = self.forward(info["reals"], judged, joint=True)
        values = {"loss_adv": adversarial, "feature_matching_distance": features}
        return SharedJudgement(own, values, info["decoded"], judged)

    def loss(self, info: Info) -> Tensor:
        """Its own loss on originals and reconstructions."""
        loss: Tensor = self.forward(info["reals"], info["decoded"].detach())
        return loss


def create_adversary(config: Any, channels: int, sample_rate: int) -> Adversary | None:
    """The discriminator of a training section; None where it has none.

    Args:
        config: the training section of an autoencoder.
        channels: of the audio.
        sample_rate: in Hz.
    """
    discriminator = config.loss_configs.discriminator
    if discriminator is None:
        return None
    return Adversary(discriminator, channels, sample_rate, config.warmup_steps, config.warmup_mode)
