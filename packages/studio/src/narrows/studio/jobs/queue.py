"""The queue: a thread for each device takes the oldest job that waits, and survives whatever it does."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from narrows.configs import NarrowsError
from narrows.studio.errors import BusyError, NotThereError
from narrows.studio.jobs.job import CancelledError, Job, Progress

log = logging.getLogger(__name__)
KEPT = 200
"""Jobs that are over and still known."""


class JobQueue:
    """Runs jobs in the order they came, one at a time on each device.

    Args:
        devices: a worker each.
        waiting: jobs that may wait.
    """

    def __init__(self, devices: Sequence[str], waiting: int) -> None:
        self._limit = waiting
        self._jobs: dict[str, Job] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._workers = [threading.Thread(target=self._run, args=(name,), daemon=True) for name in devices]
        for worker in self._workers:
            worker.start()

    def submit(self, job: Job) -> Job:
        """Queue a job.

        Raises:
            BusyError: too many wait.
        """
        with self._changed:
            if self._closing or sum(other.state == "queued" for other in self._jobs.values()) >= self._limit:
                raise BusyError(f"{self._limit} jobs wait already: try again when some are done")
            self._jobs[job.id] = job
            for old in [other.id for other in self._jobs.values() if other.over][: max(0, len(self._jobs) - KEPT)]:
                del self._jobs[old]
            self._changed.notify()
        return job

    def job(self, identity: str) -> Job:
        """The job of an id.

        Raises:
            NotThereError: there is none.
        """
        with self._changed:
            if identity not in self._jobs:
                raise NotThereError(f"There is no job {identity}")
            return self._jobs[identity]

    def jobs(self) -> list[Job]:
        """All jobs, newest first."""
        with self._changed:
            return list(self._jobs.values())[::-1]

    def cancel(self, identity: str) -> Job:
        """Cancel a job: at once where it waits, at its next step where it runs, not at all where it is over."""
        job = self.job(identity)
        with self._changed:
            job.cancel.set()
            if job.state == "queued":
                job.state, job.message = "cancelled", "cancelled while it waited"
        return job

    def close(self, timeout: float = 10.0) -> None:
        """Cancel everything and wait for the workers."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for job in self.jobs():
            self.cancel(job.id)
        for worker in self._workers:
            worker.join(timeout)

    def _next(self, device: str) -> Job | None:
        with self._changed:
            while not self._closing:
                job = next((other for other in self._jobs.values() if other.state == "queued"), None)
                if job is not None:
                    job.state, job.device, job.message = "running", device, "starts"
                    return job
                self._changed.wait()
        return None

    def _run(self, device: str) -> None:
        while (job := self._next(device)) is not None:
            try:
                job.result = job.work(Progress(job, device))
                ended = ("done", "done")
                job.fraction = 1.0
            except CancelledError:
                ended = ("cancelled", "cancelled")
            except NarrowsError as error:
                ended = ("failed", str(error))
            except (Exception, SystemExit) as error:
                log.exception("The job %s failed", job.title)
                ended = ("failed", f"{type(error).__name__}: {error}")
            with self._changed:
                job.state, job.message = ended  # type: ignore[assignment]
