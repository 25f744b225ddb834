"""A Ray cluster of several nodes on this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

MEMORY = 80 << 20
"""Of the object store of a node, which is more than the smallest that Ray takes."""
START = 180
"""Seconds that a node may take to start."""


@contextmanager
def ray_cluster(nodes: int, cpus: int = 1) -> Iterator[Any]:
    """A cluster that this process has joined."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    import ray
    from ray.cluster_utils import Cluster

    options = {"num_cpus": cpus, "object_store_memory": MEMORY}
    with _patient_starts():
        cluster = Cluster(initialize_head=True, head_node_args={**options, "include_dashboard": False})
        try:
            for _ in range(nodes - 1):
                cluster.add_node(**options)
            ray.init(address=cluster.address, log_to_driver=False, logging_level="CRITICAL")
            yield cluster
        finally:
            ray.shutdown()
            cluster.shutdown()


@contextmanager
def _patient_starts() -> Iterator[None]:
    """Ray gives a node half a minute to start, and asks for it meanwhile; on a busy machine its asking lasts longer."""
    from ray._private import services

    ask: Callable[..., Any] = services.get_node

    def asked(*arguments: Any, **named: Any) -> Any:
        until = time.monotonic() + START
        while True:
            try:
                return ask(*arguments, **named)
            except RuntimeError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    with patch.object(services, "get_node", asked):
        yield


def actor_processes(name: str) -> list[int]:
    """Processes of the actors of a class, as Ray names them."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes() if entry.name.isdecimal() else b""
        except OSError:
            continue
        if line.startswith(f"ray::{name}".encode()):
            found.append(int(entry.name))
    return found
