"""Rules of losses: lists of one length, windows, and losses against the model they train."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from narrows.configs.errors import Problem
from narrows.configs.rules import rule, warning
from narrows.configs.rules.roles import fact, option

if TYPE_CHECKING:
    from narrows.configs._generated.discriminators.big_vgan import BigVganDiscriminatorOptions
    from narrows.configs._generated.discriminators.dac import DacDiscriminatorOptions
    from narrows.configs._generated.discriminators.encodec import EncodecDiscriminatorOptions
    from narrows.configs._generated.losses.autoencoder import AutoencoderLossConfigs
    from narrows.configs._generated.losses.evaluation import MelMetricOptions, StftMetricOptions
    from narrows.configs._generated.losses.hubert import SemanticLossOptions
    from narrows.configs._generated.losses.mrmel import MelLossOptions
    from narrows.configs._generated.losses.spectral import SpectralLossOptions
    from narrows.configs._generated.models.autoencoder import AutoencoderConfig
    from narrows.configs._generated.models.spectral_autoencoder import SpectralAutoencoderConfig
    from narrows.configs._generated.training.autoencoder import AutoencoderTrainingConfig


@rule(covers="F-11")
def something_is_reconstructed(training: AutoencoderTrainingConfig) -> Iterator[Problem]:
    """At least one reconstruction loss is on."""
    losses = training.loss_configs
    parts = (losses.spectral, losses.mrmel, losses.time, losses.pretransform)
    weights = [weight for part in parts if part is not None for _, weight in part.weights]
    if not any(weights):
        message = "No reconstruction loss is on."
        yield Problem(
            "/loss_configs", message, None, "Give `spectral`, `mrmel`, `time` or `pretransform` with a weight above 0."
        )


@rule
def loss_has_a_pretransform(config: AutoencoderConfig) -> Iterator[Problem]:
    """A loss in the domain of the pretransform needs one."""
    losses = config.training.loss_configs if config.training else None
    if losses is None or losses.pretransform is None:
        return
    if config.model.pretransform is None:
        message, hint = "The model has no pretransform.", "Remove it, or write `time` or `spectral` in its place."
        yield Problem("/training/loss_configs/pretransform", message, None, hint, related=("/model/pretransform",))


@warning(covers="B-16")
def weights_have_a_bottleneck(config: AutoencoderConfig) -> Iterator[Problem]:
    """A weight of `loss_configs.bottleneck` needs a bottleneck that reports what it scales."""
    if config.training is None:
        return
    bottleneck = config.model.bottleneck
    reported = fact(bottleneck, "x-losses", [])
    if bottleneck is not None and getattr(bottleneck, "config", None) is not None:
        reported = fact(bottleneck.config, "x-losses", reported)  # of a type whose options decide it
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


@rule(covers="F-16")
def discriminator_takes_the_output(config: AutoencoderConfig | SpectralAutoencoderConfig) -> Iterator[Problem]:
    """A discriminator that names its audio channels names those of the model's output."""
    if config.training is None or config.training.loss_configs.discriminator is None:
        return
    given = option(config.training.loss_configs.discriminator.config, "audio-channels")
    wanted = _output_channels(config)
    if given is not None and given.value not in (None, wanted):
        yield Problem(
            f"/training/loss_configs/discriminator/config/{given.key}",
            f"The discriminator takes {given.value} channels but the model gives {wanted}.",
            given.value,
            f"Write {wanted}, or leave it out.",
            related=("/model/io_channels",),
        )


def _output_channels(config: AutoencoderConfig | SpectralAutoencoderConfig) -> int:
    channels = getattr(config.model, "out_channels", None) or config.model.io_channels
    return config.audio_channels if channels == "auto" else int(channels)


@rule(covers="F-13")
def stereo_terms_need_stereo(config: AutoencoderConfig) -> Iterator[Problem]:
    """The stereo image, and weights of sum and difference, need a model of two output channels."""
    losses = config.training.loss_configs if config.training else None
    if losses is None or _output_channels(config) == 2:
        return
    found = []
    if losses.time is not None and losses.time.weights.stereo_image > 0:
        found.append(("time/weights/stereo_image", losses.time.weights.stereo_image))
    if losses.spectral is not None:
        options = losses.spectral.config
        found += [(f"spectral/config/{key}", w) for key in ("w_sum", "w_diff") if (w := getattr(options, key)) != 1]
    for pointer, value in found:
        message = "This weight has no effect: the model's output is not stereo."
        yield Problem(
            f"/training/loss_configs/{pointer}", message, value, "Remove it.", related=("/model/io_channels",)
        )


