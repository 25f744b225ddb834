"""Normalisation of spectrograms, and of weights, real and complex.

A complex number is whitened as the pair of its parts: the 2x2 matrix of their variances and covariance is made the
identity, which a division by one deviation would not do (Trabelsi et al., "Deep complex networks", ICLR 2018,
section 3.5). Names and shapes of the parameters are those of complexPyTorch 0.4 and EulerAudioBackbone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize

from narrows.models.receptive_field import ReceptiveField, obstacle, pointwise

Norm = Literal["none", "weight_norm", "spectral_norm", "time_layer_norm", "layer_norm", "time_group_norm", "batch_norm"]


class ComplexWeightNorm(nn.Module):
    """A complex weight as `g · v / ||v||` with a real `g` (Salimans & Kingma 2016).

    The norm runs over the first axis, not over all others as in torch: one `g` for each input channel and tap.
    EulerAudioBackbone does so, and its weights are stored so.
    """

    def forward(self, g: Tensor, v: Tensor) -> Tensor:
        """The weight of its parts."""
        length: Tensor = torch.linalg.vector_norm(v, dim=0, keepdim=True)
        return g * (v / length.clamp_min(1e-12))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        """The parts of a weight."""
        return torch.linalg.vector_norm(weight, dim=0, keepdim=True), weight


class ChannelNorm(nn.Module):
    """Layer normalisation over the channels at each place.

    Shape:
        real `(B, C, ...)` → `(B, C, ...)`
    """

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels, eps)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise."""
        out: Tensor = self.norm(x.movedim(1, -1))
        return out.movedim(-1, 1)

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return pointwise()


class ComplexNorm(nn.Module):
    """Whitening, then a learned symmetric 2x2 matrix and offset for each channel.

    The weight starts at `1/√2` on the diagonal, so that the output has unit power.

    Shape:
        complex `(B, C, ...)` → `(B, C, ...)`
    """

    # `weight` holds rr, ii and ri; `bias` the real and imaginary part.
    def __init__(self, channels: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.tensor([0.5, 0.5, 0.0]).sqrt().expand(channels, 3).clone())
        self.bias = nn.Parameter(torch.zeros(channels, 2))

    def _affine(self, x: Tensor) -> Tensor:
        shape = (1, -1) + (1,) * (x.dim() - 2)
        rr, ii, ri = (column.view(shape) for column in self.weight.unbind(1))
        real, imaginary = (column.view(shape) for column in self.bias.unbind(1))
        return torch.complex(rr * x.real + ri * x.imag + real, ri * x.real + ii * x.imag + imaginary)


