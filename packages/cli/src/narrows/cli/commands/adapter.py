"""`narrows adapter`: look into adapters, merge them into models, and convert, extract and prepare them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from narrows.cli.main import UserError
from narrows.cli.model_folders import keep_model

EPILOG = """\
Adapters are files of Narrows and stable-audio-3 (safetensors), of sd-scripts, or folders of PEFT or a training run.

  narrows adapter inspect style.safetensors my_model
  narrows adapter merge my_model style.safetensors=0.8 -o my_model_in_style
  narrows adapter convert style.safetensors my_model --to peft -o style_for_peft
  narrows adapter extract my_model my_model_fine_tuned --rank 16 -o difference.safetensors
  narrows adapter bases my_model --rank 64 -o bases.pt
"""
MODEL = "save_model folder or training checkpoint"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    inspect = actions.add_parser("inspect", help="what an adapter is, and how strongly it changes a model")
    inspect.add_argument("adapter", type=Path, metavar="ADAPTER")
    inspect.add_argument("model", type=Path, nargs="?", metavar="MODEL", help=f"measure the change of it: {MODEL}")
    inspect.add_argument("--layers", action="store_true", help="name every layer")
    inspect.add_argument("--json", action="store_true", help="print everything as JSON")
    merge = actions.add_parser("merge", help="write adapters into the weights of a model, to a new folder")
    merge.add_argument("model", type=Path, metavar="MODEL", help=MODEL)
    merge.add_argument("adapters", nargs="+", metavar="ADAPTER[=STRENGTH]", help="in the order in which they act")
    merge.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER", help="model folder to write")
    convert = actions.add_parser("convert", help="write an adapter as others name it")
    convert.add_argument("adapter", type=Path, metavar="ADAPTER")
    convert.add_argument("model", type=Path, metavar="MODEL", help=f"whose layers it names: {MODEL}")
    convert.add_argument(
        "--to", choices=["narrows", "peft"], required=True, help="narrows is a file that stable-audio-3 reads too"
    )
    convert.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="file, or folder for peft")
    extract = actions.add_parser("extract", help="make a LoRA of the difference of two models")
    extract.add_argument("base", type=Path, metavar="BASE", help=MODEL)
    extract.add_argument("tuned", type=Path, metavar="TUNED", help="the same with other weights")
    bases = actions.add_parser("bases", help="write singular vectors of weights, so that -xs adapters start at once")
    bases.add_argument("model", type=Path, metavar="MODEL", help=MODEL)
    for action, help in ((extract, "of the adapter (default 16)"), (bases, "vectors of each weight (default 16)")):
        action.add_argument("--rank", type=int, default=16, help=help)
        action.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    for action in (merge, convert, extract, bases):
        action.add_argument("--overwrite", action="store_true", help="replace what is there")


def run(arguments: argparse.Namespace) -> None:
    """Do what the action says."""
    if getattr(arguments, "rank", 1) < 1:
        raise UserError(f"--rank must be at least 1, got {arguments.rank}.")
    actions = {"inspect": _inspect, "merge": _merge, "convert": _convert, "extract": _extract, "bases": _bases}
    actions[arguments.action](arguments)


def _inspect(arguments: argparse.Namespace) -> None:
    from narrows.models.adapters import AdapterUse, load_adapters, read_adapter

    content = read_adapter(arguments.adapter)
    scales = sorted({layer.scale for layer in content.layers.values()})
    facts: dict[str, Any] = {
        "kind": content.kind,
        "layout": content.source,
        "layers": len(content.layers),
        "rank": sorted({layer.rank for layer in content.layers.values()}),
        "scale": scales,
        "parameters": content.parameters,
        "base": content.base or "unknown",
        "trained with": dict(content.config),
    }
    report = None
    if arguments.model:
        report = load_adapters(_load(arguments.model), [AdapterUse(arguments.adapter)])[0].report
    if arguments.json:
        effect = {} if report is None else {"effect": report.as_dict()}
        print(json.dumps({**facts, "names": list(content.layers), **effect}, indent=2, ensure_ascii=False))
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"{name:<{width}}  {_shown(value)}")
    if arguments.layers:
        print("\n".join(["", *content.layers]))
    if report is not None:
        _print_effect(report)


def _print_effect(report: Any) -> None:
    bases = {"same": "the model that it was trained on", "other": "another model than it was trained on"}
    print(f"\nThis is {bases.get(report.base, 'a model that it fits')}.")
    width = max(map(len, (*report.parts, "all")))
    print(f"{'part':<{width}}  layers  ‖ΔW‖/‖W‖")
    for name, effect in {**report.parts, "all": report.whole}.items():
        print(f"{name:<{width}}  {effect.layers:>6}  {effect.ratio:.4g}")
    print(f"most: {report.strongest[0]} ({report.strongest[1]:.4g})")


def _merge(arguments: argparse.Namespace) -> None:
    from narrows.models import save_model
    from narrows.models.adapters import AdapterUse, apply_adapters
    from narrows.models.adapters.use import ALWAYS

    uses = [AdapterUse.parse(text) for text in arguments.adapters]
    for use in uses:
        if use.interval != ALWAYS:
            raise UserError(f"{use.path}: weights cannot depend on the noise level: leave out the interval.")
    _keep(arguments, arguments.model)
    keep_model(arguments.output, arguments.overwrite, arguments.model)
    model = _load(arguments.model)
    for report in apply_adapters(model, uses):
        print(report)
    print(f"Wrote {save_model(model, arguments.output)}")


def _convert(arguments: argparse.Namespace) -> None:
    from narrows.models.adapters.conversion import convert_adapter

    _keep(arguments, arguments.adapter, arguments.model)
    content = convert_adapter(arguments.adapter, arguments.output, arguments.to, _load(arguments.model))
    print(f"Wrote {arguments.output}: {content.kind} in {len(content.layers)} layers")


def _extract(arguments: argparse.Namespace) -> None:
    from narrows.models.adapters import write_adapter
    from narrows.models.adapters.conversion import extract_adapter

    _keep(arguments, arguments.base, arguments.tuned)
    found = extract_adapter(_load(arguments.base), _load(arguments.tuned), arguments.rank)
    write_adapter(arguments.output, found.content)
    layers = len(found.content.layers)
    print(f"Wrote {arguments.output}: {found.share:.1%} of the change of {layers} layers, squared")
    if found.left:
        print(f"Not in it: {len(found.left)} other tensors that differ, e.g. {found.left[0]}")


def _bases(arguments: argparse.Namespace) -> None:
    from narrows.models.adapters.attach import base_weight
    from narrows.models.adapters.bases import write_bases
    from narrows.models.adapters.targets import layers

    _keep(arguments, arguments.model)
    weights = {name: base_weight(layer) for name, layer in layers(_load(arguments.model)).items()}
    write_bases(arguments.output, weights, arguments.rank)
    print(f"Wrote {arguments.output}: singular vectors of {len(weights)} weights")


def _keep(arguments: argparse.Namespace, *sources: Path) -> None:
    """Refuse an output that would take the place of what is read, of a file in its folder, or of any other file."""
    output: Path = arguments.output
    for source in sources:
        if not (source.exists() and output.exists()):
            continue
        if output.samefile(source) or (source.is_dir() and output.is_file() and output.parent.samefile(source)):
            raise UserError(f"{output} is what is read, which would be lost: choose another name.")
    theirs = [output, output / "adapter_model.safetensors", output / "adapter_config.json"]
    taken = [path for path in theirs if path.is_file()]
    if taken and not arguments.overwrite:
        raise UserError(f"{taken[0]} is there already; --overwrite replaces it.")


def _load(path: Path) -> Any:
    from narrows.models import load_model

    if not path.exists():
        raise UserError(f"No such model: {path}")
    return load_model(path)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(f"{one:g}" for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {one}" for key, one in value.items() if one is not None) or "unknown"
    return f"{value:,}" if isinstance(value, int) else str(value)
