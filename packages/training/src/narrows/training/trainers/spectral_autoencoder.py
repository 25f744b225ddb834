"""How an autoencoder on spectrograms is trained: as any other, with losses on spectrograms beside those on waveforms.

The loader gives audio. The model computes its spectrogram on its device, which costs little there and keeps the workers
free, and the waveform is at hand for the losses that want it.

Letters: B batch, C audio channels, T samples, D latent channels, L latent frames.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from narrows.losses import MultiLoss, create_spectral_autoencoder_loss_from_config
from narrows.models.spectral.layout import pack_complex
from narrows.training.masks import silenced
from narrows.training.trainers.autoencoder import AutoencoderTraining
from narrows.training.trainers.autoencoder_forward import AutoencoderForward, Info


class SpectralAutoencoderForward(AutoencoderForward):
    """Encodes and decodes the spectrograms of a batch of audio.

    Args:
        model: a `narrows.models.SpectralAutoencoder`.
        options: as for `AutoencoderForward`.
    """

    def forward(self, audio: Tensor, freeze_encoder: bool = False, mask: Tensor | None = None) -> Info:
        """Reconstruct a batch.

        Args:
            audio: `(B, C, T)`.
            freeze_encoder: send no gradient into the encoder.
            mask: `(B, T)`, false where the batch is padded; the model sees and gives silence there.

        Returns:
            What encoder and bottleneck report, `reals` and `decoded` waveforms, `sp_reals` and `sp_decoded`
            spectrograms in the domain of the losses, the `encoder_input` before any transform, and `latents`, real.
        """
        audio = silenced(audio, mask)
        spectrogram = self.model.spectrogram(audio)
        with torch.set_grad_enabled(torch.is_grad_enabled() and not freeze_encoder):
            latents, info = self.model.encode_spectrogram(spectrogram)
        # Mixed precision gives 16 bit, of which no complex numbers can be made.
        estimate = _single(self.model.decode_spectrogram(self._mask(latents), info))
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


class SpectralAutoencoderTraining(AutoencoderTraining):
    """Losses, optimizers and schedules of an autoencoder on spectrograms, and of its discriminator when there is one.

    Args:
        model: the autoencoder.
        config: its model file, a `SpectralAutoencoderConfig` with a `training` section.
    """

    def create_losses(self) -> MultiLoss:
        """The losses of the autoencoder."""
        return create_spectral_autoencoder_loss_from_config(self.options.loss_configs, self.model)

    def create_forward(self, model: nn.Module, learning: bool) -> AutoencoderForward:
        """The forward pass of a model; only where it is learning with masked latents."""
        ratio = self.options.latent_mask_ratio if learning else 0.0
        return SpectralAutoencoderForward(model, latent_mask_ratio=ratio)


def _single(x: Tensor) -> Tensor:
    return x.float() if x.dtype in (torch.bfloat16, torch.float16) else x


def _packed_like(before: Tensor, latents: Tensor) -> Tensor:
    """What the encoder gave, as real numbers; mean and scale of variational bottlenecks stay in two halves."""
    parts = max(1, before.shape[1] // latents.shape[1])
    return torch.cat([pack_complex(part) for part in before.chunk(parts, dim=1)], dim=1)
