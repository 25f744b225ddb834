"""How long importing narrows.configs and loading a first document take, in fresh processes.

Prints medians of wall-clock and processor time; `import pydantic` and its `BaseModel` stand beside them, which every
typed configuration needs. `python benchmarks/config_loading.py [FILE ...]` loads files of your own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from narrows.configs._usual import USUAL

TIMED = """
import time
wall, cpu = time.perf_counter(), time.process_time()
{}
print((time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3)
"""


def measure(statement: str, before: str = "", runs: int = 20) -> tuple[float, float]:
    """Median wall-clock and processor time of a statement in milliseconds, each time in a new process."""
    times = []
    for _ in range(runs):
        command = [sys.executable, "-c", before + TIMED.format(statement)]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        times.append([float(word) for word in output.split()])
    wall, cpu = zip(*times, strict=True)
    return median(wall), median(cpu)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=20)
    arguments = parser.parse_args()
    imports = "from narrows.configs import load_config"
    rows = [(text, text, "") for text in ("import pydantic", "from pydantic import BaseModel")]
    rows += [("import narrows.configs", "import narrows.configs", ""), (imports, imports, "")]
    with tempfile.TemporaryDirectory() as folder:
        files = list(arguments.files)
        for document in () if files else USUAL:
            files.append(Path(folder) / f"{document['model_type']}.json")
            files[-1].write_text(json.dumps(document), encoding="utf-8")
        rows += [(f"first load of {file.name}", f"load_config({str(file)!r})", f"{imports}\n") for file in files]
        print(f"| | wall ms | CPU ms |\n|---|---|---|\n|median of {arguments.runs} processes|||")
        for name, statement, before in rows:
            wall, cpu = measure(statement, before, arguments.runs)
            print(f"| `{name}` | {wall:.1f} | {cpu:.1f} |")


if __name__ == "__main__":
    main()
