"""Snake activations whose values are kept as `(1, C, 1)`, as in diffusers, where our modules have `(C,)`."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor


def adapt_snakes(given: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors with those of snakes in the shape of the model's.

    Args:
        given: by the names of the model.
        expected: the model's.
    """

    def adapted(name: str, tensor: Tensor) -> Tensor:
        want = expected.get(name)
        if want is None or not name.endswith((".alpha", ".beta")) or tensor.shape != (1, want.numel(), 1):
            return tensor
        return tensor.reshape(want.shape)

    return {name: adapted(name, tensor) for name, tensor in given.items()}
