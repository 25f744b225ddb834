"""What rounds the last bits of a result: workers of one kind give the same bytes."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

import torch
from torch import device as Device

from narrows.pipelines.own_version import own_version


@dataclass(frozen=True)
class Kind:
    """Versions and machine of a worker."""

    narrows: str
    torch: str
    processor: str
    """Its name and the instructions that torch uses of it: libraries choose their kernels by both."""
    device: str
    """`cpu`, or the name of the GPU."""
    threads: int
    """That torch computes with on a processor; 1 where a GPU computes."""
    model: str = ""
    """Hash of the weights; empty for work without a model."""

    @classmethod
    def here(cls, device: Device | str = "cpu", threads: int | None = None, model: str = "") -> Self:
        """Of this process.

        Args:
            device: that computes.
            threads: to compute with; None for those torch has now.
            model: hash of its weights.
        """
        device = Device(device)
        own = torch.get_num_threads() if threads is None else threads
        narrows = own_version()
        return cls(narrows, torch.__version__, _processor(), _name(device), own if device.type == "cpu" else 1, model)

    def differences(self, other: Kind) -> list[str]:
        """What this kind has and another has otherwise, in words."""
        here, there = asdict(self), asdict(other)
        names = {"narrows": "Narrows", "model": "the model's hash"}
        return [f"{names.get(key, key)} is {here[key]} and not {there[key]}" for key in here if here[key] != there[key]]

    def to_json(self) -> dict[str, Any]:
        """As a document."""
        return asdict(self)


@contextmanager
def threads_of(count: int) -> Iterator[None]:
    """Torch computes with so many threads in this block."""
    own = torch.get_num_threads()
    if own != count:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        if own != count:
            torch.set_num_threads(own)


def _name(device: Device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


@cache
def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name} ({torch.backends.cpu.get_cpu_capability()})"
