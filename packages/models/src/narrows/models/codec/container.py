"""Reading and writing codec files.

    offset      size  what
    0           8     magic: 89 4E 52 57 53 0D 0A 1A ("\\x89NRWS\\r\\n\\x1a")
    8           2     version, 1
    10          2     zero
    12          4     N, bytes of the header
    16          N     header, JSON in UTF-8 (see `CodecHeader`)
    16 + N      P     payload
    16 + N + P  32    SHA-256 of everything before

Numbers are unsigned and little-endian. The payload goes frame by frame: latents as little-endian floats, tokens as in
`packing`, or as a language model codes them (`entropy` in the header). Nothing in a file is run, and no size that a
file claims is believed before it is compared with the file.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from narrows.configs.files import OutputError, atomic_file
from narrows.models.codec.errors import CodecFileError
from narrows.models.codec.header import BYTES, CodecHeader
from narrows.models.codec.packing import TokenPacking

MAGIC = b"\x89NRWS\r\n\x1a"
VERSION = 1
FIXED = struct.Struct("<8sHHI")
DIGEST_BYTES = 32
LARGEST_HEADER = 1 << 16


class CodecFile(NamedTuple):
    """A codec file in memory."""

    header: CodecHeader
    data: Tensor
    """Tokens (int64) or latents, `(frames, *shape)`."""


def write_codec_file(path: str | Path, header: CodecHeader, blocks: Iterable[Tensor]) -> Path:
    """Write a codec file; it appears whole or not at all.

    Args:
        path: replaced when it exists.
        header: describes the blocks.
        blocks: tokens or latents, `(some frames, *shape)`, together `header.frames` frames.

    Raises:
        ValueError: the blocks do not match the header.
        CodecFileError: latents are not finite, in the type that they are written in.
    """
    path = Path(path)
    return _write(path, header, _payload(path, header, blocks))


def write_coded_file(path: str | Path, header: CodecHeader, payload: bytes) -> Path:
    """Write a codec file whose tokens a language model has coded; it appears whole or not at all.

    Args:
        path: replaced when it exists.
        header: with `entropy`.
        payload: the coded tokens.
    """
    if header.payload_bytes != len(payload):
        raise ValueError(f"The header says {header.payload_bytes} bytes, {len(payload)} came")
    return _write(Path(path), header, [payload])


def _write(path: Path, header: CodecHeader, payload: Iterable[bytes]) -> Path:
    text = header.to_json()
    with atomic_file(path) as temporary, temporary.open("wb") as file:
        digest = hashlib.sha256()
        for part in (FIXED.pack(MAGIC, VERSION, 0, len(text)), text):
            file.write(part)
            digest.update(part)
        for part in payload:
            file.write(part)
            digest.update(part)
        file.write(digest.digest())
    return path


def read_codec_file(path: str | Path) -> CodecFile:
    """Read and check a codec file.

    Raises:
        CodecFileError: it cannot be read, is none, is damaged, or is of a newer version.
    """
    with codec_file(path) as opened:
        return CodecFile(opened.header, torch.cat(list(opened.blocks())))


@contextmanager
def codec_file(path: str | Path) -> Iterator[OpenCodecFile]:
    """Open and check a codec file without holding its payload in memory.

    Raises:
        CodecFileError: as `read_codec_file`.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            yield OpenCodecFile(path, file)
    except OutputError:
        raise  # Of what is written meanwhile.
    except OSError as error:
        raise CodecFileError(path, f"cannot be read: {error.strerror or error}") from error


