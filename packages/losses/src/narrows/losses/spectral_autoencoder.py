"""The whole generator loss of a spectral autoencoder, from its configuration.

Beside what `narrows.losses.autoencoder` asks for, a step reports `sp_reals` and `sp_decoded`: the spectrogram that the
decoder should give and the one it gave, both as the pre-transform's `apply_target` and `apply_inverse` say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from torch import nn

from narrows.configs import SpectralAutoencoderLossConfigs, SpectrogramLossConfig, load_part
from narrows.losses.autoencoder import adversarial_terms, waveform_terms
from narrows.losses.base import LossModule, MultiLoss
from narrows.losses.bottleneck import create_loss_modules_from_bottleneck
from narrows.losses.distances import LossWithTarget
from narrows.losses.spectral import MultiResolutionSTFTLoss
from narrows.losses.spectral.complex_bins import ComplexMultiResolutionLoss
from narrows.losses.spectrograms import ComplexDistance, MagnitudeDistance, PhaseDistance

SPECTROGRAMS = ("sp_decoded", "sp_reals")
WAVEFORMS = ("decoded", "reals")


class Trainable(Protocol):
    """What the loss needs to know of a model."""

    sample_rate: int
    bottleneck: Any
    pre_transform: Any


def create_spectral_autoencoder_loss_from_config(
    loss_configs: Mapping[str, Any] | SpectralAutoencoderLossConfigs, model: Trainable
) -> MultiLoss:
    """The generator loss: maps what a step reports to the total and the weighted terms by name.

    Args:
        loss_configs: the `loss_configs` of a training section.
        model: the autoencoder that is trained.

    Raises:
        ConfigError: the section is wrong.
    """
    configs = load_part(loss_configs, SpectralAutoencoderLossConfigs)
    modules = adversarial_terms(configs)
    if configs.spectral is not None:
        modules += _spectrogram_terms(configs.spectral)
        modules += _resolution_terms(configs.spectral, model)
    modules += waveform_terms(configs, model.sample_rate)
    modules += create_loss_modules_from_bottleneck(model.bottleneck, configs.bottleneck)
    if not modules:
        raise ValueError("The loss configuration switches on no loss at all")
    return MultiLoss(modules)


def _spectrogram_terms(config: SpectrogramLossConfig) -> Iterator[LossModule]:
    """Distances of the spectrograms that the network sees."""
    distances: dict[str, tuple[str, Callable[..., nn.Module]]] = {
        "stft_mse": ("stft_mse_loss", ComplexDistance),
        "magnitude": ("magnitude_loss", MagnitudeDistance),
        "cosine_phase_loss": ("phase_cosine_loss", PhaseDistance),
    }
    for key, (name, distance) in distances.items():
        part, weight = getattr(config, key), getattr(config.weights, key)
        if part is not None and weight > 0:
            yield LossWithTarget(distance(**part.config.model_dump()), *SPECTROGRAMS, name, weight, config.decay)


def _resolution_terms(config: SpectrogramLossConfig, model: Trainable) -> Iterator[LossModule]:
    """The multi-resolution distance of the waveforms."""
    weight = config.weights.mrstft
    if weight <= 0:
        return
    transform = model.pre_transform.transform if config.apply_pre_transform_to_wave_losses else None
    loss: nn.Module | None = None
    if config.mrstft_stable_audio is not None:
        options = config.mrstft_stable_audio.config.model_dump(exclude={"w_sum", "w_diff"})
        loss = MultiResolutionSTFTLoss(sample_rate=model.sample_rate, **options)
    elif config.mrstft_sc is not None:
        loss = ComplexMultiResolutionLoss(**config.mrstft_sc.config.model_dump(), factor_mag=0, transform=transform)
    elif config.mrstft is not None:
        options = config.mrstft.config.model_dump(exclude={"linear_mag", "log_mag"})
        for scale in ("linear", "log"):
            if not getattr(config.mrstft.config, f"{scale}_mag"):
                options[f"factor_{scale}_mag"] = 0.0
        loss = ComplexMultiResolutionLoss(**options, transform=transform)
    if loss is not None:
        yield LossWithTarget(loss, *WAVEFORMS, "mrstft_loss", weight, config.decay)
