"""The run: settle what is to be done, let an engine do it, put the manifest together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch

from narrows.configs import PreEncodeExperimentConfig
from narrows.configs.experiments import load_experiment
from narrows.configs.files import check_folder
from narrows.configs.mirror import mirrored
from narrows.data.faults import Faults, log_skip
from narrows.pipelines.engines import Kind, run_locally
from narrows.pipelines.engines.jobs import Alone
from narrows.pipelines.pre_encode.binding import agree_on_details, bind_kind, bound_kind, clips_aside
from narrows.pipelines.pre_encode.changes import Changes, changes, remember_files
from narrows.pipelines.pre_encode.clips import Shard, agreed_clips, joined_shards
from narrows.pipelines.pre_encode.encoding import ClipEncoder
from narrows.pipelines.pre_encode.job import PreEncodeError, PreEncodeJob, load_codec, prepared_encoder, wanted_by
from narrows.pipelines.pre_encode.manifest import check_outcome, is_done, write_manifest
from narrows.pipelines.pre_encode.progress import PreEncodeProgress
from narrows.pipelines.pre_encode.rank import Place, this_place
from narrows.pipelines.pre_encode.sources import Source, audio_source
from narrows.pipelines.pre_encode.storing import ShardStore, is_small
from narrows.pipelines.pre_encode.writing import ShardDone, ShardEncoder, remove_leftovers

UNKNOWN = 1 << 62
"""Clips of all shards: archives tell theirs when they are opened."""


class Summary(NamedTuple):
    """What stands after a run."""

    folder: Path | str
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
        EngineError: the workers of a cluster are missing, or not what the folder was begun with.
    """
    options: PreEncodeExperimentConfig = load_experiment(experiment)
    place = place or this_place()
    _check(options, place)
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
    place: Place,
    allow_code: bool,
    on_skip: Callable[[str, str], None],
    store: ShardStore | None = None,
) -> Summary:
    folder = Path(options.output_path)
    check_folder(folder)
    dataset: Any = options.dataset_config
    source = audio_source(dataset, allow_code)
    clustered = options.engine == "ray"
    # The workers of a cluster have the devices; this process only has to know what the model is.
    device = torch.device("cpu") if clustered else place.device(options.accelerator)
    encoder = ClipEncoder(load_codec(options), options) if clustered else _encoder(options, device)
    folder.mkdir(parents=True, exist_ok=True)
    agree_on_details(folder, options, encoder)
    plan = _plan(folder, options, source, place)
    document = options.model_dump(mode="json", by_alias=True, exclude_unset=True)
    # The machines of a cluster put their shards themselves: they need not see a folder of this one.
    address = store.address if store is not None and clustered else None
    job = PreEncodeJob(document, allow_code, wanted_by(encoder.model, options), address)
    faults = Faults(UNKNOWN, dataset.max_bad_share, on_skip)
    if clustered:
        from narrows.pipelines.pre_encode.on_ray import shards_on_ray

        outcomes = shards_on_ray(job, plan.todo, folder, plan.earlier_done, len(plan.mine), store)
    else:
        kind = _local_kind(folder, device, options.threads, encoder.model_hash)
        bind_kind(folder, kind, plan.earlier_done)
        outcomes = _locally(job, ShardEncoder(encoder, options, folder, kind), plan, folder)
    written = clips = 0
    for outcome in outcomes:
        written, clips = written + 1, clips + len(outcome.keys)
        if store is not None and address is None:
            store.put_shard(outcome.shard.stem)
        _count(faults, outcome)
        faults.check()
    if store is not None:
        store.refresh()
    check_outcome(folder, plan.mine, dataset.max_bad_share)
    complete = all(is_done(folder, shard) for shard in plan.shards)
    if complete:
        write_manifest(folder, plan.shards)
    return Summary(folder, written, clips, faults.skipped, complete, plan.changes)


class _Plan(NamedTuple):
    """Which clips make which shard, and what of it is left for this process."""

    shards: list[Shard]
    mine: list[Shard]
    """Those of this process."""
    todo: list[Shard]
    """Those of these that are missing."""
    earlier_done: bool
    """Whether the shards before those that were appended by this run are there."""
    changes: Changes


def _plan(folder: Path, options: PreEncodeExperimentConfig, source: Source, place: Place) -> _Plan:
    begun = (folder / "clips.jsonl").exists()
    known = len(agreed_clips(folder, lambda: [], False)) if begun else 0
    lists = agreed_clips(folder, lambda: source.find(options.limit), options.append)
    remember_files(folder, lists)
    found = changes(folder, lists, source.find(options.limit)) if begun else Changes([], [], [])
    shards = joined_shards(lists, lambda clips: source.shards(clips, options.shard_size))
    earlier = joined_shards(lists[:known], lambda clips: source.shards(clips, options.shard_size))
    mine = [shard for shard in shards if place.mine(shard.number)]
    todo = [shard for shard in mine if not is_done(folder, shard)]
    earlier_done = begun and all(is_done(folder, shard) for shard in earlier)
    return _Plan(shards, mine, todo, earlier_done, found)


def _encoder(options: PreEncodeExperimentConfig, device: torch.device) -> ClipEncoder:
    return prepared_encoder(load_codec(options), options, device)


def _local_kind(folder: Path, device: torch.device, threads: int | None, model: str) -> Kind:
    """Of this process; it computes with the threads that the folder was begun with, unless told otherwise."""
    bound = bound_kind(folder)
    if threads is None and bound is not None and device.type == "cpu":
        threads = bound.threads
    return Kind.here(device, threads, model)


def _locally(job: PreEncodeJob, worker: ShardEncoder, plan: _Plan, folder: Path) -> Iterator[ShardDone]:
    """The missing shards, done in this process."""
    progress = PreEncodeProgress(len(plan.mine), len(plan.mine) - len(plan.todo))
    for shard in plan.todo:
        remove_leftovers(folder, shard)
    aside = clips_aside(folder)
    reader = job.reader()
    try:
        for outcome in run_locally(reader, worker, plan.todo, lambda unit: _Shown(progress, unit, aside)):
            progress.end()
            yield outcome
    finally:
        reader.close()
        progress.close()


class _Shown(Alone):
    """A try that shows how far it is."""

    def __init__(self, progress: PreEncodeProgress, shard: Shard, aside: Mapping[str, str]) -> None:
        super().__init__(aside)
        self._progress = progress

    def opened(self, clips: int) -> None:
        self._progress.begin(clips)

    def advance(self, items: int, seconds: float) -> None:
        self._progress.advance(items, seconds)


def _count(faults: Faults, outcome: ShardDone) -> None:
    for fault in outcome.bad:
        faults.add(fault)
    for key in outcome.keys:
        faults.tried(hash(key))


def _check(options: PreEncodeExperimentConfig, place: Place) -> None:
    if options.dtype == "bfloat16" and (options.layout == "sat" or options.tensor_format == "npy"):
        raise PreEncodeError("npy files have no bfloat16: write dtype: float16, or shards with safetensors")
    if options.engine == "ray" and place.world_size > 1:
        raise PreEncodeError(
            f"engine: ray starts its workers itself, but {place.launcher or 'a launcher'} started "
            f"{place.world_size} processes: start one, or leave out the engine"
        )
    if options.engine == "local" and (options.address or options.workers):
        raise PreEncodeError("address and workers belong to engine: ray; add it, or leave them out")
