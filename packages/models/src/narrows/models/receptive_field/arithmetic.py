"""The arithmetic of receptive fields: which inputs an output depends on. Needs no torch.

Every module that keeps time in order is described by a few numbers, and the numbers of a network follow from those of
its layers (Araujo et al., "Computing receptive fields of convolutional neural networks", Distill 2019; here with
fractions, so that upsampling needs no special case).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, gcd, lcm
from typing import Any, NamedTuple


class Obstacle(NamedTuple):
    """A module whose output depends on the whole clip."""

    module: Any
    """An `nn.Module`; this file knows no torch."""
    reason: str


@dataclass(frozen=True)
class ReceptiveField:
    """Output `j` depends on the inputs from `j * stride - left` to `j * stride + right`, both included.

    Lengths are in input samples. At the ends of a clip the padding of each layer stands in for inputs that do not
    exist; padding by reflection makes outputs near an end depend on inputs further inside.
    """

    stride: Fraction = Fraction(1)
    """Input samples an output: 4 for a downsampling by 4, 1/4 for an upsampling by 4."""
    left: Fraction = Fraction(0)
    right: Fraction = Fraction(0)
    period: Fraction = Fraction(1)
    """Moving the input by this much moves the output and changes nothing else."""
    head: Fraction | None = None
    """Outputs that see the start of the clip depend on inputs up to this one, because of reflection or of a first
    sample that is repeated; None where nothing looks there."""
    tail: Fraction | None = None
    """The same at the end, counted from the last input."""
    recurrences: tuple[Recurrence, ...] = ()
    """Layers that carry a state from the past, each with the field of the layers before it."""
    obstacles: tuple[Obstacle, ...] = ()
    """Modules that make chunks inexact."""

    @property
    def exact(self) -> bool:
        """Whether chunks give the result of the whole clip."""
        return not self.obstacles

    @property
    def granule(self) -> int:
        """Pieces start at multiples of this many inputs, so that strides and outputs fall on the same places."""
        return int(_common(self.period, Fraction(self.stride.numerator)))

    @property
    def mirrored(self) -> Fraction:
        """Inputs that a piece must have beyond its first, for the layers that pad with what they find at an end."""
        return _furthest(self.head, self.tail) or Fraction(0)

    @property
    def lag(self) -> Fraction:
        """How far before the last input the place of the last output may be."""
        return max(self.right, Fraction(0)) + max(self.stride - 1, Fraction(0))

    @property
    def shortest(self) -> int:
        """Inputs of a piece that is long enough for every layer."""
        return ceil(max(self.mirrored, self.left + self.right)) + 1

    @property
    def latency(self) -> int:
        """Inputs that must have come, counted from the place of an output, before it can be computed."""
        per_granule = int(self.granule / self.stride)
        return max(self.needed(j) - floor(j * self.stride) for j in range(per_granule))

    def needed(self, output: int) -> int:
        """How many inputs, from the first, must have come before an output can be computed."""
        return -(-(floor(output * self.stride + self.right) + 1) // self.granule) * self.granule

    def then(self, after: ReceptiveField) -> ReceptiveField:
        """The field of this module followed by another."""
        return ReceptiveField(
            stride=self.stride * after.stride,
            left=self.left + after.left * self.stride,
            right=self.right + after.right * self.stride,
            period=_common(self.period, after.period * self.stride),
            head=_furthest(self.head, None if after.head is None else after.head * self.stride + self.right),
            tail=_furthest(self.tail, None if after.tail is None else after.tail * self.stride + self.left + self.lag),
            recurrences=self.recurrences + tuple(r.behind(self) for r in after.recurrences),
            obstacles=self.obstacles + after.obstacles,
        )

    def beside(self, other: ReceptiveField) -> ReceptiveField:
        """The field of two branches that read the same input and whose outputs are added or joined.

        Raises:
            ValueError: the branches differ in stride.
        """
        if self.stride != other.stride:
            raise ValueError(f"Branches of different stride, {self.stride} and {other.stride}, cannot be added")
        return ReceptiveField(
            stride=self.stride,
            left=max(self.left, other.left),
            right=max(self.right, other.right),
            period=_common(self.period, other.period),
            head=_furthest(self.head, other.head),
            tail=_furthest(self.tail, other.tail),
            recurrences=self.recurrences + other.recurrences,
            obstacles=self.obstacles + other.obstacles,
        )

    def approximated(self, context: int) -> ReceptiveField:
        """This field with a context chosen by hand, for modules that cannot be exact."""
        return replace(self, left=Fraction(context), right=Fraction(context), obstacles=())


class Recurrence(NamedTuple):
    """A layer that carries a state, and the field of all layers before it."""

    module: Any
    before: ReceptiveField

    def behind(self, field: ReceptiveField) -> Recurrence:
        """The same layer with more before it."""
        return Recurrence(self.module, field.then(self.before))


def pointwise() -> ReceptiveField:
    """The field of a module that works on each sample alone."""
    return ReceptiveField()


def obstacle(module: Any, reason: str) -> ReceptiveField:
    """The field of a module that depends on the whole clip."""
    return ReceptiveField(obstacles=(Obstacle(module, reason),))


def recurrent(module: Any) -> ReceptiveField:
    """The field of a layer that carries a state from the past.

    It has a method `advance(x, state)`, and its `forward` asks `narrows.models.blocks.carried.carried(self)` first.
    """
    return ReceptiveField(recurrences=(Recurrence(module, ReceptiveField()),))


def convolution(kernel: int, stride: int = 1, dilation: int = 1, pad: int = 0, mirrored: int = 0) -> ReceptiveField:
    """The field of a convolution or pooling.

    Args:
        kernel: taps.
        stride: input samples an output.
        dilation: input samples between taps.
        pad: samples padded on the left.
        mirrored: samples padded by reflection, on either side.
    """
    right = (kernel - 1) * dilation - pad
    # The first output may see nothing but padding; the layer before must still have something to pad.
    reach = Fraction(mirrored) if mirrored or right < 0 else None
    return ReceptiveField(Fraction(stride), Fraction(pad), Fraction(right), Fraction(stride), head=reach, tail=reach)


def transposed(kernel: int, stride: int = 1, dilation: int = 1, trim: int = 0) -> ReceptiveField:
    """The field of a transposed convolution.

    Args:
        kernel: taps.
        stride: output samples an input.
        dilation: output samples between taps.
        trim: outputs cut off on the left; torch calls it padding.
    """
    reach = (kernel - 1) * dilation - trim
    return ReceptiveField(stride=Fraction(1, stride), left=Fraction(reach, stride), right=Fraction(trim, stride))


def padding(left: int, mirrored: int = 0) -> ReceptiveField:
    """The field of a layer that puts samples before the first; a negative number cuts them off.

    The padding at an end may be the last sample there, so a piece up to that end needs at least that sample.
    """
    return ReceptiveField(left=Fraction(left), right=Fraction(-left), head=Fraction(mirrored), tail=Fraction(mirrored))


def frames(size: int) -> ReceptiveField:
    """The field of what turns every `size` samples into one frame, as patching does."""
    return convolution(size, size)


def unframes(size: int) -> ReceptiveField:
    """The field of what turns each frame into `size` samples."""
    return transposed(size, size)


def _furthest(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    """The greater one, where None is none."""
    return max((x for x in (a, b) if x is not None), default=None)


def _common(a: Fraction, b: Fraction) -> Fraction:
    """The least common multiple of two fractions."""
    return Fraction(lcm(a.numerator, b.numerator), gcd(a.denominator, b.denominator))
