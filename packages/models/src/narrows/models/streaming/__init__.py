"""Exact coding of long audio, piece by piece.

A network whose outputs each depend on a bounded range of the input can work on one piece at a time without changing
the result: give each piece the context its outputs need, run the network as it is, and keep only the outputs that
saw nothing but real context. `receptive_field` computes that range from the modules; `run_chunked` and `PieceStream`
use it; `ChunkedCoder`, `EncodeStream` and `DecodeStream` apply them to a codec.
"""

from narrows.models.interfaces import Lengths
from narrows.models.receptive_field import (
    HasReceptiveField,
    ReceptiveField,
    chain,
    parallel,
    pointwise,
    receptive_field,
)
from narrows.models.streaming.chunked import ChunkedCoder
from narrows.models.streaming.errors import NotExactError
from narrows.models.streaming.report import ChunkingReport, chunking_report
from narrows.models.streaming.run import run_chunked
from narrows.models.streaming.streams import DecodeStream, EncodeStream, PieceStream, streamed

__all__ = [
    "ChunkedCoder",
    "ChunkingReport",
    "DecodeStream",
    "EncodeStream",
    "HasReceptiveField",
    "Lengths",
    "NotExactError",
    "PieceStream",
    "ReceptiveField",
    "chain",
    "chunking_report",
    "parallel",
    "pointwise",
    "receptive_field",
    "run_chunked",
    "streamed",
]
