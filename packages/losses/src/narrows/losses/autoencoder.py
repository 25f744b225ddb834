"""The whole generator loss of autoencoder training, from its configuration.

A step reports `reals` and `decoded` `(B, C, T)`, what the bottleneck says, and with a discriminator `loss_adv` and
`feature_matching_distance`; with a teacher also `latents`, `teacher_latents`, `teacher_decoded`,
`own_latents_teacher_decoded` and `teacher_latents_own_decoded`; for losses in the domain of the pretransform
`transformed` and `transformed_decoded` `(B, E, L)`; where batches are padded, `padding_mask`, `frame_mask` and
`transformed_mask`. Names and weights of the terms are those of stable-audio-tools.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from torch import nn

from narrows.configs import (
    AutoencoderLossConfigs,
    MelLossConfig,
    PretransformLossConfig,
    SemanticLossConfig,
    SpectralAutoencoderLossConfigs,
    SpectralLossConfig,
    TimeLossConfig,
    load_part,
)
from narrows.losses.base import LossModule, MultiLoss
from narrows.losses.bottleneck import create_loss_modules_from_bottleneck
from narrows.losses.distances import L1Loss, LossWithTarget, MSELoss, StereoImageLoss, TimeDomainMMDLoss
from narrows.losses.roughness import RoughnessLoss
from narrows.losses.sdr import SDSDRLoss, SISDRLoss
from narrows.losses.spectral import Comparison, MelSpectrogramLoss, MultiResolutionSTFTLoss, SpectralTerms
from narrows.losses.values import ValueLoss

TEACHER_TERMS = (
    ("mrstft_loss", "decoded", "reals"),
    ("mrstft_loss_distill", "decoded", "teacher_decoded"),
    ("mrstft_loss_own_latents_teacher", "own_latents_teacher_decoded", "reals"),
    ("mrstft_loss_teacher_latents_own", "teacher_latents_own_decoded", "reals"),
)
"""Name, input and target of the spectral terms of distillation: each part of the model must fit the teacher's other."""


class Trainable(Protocol):
    """What the loss needs to know of a model."""

    out_channels: int
    sample_rate: int
    bottleneck: Any


def create_autoencoder_loss_from_config(
    loss_configs: Mapping[str, Any] | AutoencoderLossConfigs, model: Trainable, teacher: bool = False
) -> MultiLoss:
    """The generator loss: maps what a step reports to the total and the weighted terms by name.

    Args:
        loss_configs: the `loss_configs` of a training section.
        model: the autoencoder that is trained.
        teacher: whether the model is distilled from a teacher.

    Raises:
        ConfigError: the section is wrong.
    """
    configs = load_part(loss_configs, AutoencoderLossConfigs)
    modules = adversarial_terms(configs)
    if configs.spectral is not None and configs.spectral.weights.mrstft > 0:
        modules += _spectral(configs.spectral, model, teacher)
    modules += waveform_terms(configs, model.sample_rate)
    if configs.pretransform is not None:
        modules += _transformed(configs.pretransform)
    if configs.latents is not None and configs.latents.weights.roughness > 0:
        modules.append(RoughnessLoss(configs.latents.weights.roughness, configs.latents.decay))
    modules += create_loss_modules_from_bottleneck(model.bottleneck, configs)
    if not modules:
        raise ValueError("The loss configuration switches on no loss at all")
    return MultiLoss(modules)


def needs_audio(configs: AutoencoderLossConfigs) -> bool:
    """Whether any loss looks at audio that comes out, for which the pretransform has to be undone."""
    return configs.discriminator is not None or any(
        weight
        for part in (configs.spectral, configs.mrmel, configs.hubert, configs.time)
        if part is not None
        for _, weight in part.weights
    )


def adversarial_terms(configs: AutoencoderLossConfigs | SpectralAutoencoderLossConfigs) -> list[LossModule]:
    """What a discriminator says of the output."""
    if configs.discriminator is None:
        return []
    weights = configs.discriminator.weights
    return [
        ValueLoss("loss_adv", "loss_adv", weights.adversarial),
        ValueLoss("feature_matching_distance", "feature_matching_loss", weights.feature_matching),
    ]


