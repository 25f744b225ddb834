"""Stand-ins for the process that tries kernels: some of them are wrong in it, some never return, some end it."""

from __future__ import annotations

import sys
from pathlib import Path

from narrows.models.inference.precision import process

QUICK = """
import json, os, signal, sys
print("ready", flush=True)
request = json.loads(sys.stdin.readline())
with open({log!r}, "a") as log:
    log.write(json.dumps(request) + "\\n")
for kind, options in request["kernels"]:
    for part, verdict in {faults!r}.items():
        if part in kind + options:
            if verdict == "endless":
                signal.pause()
            if verdict == "crashed":
                os._exit(1)
            print(verdict, flush=True)
            break
    else:
        print("right", flush=True)
"""


def install(monkeypatch, folder: Path, faults: dict[str, str] | None = None, seconds: float = 2.0) -> Path:
    """Let a quick stand-in judge kernels, by parts of their description, with a cache of its own.

    Returns:
        A file with a line for each process that was asked.
    """
    log, script = folder / "asked.jsonl", folder / "probe.py"
    log.touch()
    script.write_text(QUICK.format(log=str(log), faults=faults or {}))
    monkeypatch.setattr(process, "COMMAND", (sys.executable, "-S", str(script)))
    monkeypatch.setattr(process, "KERNEL_LIMIT", seconds)
    monkeypatch.setenv("NARROWS_CACHE", str(folder / "cache"))
    return log
