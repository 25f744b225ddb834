"""Which device a command computes on, and the model on it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from narrows.cli.main import UserError


def add_device_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `--device`, `--precision` and `--compile`."""
    parser.add_argument("--device", default="auto", help="auto (the default), cpu, cuda, cuda:1, mps ...")
    parser.add_argument(
        "--precision",
        choices=["float32", "bfloat16", "float16"],
        default="float32",
        help="arithmetic; the shorter ones are faster and change the result a little (default float32)",
    )
    parser.add_argument("--compile", action="store_true", help="compile the model first; pays for long work")


def add_channel_argument(parser: argparse.ArgumentParser) -> None:
    """Declare `--channel-policy`."""
    parser.add_argument(
        "--channel-policy",
        choices=["error", "duplicate", "downmix", "fold"],
        help="for audio with other channels than the model's (default: what the model's configuration says)",
    )


def add_chunk_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `--chunk-size` and `--overlap`."""
    parser.add_argument(
        "--chunk-size", type=_count, metavar="FRAMES", help="latent frames to compute at a time (default 512)"
    )
    parser.add_argument(
        "--overlap",
        type=int,
        metavar="FRAMES",
        help="latent frames of context, for models that cannot be chunked exactly; without it they take a file whole",
    )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a number of frames of at least 1, got {text}")
    return int(text)


def choose_device(name: str) -> str:
    """The device to use; `auto` takes a GPU where there is one."""
    import torch

    if name == "auto":
        available = torch.accelerator.current_accelerator(check_available=True)
        return "cpu" if available is None else available.type
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        raise UserError(f"The device {name!r} is not there: {str(error).splitlines()[0]}") from error
    return name


def load_model_on(path: Path, arguments: argparse.Namespace, device: Any = None) -> Any:
    """The codec of a save_model folder or training checkpoint, on its device and prepared; what was done is printed.

    Args:
        path: of the model.
        arguments: of `add_device_arguments`, and maybe of `add_channel_argument`.
        device: in place of `--device`, for a model that another process works with; nothing is printed then.

    Raises:
        NotACodecError: the model does not encode audio.
    """
    import torch

    from narrows.models import audio_codec, load_model
    from narrows.models.inference import prepare_for_inference

    if not path.exists():
        raise UserError(f"No such model: {path}")
    place = choose_device(arguments.device) if device is None else device
    model: Any = audio_codec(load_model(path))
    model.to(place)
    prepared = prepare_for_inference(model, getattr(torch, arguments.precision), arguments.compile)
    if getattr(arguments, "channel_policy", None):
        model.channel_policy = arguments.channel_policy
    if device is None:
        print(f"Computing on {place} in {prepared}.", file=sys.stderr)
    return model


def load_language_model_on(path: Path, arguments: argparse.Namespace, device: Any = None) -> Any:
    """A language model that codes tokens, on its device; in float32, whatever the codec works in.

    Args:
        path: of the model.
        arguments: of `add_device_arguments`.
        device: in place of `--device`, for a model that another process works with.
    """
    from narrows.models import load_model

    if not path.exists():
        raise UserError(f"No such model: {path}")
    return load_model(path).to(choose_device(arguments.device) if device is None else device)


def is_language_model(path: Path) -> bool:
    """Whether a model folder or training checkpoint holds a language model, told by its configuration."""
    from narrows.models.checkpoints.sharded import is_sharded, read_values

    sharded = is_sharded(path)
    if path.is_file() or sharded:
        from narrows.models.checkpoints.reading import read_tensors
        from narrows.models.saving import config_of

        document = config_of(read_values(path) if sharded else read_tensors(path)) or {}
    else:
        file = path / "model_config.json"
        document = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return bool(document.get("model_type") == "lm")