def waveform_terms(
    configs: AutoencoderLossConfigs | SpectralAutoencoderLossConfigs, sample_rate: int
) -> Iterator[LossModule]:
    """Mel, semantic and waveform distances of the output."""
    if configs.mrmel is not None and configs.mrmel.weights.mrmel > 0:
        yield _mel(configs.mrmel, sample_rate)
    if configs.hubert is not None and configs.hubert.weights.hubert > 0:
        yield _semantic(configs.hubert, sample_rate)
    if configs.time is not None:
        yield from _time(configs.time)


def create_discriminator_loss() -> MultiLoss:
    """The discriminator's loss: the `loss_dis` that a step reports, as `discriminator_loss`."""
    return MultiLoss([ValueLoss("loss_dis", "discriminator_loss")])


def _spectral(config: SpectralLossConfig, model: Trainable, teacher: bool) -> Iterator[LossModule]:
    options = config.config.model_dump(exclude={"w_sum", "w_diff"})
    loss = MultiResolutionSTFTLoss(sample_rate=model.sample_rate, **options)
    stereo = model.out_channels == 2
    w_sum, w_diff = config.config.w_sum, config.config.w_diff
    views = (("sum", w_sum / 2), ("difference", w_diff / 2)) if stereo else (("all", 1.0),)
    weight = config.weights.mrstft
    if teacher:
        yield MSELoss("teacher_latents", "latents", weight / 4, "frame_mask", "latent_distill_loss", config.decay)
        comparisons = [Comparison(*names, views) for names in TEACHER_TERMS]
        yield SpectralTerms(loss, comparisons, weight / 4, config.decay)
        return
    comparisons = [Comparison("mrstft_loss", "decoded", "reals", views)]
    if stereo:
        sides = ("left", "right")
        comparisons += [Comparison(f"stft_loss_{side}", "decoded", "reals", ((side, 0.5),)) for side in sides]
    yield SpectralTerms(loss, comparisons, weight, config.decay)


def _mel(config: MelLossConfig, sample_rate: int) -> LossModule:
    loss = MelSpectrogramLoss(sample_rate, **config.config.model_dump())
    return LossWithTarget(loss, "decoded", "reals", "mrmel_loss", config.weights.mrmel, config.decay)


def _semantic(config: SemanticLossConfig, sample_rate: int) -> LossModule:
    from narrows.losses.semantic import SemanticLoss

    loss = SemanticLoss(sample_rate, **config.config.model_dump())
    return LossWithTarget(loss, "decoded", "reals", "hubert_loss", config.weights.hubert, config.decay)


def _transformed(config: PretransformLossConfig) -> Iterator[LossModule]:
    pairs: dict[str, type[L1Loss | MSELoss]] = {"l1": L1Loss, "l2": MSELoss}
    for key, pair in pairs.items():
        if (weight := getattr(config.weights, key)) > 0:
            names = ("transformed", "transformed_decoded")
            yield pair(*names, weight, "transformed_mask", f"{key}_pretransform_loss", config.decay)


def _time(config: TimeLossConfig) -> Iterator[LossModule]:
    weights, decay = config.weights, config.decay
    pairs: dict[str, type[L1Loss | MSELoss | StereoImageLoss]] = {
        "l1": L1Loss,
        "l2": MSELoss,
        "stereo_image": StereoImageLoss,
    }
    for key, pair in pairs.items():
        if (weight := getattr(weights, key)) > 0:
            name = "stereo_image_loss" if key == "stereo_image" else f"{key}_time_loss"
            yield pair("reals", "decoded", weight, "padding_mask", name, decay)
    if weights.mmd > 0:
        yield TimeDomainMMDLoss("reals", "decoded", weights.mmd, decay=decay)
    ratios: dict[str, nn.Module] = {"sisdr": SISDRLoss(), "sdsdr": SDSDRLoss()}
    for key, ratio in ratios.items():
        if (weight := getattr(weights, key)) > 0:
            yield LossWithTarget(ratio, "decoded", "reals", f"{key}_loss", weight, decay)
