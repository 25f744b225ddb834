"""Analysis windows by name."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

WINDOWS: dict[str, Callable[[int], Tensor]] = {
    "hann": torch.hann_window,
    "hamming": torch.hamming_window,
    "blackman": torch.blackman_window,
    "bartlett": torch.bartlett_window,
    "kaiser": torch.kaiser_window,
    "rectangular": torch.ones,
}
"""Periodic windows of a length in samples."""


def get_window(name: str, length: int) -> Tensor:
    """A periodic window `(length,)`.

    Args:
        name: one of `WINDOWS`, also in torch's spelling (`hann_window`), or a window of SciPy that needs no parameter,
            e.g. `blackmanharris`.
        length: in samples.

    Raises:
        ValueError: there is no such window.
    """
    plain = name.removesuffix("_window")
    if plain in WINDOWS:
        return WINDOWS[plain](length)
    import scipy.signal  # takes half a second, and only these windows need it

    try:
        return torch.from_numpy(scipy.signal.get_window(name, length)).float()
    except ValueError as error:
        known = ", ".join(WINDOWS)
        raise ValueError(f"Unknown window {name!r}: use {known}, or a window of SciPy without parameters") from error
