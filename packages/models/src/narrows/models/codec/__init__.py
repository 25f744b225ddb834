"""Codec files: the tokens or latents of a clip, with all that decoding needs to know (see docs/long-audio.md)."""

from narrows.models.codec.container import CodecFile, codec_file, read_codec_file, write_codec_file
from narrows.models.codec.errors import CodecFileError
from narrows.models.codec.header import CodecHeader, Source
from narrows.models.codec.identity import model_hash
from narrows.models.codec.packing import TokenPacking

__all__ = [
    "CodecFile",
    "CodecFileError",
    "CodecHeader",
    "Source",
    "TokenPacking",
    "codec_file",
    "model_hash",
    "read_codec_file",
    "write_codec_file",
]
