"""Rules of training: losses against bottleneck, optimizers, schedules."""

from __future__ import annotations

from collections.abc import Iterator

from narrows.configs._errors import Problem
from narrows.configs._generated.losses.spectral import SpectralLossOptions
from narrows.configs._generated.models.autoencoder import AutoencoderConfig
from narrows.configs._generated.training.autoencoder import AutoencoderTrainingConfig
from narrows.configs.rules import rule
from narrows.configs.rules.roles import fact


@rule
def optimizer_is_given(training: AutoencoderTrainingConfig) -> Iterator[Problem]:
    """Either `learning_rate` or `optimizer_configs` is given, not both."""
    rate, optimizers = training.learning_rate, training.optimizer_configs
    if rate is None and optimizers is None:
        yield Problem(
            "/learning_rate", "'learning_rate' or 'optimizer_configs' is required.", None, "For example 1e-4."
        )
    if rate is not None and optimizers is not None:
        yield Problem(
            "/learning_rate",
            "learning_rate has no effect beside optimizer_configs.",
            rate,
            "Remove one of them.",
            related=("/optimizer_configs",),
        )


@rule
def something_is_reconstructed(training: AutoencoderTrainingConfig) -> Iterator[Problem]:
    """At least one reconstruction loss is on."""
    losses = training.loss_configs
    if losses.spectral is None and losses.time is None:
        yield Problem("/loss_configs", "No reconstruction loss is configured.", None, "Give `spectral` or `time`.")


@rule
def weights_have_a_bottleneck(config: AutoencoderConfig) -> Iterator[Problem]:
    """A weight of `loss_configs.bottleneck` needs a bottleneck that reports what it scales."""
    if config.training is None:
        return
    bottleneck = config.model.bottleneck
    reported = fact(bottleneck, "x-losses", [])
    for key, weight in config.training.loss_configs.bottleneck.weights:
        if weight is not None and key not in reported:
            name = f"bottleneck `{bottleneck.type}`" if bottleneck else "model without bottleneck"
            yield Problem(
                f"/training/loss_configs/bottleneck/weights/{key}",
                f"The weight {key!r} has no effect: a {name} reports no such loss.",
                weight,
                f"Remove it; there is {', '.join(reported) or 'no weight to set'}.",
                related=("/model/bottleneck",),
            )


@rule
def spectral_lists_match(options: SpectralLossOptions) -> Iterator[Problem]:
    """`fft_sizes`, `hop_sizes` and `win_lengths` have the same length; no window is longer than its transform."""
    sizes, hops, windows = options.fft_sizes, options.hop_sizes, options.win_lengths
    if not len(sizes) == len(hops) == len(windows):
        message = f"{len(sizes)} fft_sizes, {len(hops)} hop_sizes and {len(windows)} win_lengths."
        yield Problem(
            "/fft_sizes", message, sizes, "Give three lists of one length.", related=("/hop_sizes", "/win_lengths")
        )
    for index, (size, window) in enumerate(zip(sizes, windows, strict=False)):
        if window > size:
            message = f"The window of {window} samples is longer than its FFT of {size}."
            yield Problem(
                f"/win_lengths/{index}", message, window, f"At most {size}.", related=(f"/fft_sizes/{index}",)
            )


@rule
def mel_has_bins(options: SpectralLossOptions) -> Iterator[Problem]:
    """`n_bins` goes with the mel scale."""
    if (options.scale == "mel") != (options.n_bins is not None):
        yield Problem(
            "/n_bins", "'n_bins' is needed for, and only for, scale 'mel'.", options.n_bins, "", related=("/scale",)
        )
