"""Training of autoencoders of spectrograms: losses on spectrograms beside those on waveforms.

The loader gives audio. The model computes its spectrogram on its device, which costs little there and keeps the workers
free, and the waveform is at hand for the losses that need it.

Letters: B batch, C audio channels, T samples, D latent channels, L latent frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, final

import torch
from torch import Tensor, nn

from narrows.configs import SpectralAutoencoderConfig, SpectralAutoencoderTrainingConfig
from narrows.losses import create_spectral_autoencoder_loss_from_config
from narrows.models.checkpoints.training_format import DISCRIMINATOR
from narrows.models.spectral.layout import pack_complex
from narrows.pipelines.metrics import configured_metrics
from narrows.pipelines.metrics.codebooks import code_counter
from narrows.training.adversarial.adversary import create_adversary
from narrows.training.adversarial.step import AdversarialStep
from narrows.training.data_iterator import Batch
from narrows.training.demos.demo import Demo, reconstruction_demos
from narrows.training.freezing import children_except_frozen, frozen_encoding, with_parameters
from narrows.training.masks import padding_mask, silenced
from narrows.training.optim.parameter_groups import create_parameter_group, optimizer_pair
from narrows.training.step_result import Info, StepResult
from narrows.training.trainers.base import Trainer, build_trainer
from narrows.training.validation_metrics import AUDIO_METRICS, ValidationMetrics, as_float

AUTOENCODER = "autoencoder"
DEFAULT_OPTIMIZER = {"type": "AdamW", "config": {"betas": [0.8, 0.99]}}
"""Without `optimizer_configs`; its rate is `learning_rate`."""


class SpectralAutoencoderForward(nn.Module):
    """Encodes and decodes the spectrograms of a batch of audio.

    Args:
        model: a `narrows.models.SpectralAutoencoder`.
        latent_mask_ratio: share of latent values set to zero, which makes the decoder robust to errors.
    """

    def __init__(self, model: Any, latent_mask_ratio: float = 0.0) -> None:
        super().__init__()
        self.model = model
        self.latent_mask_ratio = latent_mask_ratio

    def forward(self, audio: Tensor, freeze_encoder: bool = False, mask: Tensor | None = None) -> Info:
        """Reconstruct a batch.

        Args:
            audio: `(B, C, T)`.
            freeze_encoder: send no gradient into the encoder.
            mask: `(B, T)`, false where the batch is padded; the model sees and gives silence there.

        Returns:
            The info of encoder and bottleneck, `reals` and `decoded` waveforms, `sp_reals` and `sp_decoded`
            spectrograms in the domain of the losses, the `encoder_input` before any transform, and `latents`, real.
        """
        audio = silenced(audio, mask)
        spectrogram = self.model.spectrogram(audio)
        with frozen_encoding(self.model, freeze_encoder):
            latents, info = self.model.encode_spectrogram(spectrogram)
        seen = latents
        if self.latent_mask_ratio > 0:
            seen = latents.masked_fill(torch.rand_like(latents.real) < self.latent_mask_ratio, 0)
        # Mixed precision gives 16 bit, of which no complex numbers can be made.
        estimate = _single(self.model.decode_spectrogram(seen, info))
        decoded = self.model.waveform(self.model.apply_inverse(estimate), audio.shape[-1])
        return {
            **info,
            **({} if mask is None else {"padding_mask": mask}),
            "pre_bottleneck_latents": _packed_like(info["pre_bottleneck_latents"], latents),
            "reals": audio,
            "encoder_input": spectrogram,
            "latents": pack_complex(latents),
            "decoded": silenced(decoded, mask),
            "sp_reals": self.model.apply_target(spectrogram),
            "sp_decoded": self.model.comparable(estimate),
        }


@final
class SpectralAutoencoderTrainer(Trainer):
    """Trains an autoencoder of spectrograms, and its discriminator when there is one.

    Args:
        model: the autoencoder.
        config: its model file, with a `training` section.
    """

    main_metric: ClassVar[str] = "mel_distance"

    def __init__(self, model: Any, config: SpectralAutoencoderConfig) -> None:
        assert config.training is not None
        self.options: SpectralAutoencoderTrainingConfig = config.training
        super().__init__(model, config, self.options.ema_decay if self.options.use_ema else None)
        options = self.options
        self.losses = create_spectral_autoencoder_loss_from_config(options.loss_configs, model)
        self.metrics = AUDIO_METRICS | configured_metrics(options.eval_loss_configs, config.sample_rate)
        self.adversary = create_adversary(options, model.out_channels, config.sample_rate)
        self.adversarial = AdversarialStep(self.losses, options, self.adversary, code_counter(model.bottleneck))

    def networks(self, model: Any) -> Sequence[nn.Module]:
        """Encoder and decoder."""
        return with_parameters(model.encoder, model.decoder)

    def averaged(self, model: Any) -> Sequence[str]:
        """The whole model."""
        return children_except_frozen(model)

    def prepare(self) -> None:
        """Create forward pass and parameter groups."""
        fabric = self.fabric
        self.forward = self.setup_forward(SpectralAutoencoderForward(self.model, self.options.latent_mask_ratio))
        self.losses.to(fabric.device)
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
            return as_float(self.evaluate(SpectralAutoencoderForward(model), audio, mask))

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
        """Weights of losses."""
        return {"losses": self.losses.state_dict()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Restore them."""
        self.losses.load_state_dict(state["losses"])

    def _pair(self, group: str) -> Any:
        options = self.options
        return optimizer_pair(options.optimizer_configs, group, DEFAULT_OPTIMIZER, options.learning_rate)


def _single(x: Tensor) -> Tensor:
    return x.float() if x.dtype in (torch.bfloat16, torch.float16) else x


def _packed_like(before: Tensor, latents: Tensor) -> Tensor:
    """The encoder's output as real numbers; mean and scale of variational bottlenecks stay in two halves."""
    parts = max(1, before.shape[1] // latents.shape[1])
    return torch.cat([pack_complex(part) for part in before.chunk(parts, dim=1)], dim=1)


@build_trainer.register
def _(config: SpectralAutoencoderConfig, model: Any) -> Trainer:
    return SpectralAutoencoderTrainer(model, config)
