"""Looking for weights that are not finite, beside the building of the model that takes them.

The look reads every number of a file once, which costs what memory costs, whatever is computed of them. Building a
model draws its first weights, which takes longer; so a second thread looks meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from narrows.models.checkpoints.kinds import FLOATS, finite

SMALL = 1 << 14
"""Numbers of a tensor that is looked at together with others: a call costs more than they do."""
WORTH_A_THREAD = 1 << 21
"""Numbers from which on a second thread saves more than the two wait for each other."""


class FiniteScan:
    """Which tensors of a file are not finite; large files are looked at in a thread.

    Args:
        tensors: of the file.
        pool: gives the thread.
    """

    def __init__(self, tensors: Iterable[Tensor], pool: ThreadPoolExecutor) -> None:
        # Kept, so that no other tensor gets the identity of one of them.
        self._tensors = {id(tensor): tensor for tensor in tensors}
        self._broken: Future[set[int]] | None = None
        if sum(tensor.numel() for tensor in self._tensors.values()) >= WORTH_A_THREAD:
            self._broken = pool.submit(not_finite, list(self._tensors.values()))

    def not_finite(self, tensors: Iterable[Tensor]) -> set[int]:
        """The identities of tensors that are not finite, among the file's and any others; waits for the thread."""
        if self._broken is None:
            return not_finite(tensors)
        return self._broken.result() | not_finite(tensor for tensor in tensors if id(tensor) not in self._tensors)


@contextmanager
def scanning(content: Mapping[str, Any]) -> Iterator[FiniteScan]:
    """Look at the tensors of a file while the body builds the model; the thread has ended after it.

    Args:
        content: of the file. What lies deeper, as in files with several sets of weights, is looked at when it is known
            which set is taken.
    """
    with ThreadPoolExecutor(1, "finite-scan") as pool:
        yield FiniteScan((value for value in content.values() if isinstance(value, Tensor)), pool)


def not_finite(tensors: Iterable[Tensor]) -> set[int]:
    """The identities (`id`) of tensors that hold NaN or infinities; small ones are first looked at together."""
    groups: dict[tuple[torch.dtype, torch.device], list[Tensor]] = {}
    alone = []
    for tensor in tensors:
        if tensor.numel() <= SMALL and tensor.dtype in FLOATS:
            groups.setdefault((tensor.dtype, tensor.device), []).append(tensor)
        else:
            alone.append(tensor)
    for members in groups.values():
        if not finite(torch.cat([member.ravel() for member in members])):
            alone += members
    return {id(tensor) for tensor in alone if not finite(tensor)}
