"""Models of transformers and diffusers from local folders: only classes of the libraries, only safetensors."""

from __future__ import annotations

from contextlib import nullcontext
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import nn

from narrows.configs import NarrowsError
from narrows.models.bridge.features import FRONT_ENDS
from narrows.models.extras import extra_module, loaded, quiet
from narrows.models.interchange.base import CONFIG, read_json

FLOATS = {"F64", "F32", "F16", "BF16"}
"""Types of weights, as safetensors calls them."""


class BridgeError(NarrowsError, ValueError):
    """A folder whose model cannot stand for a codec."""


def is_bridged_folder(folder: Path) -> bool:
    """Whether a folder may be of a class of transformers or diffusers, by its config.json alone."""
    if not folder.is_dir():
        return False
    config = read_json(folder / CONFIG)
    return "_class_name" in config or bool(config.get("architectures"))


def read_network(folder: Path) -> nn.Module:
    """The network of a folder, in float32 and eval mode, without gradients.

    Code that a folder brings is never run, and nothing is fetched.

    Args:
        folder: with a `config.json` and weights in safetensors.

    Raises:
        BridgeError: there is no such folder, its class is unknown to the installed library, or its weights do not fit.
        MissingExtraError: the library is not installed.
    """
    config = read_json(folder / CONFIG)
    if not config:
        raise BridgeError(f"{folder} is no folder that transformers or diffusers wrote: it has no {CONFIG}")
    if not sorted(folder.glob("*.safetensors")):
        raise BridgeError(f"{folder} holds no weights in safetensors; other files are not read: save it again in that")
    of_diffusers = "_class_name" in config
    options: dict[str, Any] = {"local_files_only": True, "use_safetensors": True, "output_loading_info": True}
    options["torch_dtype" if of_diffusers else "dtype"] = torch.float32

    def load() -> nn.Module:
        kind = _of_diffusers(config) if of_diffusers else _of_transformers(config, folder)
        with nullcontext() if of_diffusers else quiet():
            network, info = kind.from_pretrained(str(folder), **options)
        _check(info, kind.__name__, folder)
        _check_kinds(network, folder)
        return network.float().eval().requires_grad_(False)  # type: ignore[no-any-return]

    try:
        return loaded(load)
    except (OSError, ImportError, RuntimeError, TypeError, ValueError, KeyError) as error:
        if isinstance(error, NarrowsError):
            raise
        raise BridgeError(f"Cannot read the model in {folder}: {' '.join(str(error).split())}") from error


def _of_diffusers(config: dict[str, Any]) -> Any:
    name = str(config["_class_name"])
    extra_module("diffusers", "diffusers")
    kind = getattr(import_module("diffusers.models.autoencoders"), name, None)
    if kind is None or not (hasattr(kind, "encode") and hasattr(kind, "decode")):
        raise BridgeError(f"The installed diffusers has no autoencoder {name}")
    return kind


def _of_transformers(config: dict[str, Any], folder: Path) -> Any:
    transformers = extra_module("transformers", "text")
    names = config.get("architectures") or [None]
    kind: Any = getattr(transformers, str(names[0]), None)
    if not (isinstance(kind, type) and issubclass(kind, transformers.PreTrainedModel)):
        kind = _by_type(transformers, str(config.get("model_type")))
    if kind is None:
        raise BridgeError(
            f"The installed transformers has no class {names[0]} (model_type {config.get('model_type')!r}); code in "
            f"{folder} is never run"
        )
    if not (hasattr(kind, "encode") and hasattr(kind, "decode") and kind.main_input_name == "input_values"):
        raise BridgeError(f"{kind.__name__} does not encode and decode audio")
    required = [name for name, given in signature(kind.encode).parameters.items() if given.default is Parameter.empty]
    made = {"kwargs", *(["input_features"] if kind.config_class.model_type in FRONT_ENDS else [])}
    if further := [name for name in required[2:] if name not in made]:
        raise BridgeError(f"{kind.__name__} needs {', '.join(further)} besides audio, which nothing makes here")
    return kind


def _by_type(transformers: Any, model_type: str) -> Any:
    """The class of `AutoModelForAudioTokenization` for a `model_type`; None where it has none."""
    # Releases before 5 have no such list.
    names = getattr(transformers.models.auto.modeling_auto, "MODEL_FOR_AUDIO_TOKENIZATION_NAMES", {})
    return getattr(transformers, names[model_type], None) if model_type in names else None


def _check_kinds(network: nn.Module, folder: Path) -> None:
    """Refuse files of integers or of 8 bit: the libraries turn them into floating point as they are, without scales."""
    state = network.state_dict()
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, "pt") as file:
            kinds = {name: file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118  no mapping
        # Names may be older than the class's; what is no floating point there and has no counterpart is not weights.
        wrong = [
            n for n, kind in kinds.items() if kind not in FLOATS and (n not in state or state[n].is_floating_point())
        ]
        if wrong:
            raise BridgeError(
                f"{path} holds {', '.join(sorted({kinds[name] for name in wrong}))} for {', '.join(wrong[:3])}, which "
                "are no weights: turn them back into floating point where they were made"
            )


def _check(info: dict[str, Any], kind: str, folder: Path) -> None:
    """Refuse weights that are incomplete: the libraries would draw the rest at random."""
    for what, said in (("missing_keys", "lack"), ("mismatched_keys", "have another shape of")):
        if names := sorted(map(str, info.get(what) or ())):
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            raise BridgeError(f"The weights in {folder} {said} {', '.join(names[:3])}{more} of {kind}")
