"""A Ray cluster of several nodes on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MEMORY = 80 << 20
"""Of the object store of a node, which is more than the smallest that Ray takes."""
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    # On a busy machine processes of Ray take minutes to start.
    "RAY_gcs_server_port_wait_time_s": "180",
    "RAY_agent_register_timeout_ms": "180000",
    "RAY_worker_register_timeout_seconds": "180",
}


@contextmanager
def ray_cluster(nodes: int, cpus: int = 1) -> Iterator[Any]:
    """A cluster that this process has joined, without the services that no test needs."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    import ray
    from ray.cluster_utils import Cluster

    first = {"include_dashboard": False, "include_log_monitor": False, "no_monitor": True, **node(cpus)}
    cluster = Cluster(initialize_head=True, head_node_args=first)
    try:
        for _ in range(nodes - 1):
            cluster.add_node(**node(cpus))
        ray.init(address=cluster.address, log_to_driver=False, logging_level="CRITICAL")
        yield cluster
    finally:
        ray.shutdown()
        cluster.shutdown()


def node(cpus: int = 1) -> dict[str, Any]:
    """Options of a node."""
    return {"num_cpus": cpus, "object_store_memory": MEMORY}


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
