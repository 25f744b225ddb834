"""Training of diffusion autoencoders: predicting the velocity of a noisy signal, conditioned on the signal's latents.

After stable-audio-tools. The times are drawn from the global generator, so that a resumed run draws the same ones; a
batch spreads them evenly, as the quasi-random sequence of the reference does.

Letters: B batch, C channels, T samples, F diffused frames, L latent frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.configs import DiffusionAutoencoderConfig, DiffusionAutoencoderTrainingConfig
from narrows.losses.diffusion_autoencoder import create_diffusion_autoencoder_loss_from_config
from narrows.models import NotAvailableError
from narrows.models.autoencoders.coding import transform
from narrows.models.diffusion.process import noised, process_of
from narrows.models.diffusion.timesteps import spread_times
from narrows.pipelines.metrics.codebooks import code_counter
from narrows.training.data_iterator import Batch
from narrows.training.demos.demo import Demo, reconstruction_demos
from narrows.training.freezing import children_except_frozen, with_parameters
from narrows.training.loss_step import LossStep
from narrows.training.masks import frame_mask, padding_mask, silenced
from narrows.training.optim.parameter_groups import create_parameter_group, optimizer_pair
from narrows.training.step_result import Info, StepResult
from narrows.training.trainers.base import Trainer, build_trainer
from narrows.training.validation_metrics import ValidationMetrics

DIFFUSION = "diffusion"
DEFAULT_OPTIMIZER = {"type": "Adam", "config": {}}
"""Without `optimizer_configs`, as in stable-audio-tools; its rate is `learning_rate`."""
EMA_DECAY = 0.9999
CLIP_GRAD_NORM = 1000.0
"""Does nothing in ordinary training and catches explosions."""


class DiffusionAutoencoderForward(nn.Module):
    """Encodes a batch, adds noise to it, and predicts the velocity from both.

    Args:
        model: a `DiffusionAutoencoder`.
        with_audio: report the waveform of the prediction, for a loss on it.
    """

    def __init__(self, model: Any, with_audio: bool = False) -> None:
        super().__init__()
        self.model = model
        self.with_audio = with_audio

    def forward(self, audio: Tensor, mask: Tensor | None = None) -> Info:
        """One prediction for each clip, at a time of its own.

        Args:
            audio: `(B, C, T)`.
            mask: `(B, T)`, false where the batch is padded.

        Returns:
            The info of the bottleneck, and `v`, `targets`, `latents`, `encoder_input`, `reals`; with a mask also
            `padding_mask`, `frame_mask` and `diffused_mask`; on request `audio_reals` and `audio_pred`.
        """
        model = self.model
        audio = silenced(audio, mask)
        frames = None if mask is None else frame_mask(mask, model.downsampling_ratio)
        masked = {} if frames is None else {"mask": frames}
        given = transform(model.pretransform, audio)
        latents, reported = model.encode(given, return_info=True, skip_pretransform=True, **masked)
        info: Info = dict(reported)
        condition = model.decoder(model.bottleneck.decode(latents) if model.bottleneck is not None else latents)
        if condition.shape[-1] != given.shape[-1]:
            condition = F.interpolate(condition, given.shape[-1], mode="nearest")
        times = spread_times(len(given)).to(given)
        process = process_of(model.diffusion.objective)
        drawn = torch.randn_like(given)
        noisy, targets = noised(process, given, drawn, times), process.target(given, drawn, times)
        velocity = model.diffusion(noisy, times, input_concat_cond=condition)
        info |= {"v": velocity, "targets": targets, "latents": latents, "encoder_input": given, "reals": given}
        if mask is not None:
            diffused = frame_mask(mask, audio.shape[-1] // given.shape[-1])
            info |= {"padding_mask": mask, "frame_mask": frames, "diffused_mask": diffused}
        if self.with_audio:
            meant = process.clean_of(noisy, velocity, times)
            info |= {"audio_reals": audio, "audio_pred": silenced(model.pretransform.decode(meant), mask)}
        return info


@final
class DiffusionAutoencoderTrainer(Trainer):
    """Trains a diffusion autoencoder.

    Args:
        model: the autoencoder.
        config: its model file, with a `training` section.

    Raises:
        NotAvailableError: the demos name a sampler.
    """

    main_metric: ClassVar[str] = "loss"

    def __init__(self, model: Any, config: DiffusionAutoencoderConfig) -> None:
        assert config.training is not None
        self.options: DiffusionAutoencoderTrainingConfig = config.training
        if self.options.demo.sampler is not None:
            raise NotAvailableError(
                "training.demo.sampler: diffusion autoencoders sample by the default of their objective; leave it out"
            )
        super().__init__(model, config, EMA_DECAY if self.options.use_ema else None)
        self.losses = create_diffusion_autoencoder_loss_from_config(self.options, model)
        self.loss_step = LossStep(self.losses, CLIP_GRAD_NORM, code_counter(model.bottleneck))

    def networks(self, model: Any) -> Sequence[nn.Module]:
        """Encoder, decoder and the diffusion's backbone."""
        return with_parameters(model.encoder, model.decoder, model.diffusion)

    def averaged(self, model: Any) -> Sequence[str]:
        """Everything but a frozen pretransform."""
        return children_except_frozen(model, "pretransform")

    def prepare(self) -> None:
        """Create forward pass and parameter group."""
        options = self.options
        pair = optimizer_pair(options.optimizer_configs, DIFFUSION, DEFAULT_OPTIMIZER, options.learning_rate)
        self.forward = self.setup_forward(self._forward_of(self.model))
        self.losses.to(self.fabric.device)
        group = create_parameter_group(DIFFUSION, self.model, pair, self.fabric)
        self.groups[DIFFUSION] = group
        self.loss_step.setup(self.fabric, self.forward, group)

    def update(self, batches: Sequence[Batch], step: int) -> StepResult:
        """One update of the model."""
        return self.loss_step(batches, step, self.divisors(batches, step))

    def describe(self, step: int) -> Iterator[str]:
        """The losses."""
        yield f"diffusion autoencoder: {self.loss_step.describe()}"

    def validate(self, batches: Iterable[Batch]) -> dict[str, float]:
        """The loss and its terms, and figures of latents and codebooks."""
        metrics = ValidationMetrics(self.best_model.bottleneck, self.config.sample_rate)
        with self.alone(), self.evaluated() as model:
            forward = self._forward_of(model)
            for audio, metadata in batches:
                info = self.evaluate(forward, audio, padding_mask(metadata, audio.shape[-1]))
                loss, terms = self.losses(info)
                metrics.add(info, {"loss": loss, **terms})
        return metrics.means(self.sum)

    def demos(self, batch: Batch, options: Any) -> Iterator[Demo]:
        """Reconstructions, sampled as the `demo` section says."""
        with self.evaluated() as model, self.fabric.autocast():
            audio = self.fabric.to_device(batch[0]).to(next(model.parameters()).dtype)
            latents = model.encode(audio)
            decoded = model.decode(latents, steps=options.demo_steps)
        info = {"reals": audio, "decoded": decoded.float(), "latents": latents}
        return reconstruction_demos(info, model.downsampling_ratio / self.config.sample_rate)

    def log_values(self) -> dict[str, float]:
        """The use of the codebooks."""
        codes = self.loss_step.codes
        return {} if codes is None else codes.take(self.sum)

    def state(self) -> dict[str, Any]:
        """Weights of losses."""
        return {"losses": self.losses.state_dict()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Restore them."""
        self.losses.load_state_dict(state["losses"])

    def _forward_of(self, model: Any) -> DiffusionAutoencoderForward:
        return DiffusionAutoencoderForward(model, self.options.use_reconstruction_loss)


@build_trainer.register
def _(config: DiffusionAutoencoderConfig, model: Any) -> Trainer:
    return DiffusionAutoencoderTrainer(model, config)
