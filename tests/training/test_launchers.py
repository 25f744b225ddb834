"""Who started a process, and how processes that are started again find each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from torch import distributed

from narrows.pipelines.pre_encode.rank import Place, ProcessesError, this_place
from narrows.training.distributed.launched import LaunchedEnvironment
from narrows.training.distributed.meeting import own_store

TORCHRUN = {"RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}
OPEN_MPI = {
    "OMPI_COMM_WORLD_RANK": "1",
    "OMPI_COMM_WORLD_SIZE": "2",
    "OMPI_COMM_WORLD_LOCAL_RANK": "1",
    "OMPI_COMM_WORLD_LOCAL_SIZE": "2",
}
SLURM = {"SLURM_PROCID": "1", "SLURM_NTASKS": "2", "SLURM_LOCALID": "0", "SLURM_NODELIST": "n[3-4]"}


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        (TORCHRUN, Place(3, 4, 1, "torchrun", 2)),
        ({**TORCHRUN, "RAY_RAYLET_PID": "7"}, Place(3, 4, 1, "Ray", 2)),
        ({**TORCHRUN, "RAY_RAYLET_PID": "7", "TORCHELASTIC_RUN_ID": "x"}, Place(3, 4, 1, "torchrun", 2)),
        (OPEN_MPI, Place(1, 2, 1, "MPI", 2)),
        # In a batch script SLURM's variables are those of its one task.
        ({**SLURM, **OPEN_MPI, "SLURM_PROCID": "0"}, Place(1, 2, 1, "MPI", 2)),
        (
            {"PMI_RANK": "0", "PMI_SIZE": "3", "MPI_LOCALRANKID": "0", "MPI_LOCALNRANKS": "3"},
            Place(0, 3, 0, "MPI", 3),
        ),
        ({**SLURM, "PMI_RANK": "1", "PMI_SIZE": "2"}, Place(1, 2, 0, "SLURM")),
        ({**SLURM, "SLURM_JOB_NAME": "bash"}, Place()),
        ({}, Place()),
    ],
)
def test_places(environment: dict[str, str], place: Place) -> None:
    assert this_place(environment) == place


def test_where_processes_meet() -> None:
    def meeting(environment: dict[str, str]) -> tuple[str, int, int]:
        found = LaunchedEnvironment(this_place(environment), environment)
        return found.main_address, found.main_port, found.node_rank()

    assert meeting({**TORCHRUN, "MASTER_ADDR": "a", "MASTER_PORT": "5", "GROUP_RANK": "1"}) == ("a", 5, 1)
    assert meeting({**SLURM, "SLURM_JOB_ID": "100123", "SLURM_NODEID": "1"}) == ("n3", 15123, 1)
    address, port, machine = meeting(OPEN_MPI)
    assert (address, machine) == ("127.0.0.1", 0)
    assert 15000 <= port < 25000
    with pytest.raises(ProcessesError, match="set MASTER_ADDR"):
        meeting({**OPEN_MPI, "OMPI_COMM_WORLD_SIZE": "4"})


def test_each_start_has_a_store_of_its_own() -> None:
    """What earlier starts left is not found, also where another number of processes came back."""
    store = distributed.HashStore()
    seen: list[Any] = []
    for processes in (3, 2, 1, 3):
        store.set("narrows/hello/1", "a process that died before it was answered")
        with ThreadPoolExecutor(processes) as threads:
            parts = list(threads.map(lambda rank, n=processes: own_store(store, rank, n), range(processes)))
        assert not parts[-1].check(["address"])
        parts[0].set("address", str(processes))
        assert all(part.get("address") == str(processes).encode() for part in parts)
        seen += parts[:1]
    assert len(seen) == 4
