"""Layers that compute in float32 inside a model of 16 bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

SIXTEEN_BIT = (torch.bfloat16, torch.float16)


class Float32Layer(nn.Module):
    """Mixed into the class of one layer: float32 within, whatever surrounds it; its state dict stays as it was.

    Inputs of 16 bit are cast up and the outputs back, autocast ends at its door, and casts to 16 bit leave its weights
    alone.
    """

    surroundings: torch.dtype | None = None
    """What the weights would be, had casts to 16 bit not left them alone: the outputs are of that type."""

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the layer computes, in float32."""
        dtypes = [x.dtype for x in (*args, *kwargs.values()) if isinstance(x, Tensor) and x.is_floating_point()]
        args, kwargs = cast(args, torch.float32), cast(kwargs, torch.float32)
        device = next((x.device.type for x in args if isinstance(x, Tensor)), "cpu")
        with torch.autocast(device, enabled=False):
            out = super().forward(*args, **kwargs)
        outside = self.surroundings or (dtypes[0] if dtypes else torch.float32)
        return cast(out, outside) if outside in SIXTEEN_BIT else out

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Any:
        def keeping(tensor: Tensor) -> Tensor:
            out = fn(tensor)
            return tensor.to(out.device, torch.float32) if out.dtype in SIXTEEN_BIT else out

        # A move to another device is told from a cast by what becomes of a tensor of the present type.
        now = fn(torch.empty(0, dtype=self.surroundings or torch.float32)).dtype
        self.surroundings = now if now in SIXTEEN_BIT else None
        return super()._apply(keeping, recurse)  # type: ignore[no-untyped-call]

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _rebuilt, (plain_class(self),), object.__getstate__(self)


def compute_in_float32(layer: nn.Module) -> None:
    """Make a layer one that computes in float32, in place."""
    outside = next((p.dtype for p in layer.parameters() if p.dtype in SIXTEEN_BIT), vars(layer).get("surroundings"))
    if not isinstance(layer, Float32Layer):
        layer.__class__ = _float32_class(type(layer))
    layer.float()
    vars(layer)["surroundings"] = outside


def plain_class(layer: nn.Module) -> type[nn.Module]:
    """The class that a layer had, or has."""
    cls = type(layer)
    return cls.__bases__[1] if isinstance(layer, Float32Layer) else cls


def cast(value: Any, dtype: torch.dtype) -> Any:
    """The tensors of 16 or 32 bit in a value, cast; dictionaries, tuples and lists are searched."""
    if isinstance(value, Tensor):
        return value.to(dtype) if value.dtype in (*SIXTEEN_BIT, torch.float32) else value
    if isinstance(value, dict):
        return {key: cast(item, dtype) for key, item in value.items()}
    if type(value) in (tuple, list):
        return type(value)(cast(item, dtype) for item in value)
    return value


def _float32_class(cls: type[nn.Module]) -> type[nn.Module]:
    return type(cls.__name__, (Float32Layer, cls), {"__module__": cls.__module__})


def _rebuilt(cls: type[nn.Module]) -> nn.Module:
    made = _float32_class(cls)
    return made.__new__(made)
