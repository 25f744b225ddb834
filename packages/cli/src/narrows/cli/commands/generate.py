"""`narrows generate`: prompts to audio files."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

from narrows.cli.engines import add_engine_arguments, cluster_of, joined, local_threads
from narrows.cli.main import UserError
from narrows.cli.outputs import Output, output_at
from narrows.cli.report_files import is_page, keep_others
from narrows.configs.copies import local_copy

EPILOG = """\
Each sound becomes OUT/NUMBER-PROMPT.wav and a .json beside it with the request, the seed, hashes and the licence. Run
again, the command makes what is missing. What a line of a prompt file says goes before the options.

  narrows generate my_model "rain on a roof" --seconds 10 --seed 7 -o sounds/
  narrows generate my_model --prompts prompts.csv --steps 50 -o sounds/ --keep-going
  narrows generate my_model "drum fill" --inpaint song.wav --region 4:8 -o fills/
  narrows generate my_model "rain" --adapter style.safetensors=0.8 --adapter detail.safetensors=1:0-0.5 -o styled/
"""
OPTIONS = (
    "seconds",
    "steps",
    "cfg_scale",
    "negative",
    "sampler",
    "schedule",
    "init_noise_level",
    "extend",
    "temperature",
    "top_k",
    "top_p",
)
"""Options that are fields of a request under the same name."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.set_defaults(stores=True)
    parser.add_argument("model", type=Path, metavar="MODEL", help="save_model folder or training checkpoint")
    parser.add_argument("prompt", nargs="*", metavar="PROMPT", help="one sound each")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help="folder for the sounds, or address"
    )
    parser.add_argument(
        "--prompts", type=Path, metavar="FILE", help=".txt, .csv, .jsonl or .yaml with a request a line"
    )
    parser.add_argument(
        "--keep-going", action="store_true", help="leave out requests that are wrong; exit 1 all the same"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the first sound; it counts up (default 0)")
    parser.add_argument("--count", type=int, default=1, help="sounds of each prompt (default 1)")
    parser.add_argument("--condition", action="append", default=[], metavar="KEY=VALUE", help="may be repeated")
    parser.add_argument("--seconds", type=float, help="length (default: that of the model)")
    parser.add_argument("--cfg-scale", type=float, help="guidance (default 6 in diffusion models, else 1)")
    parser.add_argument("--steps", type=int, help="of the sampler, or of each codebook of a masked language model")
    parser.add_argument("--inpaint", metavar="FILE", help="audio of which regions are generated anew")
    parser.add_argument(
        "--region", type=_region, action="append", default=[], metavar="4:8", help="seconds; repeatable"
    )
    parser.add_argument(
        "--adapter",
        action="append",
        default=[],
        metavar="FILE[=STRENGTH[:FROM-TO]]",
        help="adapter to use, at noise levels FROM to TO only; may be repeated",
    )
    _add_diffusion(parser.add_argument_group("diffusion models"))
    tokens = parser.add_argument_group("language models")
    tokens.add_argument("--temperature", type=float, help="spread of the draws, 0 for the likeliest token")
    tokens.add_argument("--top-k", type=int, help="draw from so many of the likeliest tokens (default 250)")
    tokens.add_argument("--top-p", type=float, help="draw from the likeliest tokens with this share together")
    tokens.add_argument("--prompt-audio", metavar="FILE", help="audio that is continued")
    _add_running(parser.add_argument_group("running"))
    add_engine_arguments(parser)


def _add_diffusion(group: Any) -> None:
    group.add_argument("--loop", action="store_true", help="sounds that repeat without a seam")
    group.add_argument(
        "--extend", type=float, metavar="SECONDS", help="go on for so long, beyond the trained length too"
    )
    group.add_argument("--negative", metavar="PROMPT", help="what to stay away from")
    group.add_argument("--sampler", help="its type (default: that of stable-audio-tools)")
    group.add_argument("--schedule", help="its type (default: that of the sampler)")
    group.add_argument("--init", metavar="FILE", help="audio to vary")
    group.add_argument("--init-noise-level", type=float, help="noise to start a variation from (default 1)")


def _add_running(group: Any) -> None:
    group.add_argument("--device", default="auto", help="auto (the default), cpu, cuda, cuda:1, mps ...")
    group.add_argument(
        "--precision",
        choices=["float32", "bfloat16", "float16", "int8"],
        default="float32",
        help="of the weights; int8 for language models only",
    )
    group.add_argument("--compile", action="store_true", help="compile the model first; pays for long work")
    group.add_argument("--batch-size", type=int, help="sounds at a time (default 4; on a CPU what fits its cache)")
    group.add_argument(
        "--format", choices=["wav", "wav16", "wav24", "flac"], default="wav", help="wav is 32-bit float (the default)"
    )
    group.add_argument("--normalize", action="store_true", help="bring the peak of each sound to -1 dBFS")
    group.add_argument(
        "--offload",
        action="store_true",
        help="hold the model in main memory, and on the device only the part at work; encoders leave when done",
    )
    group.add_argument("--html", type=Path, metavar="FILE", help="write a page with players")
    group.add_argument("--dry-run", action="store_true", help="print the plan and make nothing")
    group.add_argument("--json", action="store_true", help="print the outputs as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Generate; 1 when a request was left out."""
    _check(arguments)
    cluster = cluster_of(arguments)
    with output_at(arguments.output) as output, joined(cluster) as device:
        return _run(arguments, output, cluster, device)


def _run(arguments: argparse.Namespace, output: Output, cluster: Any, device: str | None) -> int:
    from narrows.pipelines.generation.storing import SoundStore

    # The workers of a cluster have the devices; this process only has to know what the model is.
    model = _model(arguments, None if cluster is None else "cpu")
    plan = _plan(model, arguments, output, device)
    if plan.problems and not arguments.keep_going:
        raise UserError("\n".join(plan.problems))
    for problem in plan.problems:
        print(problem, file=sys.stderr)
    store = None if output.address is None else SoundStore(output.address, output.folder)
    if store is not None:
        plan = store.look(plan)
    aside: dict[str, str] = {}
    if not arguments.dry_run:
        plan, aside = _made(model, plan, arguments, output, store, cluster)
    if arguments.dry_run or arguments.json:
        _print(plan, output, arguments.json)
    return 1 if plan.problems or aside else 0


def _made(
    model: Any, plan: Any, arguments: argparse.Namespace, output: Output, store: Any, cluster: Any
) -> tuple[Any, dict[str, str]]:
    """Make what is missing; gives the plan as it is then, and outputs that were left out, with the reason."""
    aside: dict[str, str] = {}
    if store is not None:
        store.begin(plan)
    if cluster is None:
        written = _here(model, plan, arguments, output, store)
    else:
        from narrows.pipelines.generation.on_ray import run_plan_on_ray

        written, aside = run_plan_on_ray(partial(_model, arguments), plan, cluster, output.address)
    if store is not None:
        plan = store.end(plan)
    for file, reason in aside.items():
        print(f"{output.shown(Path(file))}: {reason}", file=sys.stderr)
    _tell_clipping(plan, output)
    if arguments.html:
        from narrows.pipelines.generation.page import write_page

        if store is not None:
            store.fetch_sounds(plan)
        print(f"Page: {write_page(plan, arguments.html)}", file=sys.stderr)
    there = len(plan.outputs) - written - len(aside)
    print(f"{written} written, {there} there already.", file=sys.stderr)
    return plan, aside


def _plan(model: Any, arguments: argparse.Namespace, output: Output, device: str | None) -> Any:
    from narrows.pipelines.generation.run import make_plan

    return make_plan(
        model,
        _entries(arguments),
        output.folder,
        defaults=_defaults(arguments),
        seed=arguments.seed,
        count=arguments.count,
        batch_size=arguments.batch_size,
        form=arguments.format,
        normalize=arguments.normalize,
        made_by={
            "precision": arguments.precision,
            **({"compile": True} if arguments.compile else {}),
            **_adapters(arguments),
        },
        device=device,
    )


def _here(model: Any, plan: Any, arguments: argparse.Namespace, output: Output, store: Any) -> int:
    """Make the sounds in this process; returns how many were written."""
    from narrows.pipelines.generation.run import run_plan
    from narrows.pipelines.progress import Progress

    progress, done = Progress(len(plan.outputs)), 0

    def told(made: Any) -> None:
        nonlocal done
        if store is not None:
            store.put(made)
        done += 1
        progress.note(output.shown(made.path))
        progress.advance(done)

    with local_threads(arguments):
        written = run_plan(model, plan, told, _workplace(arguments))
    progress.close()
    return written


def _check(arguments: argparse.Namespace) -> None:
    if arguments.count < 1 or (arguments.batch_size is not None and arguments.batch_size < 1):
        raise UserError("--count and --batch-size must be at least 1.")
    if arguments.offload and arguments.engine == "ray":
        raise UserError("--offload is for one process: leave out --engine ray, or --offload.")
    if arguments.seed < 0:
        raise UserError(f"--seed must be at least 0, got {arguments.seed}.")
    if arguments.html and arguments.dry_run:
        raise UserError("--dry-run makes no sounds for --html: leave out one of them.")
    keep_others(arguments.html, is_page)
    if arguments.region and not arguments.inpaint:
        raise UserError("--region needs --inpaint FILE.")
    if arguments.prompt and arguments.prompts:
        raise UserError("Give prompts as arguments or in --prompts FILE, not both.")


def _entries(arguments: argparse.Namespace) -> list[Any]:
    from narrows.pipelines.generation.prompt_files import Entry, read_prompts

    if arguments.prompts:
        return read_prompts(local_copy(arguments.prompts))
    if not arguments.prompt:
        return [Entry("Item 0", {})]
    return [Entry(f"Item {index}", {"prompt": prompt}) for index, prompt in enumerate(arguments.prompt)]


def _defaults(arguments: argparse.Namespace) -> dict[str, Any]:
    from narrows.pipelines.generation.prompt_files import parsed

    given = {name: getattr(arguments, name) for name in OPTIONS}
    given |= {"init_audio": arguments.init, "inpaint": arguments.inpaint, "prompt_audio": arguments.prompt_audio}
    conditions = {}
    for text in arguments.condition:
        key, sign, value = text.partition("=")
        if not sign or not key:
            raise UserError(f"--condition is KEY=VALUE, got {text!r}.")
        conditions[key] = parsed(value)
    given |= {"conditions": conditions or None, "regions": arguments.region or None, "loop": arguments.loop or None}
    return {name: value for name, value in given.items() if value is not None}


def _model(arguments: argparse.Namespace, device: Any = None) -> Any:
    """The model, prepared, on a device; None for the one that is asked for."""
    import torch

    from narrows.cli.devices import choose_device
    from narrows.models import load_model
    from narrows.models.inference import prepare_for_inference
    from narrows.models.lm.model import AudioLanguageModel
    from narrows.models.lm.precision import prepare_generation

    if not arguments.model.exists():
        raise UserError(f"No such model: {arguments.model}")
    home = "cpu" if arguments.offload else device or choose_device(arguments.device)
    model = _adapted(load_model(arguments.model), arguments.adapter).to(home)
    if arguments.offload and not hasattr(model, "diffusion_objective"):
        raise UserError("--offload is for diffusion models, whose parts work one after the other: leave it out.")
    if arguments.compile and not hasattr(model, "diffusion_objective"):
        raise UserError("--compile is for diffusion models: leave it out.")
    if isinstance(model, AudioLanguageModel):
        prepare_generation(model, arguments.precision)
    elif arguments.precision == "int8":
        raise UserError("--precision int8 is for language models.")
    else:
        prepare_for_inference(model, getattr(torch, arguments.precision), arguments.compile)
    return model


def _adapted(model: Any, adapters: list[str]) -> Any:
    """The model with its adapters; what each changes is told."""
    if adapters:
        from narrows.models.adapters import apply_adapters

        for report in apply_adapters(model, adapters):
            print(report, file=sys.stderr)
    return model


def _adapters(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the JSON beside a sound says of the adapters; nothing where there are none."""
    if not arguments.adapter:
        return {}
    from narrows.models.adapters import AdapterUse
    from narrows.models.adapters.files import adapter_file
    from narrows.pipelines.generation.outputs import sha256

    uses = [AdapterUse.parse(text) for text in arguments.adapter]
    said = [
        {
            "file": str(use.path),
            "sha256": sha256(adapter_file(Path(use.path))),
            "strength": use.strength,
            "interval": list(use.interval),
        }
        for use in uses
    ]
    return {"adapters": said}


def _workplace(arguments: argparse.Namespace) -> str | None:
    """Where the parts of an offloaded model work."""
    from narrows.cli.devices import choose_device

    return choose_device(arguments.device) if arguments.offload else None


def _tell_clipping(plan: Any, output: Output) -> None:
    made = (planned.path for planned in plan.outputs if planned.path.with_suffix(".json").exists())
    for path in made:
        clipped = json.loads(path.with_suffix(".json").read_text(encoding="utf-8")).get("clipped")
        if clipped:
            file = output.shown(path)
            print(f"{file}: {clipped} samples beyond ±1 were clipped; --format wav keeps them", file=sys.stderr)


def _print(plan: Any, output: Output, as_json: bool) -> None:
    rows = [
        {
            "batch": number,
            "file": output.shown(plan.outputs[place].path),
            "done": plan.outputs[place].done,
            "request": plan.outputs[place].described["request"],
        }
        for number, places in enumerate(plan.batches)
        for place in places
    ]
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        request = json.dumps(row["request"], ensure_ascii=False)
        print(f"batch {row['batch']}: {row['file']}{' (there already)' if row['done'] else ''} {request}")


def _region(text: str) -> list[float]:
    start, sign, end = text.partition(":")
    try:
        region = [float(start), float(end)]
    except ValueError:
        region = []
    if not sign or len(region) != 2 or not 0 <= region[0] < region[1]:
        raise argparse.ArgumentTypeError(f"must be START:END in seconds, got {text!r}")
    return region
