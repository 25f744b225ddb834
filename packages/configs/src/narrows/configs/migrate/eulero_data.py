"""The `data` section of EulerAudioBackbone: its on-the-fly STFT data sets, as spectrogram data sets of this library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from narrows.configs.migrate.draft import Draft
from narrows.configs.migrate.eulero_model import target

SILENCE_DB = -62
"""Peak below which the reference draws another crop."""
MAX_PAD_RATIO = 0.05
"""Share of a crop that may be padding there, unless a data set says otherwise."""
EVALUATION = {"random_crop": False, "drop_last": False}
DROPPED = {
    "dtype": "spectrograms are complex64",
    "full_waveform": "validation takes crops, as training does; `narrows evaluate` takes whole files",
    "return_paths": "the metadata of every clip have its path",
    "skip_mismatched_sr": "every file is resampled",
    "skip_mismatched_channels": "every file is brought to the channels of the model",
    "window_fn": "see `stft.window`",
    "custom_metadata_module": "files are found by folder, and its code is not run: use `keywords` or `file_list`",
    "custom_metadata_kwargs": "they belong to custom_metadata_module",
}


def data_sets(draft: Draft, data: Mapping[str, Any], model: Mapping[str, Any]) -> None:
    """Set the data sets of a run.

    Args:
        draft: takes them, and notes.
        data: the section.
        model: the model file, which the data sets fit.
    """
    sets = {key: _options(data[key], f"/data/{key}") for key in ("train_dataset", "eval_dataset") if data.get(key)}
    names = {"train_dataset": "dataset_config", "eval_dataset": "val_dataset_config"}
    folders = [str(options.get("audio_dir", "")) for options in sets.values()]
    one_folder = len(folders) == 2 and folders[0] == folders[1]
    for key, options in sets.items():
        training = key == "train_dataset"
        audio = _audio(options, training)
        if one_folder:
            # Told apart by code that is not run; otherwise validation would hear what training learns.
            audio["split"] = "train" if training else "held_out"
            draft.notes.append(f"default: {names[key]}.audio.split: {audio['split']}, as both sets are in one folder")
        for name in options.keys() & DROPPED.keys():
            if options[name] not in (None, False, {}):
                draft.drop(f"data.{key}.{name}", options[name], DROPPED[name])
        draft.set(names[key], _spectrograms(audio, options, model), f"was data.{key}")
    if "dataset_config" not in draft.values:
        draft.set("dataset_config", "dataset_config.json", "To be filled in: the path of its file.")


def _options(part: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """Options of a data set in either form: beside `_target_`, or below `kwargs`."""
    target(part, pointer)
    given = {**part, **(part.get("kwargs") or {})}
    return {key: value for key, value in given.items() if key not in {"_target_", "class", "kwargs"}}


def _audio(options: Mapping[str, Any], training: bool) -> dict[str, Any]:
    audio: dict[str, Any] = {"dataset_type": "audio_dir", "path": str(options.get("audio_dir", ""))}
    if options.get("extensions"):
        audio["extensions"] = [str(ending).lower().lstrip(".") for ending in options["extensions"]]
    frames, hop, rate = _frames(options), options.get("hop_length"), options.get("sample_rate")
    if frames and hop and rate:
        shortest = (frames - 1) * hop * (1 - options.get("max_pad_ratio", MAX_PAD_RATIO)) / rate
        audio["min_length_sec"] = round(shortest, 3)
    audio |= {"random_phase_flip": False, "silence_threshold_db": SILENCE_DB}
    return audio if training else {**audio, **EVALUATION}


def _spectrograms(audio: Mapping[str, Any], options: Mapping[str, Any], model: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "dataset_type": "spectrogram",
        "audio": dict(audio),
        "stft": dict(model["model"]["stft"]),
        "stereo": model["audio_channels"] == 2,
        "cac": model["model"]["cac"],
    }
    frames = _frames(options)
    return {**found, "target_frames": frames} if frames and not options.get("full_waveform") else found


def _frames(options: Mapping[str, Any]) -> int | None:
    """Frames of a crop; `length` is an old name."""
    frames: int | None = options.get("target_frames") or options.get("length")
    return frames
