"""Let the language servers behind editors complete and check documents that name the schemas.

`nox -s editors` runs it. vscode-json-languageservice and yaml-language-server are looked for in `node_modules` of the
folder given with --node; where node or one of them is absent, it says so and passes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from narrows.configs.schemas import editor_schema

RUNNER = Path(__file__).with_name("editors.mjs")
SERVERS = ("vscode-json-languageservice", "yaml-language-server")
JSON = """\
{
  "$schema": "./narrows.schema.json",
  "experiment": "train",
  "stepz": 3,
  "model_config": {
    "model_type": "autoencoder",
    "sample_rate": "44100",
    "model": {"bottleneck": {"type": "fs"}}
  }
}
"""
YAML = """\
# yaml-language-server: $schema=narrows.schema.json
experiment: train
stepz: 3
model_config:
  model_type: autoencoder
  sample_rate: "44100"
  model:
    bottleneck:
      type: fs
"""
LINES = {"json": {"stepz": 4, "integer": 7, "fsq": 8}, "yaml": {"stepz": 3, "integer": 6, "fsq": 9}}
"""What must be told at which line: the unknown key, the number in quotes, the types there are."""
OFFERED = {"vae", "fsq", "rvq", "dac_rvq", "tanh"}


def ask(node: str, packages: Path) -> dict[str, Any]:
    """What the servers say: `problems` and `offered`, by language."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "narrows.schema.json").write_text(json.dumps(editor_schema()), encoding="utf-8")
        (folder / "experiment.json").write_text(JSON, encoding="utf-8")
        (folder / "experiment.yaml").write_text(YAML, encoding="utf-8")
        script = shutil.copy(RUNNER, packages / RUNNER.name)  # node resolves packages from where the script stands
        result = subprocess.run([node, script, str(folder)], capture_output=True, text=True, check=True)
    answers: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return answers


def mistakes(answers: dict[str, Any]) -> list[str]:
    """What the servers do not say, though they must."""
    found = []
    for language, lines in LINES.items():
        told = answers[language]["problems"]
        for word, line in lines.items():
            if not any(word in problem["message"] and problem["line"] == line for problem in told):
                found.append(f"{language}: nothing about {word} at line {line}: {told}")
        if missing := OFFERED - set(answers[language]["offered"]):
            found.append(f"{language}: {', '.join(sorted(missing))} not offered: {answers[language]['offered']}")
    return found


def main() -> int:
    """Ask both servers; exit status 1 when one does not say what it must."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--node", type=Path, default=Path(), help="folder with node_modules")
    packages = parser.parse_args().node.resolve()
    node = shutil.which("node")
    absent = [name for name in SERVERS if not (packages / "node_modules" / name).is_dir()]
    if node is None or absent:
        print(f"skipped: {'node' if node is None else ', '.join(absent)} is absent.")
        return 0
    answers = ask(node, packages)
    found = mistakes(answers)
    print("\n".join(found))
    for language, said in answers.items():
        print(f"{language}: {len(said['problems'])} problems told, {len(said['offered'])} types offered.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
