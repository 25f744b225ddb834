"""A job: what is to be done, where it is, and how the work tells of its progress."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from narrows.configs import NarrowsError

State = Literal["queued", "running", "done", "failed", "cancelled"]
OVER: tuple[State, ...] = ("done", "failed", "cancelled")
Kind = Literal["comparison", "generation"]


class CancelledError(NarrowsError):
    """The job was cancelled; raised inside its work."""


@dataclass
class Job:
    """Work that is queued, running or over; the queue alone changes its state."""

    kind: Kind
    title: str
    work: Callable[[Progress], str]
    """Does it, and returns the id of what came out."""
    result: str | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    state: State = "queued"
    device: str | None = None
    fraction: float = 0.0
    message: str = "waits"
    created: float = field(default_factory=time.time)
    cancel: threading.Event = field(default_factory=threading.Event)

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in OVER

    def as_dict(self) -> dict[str, Any]:
        """For the API."""
        shown = {name: getattr(self, name) for name in ("id", "kind", "title", "state", "device", "message")}
        return {**shown, "progress": self.fraction, "created": self.created, "result": self.result}


class Progress:
    """What a job's work is given.

    Args:
        job: the job.
        device: where to compute.
    """

    def __init__(self, job: Job, device: str) -> None:
        self.job, self.device = job, device

    def tell(self, fraction: float, message: str) -> None:
        """So much is done (0 to 1), and this is done now.

        Raises:
            CancelledError: somebody cancelled the job.
        """
        self.check()
        self.job.fraction, self.job.message = min(max(fraction, 0.0), 1.0), message

    def check(self) -> None:
        """Raise a CancelledError if somebody cancelled the job."""
        if self.job.cancel.is_set():
            raise CancelledError("cancelled")
