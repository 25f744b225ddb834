"""What can be weights at all: real numbers where the model has real numbers, and finite ones."""

from __future__ import annotations

from collections.abc import Container, Mapping
from math import isfinite

import torch
from torch import Tensor, nn

from narrows.models.checkpoints.errors import CheckpointError

FLOATS = frozenset({torch.float64, torch.float32, torch.bfloat16, torch.float16})
SHOWN = 3
"""Names in a message."""


def check_kinds(path: str, expected: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> None:
    """Refuse tensors of another kind than the model's: integers, booleans, 8 bit without scales, complex for real.

    Args:
        path: of the file, for the message.
        expected: the model's tensors.
        given: the file's, by the same names.

    Raises:
        CheckpointError: with the names.
    """
    wrong = [name for name, tensor in given.items() if not _fits(tensor, expected[name])]
    if wrong:
        kinds = sorted({str(given[name].dtype).removeprefix("torch.") for name in wrong})
        raise CheckpointError(
            f"{path}: {len(wrong)} of {len(given)} tensors are {', '.join(kinds)}, which are no weights of this model "
            f"({_names(wrong)}). Quantised weights must be turned back into floating point where they were made"
        )


def check_finite(
    path: str, expected: Mapping[str, Tensor], given: Mapping[str, Tensor], not_finite: Container[int]
) -> None:
    """Refuse weights that are not finite; what they compute is not either.

    Args:
        path: of the file, for the message.
        expected: the model's tensors.
        given: the file's, by the same names.
        not_finite: identities (`id`) of tensors that are not; see `narrows.models.checkpoints.finite_scan`.

    Raises:
        CheckpointError: with the names.
    """
    broken = [name for name, tensor in given.items() if id(tensor) in not_finite and _should_be_finite(expected[name])]
    if broken:
        raise CheckpointError(
            f"{path} holds weights that are not finite: {len(broken)} of {len(given)} tensors ({_names(broken)}). The "
            "training that wrote it had diverged, or the file is damaged; take an earlier checkpoint"
        )


def check_network(network: nn.Module) -> None:
    """Refuse a network that another library loaded, where its parameters are not finite, or buffers are NaN.

    Raises:
        CheckpointError: with the names.
    """
    tensors = dict(network.named_parameters())
    broken = [name for name, tensor in tensors.items() if not tensor.is_meta and not finite(tensor.detach())]
    held = [(name, tensor) for name, tensor in network.named_buffers() if tensor.is_floating_point()]
    broken += [name for name, tensor in held if not tensor.is_meta and bool(tensor.isnan().any())]
    if broken:
        raise CheckpointError(
            f"The {type(network).__name__} has weights that are not finite: {_names(broken)}. Its folder is damaged, "
            "or the training that wrote it had diverged"
        )


def finite(tensor: Tensor) -> bool:
    """Whether every number of a tensor is finite; one pass over it, without a copy.

    A sum, the cheapest pass, is finite only where every number is: what is not finite stays so in any sum. Where large
    numbers overflow it, the extremes decide.
    """
    if tensor.numel() == 0 or not (tensor.is_floating_point() or tensor.is_complex()):
        return True
    real = torch.view_as_real(tensor.resolve_conj()) if tensor.is_complex() else tensor
    if real.dtype not in FLOATS:
        real = real.float()
    wide = torch.float64 if real.dtype == torch.float64 else torch.float32
    return isfinite(float(real.sum(dtype=wide))) or all(isfinite(float(extreme)) for extreme in torch.aminmax(real))


def _should_be_finite(tensor: Tensor) -> bool:
    """Not a table of the model's own that holds infinities, as masks do."""
    return finite(tensor) or bool(torch.isnan(tensor).any())


def _fits(given: Tensor, expected: Tensor) -> bool:
    if expected.is_complex():
        return given.is_complex() or given.dtype in FLOATS
    if expected.is_floating_point():
        return given.dtype in FLOATS
    return not (given.is_floating_point() or given.is_complex())


def _names(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