class OpenCodecFile:
    """A codec file whose header and checksum are right.

    Args:
        path: for errors.
        file: open for reading.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file
        self.header, self._start = self._checked_header()

    def blocks(self, frames: int = 4096) -> Iterator[Tensor]:
        """The payload, `(frames, *shape)` at a time.

        Raises:
            CodecFileError: a language model has coded it; see `coded`.
        """
        header = self.header
        if header.entropy is not None:
            raise CodecFileError(
                self._path,
                f"was coded by the language model {header.entropy.model[:12]}…, which must decode it: --entropy MODEL",
            )
        self._file.seek(self._start)
        if header.codebook_size is not None:
            packing = TokenPacking(header.codebook_size)
            # Whole groups of tokens and whole frames, so that every block can be unpacked alone.
            frames = -(-frames // packing.group) * packing.group
        for first in range(0, header.frames, frames):
            yield self._block(min(frames, header.frames - first))

    def coded(self) -> bytes:
        """The payload as it is."""
        self._file.seek(self._start)
        return self._file.read(self.header.payload_bytes)

    def _block(self, frames: int) -> Tensor:
        header, count = self.header, frames * self.header.values
        if header.codebook_size is not None:
            packing = TokenPacking(header.codebook_size)
            try:
                tokens = packing.unpack(self._file.read(packing.size(count)), count)
            except ValueError as error:
                raise CodecFileError(self._path, f"damaged payload: {error}") from error
            return torch.from_numpy(tokens).reshape(frames, *header.shape)
        assert header.dtype is not None
        raw = self._file.read(count * BYTES[header.dtype])
        if len(raw) != count * BYTES[header.dtype]:
            raise CodecFileError(self._path, "cut off while it was being read")
        return _floats(raw, header.dtype).reshape(frames, *header.shape)

    def _checked_header(self) -> tuple[CodecHeader, int]:
        size = self._path.stat().st_size
        fixed = self._file.read(FIXED.size)
        if len(fixed) < FIXED.size or not fixed.startswith(MAGIC):
            raise CodecFileError(self._path, "is not a codec file of narrows")
        _, version, zero, length = FIXED.unpack(fixed)
        if version != VERSION or zero != 0:
            raise CodecFileError(self._path, f"is of version {version}; this narrows reads version {VERSION}")
        if length > min(LARGEST_HEADER, size - FIXED.size - DIGEST_BYTES):
            raise CodecFileError(self._path, f"is cut off or damaged: a header of {length} bytes in {size}")
        text = self._file.read(length)
        self._check_digest(size)
        try:
            header = CodecHeader.from_json(text)
        except ValueError as error:
            raise CodecFileError(self._path, str(error)) from error
        start = FIXED.size + length
        if start + header.payload_bytes + DIGEST_BYTES != size:
            given = size - start - DIGEST_BYTES
            raise CodecFileError(self._path, f"{header.payload_bytes} bytes of payload expected, {given} found")
        return header, start

    def _check_digest(self, size: int) -> None:
        digest = hashlib.sha256()
        self._file.seek(0)
        left = size - DIGEST_BYTES
        while left > 0 and (part := self._file.read(min(left, 1 << 20))):
            digest.update(part)
            left -= len(part)
        if digest.digest() != self._file.read(DIGEST_BYTES):
            raise CodecFileError(self._path, "is cut off or damaged: its checksum is wrong")


def _payload(path: Path, header: CodecHeader, blocks: Iterable[Tensor]) -> Iterator[bytes]:
    frames = 0
    packer = _Packer(header) if header.content == "tokens" else None
    for block in blocks:
        if tuple(block.shape[1:]) != header.shape:
            raise ValueError(f"Frames must be of shape {header.shape}, got {tuple(block.shape[1:])}")
        yield packer.push(block) if packer else _bytes(_finite(path, block, header, frames), header)
        frames += len(block)
    if packer:
        yield packer.finish()
    if frames != header.frames:
        raise ValueError(f"The header says {header.frames} frames, {frames} came")


class _Packer:
    """Packs tokens that come in blocks; what does not fill a group waits."""

    def __init__(self, header: CodecHeader) -> None:
        assert header.codebook_size is not None
        self._packing = TokenPacking(header.codebook_size)
        self._waiting: NDArray[np.int64] = np.zeros(0, np.int64)

    def push(self, block: Tensor) -> bytes:
        tokens = np.concatenate([self._waiting, block.reshape(-1).cpu().numpy().astype(np.int64)])
        full = len(tokens) // self._packing.group * self._packing.group
        self._waiting = tokens[full:]
        return self._packing.pack(tokens[:full])

    def finish(self) -> bytes:
        return self._packing.pack(self._waiting)


def _finite(path: Path, block: Tensor, header: CodecHeader, start: int) -> Tensor:
    """Latents in the type that they are written in, refused where they are not finite."""
    numbers = block.to(getattr(torch, str(header.dtype)))
    bad = ~numbers.isfinite().flatten(1).all(dim=1)
    if bool(bad.any()):
        types = [str(dtype).removeprefix("torch.") for dtype in (block.dtype, numbers.dtype)]
        half = next((name for name in types if name in ("float16", "bfloat16")), None)
        way_out = f"; they are computed or written in {half}, float32 may work" if half else ""
        first = start + int(bad.nonzero()[0])
        raise CodecFileError(path, f"would hold latents that are not finite, the first at frame {first}{way_out}")
    return numbers


def _bytes(block: Tensor, header: CodecHeader) -> bytes:
    numbers = block.detach().cpu().to(getattr(torch, str(header.dtype))).contiguous()
    raw = numbers.view(torch.int16) if header.dtype == "bfloat16" else numbers
    array = raw.numpy()
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def _floats(raw: bytes, dtype: str) -> Tensor:
    kind = {"float32": "<f4", "float16": "<f2", "bfloat16": "<i2"}[dtype]
    numbers = torch.from_numpy(np.frombuffer(raw, kind).astype(kind[1:]))
    return numbers.view(torch.bfloat16) if dtype == "bfloat16" else numbers
