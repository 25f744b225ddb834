"""Components of models by configuration: encoders, decoders, bottlenecks, pretransforms and diffusion backbones.

Each function validates, imports the file named after the type, builds, and freezes what asks for it. A configuration
can name only types of the schemas, so it can never import an arbitrary module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel
from torch import nn

from narrows.configs import NarrowsError, load_config
from narrows.models.bottlenecks import Bottleneck, build_bottleneck
from narrows.models.decoders import build_decoder
from narrows.models.diffusion.backbones import Backbone, build_backbone
from narrows.models.encoders import build_encoder
from narrows.models.pickling import make_picklable
from narrows.models.pretransforms import Pretransform, build_pretransform

Module = TypeVar("Module", bound=nn.Module)
Config = Mapping[str, Any] | str | Path | BaseModel


class NotAvailableError(NarrowsError, NotImplementedError):
    """A valid configuration of something that this version cannot build."""


def create_encoder_from_config(config: Config) -> nn.Module:
    """Build an encoder."""
    return _component("encoder", build_encoder, config)


def create_decoder_from_config(config: Config) -> nn.Module:
    """Build a decoder."""
    return _component("decoder", build_decoder, config)


def create_bottleneck_from_config(config: Config) -> Bottleneck:
    """Build a bottleneck."""
    return _component("bottleneck", build_bottleneck, config)


def create_pretransform_from_config(config: Config, sample_rate: int) -> Pretransform:
    """Build a pretransform, frozen unless its configuration says `enable_grad`.

    Args:
        config: a typed configuration, a dictionary or the path of a file.
        sample_rate: of the audio, in Hz.
    """
    typed = _typed("pretransform", config)
    pretransform = build_pretransform(typed, sample_rate)
    make_picklable(pretransform)
    return pretransform.freeze(typed.enable_grad)


def optional_bottleneck(config: Any) -> Bottleneck | None:
    """The bottleneck of a typed section, or None where there is none."""
    return None if config is None else create_bottleneck_from_config(config)


def optional_pretransform(config: Any, sample_rate: int) -> Pretransform | None:
    """The pretransform of a typed section, or None where there is none."""
    return None if config is None else create_pretransform_from_config(config, sample_rate)


def create_backbone(config: Any, objective: Any = None) -> Backbone:
    """Build the backbone of a diffusion model from its typed section."""
    import_module(f"narrows.models.diffusion.backbones.{config.type.lower()}")
    return build_backbone(config, objective)


def _component(family: str, build: Callable[[Any], Module], config: Config) -> Module:
    typed = _typed(family, config)
    module = build(typed)
    make_picklable(module)
    if not typed.requires_grad:
        module.requires_grad_(False)
    return module


def _typed(family: str, config: Config) -> Any:
    """The typed configuration, after the import of the file that builds it."""
    typed = load_config(config, family)
    name = f"narrows.models.{family}s.{typed.type.lower()}"
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise NotAvailableError(f"The {family} type {typed.type!r} is not available in this version") from error
    return typed
