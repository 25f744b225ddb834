"""Shards on a Ray cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from narrows.pipelines.engines import Kind
from narrows.pipelines.engines.on_ray import Cluster, run_on_ray
from narrows.pipelines.pre_encode.binding import bind_kind, bound_kind, clips_aside, put_aside
from narrows.pipelines.pre_encode.clips import Shard
from narrows.pipelines.pre_encode.job import PreEncodeJob
from narrows.pipelines.pre_encode.storing import ShardStore
from narrows.pipelines.pre_encode.writing import ShardDone, remove_leftovers
from narrows.pipelines.progress import Progress


def shards_on_ray(
    job: PreEncodeJob,
    shards: Sequence[Shard],
    folder: Path,
    earlier_done: bool,
    total: int,
    store: ShardStore | None = None,
) -> Iterator[ShardDone]:
    """Do shards on the cluster that the experiment names.

    Args:
        job: of the run.
        shards: those that are missing.
        folder: of the run.
        earlier_done: see `bind_kind`.
        total: shards of the run, with those that are there.
        store: where the job's workers put their shards; None for the folder.
    """
    options = job.options
    bound = bound_kind(folder)
    threads = options.threads or (bound.threads if bound is not None else 1)
    cluster = Cluster(options.address, options.workers, threads, options.accelerator)

    def agree(kind: Kind) -> None:
        bind_kind(folder, kind, earlier_done)
        if store is not None:
            store.agree()

    def aside(reasons: Mapping[str, str]) -> None:
        put_aside(folder, reasons)
        if store is not None:
            store.agree()

    for shard in shards:
        remove_leftovers(folder, shard)
    done = total - len(shards)
    progress = Progress(total, done, unit="shard")
    try:
        yield from run_on_ray(
            job,
            shards,
            cluster,
            agree=agree,
            aside=clips_aside(folder),
            on_aside=aside,
            progress=progress,
            done_before=done,
        )
    finally:
        progress.close()
        for shard in shards:
            remove_leftovers(folder, shard)
