"""Give random documents to jsonschema, Pydantic and Ajv, and report every disagreement and every other error.

`nox -s validators -- 10000` runs it; without node or Ajv it compares the other two and says so. Ajv is looked for in
`node_modules` of the folder given with --node, where `npm install ajv` put it.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import documents
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from narrows.configs import ConfigError, load_config
from narrows.configs._families import FAMILIES

RUNNER = Path(__file__).with_name("validate.mjs")


def validators() -> dict[str, Draft202012Validator]:
    """A jsonschema validator for each kind of document."""
    files = [documents.schema_file(path) for path in sorted(documents.SCHEMAS.rglob("*.json"))]
    registry: Registry[Any] = Registry().with_resources((s["$id"], Resource.from_contents(s)) for s in files)
    return {
        root: Draft202012Validator(documents.schema_file(documents.SCHEMAS / f"{root}.json"), registry=registry)
        for root in documents.ROOTS
    }


def accepts(root: str, document: Any) -> bool:
    """Whether the generated classes accept a document; the rules between fields are not asked."""
    from pydantic import ValidationError

    try:
        FAMILIES[root].tagged.validator.validate_python(document)
    except ValidationError:
        return False
    return True


def samples(count: int, seed: int) -> list[tuple[str, Any]]:
    """Documents of every kind, a third of them valid."""
    rng = random.Random(seed)
    found = []
    for index in range(count):
        root = rng.choice(documents.ROOTS)
        document = documents.valid(rng, root)
        if index % 3:
            document = documents.mutated(rng, document)
        found.append((root, json.loads(json.dumps(document))))
    return found


def ajv_verdicts(cases: list[tuple[str, Any]], folder: Path) -> list[bool] | None:
    """What Ajv says of each document; None where node or Ajv is absent."""
    node = shutil.which("node")
    if node is None or not (folder / "node_modules" / "ajv").is_dir():
        return None
    bundle = documents.SCHEMAS.parent / "packages/configs/src/narrows/configs/_generated/bundle.json"
    script = shutil.copy(RUNNER, folder / RUNNER.name)  # node resolves packages from where the script stands
    lines = "\n".join(json.dumps({"root": root, "document": document}) for root, document in cases)
    result = subprocess.run([node, script, str(bundle)], input=lines, capture_output=True, text=True, check=True)
    return [line == "true" for line in result.stdout.split()]


def crashes(cases: list[tuple[str, Any]]) -> tuple[list[str], float]:
    """Errors of `load_config` that are no ConfigError, and the longest time a document took."""
    found, longest = [], 0.0
    for root, document in cases:
        start = time.perf_counter()
        try:
            load_config(document, root)
        except ConfigError:
            pass
        except Exception as error:
            found.append(f"{type(error).__name__}: {error} for {json.dumps(document)[:300]}")
        longest = max(longest, time.perf_counter() - start)
    return found, longest


def main() -> int:
    """Compare; exit status 1 on any disagreement or crash."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1000, help="documents")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--node", type=Path, default=Path(), help="folder with node_modules/ajv")
    arguments = parser.parse_args()
    cases = samples(arguments.count, arguments.seed)
    checks = validators()
    verdicts = {
        "jsonschema": [checks[root].is_valid(document) for root, document in cases],
        "Pydantic": [accepts(root, document) for root, document in cases],
    }
    ajv = ajv_verdicts(cases, arguments.node)
    if ajv is None:
        print("node or Ajv is absent: comparing jsonschema and Pydantic only.")
    else:
        verdicts["Ajv"] = ajv
    different = [n for n in range(len(cases)) if len({verdict[n] for verdict in verdicts.values()}) > 1]
    for n in different[:10]:
        print({name: verdict[n] for name, verdict in verdicts.items()}, json.dumps(cases[n][1])[:2000])
    failures, longest = crashes(cases)
    print("\n".join(failures[:10]))
    valid = sum(verdicts["jsonschema"])
    print(
        f"{len(cases)} documents, {valid} valid, validators: {', '.join(verdicts)}; "
        f"{len(different)} disagreements, {len(failures)} errors other than ConfigError, "
        f"longest {longest * 1e3:.0f} ms."
    )
    return 1 if different or failures else 0


if __name__ == "__main__":
    sys.exit(main())
