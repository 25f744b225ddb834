"""Encodes and decodes whole clips in memory, a few frames at a time; the clips of a batch may differ in length."""

from __future__ import annotations

from math import inf
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.bottlenecks.base import Info
from narrows.models.interfaces import Codec, Lengths
from narrows.models.receptive_field import ReceptiveField
from narrows.models.streaming.call_options import call_options
from narrows.models.streaming.errors import NotExactError
from narrows.models.streaming.padded import Network, buckets, fills_with_many, padded_network, run_padded
from narrows.models.streaming.report import overlap_in_frames
from narrows.models.streaming.run import Run, run_chunked


class ChunkedCoder:
    """Encodes and decodes clips that are too long for one pass, or that were padded to one batch.

    Args:
        model: a codec; in training mode, dropout and the like make chunks differ from the whole.
        chunk_size: latent frames to compute at a time; None for all.
        overlap: latent frames of context on either side, only for models that cannot be exact; None refuses them.

    Raises:
        NotExactError: the model depends on the whole clip and no overlap is given.
    """

    def __init__(self, model: Codec, chunk_size: int | None = None, overlap: int | None = None) -> None:
        if chunk_size is not None and chunk_size < 1:
            raise ValueError(f"chunk_size is a number of latent frames of at least 1, or None; got {chunk_size}")
        if overlap is not None and overlap < 0:
            raise ValueError(f"overlap is a number of latent frames of at least 0, or None; got {overlap}")
        self._model = model
        self._chunk = chunk_size
        self._overlap = overlap

    def encode(
        self,
        audio: Tensor,
        lengths: Lengths | None = None,
        *,
        return_info: bool = False,
        skip_bottleneck: bool = False,
        iterate_batch: bool = False,
        **bottleneck: Any,
    ) -> Any:
        """Latents `(B, D, frames)` of audio `(B, C, T)`; see `Codec.encode_audio`."""
        model, ratio = self._model, self._model.downsampling_ratio
        if audio.shape[-1] == 0:
            raise ValueError("The audio is empty: there is nothing to encode")
        field = self._field(model.encode_field(), ratio) if self._chunk else None
        call, bottleneck = self._call(model.encoder, bottleneck)

        def encoder(x: Tensor) -> Tensor:
            out: Tensor = model.encode(x, skip_bottleneck=True, iterate_batch=iterate_batch, **call)
            return out

        def run(x: Tensor) -> Tensor:
            return self._run(encoder, F.pad(x, (0, -x.shape[-1] % ratio)), field, 1)

        samples = None if lengths is None else _checked(lengths, audio.shape[0], audio.shape[-1])
        own = None
        if samples is None:
            latents = run(audio)
        else:
            network = None if iterate_batch else self._padded_network(model.encoder, audio)
            latents, own = _by_length(run, audio, samples, ratio, network)
        info: Info = {"pre_bottleneck_latents": latents}
        if own is not None:
            info["latent_lengths"] = own
        if model.bottleneck is not None and not skip_bottleneck:
            # The bottleneck works on the joined frames, so that its noise does not depend on the chunks.
            latents, reported = model.bottleneck.encode(latents, return_info=True, **bottleneck)
            info.update(reported)
        if own is not None:
            latents = _silenced(latents, own)
        return (latents, info) if return_info else latents

    def decode(
        self,
        latents: Tensor,
        lengths: Lengths | None = None,
        *,
        skip_bottleneck: bool = False,
        iterate_batch: bool = False,
        **bottleneck: Any,
    ) -> Tensor:
        """Audio `(B, C, T)` of latents `(B, D, frames)`; see `Codec.decode_audio`."""
        model, ratio = self._model, self._model.downsampling_ratio
        field = self._field(model.decode_field(), ratio) if self._chunk else None
        call, bottleneck = self._call(model.decoder, bottleneck)
        if model.bottleneck is not None and not skip_bottleneck:
            latents = model.bottleneck.decode(latents, **bottleneck)

        def decoder(x: Tensor) -> Tensor:
            return model.decode(x, skip_bottleneck=True, iterate_batch=iterate_batch, **call)

        def run(x: Tensor) -> Tensor:
            return self._run(decoder, x, field, ratio)

        if lengths is None:
            return run(latents)
        samples = _checked(lengths, latents.shape[0], latents.shape[-1] * ratio)
        network = None if iterate_batch else self._padded_network(model.decoder, latents)
        audio, _ = _by_length(run, latents, [-(-n // ratio) for n in samples], 1, network)
        return _silenced(_fitted(audio, max(samples)), samples)

    def _run(self, run: Run, x: Tensor, field: ReceptiveField | None, outputs_per_frame: int) -> Tensor:
        if field is None or self._chunk is None:
            return run(x)
        return run_chunked(run, field, x, self._chunk * outputs_per_frame)

    def _padded_network(self, side: nn.Module, x: Tensor) -> Network | None:
        """The encoder or decoder, if it can run on clips of different lengths at once and gains by it."""
        if self._chunk or torch.is_grad_enabled() or not fills_with_many(x.device):
            return None
        return padded_network(side) if self._model.front_end is None else None

    def _call(self, side: nn.Module, options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The options for the encoder or decoder, and those for the bottleneck."""
        call, bottleneck = call_options(side, options)
        changing = sorted(set(call) - {"generator"})
        if self._chunk is not None and changing:
            raise ValueError(f"{', '.join(changing)} changes what a chunk is: leave out chunk_size")
        return call, bottleneck

    def _field(self, field: ReceptiveField, ratio: int) -> ReceptiveField:
        if field.exact:
            if self._overlap is not None:
                raise ValueError("This model is exact in chunks of any size, so it takes no overlap: leave it out")
            return field
        if self._overlap is None:
            reasons = "; ".join(sorted({f"{type(o.module).__name__} {o.reason}" for o in field.obstacles}))
            best = max(overlap_in_frames(field), (self._chunk or 0) // 2)
            raise NotExactError(
                f"This model's result in chunks differs from that of the whole clip: {reasons}. "
                f"Leave chunk_size out, or accept the difference with overlap={best} (latent frames; more is closer)"
            )
        return field.approximated(self._overlap * (ratio if field.stride > 1 else 1))


def _checked(lengths: Lengths, batch: int, longest: int) -> list[int]:
    numbers = [int(n) for n in lengths]
    if len(numbers) != batch or not all(1 <= n <= longest for n in numbers):
        raise ValueError(f"lengths must be {batch} numbers of samples from 1 to {longest}, got {numbers}")
    return numbers


def _by_length(
    run: Run, x: Tensor, lengths: list[int], ratio: int, network: Network | None
) -> tuple[Tensor, list[int]]:
    """Run clips together: those of equal length in frames, or of similar length where the network is known.

    Returns:
        The results, padded with zeros, and the length of each.
    """
    frames = [-(-length // ratio) for length in lengths]
    results: dict[int, Tensor] = {}
    for rows in buckets(frames, inf if network is None else network.reach):
        longest = max(frames[row] for row in rows)
        clips = torch.stack([_fitted(x[row, :, : lengths[row]], longest * ratio) for row in rows])
        missing = [(longest - frames[row]) * ratio for row in rows]
        outs = run_padded(run, network, clips, missing) if network is not None and any(missing) else run(clips)
        results |= dict(zip(rows, outs, strict=True))
    own = [results[row].shape[-1] for row in range(len(lengths))]
    return torch.stack([_fitted(results[row], max(own)) for row in range(len(lengths))]), own


def _fitted(x: Tensor, length: int) -> Tensor:
    """Cut, or padded with zeros, to a length."""
    return F.pad(x, (0, length - x.shape[-1]))


def _silenced(x: Tensor, lengths: list[int]) -> Tensor:
    """With zeros after each row's own length."""
    outside = torch.arange(x.shape[-1], device=x.device) >= torch.tensor(lengths, device=x.device)[:, None]
    return x.masked_fill(outside[:, None], 0)
