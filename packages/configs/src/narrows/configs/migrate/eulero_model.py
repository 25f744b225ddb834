"""The `model` section of EulerAudioBackbone: parts that name their class, as a model of this library.

Nothing is imported: a class is a key of a table, and what is not in the table is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from narrows.configs._wording import nearest
from narrows.configs.errors import Problem, config_error
from narrows.configs.migrate.draft import Draft

BASE = "ar_spectra.models"
TARGETS = {
    f"{BASE}.autoencoders.SeaNET_AE.SEANetEncoder2d": "seanet2d",
    f"{BASE}.autoencoders.SeaNET_AE.SEANetDecoder2d": "seanet2d",
    # Named by a shipped file, but not in the published package.
    f"{BASE}.autoencoders.simple_transformer_AE.SimpleTransformerEncoder": "patch_transformer",
    f"{BASE}.autoencoders.simple_transformer_AE.SimpleTransformerDecoder": "patch_transformer",
    **{
        f"{BASE}.{place}.HFAutoencoder{kind.upper()}{part}": f"autoencoder_{kind}"
        for kind in ("kl", "dc")
        # The shipped files name the first place, where nothing is; the second is right.
        for place in (f"autoencoder_{kind}", f"autoencoders.autoencoder_{kind}")
        for part in ("Encoder", "Decoder")
    },
    f"{BASE}.bottlenecks.VAEBottleneck": "vae",
    f"{BASE}.bottlenecks.SkipBottleneck": "skip",
    f"{BASE}.bottlenecks.IdentityBottleneck": "identity",
    "ar_spectra.dataset.OnTheFlySTFTDataset": "spectrogram",
}
"""What the classes are called here. Optimizers and schedules of torch are known by their last name."""

REAL_ONLY = ("autoencoder_kl", "autoencoder_dc")
"""Networks of diffusers, whose `is_complex` only told how to log."""
ACTIVATIONS = {
    "modrelu1d": "ModReLU",
    "modrelu2d": "ModReLU",
    "complexgelu1d": "ComplexGELU",
    "complexgelu2d": "ComplexGELU",
    "snake1dcomplex": "snake",
    **{name.lower(): name for name in ("CReLU", "CELU", "ModReLUScalar", "Abs_SiLU")},
}
"""Activations of complex values, which are found there whatever their case."""
FLAGS = {
    "apply_to_encoder": "apply_encoder",
    "apply_decoder": "apply_inverse",
    "apply_to_target": "apply_target",
}
STFT = ("n_fft", "hop_length", "win_length", "window", "pad_mode", "normalized")
SIDES = (("encoder", "input_size"), ("decoder", "channels"))
MISSING = "Model configuration must contain a 'model' section"
UNRESOLVED = "Failed to resolve auto channels"


def model_document(draft: Draft, model: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """A model file, without its training.

    Args:
        draft: takes notes of what was dropped or decided.
        model: the section.
        data: the `data` section, or what is known of it: `train_dataset` with the options of the transform, and
            `audio_channels`.

    Raises:
        ConfigError: a class is unknown, a part is missing, or the channels follow from nothing.
    """
    train = data.get("train_dataset") or {}
    parts: dict[str, Any] = {"stft": _stft(draft, train)}
    transform = _transform(draft, (model.get("autoencoder") or {}).get("pre_transform"))
    if transform:
        parts["pre_transform"] = transform
    for side, _ in SIDES:
        if not isinstance(model.get(side), Mapping):
            raise config_error([Problem(f"/model/{side}", f"There is no {side} in the model section.", None)])
        parts[side] = _network(draft, model[side], side)
    parts["cac"] = not parts["encoder"]["config"].get("is_complex", False)
    if "cac" in train and bool(train["cac"]) != parts["cac"]:
        kind = "complex" if train["cac"] else "real"
        draft.notes.append(f"default: model.cac: {parts['cac']}, because the encoder's weights are {kind}")
    channels = _audio_channels(draft, parts, data, train)
    bottleneck = model.get("bottleneck")
    if bottleneck:
        parts["bottleneck"] = _bottleneck(bottleneck)
    rate = train.get("sample_rate", 44100)
    found = {"model_type": "spectral_autoencoder", "sample_rate": rate, "audio_channels": channels}
    if train.get("target_frames"):
        found["sample_size"] = (train["target_frames"] - 1) * parts["stft"]["hop_length"]
    return {**found, "model": parts}


def target(part: Mapping[str, Any], pointer: str) -> str:
    """What the class of a part is called here.

    Raises:
        ConfigError: the class is not in the table.
    """
    key = "class" if "class" in part and "_target_" not in part else "_target_"
    name = str(part.get(key, ""))
    if name not in TARGETS:
        close = nearest(name, list(TARGETS))
        message = f"Unknown {key}: {name}. Nothing is imported: only the classes in the table are known."
        problem = Problem(
            f"{pointer}/{key}", message, name, f"Did you mean {close!r}?" if close else "", kind="unknown-tag"
        )
        raise config_error([problem])
    return TARGETS[name]


def _component(part: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """A part by its type, from either form: options beside `_target_`, or below `kwargs`."""
    given = {**part, **(part.get("kwargs") or {})}
    unwanted = {"_target_", "_convert_", "_recursive_", "class", "kwargs", "skip_bottleneck", "skip"}
    options = {key: _channels(value) for key, value in given.items() if key not in unwanted}
    return {"type": target(part, pointer), "config": options}


def _channels(value: Any) -> Any:
    """A value; an interpolation of the data's channels is `auto`."""
    return "auto" if isinstance(value, str) and re.fullmatch(r"\$\{.*channels\}", value) else value


