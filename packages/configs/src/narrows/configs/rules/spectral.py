"""Rules of autoencoders on spectrograms."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any

from narrows.configs.errors import Problem
from narrows.configs.rules import rule, warning
from narrows.configs.rules.losses import one_length, windows_fit
from narrows.configs.rules.roles import fact, option

if TYPE_CHECKING:
    from narrows.configs._generated.losses.spectrogram import (
        AurallossConfig,
        ComplexSTFTLossOptions,
        SpectralConvergenceOptions,
        SpectrogramLossConfig,
    )
    from narrows.configs._generated.models.spectral_autoencoder import (
        SpectralAutoencoderConfig,
        SpectralAutoencoderOptions,
    )
    from narrows.configs._generated.spectral_decoders.seanet2d import SEANet2dDecoderOptions
    from narrows.configs._generated.spectral_encoders.seanet2d import SEANet2dEncoderOptions
    from narrows.configs._generated.stft import STFTConfig
    from narrows.configs._generated.training.spectral_autoencoder import SpectralAutoencoderTrainingConfig


@rule(covers="I-11")
def window_fits_the_transform(stft: STFTConfig) -> Iterator[Problem]:
    """`win_length` is at most `n_fft`, `hop_length` at most the window."""
    window = stft.win_length or stft.n_fft
    if window > stft.n_fft:
        message = f"The window of {window} samples is longer than its FFT of {stft.n_fft}."
        yield Problem("/win_length", message, window, f"At most {stft.n_fft}.", related=("/n_fft",))
    elif stft.hop_length > window:
        message = f"The hop of {stft.hop_length} samples leaves gaps between windows of {window}."
        yield Problem("/hop_length", message, stft.hop_length, f"At most {window}.", related=("/win_length",))


def spectrogram_channels(config: SpectralAutoencoderConfig) -> int:
    """Channels of the spectrogram that the encoder sees."""
    audio = config.model.io_channels if isinstance(config.model.io_channels, int) else config.audio_channels
    return audio * (2 if config.model.cac else 1)


@rule(covers="I-1 I-2")
def spectrogram_fits_both_ends(config: SpectralAutoencoderConfig) -> Iterator[Problem]:
    """Encoder and decoder take and give the audio channels, twice that with `cac`."""
    channels = spectrogram_channels(config)
    for part, key in (("encoder", "input_size"), ("decoder", "channels")):
        given = getattr(getattr(config.model, part).config, key)
        if isinstance(given, int) and given != channels:
            message = f"The {part} has {given} channels but the spectrogram has {channels}."
            pointer = f"/model/{part}/config/{key}"
            hint = f"Write {channels} or auto."
            yield Problem(pointer, message, given, hint, related=("/audio_channels", "/model/cac"))
    if isinstance(config.model.io_channels, int) and config.model.io_channels != config.audio_channels:
        message = f"io_channels is {config.model.io_channels} but the data set delivers {config.audio_channels}."
        yield Problem(
            "/model/io_channels", message, config.model.io_channels, "Write auto.", related=("/audio_channels",)
        )


@rule(covers="I-3")
def weights_are_complex_with_the_data(model: SpectralAutoencoderOptions) -> Iterator[Problem]:
    """`is_complex` is true exactly where `cac` is false."""
    for part in ("encoder", "decoder"):
        given = getattr(getattr(model, part).config, "is_complex", False)
        if given == model.cac:
            message = f"is_complex is {str(given).lower()} but cac is {str(model.cac).lower()}."
            hint = f"Write {str(not model.cac).lower()}."
            yield Problem(f"/{part}/config/is_complex", message, given, hint, related=("/cac",))


@rule(covers="I-4 I-5 I-6")
def spectral_widths_match(model: SpectralAutoencoderOptions) -> Iterator[Problem]:
    """The encoder gives what the decoder takes, twice that with `vae`."""
    down, up = (option(getattr(model, part).config, "latent-channels") for part in ("encoder", "decoder"))
    if down is None or up is None:
        return
    name = model.bottleneck.type if model.bottleneck else "none"
    factor = fact(model.bottleneck, "x-encoder-channels", 1)
    multiple = fact(model.encoder, "x-encoder-gives", 1)
    given = multiple * down.value
    if given != factor * up.value:
        message = f"The encoder gives {given} channels and the decoder takes {up.value}, with bottleneck {name}."
        hint = f"Write {factor * up.value // multiple}."
        if multiple > factor:
            hint = "Use the bottleneck vae: this encoder gives a mean and a scale."
        yield Problem(f"/encoder/config/{down.key}", message, down.value, hint, related=(f"/decoder/config/{up.key}",))


@rule(covers="I-8 I-9")
def ratios_are_the_same(model: SpectralAutoencoderOptions) -> Iterator[Problem]:
    """Encoder and decoder have the same `ratios` and `latent_fbins`, which are the bins that the ratios leave."""
    down, up = option(model.encoder.config, "ratio-pairs"), option(model.decoder.config, "ratio-pairs")
    if down is None or up is None:
        return
    if down.value != up.value:
        message = "The decoder's ratios are not the encoder's."
        yield Problem("/decoder/config/ratios", message, up.value, "", related=("/encoder/config/ratios",))
    for part in ("encoder", "decoder"):
        yield from _bins(getattr(model, part).config, part, model.stft.n_fft // 2 + 1)


def _bins(options: Any, part: str, bins: int) -> Iterator[Problem]:
    """The packed bins are those that are left: each stage drops what is above its last whole group."""
    left, pointer = bins // prod(frequency for frequency, _ in options.ratios), f"/{part}/config/latent_fbins"
    if not left:
        message = f"The ratios leave none of {bins} bins."
        yield Problem(f"/{part}/config/ratios", message, options.ratios, "Take smaller ratios, or a larger n_fft.")
    elif options.latent_fbins != left:
        message = f"latent_fbins is {options.latent_fbins} but the ratios leave {left} bins."
        yield Problem(pointer, message, options.latent_fbins, f"Write {left}.", related=(f"/{part}/config/ratios",))


@rule(covers="A-17")
def sequence_models_fit(options: SEANet2dEncoderOptions | SEANet2dDecoderOptions) -> Iterator[Problem]:
    """`time_group_norm` is not causal; trimming is split only in causal decoders; kernels are odd."""
    if options.norm == "time_group_norm" and options.causal:
        yield Problem(
            "/norm", "time_group_norm looks ahead, so it is not causal.", options.norm, "", related=("/causal",)
        )
    trim = getattr(options, "trim_right_ratio", 1.0)
    if trim != 1.0 and not options.causal:
        message = "trim_right_ratio below 1 makes sense in a causal decoder only."
        yield Problem("/trim_right_ratio", message, trim, "Write 1.0.", related=("/causal",))
    for key in ("kernel_size", "last_kernel_size", "residual_kernel_size"):
        if getattr(options, key) % 2 == 0:
            yield Problem(f"/{key}", f"The kernel {getattr(options, key)} is even.", getattr(options, key), "")


@rule(covers="I-16")
def one_multi_resolution_loss(losses: SpectrogramLossConfig) -> Iterator[Problem]:
    """At most one multi-resolution loss; a term has a weight."""
    names = ("mrstft", "mrstft_sc", "mrstft_stable_audio")
    given = [name for name in names if getattr(losses, name) is not None]
    for name in given[1:]:
        message = f"{name} is given beside {given[0]}."
        yield Problem(f"/{name}", message, None, "Keep one of them.", related=(f"/{given[0]}",))
    if given and losses.apply_pre_transform_to_wave_losses and given[0] == "mrstft_stable_audio":
        message = "apply_pre_transform_to_wave_losses has no effect on mrstft_stable_audio."
        pointer = "/apply_pre_transform_to_wave_losses"
        yield Problem(pointer, message, True, "", related=("/mrstft_stable_audio",))


@warning(covers="I-16")
def terms_have_weights(losses: SpectrogramLossConfig) -> Iterator[Problem]:
    """A term without a weight counts nothing."""
    groups = {
        "stft_mse": ("stft_mse",),
        "magnitude": ("magnitude",),
        "mrstft": ("mrstft", "mrstft_sc", "mrstft_stable_audio"),
        "cosine_phase_loss": ("cosine_phase_loss",),
    }
    for key, names in groups.items():
        given = next((name for name in names if getattr(losses, name) is not None), None)
        if given and not getattr(losses.weights, key):
            message = f"{given} counts nothing: its weight is 0."
            yield Problem(f"/weights/{key}", message, 0, "Give a weight.", related=(f"/{given}",))


@rule
def convergence_lists_match(options: SpectralConvergenceOptions) -> Iterator[Problem]:
    """The lists of `mrstft_sc` have one length; no window is longer than its transform."""
    windows = {} if options.win_lengths is None else {"win_lengths": options.win_lengths}
    yield from one_length(fft_sizes=options.fft_sizes, hop_sizes=options.hop_sizes, **windows)
    yield from windows_fit(options.fft_sizes, options.win_lengths or (), "fft_sizes")


@rule(covers="I-15")
def transform_is_there(config: SpectralAutoencoderConfig) -> Iterator[Problem]:
    """`apply_pre_transform_to_wave_losses` needs a `pre_transform`."""
    losses = config.training.loss_configs.spectral if config.training else None
    if losses is not None and losses.apply_pre_transform_to_wave_losses and config.model.pre_transform is None:
        message = "apply_pre_transform_to_wave_losses needs a pre_transform."
        pointer = "/training/loss_configs/spectral/apply_pre_transform_to_wave_losses"
        yield Problem(pointer, message, True, "", related=("/model/pre_transform",))


@rule(covers="I-16")
def something_spectral_is_reconstructed(training: SpectralAutoencoderTrainingConfig) -> Iterator[Problem]:
    """At least one reconstruction loss is on."""
    losses = training.loss_configs
    parts = (losses.spectral, losses.mrmel, losses.time)
    if not any(weight for part in parts if part is not None for _, weight in part.weights):
        message = "No reconstruction loss is on."
        hint = "Give `spectral`, `mrmel` or `time` with a weight above 0."
        yield Problem("/loss_configs", message, None, hint)


@rule
def complex_loss_compares_something(options: ComplexSTFTLossOptions) -> Iterator[Problem]:
    """Some factor of `mrstft` is above 0, and its lists have one length."""
    extra = (options.linear_mag and options.factor_linear_mag) or (options.log_mag and options.factor_log_mag)
    if not (options.factor_sc or options.factor_mag or extra):
        yield Problem("/factor_sc", "All factors are 0.", 0, "Give one of factor_sc, factor_mag.")
    given = {key: value for key in ("hop_sizes", "win_lengths") if (value := getattr(options, key)) is not None}
    yield from one_length(fft_sizes=options.fft_sizes, **given)
    yield from windows_fit(options.fft_sizes, options.win_lengths or (), "fft_sizes")


@rule
def channels_are_compared_as_they_are(config: AurallossConfig) -> Iterator[Problem]:
    """`mrstft_stable_audio` of spectral autoencoders compares left and right: sum and difference have no weights."""
    for key in ("w_sum", "w_diff"):
        if (value := getattr(config.config, key)) != 1:
            yield Problem(f"/config/{key}", "This weight has no effect: channels are compared one by one.", value, "")


@warning(covers="I-17")
def kl_has_a_weight(config: SpectralAutoencoderConfig) -> Iterator[Problem]:
    """With `vae`, the weight of the KL term is written: its default is tiny."""
    bottleneck, training = config.model.bottleneck, config.training
    if training is None or bottleneck is None or bottleneck.type != "vae":
        return
    if training.loss_configs.bottleneck.weights.kl is None:
        message = "The weight of the KL term is not given: 1e-6 is used."
        yield Problem("/training/loss_configs/bottleneck/weights/kl", message, None, related=("/model/bottleneck",))
