"""Conditions that are audio, brought to what their conditioners take.

Letters: C audio channels, T samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from narrows.audio.arrays import audio_clip, whole_rate
from narrows.audio.cropping import pad_to
from narrows.audio.sinc import sinc_resample
from narrows.models.conditioners.base import AudioInput
from narrows.models.conditioners.multi import MultiConditioner


def audio_inputs(conditioner: MultiConditioner | None) -> dict[str, AudioInput]:
    """The conditions of a model that are audio, by id; those that come encoded are none.

    Args:
        conditioner: of the model; None where it has no conditions.
    """
    if conditioner is None:
        return {}
    given = {name: module.audio_input for name, module in conditioner.items()}
    return {
        name: audio for name, audio in given.items() if audio is not None and name not in conditioner.pre_encoded_keys
    }


def map_audio(
    conditioner: MultiConditioner | None,
    conditions: Mapping[str, Any],
    change: Callable[[str, AudioInput, Any], Any],
) -> dict[str, Any]:
    """Conditions with those that are audio changed, each known source of a mapping by itself.

    Args:
        conditioner: of the model.
        conditions: of an item.
        change: gives the new value of a place (`melody`, `mix.drums`), what is read there, and a value.
    """
    changed = dict(conditions)
    for name, audio in audio_inputs(conditioner).items():
        key = conditioner.key_of(conditions, name) if conditioner is not None else None
        if key is None:
            continue
        value = conditions[key]
        if audio.sources is not None and isinstance(value, Mapping):
            changed[key] = {
                source: change(f"{key}.{source}", audio, one) if source in audio.sources else one
                for source, one in value.items()
            }
        else:
            changed[key] = change(key, audio, value)
    return changed


def fit_audio(
    conditioner: MultiConditioner | None, conditions: Mapping[str, Any], sample_rate: int, samples: int
) -> dict[str, Any]:
    """Conditions with a waveform in place of each pair of a waveform `(C, T)` and its rate.

    It is resampled to what its conditioner takes, and cut or padded with silence to the length of what is generated
    where it goes frame by frame with it. Waveforms without a rate stay as they are.

    Args:
        conditioner: of the model.
        conditions: of an item.
        sample_rate: of the model, in Hz.
        samples: that are generated, at that rate.
    """

    def fitted(place: str, audio: AudioInput, value: Any) -> Any:
        if not (isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], Tensor)):
            return value
        waveform = audio_clip(value[0], f"The condition {place!r}")
        waveform = sinc_resample(waveform, whole_rate(value[1]), audio.sample_rate or sample_rate)
        return pad_to(waveform, samples) if audio.framewise else waveform

    return map_audio(conditioner, conditions, fitted)
