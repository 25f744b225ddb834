"""Writing the graphs of a model into a folder."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from torch import nn

from narrows.configs.files import OutputError, check_folder, write_folder
from narrows.configs.write_errors import named_when_it_fails
from narrows.models.export.check import Agreement, compare
from narrows.models.export.errors import ExportError
from narrows.models.export.formats import FORMATS, Format
from narrows.models.export.graphs import DecoderGraph, EncoderGraph, Part, parts_of
from narrows.models.export.metadata import metadata_of
from narrows.models.export.networks import NETWORKS, is_network, network_metadata, network_of
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
    """Write a codec's encoder and decoder, or a generative model's network, as graphs that run without this library.

    Batch and length are free. Weight normalisation is folded, arithmetic is float32. The encoder of a discrete model
    ends with the tokens `(B, K, L)` and its decoder begins with them; others pass latents, and a variational bottleneck
    gives its mean. Each graph is run at five lengths and two sizes of batch, and kept only when it gives what the
    model gives.

    Args:
        model: a codec of audio, a hyperencoder with its outer model, a diffusion model or a language model; it is not
            changed. Of the last two it is one call of the network (`narrows.models.export.networks`).
        folder: a new one appears whole or not at all; in one that exists, graphs are replaced and other files stay.
        format: `onnx`, `torch` or `aotinductor`.

    Raises:
        NotACodecError: the model does not encode audio.
        ExportError: the model cannot be exported, a graph differs from it, or a package is missing.
    """
    if format not in FORMATS:
        raise ExportError(f"No format is called {format!r}; there are {', '.join(FORMATS)}")
    kind, folder = FORMATS[format], Path(folder)
    kind.check()
    check_folder(folder, _owned())
    pieces = _network(model) if is_network(model) else _codec(audio_codec(model))
    with write_folder(folder, _owned()) as temporary:
        reports = [_write(piece, temporary, folder, kind) for piece in pieces]
    return ExportReport(folder, reports)


class _Piece(NamedTuple):
    """What is written as one graph."""

    part: Part
    reference: nn.Module
    """What it is compared with."""
    metadata: Callable[[Any], dict[str, str]]
    """Of the part, when its least length is known."""


def _codec(codec: Codec) -> list[_Piece]:
    eager: Any = copy.deepcopy(codec)
    eager = eager.cpu().float().eval()
    references = {"encoder": EncoderGraph(eager), "decoder": DecoderGraph(eager)}
    return [_Piece(part, references[part.name], partial(metadata_of, eager)) for part in parts_of(codec)]


def _network(model: Any) -> list[_Piece]:
    part, reference = network_of(model)
    return [_Piece(part, reference, partial(network_metadata, model))]


def _owned() -> list[str]:
    """Names of the files that an export may replace: those of every format, so that no stale graph stays."""
    return [f"{part}{kind.ending}*" for part in ("encoder", "decoder", *NETWORKS) for kind in FORMATS.values()]


def _write(piece: _Piece, temporary: Path, folder: Path, kind: Format) -> PartReport:
    part, program = trace(piece.part)
    name = f"{part.name}{kind.ending}"
    try:
        with named_when_it_fails(folder / name):
            kind.write(program, part, temporary / name, piece.metadata(part))
    except OutputError:
        raise
    except Exception as error:  # each exporter has its own
        raise ExportError(f"The {part.name} cannot be written: {' '.join(str(error).split())[:400]}") from error
    agreement = compare(part, piece.reference, kind.open(temporary / name).run)
    least = part.multiple * part.fewest
    return PartReport(folder / name, ", ".join(part.inputs), part.output, part.multiple, least, agreement)
