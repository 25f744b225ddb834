"""How a diffusion autoencoder is trained: to predict the velocity of a noisy signal, told the signal's latents.

After stable-audio-tools. The times are drawn from the global generator, so that a resumed run draws the same ones; a
batch spreads them evenly, as the quasi-random sequence of the reference does.

Letters: B batch, C channels, T samples, F diffused frames, L latent frames.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.losses.base import MultiLoss
from narrows.losses.diffusion_autoencoder import create_diffusion_autoencoder_loss_from_config
from narrows.training.masks import frame_mask, silenced
from narrows.training.trainers.autoencoder_forward import Info
from narrows.training.trainers.latent import LatentTraining


class DiffusionAutoencoderForward(nn.Module):
    """Encodes a batch, adds noise to it, and predicts the velocity from both.

    Args:
        model: a `DiffusionAutoencoder`.
        with_audio: report the waveform that the prediction means, for a loss on it.
    """

    def __init__(self, model: Any, with_audio: bool = False) -> None:
        super().__init__()
        self.model = model
        self.with_audio = with_audio

    def forward(self, audio: Tensor, freeze_encoder: bool = False, mask: Tensor | None = None) -> Info:
        """One prediction for each clip, at a time of its own.

        Args:
            audio: `(B, C, T)`.
            freeze_encoder: send no gradient into the encoder.
            mask: `(B, T)`, false where the batch is padded.

        Returns:
            What the bottleneck reports, and `v`, `targets`, `latents`, `encoder_input`, `reals`; with a mask also
            `padding_mask`, `frame_mask` and `diffused_mask`; on request `audio_reals` and `audio_pred`.
        """
        model = self.model
        audio = silenced(audio, mask)
        frames = None if mask is None else frame_mask(mask, model.downsampling_ratio)
        masked = {} if frames is None else {"mask": frames}
        with torch.set_grad_enabled(torch.is_grad_enabled() and not freeze_encoder):
            given = _transformed(model, audio)
            latents, reported = model.encode(given, return_info=True, skip_pretransform=True, **masked)
        info: Info = dict(reported)
        condition = model.decoder(model.bottleneck.decode(latents) if model.bottleneck is not None else latents)
        if condition.shape[-1] != given.shape[-1]:
            condition = F.interpolate(condition, given.shape[-1], mode="nearest")
        times = spread_times(len(given), given)
        signal, noise = rates(times, model.diffusion.objective)
        drawn = torch.randn_like(given)
        noisy, targets = mixed(given, drawn, signal, noise, model.diffusion.objective)
        velocity = model.diffusion(noisy, times, input_concat_cond=condition)
        info |= {"v": velocity, "targets": targets, "latents": latents, "encoder_input": given, "reals": given}
        if mask is not None:
            diffused = frame_mask(mask, audio.shape[-1] // given.shape[-1])
            info |= {"padding_mask": mask, "frame_mask": frames, "diffused_mask": diffused}
        if self.with_audio:
            meant = denoised(noisy, velocity, signal, noise, model.diffusion.objective)
            info |= {"audio_reals": audio, "audio_pred": silenced(model.pretransform.decode(meant), mask)}
        return info


class DiffusionAutoencoderTraining(LatentTraining):
    """Loss, optimizer and schedule of a diffusion autoencoder.

    Args:
        model: the autoencoder.
        config: its model file, a `DiffusionAutoencoderConfig` with a `training` section.
    """

    part = "diffusion"
    default_optimizer: ClassVar[dict[str, Any]] = {"type": "Adam", "config": {}}

    def create_losses(self) -> MultiLoss:
        """The losses of the model."""
        return create_diffusion_autoencoder_loss_from_config(self.config.training, self.model)

    def create_forward(self, model: nn.Module, learning: bool) -> nn.Module:
        """The forward pass of a model."""
        return DiffusionAutoencoderForward(model, self.config.training.use_reconstruction_loss)

    @torch.no_grad()
    def reconstruct(self, audio: Tensor, mask: Tensor | None = None) -> Info:
        """What the trained model makes of a batch: sampled with the steps that demos have."""
        model: Any = self.best_model
        training = model.training
        model.eval()
        try:
            with self.fabric.autocast():
                on_device = silenced(
                    self.fabric.to_device(audio), None if mask is None else self.fabric.to_device(mask)
                )
                latents, info = model.encode(on_device, return_info=True)
                decoded = model.decode(latents, steps=self.options.demo.demo_steps)
        finally:
            model.train(training)
        return {**info, "reals": on_device, "encoder_input": on_device, "latents": latents, "decoded": decoded.float()}


def spread_times(count: int, like: Tensor) -> Tensor:
    """Times in [0, 1), one a clip: uniform, and evenly spread over the batch."""
    offset = torch.rand((), device=like.device)
    places = torch.randperm(count, device=like.device) / count
    return ((places + offset) % 1).to(like.dtype)


def rates(times: Tensor, objective: str) -> tuple[Tensor, Tensor]:
    """Shares `(B, 1, 1)` of signal and noise at times `(B,)`: of v-diffusion, or of a rectified flow."""
    times = times[:, None, None]
    if objective == "v":
        return torch.cos(times * math.pi / 2), torch.sin(times * math.pi / 2)
    return 1 - times, times


def mixed(clean: Tensor, drawn: Tensor, signal: Tensor, noise: Tensor, objective: str) -> tuple[Tensor, Tensor]:
    """The noisy signal, and the velocity that is to be predicted."""
    if objective == "v":
        return clean * signal + drawn * noise, drawn * signal - clean * noise
    return clean * signal + drawn * noise, drawn - clean


def denoised(noisy: Tensor, velocity: Tensor, signal: Tensor, noise: Tensor, objective: str) -> Tensor:
    """The clean signal that a predicted velocity means."""
    return noisy * signal - velocity * noise if objective == "v" else noisy - velocity * noise


def _transformed(model: Any, audio: Tensor) -> Tensor:
    if model.pretransform is None:
        return audio
    with torch.set_grad_enabled(torch.is_grad_enabled() and model.pretransform.enable_grad):
        out: Tensor = model.pretransform.encode(audio)
    return out
