"""Clips through the model: the same numbers whatever else is in the batch of the shard."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from narrows.configs import PreEncodeExperimentConfig
from narrows.models import AudioAutoencoder
from narrows.models.bottlenecks import DiscreteBottleneck
from narrows.models.chunking.bottlenecks import quantized
from narrows.models.codec import model_hash
from narrows.training.pre_encode.clips import Clip
from narrows.training.pre_encode.loading import Decoded
from narrows.training.pre_encode.writers import token_dtype


class Encoded(NamedTuple):
    """A clip as it is kept."""

    clip: Clip
    tensor: Tensor
    """Latents `(D, L)` or tokens `(K, L)`."""
    metadata: dict[str, Any]
    latents: Tensor | None
    """For the statistics; None where tokens are kept."""


class ClipEncoder:
    """Encodes batches of clips of equal length.

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
    def __call__(self, batch: Sequence[Decoded]) -> list[Encoded]:
        """Encode clips that have the same number of latent frames."""
        longest = max(item.audio.shape[-1] for item in batch)
        audio = torch.stack([F.pad(item.audio, (0, longest - item.audio.shape[-1])) for item in batch])
        audio = audio.to(self._first.device, self._first.dtype)
        chunk = self._options.chunk_size
        frames = -(-longest // self.model.downsampling_ratio)
        inner = self.model.encode_audio(
            audio,
            chunk if chunk is not None and chunk < frames else None,
            overlap=self._options.overlap if chunk is not None and chunk < frames else None,
            skip_bottleneck=True,
        )
        return [self._encoded(item, inner[row : row + 1]) for row, item in enumerate(batch)]

    def _encoded(self, item: Decoded, inner: Tensor) -> Encoded:
        clip = item.planned.clip
        options: dict[str, Any] = {}
        if self.model.bottleneck is not None:
            options["generator"] = Generator(inner.device).manual_seed(clip_seed(self._options.seed, clip))
        out = quantized(self.model.bottleneck, inner, self.tokens, **options)[0].cpu()
        metadata = self._metadata(item, out.shape[-1])
        if isinstance(self.model.bottleneck, DiscreteBottleneck) and self.tokens:
            dtype = token_dtype(self.model.bottleneck.codebook_size, self._options.layout)
            return Encoded(clip, out.to(dtype), metadata, None)
        return Encoded(clip, out.to(getattr(torch, self._options.dtype)), metadata, out)

    def _metadata(self, item: Decoded, frames: int) -> dict[str, Any]:
        """What stable-audio-tools reads, then where the clip comes from."""
        clip, crop, ratio = item.planned.clip, item.planned.crop, self.model.downsampling_ratio
        valid = -(-crop.valid // ratio)
        return {
            **crop.metadata(),
            "padding_mask": [1] * valid + [0] * (frames - valid),
            "path": str(clip.path),
            "relpath": clip.name,
            "dataset": clip.dataset,
            "start": crop.start,
            "samples": crop.valid,
            "sha256": item.sha256,
            "model": self.model_hash,
        }


def clip_seed(seed: int, clip: Clip) -> int:
    """A seed of a clip's own, which neither its batch nor its shard changes."""
    digest = hashlib.sha256(f"{seed}\0{clip.dataset}\0{clip.name}".encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:8], "little") >> 1
