"""Handing batches from a worker to the training process, so that whatever goes wrong is told.

torch's workers put a batch into a queue, and a background thread of theirs turns it into bytes and shared memory. An
error in that thread reaches nobody: the run waits for ever. Here the worker itself does it, where errors are caught
and raised again in the training process.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from multiprocessing.reduction import ForkingPickler
from typing import Any

from torch.utils.data import get_worker_info

from narrows.data.errors import DataError

FULL = re.compile(r"shared memory|shm|No space left|Too many open files|\[Errno 24\]|\[Errno 28\]", re.IGNORECASE)
GONE = re.compile(
    r"worker \(pid\(?s?\)?:? ?([\d, ]+)\)? (?:exited unexpectedly|is killed by signal: ?(.*?)\.? ?$)", re.MULTILINE
)


class Packed:
    """A batch as bytes; its tensors lie in shared memory.

    Args:
        batch: any value that can be pickled.
    """

    def __init__(self, batch: Any) -> None:
        self._data = bytes(ForkingPickler.dumps(batch))

    def open(self) -> Any:
        """The batch."""
        # Made by our own worker a moment ago; it never comes from a file.
        return pickle.loads(self._data)

    def pin_memory(self) -> Any:
        """The batch with its tensors in page-locked memory; torch's thread for that calls it."""
        batch = self.open()
        tensors = {name: value.pin_memory() for name, value in batch._asdict().items() if hasattr(value, "pin_memory")}
        return batch._replace(**tensors)


def packed(batch: Any) -> Any:
    """A batch that is ready to be sent; itself where no worker made it.

    Raises:
        DataError: it cannot be sent, because shared memory is full or a value in it cannot be pickled.
    """
    if get_worker_info() is None:
        return batch
    try:
        return Packed(batch)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise DataError(
            f"A worker cannot hand over a batch: {error}. Metadata must be plain values, tensors or arrays; with "
            "num_workers: 0 anything goes"
        ) from error
    except (RuntimeError, OSError) as error:
        raise DataError(_explained(str(error))) from error


def received(batches: Iterator[Any]) -> Iterator[Any]:
    """Batches from workers, opened. A fault in one is raised as it was there, without torch's traceback in front.

    Raises:
        DataError: a worker could not send its batch, or has died.
    """
    try:
        for batch in batches:
            yield batch.open() if isinstance(batch, Packed) else batch
    except DataError as error:
        text = str(error)
        raise DataError(text.rpartition("DataError: ")[2].strip()) from None if "DataError: " in text else error
    except (RuntimeError, OSError) as error:
        gone = GONE.search(str(error))
        if gone is not None:
            raise DataError(
                f"A data worker (process {gone[1].strip()}) died{f': {gone[2]}' if gone[2] else ''}. If memory ran "
                "out, lower num_workers or batch_size"
            ) from error
        if not FULL.search(str(error)):
            raise
        raise DataError(_explained(str(error))) from error


def _explained(reason: str) -> str:
    if FULL.search(reason):
        first = reason.strip().splitlines()[-1]
        return (
            f"A worker cannot hand over a batch: the shared memory or the file descriptors of this machine are used up "
            f"({first}). Start the container with more (docker run --shm-size=8g), or lower num_workers or batch_size; "
            "with num_workers: 0 none is needed"
        )
    return f"A worker cannot hand over a batch: {reason}"
