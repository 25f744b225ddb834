"""Which process of how many this is; processes share nothing but the file system."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

import torch

from narrows.configs import NarrowsError


class ProcessesError(NarrowsError, ValueError):
    """The processes that torchrun or SLURM started are not those that were asked for."""


class Place(NamedTuple):
    """This process among all."""

    rank: int = 0
    world_size: int = 1
    local_rank: int = 0
    """Its number on this machine, which selects the device."""
    launcher: str | None = None
    """Who started it: `torchrun`, `SLURM`, or None for nobody."""
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
    """From the variables of torchrun, else of SLURM, else alone. A shell on a node of SLURM is alone, too.

    Raises:
        ProcessesError: the variables contradict each other.
    """
    for names in (("RANK", "WORLD_SIZE", "LOCAL_RANK"), ("SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID")):
        if names[0] in environment and names[1] in environment and not _in_a_shell(environment, names[0]):
            rank, world_size, local_rank = (int(environment.get(name, "0")) for name in names)
            slurm = names[0].startswith("SLURM")
            local = None if slurm else environment.get("LOCAL_WORLD_SIZE")
            launcher = "SLURM" if slurm else "torchrun"
            place = Place(rank, world_size, local_rank, launcher, None if local is None else int(local))
            if not 0 <= place.rank < place.world_size:
                raise ProcessesError(f"{names[0]}={place.rank} must be below {names[1]}={place.world_size}")
            return place
    return Place()


def _in_a_shell(environment: Mapping[str, str], name: str) -> bool:
    """Whether the variables of SLURM belong to an interactive shell; it has those of a job but no fellows."""
    return name.startswith("SLURM") and environment.get("SLURM_JOB_NAME") in ("bash", "interactive")


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
