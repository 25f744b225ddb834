"""When one of several processes fails, all others learn of it within seconds, whatever they wait for.

A process that an error ends says so in the store of torch.distributed before it goes. One that is killed says nothing:
its number on this machine is gone, or, on another machine, its heartbeat stays out. The first failure that is noted
is that of the run; what other processes meet afterwards (a broken connection) follows from it.
"""

from __future__ import annotations

import io
import json
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

import torch
from lightning_fabric import Fabric

from narrows.configs import NarrowsError
from narrows.training.distributed.liveness import is_running, position, process_names

INTERVAL = 0.5
"""Seconds between two looks at the others."""
SILENCE = 60.0
"""Seconds without a heartbeat after which a process on another machine counts as gone."""
PATIENCE = 5.0
"""Seconds that a process whose connection broke waits for the others to say why."""
GRACE = 10.0
"""Seconds that the main thread of a process may wait for a failed one before it counts as stuck."""

LAST_WORDS = 2.0
"""Seconds for the processes that were started from here to end by themselves, after this one has failed."""

FIRST, DONE = "failure", b"done"
_numbers = count()
"""Of the trainings of this process, so that one does not find what an earlier one has left in the store."""
_BROKEN = re.compile(r"gloo|nccl|connection (closed|reset|refused)|broken pipe|process group", re.IGNORECASE)


class ProcessFailedError(NarrowsError, RuntimeError):
    """Another process of this training failed."""


class EndedByOther(SystemExit):
    """Another process failed, and a third one tells the user."""

    def __init__(self) -> None:
        super().__init__(1)


@dataclass(frozen=True)
class Failure:
    """Why one of the processes ended."""

    rank: int
    who: str
    """The process, in words."""
    cause: str
    killed: bool = False
    """It could not say anything."""

    def __str__(self) -> str:
        return f"{self.who} {'is gone' if self.killed else 'failed'}: {self.cause}"


