"""The plan of a run as workers get it: which model, how clips arrive, where shards go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from narrows.configs import NarrowsError, PreEncodeExperimentConfig
from narrows.configs.experiments import load_experiment
from narrows.models import CheckpointError, Codec, audio_codec, create_model_from_config, load_checkpoint, load_model
from narrows.models.hub import local_model
from narrows.models.inference import prepare_for_inference
from narrows.pipelines.engines import Kind
from narrows.pipelines.engines.kinds import threads_of
from narrows.pipelines.pre_encode.clips import Shard
from narrows.pipelines.pre_encode.encoding import ClipEncoder
from narrows.pipelines.pre_encode.loading import Decoded
from narrows.pipelines.pre_encode.reading import Block, ShardReader
from narrows.pipelines.pre_encode.sources import Wanted, audio_source
from narrows.pipelines.pre_encode.writing import ShardEncoder

PRECISIONS = {"32-true": torch.float32, "bf16-true": torch.bfloat16, "16-true": torch.float16}


class PreEncodeError(NarrowsError, ValueError):
    """Pre-encoding that cannot go on, with what to change."""


@dataclass(frozen=True)
class PreEncodeJob:
    """What every worker of a run does; its units are shards."""

    document: Mapping[str, Any]
    """The experiment."""
    allow_code: bool
    wanted: Wanted
    address: str | None = None
    """Of a folder in a storage, where workers put their shards; None for the folder of the experiment."""

    stages = ("read", "encoded")

    @property
    def options(self) -> PreEncodeExperimentConfig:
        """The experiment, typed."""
        options: PreEncodeExperimentConfig = load_experiment(self.document)
        return options

    @property
    def block_bytes(self) -> int:
        """Of a batch as large as the budget allows."""
        return int(4 * self.wanted.batch_seconds * self.wanted.sample_rate * self.wanted.channels)

    def reader(self) -> ShardReader:
        """Decodes clips with the threads of the experiment."""
        options = self.options
        source = audio_source(options.dataset_config, self.allow_code)
        return ShardReader(source, self.wanted, options.num_workers, options.seed)

    def worker(self, device: torch.device, threads: int) -> ShardEncoder:
        """Loads the model and prepares it."""
        options = self.options
        with threads_of(threads):
            model = load_codec(options)
            encoder = prepared_encoder(model, options, device)
        kind = Kind.here(device, threads, encoder.model_hash)
        return ShardEncoder(encoder, options, Path(options.output_path), kind, self.address)

    def seconds_of(self, block: Block) -> float:
        """Of the audio in a block."""
        found = [item for item in block if isinstance(item, Decoded)] if isinstance(block, list) else []
        return sum(item.audio.shape[-1] for item in found) / self.wanted.sample_rate

    def sizes_of(self, units: Sequence[Shard]) -> list[float]:
        """What the data set says of their clips, here or in a storage."""
        clips = [clip for unit in units for clip in unit.clips]
        sizes = iter(audio_source(self.options.dataset_config, self.allow_code).sizes(clips))
        return [sum(islice(sizes, len(unit.clips))) for unit in units]

    def item_names(self, unit: Shard) -> Sequence[str]:
        """Names of its files, or of its archive."""
        return [clip.name for clip in unit.clips]


def load_codec(options: PreEncodeExperimentConfig) -> Any:
    """The model of an experiment.

    Raises:
        PreEncodeError: it is not there, or comes without its configuration.
    """
    path = local_model(options.ckpt_path)
    if options.model_config_ is None:
        if not path.exists():
            raise PreEncodeError(f"ckpt_path: there is no {path}")
        try:
            model = load_model(path)
        except CheckpointError as error:
            raise PreEncodeError(f"{error}, or give its model_config") from error
    else:
        model = create_model_from_config(options.model_config_)
        load_checkpoint(model, path)
    return audio_codec(model)


def prepared_encoder(model: Any, options: PreEncodeExperimentConfig, device: torch.device) -> ClipEncoder:
    """The model on its device, fast, as what encodes clips."""
    model.to(device)
    prepare_for_inference(model, PRECISIONS[options.precision], options.compile)
    return ClipEncoder(model, options)


def wanted_by(model: Codec, options: PreEncodeExperimentConfig) -> Wanted:
    """How clips are to arrive at a model."""
    dataset: Any = options.dataset_config
    return Wanted(
        sample_rate=model.sample_rate,
        channels=model.in_channels,
        ratio=model.downsampling_ratio,
        sample_size=options.sample_size,
        batch_seconds=options.batch_seconds,
        channel_policy=options.channel_policy or model.channel_policy,
        min_length_sec=getattr(dataset, "min_length_sec", None),
        max_length_sec=getattr(dataset, "max_length_sec", None),
    )
