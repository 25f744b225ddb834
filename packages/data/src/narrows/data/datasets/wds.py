"""WebDataset shards in folders or S3 buckets, of audio or of latents."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import IO, Any

import numpy as np
from torch import Tensor

from narrows.audio.channels import left_out
from narrows.audio.cropping import crop_signal
from narrows.audio.files import open_audio, read_from
from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.audio.silence import remove_long_silence
from narrows.configs import DatasetPromptOptions, WdsDatasetConfig, WdsEntry
from narrows.configs.storage import Storage, address_of
from narrows.data.arrays import READERS, parse_array
from narrows.data.audio_folder import clip_options
from narrows.data.clips import ClipOptions, read_crop
from narrows.data.custom_metadata import CustomMetadata
from narrows.data.datasets import LoaderOptions, build_loader
from narrows.data.drawing import GIVEN_CHANNELS, Info
from narrows.data.errors import AudioFileError, DataError, existing_folder
from narrows.data.faults import Faults
from narrows.data.latents import LatentOptions
from narrows.data.metadata import Converter
from narrows.data.prompts import Prompts
from narrows.data.remote_shards import OpenObject, find_objects
from narrows.data.scan import Selection, find_files
from narrows.data.stream_layout import StreamLayout
from narrows.data.streams import Shard, ShardStreams, StreamLoader, StreamOptions


@dataclass(frozen=True)
class SilenceOptions:
    """How long silences are shortened."""

    threshold: tuple[float, float]
    longest: float


class ShardDecoder:
    """From the parts of a sample to a clip or latents, with metadata."""

    def __init__(
        self,
        ids: Sequence[str],
        clips: ClipOptions,
        latents: LatentOptions | None,
        silence: SilenceOptions | None,
        custom: Sequence[CustomMetadata | None],
        convert: Converter | None,
        prompts: DatasetPromptOptions | None = None,
    ) -> None:
        self._ids, self._clips, self._latents, self._silence = list(ids), clips, latents, silence
        self._custom, self._convert = list(custom), convert
        self._prompts = None if prompts is None else (prompts.key, Prompts(prompts))

    def __call__(self, parts: dict[str, Any], dataset: int, rng: np.random.Generator) -> tuple[Tensor, Info]:
        """Decode a sample."""
        began = time.perf_counter()
        name = f"{parts['__url__']}#{parts['__key__']}"
        stored = _stored(parts, name)
        read = self._read_audio if self._latents is None else self._read_latents
        audio, info = read(parts, stored, name, rng)
        if self._convert is not None:
            info |= self._convert(name, stored)
        if "text" in info:
            info.setdefault("prompt", info["text"])
        info |= {"path": name, "dataset": self._ids[dataset], "load_time": time.perf_counter() - began}
        info.setdefault("relpath", parts["__key__"])
        custom = self._custom[dataset]
        if custom is not None:
            info |= custom(info, audio if self._latents is None else None)
        if self._prompts is not None:
            # Behind everything else, so that nothing else depends on it.
            key, make = self._prompts
            info[key] = make(info, rng)
        return audio, info

    def _read_audio(
        self, parts: dict[str, Any], stored: Info, name: str, rng: np.random.Generator
    ) -> tuple[Tensor, Info]:
        ending = next((key for key in parts if key.rpartition(".")[2] in AUDIO_ENDINGS), None)
        if ending is None:
            raise AudioFileError(name, f"holds no audio, only {_endings(parts)}")
        clips, path = self._clips, f"{name}.{ending}"
        with open_audio(path, parts[ending]) as decoder:
            if left_out(decoder.info.channels, clips.channels):
                stored = {**stored, GIVEN_CHANNELS: decoder.info.channels}
            if self._silence is not None:
                whole, _ = read_from(decoder, path, 0, None, clips.sample_rate, clips.channels)
                draw = Random(int(rng.integers(1 << 62)))
                whole = remove_long_silence(
                    whole, clips.sample_rate, self._silence.threshold, self._silence.longest, draw
                )
                crop = clips.place(whole.shape[-1], rng)
                audio = crop_signal(whole, crop)
            else:
                audio, crop = read_crop(decoder, path, clips, clips.place, rng)
        return clips.finish(audio, crop, name, rng), {**stored, **crop.metadata()}

    def _read_latents(
        self, parts: dict[str, Any], stored: Info, name: str, rng: np.random.Generator
    ) -> tuple[Tensor, Info]:
        assert self._latents is not None
        ending = next((key for key in parts if key.rpartition(".")[2] in READERS), None)
        if ending is None:
            raise AudioFileError(name, f"holds no latents ({', '.join(READERS)}), only {_endings(parts)}")
        try:
            return self._latents.crop(parse_array(parts[ending], ending.rpartition(".")[2]), stored, rng)
        except (ValueError, TypeError) as error:
            raise AudioFileError(name, " ".join(str(error).split())) from error


def _endings(parts: dict[str, Any]) -> str:
    return ", ".join(key for key in parts if not key.startswith("__")) or "nothing"


def _stored(parts: dict[str, Any], name: str) -> Info:
    """The metadata in the sample: its .json, and its .txt as `text`."""
    try:
        stored = json.loads(parts["json"]) if "json" in parts else {}
    except (ValueError, RecursionError) as error:
        raise AudioFileError(name, f"its .json is damaged: {error}") from error
    if not isinstance(stored, dict):
        raise AudioFileError(name, "its .json is no object")
    if "txt" in parts:
        stored.setdefault("text", parts["txt"].decode("utf-8", "replace").strip())
    return stored


@build_loader.register
def build(config: WdsDatasetConfig, options: LoaderOptions) -> StreamLoader:
    """The loader of shards."""
    shards = find_shards(config)
    if len(shards) < options.world_size:
        raise DataError(f"{len(shards)} shards are too few for {options.world_size} processes: each needs one")
    modules = [entry.custom_metadata_module for entry in config.datasets]
    custom = [CustomMetadata(m, options.allow_code) if m is not None else None for m in modules]
    decode = shard_decoder(config, clip_options(config, options), custom)
    streams = StreamOptions(
        batch_size=options.batch_size,
        streams=config.streams,
        resampled=config.resampled_shards,
        steps=config.epoch_steps,
        buffer=config.shuffle_buffer,
        drop_last=config.drop_last,
        shuffle=options.shuffle,
        seed=options.seed,
        rank=options.rank,
        world_size=options.world_size,
        update_size=options.update_size,
    )
    faults = Faults(1 << 62, config.max_bad_share, options.on_skip)
    layout = _layout(config, options)
    read = partial(ShardStreams, shards, decode)
    return StreamLoader(read, streams, faults, options.num_workers, options.multiprocessing_context, layout)


def _layout(config: WdsDatasetConfig, options: LoaderOptions) -> StreamLayout | None:
    """How streams are dealt out; None where that may depend on the number of processes."""
    if options.update_size is None:
        return None
    size, processes = options.batch_size, options.world_size
    if config.resampled_shards:
        return StreamLayout.first(config.streams, config.epoch_steps, size, options.update_size, processes)
    if options.update_size % (size * processes):
        raise DataError(
            f"Shards that are read once (resampled_shards: false) give each of {processes} processes batches of "
            f"{size}, which do not add up to an update of {options.update_size}: set resampled_shards to true, or "
            f"choose a batch_size that goes into {options.update_size} / {processes}"
        )
    return None


def find_shards(config: WdsDatasetConfig) -> list[Shard]:
    """The shards of all data sets.

    Raises:
        DataError: a folder or bucket cannot be listed, or holds none.
    """
    return [shard for number, entry in enumerate(config.datasets) for shard in _find(entry, number, config.retries)]


def shard_decoder(
    config: WdsDatasetConfig, clips: ClipOptions, custom: Sequence[CustomMetadata | None] = ()
) -> ShardDecoder:
    """What turns the parts of a sample into a clip or latents."""
    latents = LatentOptions(config.latent_crop_length, config.random_crop, clips.sample_rate, config.downsampling_ratio)
    level, seconds = config.silence_threshold
    return ShardDecoder(
        ids=[entry.id for entry in config.datasets],
        clips=clips,
        latents=latents if config.pre_encoded else None,
        silence=SilenceOptions((level, seconds), config.max_silence_duration) if config.remove_silence else None,
        custom=custom or [None] * len(config.datasets),
        convert=Converter(config.fields) if config.fields else None,
        prompts=config.prompts,
    )


def _open_file(path: Path) -> IO[bytes]:
    return path.open("rb")


def _find(entry: WdsEntry, number: int, retries: int) -> list[Shard]:
    address = entry.s3_path or address_of(entry.path or "")
    if address is not None:
        storage = Storage(entry.profile, entry.endpoint_url, entry.region, retries)
        objects = find_objects(storage, address, ".tar")
        found = [Shard(place.address, number, OpenObject(storage, place), place.size) for place in objects]
    else:
        root = existing_folder(entry.path or "", f"Data set {entry.id!r}")
        paths = [root / name for name in find_files(root, Selection(("tar",))).names]
        found = [Shard(str(path), number, partial(_open_file, path)) for path in paths]
    if not found:
        raise DataError(f"Data set {entry.id!r}: no .tar file is below {entry.s3_path or entry.path}")
    return found
