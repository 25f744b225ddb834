"""Audio files to codec files and back, block by block: memory does not grow with the length of the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from narrows.audio.files import audio_info, open_audio, read_from
from narrows.audio.resampling import resampled_length
from narrows.audio.writing import audio_writer, finite
from narrows.models import Codec
from narrows.models.arithmetic import arithmetic_of
from narrows.models.bottlenecks import DiscreteBottleneck
from narrows.models.codec import (
    CodecFileError,
    CodecHeader,
    SourceFormat,
    channels_to_read,
    codec_file,
    fold_channels,
    model_hash,
    unfold_channels,
    write_codec_file,
    write_coded_file,
)
from narrows.models.codec.container import OpenCodecFile
from narrows.models.interfaces import ChannelPolicy
from narrows.models.streaming import DecodeStream, EncodeStream, ReceptiveField, streamed
from narrows.models.streaming.bottlenecks import decode_stream_field
from narrows.pipelines.codebook_count import codebook_options
from narrows.pipelines.restore_source_format import restored

if TYPE_CHECKING:
    from narrows.models.codec.header import Content, Dtype

CHUNK = 512
"""Latent frames computed at a time."""


def encode_file(
    model: Codec,
    path: str | Path,
    out: str | Path,
    *,
    content: Content | None = None,
    dtype: Dtype = "float32",
    chunk_size: int = CHUNK,
    overlap: int | None = None,
    seed: int = 0,
    channel_policy: ChannelPolicy | None = None,
    n_quantizers: int | None = None,
    entropy: Any = None,
) -> CodecHeader:
    """Encode an audio file of any length.

    Args:
        model: in eval mode, on the device to use.
        path: audio; it is resampled to the model's rate.
        out: codec file, written whole or not at all.
        content: `tokens` or `latents`; by default tokens where the model has them.
        dtype: numbers that latents are written in.
        chunk_size: latent frames to compute at a time; it changes the memory, not the result.
        overlap: latent frames of context for models that cannot be chunked exactly. Without it they encode the file
            in one piece.
        seed: of the noise of stochastic bottlenecks.
        channel_policy: what becomes of other channels than the model's; None does what the model's configuration says.
        n_quantizers: codebooks to encode with, of a residual bottleneck: the first ones; None takes all.
        entropy: a language model that codes the tokens; None packs them. All tokens of a file are then in memory.

    Returns:
        The header of the file.

    Raises:
        AudioFileError: the audio cannot be read.
        ChannelError: the policy refuses its channels.
        CodebookCountError: the model has no such number of codebooks.
        EntropyError: the language model cannot code these tokens.
    """
    path = Path(path)
    codebooks = codebook_options(model, n_quantizers)
    content = content or ("tokens" if model.is_discrete else "latents")
    info = audio_info(path)
    channels = channels_to_read(info.channels, model.in_channels, channel_policy or model.channel_policy)
    samples = resampled_length(info.frames, info.sample_rate, model.sample_rate)
    ratio = model.downsampling_ratio
    frames = _frames(model, samples)
    field, chunk_size = _field(model.encode_field(), overlap, ratio, chunk_size, frames)
    device = _device(model)
    stream = EncodeStream(model, field, content == "tokens", **_noise(model, seed, device), **codebooks)
    blocks = _audio_blocks(model, path, channels, chunk_size * ratio, frames * ratio)
    with torch.inference_mode():
        latents = (_as_frames(block).cpu() for block in streamed(stream, (block.to(device) for block in blocks)))
        first = next(latents)
        header = CodecHeader(
            model=model_hash(model),
            sample_rate=model.sample_rate,
            channels=model.out_channels * (first.shape[1] if first.dim() == 3 else 1),
            samples=samples,
            source=SourceFormat(info.sample_rate, info.channels, info.frames),
            ratio=ratio,
            frames=frames,
            content=content,
            shape=tuple(first.shape[1:]),
            codebook_size=_codebook_size(model) if content == "tokens" else None,
            dtype=dtype if content == "latents" else None,
        )
        if entropy is None:
            write_codec_file(out, header, _with_first(first, latents))
            return header
        return _write_coded(out, header, torch.cat(list(_with_first(first, latents))), entropy)


def _write_coded(out: str | Path, header: CodecHeader, tokens: Tensor, entropy: Any) -> CodecHeader:
    """Write tokens that a language model codes; the header says by which."""
    from narrows.pipelines.entropy_coding import EntropyError, check_language_model, coded

    if header.codebook_size is None:
        raise EntropyError("A language model codes tokens, not latents")
    payload, about = coded(check_language_model(entropy, header.shape[-1], header.codebook_size), tokens)
    header = replace(header, entropy=about)
    write_coded_file(out, header, payload)
    return header


def decode_file(
    model: Codec,
    path: str | Path,
    out: str | Path,
    *,
    subtype: str | None = None,
    chunk_size: int = CHUNK,
    overlap: int | None = None,
    seed: int = 0,
    entropy: Any = None,
) -> CodecHeader:
    """Decode a codec file to an audio file of exactly the rate, channels and length of the one that was encoded.

    Args:
        model: the model that encoded it, in eval mode, on the device to use.
        path: codec file.
        out: audio file, written whole or not at all; its ending selects the format.
        subtype: encoding in libsndfile's names, e.g. `PCM_24`; None takes the format's usual one.
        chunk_size: latent frames to compute at a time.
        overlap: as for `encode_file`.
        seed: of the noise of stochastic bottlenecks.
        entropy: the language model that coded the tokens, where one did.

    Raises:
        CodecFileError: the file is damaged, or another model made it.
    """
    path, device = Path(path), _device(model)
    with codec_file(path) as opened, torch.inference_mode():
        header = opened.header
        _check_model(path, header, model)
        field, chunk_size = _field(decode_stream_field(model), overlap, 1, chunk_size, header.frames)
        stream = DecodeStream(model, field, header.content == "tokens", **_noise(model, seed, device))
        frames = opened.blocks(chunk_size) if entropy is None else _coded_blocks(path, opened, entropy, chunk_size)
        blocks = (_as_input(block, model, header).to(device) for block in frames)
        source, written = header.source, 0
        with audio_writer(out, source.sample_rate, source.channels, source.samples, subtype) as file:
            for block in restored(map(unfold_channels, streamed(stream, blocks)), header):
                file.write(finite(out, block, written))
                written += len(block)
    return header


def _coded_blocks(path: Path, opened: OpenCodecFile, entropy: Any, size: int) -> Iterator[Tensor]:
    """Frames of a file that a language model may have coded."""
    from narrows.pipelines.entropy_coding import check_language_model, decoded

    header = opened.header
    if header.entropy is None:
        return opened.blocks(size)
    assert header.codebook_size is not None
    lm = check_language_model(entropy, header.shape[-1], header.codebook_size)
    return iter(torch.split(decoded(lm, header, opened.coded(), path), size))


def decoder_shortfall(model: Codec) -> int:
    """Samples that the decoder gives too few at the end of a clip, whatever its length.

    Transposed convolutions of odd stride lose some in the reference, and so in its weights; one frame more makes up
    for them. Measured on a short clip of silence.
    """
    if model.stochastic_decoder:
        return 0  # Sampled at full length.
    frames = model.decode_field().granule
    parameter = next(model.parameters())
    channels = model.latent_dim
    silence = torch.zeros(1, channels, frames, device=parameter.device, dtype=arithmetic_of(model))
    with torch.inference_mode():
        return max(0, frames * model.downsampling_ratio - model.decode(silence).shape[-1])


def _frames(model: Codec, samples: int) -> int:
    """Latent frames that hold so many samples; models that work in chunks of their own fill the last one."""
    whole = model.min_length
    return -(-(samples + decoder_shortfall(model)) // whole) * whole // model.downsampling_ratio


def _audio_blocks(model: Codec, path: Path, channels: int, size: int, total: int) -> Iterator[Tensor]:
    """A file `(G, C, size)` at a time, filled with silence to `total` samples; G above 1 where channels are folded."""
    given = 0
    dtype = arithmetic_of(model)
    # One decoder for the whole file: opening and seeking anew for each block would read from the start each time.
    with open_audio(path) as decoder:
        while given < total:
            block, _ = read_from(decoder, path, given, min(size, total - given), model.sample_rate, channels)
            block = F.pad(block, (0, min(size, total - given) - block.shape[-1]))
            given += block.shape[-1]
            yield fold_channels(block, model.in_channels).to(dtype)


def _field(
    field: ReceptiveField, overlap: int | None, ratio: int, chunk_size: int, frames: int
) -> tuple[ReceptiveField, int]:
    """The field to use and the frames of a chunk; a model that is not exact gets all frames, or its overlap."""
    if field.exact:
        return field, chunk_size
    return field.approximated(
        (frames if overlap is None else overlap) * ratio
    ), frames if overlap is None else chunk_size


def _check_model(path: Path, header: CodecHeader, model: Codec) -> None:
    given = model_hash(model)
    if header.model != given:
        raise CodecFileError(path, f"was made by the model {header.model[:12]}…, this one is {given[:12]}…")
    if header.content == "tokens" and not model.is_discrete:
        raise CodecFileError(path, "holds tokens, but the model has no discrete bottleneck")


def _as_frames(block: Tensor) -> Tensor:
    """What `_as_input` undoes."""
    return block[0].T if len(block) == 1 else block.permute(2, 0, 1)


def _as_input(block: Tensor, model: Codec, header: CodecHeader) -> Tensor:
    """Frames of a file, `(L, D)` or of folded channels `(L, G, D)`, as a batch, `(1, D, L)` or `(G, D, L)`."""
    block = block.T[None] if block.dim() == 2 else block.permute(1, 2, 0)
    return block if header.content == "tokens" else block.to(arithmetic_of(model))


def _codebook_size(model: Codec) -> int:
    if not isinstance(model.bottleneck, DiscreteBottleneck):
        raise ValueError("This model has no tokens; ask for content='latents'")
    return model.bottleneck.codebook_size


def _noise(model: Codec, seed: int, device: torch.device) -> dict[str, Generator]:
    draws = model.bottleneck is not None or model.stochastic_decoder
    return {"generator": Generator(device=device).manual_seed(seed)} if draws else {}


def _device(model: Codec) -> torch.device:
    return next(model.parameters()).device


def _with_first(first: Tensor, rest: Iterator[Tensor]) -> Iterator[Tensor]:
    yield first
    yield from rest
