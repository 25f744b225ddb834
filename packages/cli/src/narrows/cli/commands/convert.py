"""`narrows convert`: any accepted checkpoint to a model folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from narrows.cli.main import UserError
from narrows.cli.model_folders import keep_model

EPILOG = """\
Accepted are safetensors files and pickles (read without running code) of stable-audio-tools, DAC and EnCodec, with or
without moving averages, and training checkpoints of Narrows, which need no CONFIG. Every tensor must fit.
--part pretransform takes the autoencoder out of a generative model such as stable-audio-open, its configuration too.

--average-length makes the average of that length from the snapshots of a run with `post_hoc_ema`, whose folder is
CHECKPOINT then: a share of the steps, 0.05 for a short one, 0.15 for a long one.

  narrows convert runs/drums --average-length 0.08 -o drums
  narrows convert model.ckpt --config model_config.json -o converted
  narrows convert stable-audio-open-1.0/ --part pretransform -o autoencoder
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="file or folder with the weights")
    parser.add_argument("--config", type=Path, metavar="CONFIG", help="model file that the weights belong to")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER", help="model folder to write")
    parser.add_argument("--overwrite", action="store_true", help="replace the model that FOLDER holds")
    parser.add_argument("--part", choices=["pretransform"], help="take this part of the model alone")
    parser.add_argument("--weights", choices=["ema", "raw"], default="ema", help="which, where a file has both")
    parser.add_argument("--average-length", type=float, metavar="SHARE", help="length of the average of a run")
    parser.add_argument("--step", type=int, help="at which that average ends; default: the last one")
    parser.add_argument("--license", help="note on the licence of the weights, kept in the folder")
    parser.add_argument("--training-data", help="note on what the weights were trained on, kept in the folder")


def run(arguments: argparse.Namespace) -> None:
    """Convert, and say which weights were taken and what was left out."""
    keep_model(arguments.output, arguments.overwrite, arguments.checkpoint)
    if arguments.average_length is not None:
        _average(arguments)
        return
    if arguments.step is not None:
        raise UserError("--step belongs to --average-length")
    from narrows.models.saving import convert

    report = convert(
        arguments.checkpoint,
        arguments.config,
        arguments.output,
        part=arguments.part,
        prefer=arguments.weights,
        license=arguments.license,
        training_data=arguments.training_data,
    )
    left = f"; {len(report.dropped)} others were left out" if report.dropped else ""
    print(f"Wrote {arguments.output}: {report.tensors} tensors of {report.path} ({report.source}){left}.")


def _average(arguments: argparse.Namespace) -> None:
    given = [name for name in ("config", "part", "license", "training_data") if getattr(arguments, name) is not None]
    if given:
        raise UserError(f"--{given[0].replace('_', '-')} does not go with --average-length: the run has its own")
    from narrows.configs.copies import local_copy
    from narrows.models import save_model
    from narrows.pipelines.averages.snapshots import averaged_model

    model = averaged_model(local_copy(arguments.checkpoint), arguments.average_length, arguments.step)
    save_model(model, arguments.output)
    print(f"Wrote {arguments.output}: the average of length {arguments.average_length:g} of {arguments.checkpoint}.")
