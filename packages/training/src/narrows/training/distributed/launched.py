"""The processes that a launcher started, as Fabric wants to know them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import final
from zlib import crc32

from lightning_fabric.plugins.environments.cluster_environment import ClusterEnvironment
from lightning_fabric.plugins.environments.slurm import SLURMEnvironment

from narrows.pipelines.pre_encode.rank import Place, ProcessesError

PORTS = 15000, 10000
"""The first port of those that jobs take, and how many there are."""


@final
class LaunchedEnvironment(ClusterEnvironment):
    """The place of this process among those of torchrun, Ray, SLURM or MPI, and where they meet.

    `MASTER_ADDR` and `MASTER_PORT` are taken where they are set. Otherwise SLURM's first machine is asked for, or this
    one where all processes are on it, and the port follows from the number of the job.

    Args:
        place: of this process.
        environment: variables of the launcher.
    """

    def __init__(self, place: Place, environment: Mapping[str, str] = os.environ) -> None:
        super().__init__()
        self._place, self._environment = place, environment

    @property
    def creates_processes_externally(self) -> bool:
        """They are there already."""
        return True

    @property
    def main_address(self) -> str:
        """The machine where processes meet.

        Raises:
            ProcessesError: it is not known.
        """
        if "MASTER_ADDR" in self._environment:
            return self._environment["MASTER_ADDR"]
        if self._place.launcher == "SLURM":
            return SLURMEnvironment.resolve_root_node_address(self._environment.get("SLURM_NODELIST", "127.0.0.1"))
        if self._place.per_machine == self._place.world_size:
            return "127.0.0.1"
        raise ProcessesError(
            f"{self._place.launcher} started processes on several machines, and none says where they meet: set "
            "MASTER_ADDR to the name of the first one, for instance mpirun -x MASTER_ADDR=$(hostname)"
        )

    @property
    def main_port(self) -> int:
        """The port there."""
        if "MASTER_PORT" in self._environment:
            return int(self._environment["MASTER_PORT"])
        first, count = PORTS
        names = ("SLURM_JOB_ID", "OMPI_MCA_ess_base_jobid", "PMIX_NAMESPACE")
        job = next((self._environment[name] for name in names if name in self._environment), str(os.getppid()))
        return first + (int(job) if job.isdecimal() else crc32(job.encode())) % count

    @staticmethod
    def detect() -> bool:
        """It is chosen by `create_fabric`, not found by itself."""
        return False

    def world_size(self) -> int:
        """How many processes there are."""
        return self._place.world_size

    def set_world_size(self, size: int) -> None:
        """The launcher has."""

    def global_rank(self) -> int:
        """The number of this process."""
        return self._place.rank

    def set_global_rank(self, rank: int) -> None:
        """The launcher has."""

    def local_rank(self) -> int:
        """Its number on its machine."""
        return self._place.local_rank

    def node_rank(self) -> int:
        """The number of its machine."""
        names = ("GROUP_RANK", "NODE_RANK", "SLURM_NODEID")
        told = next((self._environment[name] for name in names if name in self._environment), None)
        return self._place.rank // (self._place.per_machine or self._place.world_size) if told is None else int(told)
