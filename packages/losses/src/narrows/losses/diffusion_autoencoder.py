"""The loss of diffusion autoencoders, with the names and weights of stable-audio-tools."""

from __future__ import annotations

from typing import Any

from narrows.configs import DiffusionAutoencoderTrainingConfig
from narrows.losses.base import LossModule, MultiLoss
from narrows.losses.bottleneck import create_loss_modules_from_bottleneck
from narrows.losses.distances import AuralossLoss, MSELoss
from narrows.losses.spectral import MultiResolutionSTFTLoss, SumAndDifferenceSTFTLoss

SCALES = (2048, 1024, 512, 256, 128, 64, 32)
RECONSTRUCTION_WEIGHT = 0.1


def create_diffusion_autoencoder_loss_from_config(
    training: DiffusionAutoencoderTrainingConfig, model: Any
) -> MultiLoss:
    """The loss: of the prediction `v` against `targets`, of the bottleneck, and on request of what is heard.

    A step reports `v` and `targets` `(B, C, F)`, `diffused_mask` where batches are padded, what the bottleneck says,
    and for `use_reconstruction_loss` the waveforms `audio_reals` and `audio_pred`.

    Args:
        training: the `training` section.
        model: the diffusion autoencoder.
    """
    losses: list[LossModule] = [MSELoss("v", "targets", mask_key="diffused_mask", name="mse_loss")]
    configured = training.loss_configs.bottleneck if training.loss_configs is not None else None
    losses += create_loss_modules_from_bottleneck(model.bottleneck, {} if configured is None else configured)
    if training.use_reconstruction_loss:
        loss = SumAndDifferenceSTFTLoss if model.io_channels == 2 else MultiResolutionSTFTLoss
        heard = loss(
            SCALES, [scale // 4 for scale in SCALES], SCALES, perceptual_weighting=True, sample_rate=model.sample_rate
        )
        losses.append(AuralossLoss(heard, "audio_reals", "audio_pred", "mrstft_loss", RECONSTRUCTION_WEIGHT))
    return MultiLoss(losses)
