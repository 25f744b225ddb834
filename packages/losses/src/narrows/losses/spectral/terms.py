"""All spectral terms of a training step from one set of transforms.

stable-audio-tools transforms every signal anew for each term: for stereo, four channels' worth of transforms for sum
and difference and again for left and right, and with a teacher again for each comparison. Here a resolution
transforms each channel of each signal once, and every term takes what it needs from that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from narrows.losses.base import Info, LossModule, lookup
from narrows.losses.spectral.multi import MultiResolutionSTFTLoss, difference_view, sum_view

VIEWS: dict[str, Callable[[Sequence[Tensor]], Tensor]] = {
    "all": lambda channels: torch.cat(list(channels)),
    "sum": sum_view,
    "difference": difference_view,
    "left": lambda channels: channels[0],
    "right": lambda channels: channels[1],
}
"""What a term looks at: from spectra of the channels, each `(B, F, L)`, to `(N, F, L)`."""


@dataclass(frozen=True)
class Comparison:
    """A term: two signals and what of them is compared."""

    name: str
    """Name in logs."""
    input_key: str
    """Entry of the info that is judged."""
    target_key: str
    """Entry that it should be like."""
    views: tuple[tuple[str, float], ...]
    """Views (see `VIEWS`) and their factors."""


class SpectralTerms(LossModule):
    """Several spectral comparisons with one weight.

    The loss sees the target first, as in stable-audio-tools (see `AuralossLoss`).

    Args:
        loss: resolutions and distances.
        comparisons: the terms.
        weight: factor of all.
        decay: factor of the weight at every step.
        name: name of the sum, which `forward` gives.
    """

    def __init__(
        self,
        loss: MultiResolutionSTFTLoss,
        comparisons: Sequence[Comparison],
        weight: float = 1.0,
        decay: float = 1.0,
        name: str = "spectral_loss",
    ) -> None:
        super().__init__(name, weight, decay)
        self.loss = loss
        self.comparisons = tuple(comparisons)

    def value(self, info: Info) -> Tensor:
        """Sum of the terms."""
        return torch.stack(list(self._values(info).values())).sum()

    def terms(self, info: Info) -> dict[str, Tensor]:
        """Each weighted term by name."""
        return {name: self.weight * value for name, value in self._values(info).items()}

    def _values(self, info: Info) -> dict[str, Tensor]:
        keys = {key for comparison in self.comparisons for key in (comparison.input_key, comparison.target_key)}
        signals = {key: self.loss.prefilter(lookup(info, key)) for key in keys}
        values = {comparison.name: torch.zeros(()) for comparison in self.comparisons}
        count = len(self.loss.resolutions)
        for resolution in self.loss.resolutions:
            # Channels are parted once: each selection would bring an array of zeros back.
            spectra = {key: resolution.transform(signal).unbind(1) for key, signal in signals.items()}  # type: ignore[operator]
            for comparison in self.comparisons:
                x, y = spectra[comparison.target_key], spectra[comparison.input_key]
                for view, factor in comparison.views:
                    part: Tensor = resolution.compare(VIEWS[view](x), VIEWS[view](y))  # type: ignore[operator]
                    values[comparison.name] = values[comparison.name].to(part.device) + factor / count * part
        return values
