"""Which process of how many this is; processes share nothing but the file system."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

import torch


class Place(NamedTuple):
    """This process among all."""

    rank: int = 0
    world_size: int = 1
    local_rank: int = 0
    """Its number on this machine, which selects the device."""

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
        ValueError: the variables contradict each other.
    """
    for names in (("RANK", "WORLD_SIZE", "LOCAL_RANK"), ("SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID")):
        if names[0] in environment and names[1] in environment and not _in_a_shell(environment, names[0]):
            place = Place(*(int(environment.get(name, "0")) for name in names))
            if not 0 <= place.rank < place.world_size:
                raise ValueError(f"{names[0]}={place.rank} must be below {names[1]}={place.world_size}")
            return place
    return Place()


def _in_a_shell(environment: Mapping[str, str], name: str) -> bool:
    """Whether the variables of SLURM belong to an interactive shell; it has those of a job but no fellows."""
    return name.startswith("SLURM") and environment.get("SLURM_JOB_NAME") in ("bash", "interactive")
