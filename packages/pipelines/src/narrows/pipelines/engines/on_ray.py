"""The engine `ray`: units on the machines of a Ray cluster, retried, doubled near the end, each kept once."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from typing import Any

from narrows.pipelines.engines.errors import EngineError
from narrows.pipelines.engines.jobs import Job
from narrows.pipelines.engines.kinds import Kind
from narrows.pipelines.engines.schedule import Death, Schedule, Try
from narrows.pipelines.progress import Progress

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # Workers are to run in this environment, not in one that uv makes.
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
LOOK_EVERY = 2.0
"""Seconds between looks at which machines there are."""
STARTS = 3
"""Workers that may die while they start, one after the other, before any has started."""
LATER_STARTS = 9
"""The same, once one has."""


@dataclass(frozen=True)
class Cluster:
    """Which cluster, and what of it.

    Args:
        address: HOST:PORT or `auto`; None starts one on this machine.
        workers: to ask for; None takes what the cluster has.
        threads: that a worker computes with on a processor.
        accelerator: `auto`, `cpu` or `cuda`.
    """

    address: str | None = None
    workers: int | None = None
    threads: int = 1
    accelerator: str = "auto"


@dataclass
class _Slot:
    """A worker of the cluster."""

    actor: Any
    starting: Any
    machine: str = ""
    kind: Kind | None = None
    refused: bool = False
    tries: dict[Any, Try] = field(default_factory=dict)


def run_on_ray(
    job: Job,
    units: Sequence[Any],
    cluster: Cluster,
    *,
    agree: Callable[[Kind], None],
    aside: dict[str, str],
    on_aside: Callable[[Mapping[str, str]], None],
    progress: Progress,
    done_before: int = 0,
) -> Iterator[Any]:
    """Do units on a cluster, in any order.

    Args:
        job: of the units.
        units: of the plan.
        cluster: to use.
        agree: given the kind of the first worker; raises where the plan wants another.
        aside: items to leave out, by name, with the reason; items that are found to kill workers are added.
        on_aside: told of these, before the run goes on without them.
        progress: shows how far it is.
        done_before: units that earlier runs have done.

    Yields:
        What a worker returned for each unit, once.

    Raises:
        EngineError: Ray is not installed, the cluster lacks what is asked, or no worker can be used.
    """
    if not units:
        return
    # Ray tells of deaths on the standard output, which belongs to the results of commands, and has no option for it.
    with connected(cluster), redirect_stdout(sys.stderr):
        run = _Run(job, units, cluster, agree, aside, on_aside, progress, done_before)
        try:
            yield from run.outcomes()
        finally:
            run.close()


@contextmanager
def connected(cluster: Cluster) -> Iterator[None]:
    """In the block, this process has joined a cluster, or started one of its own; quietly.

    Raises:
        EngineError: Ray is not installed, or there is no cluster at the address.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as error:
        raise EngineError(
            "engine: ray needs Ray, which is not installed here: pip install 'narrows[ray]', or leave out the engine"
        ) from error
    if cluster.address and cluster.address.startswith("ray://"):
        raise EngineError(f"address: {cluster.address} is Ray's client protocol; give HOST:PORT of the cluster")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL, "include_dashboard": None}
    own = not ray.is_initialized()
    if own:
        try:
            if cluster.address:
                ray.init(address=cluster.address, **quiet)
            else:
                ray.init(address="local", _node_ip_address="127.0.0.1", **quiet | {"include_dashboard": False})
        except (ConnectionError, RuntimeError, ValueError) as error:
            first = (str(error).splitlines() or [""])[0]
            raise EngineError(f"address: there is no Ray cluster at {cluster.address}: {first}") from error
    try:
        yield
    finally:
        if own:
            ray.shutdown()


def device_kind(cluster: Cluster) -> str:
    """`cuda` or `cpu`: what the workers of a cluster that this process has joined compute on.

    Raises:
        EngineError: the cluster has not what is asked for.
    """
    import ray

    resources: Mapping[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call,unused-ignore]
    gpus = resources.get("GPU", 0)
    if cluster.accelerator == "cuda" and not gpus:
        raise EngineError("accelerator: cuda is asked for, but no machine of the cluster has a GPU; write cpu")
    if cluster.accelerator == "mps":
        raise EngineError("accelerator: mps is not for clusters; write cpu, cuda or auto")
    return "cuda" if gpus and cluster.accelerator != "cpu" else "cpu"


