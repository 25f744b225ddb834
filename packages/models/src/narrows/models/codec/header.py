"""The header of a codec file: describes its content and how to decode it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from math import prod
from typing import Any, Literal, get_args

from narrows.models.codec.packing import LARGEST_CODEBOOK, TokenPacking

Content = Literal["tokens", "latents"]
Dtype = Literal["float32", "float16", "bfloat16"]
BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}


@dataclass(frozen=True)
class SourceFormat:
    """The audio file that was encoded, before it was brought to the model's rate and channels."""

    sample_rate: int
    """In Hz."""
    channels: int
    samples: int
    """Of each channel."""

    def __post_init__(self) -> None:
        for name, largest in {"sample_rate": 10**7, "channels": 1024, "samples": 2**53}.items():
            _whole(name, getattr(self, name), 1, largest)


@dataclass(frozen=True)
class Entropy:
    """Tokens that are coded by the probabilities of a language model."""

    model: str
    """SHA-256 of the language model, in hexadecimal digits."""
    bytes: int
    """Of the coded tokens."""
    window: int
    """Frames that are coded together, without what was before them."""
    tokens: str
    """SHA-256 of the tokens, by which decoding is checked."""

    def __post_init__(self) -> None:
        _digest("entropy.model", self.model)
        _digest("entropy.tokens", self.tokens)
        _whole("entropy.bytes", self.bytes, 0, 2**53)
        _whole("entropy.window", self.window, 1, 2**24)


@dataclass(frozen=True)
class CodecHeader:
    """The header in front of the tokens or latents. Every field is checked: wrong values raise ValueError."""

    model: str
    """SHA-256 of the model, in hexadecimal digits (see `model_hash`)."""
    sample_rate: int
    """Of the model, in Hz."""
    channels: int
    """Of the model's output."""
    samples: int
    """Of each channel, at the model's rate."""
    source: SourceFormat
    ratio: int
    """Samples a latent frame."""
    frames: int
    """Latent frames."""
    content: Content
    shape: tuple[int, ...]
    """Of a frame: `(K,)` tokens, or `(D,)` latent channels; `(G, K)` or `(G, D)` for channels that were folded."""
    codebook_size: int | None = None
    """Values a token can take; None for latents."""
    dtype: Dtype | None = None
    """Of latents; None for tokens."""
    entropy: Entropy | None = None
    """How tokens are coded by a language model; None where they are packed."""

    def __post_init__(self) -> None:
        limits = {"sample_rate": 10**7, "channels": 1024, "samples": 2**53, "ratio": 2**24, "frames": 2**53}
        for name, largest in limits.items():
            _whole(name, getattr(self, name), 1, largest)
        _digest("model", self.model)
        if self.entropy is not None and (not isinstance(self.entropy, Entropy) or self.content != "tokens"):
            raise ValueError(f"entropy is for tokens, and must be an object, got {self.entropy!r}")
        if not isinstance(self.shape, tuple) or not 1 <= len(self.shape) <= 4:
            raise ValueError(f"shape must have 1 to 4 axes, got {self.shape!r}")
        for size in self.shape:
            _whole("shape", size, 1, 2**16)
        if not isinstance(self.source, SourceFormat):
            raise ValueError(f"source must be an object, got {self.source!r}")
        if self.content not in get_args(Content):
            raise ValueError(f"content must be one of {get_args(Content)}, got {self.content!r}")
        if self.content == "tokens":
            _whole("codebook_size", self.codebook_size, 2, LARGEST_CODEBOOK)
        elif self.dtype not in get_args(Dtype):
            raise ValueError(f"dtype must be one of {get_args(Dtype)}, got {self.dtype!r}")

    @property
    def values(self) -> int:
        """Tokens or numbers a frame."""
        return prod(self.shape)

    @property
    def payload_bytes(self) -> int:
        """Size of the payload."""
        return self.packed_bytes if self.entropy is None else self.entropy.bytes

    @property
    def packed_bytes(self) -> int:
        """Size of the payload without a language model."""
        if self.content == "tokens":
            assert self.codebook_size is not None
            return TokenPacking(self.codebook_size).size(self.frames * self.values)
        assert self.dtype is not None
        return self.frames * self.values * BYTES[self.dtype]

    @property
    def bits_per_second(self) -> float:
        """Of the payload."""
        return self.payload_bytes * 8 * self.sample_rate / self.samples

    def to_json(self) -> bytes:
        """Without the entries that are None."""
        given = {key: value for key, value in asdict(self).items() if value is not None}
        return json.dumps(given, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, text: bytes) -> CodecHeader:
        """Parse and check.

        Raises:
            ValueError: it is no JSON object with the fields of this class.
        """
        try:
            data: Any = json.loads(text.decode("utf-8"))
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise ValueError(f"the header is no JSON: {error}") from error
        if not isinstance(data, dict):
            raise ValueError("the header is no JSON object")
        unknown = set(data) - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"the header has fields of a newer version: {', '.join(sorted(unknown))}")
        if isinstance(data.get("shape"), list):
            data["shape"] = tuple(data["shape"])
        try:
            if isinstance(data.get("source"), dict):
                data["source"] = SourceFormat(**data["source"])
            if isinstance(data.get("entropy"), dict):
                data["entropy"] = Entropy(**data["entropy"])
            return cls(**data)
        except TypeError as error:
            raise ValueError(f"the header is not complete: {error}") from error


def _digest(name: str, value: Any) -> None:
    if not (isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")):
        raise ValueError(f"{name} is not a SHA-256 in hexadecimal digits: {value!r}")


def _whole(name: str, value: Any, least: int, largest: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= largest:
        raise ValueError(f"{name} must be a whole number from {least} to {largest}, got {value!r}")
