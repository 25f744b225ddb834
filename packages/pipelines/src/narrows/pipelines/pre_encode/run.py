"""The run: settle what is to be done, do the shards of this process, put the manifest together."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, NamedTuple

import torch
from pydantic import BaseModel

from narrows.configs import NarrowsError, PreEncodeExperimentConfig
from narrows.configs.experiments import load_experiment
from narrows.configs.files import atomic_file, check_folder, write_once
from narrows.configs.mirror import mirrored
from narrows.data.faults import Fault, Faults, log_skip
from narrows.models import CheckpointError, audio_codec, create_model_from_config, load_checkpoint, load_model
from narrows.models.hub import local_model
from narrows.models.inference import prepare_for_inference
from narrows.pipelines.pre_encode.changes import Changes, changes, remember_files
from narrows.pipelines.pre_encode.clips import Shard, agreed_clips, joined_shards
from narrows.pipelines.pre_encode.encoding import ClipEncoder
from narrows.pipelines.pre_encode.loading import Decoded, LeftOut, Plan, decoded_batches, plan_batches
from narrows.pipelines.pre_encode.manifest import check_outcome, is_done, write_manifest
from narrows.pipelines.pre_encode.progress import PreEncodeProgress
from narrows.pipelines.pre_encode.rank import Place, this_place
from narrows.pipelines.pre_encode.sources import OpenShard, Source, Wanted, audio_source
from narrows.pipelines.pre_encode.statistics import Statistics
from narrows.pipelines.pre_encode.storing import ShardStore, is_small
from narrows.pipelines.pre_encode.threads import reading_threads
from narrows.pipelines.pre_encode.writers import shard_writer

PRECISIONS = {"32-true": torch.float32, "bf16-true": torch.bfloat16, "16-true": torch.float16}
UNIMPORTANT = ("$schema", "schema_version", "ckpt_path", "output_path", "num_workers", "accelerator", "append")
"""Options that may change between runs into the same folder; the model's hash stands for the model."""
UNKNOWN = 1 << 62
"""Clips of all shards: archives tell theirs when they are opened."""


class PreEncodeError(NarrowsError, ValueError):
    """Pre-encoding that cannot go on, with what to change."""


class Summary(NamedTuple):
    """What stands after a run."""

    folder: Path | str
    """A path, or an address."""
    shards: int
    """Shards that this run wrote."""
    clips: int
    """Clips that this run encoded."""
    bad: dict[str, str]
    """Files that this run could not read, with the reason."""
    complete: bool
    """Whether all processes' shards are there, and with them the manifest."""
    changes: Changes
    """What became of the data since the folder was begun."""


def pre_encode(
    experiment: PreEncodeExperimentConfig | Mapping[str, Any] | str | Path,
    *,
    place: Place | None = None,
    allow_code: bool = False,
    on_skip: Callable[[str, str], None] = log_skip,
) -> Summary:
    """Encode a data set to latents or tokens.

    Run it again, with as many processes as before or not, and it goes on with the shards that are missing.

    Args:
        experiment: the options (`schemas-json/experiments/pre_encode.json`), or where they stand.
        place: which process of how many this is; by default from the variables of torchrun or SLURM.
        allow_code: run the Python files that `custom_metadata_module` of a data set names.
        on_skip: told path and reason of each bad file.

    Raises:
        ConfigError: the options are wrong.
        PreEncodeError: the folder holds another pre-encoding, or options contradict each other.
        DataError: there are no files, or too many bad ones.
        OutputError: the folder cannot be written.
    """
    options: PreEncodeExperimentConfig = load_experiment(experiment)
    with mirrored(options.output_path, is_small) as mirror:
        if mirror is None:
            return _pre_encode(options, place, allow_code, on_skip)
        store = ShardStore(mirror)
        local = options.model_copy(update={"output_path": str(mirror.folder)})
        try:
            summary = _pre_encode(local, place, allow_code, on_skip, store)
        except PreEncodeError as error:
            # It names the folder here, which the user never named.
            raise PreEncodeError(str(error).replace(str(mirror.folder), mirror.address)) from error
        store.finish()
        return summary._replace(folder=mirror.address)


