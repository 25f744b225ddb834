"""`narrows train`: compose, validate, train, report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

EPILOG = """\
Without arguments, the quick start: a small stereo autoencoder on real audio that ships with Narrows.

  narrows train batch_size=4 steps=2000                change settings of the shipped experiment
  narrows train data=audio_dir data.path=~/music       train on your files
  narrows train model=oobleck_vae model.bottleneck=fsq another model, another bottleneck
  narrows train --config my.yaml training.use_ema=true your own experiment file, with an override

`model.`, `training.` and `data.` are short for `model_config.model.`, `model_config.training.` and `dataset_config.`.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("overrides", nargs="*", metavar="OVERRIDE", help="KEY=VALUE, in Hydra's grammar")
    parser.add_argument("--config", type=Path, metavar="FILE", help="experiment file (YAML)")
    parser.add_argument(
        "--allow-code", action="store_true", help="run the Python files that custom_metadata_module of a data set names"
    )
    parser.add_argument("--cfg", choices=["job"], help="print what would run and where each value comes from, and stop")


def run(arguments: argparse.Namespace) -> None:
    """Train; the experiment is validated before torch is imported."""
    from narrows.cli.compose import compose

    composed = compose(arguments.config, arguments.overrides)
    document = with_files(composed)
    if arguments.cfg:
        from narrows.cli.origins import print_job

        print_job(arguments.config, arguments.overrides, composed, document)
        return
    from narrows.configs import check_config, load_config

    experiment = load_config(document, "experiment")
    for problem in check_config(experiment):
        print(f"Warning: {problem}", file=sys.stderr)
    from narrows.pipelines.report import read_before_and_after
    from narrows.training import train

    result = train(experiment, allow_code=arguments.allow_code)
    for name, (before, after) in read_before_and_after(result.folder).items():
        print(f"{name:<24} {before:>10.3f} before training {after:>10.3f} after")
    print(f"Report      {result.report}")
    print(f"Model       {result.model}")
    print(f"Checkpoint  {result.checkpoint}")
    print(f"Audio       {result.folder / 'audio'}")


def with_files(composed: Mapping[str, Any]) -> dict[str, Any]:
    """A composed experiment with the files it names read in."""
    from narrows.configs import read_document

    document = dict(composed)
    for key in ("model_config", "dataset_config", "val_dataset_config"):
        if isinstance(document.get(key), str):
            document[key] = read_document(Path(document[key])).data
    return document
