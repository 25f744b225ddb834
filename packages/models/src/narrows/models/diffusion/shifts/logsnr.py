"""Times uniform in the logarithm of signal over noise, which starts lower for longer sequences.

After stable-audio-3. The ratio is that of amplitudes, `(1 - t) / t`.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from narrows.configs import LogSNRShiftConfig
from narrows.models.diffusion.shifts import build_shift
from narrows.models.diffusion.shifts.base import checked_length


class LogSNRShift:
    """The times between 0 and 1 spread over the logarithm, 0 and 1 themselves kept: both are jumped to.

    Args:
        anchor_length: in latent frames.
        anchor_logsnr: where noise starts at `anchor_length`.
        rate: how much lower it starts when the length doubles.
        logsnr_end: where the jump to the signal starts; above the start.
    """

    def __init__(
        self, anchor_length: int = 2000, anchor_logsnr: float = -6.2, rate: float = 1.0, logsnr_end: float = 2.0
    ) -> None:
        self.anchor_length, self.anchor_logsnr = anchor_length, anchor_logsnr
        self.rate, self.logsnr_end = rate, logsnr_end

    def logsnr_start(self, length: int) -> float:
        """Where noise starts at a length; above the end at a few frames, where times would be turned around."""
        return self.anchor_logsnr - self.rate * math.log2(checked_length(length) / self.anchor_length)

    def shift(self, time: Tensor, length: int) -> Tensor:
        """See `Shift`."""
        logsnr = self.logsnr_end - time * (self.logsnr_end - self.logsnr_start(length))
        inner = torch.sigmoid(-logsnr)
        return torch.where(time <= 0, 0.0, torch.where(time >= 1, 1.0, inner))

    def unshift(self, time: Tensor, length: int) -> Tensor:
        """See `Shift`."""
        return (self.logsnr_end + torch.logit(time)) / (self.logsnr_end - self.logsnr_start(length))


@build_shift.register
def _(config: LogSNRShiftConfig) -> LogSNRShift:
    return LogSNRShift(**config.model_dump(exclude={"type"}))
