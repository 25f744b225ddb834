"""Windows over a sound that is longer than a model was trained for, or that has no beginning and no end.

The model sees a window at a time; what it says of a frame in several windows is averaged (MultiDiffusion, Bar-Tal et
al. 2023, arXiv:2302.08113), a window counting the less the nearer the frame is to the window's ends. The windows of a
loop go around it, so that no frame is the first: where the number of windows divides that of the loop's frames, noise
that is rotated by the distance of two windows gives the rotated loop.

Letters: B batch, D channels that are diffused, L frames of the sound, W frames of a window.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from narrows.models.diffusion.conditions import CONDITION, NEGATIVE, Inputs, Place, mapped

Part = Callable[[Tensor, Tensor, Inputs, Any], tuple[Tensor, Mapping[str, Tensor]]]
"""What a model says of `(B, D, W)` at times `(B,)` with its inputs, guided in a way of its own or None."""
TIMED: tuple[Place, ...] = ("concat", "local", "modular")
"""Places of conditions that have a value a frame."""


@dataclass(frozen=True)
class Windows:
    """Where windows lie.

    Args:
        frames: L.
        size: W, what the network takes.
        loop: the last frame is followed by the first.
    """

    frames: int
    size: int
    loop: bool = False

    def __post_init__(self) -> None:
        if self.frames < 1 or self.size < 1 or (self.size > self.frames and not self.loop):
            raise ValueError(f"Windows of {self.size} frames do not fit {self.frames} frames")

    @property
    def starts(self) -> list[int]:
        """First frames: half a window apart at most, so that every frame but those at the ends is in two windows."""
        hop = max(1, self.size // 2)
        if self.loop:
            count = min(self.frames, max(2, -(-self.frames // hop)))
            return [round(self.frames * index / count) for index in range(count)]
        last = self.frames - self.size
        count = -(-last // hop) + 1
        return [round(last * index / max(1, count - 1)) for index in range(count)]

    def places(self, start: int) -> Tensor:
        """Frames `(W,)` of a window; those of a short loop come several times."""
        return (start + torch.arange(self.size)) % self.frames

    @property
    def weights(self) -> Tensor:
        """How much each frame of a window counts, `(W,)`: a triangle above 0."""
        rise = torch.arange(1, self.size + 1, dtype=torch.float64)
        return torch.minimum(rise, rise.flip(0)) / self.size


def windowed(part: Part, inputs: Inputs, windows: Windows, guidance: Any = None) -> Any:
    """A predictor of the whole sound, of one that sees windows.

    Args:
        part: the model, of a window.
        inputs: conditions of the whole sound; those with a value a frame are cut like it.
        windows: where they lie.
        guidance: kind of guidance; what it remembers of earlier steps, it does a window.

    Returns:
        A function of `(B, D, L)` and `(B,)`, which gives a pair of `(B, D, L)` and what else is `(B, D, L)`.
    """
    starts = windows.starts
    kinds = [deepcopy(guidance) for _ in starts]
    places = [windows.places(start) for start in starts]
    every = [cut(inputs, windows.frames, place) for place in places]
    total = torch.zeros(windows.frames, dtype=torch.float64)
    for place in places:
        total.index_add_(0, place, windows.weights)

    def predict(x: Tensor, t: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        sums: dict[str, Tensor] = {}
        weights, shares = windows.weights.to(x), total.to(x)
        for place, given, kind in zip(places, every, kinds, strict=True):
            moved = place.to(x.device)
            out, info = part(x[..., moved], t, given, kind)
            for name, value in {"": out, **_like(info, out)}.items():
                whole = sums.setdefault(name, torch.zeros_like(x))
                whole.index_add_(-1, moved, value.to(x) * weights)
        made = {name: value / shares for name, value in sums.items()}
        return made.pop(""), made

    return predict


def cut(inputs: Inputs, frames: int, places: Tensor) -> Inputs:
    """Conditions of some frames; what has another length than the sound is stretched to it first, as backbones do."""

    def taken(value: Tensor) -> Tensor:
        whole = value if value.shape[-1] == frames else F.interpolate(value, frames, mode="nearest")
        return whole[..., places.to(value.device)]

    timed = {prefix + CONDITION[place] for place in TIMED for prefix in ("", NEGATIVE)}
    given = {name: value for name, value in inputs.items() if value is not None}
    return {name: mapped({name: value}, taken)[name] if name in timed else value for name, value in given.items()}


def _like(info: Mapping[str, Any], out: Tensor) -> dict[str, Tensor]:
    return {name: value for name, value in info.items() if isinstance(value, Tensor) and value.shape == out.shape}
