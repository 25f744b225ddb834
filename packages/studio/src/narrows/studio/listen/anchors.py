"""The anchors of MUSHRA: the reference, low-passed (ITU-R BS.1534-3, section 5.1)."""

from __future__ import annotations

import numpy as np
import torch
from scipy import signal
from torch import Tensor

ANCHORS = {"anchor 3.5 kHz": 3500.0, "anchor 7 kHz": 7000.0}
"""Pass bands by name: the low anchor and the mid anchor."""
STOP = 4.0 / 3.5
"""Where the stop band begins, relative to the pass band: 4 kHz for 3.5 kHz."""
ATTENUATION = 60.0
"""In dB, behind it; the recommendation asks for 25 dB at 4 kHz and 50 dB at 4.5 kHz, and for a ripple below 0.1 dB."""


def anchor(reference: Tensor, sample_rate: int, band: float) -> Tensor | None:
    """A reference `(C, T)` without what lies above a pass band in Hz; None where the rate has no room for it."""
    stop = band * STOP
    if stop >= sample_rate / 2:
        return None
    width = (stop - band) / (sample_rate / 2)
    taps, beta = signal.kaiserord(ATTENUATION, width)
    taps |= 1  # a whole number of samples of delay, which `same` takes away
    kernel = signal.firwin(taps, (band + stop) / 2, window=("kaiser", beta), fs=sample_rate)
    filtered = [np.convolve(row, kernel, mode="full")[taps // 2 :][: len(row)] for row in reference.double().numpy()]
    return torch.from_numpy(np.stack(filtered)).to(reference)
