"""A run whose `save_dir` is in a storage: worked on in a folder here, and put with each checkpoint."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from hashlib import sha256

from lightning_fabric import Fabric

from narrows.configs import TrainExperimentConfig
from narrows.configs.copies import cache_folder
from narrows.configs.mirror import Mirror
from narrows.configs.storage import address_of
from narrows.training.run_lock import held


class Uploads:
    """Puts what changed in a run's folder into the storage while training goes on, one upload at a time.

    Args:
        mirror: of the folder; None puts nothing.
    """

    def __init__(self, mirror: Mirror | None) -> None:
        self._mirror = mirror
        self._pending: Future[None] | None = None
        self._thread = None if mirror is None else ThreadPoolExecutor(1, "uploads")

    def begin(self) -> None:
        """Begin an upload when the one before is finished.

        Raises:
            StorageError: that one failed.
        """
        if self._mirror is None or self._thread is None:
            return
        if self._pending is not None:
            self._pending.result()
        self._pending = self._thread.submit(self._mirror.put_changed)


@contextmanager
def stored_run(experiment: TrainExperimentConfig, fabric: Fabric) -> Iterator[Mirror | None]:
    """The mirror of a run's folder, with what the storage has of it; None where `save_dir` is a path.

    Each process has a folder of its own, and reads there where to start from; the first one writes. Runs on one machine
    exclude each other; two machines that train one run at the same time are not noticed.

    Raises:
        StorageError: the storage cannot be read.
        RunInUseError: another process here trains this run.
    """
    address = address_of(experiment.save_dir)
    if address is None:
        yield None
        return
    place = f"{address.rstrip('/')}/{experiment.name}"
    root = cache_folder() / "runs" / sha256(place.encode()).hexdigest()[:32]
    with held(root) if fabric.is_global_zero else nullcontext():
        folder = root / f"process-{fabric.global_rank}"
        # The storage tells how far the run is; what a killed process left here may be further, or of another run.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        mirror = Mirror(place, folder)
        mirror.fetch()
        yield mirror
