"""Codec files: the tokens or latents of a clip, with all that decoding needs to know (see docs/long-audio.md)."""

from narrows.models.codec.channels import ChannelError, channels_to_read, fold_channels, unfold_channels
from narrows.models.codec.container import CodecFile, codec_file, read_codec_file, write_codec_file, write_coded_file
from narrows.models.codec.errors import CodecFileError
from narrows.models.codec.header import CodecHeader, Entropy, SourceFormat
from narrows.models.codec.identity import model_hash
from narrows.models.codec.packing import TokenPacking

__all__ = [
    "ChannelError",
    "CodecFile",
    "CodecFileError",
    "CodecHeader",
    "Entropy",
    "SourceFormat",
    "TokenPacking",
    "channels_to_read",
    "codec_file",
    "fold_channels",
    "model_hash",
    "read_codec_file",
    "unfold_channels",
    "write_codec_file",
    "write_coded_file",
]
