"""Latents that are not finite, in the type that they are written in, never reach a codec file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
import torch

from narrows.models.codec import CodecFileError, CodecHeader, SourceFormat, write_codec_file

Dtype = Literal["float32", "float16", "bfloat16"]


@pytest.mark.parametrize(
    ("value", "dtype", "said"),
    [
        (float("nan"), "float32", r"not finite, the first at frame 5$"),
        (float("inf"), "float32", r"not finite, the first at frame 5$"),
        (7e4, "float16", r"frame 5; .*float32 may work"),
        (3.4e38, "bfloat16", r"frame 5; .*float32 may work"),
        (float("-inf"), "bfloat16", r"frame 5; .*float32 may work"),
    ],
)
def test_nothing_is_written(value: float, dtype: Dtype, said: str, tmp_path: Path) -> None:
    latents = torch.zeros(8, 2)
    latents[5, 1] = value
    header = CodecHeader(
        model="0" * 64,
        sample_rate=8000,
        channels=1,
        samples=32,
        source=SourceFormat(8000, 1, 32),
        ratio=4,
        frames=8,
        content="latents",
        shape=(2,),
        codebook_size=None,
        dtype=dtype,
    )
    with pytest.raises(CodecFileError, match=said):
        write_codec_file(tmp_path / "a.narrows", header, latents.split(3))
    assert not list(tmp_path.iterdir())
