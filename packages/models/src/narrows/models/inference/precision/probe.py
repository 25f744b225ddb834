"""The process that tries kernels: `python -m narrows.models.inference.precision.probe`.

It reads a request as one line of JSON and answers with a line for each kernel. A kernel that never returns, or ends the
process, leaves the one that asked unharmed (`narrows.models.inference.precision.process`).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import torch

from narrows.models.inference.precision.trials import largest_difference
from narrows.models.kernels import Kernel

Measure = Callable[[Kernel, torch.dtype, bool], float]
"""The difference of a kernel from float32, in units of what is allowed."""


def main(measure: Measure = largest_difference) -> None:
    """Answer one request."""
    # Libraries print to standard output too: the answers keep it for themselves.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    print("ready", file=answers)
    request: dict[str, Any] = json.loads(sys.stdin.readline())
    torch.set_num_threads(request["threads"])
    mkldnn: Any = torch.backends.mkldnn
    mkldnn.set_flags(request["mkldnn"])
    dtype = getattr(torch, request["dtype"])
    for kind, options in request["kernels"]:
        print(_verdict(measure, Kernel(kind, options), dtype, request["gradients"]), file=answers)


def _verdict(measure: Measure, kernel: Kernel, dtype: torch.dtype, gradients: bool) -> str:
    try:
        difference = measure(kernel, dtype, gradients)
    except RuntimeError:  # NotImplementedError is one
        return "missing"
    return "right" if difference <= 1 else "wrong"


if __name__ == "__main__":
    main()
