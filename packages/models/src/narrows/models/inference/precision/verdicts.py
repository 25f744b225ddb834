"""What is known of this machine's kernels, kept between runs."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import torch

from narrows.configs.files import atomic_file
from narrows.models.inference.precision.process import Verdict
from narrows.models.kernels import Kernel

VERSION = 1
"""Part of every key: other trials leave old verdicts alone."""
SETTINGS = ("ONEDNN_", "DNNL_", "ATEN_CPU_", "MKL_", "TORCH_MKLDNN")
"""Beginnings of environment variables that choose kernels."""


def known_verdicts(dtype: torch.dtype, gradients: bool) -> dict[Kernel, Verdict]:
    """Verdicts of earlier runs with this machine, torch, threads and environment; none when there is no good file."""
    try:
        lines = json.loads(_file(dtype, gradients).read_text())
        return {Kernel(kind, options): verdict for kind, options, verdict in lines}
    except (OSError, ValueError, TypeError):
        return {}


def remember(verdicts: Mapping[Kernel, Verdict], dtype: torch.dtype, gradients: bool) -> None:
    """Add verdicts to those of earlier runs; a cache that cannot be written is no reason to stop."""
    path = _file(dtype, gradients)
    both = {**known_verdicts(dtype, gradients), **verdicts}
    lines = [[kernel.kind, kernel.options, verdict] for kernel, verdict in sorted(both.items())]
    with suppress(OSError), atomic_file(path) as temporary:
        temporary.write_text(json.dumps(lines), encoding="utf-8")


def _file(dtype: torch.dtype, gradients: bool) -> Path:
    """In `$NARROWS_CACHE`, or else the user's cache folder, as the indices of data sets are."""
    base = os.environ.get("NARROWS_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    key = hashlib.sha256(repr((VERSION, str(dtype), gradients, *_machine())).encode()).hexdigest()[:32]
    return Path(base) / "narrows" / "kernels" / f"{key}.json"


def _machine() -> tuple[object, ...]:
    """What decides which kernels run, and how."""
    settings = sorted((k, v) for k, v in os.environ.items() if k.startswith(SETTINGS))
    threads, capability = torch.get_num_threads(), torch.backends.cpu.get_cpu_capability()
    return torch.__version__, _processor(), capability, threads, torch.backends.mkldnn.enabled, settings


def _processor() -> object:
    """Name and abilities of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    except OSError:
        return platform.machine(), platform.processor()
    wanted = ("vendor_id", "cpu family", "model", "stepping", "flags", "Features", "CPU part", "CPU implementer")
    return [line for line in lines if line.split(":")[0].strip().startswith(wanted)]