def _pre_encode(
    options: PreEncodeExperimentConfig,
    place: Place | None,
    allow_code: bool,
    on_skip: Callable[[str, str], None],
    store: ShardStore | None = None,
) -> Summary:
    place = place or this_place()
    _check(options)
    folder = Path(options.output_path)
    check_folder(folder)
    dataset: Any = options.dataset_config
    source = audio_source(dataset, allow_code)
    model = _model(options).to(place.device(options.accelerator))
    prepare_for_inference(model, PRECISIONS[options.precision], options.compile)
    encoder = ClipEncoder(model, options)
    folder.mkdir(parents=True, exist_ok=True)
    _agree_on_details(folder, options, dataset, encoder)
    begun = (folder / "clips.jsonl").exists()
    lists = agreed_clips(folder, lambda: source.find(options.limit), options.append)
    remember_files(folder, lists)
    found = changes(folder, lists, source.find(options.limit)) if begun else Changes([], [], [])
    all_shards = joined_shards(lists, lambda clips: source.shards(clips, options.shard_size))
    wanted = Wanted(
        sample_rate=model.sample_rate,
        channels=model.in_channels,
        ratio=model.downsampling_ratio,
        sample_size=options.sample_size,
        batch_seconds=options.batch_seconds,
        channel_policy=options.channel_policy or model.channel_policy,
        min_length_sec=getattr(dataset, "min_length_sec", None),
        max_length_sec=getattr(dataset, "max_length_sec", None),
    )
    mine = [shard for shard in all_shards if place.mine(shard.number)]
    faults = Faults(UNKNOWN, dataset.max_bad_share, on_skip)
    with reading_threads(options.num_workers) as pool:
        work = _Work(folder, options, wanted, source, encoder, faults, pool, store)
        written, clips = work.run(mine)
    check_outcome(folder, mine, dataset.max_bad_share)
    if store is not None:
        store.refresh()
    complete = all(is_done(folder, shard) for shard in all_shards)
    if complete:
        write_manifest(folder, all_shards)
    return Summary(folder, written, clips, faults.skipped, complete, found)


class _Opened(NamedTuple):
    """A shard whose clips are known, and what is planned for them."""

    shard: Shard
    clips: OpenShard
    plan: Plan


