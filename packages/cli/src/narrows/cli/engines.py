"""Who works: this process, or the workers of a Ray cluster."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from narrows.cli.main import UserError

ACCELERATORS = ("auto", "cpu", "cuda")
"""Values of `--device` that mean something on other machines."""


def add_engine_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `--engine`, `--address`, `--workers` and `--threads`."""
    group = parser.add_argument_group("engine")
    group.add_argument("--engine", choices=["local", "ray"], default="local", help="who works (default: this process)")
    group.add_argument("--address", metavar="HOST:PORT", help="of a Ray cluster, or auto; without it one starts here")
    group.add_argument("--workers", type=_count, metavar="N", help="of the cluster (default: all it has room for)")
    group.add_argument(
        "--threads", type=_count, metavar="N", help="that a worker computes with on a processor (ray: 1 by default)"
    )


def cluster_of(arguments: argparse.Namespace) -> Any:
    """The `Cluster` that is asked for; None where this process works.

    Raises:
        UserError: options contradict each other.
    """
    if arguments.engine == "local":
        if arguments.address or arguments.workers:
            raise UserError("--address and --workers belong to --engine ray: add it, or leave them out.")
        return None
    if arguments.device not in ACCELERATORS:
        raise UserError(f"--engine ray takes --device {', '.join(ACCELERATORS)}, got {arguments.device!r}.")
    from narrows.pipelines.engines.on_ray import Cluster

    return Cluster(arguments.address, arguments.workers, arguments.threads or 1, arguments.device)


@contextmanager
def joined(cluster: Any) -> Iterator[str | None]:
    """In the block, this process belongs to a cluster; gives the kind of device there, or None without a cluster."""
    if cluster is None:
        yield None
        return
    from narrows.pipelines.engines.on_ray import connected, device_kind

    with connected(cluster):
        yield device_kind(cluster)


def local_threads(arguments: argparse.Namespace) -> AbstractContextManager[None]:
    """Torch computes with the threads that are asked for in this block."""
    if arguments.threads is None:
        return nullcontext()
    from narrows.pipelines.engines.kinds import threads_of

    return threads_of(arguments.threads)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a number of at least 1, got {text}")
    return int(text)
