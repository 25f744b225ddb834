"""How processes that torchrun started again find each other.

torchrun keeps one store for all starts of a job, so that a process finds in it where those of the last start listened,
which are gone. Here the first process gives each start a part of the store that no other had.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from torch import distributed

from narrows.pipelines.pre_encode.rank import Place

PATIENCE = 600.0
"""Seconds that a process waits for the others of its start."""
INTERVAL = 0.05


def meet(place: Place, backend: str, environment: Mapping[str, str] = os.environ) -> None:
    """Form the group of all processes, where torchrun keeps the store; elsewhere Fabric does it.

    Args:
        place: of this process.
        backend: `gloo` or `nccl`.
        environment: variables of torchrun.
    """
    shared = environment.get("TORCHELASTIC_USE_AGENT_STORE") == "True"
    if not shared or place.world_size == 1 or distributed.is_initialized():
        return
    address, port = environment["MASTER_ADDR"], int(environment["MASTER_PORT"])
    api: Any = distributed  # its stores have no types
    store = api.TCPStore(address, port, is_master=False, timeout=timedelta(seconds=PATIENCE))
    own = own_store(store, place.rank, place.world_size)
    distributed.init_process_group(backend, store=own, rank=place.rank, world_size=place.world_size)


def own_store(store: Any, rank: int, world_size: int) -> Any:
    """The part of a store that belongs to the processes that are here now.

    Each says hello by a name that it alone has; the first one answers each name with the name of the start, until all
    have said that they know it. Names that dead processes left are answered too, and nobody reads that.

    Args:
        store: of torch.distributed, which all starts share.
        rank: of this process.
        world_size: how many there are.
    """
    if rank:
        me = uuid4().hex
        store.set(f"narrows/hello/{rank}", me)
        store.wait([f"narrows/welcome/{me}"], timedelta(seconds=PATIENCE))
        start = store.get(f"narrows/welcome/{me}").decode()
        store.set(f"narrows/{start}/known/{rank}", "yes")
    else:
        start = uuid4().hex
        missing, until = set(range(1, world_size)), time.monotonic() + PATIENCE
        while missing and time.monotonic() < until:
            for other in missing:
                if store.check([f"narrows/hello/{other}"]):
                    store.set(f"narrows/welcome/{store.get(f'narrows/hello/{other}').decode()}", start)
            missing -= {other for other in missing if store.check([f"narrows/{start}/known/{other}"])}
            time.sleep(INTERVAL if missing else 0)
    api: Any = distributed
    return api.PrefixStore(f"narrows/{start}", store)
