"""Run the examples of README.md and docs/: every Python block and every shell line that can run, and read the rest.

    python tools/docs_site/run_examples.py [PAGE ...]

A page is run from its first block to its last in a folder of its own, with small models and short sounds that
`example_places.py` makes. YAML and JSON is parsed. What is not run has a reason in `REASONS`, and a reason that no
block needs is an error. Prints a line a page, what failed, and the sums; exit status 1 when anything failed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import traceback
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHELL = {"sh", "console"}
REASONS = json.loads((Path(__file__).parent / "examples_not_run.json").read_text(encoding="utf-8"))
"""Regular expression of a line or block, and why it is not run."""
ADDED = {
    r"^narrows train(?!.* --cfg)": "steps=2 val_every=2 checkpoint_every=2 batch_size=2 num_workers=0",
}
"""What is added to a command so that it takes seconds: regular expression, words."""


@dataclass
class Tally:
    """What became of the examples of a page."""

    ran: int = 0
    read: int = 0
    left: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def reason(text: str, used: set[str]) -> str | None:
    """Why an example is not run; the reason counts as used."""
    for pattern, why in REASONS.items():
        if re.search(pattern, text):
            used.add(pattern)
            return str(why)
    return None


def commands(block: str) -> list[str]:
    """The commands of a shell block, without comments."""
    if block.startswith("#!"):
        return [block]
    lines = re.sub(r"\\\n", " ", block).splitlines()
    return [line.split("  #")[0].strip() for line in lines if line.strip() and not line.startswith("#")]


def run_command(command: str) -> str:
    """Run a command; what it printed, where it failed."""
    for pattern, words in ADDED.items():
        if re.search(pattern, command):
            command += f" {words}"
    if not command.startswith("narrows ") or ">" in command:
        done = subprocess.run(["bash", "-ec", command], capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else done.stdout + done.stderr
    from narrows.cli.main import main

    printed = StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            code = main([os.path.expanduser(word) for word in shlex.split(command)[1:]])  # noqa: PTH111
        except SystemExit as stop:
            code = 1 if stop.code else 0
    return "" if code == 0 else printed.getvalue()[-1500:]


def run_python(block: str, where: str, names: dict[str, Any]) -> str:
    """Run a block with the names of the page; the traceback, where it failed."""
    try:
        with redirect_stdout(StringIO()):
            exec(compile(block, where, "exec"), names)
    except Exception:
        return "".join(traceback.format_exc().splitlines(keepends=True)[-4:])
    return ""


def read(kind: str, block: str) -> str:
    """Parse a document; what is wrong with it."""
    try:
        json.loads(block) if kind == "json" else yaml.safe_load(block)
    except (ValueError, yaml.YAMLError) as error:
        return str(error)
    return ""


def run_page(path: Path, folder: Path, used: set[str]) -> Tally:
    """Run the examples of a page in a folder that has what they need."""
    from example_places import models_of, names

    tally, text = Tally(), path.read_text(encoding="utf-8")
    models_of(path.name)(folder)
    os.environ["HOME"] = str(folder)
    with chdir(folder):
        given = names(path.name)
        for match in FENCE.finditer(text):
            kind, block = match.groups()
            where = f"{path.relative_to(ROOT)}:{text[: match.start()].count(chr(10)) + 1}"
            if kind in {"yaml", "json"}:
                note(tally, where, block, read(kind, block), ran=False)
                keep(block)
            elif kind == "python":
                why = reason(block, used)
                tally.left += [f"{where}: {why}"] if why else []
                if not why:
                    note(tally, where, block, run_python(block, where, given))
            elif kind in SHELL:
                for command in commands(block):
                    why = reason(command, used)
                    tally.left += [f"{where}: {why}: {command.splitlines()[0]}"] if why else []
                    if not why:
                        note(tally, f"{where}: {command}", block, run_command(command))
    return tally


def keep(block: str) -> None:
    """A document whose first line is a comment with its name is written under that name, for the commands below it."""
    if (named := re.match(r"# ([\w./-]+\.yaml)\n", block)) is not None:
        Path(named[1]).write_text(block.replace("/data/", "./"), encoding="utf-8")


def note(tally: Tally, where: str, block: str, problem: str, ran: bool = True) -> None:
    """Count an example, or its failure."""
    if problem:
        tally.failed.append(f"{where}\n{problem}")
    elif ran:
        tally.ran += 1
    else:
        tally.read += 1


def main(names: list[str]) -> int:
    """Run the pages that are named, or all; exit status."""
    sys.path.insert(0, str(Path(__file__).parent))
    from example_places import prepare

    pages = [ROOT / name for name in names] or [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    used: set[str] = set()
    tallies: list[Tally] = []
    with tempfile.TemporaryDirectory() as place:
        base = Path(place) / "base"
        base.mkdir()
        prepare(base)
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        # What the rules refuse is made and tested by tools/rule_docs.py.
        for page in (page for page in pages if page.name != "rules.md"):
            folder = Path(shutil.copytree(base, Path(place) / page.stem))
            tallies.append(tally := run_page(page, folder, used))
            told = (
                f"{tally.ran} run",
                f"{tally.read} read",
                f"{len(tally.left)} not run",
                f"{len(tally.failed)} failed",
            )
            print(f"{page.name}: {', '.join(told)}")
            print(
                *(f"  not run: {line}" for line in tally.left),
                *(f"  FAILED {text}" for text in tally.failed),
                sep="\n",
                flush=True,
            )
    unused = [] if names else sorted(set(REASONS) - used)
    print(*(f"FAILED  no example needs the reason for {pattern}" for pattern in unused), sep="\n")
    sums = [sum(t.ran for t in tallies), sum(t.read for t in tallies), sum(len(t.left) for t in tallies)]
    failed = sum(len(t.failed) for t in tallies) + len(unused)
    print(f"{sums[0]} examples run, {sums[1]} documents read, {sums[2]} not run, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
