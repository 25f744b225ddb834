"""What a layer asks of torch's libraries: kernels, described so that another process can run the same ones.

`narrows.models.inference.precision` compares 16-bit kernels with float32 before it lets a model use them. It reads the
layers of torch itself; a module that calls a convolution, a matrix product or attention on its own says which, in a
method `kernels`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, order=True)
class Kernel:
    """One kind of computation with all that decides which code runs, except lengths and batch sizes."""

    kind: str
    options: str
    """As JSON."""

    @classmethod
    def of(cls, kind: str, **options: Any) -> Kernel:
        """A kernel with options that JSON knows."""
        return cls(kind, json.dumps(options, sort_keys=True))

    @property
    def arguments(self) -> dict[str, Any]:
        """The options."""
        found: dict[str, Any] = json.loads(self.options)
        return found

    def __str__(self) -> str:
        """In words, for the user."""
        return f"{self.kind} {self.options}"


@runtime_checkable
class HasKernels(Protocol):
    """A module that computes with more than the layers in it."""

    def kernels(self) -> Iterable[Kernel]:
        """What its own `forward` calls."""
        ...


def attention(heads: int, width: int, values: int | None = None) -> Kernel:
    """Scaled dot-product attention: heads, features of a query, and of a value where it has others."""
    return Kernel.of("attention", heads=heads, width=width, values=values or width)


def product(inputs: int, outputs: int) -> Kernel:
    """`(N, inputs) @ (inputs, outputs)`."""
    return Kernel.of("product", inputs=inputs, outputs=outputs)


def convolution(
    weight: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int] | str,
    dilation: Sequence[int],
    groups: int,
    bias: bool,
    extra: Sequence[int] | None = None,
) -> Kernel:
    """A convolution with a weight of that shape; transposed where `extra`, its output padding, is given."""
    return Kernel.of(
        "convolution" if extra is None else "transposed convolution",
        weight=list(weight),
        stride=list(stride),
        padding=padding if isinstance(padding, str) else list(padding),
        dilation=list(dilation),
        groups=groups,
        bias=bias,
        **({} if extra is None else {"extra": list(extra)}),
    )
