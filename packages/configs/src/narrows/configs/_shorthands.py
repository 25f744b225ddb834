"""Short forms, and losses that are left out, replaced by what they stand for before a section is typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SCALES = (2048, 1024, 512, 256, 128, 64, 32)
"""FFT sizes of the spectral loss that stable-audio-tools trains its own models with."""

FEATURE_MATCHING = 50
"""Feature matching to adversarial weight in the built-in losses of stable-audio-tools (5.0 to 0.1)."""


def built_in_losses() -> dict[str, Any]:
    """The losses of stable-audio-tools where `loss_configs` is null or left out."""
    scales, hops = list(SCALES), [size // 4 for size in SCALES]
    return {
        "discriminator": {
            "type": "encodec",
            "config": {"filters": 32, "n_ffts": scales, "hop_lengths": hops, "win_lengths": scales},
            "weights": {"adversarial": 0.1, "feature_matching": 5.0},
        },
        **_mrstft(1.0),
        "time": {"weights": {"l1": 0.0}},
    }


def expand(name: str, section: dict[str, Any]) -> dict[str, Any]:
    """A section without short forms.

    A short form beside what it stands for is left in place, and one that is wrong too: both are told later.

    Args:
        name: generated class of the section.
        section: as in the document; it is not changed.
    """
    if name == "AutoencoderTrainingConfig" and section.get("loss_configs") is None:
        return {**section, "loss_configs": built_in_losses()}
    if name != "AutoencoderLossConfigs":
        return section
    result = dict(section)
    for key, long in (("reconstruction", _reconstruction), ("adversarial", _adversarial)):
        short = section.get(key)
        if isinstance(short, Mapping) and _is_weight(short.get("weight")) and set(short) <= {"weight", "type"}:
            found = long(short)
            if found and section.get(found[0]) is None:
                result[found[0]] = found[1]
                del result[key]
    return result


def _is_weight(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def _reconstruction(short: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    kind, weight = short.get("type"), short["weight"]
    if kind in ("l1", "l2"):
        return "time", {"weights": {kind: weight}}
    if kind == "mrstft":
        return "spectral", _mrstft(weight)["spectral"]
    return None


def _mrstft(weight: float) -> dict[str, Any]:
    sizes = {
        "fft_sizes": list(SCALES),
        "hop_sizes": [size // 4 for size in SCALES],
        "win_lengths": list(SCALES),
        "perceptual_weighting": True,
    }
    return {"spectral": {"config": sizes, "weights": {"mrstft": weight}}}


def _adversarial(short: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    if short.get("type", "hinge") != "hinge":
        return None
    weights = {"adversarial": short["weight"], "feature_matching": FEATURE_MATCHING * short["weight"]}
    return "discriminator", {"type": "encodec", "config": {"filters": 64}, "weights": weights}
