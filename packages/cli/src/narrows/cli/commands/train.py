"""`narrows train`: compose, validate, train, report."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.cli.main import UserError

if TYPE_CHECKING:
    from narrows.cli.compose import Composition
    from narrows.configs.errors import Problem

NEEDED = {"narrows.training", "lightning_fabric", "tensorboard"}
"""Packages that the extra `train` installs."""

EPILOG = """\
Without arguments, the quick start: a small stereo autoencoder on real audio that ships with Narrows.

  narrows train batch_size=4 steps=2000                change settings of the shipped experiment
  narrows train data=audio_dir data.path=~/music       train on your files
  narrows train model=oobleck_vae model.bottleneck=fsq another model, another bottleneck
  narrows train model=diffusion_quickstart             latent diffusion, from nothing to sounds in one command
  narrows train --config my.yaml training.use_ema=true your own experiment file, with an override

`model.`, `training.` and `data.` are short for `model_config.model.`, `model_config.training.` and `dataset_config.`.
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
    parser.add_argument("--config", type=Path, metavar="FILE", help="experiment file (YAML or JSON)")
    parser.add_argument(
        "--allow-code", action="store_true", help="run the Python files that custom_metadata_module of a data set names"
    )
    parser.add_argument("--cfg", choices=["job"], help="print what would run and where each value comes from, and stop")


def run(arguments: argparse.Namespace) -> None:
    """Train; the experiment is validated before torch is imported."""
    from narrows.cli.compose import Composition

    composition = Composition(arguments.config, arguments.overrides)
    if arguments.cfg:
        from narrows.cli.origins import print_job

        print_job(composition)
        return
    experiment = checked(composition)
    from narrows.cli import diffusion_quickstart
    from narrows.pipelines.report import read_before_and_after

    try:
        from narrows.training import train
    except ModuleNotFoundError as error:
        if error.name not in NEEDED:
            raise
        raise UserError(f'`narrows train` needs the package {error.name}: pip install "narrows[train]"') from error

    if diffusion_quickstart.GROUP in arguments.overrides:
        diffusion_quickstart.prepare(experiment)
    result = train(experiment, allow_code=arguments.allow_code)
    for name, (before, after) in read_before_and_after(result.folder).items():
        print(f"{name:<24} {before:>10.3f} before training {after:>10.3f} after")
    if result.address is not None:
        print(f"Stored in   {result.address}; a copy is here:")
    print(f"Report      {result.report}")
    print(f"Model       {result.model}")
    print(f"Checkpoint  {result.checkpoint}")
    for name in ("audio", "demos"):
        if (result.folder / name).is_dir():
            print(f"{name.capitalize():<11} {result.folder / name}")


def checked(composition: Composition) -> Any:
    """The typed experiment; warnings are printed.

    Raises:
        ConfigError: with every error.
    """
    from narrows.configs.errors import config_error
    from narrows.configs.experiments import check_experiment

    experiment, problems = check_experiment(composition.document)
    if errors := [problem for problem in problems if problem.level == "error"]:
        raise config_error(_with_left_open(composition, errors))
    for problem in problems:
        print(f"Warning: {problem}", file=sys.stderr)
    return experiment


def _with_left_open(composition: Composition, errors: list[Problem]) -> list[Problem]:
    """Errors, and what the command line was to give: an option that was left open may be why others are wrong."""
    from narrows.cli.documents import to_be_given
    from narrows.configs.errors import Problem

    left_open: frozenset[str] = composition.document.left_open  # type: ignore[attr-defined]
    unnamed = sorted(left_open - {error.pointer for error in errors})
    given = [Problem(pointer, "", source=composition.find(pointer).source) for pointer in unnamed]
    return [*map(to_be_given, given), *errors]
