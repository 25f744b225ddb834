"""A Ray cluster of several nodes on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MEMORY = 80 << 20
"""Of the object store of a node, which is more than the smallest that Ray takes."""


@contextmanager
def ray_cluster(nodes: int, cpus: int = 1) -> Iterator[Any]:
    """A cluster that this process has joined."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    import ray
    from ray.cluster_utils import Cluster

    options = {"num_cpus": cpus, "object_store_memory": MEMORY}
    cluster = Cluster(initialize_head=True, head_node_args={**options, "include_dashboard": False})
    try:
        for _ in range(nodes - 1):
            cluster.add_node(**options)
        ray.init(address=cluster.address, log_to_driver=False, logging_level="CRITICAL")
        yield cluster
    finally:
        ray.shutdown()
        cluster.shutdown()


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
