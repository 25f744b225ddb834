"""How long importing narrows.configs and loading a first document take, in fresh processes.

Prints medians of wall-clock and processor time of import and first load together, for documents that nobody tuned the
loader for: a sample of the corpus of the tests, drawn by seed. `import pydantic` and its `BaseModel` are measured too,
since every typed configuration needs those. `python benchmarks/config_loading.py [FILE ...]` loads your own files.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from pathlib import Path
from statistics import median

CORPUS = Path(__file__).resolve().parents[1] / "tests" / "configs" / "corpus"

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
    parser.add_argument("--documents", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    imports = "from narrows.configs import load_config"
    rows = [(text, text, "") for text in ("import pydantic", "from pydantic import BaseModel")]
    rows += [("import narrows.configs", "import narrows.configs", ""), (imports, imports, "")]
    files = arguments.files or sample(arguments.documents, arguments.seed)
    rows += [(f"import and load {file.name}", f"{imports}; load_config({str(file)!r})", "") for file in files]
    print(f"| | wall ms | CPU ms |\n|---|---|---|\n|median of {arguments.runs} processes|||")
    for name, statement, before in rows:
        wall, cpu = measure(statement, before, arguments.runs)
        print(f"| `{name}` | {wall:.1f} | {cpu:.1f} |")


def sample(count: int, seed: int) -> list[Path]:
    """Whole documents of the corpus, drawn at random."""
    whole = [path for path in sorted(CORPUS.rglob("*.json")) if '"model_type"' in path.read_text(encoding="utf-8")]
    return random.Random(seed).sample(whole, min(count, len(whole)))


if __name__ == "__main__":
    main()
