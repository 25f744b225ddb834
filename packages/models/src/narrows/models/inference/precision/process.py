"""Trying kernels in a process of its own, which may hang or die."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO, Any

import torch

from narrows.models.kernels import Kernel

COMMAND = (sys.executable, "-P", "-m", "narrows.models.inference.precision.probe")
START_LIMIT = 120.0
"""Seconds in which the process must be ready; it imports torch."""
KERNEL_LIMIT = 30.0
"""Seconds that one kernel has at all lengths; most take milliseconds."""

Verdict = str
"""`right`, `wrong`, `missing` (torch has none), `endless` or `crashed`."""


class ProbeError(RuntimeError):
    """No process can be started that tries kernels."""


def try_kernels(kernels: Sequence[Kernel], dtype: torch.dtype, gradients: bool) -> dict[Kernel, Verdict]:
    """Compare kernels with float32.

    After a kernel that does not return or ends the process, a new process goes on with the next.

    Raises:
        ProbeError: no process can be started.
    """
    verdicts: dict[Kernel, Verdict] = {}
    while len(verdicts) < len(kernels):
        verdicts |= _one_process([kernel for kernel in kernels if kernel not in verdicts], dtype, gradients)
    return verdicts


def _one_process(kernels: Sequence[Kernel], dtype: torch.dtype, gradients: bool) -> dict[Kernel, Verdict]:
    """Verdicts on the first kernels: on all, or on those up to one at which the process ended."""
    if getattr(sys, "frozen", False) or not sys.executable:
        raise ProbeError("there is no Python interpreter to start")
    try:
        process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
    except OSError as error:
        raise ProbeError(str(error)) from error
    assert process.stdout is not None
    lines: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
    reader.start()
    try:
        return _conversation(process, lines, kernels, dtype, gradients)
    except OSError as error:
        raise ProbeError(f"the process that tries kernels ended: {error}") from error
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()


def _conversation(
    process: subprocess.Popen[str],
    lines: queue.Queue[str],
    kernels: Sequence[Kernel],
    dtype: torch.dtype,
    gradients: bool,
) -> dict[Kernel, Verdict]:
    assert process.stdin is not None
    if _next(lines, START_LIMIT) != "ready":
        process.stdin.close()
        raise ProbeError("the process that tries kernels did not start")
    request: dict[str, Any] = {
        "kernels": [[kernel.kind, kernel.options] for kernel in kernels],
        "dtype": str(dtype).removeprefix("torch."),
        "gradients": gradients,
        "threads": torch.get_num_threads(),
        "mkldnn": torch.backends.mkldnn.enabled,
    }
    with process.stdin as stream:
        stream.write(json.dumps(request) + "\n")
    verdicts: dict[Kernel, Verdict] = {}
    for kernel in kernels:
        verdicts[kernel] = _next(lines, KERNEL_LIMIT)
        if verdicts[kernel] in ("endless", "crashed"):
            break
    return verdicts


def _read(stream: IO[str], lines: queue.Queue[str]) -> None:
    """Hand on what a process says; at its end, that it crashed."""
    for line in stream:
        lines.put(line.strip())
    lines.put("crashed")


def _next(lines: queue.Queue[str], seconds: float) -> str:
    try:
        return lines.get(timeout=seconds)
    except queue.Empty:
        return "endless"
