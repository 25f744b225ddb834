"""Pickling of models whose layers have normalised weights, so that they can be sent to a spawned process.

torch gives every parametrized layer a class of its own, which other processes do not know, and refuses to pickle it.
Here the layer is made anew there and gets its state. Reading such a file runs code, as with every pickle: to keep or
pass on a model, `save_model` and `load_model` are the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import _WeightNorm, weight_norm


def make_picklable(model: nn.Module) -> nn.Module:
    """Let `pickle`, `torch.save` and `multiprocessing` take a model; device, type, mode and sharing are kept."""
    for module in model.modules():
        if parametrize.is_parametrized(module):
            # The class is that of this layer alone. Deep copies do not come here: torch gives it a `__deepcopy__`.
            type(module).__reduce_ex__ = _reduce  # type: ignore[assignment, method-assign]
    return model


def _reduce(module: nn.Module, protocol: Any) -> tuple[Any, ...]:
    # torch's hook that reads old names of weight norm is a local function; the new layer gets its own.
    left = ("_compiled_call_impl", "_load_state_dict_pre_hooks")
    state = {name: value for name, value in vars(module).items() if name not in left}
    normalised = {
        name: isinstance(parametrizations[0], _WeightNorm)
        for name, parametrizations in module.parametrizations.items()  # type: ignore[operator, union-attr]
    }
    return _layer, (type(module).__bases__[0], normalised), state


def _layer(cls: type[nn.Module], normalised: Mapping[str, bool]) -> nn.Module:
    """A layer with the parametrized class that torch makes; everything else in it is replaced by the state.

    Args:
        cls: of the layer without parametrizations.
        normalised: parametrized weights, and whether by weight norm.
    """
    layer = cls.__new__(cls)
    nn.Module.__init__(layer)
    for name, by_weight_norm in normalised.items():
        layer.register_parameter(name, nn.Parameter(torch.ones(1, 1)))
        if by_weight_norm:
            weight_norm(layer, name)
        else:
            parametrize.register_parametrization(layer, name, nn.Identity())
    return make_picklable(layer)
