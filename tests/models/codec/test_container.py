"""Codec files: written whole, read back exactly, and refused when anything is wrong."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from narrows.models.codec import (
    CodecFileError,
    CodecHeader,
    SourceFormat,
    codec_file,
    read_codec_file,
    write_codec_file,
)

SOURCE = SourceFormat(48000, 1, 3265)
TOKENS = CodecHeader("0" * 64, 44100, 2, 2999, SOURCE, 30, 100, "tokens", (4,), codebook_size=1000)
LATENTS = replace(TOKENS, content="latents", shape=(8,), codebook_size=None, dtype="float32")


def tokens() -> torch.Tensor:
    return torch.randint(0, 1000, (100, 4), generator=torch.Generator().manual_seed(0))


def latents() -> torch.Tensor:
    return torch.randn(100, 8, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_codec_file(tmp_path / "clip.nrw", TOKENS, tokens().split(7))


def sealed(body: bytes) -> bytes:
    """With the right checksum, so that what follows is reached."""
    return body + hashlib.sha256(body).digest()


def with_header(path: Path, **changes: Any) -> bytes:
    raw = path.read_bytes()[:-32]
    length = struct.unpack("<I", raw[12:16])[0]
    header = json.dumps({**json.loads(raw[16 : 16 + length]), **changes}).encode()
    return sealed(raw[:12] + struct.pack("<I", len(header)) + header + raw[16 + length :])


def test_tokens_come_back(path: Path) -> None:
    header, data = read_codec_file(path)
    assert header == TOKENS
    assert torch.equal(data, tokens())


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_latents_come_back(tmp_path: Path, dtype: str) -> None:
    header = replace(LATENTS, dtype=dtype)
    write_codec_file(tmp_path / "clip.nrw", header, latents().split(33))
    assert torch.equal(read_codec_file(tmp_path / "clip.nrw").data, latents().to(getattr(torch, dtype)))


def test_the_file_is_as_documented(path: Path) -> None:
    raw = path.read_bytes()
    assert raw[:8] == b"\x89NRWS\r\n\x1a"
    assert raw[8:12] == b"\x01\x00\x00\x00"
    length = int.from_bytes(raw[12:16], "little")
    assert json.loads(raw[16 : 16 + length])["codebook_size"] == 1000
    assert len(raw) == 16 + length + TOKENS.payload_bytes + 32
    assert raw[-32:] == hashlib.sha256(raw[:-32]).digest()


def test_blocks_join_to_the_whole(path: Path) -> None:
    with codec_file(path) as opened:
        assert torch.equal(torch.cat(list(opened.blocks(3))), tokens())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_damage_is_found(path: Path, data: st.DataObject) -> None:
    raw = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] ^= data.draw(st.integers(1, 255))
    else:
        raw = raw[: data.draw(st.integers(0, len(raw) - 1))]
    damaged = path.with_name("damaged.nrw")
    damaged.write_bytes(bytes(raw))
    with pytest.raises(CodecFileError):
        read_codec_file(damaged)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*LATENTS.__dict__]),
        st.none() | st.integers(-2, 2**70) | st.text(max_size=3) | st.lists(st.integers(-1, 2**40), max_size=5),
        min_size=1,
    )
)
def test_any_header_is_refused_or_right(path: Path, changes: dict[str, Any]) -> None:
    strange = path.with_name("strange.nrw")
    strange.write_bytes(with_header(path, **changes))
    try:
        header, data = read_codec_file(strange)
    except CodecFileError:
        return
    assert data.shape == (header.frames, *header.shape)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a codec file"),
        (b"RIFF" + bytes(100), "is not a codec file"),
        (sealed(b"\x89NRWS\r\n\x1a" + struct.pack("<HHI", 2, 0, 2) + b"{}"), "is of version 2"),
        (sealed(b"\x89NRWS\r\n\x1a" + struct.pack("<HHI", 1, 0, 999) + b"{}"), "cut off or damaged"),
        (sealed(b"\x89NRWS\r\n\x1a" + struct.pack("<HHI", 1, 0, 2) + b"{}"), "the header is not complete"),
        (sealed(b"\x89NRWS\r\n\x1a" + struct.pack("<HHI", 1, 0, 2) + b"[["), "the header is no JSON"),
    ],
)
def test_errors_say_what_is_wrong(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "clip.nrw").write_bytes(content)
    with pytest.raises(CodecFileError, match=message):
        read_codec_file(tmp_path / "clip.nrw")


def test_a_payload_of_another_size_is_refused(path: Path) -> None:
    path.write_bytes(with_header(path, frames=101))
    with pytest.raises(CodecFileError, match="bytes of payload expected"):
        read_codec_file(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CodecFileError, match="No such file"):
        read_codec_file(tmp_path / "none.nrw")


@pytest.mark.parametrize("blocks", [[tokens()[:99]], [tokens(), tokens()[:1]], [tokens()[:, :3]], [tokens() + 500]])
def test_blocks_that_do_not_fit_leave_no_file(tmp_path: Path, blocks: list[torch.Tensor]) -> None:
    with pytest.raises(ValueError, match=r"frames|Frames|Tokens"):
        write_codec_file(tmp_path / "clip.nrw", TOKENS, blocks)
    assert list(tmp_path.iterdir()) == []
