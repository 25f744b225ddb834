"""Clips of different lengths in one padded batch, each with the result that it has alone.

Layers pad a clip at its end. In a padded batch a clip ends before its row does, so the padding behind the clip must be
the padding of the layer: zeros for most convolutions, the clip's own reflection for those of SEANet. While a network
runs on such a batch, hooks write that padding behind the end of each clip. They touch padding alone, so they cost
little, and act in the thread that set them alone, so that threads share a model.

This works for networks whose modules declare their structure (`narrows.models.receptive_field.structure`), as
convolutional ones do. In others, and on a CPU, which one clip keeps busy, clips of equal length run together instead
(`narrows.models.streaming.chunked`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from threading import get_ident
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from narrows.models.receptive_field import LAYER, Chain, ReceptiveField, Sum, receptive_field, structure_of
from narrows.models.receptive_field.structure import parts

PADDING = 1 / 8
"""The most of a clip's row in a batch that may be padding."""


class Network(NamedTuple):
    """The layers of a network that change the length of a clip or look beyond its ends."""

    layers: tuple[nn.Module, ...]
    reach: int
    """Frames that a clip must exceed, for those layers that reflect it."""


def padded_network(module: nn.Module) -> Network | None:
    """The layers to watch while a network runs on a padded batch; None for a network with other layers."""
    if any(part._compiled_call_impl is not None for part in module.modules()):
        return None  # Compiled code does not notice hooks.
    found = list(_layers(module))
    if not all(_known(layer) for layer in found):
        return None
    watched = tuple(layer for layer in found if structure_of(layer) == LAYER)
    return Network(watched, max((_reflected(layer) for layer in watched), default=0))


def fills_with_many(device: torch.device) -> bool:
    """Whether one clip leaves a device idle, so that several at once are worth some padding."""
    return device.type != "cpu"


def buckets(lengths: Sequence[int], reach: float = 0) -> list[list[int]]:
    """Places of clips that may share a padded batch, the shortest first.

    Args:
        lengths: in frames.
        reach: clips that are no longer than this join those of their own length only.
    """
    found: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lambda place: lengths[place]):
        length, shortest = lengths[place], lengths[found[-1][0]] if found else 0
        similar = shortest > reach and shortest >= (1 - PADDING) * length
        if shortest == length or similar:
            found[-1].append(place)
        else:
            found.append([place])
    return found


def run_padded(run: Callable[[Tensor], Tensor], network: Network, x: Tensor, missing: Sequence[int]) -> list[Tensor]:
    """The output of a network for each clip of a padded batch: `(D, L)`, of its own length.

    Args:
        run: the network, `(B, C, T)` to `(B, D, L)`; without gradients.
        network: its layers.
        x: `(B, C, T)`, of which the padding is overwritten.
        missing: inputs at the end of each row that are padding; multiples of the ratio.
    """
    ends = _Ends(x.shape[-1], missing)
    with ExitStack() as stack:
        for layer in network.layers:
            stack.enter_context(ends.watching(layer))
        out = run(x)
    length = out.shape[-1]
    return [row[..., : length - less] for row, less in zip(out, ends.missing[length], strict=True)]


class _Ends:
    """Where the clips of a batch end, layer by layer."""

    def __init__(self, length: int, missing: Sequence[int]) -> None:
        self.missing = {length: list(missing)}
        """Padding of each row of a signal, by the length of its rows: a network of known layers has one way to it."""
        self._masks: dict[int, Tensor] = {}
        self._thread = get_ident()

    @contextmanager
    def watching(self, layer: nn.Module) -> Iterator[None]:
        """While the layer runs."""
        stride = receptive_field(layer).stride

        def before(_: nn.Module, given: tuple[Tensor, ...]) -> None:
            if get_ident() != self._thread:
                return
            self._silence(given[0])

        def after(_: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
            if get_ident() != self._thread:
                return
            less = self.missing[given[0].shape[-1]]
            self.missing[out.shape[-1]] = [int(number / stride) for number in less]

        handles = [layer.register_forward_pre_hook(before), layer.register_forward_hook(after)]
        if _reflected(layer):
            inner: Any = layer.padded_by
            handles.append(inner.register_forward_pre_hook(partial(self._extend, layer)))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _silence(self, x: Tensor) -> None:
        """Put zeros behind the clips of `(B, C, T)`."""
        length = x.shape[-1]
        less = self.missing[length]
        longest = max(less)
        if not longest:
            return
        if length not in self._masks:
            places = torch.arange(longest, device=x.device)
            self._masks[length] = (places >= longest - torch.tensor(less, device=x.device)[:, None])[:, None]
        x[..., length - longest :].masked_fill_(self._masks[length], 0)

    def _extend(self, layer: Any, _: nn.Module, given: tuple[Tensor, ...]) -> None:
        """Write a layer's padding behind the clips of its padded signal."""
        if get_ident() != self._thread:
            return
        x = given[0]
        left, right = layer.pads(0)
        less = self.missing[x.shape[-1] - left - right]
        rows = [row for row, number in enumerate(less) if number]
        if not rows or not right:
            return
        step = torch.arange(right, device=x.device)
        ends = torch.tensor([x.shape[-1] - right - less[row] for row in rows], device=x.device)[:, None]
        sources = ends - 2 - step if layer.pad_mode == "reflect" else (ends - 1).expand(-1, right)
        which = torch.tensor(rows, device=x.device)[:, None]
        x[which, :, ends + step] = x[which, :, sources]


def _layers(module: nn.Module) -> Iterator[nn.Module]:
    """The modules that a network is composed of, down to those without declared parts."""
    structure = structure_of(module)
    if not isinstance(structure, Chain | Sum):
        yield module
        return
    for part in parts(module, structure):
        if part is not None:
            yield from _layers(part)


def _known(layer: nn.Module) -> bool:
    """Whether a layer keeps clips apart when zeros, or its own padding, follow them."""
    field = receptive_field(layer)
    if structure_of(layer) == LAYER:
        zeros = getattr(layer, "padding_mode", "zeros") == "zeros" and getattr(layer, "mode", "nearest") == "nearest"
        return field.exact and zeros
    return field == ReceptiveField(recurrences=field.recurrences)


def _reflected(layer: nn.Module) -> int:
    """Samples that a layer pads with, other than zeros."""
    return max(layer.pads(0)) if getattr(layer, "pad_mode", "constant") != "constant" else 0  # type: ignore[operator]