class _Work(NamedTuple):
    folder: Path
    options: PreEncodeExperimentConfig
    wanted: Wanted
    source: Source
    encoder: ClipEncoder
    faults: Faults
    pool: Executor
    store: ShardStore | None

    def run(self, mine: list[Shard]) -> tuple[int, int]:
        """Do the shards that are missing; returns how many shards and clips that were."""
        todo = [shard for shard in mine if not is_done(self.folder, shard)]
        progress = PreEncodeProgress(len(mine), len(mine) - len(todo))
        encoded = 0
        # The next shard is fetched, and its headers are read, while the one before it is encoded.
        opened = [self.pool.submit(self._open, shard) for shard in todo[:1]]
        for number in range(len(todo)):
            current = opened.pop().result()
            opened += [self.pool.submit(self._open, shard) for shard in todo[number + 1 : number + 2]]
            try:
                encoded += self._write(current, progress)
            finally:
                current.clips.close()
            if self.store is not None:
                self.store.put_shard(current.shard.stem)
            self.faults.check()
        progress.close()
        return len(todo), encoded

    def _open(self, shard: Shard) -> _Opened:
        clips = self.source.open(shard)
        return _Opened(shard, clips, plan_batches(clips.sounds, self.wanted))

    def _write(self, opened: _Opened, progress: PreEncodeProgress) -> int:
        """Encode and write a shard, the index last: it says that the shard is whole."""
        shard, plan = opened.shard, opened.plan
        _remove_leftovers(self.folder, shard)
        statistics, samples = Statistics(), []
        bad, rejected = [*opened.clips.faults, *plan.faults], list[LeftOut]()
        progress.begin(len(opened.clips.sounds))
        progress.advance(len(plan.faults) + plan.left_out, 0.0)
        name, layout = self.encoder.kept, self.options.layout
        with shard_writer(self.folder, shard.stem, layout, self.options.tensor_format, name) as add:
            for batch in decoded_batches(plan.batches, self.wanted, self.pool, self.options.seed):
                good = [item for item in batch if isinstance(item, Decoded)]
                bad += [item for item in batch if isinstance(item, Fault)]
                rejected += [item for item in batch if isinstance(item, LeftOut)]
                for clip in self.encoder(good):
                    entry = add(clip.key, clip.tensor, clip.metadata)
                    samples.append(entry | {"relpath": clip.metadata["relpath"], "frames": clip.tensor.shape[-1]})
                    if clip.latents is not None:
                        statistics.add(clip.latents)
                progress.advance(len(batch), sum(item.audio.shape[-1] for item in good) / self.wanted.sample_rate)
        self._count(bad, [entry["key"] for entry in samples])
        index = {
            "shard": shard.stem,
            "samples": samples,
            "bad": [fault._asdict() for fault in sorted(bad)],
            "rejected": [item._asdict() for item in sorted(rejected)],
            "left_out": plan.left_out,
            "statistics": statistics.to_json(),
        }
        with atomic_file(self.folder / f"{shard.stem}.index.json") as temporary:
            temporary.write_text(json.dumps(index) + "\n", encoding="utf-8")
        progress.end()
        return len(samples)

    def _count(self, bad: Sequence[Fault], good: Sequence[str]) -> None:
        for fault in bad:
            self.faults.add(fault)
        for key in good:
            self.faults.tried(hash(key))


def _check(options: PreEncodeExperimentConfig) -> None:
    if options.dtype == "bfloat16" and (options.layout == "sat" or options.tensor_format == "npy"):
        raise PreEncodeError("npy files have no bfloat16: write dtype: float16, or shards with safetensors")


def _model(options: PreEncodeExperimentConfig) -> Any:
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


def _agree_on_details(folder: Path, options: PreEncodeExperimentConfig, dataset: Any, encoder: ClipEncoder) -> None:
    """Write `details.json`, or compare with the one there is."""
    model = encoder.model
    given = options.model_dump(mode="json", by_alias=True, exclude={"dataset_config", "model_config_"})
    if options.n_quantizers is None:
        del given["n_quantizers"]  # Folders of earlier releases do not have it.
    details = {
        "model_config": _plain(getattr(model, "config", None)),
        "dataset_config": _plain(dataset),
        "sample_size": options.sample_size,
        "args": {key: value for key, value in given.items() if key not in UNIMPORTANT},
        "model": encoder.model_hash,
        "content": encoder.kept,
        "sample_rate": model.sample_rate,
        "downsampling_ratio": model.downsampling_ratio,
    }
    path = folder / "details.json"
    write_once(path, json.dumps(details, indent=1) + "\n")
    found = json.loads(path.read_text(encoding="utf-8"))
    differing = [key for key in details if found.get(key) != details[key]]
    if differing:
        raise PreEncodeError(
            f"{folder} holds a pre-encoding with other {', '.join(differing)}; choose another output_path, "
            "or delete the folder"
        )


def _plain(config: Any) -> Any:
    return config.model_dump(mode="json", by_alias=True, exclude_unset=True) if isinstance(config, BaseModel) else None


def _remove_leftovers(folder: Path, shard: Shard) -> None:
    """Parts of a shard that a process left when it was killed."""
    for path in folder.glob(f".{shard.stem}.*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
