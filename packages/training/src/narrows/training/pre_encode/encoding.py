"""Clips through the model: the same numbers whatever else is in the batch of the shard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from narrows.configs import PreEncodeExperimentConfig
from narrows.models import AudioAutoencoder
from narrows.models.bottlenecks import DiscreteBottleneck
from narrows.models.chunking.bottlenecks import quantized
from narrows.models.codec import model_hash
from narrows.training.pre_encode.loading import Decoded
from narrows.training.pre_encode.seeds import clip_seed
from narrows.training.pre_encode.writers import token_dtype

OF_TRAINING = ("padding_mask", "load_time")
"""Metadata of a clip that mean nothing to its latents."""


class Encoded(NamedTuple):
    """A clip as it is kept."""

    key: str
    name: str
    tensor: Tensor
    """Latents `(D, L)` or tokens `(K, L)`."""
    metadata: dict[str, Any]
    latents: Tensor | None
    """For the statistics; None where tokens are kept."""


class ClipEncoder:
    """Encodes batches of clips.

    Args:
        model: in eval mode, on its device.
        experiment: the options.

    Raises:
        ValueError: tokens are asked of a model that has none.
    """

    def __init__(self, model: AudioAutoencoder, experiment: PreEncodeExperimentConfig) -> None:
        self.model = model
        self.model_hash = model_hash(model)
        self.tokens = experiment.content == "tokens" or (experiment.content == "auto" and model.is_discrete)
        if self.tokens and not isinstance(model.bottleneck, DiscreteBottleneck):
            raise ValueError("The model has no tokens: its bottleneck is not discrete. Write content: latents")
        self._options = experiment
        self._first = next(model.parameters())

    @property
    def kept(self) -> str:
        """What is kept: `tokens` or `latents`."""
        return "tokens" if self.tokens else "latents"

    @torch.inference_mode()
    def __call__(self, batch: Sequence[Decoded]) -> Iterator[Encoded]:
        """Encode clips. Those that have the same number of latent frames go together, and nearly always all have."""
        by_frames: dict[int, list[Decoded]] = defaultdict(list)
        for item in batch:
            by_frames[-(-item.audio.shape[-1] // self.model.downsampling_ratio)].append(item)
        for frames, items in by_frames.items():
            inner = torch.split(self._inner(items, frames), [len(item.audio) for item in items])
            for item, rows in zip(items, inner, strict=True):
                for row in range(len(rows)):
                    yield self._encoded(item, row, rows[row : row + 1])

    def _inner(self, items: Sequence[Decoded], frames: int) -> Tensor:
        """The encoder's output for clips of so many frames, one after the other."""
        longest = max(item.audio.shape[-1] for item in items)
        audio = torch.cat([F.pad(item.audio, (0, longest - item.audio.shape[-1])) for item in items])
        chunk = self._options.chunk_size
        pieces = chunk is not None and chunk < frames
        inner: Tensor = self.model.encode_audio(
            audio.to(self._first.device, self._first.dtype),
            chunk if pieces else None,
            overlap=self._options.overlap if pieces else None,
            skip_bottleneck=True,
        )
        return inner

    def _encoded(self, item: Decoded, row: int, inner: Tensor) -> Encoded:
        sound, folded = item.planned.sound, len(item.audio) > 1
        options: dict[str, Any] = {}
        if self.model.bottleneck is not None:
            seed = clip_seed(self._options.seed, sound.dataset, sound.name, row)
            options["generator"] = Generator(inner.device).manual_seed(seed)
        out = quantized(self.model.bottleneck, inner, self.tokens, **options)[0].cpu()
        metadata = self._metadata(item, out.shape[-1]) | ({"channel_group": row} if folded else {})
        key = f"{sound.key}-{row}" if folded else sound.key
        if isinstance(self.model.bottleneck, DiscreteBottleneck) and self.tokens:
            dtype = token_dtype(self.model.bottleneck.codebook_size, self._options.layout)
            return Encoded(key, sound.name, out.to(dtype), metadata, None)
        return Encoded(key, sound.name, out.to(getattr(torch, self._options.dtype)), metadata, out)

    def _metadata(self, item: Decoded, frames: int) -> dict[str, Any]:
        """What the data set says and stable-audio-tools reads, then where the clip comes from."""
        samples = int(item.info["padding_mask"].sum())
        valid = -(-samples // self.model.downsampling_ratio)
        return {
            **{name: value for name, value in item.info.items() if name not in OF_TRAINING},
            "padding_mask": [1] * valid + [0] * (frames - valid),
            "start": 0,
            "samples": samples,
            "sha256": item.sha256,
            "model": self.model_hash,
        }