class Failures:
    """Watches the processes of a training while the block runs; a single process is not watched.

    At the end of the block an error that follows from another process's failure becomes `ProcessFailedError` in one
    process, and a silent end in others. Errors of a process's own are raised as they are.

    Args:
        fabric: launched.
    """

    def __init__(self, fabric: Fabric) -> None:
        self.first: Failure | None = None
        """The failure that ends the run."""
        self.outcome = "The run can be resumed from its last checkpoint."
        """What became of the run, for the message."""
        self.rescue: Callable[[], None] = lambda: None
        """Called from the watching thread where the main one does not come back from waiting for the failed process."""
        self.leave: Callable[[], None] = lambda: None
        """Called from the watching thread, in processes that do not save, to `share` what the one that does needs."""
        self._rank, self._size, self._launcher = fabric.global_rank, fabric.world_size, fabric.strategy.launcher
        self._main = threading.get_ident()
        self._closing, self._settled = threading.Event(), threading.Event()
        self._rescuing = False
        self._lock = threading.RLock()
        self._place = [socket.gethostname(), os.getpid(), process_names()]
        self._beats: dict[int, tuple[bytes, float]] = {}
        self._gone: set[int] = set()

    # The block

    def __enter__(self) -> Failures:
        if self._size == 1:
            return self
        from torch.distributed import distributed_c10d

        # A client of its own: the main thread may hold the usual one while it waits.
        client: Any = distributed_c10d._get_default_store()
        self._store: Any = distributed_c10d.PrefixStore(f"narrows/failures/{next(_numbers)}", client.clone())
        self._store.set(self._key("place"), json.dumps(self._place))
        self._store.set(self._key("beat"), "0")
        others = [rank for rank in range(self._size) if rank != self._rank]
        self._places = {rank: json.loads(self._store.get(f"place/{rank}")) for rank in others}
        # Those whom Lightning has started are watched here now: it would kill this process before all is saved.
        children = getattr(self._launcher, "procs", [])
        self._children = list(children)
        children.clear()
        self._thread = threading.Thread(target=self._watch, name="failures", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if self._size == 1:
            return
        first = None if error is None else self.settle(error)
        self._closing.set()
        self._thread.join()
        if first is None:
            self._try(lambda: self._store.set(self._key("beat"), DONE))
            return
        self._end_children()
        if first.rank == self._rank or not _follows(error):
            return
        if self.speaks:
            raise ProcessFailedError(self.message) from error
        raise EndedByOther from None

    @property
    def message(self) -> str:
        """The failure, what became of the run, and the way out."""
        return f"{self.first}. {self.outcome}"

    # A failure

    def settle(self, error: BaseException) -> Failure | None:
        """The failure that an error of this process belongs to: its own, unless another process failed before.

        All other processes learn of it. None for a single process.
        """
        if self._size == 1:
            return None
        with self._lock:
            rescuing = self._rescuing
            self._settled.set()
        if rescuing:
            threading.Event().wait()  # the watching thread saves, and ends this process
        until = time.monotonic() + (PATIENCE if _follows(error) else 0.0)
        self._look()
        while self.first is None and time.monotonic() < until:
            time.sleep(INTERVAL / 5)
            self._look()
        if self.first is None:
            text = str(error).strip().split("\n")[0]
            cause = text if isinstance(error, NarrowsError) else f"{type(error).__name__}: {text}"
            self._note(Failure(self._rank, self._words(self._rank, self._place), cause))
        return self.first

    @property
    def speaks(self) -> bool:
        """Whether this process saves what can be saved, and tells the user: the first that is not gone."""
        gone = self._gone | ({self.first.rank} if self.first is not None and self.first.killed else set())
        return self._rank == min(set(range(self._size)) - (gone - {self._rank}))

    def share(self, step: int, value: Any) -> None:
        """Leave tensors and plain values of a step for the process that saves."""
        buffer = io.BytesIO()
        torch.save(value, buffer)
        self._try(lambda: self._store.set(self._key(f"step{step}"), buffer.getvalue()))

    def shared(self, step: int, own: Any) -> list[Any]:
        """What every process has left for a step, in order; None for those that are gone or at another step."""
        found: dict[int, Any] = {self._rank: own}
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and len(found) + len(self._gone) < self._size:
            for rank in set(range(self._size)) - set(found):
                name = f"step{step}/{rank}"
                if self._try(lambda name=name: self._store.check([name])):  # type: ignore[misc]
                    content = io.BytesIO(self._store.get(name))
                    found[rank] = torch.load(content, weights_only=True)
            if len(found) < self._size:
                time.sleep(INTERVAL / 5)
        return [found.get(rank) for rank in range(self._size)]

    # The watch

    def _watch(self) -> None:
        for beat in count(1):
            if self._closing.wait(INTERVAL):
                return
            self._try(lambda: self._store.set(self._key("beat"), str(beat).encode()))  # noqa: B023  # called at once
            self._look()
            if self.first is not None:
                break
        if not self.speaks:
            self.leave()
        if not self._is_stuck():
            return
        # The main thread waits for a process that will not come, and nothing in Python can wake it.
        try:
            if self.speaks:
                self.rescue()
                print(self.message, file=sys.stderr, flush=True)
            self._end_children()
        finally:
            os._exit(1)

    def _is_stuck(self) -> bool:
        """Wait until the main thread has noticed by itself, or has not moved for `GRACE`."""
        at, since = position(self._main), time.monotonic()
        while not self._settled.wait(INTERVAL) and not self._closing.is_set():
            if (now := position(self._main)) != at:
                at, since = now, time.monotonic()
            elif time.monotonic() - since > GRACE:
                with self._lock:
                    self._rescuing = not self._settled.is_set()
                return self._rescuing
        return False

    def _look(self) -> None:
        """Note the first failure, if there is one."""
        with self._lock:
            if self.first is not None:
                return
            try:
                if self._store.check([FIRST]):
                    self.first = Failure(**json.loads(self._store.get(FIRST)))
                    return
                lost = None
                beats = dict(zip(self._places, self._store.multi_get([f"beat/{r}" for r in self._places]), strict=True))
            except Exception as error:  # the process that keeps the store is gone
                lost, beats = error, {}
            for rank, place in self._places.items():
                if beats.get(rank) != DONE and not self._lives(rank, place, beats.get(rank)):
                    self._gone.add(rank)
            if self._gone:
                rank = min(self._gone)
                cause = "it was killed (for memory, perhaps: `dmesg` tells) or crashed, and could not say why"
                self._note(Failure(rank, self._words(rank, self._places[rank]), cause, killed=True))
            elif lost is not None and 0 in self._places:
                words = self._words(0, self._places[0])
                self._note(Failure(0, words, "the connection to it is lost", killed=True))

    def _lives(self, rank: int, place: list[Any], beat: bytes | None) -> bool:
        if [place[0], place[2]] == [self._place[0], self._place[2]]:
            return is_running(place[1])
        before, since = self._beats.get(rank, (None, 0.0))
        if beat is not None and beat != before:
            self._beats[rank] = beat, time.monotonic()
            return True
        return before is None or time.monotonic() - since < SILENCE

    def _note(self, failure: Failure) -> None:
        """Make it the failure of the run, unless there is one already."""
        with self._lock:
            text = json.dumps(asdict(failure))
            kept = self._try(lambda: self._store.compare_set(FIRST, "", text))
            self.first = failure if kept is None else Failure(**json.loads(kept))
            if self.first.killed:
                self._gone.add(self.first.rank)

    def _end_children(self) -> None:
        """Wait for the processes that were started from here; those that hang are killed."""
        # They may wait for this very process.
        mine = self.first is not None and self.first.rank == self._rank
        until = time.monotonic() + (LAST_WORDS if mine else GRACE + PATIENCE)
        for child in self._children:
            while child.poll() is None and time.monotonic() < until:
                time.sleep(INTERVAL / 5)
            if child.poll() is None:
                child.kill()

    def _words(self, rank: int, place: list[Any]) -> str:
        return f"Process {rank} of {self._size} (pid {place[1]} on {place[0]})"

    def _key(self, name: str) -> str:
        return f"{name}/{self._rank}"

    @staticmethod
    def _try(call: Callable[[], Any]) -> Any:
        """A call to the store, which ends with the process that keeps it; None without it."""
        try:
            return call()
        except Exception:
            return None


def _follows(error: BaseException | None) -> bool:
    """Whether an error may come from the end of another process."""
    return isinstance(error, ProcessFailedError) or _BROKEN.search(str(error)) is not None
