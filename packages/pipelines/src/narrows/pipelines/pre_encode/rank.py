"""Which process of how many this is; processes share nothing but the file system."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

import torch

from narrows.configs import NarrowsError


class ProcessesError(NarrowsError, ValueError):
    """The processes that a launcher started are not those that were asked for."""


class Launcher(NamedTuple):
    """Names of the variables by which a launcher tells a process its place."""

    name: str
    rank: str
    world_size: str
    local_rank: str
    per_machine: str | None = None
    told_by: str | None = None
    """A variable that the others mean nothing without."""

    @property
    def needed(self) -> tuple[str, ...]:
        """Variables without which it is not this launcher."""
        return (self.rank, self.world_size, *((self.told_by,) if self.told_by else ()))


LAUNCHERS = (
    # Ray's TorchTrainer sets the same ones.
    Launcher("torchrun", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"),
    # Before SLURM, in whose jobs mpirun may be used: there SLURM's own variables are those of the batch script.
    Launcher(
        *("MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
        *("OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"),
    ),
    # MPICH and Intel MPI; srun sets the first two as well.
    Launcher("MPI", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS", told_by="MPI_LOCALRANKID"),
    Launcher("SLURM", "SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID"),
)


class Place(NamedTuple):
    """This process among all."""

    rank: int = 0
    world_size: int = 1
    local_rank: int = 0
    """Its number on this machine, which selects the device."""
    launcher: str | None = None
    """Who started it: `torchrun`, `Ray`, `MPI`, `SLURM`, or None for nobody."""
    per_machine: int | None = None
    """Processes on this machine, where the launcher says so."""

    def mine(self, number: int) -> bool:
        """Whether this process does the shard of this number."""
        return number % self.world_size == self.rank

    def device(self, accelerator: str) -> torch.device:
        """The device to use; several on a machine are dealt out."""
        if accelerator == "auto":
            mps = torch.backends.mps.is_available()
            accelerator = "cuda" if torch.cuda.is_available() else "mps" if mps else "cpu"
        if accelerator == "cuda":
            return torch.device("cuda", self.local_rank % max(1, torch.cuda.device_count()))
        return torch.device(accelerator)


def this_place(environment: Mapping[str, str] = os.environ) -> Place:
    """From the variables of the first of `LAUNCHERS` that are there, else alone. A shell on a node of SLURM is alone.

    Raises:
        ProcessesError: the variables contradict each other.
    """
    for launcher in LAUNCHERS:
        if all(name in environment for name in launcher.needed) and not _in_a_shell(environment, launcher):
            rank, world_size = int(environment[launcher.rank]), int(environment[launcher.world_size])
            local = environment.get(launcher.per_machine or "")
            name = "Ray" if _is_ray(environment, launcher) else launcher.name
            number = int(environment.get(launcher.local_rank, "0"))
            if not 0 <= rank < world_size:
                raise ProcessesError(f"{launcher.rank}={rank} must be below {launcher.world_size}={world_size}")
            return Place(rank, world_size, number, name, None if local is None else int(local))
    return Place()


def _in_a_shell(environment: Mapping[str, str], launcher: Launcher) -> bool:
    """Whether the variables of SLURM belong to an interactive shell; it has those of a job but no fellows."""
    return launcher.name == "SLURM" and environment.get("SLURM_JOB_NAME") in ("bash", "interactive")


def _is_ray(environment: Mapping[str, str], launcher: Launcher) -> bool:
    """Whether Ray's TorchTrainer has set the variables of torchrun."""
    own = "RAY_RAYLET_PID" in environment and "TORCHELASTIC_RUN_ID" not in environment
    return launcher.name == "torchrun" and own


def check_processes(place: Place, devices: int, num_nodes: int) -> None:
    """The processes started from outside are those that an experiment asks for; else each would train by itself.

    Args:
        place: of `this_place`; without a launcher there is nothing to compare.
        devices: processes on each machine, as asked for.
        num_nodes: machines, as asked for.

    Raises:
        ProcessesError: they are not.
    """
    if place.launcher is None:
        return
    local = place.per_machine or (place.world_size // num_nodes if place.world_size % num_nodes == 0 else 0)
    if place.world_size == devices * num_nodes and local == devices:
        return
    here = "" if place.per_machine is None else f", {place.per_machine} on this machine"
    machines, left = divmod(place.world_size, place.per_machine or place.world_size)
    hint = f"devices={place.per_machine or place.world_size} num_nodes={machines}" if not left else "devices, num_nodes"
    raise ProcessesError(
        f"{place.launcher} started {place.world_size} process{'es' if place.world_size > 1 else ''}{here}, but devices "
        f"is {devices} and num_nodes is {num_nodes}. Write {hint}, or start as many processes as these say"
    )
