"""What stands around the weights: a `config.json` beside them may say what the tensors cannot.

The weights of two models can have the same names and shapes and yet mean other things: EnCodec at 48 kHz normalises
each second of sound before it encodes it. What such a file states is compared with the model, and what this library
does not do is refused rather than left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from torch import nn

from narrows.models.checkpoints.errors import CheckpointError


def check_recipe(model: nn.Module, path: Path) -> None:
    """Compare the `config.json` of transformers beside a file with the model.

    Args:
        model: built of the user's configuration.
        path: the weights, or the folder they are in.

    Raises:
        CheckpointError: they differ, or it states what is not done here; the message names the keys.
    """
    file = (path if path.is_dir() else path.parent) / "config.json"
    try:
        stated = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    check = RECIPES.get(stated.get("model_type")) if isinstance(stated, dict) else None
    if check is None or not hasattr(model, "sample_rate"):
        return
    problems = list(check(stated, model))
    if problems:
        raise CheckpointError(f"{file} does not describe this model: {'; '.join(problems)}")


def _encodec(stated: Mapping[str, Any], model: Any) -> Iterator[str]:
    """EncodecConfig of transformers; a missing key has the class's default."""
    yield from _common(stated, model, 24_000)
    if stated.get("normalize", False):
        yield "normalize is true: the audio is scaled before it is encoded, which is not done here"
    if stated.get("chunk_length_s") is not None:
        yield (
            f"chunk_length_s is {stated['chunk_length_s']}: the audio is encoded in pieces of their own, which is not "
            "done here"
        )
    encoder = _options(model, "encoder")
    if encoder is None:
        return
    ratios = list(stated.get("upsampling_ratios", [8, 5, 4, 2]))
    yield from _differs("upsampling_ratios", ratios, list(getattr(encoder, "ratios", ratios)))
    causal = bool(stated.get("use_causal_conv", True))
    yield from _differs("use_causal_conv", causal, bool(getattr(encoder, "causal", causal)))
    norm = str(stated.get("norm_type", "weight_norm"))
    yield from _differs("norm_type", norm, str(getattr(encoder, "norm", norm)))


def _dac(stated: Mapping[str, Any], model: Any) -> Iterator[str]:
    """DacConfig of transformers."""
    yield from _common(stated, model, 16_000)


def _common(stated: Mapping[str, Any], model: Any, rate: int) -> Iterator[str]:
    yield from _differs("sampling_rate", int(stated.get("sampling_rate", rate)), model.sample_rate)
    yield from _differs("audio_channels", int(stated.get("audio_channels", 1)), model.in_channels)


def _differs(key: str, stated: Any, own: Any) -> Iterator[str]:
    if stated != own:
        yield f"{key} is {stated}, the model's is {own}"


def _options(model: Any, part: str) -> Any:
    """The options of a part in the model's configuration; None where it has none."""
    section = getattr(getattr(getattr(model, "config", None), "model", None), part, None)
    return getattr(section, "config", None)


RECIPES: dict[Any, Callable[[Mapping[str, Any], Any], Iterator[str]]] = {"encodec": _encodec, "dac": _dac}
"""By `model_type`."""