@rule(covers="C-7")
def transforms_fit_the_crop(config: AutoencoderConfig) -> Iterator[Problem]:
    """In training, half of each centred window is shorter than `sample_size`; other windows are at most as long."""
    if config.training is None or config.sample_size is None:
        return
    losses, size = config.training.loss_configs, config.sample_size
    for name in ("spectral", "mrmel", "discriminator"):
        options = getattr(getattr(losses, name), "config", None)
        for role, least in (("centred-windows", 2), ("windows", 1)):
            windows = option(options, role) if options is not None else None
            longest = max(windows.value, default=0) if windows is not None else 0
            if windows is not None and (longest // 2 >= size if least == 2 else longest > size):
                message = f"The window of {longest} samples does not fit a crop of {size}."
                pointer = f"/training/loss_configs/{name}/config/{windows.key}/{windows.value.index(longest)}"
                hint = f"Shorten it, or write a sample_size of at least {longest}."
                yield Problem(pointer, message, longest, hint, related=("/sample_size",))


@rule(covers="C-7")
def discriminator_fits_the_crop(config: AutoencoderConfig | SpectralAutoencoderConfig) -> Iterator[Problem]:
    """Crops are long enough for the reflection at the edges of `dac` and `big_vgan`."""
    training, size = config.training, config.sample_size
    if training is None or size is None or training.loss_configs.discriminator is None:
        return
    discriminator = training.loss_configs.discriminator
    options: Any = discriminator.config
    pointer = "/training/loss_configs/discriminator/config"
    if discriminator.type not in ("dac", "big_vgan"):
        return
    # Reflection repeats less than the signal has: a period is filled up, and a whole one where nothing is missing.
    for index, period in enumerate(options.periods):
        if period - size % period >= size:
            message = f"The period of {period} samples does not fit a crop of {size}."
            hint = f"Write a sample_size above {period}."
            yield Problem(f"{pointer}/periods/{index}", message, period, hint, related=("/sample_size",))
    for index, window in enumerate(options.fft_sizes if discriminator.type == "dac" else ()):
        hop = window // 4
        edge = (window - hop) // 2
        if hop and edge + -size % hop >= size:
            message = f"The window of {window} samples does not fit a crop of {size}: its edges reflect {edge} or more."
            hint = f"Shorten it, or write a sample_size of at least {window}."
            yield Problem(f"{pointer}/fft_sizes/{index}", message, window, hint, related=("/sample_size",))
    for index, octaves in enumerate(options.cqtd_n_octaves if discriminator.type == "big_vgan" else ()):
        # Each octave below the first halves the doubled signal once more; a sample must be left.
        if 2 ** (octaves - 1) > 2 * size:
            message = f"A crop of {size} samples cannot be halved for {octaves} octaves."
            hint = f"Write fewer, or a sample_size of at least {2 ** (octaves - 2)}."
            yield Problem(f"{pointer}/cqtd_n_octaves/{index}", message, octaves, hint, related=("/sample_size",))


def one_length(**lists: Sequence[object]) -> Iterator[Problem]:
    """Lists that go together have one length."""
    names = list(lists)
    if len({len(values) for values in lists.values()}) > 1:
        message = ", ".join(f"{len(values)} {name}" for name, values in lists.items()) + "."
        hint = f"Give {len(names)} lists of one length."
        yield Problem(f"/{names[0]}", message, lists[names[0]], hint, related=tuple(f"/{name}" for name in names[1:]))


def windows_fit(sizes: Sequence[int], windows: Sequence[int], key: str) -> Iterator[Problem]:
    """No window is longer than its transform."""
    for index, (size, window) in enumerate(zip(sizes, windows, strict=False)):
        if window > size:
            message = f"The window of {window} samples is longer than its FFT of {size}."
            hint = f"At most {size}."
            yield Problem(f"/win_lengths/{index}", message, window, hint, related=(f"/{key}/{index}",))


@rule(covers="F-12 C-8")
def spectral_lists_match(options: SpectralLossOptions) -> Iterator[Problem]:
    """`fft_sizes`, `hop_sizes` and `win_lengths` have the same length; no window is longer than its transform."""
    yield from one_length(fft_sizes=options.fft_sizes, hop_sizes=options.hop_sizes, win_lengths=options.win_lengths)
    yield from windows_fit(options.fft_sizes, options.win_lengths, "fft_sizes")
    if isinstance(options.n_bins, list):
        yield from one_length(n_bins=options.n_bins, fft_sizes=options.fft_sizes)


def _mel_has_bins(options: SpectralLossOptions | StftMetricOptions) -> Iterator[Problem]:
    if (options.scale == "mel") != (options.n_bins is not None):
        yield Problem(
            "/n_bins", "'n_bins' is needed for, and only for, scale 'mel'.", options.n_bins, "", related=("/scale",)
        )


def _some_distance(options: SpectralLossOptions | StftMetricOptions | MelMetricOptions) -> Iterator[Problem]:
    keys = ("w_sc", "w_log_mag", "w_lin_mag", "w_phs")
    if not any(getattr(options, key) for key in keys):
        related = tuple(f"/{key}" for key in keys[1:])
        yield Problem("/w_sc", "All weights are 0.", options.w_sc, f"Give one of {', '.join(keys)}.", related=related)


@rule(covers="F-12")
def mel_has_bins(options: SpectralLossOptions) -> Iterator[Problem]:
    """`n_bins` goes with the mel scale; some weight is above 0."""
    yield from _mel_has_bins(options)
    yield from _some_distance(options)


@rule(covers="C-8")
def stft_metric_is_complete(options: StftMetricOptions) -> Iterator[Problem]:
    """`n_bins` goes with the mel scale; some weight is above 0; the window fits."""
    yield from _mel_has_bins(options)
    yield from _some_distance(options)
    yield from _window_fits(options)


@rule(covers="C-8")
def mel_metric_is_complete(options: MelMetricOptions) -> Iterator[Problem]:
    """Some weight is above 0; the window fits."""
    yield from _some_distance(options)
    yield from _window_fits(options)


def _window_fits(options: StftMetricOptions | MelMetricOptions) -> Iterator[Problem]:
    if options.win_length > options.fft_size:
        message = f"The window of {options.win_length} samples is longer than its FFT of {options.fft_size}."
        hint = f"At most {options.fft_size}."
        yield Problem("/win_length", message, options.win_length, hint, related=("/fft_size",))


@rule(covers="F-14")
def mel_lists_match(options: MelLossOptions) -> Iterator[Problem]:
    """`n_mels` and `window_lengths` have the same length."""
    yield from one_length(n_mels=options.n_mels, window_lengths=options.window_lengths)


@rule
def convolutional_features_stand_alone(options: SemanticLossOptions) -> Iterator[Problem]:
    """The layer -1, the convolutional features, is not mixed with others."""
    if options.feature_ids and -1 in options.feature_ids and len(options.feature_ids) > 1:
        message = "The layer -1, the convolutional features, stands alone."
        yield Problem("/feature_ids", message, options.feature_ids, "Write [-1], or leave -1 out.")


@rule(covers="F-15 C-8")
def encodec_options_match(options: EncodecDiscriminatorOptions) -> Iterator[Problem]:
    """The three lists have one length, windows fit, and the activation has the options given."""
    yield from one_length(n_ffts=options.n_ffts, hop_lengths=options.hop_lengths, win_lengths=options.win_lengths)
    yield from windows_fit(options.n_ffts, options.win_lengths, "n_ffts")
    for key, owner in (("negative_slope", "LeakyReLU"), ("alpha", "ELU")):
        value = getattr(options.activation_params, key)
        if value is not None and options.activation != owner:
            message = f"{options.activation} has no option {key!r}."
            yield Problem(f"/activation_params/{key}", message, value, "Remove it.", related=("/activation",))


def _one_objective(options: DacDiscriminatorOptions | BigVganDiscriminatorOptions) -> Iterator[Problem]:
    if options.use_hinge and options.loss_type != "lsgan":
        message = f"use_hinge and loss_type {options.loss_type!r} exclude each other."
        yield Problem("/use_hinge", message, True, "Remove one of them.", related=("/loss_type",))


@rule
def dac_options_match(options: DacDiscriminatorOptions) -> Iterator[Problem]:
    """One objective, some discriminator, and bands that rise."""
    yield from _one_objective(options)
    if not (options.periods or options.fft_sizes or options.rates):
        related = ("/fft_sizes", "/rates")
        yield Problem(
            "/periods", "The discriminator is empty.", [], "Give periods, fft_sizes or rates.", related=related
        )
    for index, (low, high) in enumerate(options.bands):
        if low >= high:
            message = f"The band from {low} to {high} is empty."
            yield Problem(f"/bands/{index}", message, [low, high], "Write the lower edge first.")


@rule
def big_vgan_options_match(options: BigVganDiscriminatorOptions) -> Iterator[Problem]:
    """One objective; the lists of the constant-Q transforms have one length; hops halve evenly octave by octave."""
    yield from _one_objective(options)
    hops, octaves = options.cqtd_hop_lengths, options.cqtd_n_octaves
    yield from one_length(
        cqtd_hop_lengths=hops, cqtd_n_octaves=octaves, cqtd_bins_per_octaves=options.cqtd_bins_per_octaves
    )
    for index, (hop, count) in enumerate(zip(hops, octaves, strict=False)):
        if hop % 2 ** (count - 1):
            message = f"A hop of {hop} cannot be halved {count - 1} times, once an octave."
            hint = f"Write a multiple of {2 ** (count - 1)}."
            related = (f"/cqtd_n_octaves/{index}",)
            yield Problem(f"/cqtd_hop_lengths/{index}", message, hop, hint, related=related)


@rule
def shorthands_stand_alone(losses: AutoencoderLossConfigs) -> Iterator[Problem]:
    """`reconstruction` and `adversarial` are not given beside what they stand for."""
    for key, long in (("reconstruction", "`time` or `spectral`"), ("adversarial", "`discriminator`")):
        if getattr(losses, key) is not None:
            message = f"{key} is short for {long}, which is given as well."
            yield Problem(f"/{key}", message, None, "Keep one of them.")
