"""Spectrogram data sets against the model that they train: the channel table, the transform, the length of a crop.

| `stereo` | `cac` | audio channels | channels of the spectrogram |
|---|---|---|---|
| true | false | 2 | 2, complex |
| true | true | 2 | 4, real |
| false | false | 1 | 1, complex |
| false | true | 1 | 2, real |
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from narrows.configs.errors import Problem
from narrows.configs.rules import rule
from narrows.configs.rules.spectral import spectrogram_channels

if TYPE_CHECKING:
    from narrows.configs._generated.datasets.spectrogram import SpectrogramDatasetConfig
    from narrows.configs._generated.experiments.train import TrainExperimentConfig
    from narrows.configs._generated.models.spectral_autoencoder import SpectralAutoencoderConfig

ENDS = (("encoder", "input_size"), ("decoder", "channels"))
"""Parts of the model, and the option of each that counts the channels of the spectrogram."""


def resolved(config: Any, dataset: Any) -> Any:
    """A model with what it leaves to the data written out, so that its file tells the whole.

    Of a spectral autoencoder these are the audio channels, unless it names them, the length of a crop, and every
    `auto`; other models leave nothing to the data.

    Args:
        config: typed model.
        dataset: typed data set that trains it.
    """
    if config.model_type != "spectral_autoencoder":
        return config
    found: dict[str, Any] = {}
    if dataset.dataset_type == "spectrogram":
        if "audio_channels" not in config.model_fields_set:
            found["audio_channels"] = audio_channels(dataset)
        if config.sample_size is None:
            found["sample_size"] = crop_length(dataset)
    return with_channels(config.model_copy(update=found))


def with_channels(config: SpectralAutoencoderConfig) -> SpectralAutoencoderConfig:
    """A spectral autoencoder with every number of channels written out, as it is kept with its weights."""
    model, channels = config.model, spectrogram_channels(config)
    parts: dict[str, Any] = {
        "io_channels": config.audio_channels if model.io_channels == "auto" else model.io_channels,
        "cac": model.cac,
    }
    for part, key in ENDS:
        component = getattr(model, part)
        options = component.config.model_copy(update={key: channels})
        parts[part] = component.model_copy(update={"config": options})
    update = {"model": model.model_copy(update=parts), "audio_channels": config.audio_channels}
    return config.model_copy(update=update)


def audio_channels(dataset: SpectrogramDatasetConfig) -> int:
    """Audio channels of a spectrogram data set."""
    return 2 if dataset.stereo else 1


def crop_length(dataset: SpectrogramDatasetConfig) -> int | None:
    """Samples of its crops; None leaves it to the model."""
    return None if dataset.target_frames is None else (dataset.target_frames - 1) * dataset.stft.hop_length


def _spectrogram_sets(experiment: TrainExperimentConfig) -> Iterator[tuple[str, SpectrogramDatasetConfig]]:
    """The spectrogram data sets of an experiment, each with its key."""
    for key in ("dataset_config", "val_dataset_config"):
        dataset: Any = getattr(experiment, key)
        if not isinstance(dataset, str | None) and dataset.dataset_type == "spectrogram":
            yield key, dataset


@rule(covers="I-11")
def spectrogram_sets_deliver_what_the_model_takes(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """Training takes waveforms of the model's rate, channels and length from a spectrogram data set."""
    model: Any = experiment.model_config_
    if isinstance(model, str):
        return
    for key, dataset in _spectrogram_sets(experiment):
        if dataset.deliver != "audio":
            message = "Training takes audio: the model computes spectrograms on its device."
            yield Problem(f"/{key}/deliver", message, dataset.deliver, "Write 'audio'.")
        if dataset.sample_rate not in (None, model.sample_rate):
            message = f"The data set is for {dataset.sample_rate} Hz but the model for {model.sample_rate} Hz."
            hint = f"Write {model.sample_rate}, or leave it out."
            yield Problem(f"/{key}/sample_rate", message, dataset.sample_rate, hint, related=_of("sample_rate"))
        length = crop_length(dataset)
        if length is not None and model.sample_size not in (None, length):
            frames, hop = dataset.target_frames, dataset.stft.hop_length
            message = f"{frames} frames are {length} samples but the model trains on {model.sample_size}."
            hint = f"Write {model.sample_size // hop + 1}, or `sample_size: {length}` in the model."
            yield Problem(f"/{key}/target_frames", message, frames, hint, related=_of("sample_size"))
        given, taken = audio_channels(dataset), getattr(model, "audio_channels", None)
        if model.model_type != "spectral_autoencoder" and taken not in (None, given):
            message = f"The data set gives {given} audio channels but the model takes {taken}."
            hint = f"Write {str(not dataset.stereo).lower()}."
            yield Problem(f"/{key}/stereo", message, dataset.stereo, hint, related=_of("audio_channels"))


