"""What a data set draws anew each time, and how it is held still: one list for validation and pre-encoding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

Config = TypeVar("Config", bound=BaseModel)

DRAWN = {"random_crop": False, "random_phase_flip": False}
"""Options that draw at random, and their values without; the loudness of `volume_norm_param` is drawn too."""
LEFT_OUT = {"drop_last": False, "samples_per_epoch": None, "resampled_shards": False}
"""Options by which an epoch leaves items out or repeats them, and their values without."""
CHANGED = {"volume_norm": False, "silence_threshold_db": None, "remove_silence": False}
"""Options that change or leave out what a file holds, and their values without."""


def held_still(config: Config) -> Config:
    """The same data set with nothing drawn at random: crops from the start, own polarity, the middle loudness."""
    inner: Any = getattr(config, "audio", config)
    loudness = getattr(inner, "volume_norm_param", None)
    steady = {} if loudness is None else {"volume_norm_param": [loudness[0], 0.0]}
    return with_options(config, {**DRAWN, **steady})


def every_item_once(config: Config) -> Config:
    """The same data set with epochs that bring each item exactly once."""
    return with_options(config, LEFT_OUT)


def without_variation(config: Config) -> Config:
    """The same data set with every file once, from its start, as it is."""
    return with_options(every_item_once(held_still(config)), CHANGED)


def with_options(config: Config, options: Mapping[str, Any]) -> Config:
    """The same data set with other values of those options that its type has, or that of the audio inside it."""
    known = {name: value for name, value in options.items() if name in type(config).model_fields}
    if "audio" in type(config).model_fields:
        known["audio"] = with_options(config.audio, options)  # type: ignore[attr-defined]  # of the type spectrogram
    return config.model_copy(update=known)
