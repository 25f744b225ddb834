"""Training of autoencoders of audio, with a discriminator or a teacher on request.

A step is one update of the autoencoder. Letters: B batch, C audio channels, T samples, D latent channels, L latent
frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, final

import torch
from torch import Tensor, nn

from narrows.configs import AutoencoderConfig, AutoencoderTrainingConfig
from narrows.losses import create_autoencoder_loss_from_config
from narrows.losses.autoencoder import needs_audio
from narrows.models import create_autoencoder_from_config, load_checkpoint
from narrows.models.autoencoders.coding import transform
from narrows.models.checkpoints.training_format import DISCRIMINATOR
from narrows.pipelines.metrics import configured_metrics
from narrows.pipelines.metrics.codebooks import code_counter
from narrows.training.adversarial.adversary import create_adversary
from narrows.training.adversarial.balance import Balancer
from narrows.training.adversarial.step import AdversarialStep
from narrows.training.data_iterator import Batch
from narrows.training.demos.demo import Demo, reconstruction_demos
from narrows.training.distributed.fabric import mean_over_processes
from narrows.training.freezing import children_except_frozen, frozen_encoding, with_parameters
from narrows.training.latent_augmentation import LatentAugmentation
from narrows.training.masks import frame_mask, padding_mask, silenced
from narrows.training.optim.parameter_groups import create_parameter_group, optimizer_pair
from narrows.training.step_result import Info, StepResult
from narrows.training.trainers.base import Trainer, build_trainer
from narrows.training.validation_metrics import AUDIO_METRICS, ValidationMetrics, as_float

AUTOENCODER = "autoencoder"
DEFAULT_OPTIMIZER = {"type": "AdamW", "config": {"betas": [0.8, 0.99]}}
"""Without `optimizer_configs`, as in stable-audio-tools; its rate is `learning_rate`."""
AUDIO = frozenset({"reals", "decoded", "teacher_decoded", "own_latents_teacher_decoded", "teacher_latents_own_decoded"})
"""Entries of the info that are audio `(B, C, T)`: cut to one length, and silent where the batch is padded."""


class AutoencoderForward(nn.Module):
    """Encodes and decodes a batch, with the options of training.

    One module with one forward pass, so that it can be replicated over processes.

    Args:
        model: the autoencoder.
        teacher: a frozen model to learn from.
        force_input_mono: average the input to one channel.
        latent_mask_ratio: share of latent values set to zero, which makes the decoder robust to errors.
        augmentation: further changes to latents, and to the audio that the decoder has to make of them.
        transformed: report what stands between pretransform and networks as well, for losses in its domain.
        audio: undo the pretransform; False leaves out `decoded`, which may be most of the work.
    """

    def __init__(
        self,
        model: Any,
        teacher: Any = None,
        force_input_mono: bool = False,
        latent_mask_ratio: float = 0.0,
        augmentation: LatentAugmentation | None = None,
        transformed: bool = False,
        audio: bool = True,
    ) -> None:
        super().__init__()
        self.model = model
        self.force_input_mono = force_input_mono
        self.latent_mask_ratio = latent_mask_ratio
        self.augmentation = augmentation or LatentAugmentation()
        self.transformed, self.audio = transformed, audio
        # Kept out of the module tree: it is neither trained nor saved.
        self._teacher = (teacher,)

    @property
    def teacher(self) -> Any:
        """The teacher."""
        return self._teacher[0]

    def forward(self, audio: Tensor, freeze_encoder: bool = False, mask: Tensor | None = None) -> Info:
        """Reconstruct a batch.

        Args:
            audio: `(B, C, T)`.
            freeze_encoder: change nothing of encoder and bottleneck, by gradients or in the forward pass.
            mask: `(B, T)`, false where the batch is padded; None when it is not (see `narrows.training.masks`).

        Returns:
            The info of the bottleneck, and `reals`, `encoder_input`, `latents`, `decoded`; with a mask also
            `padding_mask` and `frame_mask`, as long as audio and latents; with a teacher also `teacher_latents`,
            `teacher_decoded`, `own_latents_teacher_decoded` and `teacher_latents_own_decoded`; on request
            `transformed`, `transformed_decoded` and their `transformed_mask`. `reals`, `transformed` and the masks of
            samples are those of the changed audio where the latents were changed.
        """
        audio = silenced(audio, mask)
        given = audio.mean(dim=1, keepdim=True) if self.force_input_mono else audio
        ratio = self.model.downsampling_ratio
        frames = None if mask is None else frame_mask(mask, ratio)
        masked = {} if frames is None else {"mask": frames}
        taken = transform(self.model.pretransform, given) if self.transformed else given
        with frozen_encoding(self.model, freeze_encoder):
            latents, info = self.model.encode(taken, return_info=True, skip_pretransform=self.transformed, **masked)
        change = self.augmentation.change(latents, ratio)
        seen = self.augmentation.noisy(change.of_latents(masked_latents(latents, self.latent_mask_ratio)))
        wanted = change.of_audio(audio)
        mask = None if mask is None else change.of_samples(mask)
        info = {**info, "reals": wanted, "encoder_input": given, "latents": latents}
        out = self.model.decode(seen, skip_pretransform=True)
        if self.transformed:
            changed = taken if change.is_none else transform(self.model.pretransform, change.of_audio(given))
            info |= self._transformed(changed, out, mask)
        if self.audio:
            info["decoded"] = self.model.audio_of(out)
        length = min(info.get("decoded", wanted).shape[-1], wanted.shape[-1])
        if self.teacher is not None:
            info.update(self._distil(self.teacher, given, seen))
        info |= {name: silenced(info[name][..., :length], mask) for name in AUDIO & info.keys()}
        if mask is not None:
            info |= {"padding_mask": mask[:, :length], "frame_mask": frames}
        return info

    def _transformed(self, wanted: Tensor, out: Tensor, mask: Tensor | None) -> Info:
        """What losses in the domain of the pretransform compare."""
        shared = min(wanted.shape[-1], out.shape[-1])
        info: Info = {"transformed": wanted[..., :shared], "transformed_decoded": out[..., :shared]}
        if mask is not None:
            info["transformed_mask"] = frame_mask(mask, self.model.pretransform.downsampling_ratio)[:, :shared]
        return info

    def _distil(self, teacher: Any, given: Tensor, latents: Tensor) -> Info:
        """Latents and reconstructions of the teacher, and each model's decoding of the other's latents.

        The teacher's weights are frozen, but the gradient passes through its decoder to our latents; the reference cuts
        it off there, so that two of its four losses train nothing.
        """
        with torch.no_grad():
            teacher_latents = teacher.encode(given)
            teacher_decoded = teacher.decode(teacher_latents)
        return {
            "teacher_latents": teacher_latents,
            "teacher_decoded": teacher_decoded,
            "own_latents_teacher_decoded": teacher.decode(latents),
            "teacher_latents_own_decoded": self.model.decode(teacher_latents),
        }


def masked_latents(latents: Tensor, ratio: float) -> Tensor:
    """Latents `(B, D, L)` with a share of the values set to zero."""
    return latents if ratio == 0 else latents.masked_fill(torch.rand_like(latents.real) < ratio, 0)


def _augmentation(options: AutoencoderTrainingConfig) -> LatentAugmentation | None:
    given = options.latent_augmentation
    return None if given is None else LatentAugmentation(given.noise, given.gain, given.shift)


@final
class AutoencoderTrainer(Trainer):
    """Trains an autoencoder, and its discriminator when there is one.

    Args:
        model: the autoencoder.
        config: its model file, with a `training` section.
    """

    main_metric: ClassVar[str] = "mel_distance"

    def __init__(self, model: Any, config: AutoencoderConfig) -> None:
        assert config.training is not None
        self.options: AutoencoderTrainingConfig = config.training
        super().__init__(model, config, self.options.ema_decay if self.options.use_ema else None)
        options = self.options
        self.losses = create_autoencoder_loss_from_config(
            options.loss_configs, model, options.teacher_model is not None
        )
        self.metrics = AUDIO_METRICS | configured_metrics(options.eval_loss_configs, config.sample_rate)
        self.adversary = create_adversary(options, model.out_channels, config.sample_rate)
        self.adversarial = AdversarialStep(self.losses, options, self.adversary, code_counter(model.bottleneck))

    def networks(self, model: Any) -> Sequence[nn.Module]:
        """Encoder and decoder."""
        return with_parameters(model.encoder, model.decoder)

    def averaged(self, model: Any) -> Sequence[str]:
        """Everything but a frozen pretransform."""
        return children_except_frozen(model, "pretransform")

    def prepare(self) -> None:
        """Create forward pass, balancer and parameter groups."""
        fabric, options = self.fabric, self.options
        teacher = self._teacher()
        forward = AutoencoderForward(
            self.model,
            teacher,
            options.force_input_mono,
            options.latent_mask_ratio,
            _augmentation(options),
            transformed=options.loss_configs.pretransform is not None,
            audio=needs_audio(options.loss_configs) or teacher is not None or options.loss_balancing is not None,
        )
        self.forward = self.setup_forward(forward)
        self.losses.to(fabric.device)
        if (balancing := options.loss_balancing) is not None:
            self.adversarial.balancer = Balancer(
                balancing.total_norm, balancing.ema_decay, lambda value: mean_over_processes(fabric, value)
            )
        self.groups[AUTOENCODER] = create_parameter_group(AUTOENCODER, self.model, self._pair(AUTOENCODER), fabric)
        if self.adversary is not None:
            self.groups[DISCRIMINATOR] = self.adversary.setup(fabric, self._pair(DISCRIMINATOR))
        self.adversarial.setup(fabric, self.forward, self.groups[AUTOENCODER], self.groups.get(DISCRIMINATOR))

    @property
    def switches(self) -> frozenset[int]:
        """The end of the warm-up, where it changes anything."""
        return self.adversarial.switches

    @property
    def modules_beside(self) -> Mapping[str, nn.Module]:
        """The discriminator."""
        return {} if self.adversary is None else {DISCRIMINATOR: self.adversary.module}

    def batches_at(self, step: int) -> int:
        """Two where the discriminator has a batch of its own."""
        return self.adversarial.batches_at(step)

    def update(self, batches: Sequence[Batch], step: int) -> StepResult:
        """One update of the autoencoder, and of the discriminator when it learns."""
        return self.adversarial(batches, step, self.divisors(batches, step))

    def describe(self, step: int) -> Iterator[str]:
        """Losses, and the state of encoder and discriminator."""
        return self.adversarial.describe(step)

    def reconstruct(self, audio: Tensor, mask: Tensor | None = None) -> Info:
        """The reconstruction of a batch by the model to use: `reals`, `decoded`, `latents` and more, in float32.

        Args:
            audio: `(B, C, T)`.
            mask: `(B, T)`, false where it is padded; None when it is not.
        """
        with self.evaluated() as model:
            forward = AutoencoderForward(model, force_input_mono=self.options.force_input_mono)
            return as_float(self.evaluate(forward, audio, mask))

    def validate(self, batches: Iterable[Batch]) -> dict[str, float]:
        """Metrics of audio, latents and codebooks."""
        metrics = ValidationMetrics(self.best_model.bottleneck, self.config.sample_rate, self.metrics)
        with self.alone():
            for audio, metadata in batches:
                metrics.add(self.reconstruct(audio, padding_mask(metadata, audio.shape[-1])))
        return metrics.means(self.sum)

    def demos(self, batch: Batch, options: Any) -> Iterator[Demo]:
        """Reconstructions."""
        frame = self.model.downsampling_ratio / self.config.sample_rate
        return reconstruction_demos(self.reconstruct(batch[0]), frame)

    def log_values(self) -> dict[str, float]:
        """The use of the codebooks."""
        codes = self.adversarial.codes
        return {} if codes is None else codes.take(self.sum)

    def state(self) -> dict[str, Any]:
        """Weights of losses, and the averages of the balancer."""
        balancer = self.adversarial.balancer
        return {"losses": self.losses.state_dict(), "balance": {} if balancer is None else balancer.state_dict()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Restore them."""
        self.losses.load_state_dict(state["losses"])
        if self.adversarial.balancer is not None:
            self.adversarial.balancer.load_state_dict(state.get("balance", {}))

    def _pair(self, group: str) -> Any:
        options = self.options
        return optimizer_pair(options.optimizer_configs, group, DEFAULT_OPTIMIZER, options.learning_rate)

    def _teacher(self) -> Any:
        options = self.options
        if options.teacher_model is None or options.teacher_model_ckpt is None:
            return None
        teacher: Any = create_autoencoder_from_config(options.teacher_model)
        load_checkpoint(teacher, options.teacher_model_ckpt)
        teacher = self.fabric.strategy.precision.convert_module(teacher)
        return self.fabric.to_device(teacher.requires_grad_(False).eval())


@build_trainer.register
def _(config: AutoencoderConfig, model: Any) -> Trainer:
    return AutoencoderTrainer(model, config)
