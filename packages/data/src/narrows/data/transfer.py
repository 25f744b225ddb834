"""Handing batches from a worker to the training process, so that whatever goes wrong is told.

torch's workers put a batch into a queue, and a background thread of theirs turns it into bytes and shared memory. An
error in that thread reaches nobody: the run waits for ever. Here the worker itself does it, where errors are caught
and raised again in the training process. Errors go the same way as batches: one whose class cannot be pickled would
never arrive.
"""

from __future__ import annotations

import pickle
import re
import traceback
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.reduction import ForkingPickler
from typing import Any

from torch.utils.data import DataLoader, get_worker_info

from narrows.data.errors import DataError

FULL = re.compile(r"shared memory|shm|No space left|Too many open files|\[Errno 24\]|\[Errno 28\]", re.IGNORECASE)
GONE = re.compile(
    r"worker \(pid\(?s?\)?:? ?([\d, ]+)\)? (?:exited unexpectedly|is killed by signal: ?(.*?)\.? ?$)", re.MULTILINE
)

PLAIN = "Metadata must be plain values, tensors or arrays; with num_workers: 0 anything goes"
"""What can be sent."""


class Packed:
    """A batch as bytes; its tensors lie in shared memory.

    Args:
        batch: any value that can be pickled.
    """

    def __init__(self, batch: Any) -> None:
        self._data = bytes(ForkingPickler.dumps(batch))

    def open(self) -> Any:
        """The batch.

        Raises:
            DataError: a value in it does not let itself be made again.
        """
        try:
            # Made by our own worker a moment ago; it never comes from a file.
            return pickle.loads(self._data)
        except (Exception, SystemExit) as error:
            raise DataError(f"A batch of a worker cannot be opened: {_named(error)}. {PLAIN}") from error

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
    except (RuntimeError, OSError) as error:
        raise DataError(_explained(str(error))) from error
    except (Exception, SystemExit) as error:
        reason = str(error) if isinstance(error, pickle.PicklingError | TypeError | AttributeError) else _named(error)
        raise DataError(f"A worker cannot hand over a batch: {reason}. {PLAIN}") from error


@contextmanager
def told() -> Iterator[None]:
    """Errors of the body, where data are read and code of the user may run, so that they end the run with their cause.

    An error that a worker can send, or that needs no sending, is raised as it is. A `StopIteration` is an error here:
    a loop over batches would take it for the end of the data.

    Raises:
        DataError: in place of one that cannot be sent, such as `sys.exit`, which would end the worker without a word.
    """
    try:
        yield
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        if not isinstance(error, StopIteration) and (get_worker_info() is None or _arrives(error)):
            raise
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise DataError(f"Reading data failed: {_named(error)} ({last.filename}, line {last.lineno})") from error


def _arrives(error: BaseException) -> bool:
    """Whether torch's worker catches an error, and its class can be sent."""
    try:
        ForkingPickler.dumps(type(error))
    except Exception:
        return False
    return isinstance(error, Exception)


def _named(error: BaseException) -> str:
    """The kind and the message of an error."""
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def received(loader: Iterable[Any]) -> Iterator[Any]:
    """Batches of torch's loader, opened. A fault in a worker is raised as it was there, without torch's traceback in
    front, and ends all workers.

    Raises:
        DataError: a worker could not send its batch, or has died.
    """
    with worker_count_is_meant():
        batches = iter(loader)
    try:
        for batch in batches:
            yield batch.open() if isinstance(batch, Packed) else batch
    except Exception as error:
        _end_workers(loader, batches)
        known = _told(error)
        if known is error:
            raise
        raise known from None if isinstance(error, DataError) else error


@contextmanager
def worker_count_is_meant() -> Iterator[None]:
    """How many workers there are is the user's choice, and more than cores are right for slow disks."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="This DataLoader will create")
        yield


def _end_workers(loader: Iterable[Any], batches: Iterator[Any]) -> None:
    """End the workers of a loader that failed; another iteration starts new ones.

    The error keeps torch's iterator in a cycle. Collected with it, the queues would be closed before the workers are
    told to end, and each would be waited for, for five seconds.
    """
    if isinstance(loader, DataLoader) and loader.num_workers:
        loader._iterator = None
        batches._shutdown_workers()  # type: ignore[attr-defined]


def _told(error: Exception) -> Exception:
    """What the user is told of an error in the loop over batches."""
    text = str(error)
    if isinstance(error, DataError):
        return DataError(text.rpartition("DataError: ")[2].strip()) if "DataError: " in text else error
    gone = GONE.search(text) if isinstance(error, RuntimeError | OSError) else None
    if gone is not None:
        return DataError(
            f"A data worker (process {gone[1].strip()}) died{f': {gone[2]}' if gone[2] else ''}. If memory ran "
            "out, lower num_workers or batch_size; a library that crashes tells more with num_workers: 0"
        )
    if isinstance(error, RuntimeError | OSError) and FULL.search(text):
        return DataError(_explained(text))
    return error


def _explained(reason: str) -> str:
    if FULL.search(reason):
        first = reason.strip().splitlines()[-1]
        return (
            f"A worker cannot hand over a batch: the shared memory or the file descriptors of this machine are used up "
            f"({first}). Start the container with more (docker run --shm-size=8g), or lower num_workers or batch_size; "
            "with num_workers: 0 none is needed"
        )
    return f"A worker cannot hand over a batch: {reason}"
