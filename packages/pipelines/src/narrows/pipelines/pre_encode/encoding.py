"""Clips through the model: the same numbers whatever else is in the batch of the shard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from narrows.configs import PreEncodeExperimentConfig
from narrows.models import Codec
from narrows.models.arithmetic import arithmetic_of
from narrows.models.bottlenecks import Bottleneck, DiscreteBottleneck
from narrows.models.codec import model_hash
from narrows.models.finite import NotFiniteError
from narrows.models.streaming.bottlenecks import draws_noise, quantizer
from narrows.pipelines.codebook_count import codebook_options
from narrows.pipelines.pre_encode.loading import Decoded
from narrows.pipelines.pre_encode.seeds import clip_seed
from narrows.pipelines.pre_encode.writers import token_dtype


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

    def __init__(self, model: Codec, experiment: PreEncodeExperimentConfig) -> None:
        self.model = model
        self.model_hash = model_hash(model)
        self.tokens = experiment.content == "tokens" or (experiment.content == "auto" and model.is_discrete)
        if self.tokens and not isinstance(model.bottleneck, DiscreteBottleneck):
            raise ValueError("The model has no tokens: its bottleneck is not discrete. Write content: latents")
        self._codebooks = codebook_options(model, experiment.n_quantizers)
        self._options = experiment
        self._device, self._dtype = next(model.parameters()).device, arithmetic_of(model)
        self._noisy: bool | None = None

    @property
    def kept(self) -> str:
        """What is kept: `tokens` or `latents`."""
        return "tokens" if self.tokens else "latents"

    @torch.inference_mode()
    def __call__(self, batch: Sequence[Decoded]) -> Iterator[Encoded]:
        """Encode clips of any lengths; those of similar length go through the model together where that is faster."""
        if not batch:
            return
        inner, frames = self._inner(batch)
        clips = [(item, row) for item in batch for row in range(len(item.audio))]
        for (item, _), numbers, count in zip(clips, inner, frames, strict=True):
            _check_finite(item, numbers[:, :count])
        for (item, row), out in zip(clips, self._quantized(inner, frames, clips), strict=True):
            yield self._encoded(item, row, out)

    def _inner(self, batch: Sequence[Decoded]) -> tuple[Tensor, list[int]]:
        """The encoder's output for all rows of the clips, padded, and the latent frames of each."""
        longest = max(item.audio.shape[-1] for item in batch)
        audio = torch.cat([F.pad(item.audio, (0, longest - item.audio.shape[-1])) for item in batch])
        chunk = self._options.chunk_size
        pieces = chunk is not None and chunk < -(-longest // self.model.downsampling_ratio)
        inner, info = self.model.encode_audio(
            audio.to(self._device, self._dtype),
            chunk if pieces else None,
            lengths=[item.audio.shape[-1] for item in batch for _ in item.audio],
            overlap=self._options.overlap if pieces else None,
            skip_bottleneck=True,
            return_info=True,
        )
        return inner, info["latent_lengths"]

    def _quantized(self, inner: Tensor, frames: list[int], clips: Sequence[tuple[Decoded, int]]) -> Iterator[Tensor]:
        """What is kept of each clip."""
        bottleneck = self.model.bottleneck
        if bottleneck is None or not self._draws_noise(bottleneck, inner):
            out = (inner if bottleneck is None else quantizer(bottleneck, self.tokens)(inner, **self._codebooks)).cpu()
            yield from (row[:, :count] for row, count in zip(out, frames, strict=True))
            return
        for row, count, (item, group) in zip(inner, frames, clips, strict=True):
            seed = clip_seed(self._options.seed, item.dataset, item.name, group)
            generator = Generator(inner.device).manual_seed(seed)
            coder = quantizer(bottleneck, self.tokens)
            yield coder(row[None, :, :count], generator=generator, **self._codebooks)[0].cpu()

    def _draws_noise(self, bottleneck: Bottleneck, inner: Tensor) -> bool:
        if self._noisy is None:
            self._noisy = draws_noise(quantizer(bottleneck, self.tokens), inner)
        return self._noisy

    def _encoded(self, item: Decoded, row: int, out: Tensor) -> Encoded:
        folded = len(item.audio) > 1
        metadata = self._metadata(item, out.shape[-1]) | ({"channel_group": row} if folded else {})
        key = f"{item.key}-{row}" if folded else item.key
        if isinstance(self.model.bottleneck, DiscreteBottleneck) and self.tokens:
            dtype = token_dtype(self.model.bottleneck.codebook_size, self._options.layout)
            return Encoded(key, item.name, out.to(dtype), metadata, None)
        kept = out.to(getattr(torch, self._options.dtype))
        _check_finite(item, kept)
        return Encoded(key, item.name, kept, metadata, out)

    def _metadata(self, item: Decoded, frames: int) -> dict[str, Any]:
        """What the data set says and stable-audio-tools reads, then where the clip comes from."""
        valid = -(-item.samples // self.model.downsampling_ratio)
        return {
            **item.info,
            "padding_mask": [1] * valid + [0] * (frames - valid),
            "start": 0,
            "samples": item.samples,
            "sha256": item.sha256,
            "model": self.model_hash,
        }


def _check_finite(item: Decoded, numbers: Tensor) -> None:
    """Refuse latents `(D, L)` that are not finite, before tokens are made of them or they are kept."""
    if bool(numbers.isfinite().all()):
        return
    first = int((~numbers.isfinite()).any(dim=0).nonzero()[0])
    half = numbers.dtype in (torch.float16, torch.bfloat16)
    way_out = f"; in 16 bit ({numbers.dtype}) numbers overflow, float32 may work" if half else ""
    raise NotFiniteError(f"{item.name}: latents are not finite, the first at frame {first}{way_out}")
