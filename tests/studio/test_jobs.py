"""The queue: one job at a time on each device, in order, whatever a job does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from narrows.configs import NarrowsError
from narrows.studio.errors import BusyError, NotThereError
from narrows.studio.jobs.job import Job, Progress
from narrows.studio.jobs.queue import KEPT, JobQueue


@pytest.fixture
def queue() -> Iterator[JobQueue]:
    made = JobQueue(["cpu"], waiting=3)
    yield made
    made.close()


def job(work: Callable[[Progress], str]) -> Job:
    return Job("comparison", "a job", work)


def wait(*jobs: Job) -> None:
    end = time.monotonic() + 20
    while not all(one.over for one in jobs):
        assert time.monotonic() < end, [one.state for one in jobs]
        time.sleep(0.005)


def held(opened: threading.Event) -> Callable[[Progress], str]:
    """Work that goes on until it is cancelled or let go."""

    def work(progress: Progress) -> str:
        while not opened.wait(0.005):
            progress.tell(0.5, "works")
        return "result"

    return work


def test_jobs_run_one_after_the_other_in_their_order(queue: JobQueue) -> None:
    order: list[int] = []
    running = threading.Semaphore(1)

    def work(number: int) -> Callable[[Progress], str]:
        def inner(progress: Progress) -> str:
            assert running.acquire(blocking=False), "two at a time"
            time.sleep(0.01)
            order.append(number)
            running.release()
            return str(number)

        return inner

    jobs = [queue.submit(job(work(number))) for number in range(3)]
    wait(*jobs)
    assert order == [0, 1, 2]
    assert [(one.state, one.result, one.fraction) for one in jobs] == [("done", str(n), 1.0) for n in range(3)]


def test_each_device_has_a_job_of_its_own() -> None:
    queue, together = JobQueue(["one", "two"], waiting=3), threading.Barrier(2, timeout=10)

    def work(progress: Progress) -> str:
        together.wait()
        return progress.device

    jobs = [queue.submit(job(work)) for _ in range(2)]
    wait(*jobs)
    assert {one.result for one in jobs} == {"one", "two"}
    queue.close()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (NarrowsError("in words"), "in words"),
        (KeyError("x"), "KeyError: 'x'"),
        (SystemExit(3), "SystemExit: 3"),
        (MemoryError(), "MemoryError: "),
    ],
)
def test_a_job_that_fails_says_why_and_the_next_one_runs(queue: JobQueue, error: BaseException, message: str) -> None:
    def fails(progress: Progress) -> str:
        raise error

    failed, next_ = queue.submit(job(fails)), queue.submit(job(lambda progress: "fine"))
    wait(failed, next_)
    assert (failed.state, failed.message, next_.state) == ("failed", message, "done")


def test_a_job_is_cancelled_while_it_runs_and_while_it_waits(queue: JobQueue) -> None:
    opened = threading.Event()
    running, waiting, last = (queue.submit(job(held(opened))) for _ in range(3))
    while running.state != "running":
        time.sleep(0.005)
    assert queue.cancel(waiting.id).state == "cancelled"
    queue.cancel(running.id)
    wait(running)
    opened.set()
    wait(last)
    assert [one.state for one in (running, waiting, last)] == ["cancelled", "cancelled", "done"]
    assert queue.cancel(last.id).state == "done"


def test_a_full_queue_takes_no_more(queue: JobQueue) -> None:
    opened = threading.Event()
    jobs = [queue.submit(job(held(opened)))]
    while jobs[0].state != "running":
        time.sleep(0.005)
    jobs += [queue.submit(job(held(opened))) for _ in range(3)]
    with pytest.raises(BusyError):
        queue.submit(job(held(opened)))
    opened.set()
    wait(*jobs)
    assert queue.submit(job(lambda progress: "fine"))


def test_old_jobs_are_forgotten_and_unknown_ones_told() -> None:
    queue = JobQueue(["cpu"], waiting=KEPT + 50)
    jobs = []
    for _ in range(KEPT + 20):
        jobs.append(queue.submit(job(lambda progress: "fine")))
        wait(jobs[-1])
    assert len(queue.jobs()) <= KEPT + 1
    with pytest.raises(NotThereError):
        queue.job(jobs[0].id)
    queue.close()


def test_closing_ends_what_runs() -> None:
    queue = JobQueue(["cpu"], waiting=3)
    running = queue.submit(job(held(threading.Event())))
    queue.close()
    assert running.over
    with pytest.raises(BusyError):
        queue.submit(job(lambda progress: "fine"))
