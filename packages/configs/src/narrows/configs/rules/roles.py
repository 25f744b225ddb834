"""What an option means, read from the schemas, so that no rule needs to know a type by name.

A schema marks an option with `x-role` and a component with `x-...` facts; a new type that does so is covered by the
rules without a line here.

Roles: `audio-channels` and `latent-channels` (of encoders, decoders, quantizers), `strides`, `hop` (samples a latent
frame, where there are no strides), `base-width` (of encoders that double their width with each stride and may leave it
as it is), `fold` (frames that are joined into a latent frame, whose channels and samples it multiplies),
`noise-channels`, `codebook-channels` (a number, or a list with one entry a channel) and `codebooks`; of pretransforms
`bands` (channels an audio channel becomes), `octaves` (the same as a power of two), `transform` (samples of a spectrum,
whose bins are the channels; frames are a `hop` apart) and `oversampling`; of losses `windows` (lengths of transforms)
and `centred-windows` (of those that pad the signal by half a window).
`x-order` `decoder` says of a list of strides that it runs from the latents to the audio.
Facts: `x-encoder-channels` (encoder channels a latent channel; 2 for variational bottlenecks) and `x-losses` (the
weights of `loss_configs.bottleneck` that act on what the bottleneck reports).
"""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

from pydantic import BaseModel


class Option(NamedTuple):
    """An option that has a role."""

    key: str
    value: Any


def option(options: BaseModel, role: str) -> Option | None:
    """The option with a role, or None when this type has none."""
    for name, field in type(options).model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("x-role") == role:
            return Option(field.alias or name, getattr(options, name))
    return None


def value(options: BaseModel, role: str, default: int = 0) -> int:
    """The number in the option with a role, or the default."""
    found = option(options, role)
    return default if found is None or found.value is None else int(found.value)


def latent_channels(options: BaseModel) -> Option | None:
    """The channels an encoder gives or a decoder takes, and the option that says so.

    An encoder whose `latent-channels` are null, or that has none, gives its last width: `base-width`, doubled by each
    stride.
    """
    given, fold = option(options, "latent-channels"), value(options, "fold", 1)
    if given is not None and given.value is not None:
        return Option(given.key, given.value * fold)
    base, strides = option(options, "base-width"), option(options, "strides")
    return given if base is None or strides is None else Option(base.key, base.value * 2 ** len(strides.value) * fold)


def downsampling(options: BaseModel) -> Option | None:
    """Samples a latent frame of an encoder or decoder, and the option with its strides."""
    strides = option(options, "strides")
    if strides is None:
        return option(options, "hop")
    return Option(strides.key, prod(strides.value) * value(options, "fold", 1))


def fact(component: BaseModel | None, name: str, default: Any) -> Any:
    """A fact about a component's type."""
    extra = type(component).model_config.get("json_schema_extra") if component is not None else None
    return extra.get(name, default) if isinstance(extra, dict) else default


def quantized_channels(options: BaseModel) -> Option | None:
    """How many latent channels a quantizer works on, and the option that says so."""
    direct = option(options, "latent-channels")
    if direct is not None and direct.value is not None:
        return Option(direct.key, direct.value * value(options, "fold", 1))
    each = option(options, "codebook-channels")
    if each is None:
        return None
    channels = len(each.value) if isinstance(each.value, list) else each.value
    return Option(each.key, channels * value(options, "codebooks", 1))
