"""A clip through a model by way of a real codec file, so that sizes are those of files and times those of users."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import soundfile
import torch
from torch import Tensor

from narrows.data import write_audio
from narrows.models import Codec
from narrows.models.codec import read_codec_file
from narrows.models.interfaces import ChannelPolicy
from narrows.pipelines.codec_files import decode_file, encode_file


@dataclass(frozen=True)
class Reconstruction:
    """What a model made of a clip."""

    audio: Tensor
    """`(C, T)`, of the clip's shape and rate."""
    file_bytes: int
    """Size of the codec file, header and checksum included."""
    payload_bytes: int
    """Of these, tokens or latents."""
    coding_seconds: float
    """Time that encoding and decoding took, files included."""
    tokens: Tensor | None
    """`(B, K, L)` integers, of B > 1 clips where channels are folded; None for models without tokens."""
    codebook_size: int | None
    """Values a token can take."""


def reconstruct(
    model: Codec,
    audio: Tensor,
    sample_rate: int,
    *,
    seed: int = 0,
    n_quantizers: int | None = None,
    channel_policy: ChannelPolicy | None = None,
) -> Reconstruction:
    """Encode a clip to a codec file and decode that.

    Args:
        model: in eval mode, on the device to use.
        audio: `(C, T)`; it is brought to the model's rate and channels, and back.
        sample_rate: of the audio in Hz.
        seed: of the noise of stochastic bottlenecks.
        n_quantizers: codebooks of a residual bottleneck to encode with; None for all.
        channel_policy: what becomes of other channels than the model's; None does what its configuration says.

    Raises:
        ValueError: the reconstruction is not finite.
        CodebookCountError: the model has no residual codebooks, or fewer.
    """
    with TemporaryDirectory(prefix="narrows-evaluate-") as name:
        source, coded, decoded = (Path(name) / file for file in ("in.wav", "clip.narrows", "out.wav"))
        write_audio(source, audio, sample_rate, "FLOAT")
        began = time.perf_counter()
        header = encode_file(model, source, coded, seed=seed, n_quantizers=n_quantizers, channel_policy=channel_policy)
        decode_file(model, coded, decoded, subtype="FLOAT", seed=seed)
        took = time.perf_counter() - began
        # Not with read_audio, which takes samples far beyond full scale for damage: an untrained model may give them.
        result = torch.from_numpy(soundfile.read(decoded, dtype="float32", always_2d=True)[0].T)
        if not result.isfinite().all():
            raise ValueError("the reconstruction holds samples that are not finite")
        tokens = _tokens(read_codec_file(coded).data) if header.content == "tokens" else None
        return Reconstruction(result, coded.stat().st_size, header.payload_bytes, took, tokens, header.codebook_size)


def tokens_of(model: Codec, audio: Tensor, sample_rate: int, *, seed: int = 0) -> Tensor | None:
    """Tokens `(B, K, L)` of a clip, as `reconstruct` gives them; None for models without.

    Args:
        model: in eval mode.
        audio: `(C, T)`.
        sample_rate: of the audio in Hz.
        seed: of the noise of stochastic bottlenecks.
    """
    with TemporaryDirectory(prefix="narrows-evaluate-") as name:
        source, coded = Path(name) / "in.wav", Path(name) / "clip.narrows"
        write_audio(source, audio, sample_rate, "FLOAT")
        header = encode_file(model, source, coded, seed=seed)
        return _tokens(read_codec_file(coded).data) if header.content == "tokens" else None


def _tokens(frames: Tensor) -> Tensor:
    """Frames of a codec file, `(L, K)` or of folded channels `(L, G, K)`, as `(B, K, L)`."""
    return frames.reshape(len(frames), -1, frames.shape[-1]).permute(1, 2, 0)
