"""How an autoencoder is trained: its losses, its parts with their optimizers, and what one step does.

A step is one update of the autoencoder. Letters: B batch, C audio channels, T samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from narrows.configs import OptimizerPairConfig
from narrows.losses import MultiLoss, create_autoencoder_loss_from_config
from narrows.losses.base import total
from narrows.models import create_autoencoder_from_config, create_model_from_config, load_checkpoint, save_model
from narrows.models.arithmetic import arithmetic_of
from narrows.pipelines.metrics import Metric, configured_metrics
from narrows.pipelines.metrics.codebooks import code_counter
from narrows.training.adversarial.adversary import DISCRIMINATOR, Adversary
from narrows.training.adversarial.balance import Balancer
from narrows.training.checkpoints.rng import preserved_rng
from narrows.training.data_iterator import Batch
from narrows.training.distributed.fabric import device_mesh, is_sharded, mean_over_processes, sum_over_processes
from narrows.training.distributed.sharding import gathered, shard, whole
from narrows.training.masks import padding_mask
from narrows.training.non_finite import BufferBackup, broken_terms
from narrows.training.optim.ema import EMA
from narrows.training.optim.parameter_groups import Part, create_part, scaled_update
from narrows.training.settings import settings
from narrows.training.trainers.autoencoder_forward import AutoencoderForward, Info
from narrows.training.validation_metrics import AUDIO_METRICS, Measures

AUTOENCODER = "autoencoder"
ELSEWHERE = "a loss of another process is not finite"
OVERFLOW = "gradients overflow at any scale; use precision bf16-mixed"
Scalars = dict[str, Tensor]


@dataclass
class Outcome:
    """What a step did."""

    values: Scalars = field(default_factory=dict)
    """Losses and other scalars, by name."""
    problem: str | None = None
    """What was not finite, and was not used; None when all went well."""
    updated: bool = True
    """Whether the autoencoder was updated."""


class AutoencoderTraining:
    """Losses, optimizers and schedules of an autoencoder, and of its discriminator when there is one.

    Args:
        model: the autoencoder.
        config: its model file, an `AutoencoderConfig` with a `training` section.
    """

    part: ClassVar[str] = AUTOENCODER
    """Name of the model in `optimizer_configs`."""
    default_optimizer: ClassVar[dict[str, Any]] = {"type": "AdamW", "config": {"betas": [0.8, 0.99]}}
    """Without `optimizer_configs`, as in the reference; its rate is `learning_rate`."""
    makes_audio: ClassVar[bool] = True
    """Whether `reconstruct` gives something to listen to."""
    main_metric: ClassVar[str] = "mel_distance"
    """Of validation, to choose the best checkpoint by."""

    def __init__(self, model: Any, config: Any) -> None:
        if config.training is None:
            raise ValueError("The model file has no `training` section")
        self.model = model
        self.config = config
        self.options: Any = settings(config.training)
        options = self.options
        self.losses = self.create_losses()
        self.metrics = self.create_metrics()
        self.adversary: Adversary | None = None
        if (discriminator := getattr(options.loss_configs, "discriminator", None)) is not None:
            self.adversary = Adversary(
                discriminator,
                model.out_channels,
                config.sample_rate,
                options.warmup_steps,
                options.warmup_mode,
            )
        self.codes = code_counter(model.bottleneck)
        self.ema: EMA | None = None
        self.balancer: Balancer | None = None
        self.parts: dict[str, Part] = {}

    def create_losses(self) -> MultiLoss:
        """The losses of the autoencoder."""
        return create_autoencoder_loss_from_config(
            self.options.loss_configs, self.model, self.options.teacher_model is not None
        )

    def create_metrics(self) -> dict[str, Metric]:
        """The metrics of audio that validation measures."""
        return AUDIO_METRICS | configured_metrics(self.options.eval_loss_configs, self.config.sample_rate)

    def create_forward(self, model: nn.Module, learning: bool) -> nn.Module:
        """The forward pass of a model; only where it is learning with its teacher and with masked latents."""
        mono = self.options.force_input_mono
        if not learning:
            return AutoencoderForward(model, None, mono)
        return AutoencoderForward(model, self._teacher(), mono, self.options.latent_mask_ratio)

    def look_at(self, dataset: Any) -> None:
        """Take from a data set what the model must know of it before the first step of a new run: nothing here."""

    def setup(self, fabric: Fabric) -> None:
        """Move everything to its device, and create average and optimizers."""
        self.fabric = fabric
        # Copied before anything is sharded.
        copied = EMA(self.model, self.options.ema_decay) if self.options.use_ema else None
        self.forward = fabric.setup_module(self.create_forward(self.model, learning=True))
        self.losses.to(fabric.device)
        if (balancing := self.options.loss_balancing) is not None:
            self.balancer = Balancer(
                balancing.total_norm, balancing.ema_decay, lambda x: mean_over_processes(fabric, x)
            )
        if copied is not None:
            converted = fabric.to_device(fabric.strategy.precision.convert_module(copied.model))
            copied.model = shard(converted, device_mesh(fabric)) if is_sharded(fabric) else converted
            self.ema = copied
        self.parts[self.part] = create_part(self.part, self.model, self._optimizer(self.part), fabric)
        if self.adversary is not None:
            self.parts[DISCRIMINATOR] = self.adversary.setup(fabric, self._optimizer(DISCRIMINATOR))

    @property
    def switches(self) -> frozenset[int]:
        """Steps after which something else is trained: validation shows the model on either side."""
        warmup = self.options.warmup_steps
        return frozenset({warmup} if warmup and (self.adversary is not None or self.freezes_encoder(warmup)) else ())

    def batches_at(self, step: int) -> int:
        """Batches that a step takes, before accumulation."""
        return 2 if self.options.discriminator_batch == "next" and self._discriminator_learns(step) else 1

    def freezes_encoder(self, step: int) -> bool:
        """Whether the encoder is no longer trained at a step, counted from 0."""
        return bool(self.options.encoder_freeze_on_warmup) and step >= self.options.warmup_steps

    def step(self, batches: Sequence[Batch], step: int) -> Outcome:
        """One update of the autoencoder, and of the discriminator when it learns.

        Several batches add up to one large one. Both sides compute their gradients before either is updated, unless
        the discriminator has batches of its own (`discriminator_batch: next`), which it then judges after the
        autoencoder's update.

        When a loss or gradient is not finite, on any process, nothing is updated anywhere and buffers are as before;
        only when the discriminator fails on batches of its own, the update of the autoencoder stands.

        Args:
            batches: as many as `batches_at` says, times those to accumulate.
            step: counted from 0.
        """
        self.losses.set_step(step)
        balance = self.balancer.state_dict() if self.balancer is not None else {}
        backup = BufferBackup([self.model, *([self.adversary.module] if self.adversary is not None else [])])
        count = len(batches) // self.batches_at(step)
        own, others = batches[:count], batches[count:]
        learns_along = self._discriminator_learns(step) and not others
        values = self._sum(self._both_backward(batch, step, count, i, learns_along) for i, batch in enumerate(own))
        problem = self._update([self.part, *([DISCRIMINATOR] if learns_along else [])], values)
        updated = problem is None
        if updated and others:
            more = self._sum(self._discriminator_backward(batch, count, i) for i, batch in enumerate(others))
            problem = self._update([DISCRIMINATOR], more)
            values |= more
        if not updated:
            backup.restore()
            if self.balancer is not None:
                self.balancer.load_state_dict(balance)
        elif self.ema is not None:
            self.ema.update(self.model)
        for part in self.parts.values():
            part.optimizer.zero_grad()
        return Outcome(values, problem, updated)

    def _reported(self, batch: Batch, freeze_encoder: bool) -> Info:
        audio, metadata = batch
        mask = padding_mask(metadata, audio.shape[-1])
        info: Info = self.forward(audio, freeze_encoder, None if mask is None else self.fabric.to_device(mask))
        return info

    def _discriminator_learns(self, step: int) -> bool:
        return self.adversary is not None and self.adversary.learns(step)

    def _shares_judgement(self, step: int) -> bool:
        """Whether one judgement serves both sides of a step in which the discriminator learns.

        Balanced losses need the gradient of each term, 16 bit a scale of its own for each backward pass, and sharded
        parameters are gathered for one pass at a time: there each side judges for itself.
        """
        heard = self.adversary is not None and self.adversary.is_heard(step)
        scaled = getattr(self.fabric.strategy.precision, "scaler", None) is not None
        return heard and self.balancer is None and not scaled and not is_sharded(self.fabric)

    def _both_backward(self, batch: Batch, step: int, count: int, index: int, with_discriminator: bool) -> Scalars:
        """Forward and backward pass of one of `count` batches; its scalars."""
        last, shared = index == count - 1, None
        with self._sync(self.forward, last), self._sync_of_discriminator(last):
            info = self._reported(batch, self.freezes_encoder(step))
            if self.balancer is not None:
                # Its gradient can be asked for; that of what Fabric returns only in Fabric's own backward pass.
                info["decoded"] = info["decoded"].view_as(info["decoded"])
            if self.adversary is not None and with_discriminator and self._shares_judgement(step):
                shared = self.adversary.judge(info)
                info |= shared.terms
            elif self.adversary is not None:
                with self.fabric.autocast():
                    info |= self.adversary.judgement(info, step)
            parts = self.losses.parts(info)
            terms = {name: term for _, part in parts for name, term in part.items()}
            loss = total(terms)
            values = {"loss": loss, **terms}
            if self.balancer is not None:
                weighed = [(module.name, module.weight, total(part)) for module, part in parts]
                loss, shares = self.balancer(weighed, info["decoded"])
                values |= {f"gradient_share/{name}": share for name, share in shares.items()}
            if shared is not None:
                loss = shared.backward(self.fabric, loss, self.parts[DISCRIMINATOR].parameters, count)
                values["discriminator_loss"] = shared.own
            self.fabric.backward(loss / count)
        values |= {"latent_std": info["latents"].std(), "data_std": info["encoder_input"].std()}
        if self.codes is not None:
            self.codes.add(info)
        if with_discriminator and shared is None:
            values |= self._judge_backward(info, count, index)
        return {name: value.detach().float() / count for name, value in values.items()}

    def _discriminator_backward(self, batch: Batch, count: int, index: int) -> Scalars:
        """The discriminator's pass over one of `count` batches of its own."""
        with torch.no_grad():
            info = self._reported(batch, freeze_encoder=True)
        values = self._judge_backward(info, count, index)
        return {name: value.detach().float() / count for name, value in values.items()}

    def _judge_backward(self, info: Info, count: int, index: int) -> Scalars:
        assert self.adversary is not None
        with self._sync(self.adversary.forward, index == count - 1):
            loss = self.adversary.loss(info)
            self.fabric.backward(loss / count)
        return {"discriminator_loss": loss}

    def _sync(self, module: Any, last: bool) -> AbstractContextManager[None]:
        """Gradients are exchanged between processes once a step, in the last backward pass."""
        return self.fabric.no_backward_sync(module, enabled=not last)

    def _sync_of_discriminator(self, last: bool) -> AbstractContextManager[None]:
        return nullcontext() if self.adversary is None else self._sync(self.adversary.forward, last)

    def _sum(self, parts: Iterable[Scalars]) -> Scalars:
        totals: Scalars = {}
        for part in parts:
            for name, value in part.items():
                totals[name] = totals[name] + value if name in totals else value
        return totals

    def _update(self, names: Sequence[str], values: Scalars) -> str | None:
        """Update parts unless something is not finite; what it was. Gradient norms are added to the values."""
        parts = {name: self.parts[name] for name in names}
        terms = dict(values)
        scaler = getattr(self.fabric.strategy.precision, "scaler", None)
        if scaler is not None and not self._all_finite(terms.values()):
            return "; ".join(broken_terms(terms)) or ELSEWHERE
        for name, part in parts.items():
            values[f"grad_norm/{name}"] = part.gradient_norm(self.fabric, self.options.clip_grad_norm)
        if scaler is not None:
            return None if scaled_update(scaler, parts.values()) else OVERFLOW
        if self._all_finite(values.values()):
            for part in parts.values():
                part.update()
            return None
        gradients = [
            f"the gradient of {name} is not finite" for part in parts.values() for name in part.broken_gradients()
        ]
        return "; ".join(broken_terms(terms) or gradients[:3]) or ELSEWHERE

    def _all_finite(self, values: Iterable[Tensor]) -> bool:
        """Whether every scalar is finite, on every process."""
        finite = torch.isfinite(torch.stack([value.float() for value in values])).all()
        return float(sum_over_processes(self.fabric, finite.float())) == self.fabric.world_size

    def alone(self) -> AbstractContextManager[None]:
        """Inside, each process can reconstruct without the others; all enter and leave it together."""
        return gathered(self.best_model) if is_sharded(self.fabric) else nullcontext()

    def write_model(self, folder: Path) -> None:
        """Write the model to use as a `save_model` folder; all processes call it."""
        model: nn.Module = self.best_model
        if is_sharded(self.fabric):
            state = whole(model.state_dict())
            with preserved_rng():
                model = create_model_from_config(self.config)
            model.load_state_dict(state)
        if self.fabric.is_global_zero:
            save_model(model, folder)

    def take_figures(self) -> dict[str, float]:
        """What is counted over steps, since it was last taken: the use of the codebooks, over all processes."""
        return {} if self.codes is None else self.codes.take(lambda counts: sum_over_processes(self.fabric, counts))

    def observe(self, audio: Tensor, mask: Tensor | None) -> Info:
        """What validation looks at: the reconstruction of a batch."""
        return self.reconstruct(audio, mask)

    def validation_terms(self, info: Info) -> Scalars:
        """Scalars that validation averages beside the metrics."""
        return {}

    @torch.no_grad()
    def reconstruct(self, audio: Tensor, mask: Tensor | None = None) -> Info:
        """What the trained model, or its average, makes of a batch: `reals`, `decoded`, `latents` and more.

        Args:
            audio: `(B, C, T)`.
            mask: `(B, T)`, false where it is padded; None when it is not.
        """
        model = self.best_model
        training = model.training
        forward = self.create_forward(model.eval(), learning=False)
        try:
            with self.fabric.autocast():
                dtype = arithmetic_of(model)
                on_device = None if mask is None else self.fabric.to_device(mask)
                info: Info = forward(self.fabric.to_device(audio).to(dtype), mask=on_device)
        finally:
            model.train(training)
        return {key: value.float() if _is_float(value) else value for key, value in info.items()}

    def measure(self, batches: Iterable[Batch]) -> dict[str, float]:
        """Figures over all clips, on all processes: see `narrows.training.validation_metrics`."""
        measures = Measures(self.best_model, self.config.sample_rate, self.metrics)
        with self.alone():
            for audio, metadata in batches:
                info = self.observe(audio, padding_mask(metadata, audio.shape[-1]))
                measures.add(info, self.validation_terms(info))
        return measures.figures(lambda tensor: sum_over_processes(self.fabric, tensor))

    @property
    def best_model(self) -> nn.Module:
        """The model to use: the average when there is one."""
        return self.model if self.ema is None else self.ema.model

    def train(self) -> None:
        """Put everything that is trained in training mode."""
        self.forward.train()
        if self.adversary is not None:
            self.adversary.forward.train()

    def _teacher(self) -> Any:
        options = self.options
        if options.teacher_model is None or options.teacher_model_ckpt is None:
            return None
        teacher: Any = create_autoencoder_from_config(options.teacher_model)
        load_checkpoint(teacher, options.teacher_model_ckpt)
        teacher = self.fabric.strategy.precision.convert_module(teacher)
        return self.fabric.to_device(teacher.requires_grad_(False).eval())

    def _optimizer(self, part: str) -> OptimizerPairConfig:
        """Optimizer and schedule of a part: as configured, or the default."""
        if self.options.optimizer_configs is not None:
            pair: OptimizerPairConfig = getattr(self.options.optimizer_configs, part)
            return pair
        options = {**self.default_optimizer["config"], "lr": self.options.learning_rate}
        default = {**self.default_optimizer, "config": options}
        return OptimizerPairConfig.model_validate({"optimizer": default})


def _is_float(value: Any) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point()
