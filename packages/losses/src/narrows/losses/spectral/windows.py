"""Analysis windows by name."""

from __future__ import annotations

import torch
from torch import Tensor

TORCH_WINDOWS = {
    "hann_window": torch.hann_window,
    "hamming_window": torch.hamming_window,
    "blackman_window": torch.blackman_window,
    "bartlett_window": torch.bartlett_window,
    "kaiser_window": torch.kaiser_window,
}


def get_window(name: str, length: int) -> Tensor:
    """A periodic window `(length,)`.

    Args:
        name: one of torch's, e.g. `hann_window`, or one of SciPy's that needs no parameter, e.g. `blackmanharris`.
        length: in samples.

    Raises:
        ValueError: there is no such window.
    """
    if name in TORCH_WINDOWS:
        return TORCH_WINDOWS[name](length)
    import scipy.signal  # half a second, which only these windows need

    try:
        return torch.from_numpy(scipy.signal.get_window(name, length)).float()
    except ValueError as error:
        known = ", ".join(TORCH_WINDOWS)
        raise ValueError(f"Unknown window {name!r}: use {known}, or a window of SciPy without parameters") from error
