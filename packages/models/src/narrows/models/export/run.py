"""Running exported graphs."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor
from torch.nn import functional as F

from narrows.models.export.errors import ExportError
from narrows.models.export.formats import FORMATS, Opened
from narrows.models.export.metadata import PREFIX


class ExportedModel:
    """The graphs of a folder of `export_model`.

    Attributes:
        metadata: of the encoder's graph.
    """

    def __init__(self, encoder: Opened, decoder: Opened) -> None:
        self._encoder, self._decoder = encoder, decoder
        self.metadata = {name.removeprefix(PREFIX): value for name, value in encoder.metadata.items()}

    @property
    def sample_rate(self) -> int:
        """In Hz."""
        return int(self.metadata["sample_rate"])

    @property
    def downsampling_ratio(self) -> int:
        """Samples a latent frame."""
        return int(self.metadata["downsampling_ratio"])

    def encode(self, audio: Tensor) -> Tensor:
        """Tokens `(B, K, L)` or latents `(B, D, L)` of audio `(B, C, T)`; silence fills it up."""
        return self._encoder.run(_filled(audio, self._encoder))

    def decode(self, inner: Tensor) -> Tensor:
        """Audio `(B, C, T)` of what `encode` gave.

        Raises:
            ExportError: it is too short for the graph.
        """
        least, multiple = _lengths(self._decoder)
        if inner.shape[-1] < least or inner.shape[-1] % multiple:
            raise ExportError(
                f"The decoder takes at least {least} frames and multiples of {multiple}, got {inner.shape[-1]}"
            )
        return self._decoder.run(inner)


def open_export(folder: str | Path) -> ExportedModel:
    """Open a folder of graphs.

    Raises:
        ExportError: it holds none, or what runs them is missing.
    """
    folder = Path(folder)
    for kind in sorted(FORMATS.values(), key=lambda kind: -len(kind.ending)):
        encoder, decoder = (folder / f"{part}{kind.ending}" for part in ("encoder", "decoder"))
        if encoder.is_file() and decoder.is_file():
            return ExportedModel(kind.open(encoder), kind.open(decoder))
    raise ExportError(f"{folder} holds no exported model: write one with narrows export MODEL -o {folder}")


def _lengths(graph: Opened) -> tuple[int, int]:
    """The least length that a graph takes, and the multiple that every one is of."""
    return int(graph.metadata[f"{PREFIX}input_least"]), int(graph.metadata[f"{PREFIX}input_multiple"])


def _filled(audio: Tensor, graph: Opened) -> Tensor:
    least, multiple = _lengths(graph)
    return F.pad(audio, (0, max(least, -(-audio.shape[-1] // multiple) * multiple) - audio.shape[-1]))
