"""How an autoencoder is trained: its losses, its parts with their optimizers, and what one step does.

A step is one update of the autoencoder. Letters: B batch, C audio channels, T samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from narrows.configs import AutoencoderConfig, OptimizerPairConfig
from narrows.losses import create_autoencoder_loss_from_config
from narrows.models import create_autoencoder_from_config, load_checkpoint
from narrows.models.checkpoints.names import from_file, strip_prefix, to_file
from narrows.training.batches import Batch
from narrows.training.ema import EMA
from narrows.training.fabric import sum_over_processes
from narrows.training.forward import AutoencoderForward, Info
from narrows.training.guard import BufferBackup, broken_terms
from narrows.training.measures import AudioMeasures, Measures
from narrows.training.parts import Part, create_part
from narrows.training.plan import Phase, describe

AUTOENCODER = "autoencoder"


@dataclass
class Outcome:
    """What a step did."""

    values: dict[str, Tensor] = field(default_factory=dict)
    """Losses and other scalars, by name."""
    problem: str | None = None
    """Why nothing was updated; None when all went well."""


class AutoencoderTraining:
    """Losses, optimizers and schedules of an autoencoder.

    Args:
        model: the autoencoder.
        config: its model file, with a `training` section.
    """

    def __init__(self, model: Any, config: AutoencoderConfig) -> None:
        if config.training is None:
            raise ValueError("The model file has no `training` section")
        self.model = model
        self.config = config
        self.options = config.training
        self.losses = create_autoencoder_loss_from_config(
            self.options.loss_configs, model, self.options.teacher_model is not None
        )
        self.ema: EMA | None = None
        self.parts: dict[str, Part] = {}

    def setup(self, fabric: Fabric) -> None:
        """Move everything to its device, and create average and optimizers."""
        self.fabric = fabric
        options = self.options
        teacher = self._teacher()
        forward = AutoencoderForward(self.model, teacher, options.force_input_mono, options.latent_mask_ratio)
        self.forward = fabric.setup_module(forward)
        self.losses.to(fabric.device)
        self.measures = AudioMeasures(self.config.sample_rate).to(fabric.device)
        if options.use_ema:
            self.ema = EMA(self.model, options.ema_decay)
        self.parts[AUTOENCODER] = create_part(AUTOENCODER, self.forward, self._optimizer(AUTOENCODER), fabric)

    def batches_at(self, step: int) -> int:
        """Batches that a step takes, before accumulation."""
        return 1

    def freezes_encoder(self, step: int) -> bool:
        """Whether the encoder is no longer trained at a step."""
        return self.options.encoder_freeze_on_warmup and step >= self.options.warmup_steps

    def step(self, batches: Sequence[Batch], step: int) -> Outcome:
        """One update of the autoencoder, over all given batches together.

        When a loss or gradient is not finite, on any process, nothing is updated anywhere and buffers are as before.
        """
        self.losses.set_step(step)
        backup = BufferBackup(self.model)
        totals: dict[str, Tensor] = {}
        for index, (audio, _) in enumerate(batches):
            with self.fabric.no_backward_sync(self.forward, enabled=index < len(batches) - 1):
                for name, value in self._backward(audio, step, len(batches)).items():
                    totals[name] = totals.get(name, torch.zeros_like(value)) + value / len(batches)
        problem = self._update(totals)
        if problem is not None:
            backup.restore()
        elif self.ema is not None:
            self.ema.update(self.model)
        for part in self.parts.values():
            part.optimizer.zero_grad()
        return Outcome(totals, problem)

    def _backward(self, audio: Tensor, step: int, share: int) -> dict[str, Tensor]:
        """Forward and backward pass of one batch; its scalars."""
        info: Info = self.forward(audio, freeze_encoder=self.freezes_encoder(step))
        loss, terms = self.losses(info)
        self.fabric.backward(loss / share)
        scalars = {
            "loss": loss,
            **terms,
            "latent_std": info["latents"].std(),
            "data_std": info["encoder_input"].std(),
        }
        return {name: value.detach().float() for name, value in scalars.items()}

    def _update(self, values: dict[str, Tensor]) -> str | None:
        """Update every part unless something is not finite; what it was."""
        for name, part in self.parts.items():
            values[f"grad_norm/{name}"] = part.gradient_norm(self.fabric, self.options.clip_grad_norm)
        if self._all_finite(values.values()):
            for part in self.parts.values():
                part.update()
            return None
        broken = broken_terms({name: value for name, value in values.items() if "/" not in name})
        gradients = [f"the gradient of {name}" for part in self.parts.values() for name in part.broken_gradients()]
        return "; ".join(broken or gradients[:3]) or "a loss of another process is not finite"

    def _all_finite(self, values: Any) -> bool:
        """Whether every scalar is finite, on every process."""
        finite = torch.isfinite(torch.stack([value.float() for value in values])).all()
        if self.fabric.world_size > 1:
            return float(sum_over_processes(self.fabric, finite.float())) == self.fabric.world_size
        return bool(finite)

    @torch.no_grad()
    def reconstruct(self, audio: Tensor) -> Info:
        """What the trained model makes of a batch, as `AutoencoderForward` reports it; the average's when there is one.

        Args:
            audio: `(B, C, T)`.
        """
        model = self.best_model
        training = model.training
        forward = AutoencoderForward(model.eval(), None, self.options.force_input_mono)
        try:
            with self.fabric.autocast():
                dtype = next(model.parameters()).dtype
                info: Info = forward(self.fabric.to_device(audio).to(dtype))
        finally:
            model.train(training)
        return {key: value.float() if _is_float(value) else value for key, value in info.items()}

    @property
    def best_model(self) -> nn.Module:
        """The model to use: the average when there is one."""
        return self.model if self.ema is None else self.ema.model

    def measure(self, batches: Iterable[Batch]) -> dict[str, float]:
        """Figures over all clips, on all processes: see `narrows.training.measures`."""
        measures = Measures(self.best_model, self.measures)
        for audio, _ in batches:
            measures.add(self.reconstruct(audio))
        return measures.figures(lambda tensor: sum_over_processes(self.fabric, tensor))

    def plan(self, steps: int) -> str:
        """Which losses act and which parts are trained, from which step on."""
        return describe(self._phases(steps), self.model)

    def _phases(self, steps: int) -> list[Phase]:
        switch = self.options.warmup_steps
        borders = [0, switch, steps] if 0 < switch < steps else [0, steps]
        return [Phase(first + 1, last, tuple(self._acting(first))) for first, last in pairwise(borders)]

    def _acting(self, step: int) -> list[str]:
        terms = ", ".join(f"{term.name} x {term.weight:g}" for term in self.losses.losses)
        frozen = ", encoder frozen" if self.freezes_encoder(step) else ""
        return [f"autoencoder{frozen}: {terms}"]

    def train(self) -> None:
        """Put everything that is trained in training mode."""
        self.forward.train()

    def state_dict(self) -> dict[str, Any]:
        """All that has to be saved to go on exactly: see `narrows.training.checkpoints`."""
        weights = {f"model.{key}": value for key, value in to_file(self.model.state_dict()).items()}
        if self.ema is not None:
            weights |= {f"ema.{key}": value for key, value in to_file(self.ema.model.state_dict()).items()}
        parts = {name: part.state_dict() for name, part in self.parts.items()}
        return {
            "state_dict": weights,
            "optimizers": {name: state["optimizer"] for name, state in parts.items()},
            "schedulers": {name: state["scheduler"] for name, state in parts.items()},
            "losses": self.losses.state_dict(),
            "ema_updates": self.ema.updates if self.ema is not None else 0,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state of `state_dict`; everything must fit."""
        weights = state["state_dict"]
        self.model.load_state_dict(from_file(strip_prefix(weights, r"model\.")))
        if self.ema is not None:
            self.ema.model.load_state_dict(from_file(strip_prefix(weights, r"ema\.")))
            self.ema.updates = state["ema_updates"]
        self.losses.load_state_dict(state["losses"])
        for name, part in self.parts.items():
            part.load_state_dict({"optimizer": state["optimizers"][name], "scheduler": state["schedulers"][name]})

    def _teacher(self) -> nn.Module | None:
        options = self.options
        if options.teacher_model is None or options.teacher_model_ckpt is None:
            return None
        teacher = create_autoencoder_from_config(options.teacher_model)
        load_checkpoint(teacher, options.teacher_model_ckpt)
        return self.fabric.to_device(teacher.requires_grad_(False).eval())

    def _optimizer(self, part: str) -> OptimizerPairConfig:
        """Optimizer and schedule of a part: as configured, or AdamW as in the reference."""
        if self.options.optimizer_configs is not None:
            pair: OptimizerPairConfig = getattr(self.options.optimizer_configs, part)
            return pair
        default = {"type": "AdamW", "config": {"lr": self.options.learning_rate, "betas": [0.8, 0.99]}}
        return OptimizerPairConfig.model_validate({"optimizer": default})


def _is_float(value: Any) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point()
