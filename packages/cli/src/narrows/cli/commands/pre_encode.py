"""`narrows pre-encode`: a data set to latents or tokens, in shards, resumable."""

from __future__ import annotations

import argparse
from pathlib import Path

EPILOG = """\
Run it again after a crash and it goes on with the shards that are missing; run it under torchrun or SLURM and the
processes share the work through the file system alone. With --engine ray the workers of a Ray cluster do it.

  narrows pre-encode ckpt_path=runs/quickstart/model data.path=~/music output_path=latents
  narrows pre-encode --config my.yaml layout=sat
  narrows pre-encode --config my.yaml --engine ray --address auto
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument(
        "overrides",
        nargs="*",
        metavar="OVERRIDE",
        help="KEY=VALUE; text is taken as it is, other values in Hydra's grammar",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="pre_encode experiment file (YAML or JSON)")
    parser.add_argument(
        "--allow-code", action="store_true", help="run the Python files that custom_metadata_module of a data set names"
    )
    parser.add_argument("--engine", choices=["local", "ray"], help="who works; the same as engine=")
    parser.add_argument("--address", metavar="HOST:PORT", help="of a Ray cluster, or auto; the same as address=")
    parser.add_argument("--cfg", choices=["job"], help="print what would run and where each value comes from, and stop")


def run(arguments: argparse.Namespace) -> None:
    """Encode; the experiment is validated before torch is imported."""
    from narrows.cli.compose import CONF, Composition

    given = {"engine": arguments.engine, "address": arguments.address}
    flags = [f"{name}={value}" for name, value in given.items() if value is not None]
    composition = Composition(arguments.config or CONF / "pre_encode.yaml", [*arguments.overrides, *flags])
    if arguments.cfg:
        from narrows.cli.origins import print_job

        print_job(composition)
        return
    from narrows.configs.errors import config_error
    from narrows.configs.experiments import check_experiment

    experiment, problems = check_experiment(composition.document)
    if errors := [problem for problem in problems if problem.level == "error"]:
        raise config_error(errors)
    from narrows.pipelines.pre_encode import pre_encode

    summary = pre_encode(experiment, allow_code=arguments.allow_code)
    print(f"{summary.clips} clips in {summary.shards} new shards, {len(summary.bad)} files could not be read.")
    for line in summary.changes.lines():
        print(line)
    if summary.complete and isinstance(summary.folder, Path):
        _print_statistics(summary.folder)
    print(f"{summary.folder} is {'complete' if summary.complete else 'not complete yet: other processes are at work'}.")


def _print_statistics(folder: Path) -> None:
    """What a latent model wants to know, and channels that it will have trouble with."""
    from narrows.pipelines.pre_encode.manifest import read_statistics

    found = read_statistics(folder)
    if not found["frames"]:
        return
    width = len(found["std"])
    low, high = min(found["std"]), max(found["std"])
    print(
        f"{width} latent channels of standard deviation {low:.3g} to {high:.3g}, {found['scale']:.3g} over all (scale)"
    )
    for name in ("dead", "saturated"):
        if channels := found[f"{name}_channels"]:
            print(f"{name.capitalize()} channels: {', '.join(map(str, channels))} of {width}")
