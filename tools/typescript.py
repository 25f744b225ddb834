"""Make TypeScript types from the bundled schemas and let the compiler check them.

`nox -s typescript` runs it. json-schema-to-typescript and typescript are looked for in `node_modules` of the folder
given with --node; where node or one of them is absent, it says so and passes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUNDLE = ROOT / "packages/configs/src/narrows/configs/_generated/bundle.json"
ROOTS = ("model", "dataset", "experiment")
USE = """\
import type { AutoencoderConfig } from "./model";
import type { AudioDirDatasetConfig } from "./dataset";

export const dataset: AudioDirDatasetConfig = { dataset_type: "audio_dir", path: "audio" };
export const channels = (config: AutoencoderConfig): number => config.model.latent_dim;
// @ts-expect-error a model type that does not exist
export const wrong: AutoencoderConfig["model_type"] = "autoencodr";
"""


def write_types(tools: Path, folder: Path) -> None:
    """Write `model.ts`, `dataset.ts`, `experiment.ts` and a file that uses them to a folder."""
    bundle = json.loads(BUNDLE.read_text(encoding="utf-8"))
    for name, schema in bundle["$defs"].items():
        path = folder / "schemas" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({k: v for k, v in schema.items() if k != "$id"}), encoding="utf-8")
    for root in ROOTS:
        source, target = folder / "schemas" / f"{root}.json", folder / f"{root}.ts"
        subprocess.run(
            [str(tools / "json2ts"), "-i", str(source), "-o", str(target), "--cwd", str(source.parent)], check=True
        )
    (folder / "use.ts").write_text(USE, encoding="utf-8")


def main() -> int:
    """Write and compile; exit status 1 when the compiler complains."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--node", type=Path, default=Path(), help="folder with node_modules")
    parser.add_argument("--out", type=Path, help="folder to keep the types in")
    arguments = parser.parse_args()
    tools = arguments.node.resolve() / "node_modules/.bin"
    missing = [name for name in ("json2ts", "tsc") if not (tools / name).exists()]
    if shutil.which("node") is None or missing:
        print(f"skipped: {'node' if shutil.which('node') is None else ', '.join(missing)} is absent.")
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.out.resolve() if arguments.out else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        write_types(tools, folder)
        files = [str(folder / f"{name}.ts") for name in (*ROOTS, "use")]
        compiled = subprocess.run([str(tools / "tsc"), "--noEmit", "--strict", *files], check=False)
        lines = sum(Path(file).read_text(encoding="utf-8").count("\n") for file in files)
    print(f"{lines} lines of TypeScript {'compile' if compiled.returncode == 0 else 'do not compile'}.")
    return 1 if compiled.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