class ComplexChannelNorm(ComplexNorm):
    """Complex layer normalisation over the channels at each place."""

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__(channels, eps)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise."""
        return self._affine(whiten(x, *moments(x, (1,)), self.eps))

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return pointwise()


class ComplexGroupNorm(ComplexNorm):
    """Complex group normalisation over channels and places (Wu & He 2018).

    Args:
        channels: channels.
        num_groups: groups, a divisor of the channels.
        eps: added to the variances.
    """

    def __init__(self, channels: int, num_groups: int = 1, eps: float = 1e-4) -> None:
        super().__init__(channels, eps)
        if channels % num_groups:
            raise ValueError(f"num_groups must divide the {channels} channels, got {num_groups}")
        self.num_groups = num_groups

    def forward(self, x: Tensor) -> Tensor:
        """Normalise."""
        groups = torch.unflatten(x, 1, (self.num_groups, -1))
        axes = tuple(range(2, groups.dim()))
        return self._affine(whiten(groups, *moments(groups, axes), self.eps).flatten(1, 2))

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        return obstacle(self, "normalises over the whole clip")


class ComplexBatchNorm(ComplexNorm):
    """Complex batch normalisation, with running means and covariances for evaluation.

    Args:
        channels: channels.
        eps: added to the variances.
        momentum: share of a batch in the running statistics.
    """

    running_mean: Tensor
    running_covar: Tensor
    num_batches_tracked: Tensor

    def __init__(self, channels: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__(channels, eps)
        self.momentum = momentum
        self.register_buffer("running_mean", torch.zeros(channels, dtype=self.bias.dtype.to_complex()))
        self.register_buffer("running_covar", torch.tensor([0.5, 0.5, 0.0]).repeat(channels, 1))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise by the batch in training, by what was counted in evaluation."""
        shape = (1, -1) + (1,) * (x.dim() - 2)
        if self.training:
            axes = (0, *range(2, x.dim()))
            mean, covariance = moments(x, axes)
            self._count(mean, covariance, x.numel() // x.shape[1])
        else:
            mean = self.running_mean.view(shape)
            rr, ii, ri = (part.view(shape) for part in self.running_covar.unbind(1))
            covariance = (rr, ii, ri)
        return self._affine(whiten(x, mean, covariance, self.eps))

    def receptive_field(self) -> ReceptiveField:
        """See `narrows.models.receptive_field`."""
        if self.training:
            return obstacle(self, "normalises over the clip while training; call eval() first")
        return pointwise()

    @torch.no_grad()
    def _count(self, mean: Tensor, covariance: Sequence[Tensor], count: int) -> None:
        self.num_batches_tracked += 1
        unbiased = torch.stack([part.flatten() for part in covariance], dim=1) * (count / max(1, count - 1))
        self.running_mean.lerp_(mean.flatten(), self.momentum)
        self.running_covar.lerp_(unbiased, self.momentum)


def moments(x: Tensor, axes: Sequence[int]) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
    """Mean of complex values, and the variances and covariance of their parts: rr, ii, ri."""
    mean = x.mean(dim=tuple(axes), keepdim=True)
    real, imaginary = (x - mean).real, (x - mean).imag
    products = (real * real, imaginary * imaginary, real * imaginary)
    rr, ii, ri = (product.mean(dim=tuple(axes), keepdim=True) for product in products)
    return mean, (rr, ii, ri)


def whiten(x: Tensor, mean: Tensor, covariance: Sequence[Tensor], eps: float) -> Tensor:
    """Complex values whose parts have the unit matrix for covariance.

    Multiplies by the inverse square root of the 2x2 covariance, in closed form.
    """
    rr, ii, ri = covariance[0] + eps, covariance[1] + eps, covariance[2]
    # The determinant of the plain covariance is never negative but for rounding; eps keeps the sum positive.
    root = (rr * ii - ri * ri).clamp_min(eps * eps).sqrt()
    scale = 1 / (root * (rr + ii + 2 * root).sqrt())
    centred = x - mean
    real, imaginary = centred.real, centred.imag
    return torch.complex(((ii + root) * real - ri * imaginary) * scale, ((rr + root) * imaginary - ri * real) * scale)


def weight_norm_of(layer: nn.modules.conv._ConvNd, norm: Norm) -> nn.Module:
    """A layer whose weight is normalised, where `norm` is one of weights."""
    # `time_layer_norm` is missing on purpose: the reference accepts it and does nothing.
    if norm == "spectral_norm":
        return parametrizations.spectral_norm(layer)  # of complex weights as well
    if norm != "weight_norm":
        return layer
    if layer.weight.is_complex():
        parametrize.register_parametrization(layer, "weight", ComplexWeightNorm())
        return layer
    weighted: nn.Module = parametrizations.weight_norm(layer)
    return weighted


def output_norm(norm: Norm, layer: nn.modules.conv._ConvNd, params: dict[str, Any]) -> nn.Module | None:
    """The normalisation of a convolution's output; None where `norm` is not one of outputs.

    Args:
        norm: its name.
        layer: the convolution.
        params: `eps`, and `num_groups` of `time_group_norm`; None is the usual value.
    """
    channels, is_complex = layer.out_channels, layer.weight.is_complex()
    given = {key: value for key, value in params.items() if value is not None}
    groups = given.pop("num_groups", 1)
    if norm == "layer_norm":
        return ComplexChannelNorm(channels, **given) if is_complex else ChannelNorm(channels, **given)
    if norm == "time_group_norm":
        return ComplexGroupNorm(channels, groups, **given) if is_complex else nn.GroupNorm(groups, channels, **given)
    if norm == "batch_norm":
        if is_complex:
            return ComplexBatchNorm(channels, **given)
        one_axis = isinstance(layer, nn.Conv1d)
        return nn.BatchNorm1d(channels, **given) if one_axis else nn.BatchNorm2d(channels, **given)
    return None