class _Run:
    def __init__(
        self,
        job: Job,
        units: Sequence[Any],
        cluster: Cluster,
        agree: Callable[[Kind], None],
        aside: dict[str, str],
        on_aside: Callable[[Mapping[str, str]], None],
        progress: Progress,
        done_before: int,
    ) -> None:
        import ray

        from narrows.pipelines.engines import ray_actors

        # Ray has no types where actors are called.
        self._ray: Any = ray
        self._actors: Any = ray_actors
        self._job, self._units, self._cluster, self._agree = job, units, cluster, agree
        self._aside, self._on_aside, self._progress, self._before = aside, on_aside, progress, done_before
        self._schedule = Schedule(len(units), job.sizes_of(units))
        self._slots: list[_Slot] = []
        self._kind: Kind | None = None
        self._failed_starts, self._peak, self._looked = 0, 0.0, 0.0
        self._device = device_kind(cluster)
        driver = self._ray.get_runtime_context().get_node_id()
        here = self._actors.NodeAffinitySchedulingStrategy(driver, soft=False)
        options = {"num_cpus": 0, "scheduling_strategy": here, "max_restarts": 0}
        self._ledger: Any = self._ray.remote(self._actors.Ledger).options(**options).remote()

    def outcomes(self) -> Iterator[Any]:
        """What workers return, until all units are done."""
        while not self._schedule.finished:
            self._look()
            self._hand_out()
            waiting = [slot.starting for slot in self._slots if slot.starting is not None]
            waiting += [ref for slot in self._slots for ref in slot.tries]
            for ref in self._ray.wait(waiting, num_returns=1, timeout=0.5)[0] if waiting else ():
                yield from self._settle(ref)
            if not waiting:
                time.sleep(0.5)
            self._show()
        bound = self._bound() / 2**20
        self._progress.note(f"Object store: {self._peak / 2**20:.1f} MiB in use at most, bound {bound:.1f} MiB.")

    def close(self) -> None:
        """End all workers; a second try that is no longer wanted ends with them."""
        for slot in self._slots:
            self._ray.kill(slot.actor)
        self._ray.kill(self._ledger)

    def _look(self) -> None:
        """Ask for as many workers as there is room for, so that machines that come late are used."""
        now = time.monotonic()
        if now - self._looked < LOOK_EVERY:
            return
        self._looked = now
        share = 1 if self._device == "cuda" else self._cluster.threads
        name = "GPU" if self._device == "cuda" else "CPU"
        nodes = [node for node in self._ray.nodes() if node["Alive"]]
        room = sum(int(node["Resources"].get(name, 0) // share) for node in nodes)
        left = len(self._units) - len(self._schedule.done)
        refused = sum(slot.refused for slot in self._slots)
        count = min(self._cluster.workers or room, left) + refused
        if not (room or self._cluster.workers):
            raise EngineError(f"No machine of the cluster has {share} {name} for a worker; ask for fewer threads")
        before = len(self._slots)
        self._slots += [self._start() for _ in range(count - before)]
        if len(self._slots) > before and self._failed_starts == 0:
            self._progress.note(
                f"ray: {len(self._slots)} workers on {len(nodes)} machines; object store at most "
                f"{self._bound() / 2**20:.1f} MiB"
            )

    def _bound(self) -> int:
        """Bytes of blocks that wait in the object store or are being handed over."""
        each: int = self._actors.UNITS_AT_ONCE * (self._actors.BLOCKS_AHEAD + 1)
        return len(self._slots) * each * self._job.block_bytes

    def _start(self) -> _Slot:
        gpu = self._device == "cuda"
        resources = {"num_gpus": 1, "num_cpus": 1} if gpu else {"num_cpus": self._cluster.threads}
        actor = self._ray.remote(self._actors.WorkerActor).options(
            # One thread more than units: `where` must not wait for them.
            max_concurrency=self._actors.UNITS_AT_ONCE + 1,
            scheduling_strategy="SPREAD",
            **resources,
        )
        made = actor.remote(self._job, self._device, self._cluster.threads, self._ledger, os.getcwd())  # noqa: PTH109
        return _Slot(made, made.where.remote())

    def _hand_out(self) -> None:
        for busy in range(self._actors.UNITS_AT_ONCE):
            for slot in self._slots:
                if slot.kind is None or slot.refused or len(slot.tries) > busy:
                    continue
                one = self._schedule.next(list(slot.tries.values()))
                if one is not None:
                    hand = self._actors.Hand(one.number, one.unit, one.careful, dict(self._aside), self._ledger)
                    slot.tries[slot.actor.work.remote(self._units[one.unit], hand)] = one

    def _settle(self, ref: Any) -> Iterator[Any]:
        """What became of a start or a try."""
        slot = next((slot for slot in self._slots if ref == slot.starting or ref in slot.tries), None)
        if slot is None:
            return
        try:
            value = self._ray.get(ref)
        except self._actors.RayTaskError as error:
            raise EngineError(f"A worker failed: {self._actors.text_of(error.cause)}") from error
        except self._actors.RayError as error:
            self._lost(slot, error)
            return
        if ref == slot.starting:
            slot.starting = None
            slot.machine, slot.kind = value
            self._judge(slot)
            return
        one = slot.tries.pop(ref)
        if isinstance(value, self._actors.Failed):
            raise EngineError(value.text)
        if isinstance(value, self._actors.Died):
            self._blame(one, slot.machine, value.stage)
        elif self._schedule.ended(one, value is not None):
            yield self._actors.unpacked(value)

    def _judge(self, slot: _Slot) -> None:
        """The first worker's kind is that of all; others are refused, and keep their place so that none follows."""
        self._failed_starts = 0
        assert slot.kind is not None
        if self._kind is None:
            self._agree(slot.kind)
            self._kind = slot.kind
        elif differing := slot.kind.differences(self._kind):
            slot.refused = True
            self._progress.note(f"A worker on machine {slot.machine[:8]} is refused: {'; '.join(differing)}.")

    def _lost(self, slot: _Slot, error: Exception) -> None:
        """A worker died, with all it had."""
        self._slots.remove(slot)
        self._ray.kill(slot.actor)
        self._looked = 0.0
        cause = getattr(error, "cause", None) or error
        if slot.kind is None and not any(machine in str(cause) for machine in self._lost_machines()):
            self._failed_starts += 1
            # Where others have started, those that do not may have been killed.
            if self._failed_starts >= (STARTS if self._kind is None else LATER_STARTS):
                raise EngineError(f"Workers do not start: {str(cause).strip().splitlines()[-1]}") from error
        for one in slot.tries.values():
            self._blame(one, slot.machine, "worker")

    def _blame(self, one: Try, machine: str, stage: str) -> None:
        """Note a death, and set aside what has caused too many."""
        self._ray.get(self._ledger.dead.remote(one.number, one.unit))
        hand = self._ray.get(self._ledger.hand.remote(one.number, stage))
        begun = hand is not None or stage == "reader"
        self._schedule.died(one, Death(machine, hand if one.careful and hand else None) if begun else None)
        items = self._job.item_names(self._units[one.unit])
        if self._schedule.to_set_aside(one.unit, (), items):
            time.sleep(1.0)  # A machine that has just gone is known to be gone a little later.
            if culprits := self._schedule.to_set_aside(one.unit, self._lost_machines(), items):
                reasons = dict.fromkeys(culprits, "killed its worker three times")
                self._aside.update(reasons)
                self._on_aside(reasons)
                self._schedule.forgive(one.unit)
                self._progress.note(f"Set aside, as it killed its worker three times: {', '.join(culprits)}")

    def _lost_machines(self) -> list[str]:
        return [node["NodeID"] for node in self._ray.nodes() if not node["Alive"]]

    def _show(self) -> None:
        total, free = self._ray.cluster_resources(), self._ray.available_resources()
        used = total.get("object_store_memory", 0) - free.get("object_store_memory", 0)
        self._peak = max(self._peak, used)
        counts = self._ray.get(self._ledger.counts.remote())
        hours = {stage: counts.get(stage, 0.0) / 3600 / self._progress.seconds for stage in ("reader", "worker")}
        working = sum(bool(slot.tries) for slot in self._slots)
        read, worked = self._job.stages
        reading = f"{read} {hours['reader']:.3g}, " if read else ""
        text = (
            f"{working} workers, {reading}{worked} {hours['worker']:.3g} audio hours/s, "
            f"{int(counts.get('items', 0))} clips"
        )
        self._progress.text(self._before + len(self._schedule.done), text)
