"""Running exported graphs."""

from __future__ import annotations

import json
from pathlib import Path

from torch import Tensor
from torch.nn import functional as F

from narrows.models.export.errors import ExportError
from narrows.models.export.formats import FORMATS, Opened
from narrows.models.export.metadata import PREFIX
from narrows.models.export.networks import NETWORKS


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


class ExportedNetwork:
    """The graph of a generative model's network: one call of a denoiser, or the step of a language model.

    Attributes:
        metadata: of the graph.
        inputs: shapes by the names of the inputs, in their order; words stand for axes that are free.
    """

    def __init__(self, graph: Opened) -> None:
        self._graph = graph
        self.metadata = {name.removeprefix(PREFIX): value for name, value in graph.metadata.items()}
        self.inputs: dict[str, list[int | str]] = json.loads(self.metadata["inputs"])

    @property
    def part(self) -> str:
        """`denoiser` or `step`."""
        return self.metadata["part"]

    @property
    def sample_rate(self) -> int:
        """Of the sounds that the model makes, in Hz."""
        return int(self.metadata["sample_rate"])

    def __call__(self, **given: Tensor) -> Tensor:
        """What the network gives: a prediction `(B, D, L)`, or logits `(B, K, S, V)`.

        Args:
            given: every input by its name.

        Raises:
            ExportError: inputs are missing, unknown, or of another shape.
        """
        if given.keys() != self.inputs.keys():
            raise ExportError(f"The {self.part} takes {', '.join(self.inputs)}, got {', '.join(given) or 'nothing'}")
        sizes: dict[str, int] = {}
        for name, axes in self.inputs.items():
            shape = tuple(given[name].shape)
            expected = [sizes.setdefault(a, n) if isinstance(a, str) else a for a, n in zip(axes, shape, strict=False)]
            if len(shape) != len(axes) or list(shape) != expected:
                raise ExportError(f"{name} has the shape {tuple(axes)}, got {shape}")
        least, multiple = _lengths(self._graph)
        if (length := sizes.get("length", least)) < least or length % multiple:
            raise ExportError(
                f"The {self.part} takes at least {least} frames and multiples of {multiple}, got {length}"
            )
        return self._graph.run(*(given[name] for name in self.inputs))


def open_export(folder: str | Path) -> ExportedModel | ExportedNetwork:
    """Open a folder of graphs: a codec's, or that of a generative model's network.

    Raises:
        ExportError: it holds none, or what runs them is missing.
    """
    folder = Path(folder)
    for kind in sorted(FORMATS.values(), key=lambda kind: -len(kind.ending)):
        encoder, decoder = (folder / f"{part}{kind.ending}" for part in ("encoder", "decoder"))
        if encoder.is_file() and decoder.is_file():
            return ExportedModel(kind.open(encoder), kind.open(decoder))
        for network in (folder / f"{part}{kind.ending}" for part in NETWORKS):
            if network.is_file():
                return ExportedNetwork(kind.open(network))
    raise ExportError(f"{folder} holds no exported model: write one with narrows export MODEL -o {folder}")


def _lengths(graph: Opened) -> tuple[int, int]:
    """The least length that a graph takes, and the multiple that every one is of."""
    return int(graph.metadata[f"{PREFIX}input_least"]), int(graph.metadata[f"{PREFIX}input_multiple"])


def _filled(audio: Tensor, graph: Opened) -> Tensor:
    least, multiple = _lengths(graph)
    return F.pad(audio, (0, max(least, -(-audio.shape[-1] // multiple) * multiple) - audio.shape[-1]))
