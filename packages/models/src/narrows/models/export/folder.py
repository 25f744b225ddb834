"""Writing the graphs of a model into a folder."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, NamedTuple

from narrows.configs.files import OutputError, check_folder, write_folder
from narrows.configs.write_errors import named_when_it_fails
from narrows.models.export.check import Agreement, compare
from narrows.models.export.errors import ExportError
from narrows.models.export.formats import FORMATS, Format
from narrows.models.export.graphs import DecoderGraph, EncoderGraph, GraphPart, parts_of
from narrows.models.export.metadata import metadata_of
from narrows.models.export.traced import trace
from narrows.models.interfaces import Codec, audio_codec


class PartReport(NamedTuple):
    """One written graph."""

    path: Path
    input: str
    output: str
    input_multiple: int
    """The length of the input is a multiple of this,"""
    input_least: int
    """and at least this."""
    agreement: Agreement


class ExportReport(NamedTuple):
    """The written graphs."""

    folder: Path
    parts: list[PartReport]


def export_model(model: Any, folder: str | Path, format: str = "onnx") -> ExportReport:
    """Write encoder and decoder as graphs that run without this library.

    Batch and length are free. Weight normalisation is folded, arithmetic is float32. The encoder of a discrete model
    ends with the tokens `(B, K, L)` and its decoder begins with them; others pass latents, and a variational bottleneck
    gives its mean. Each graph is run at five lengths and two sizes of batch, and kept only when it gives what the
    model gives.

    Args:
        model: a codec of audio, or a hyperencoder with its outer model; it is not changed.
        folder: a new one appears whole or not at all; in one that exists, graphs are replaced and other files stay.
        format: `onnx`, `torch` or `aotinductor`.

    Raises:
        NotACodecError: the model does not encode audio.
        ExportError: the model cannot be exported, a graph differs from it, or a package is missing.
    """
    if format not in FORMATS:
        raise ExportError(f"No format is called {format!r}; there are {', '.join(FORMATS)}")
    codec = audio_codec(model)
    kind = FORMATS[format]
    kind.check()
    check_folder(Path(folder), _owned())
    eager: Any = copy.deepcopy(codec)
    eager = eager.cpu().float().eval()
    parts = parts_of(codec)
    folder = Path(folder)
    with write_folder(folder, _owned()) as temporary:
        reports = [_write(eager, part, temporary, folder, kind) for part in parts]
    return ExportReport(folder, reports)


def _owned() -> list[str]:
    """Names of the files that an export may replace: those of every format, so that no stale graph stays."""
    return [f"{part}{kind.ending}*" for part in ("encoder", "decoder") for kind in FORMATS.values()]


def _write(eager: Codec, part: GraphPart, temporary: Path, folder: Path, kind: Format) -> PartReport:
    part, program = trace(part)
    name = f"{part.name}{kind.ending}"
    try:
        with named_when_it_fails(folder / name):
            kind.write(program, part, temporary / name, metadata_of(eager, part))
    except OutputError:
        raise
    except Exception as error:  # each exporter has its own
        raise ExportError(f"The {part.name} cannot be written: {' '.join(str(error).split())[:400]}") from error
    reference = EncoderGraph(eager) if part.name == "encoder" else DecoderGraph(eager)
    agreement = compare(part, reference, kind.open(temporary / name).run)
    return PartReport(folder / name, part.input, part.output, part.multiple, part.multiple * part.fewest, agreement)
