"""`narrows convert`: any accepted checkpoint to a model folder."""

from __future__ import annotations

import argparse
from pathlib import Path

EPILOG = """\
Accepted are safetensors files and pickles (read without running code) of stable-audio-tools, DAC and EnCodec, with or
without moving averages, and training checkpoints of Narrows, which need no CONFIG. Every tensor must fit.
--part pretransform takes the autoencoder out of a generative model such as stable-audio-open, its configuration too.

  narrows convert model.ckpt --config model_config.json -o my_model
  narrows convert stable-audio-open-1.0/ --part pretransform -o autoencoder
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="file or folder with the weights")
    parser.add_argument("--config", type=Path, metavar="CONFIG", help="model file that the weights belong to")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER", help="model folder to write")
    parser.add_argument("--part", choices=["pretransform"], help="take this part of the model alone")
    parser.add_argument("--weights", choices=["ema", "raw"], default="ema", help="which, where a file has both")
    parser.add_argument("--license", help="note on the licence of the weights, kept in the folder")
    parser.add_argument("--training-data", help="note on what the weights were trained on, kept in the folder")


def run(arguments: argparse.Namespace) -> None:
    """Convert, and say which weights were taken and what was left out."""
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