@rule(covers="I-1 I-2")
def spectrogram_channels_fit_the_model(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """`stereo` and `cac` of the data set give the channels that the model takes."""
    model: Any = experiment.model_config_
    if isinstance(model, str) or model.model_type != "spectral_autoencoder":
        return
    widths = [model.model.io_channels, *(getattr(getattr(model.model, part).config, key) for part, key in ENDS)]
    failed = "Failed to resolve auto channels: the" if "auto" in widths else "The"
    for key, dataset in _spectrogram_sets(experiment):
        wanted = resolved(model, dataset)
        pairs = (
            ("stereo", audio_channels(dataset), wanted.audio_channels, "audio_channels"),
            ("cac", dataset.cac, wanted.model.cac, "model/cac"),
        )
        for name, given, taken, place in pairs:
            if given == taken:
                continue
            message = (
                f"{failed} data set gives {_channels(audio_channels(dataset), dataset.cac)} but the model takes "
                f"{_channels(wanted.audio_channels, wanted.model.cac)}."
            )
            value = getattr(dataset, name)
            hint = f"Write {str(not value).lower()} in the data set, or {_change(name, given)} in the model."
            yield Problem(f"/{key}/{name}", message, value, hint, related=_of(place))


def _channels(audio: int, cac: bool) -> str:
    count = audio * (2 if cac else 1)
    return f"{count} {'real' if cac else 'complex'} channel{'s' if count > 1 else ''} ({audio} of audio)"


def _change(name: str, given: Any) -> str:
    """What the model must say to take what the data set gives."""
    if name == "stereo":
        return f"`audio_channels: {given}`, with numbers or auto for input_size and channels that fit,"
    return f"`cac: {str(given).lower()}` and `is_complex: {str(not given).lower()}`"


@rule(covers="I-11")
def transforms_are_the_same(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """A spectrogram data set has the transform of the spectral autoencoder that it trains."""
    model: Any = experiment.model_config_
    if isinstance(model, str) or model.model_type != "spectral_autoencoder":
        return
    for key, dataset in _spectrogram_sets(experiment):
        ours, theirs = dict(model.model.stft), dict(dataset.stft)
        for stft in (ours, theirs):
            stft["win_length"] = stft["win_length"] or stft["n_fft"]
        for name, value in theirs.items():
            if value != ours[name]:
                message = f"The data set's transform has {name} {value}, the model's {ours[name]}."
                hint = f"Write {ours[name]}; spectra of two transforms do not compare."
                yield Problem(f"/{key}/stft/{name}", message, value, hint, related=_of(f"model/stft/{name}"))


@rule
def spectral_crops_have_a_length(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """In training of a spectral autoencoder, `sample_size` or the data set's `target_frames` is given."""
    model: Any = experiment.model_config_
    dataset = experiment.dataset_config
    if isinstance(model, str) or isinstance(dataset, str) or model.model_type != "spectral_autoencoder":
        return
    if resolved(model, dataset).sample_size is None:
        message = "'sample_size' is required for training."
        hint = "For 128 frames, 127 times the hop; or give `target_frames` in a data set of the type spectrogram."
        yield Problem("/model_config/sample_size", message, None, hint)


@rule
def complex_weights_are_single(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """Spectral autoencoders are trained in 32 bit, or in mixed precision where their weights are real."""
    model: Any = experiment.model_config_
    if isinstance(model, str) or model.model_type != "spectral_autoencoder":
        return
    wanted = "32-true" if not model.model.cac else "bf16-mixed"
    if experiment.precision == "bf16-true" or (not model.model.cac and experiment.precision != "32-true"):
        message = "Transforms and complex weights need 32 bit."
        yield Problem("/precision", message, experiment.precision, f"Write {wanted!r}.", related=_of("model/cac"))


def _of(place: str) -> tuple[str]:
    return (f"/model_config/{place}",)