def _network(draft: Draft, part: Mapping[str, Any], side: str) -> dict[str, Any]:
    found = _component(part, f"/model/{side}")
    options = found["config"]
    if found["type"] in REAL_ONLY and options.pop("is_complex", False):
        draft.drop(f"model.{side}.is_complex", True, "the networks of diffusers are real")
    if found["type"] != "seanet2d" or not options.get("is_complex"):
        return found
    # Complex networks have no sequence model there, whatever the option says.
    if options.get("seq_model", "lstm") != "none":
        draft.notes.append(f"default: model.{side}.seq_model: none, because a complex network had none")
        options["seq_model"] = "none"
    name = str(options.get("activation", ""))
    options["activation"] = ACTIVATIONS.get(name.lower(), name or "CReLU")
    return found


def _bottleneck(part: Mapping[str, Any]) -> dict[str, Any]:
    given = {**part, **(part.get("kwargs") or {})}
    if given.get("skip_bottleneck") or given.get("skip"):
        return {"type": "identity"}
    found = _component(part, "/model/bottleneck")
    return found if found["config"] else {"type": found["type"]}


def _stft(draft: Draft, train: Mapping[str, Any]) -> dict[str, Any]:
    known = {key: train[key] for key in (*STFT, "center") if train.get(key) is not None}
    if not known:
        draft.notes.append("default: model.stft: the source says nothing of the transform")
        return {"n_fft": 2048, "hop_length": 512}
    return known


def _transform(draft: Draft, given: Any) -> Any:
    if not isinstance(given, Mapping):
        return given.lower() if isinstance(given, str) else given
    transform = {FLAGS.get(key, key): value for key, value in given.items()}
    if "class" in transform:
        return transform
    transform["type"] = str(transform.get("type") or "identity").lower()
    if transform["type"] in {"none", "identity"} and transform.get("config"):
        draft.drop("model.autoencoder.pre_transform.config", transform["config"], "there is no transform to set")
        del transform["config"]
    return transform


def _audio_channels(draft: Draft, parts: Mapping[str, Any], data: Mapping[str, Any], train: Mapping[str, Any]) -> int:
    """The audio channels by the data, or by the model where nothing is known of the data.

    Where the two disagree, the data are right, and the model takes what they deliver.
    """
    each = 2 if parts["cac"] else 1
    audio = data.get("audio_channels")
    if audio is None and "stereo" in train:
        audio = 2 if train["stereo"] else 1
    for side, key in SIDES:
        given = parts[side]["config"].get(key)
        if not isinstance(given, int) or isinstance(given, bool):
            continue
        if audio is None and given % each == 0:
            audio = given // each
        elif audio is None or given != audio * each:
            wanted = f"audio of {audio} channels has {(audio or 0) * each} in its spectrogram"
            draft.notes.append(f"default: model.{side}.{key}: auto instead of {given}, because {wanted}")
            parts[side]["config"][key] = "auto"
    if not isinstance(audio, int):
        message = f"{UNRESOLVED}: neither the model nor the data name a number of channels."
        hint = "Give audio_channels, or a number as the encoder's input_size."
        raise config_error([Problem("/model/encoder/input_size", message, "auto", hint)])
    return audio
