"""`narrows env`: what this installation and machine are, for a bug report."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distributions, metadata, version
from pathlib import Path
from typing import Any

BESIDE = (
    *("torch", "numpy", "pydantic", "soundfile", "soxr", "safetensors"),
    *("vector-quantize-pytorch", "lightning-fabric"),
)
"""Libraries whose version decides what Narrows does."""
CPU_INFO = Path("/proc/cpuinfo")
EPILOG = """\
Copy what it prints into a bug report. It holds no paths, names or addresses; --json gives it to scripts.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(arguments: argparse.Namespace) -> None:
    """Print it."""
    found = environment()
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    for title, values in found.items():
        print(f"{title}:")
        width = max(map(len, values), default=0)
        for name, value in values.items():
            print(f"  {name:<{width}}  {value}")


def environment() -> dict[str, dict[str, Any]]:
    """Versions, machine, devices and extras, each by name."""
    return {
        "Narrows": dict(_own_packages()),
        "Machine": _machine(),
        "PyTorch": _torch(),
        "Libraries": {name: _version(name) for name in BESIDE},
        "Extras": dict(_extras()),
    }


def _own_packages() -> Iterator[tuple[str, str]]:
    names = {dist.name for dist in distributions() if re.fullmatch(r"narrows(-[a-z]+)?", dist.name)}
    for name in sorted(names):
        yield name, version(name)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _machine() -> dict[str, Any]:
    return {
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory": _memory(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _processor() -> str:
    """The model of the processor, which Python knows on few systems."""
    try:
        names = re.findall(r"^model name\s*:\s*(.+)$", CPU_INFO.read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        names = []
    return names[0] if names else platform.processor() or "unknown"


def _memory() -> str:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return "unknown"
    return f"{size / 2**30:.1f} GiB"


def _torch() -> dict[str, Any]:
    """What PyTorch sees; why it does not load, where it does not."""
    try:
        import torch
    except Exception as error:  # whatever a broken installation does: this is the command that says so
        return {"error": f"{type(error).__name__}: {error}"}
    found: dict[str, Any] = {"version": torch.__version__, "built for CUDA": torch.version.cuda or "no"}
    found |= {"instructions": torch.backends.cpu.get_cpu_capability(), "threads": torch.get_num_threads()}
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(index)
            found[f"cuda:{index}"] = f"{properties.name}, {properties.total_memory / 2**30:.1f} GiB"
    else:
        found["cuda"] = "not available"
    found["mps"] = "available" if torch.backends.mps.is_available() else "not available"
    return found


def _extras() -> Iterator[tuple[str, str]]:
    """Each extra of each package: what it installs is there, or what is missing."""
    for package, _ in _own_packages():
        described = metadata(package)
        for extra in described.get_all("Provides-Extra") or []:
            wanted = _requirements(described.get_all("Requires-Dist") or [], extra)
            missing = [name for name in wanted if _version(name) == "not installed"]
            yield f"{package}[{extra}]", f"missing: {', '.join(missing)}" if missing else "installed"


def _requirements(lines: list[str], extra: str) -> Iterator[str]:
    """Names of what an extra requires on this system's metadata, e.g. of `av>=14 ; extra == 'm4a'`."""
    for line in lines:
        requirement, _, marker = line.partition(";")
        if re.search(rf"extra\s*==\s*['\"]{re.escape(extra)}['\"]", marker):
            name = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
            if name is not None:
                yield name.group()
