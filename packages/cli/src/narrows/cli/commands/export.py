"""`narrows export`: a model for programs without Narrows, as graphs or as a folder of another library."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from narrows.cli.main import UserError

LIBRARIES = ("diffusers", "transformers", "snac", "wavtokenizer", "bigcodec")
EPILOG = """\
OUT becomes a folder with encoder.onnx and decoder.onnx (or .pt2). Batch and length are free; discrete models pass
tokens, others latents. Each graph is compared with the model at five lengths and two sizes of batch, and kept only
when it gives the same. diffusers, transformers, snac, wavtokenizer and bigcodec are folders that those programs read
(AutoencoderOobleck, LongCatAudioDiTVae, AutoencoderSAME, DacModel, EncodecModel, MimiModel, SNAC and so on).
docs/export.md says which models can be exported.

  narrows export runs/quickstart/model -o exported/
  narrows export vae/ --format diffusers -o for_diffusers/
  narrows export runs/quickstart/model --format aotinductor -o compiled/
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("model", type=Path, metavar="MODEL", help="save_model folder or training checkpoint")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="folder to write")
    parser.add_argument(
        "--format",
        choices=["onnx", "torch", "aotinductor", *LIBRARIES],
        default="onnx",
        help="onnx (the default), torch (torch.export), aotinductor (compiled for this machine), or a library's folder",
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="write into a folder that exists: an earlier export is replaced, other files stay",
    )
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")


def run(arguments: argparse.Namespace) -> None:
    """Export, and say what was written."""
    if not arguments.model.exists():
        raise UserError(f"No such model: {arguments.model}")
    if arguments.output.exists() and not arguments.overwrite:
        raise UserError(f"{arguments.output} is there already; --overwrite replaces an earlier export in it.")
    from narrows.models import load_model

    if arguments.format in LIBRARIES:
        _export_folder(arguments)
        return
    from narrows.models.export import export_model

    report = export_model(load_model(arguments.model), arguments.output, arguments.format)
    if arguments.json:
        parts = [{**part._asdict(), "path": str(part.path), **part.agreement._asdict()} for part in report.parts]
        print(json.dumps([{k: v for k, v in part.items() if k != "agreement"} for part in parts], indent=2))
        return
    for part in report.parts:
        found = part.agreement
        print(
            f"{part.path}: {part.input} to {part.output}, {part.input_multiple} x n long and at least "
            f"{part.input_least}; differs by {found.difference:.1e} at most, over {found.shapes} shapes"
        )


def _export_folder(arguments: argparse.Namespace) -> None:
    """A folder of another library."""
    from narrows.models import load_model
    from narrows.models.interchange import export_folder

    form = export_folder(load_model(arguments.model), arguments.output, arguments.format)
    if arguments.json:
        print(json.dumps({"path": str(arguments.output), "library": form.library, "class": form.kind}, indent=2))
        return
    print(f"{arguments.output}: {form.kind}.from_pretrained of {form.library} reads it")
