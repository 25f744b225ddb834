"""The kinds of adapters: an update of low rank, and the norms that are trained beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from torch import Generator, Tensor

from narrows.models.adapters.bases import Bases
from narrows.models.adapters.errors import AdapterError
from narrows.models.adapters.magnitudes import Axis, name_of
from narrows.models.adapters.updates import LowRank, SingularCore, Update


@dataclass(frozen=True)
class Kind:
    """A kind of adapter."""

    update: Literal["low_rank", "singular_core"]
    axes: tuple[Axis, ...] = ()
    """Norms that are trained."""

    @property
    def tensors(self) -> frozenset[str]:
        """Names of its trained tensors in files."""
        update = {"lora_A", "lora_B"} if self.update == "low_rank" else {"M_xs"}
        return frozenset(update | {name_of(axis, self.axes) for axis in self.axes})

    def build(
        self, weight: Tensor, rank: int, generator: Generator | None = None, bases: Bases | None = None
    ) -> Update:
        """The update of a weight `(O, I)`."""
        if self.update == "low_rank":
            return LowRank(weight, rank, generator)
        return SingularCore(weight, rank, bases)


KINDS: dict[str, Kind] = {
    "lora": Kind("low_rank"),
    "dora-rows": Kind("low_rank", ("rows",)),
    "dora-cols": Kind("low_rank", ("columns",)),
    "bora": Kind("low_rank", ("rows", "columns")),
    "lora-xs": Kind("singular_core"),
    "dora-rows-xs": Kind("singular_core", ("rows",)),
    "dora-cols-xs": Kind("singular_core", ("columns",)),
    "bora-xs": Kind("singular_core", ("rows", "columns")),
}
SHORT = {"dora": "dora-rows", "dora-xs": "dora-rows-xs"}
"""Names without an axis mean that of the paper."""


def kind_name(name: str, tensors: Mapping[str, Tensor] | None = None) -> str:
    """The full name of a kind.

    Args:
        name: full, or one of `SHORT`.
        tensors: of a layer, by their names in files: old files called every DoRA `dora`, and tell rows from columns by
            the shape of `magnitude`, `(O, 1)` or `(1, I)`.

    Raises:
        AdapterError: there is no such kind.
    """
    magnitude = (tensors or {}).get("magnitude")
    if name == "dora" and magnitude is not None and magnitude.dim() == 2 and magnitude.shape[0] == 1:
        return "dora-cols"
    full = SHORT.get(name, name)
    if full not in KINDS:
        raise AdapterError(f"There is no adapter of the kind {name!r}; known: {', '.join((*KINDS, *SHORT))}")
    return full
