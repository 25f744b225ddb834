"""What the classes of other libraries share: typed parts of a model file, and tensors under other names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn
from torch.nn.utils import parametrize

from narrows.models.checkpoints.names import to_file
from narrows.models.checkpoints.sources.base import Modules, name_in_file
from narrows.models.interchange.base import InterchangeError

STATISTICS = {"revival", "averages"}
"""Modules of a quantizer that its training alone has use for."""


def autoencoder_parts(
    config: Any,
    encoder: str,
    decoder: str,
    bottleneck: str,
    kind: str,
    pretransform: str | None = None,
    pieces: bool = False,
) -> Any:
    """The section `model` of an autoencoder whose parts have given types.

    Args:
        config: typed model file.
        encoder: type of the encoder.
        decoder: type of the decoder.
        bottleneck: type of the bottleneck.
        kind: class of the other library, for messages.
        pretransform: type of the pretransform; None for none.
        pieces: whether the class can code in pieces.

    Raises:
        InterchangeError: the model has other parts.
    """
    wanted = {"encoder": encoder, "decoder": decoder, "bottleneck": bottleneck, "pretransform": pretransform}
    if config.model_type != "autoencoder":
        raise InterchangeError(f"This model is no {kind}: its model_type is {config.model_type!r}")
    parts = config.model
    given = {name: getattr(getattr(parts, name), "type", None) for name in wanted}
    if given != wanted:
        wrong = ", ".join(
            f"{name} is {given[name]!r}, not {want!r}" for name, want in wanted.items() if given[name] != want
        )
        raise InterchangeError(f"This model is no {kind}: {wrong}")
    if parts.pieces is not None and not pieces:
        raise InterchangeError(f"This model is no {kind}: it codes in pieces (/model/pieces)")
    return parts


def renamed(state: dict[str, Tensor], modules: Modules) -> dict[str, Tensor]:
    """Tensors under the names of another library; all of them have one."""
    named = {}
    for name, tensor in state.items():
        theirs = name_in_file(modules, name)
        if theirs is None:
            raise InterchangeError(f"{name} has no name there")
        named[theirs] = tensor
    return named


def stored(model: nn.Module) -> dict[str, Tensor]:
    """The tensors of a model without those of training alone: how often codes were chosen, and by what."""
    return {name: tensor for name, tensor in model.state_dict().items() if not STATISTICS & {*name.split(".")}}


def normalised(model: nn.Module) -> dict[str, Tensor]:
    """The tensors of a model with weight normalisation as in files, `weight_g` and `weight_v`."""
    return to_file(stored(model))


def folded(model: nn.Module) -> dict[str, Tensor]:
    """The tensors of a model with weight normalisation multiplied out."""
    products = dict(_products(model))
    kept = {name: tensor for name, tensor in stored(model).items() if ".parametrizations." not in name}
    return kept | products


def _products(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    for name, module in model.named_modules():
        if parametrize.is_parametrized(module):
            for parameter in module.parametrizations:
                yield f"{name}.{parameter}", getattr(module, parameter)
