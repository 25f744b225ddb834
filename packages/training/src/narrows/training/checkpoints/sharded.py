"""Writing sharded checkpoints while training goes on; `narrows.models.checkpoints.sharded` has their layout.

The tensors are copied to memory, then a thread of each process writes this process's part and syncs it, and the first
process writes the index and gives the folder its name. So a folder of that name is whole, whoever dies when.
"""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, distributed
from torch.distributed.checkpoint.api import CheckpointException
from torch.distributed.checkpoint.filesystem import FileSystemWriter
from torch.distributed.checkpoint.state_dict_saver import async_save, save

from narrows.configs.files import atomic_file, sync
from narrows.models.checkpoints.sharded import INDEX, VALUES, index_of, parted
from narrows.models.checkpoints.training_format import FORMAT, STATE_DICT, VERSION
from narrows.training.checkpoints.trained_weights import flat_weights

SPREAD = (STATE_DICT, "optimizers")
"""Entries whose tensors are spread; the first process writes all others."""
Put = Callable[[Path], bool]


def unfinished(folder: Path) -> Path:
    """Where a checkpoint is written before it gets its name; the same in all processes."""
    return folder.with_name(f".{folder.name}.tmp")


class ShardedWriter:
    """Writes checkpoints of all processes together, one at a time. A single process waits until it is written.

    Args:
        fabric: launched; all processes make one at the same time.
    """

    def __init__(self, fabric: Fabric) -> None:
        self._alone = fabric.world_size == 1
        # Of their own: the exchanges of training go on meanwhile, and CUDA's cannot be used from a thread.
        self._group = None if self._alone else distributed.new_group(backend="gloo")
        self._pending: Future[Any] | None = None

    def write(self, folder: Path, state: Mapping[str, Any], publish: Callable[[], None], put: Put) -> None:
        """Begin to write a checkpoint, when the one before is finished; all processes call it.

        Args:
            folder: its name, once it is whole.
            state: of `RunState.capture`, with sharded tensors as they are.
            publish: called in the first process when the folder is there.
            put: called with each finished file of this process, the index last; whether it is in a storage now, where
                the first process, which has a folder of its own, cannot see it otherwise.
        """
        self.wait()
        tensors: dict[str, Tensor] = {}
        plain = {key: parted(value, tensors, key) if key in SPREAD else value for key, value in state.items()}
        writer = _Writer(folder, plain, publish, put)
        tensors = {name: tensor.detach() for name, tensor in tensors.items()}
        if self._alone:
            # Torch warns of it; only the main thread can keep that from the user without a race.
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="torch.distributed is disabled")
                save(tensors, storage_writer=writer, no_dist=True)
            return
        # The stager is torch's own, so that it is a future.
        pending: Any = async_save(tensors, storage_writer=writer, process_group=self._group)
        self._pending = pending

    def wait(self) -> None:
        """Wait for the checkpoint that is being written.

        Raises:
            Exception: what went wrong with it, here or in another process.
        """
        pending, self._pending = self._pending, None
        if pending is not None:
            try:
                pending.result()
            except CheckpointException as error:
                first = next(iter(error.failures.values()))[0]
                raise first if isinstance(first, OSError) else error from None

    def forget(self) -> None:
        """Leave what is being written to itself: another process is gone, so that it may not end well."""
        self._pending = None


class _Writer(FileSystemWriter):
    def __init__(self, folder: Path, plain: Mapping[str, Any], publish: Callable[[], None], put: Put) -> None:
        super().__init__(unfinished(folder), overwrite=True)
        self._folder, self._plain, self._publish, self._put = folder, plain, publish, put

    def set_up_storage_writer(self, is_coordinator: bool, *arguments: Any, **options: Any) -> None:
        """Learn whether this is the first process."""
        super().set_up_storage_writer(is_coordinator, *arguments, **options)
        self._first = is_coordinator

    def write_data(self, plan: Any, planner: Any) -> Any:
        """Write this process's chunks."""
        written = super().write_data(plan, planner)
        for name in sorted({result.storage_data.relative_path for result in written.value()}):
            file = unfinished(self._folder) / name
            if self._put(file) and not self._first:
                file.unlink()
        return written

    def finish(self, metadata: Any, results: Any) -> None:
        """In the first process, when all have written: the values, the index, and the name."""
        metadata.storage_data = {result.index: result.storage_data for part in results for result in part}
        folder = unfinished(self._folder)
        with atomic_file(folder / VALUES) as temporary:
            torch.save({"format": FORMAT, "version": VERSION, **self._plain}, temporary)
        self._put(folder / VALUES)
        with atomic_file(folder / INDEX) as temporary:
            temporary.write_text(json.dumps(index_of(metadata)), encoding="utf-8")
        self._put(folder / INDEX)
        shutil.rmtree(self._folder, ignore_errors=True)  # one that could not be read
        folder.rename(self._folder)
        sync(self._folder.parent)
        self._publish()


def targets(trainer: Any, index: Mapping[str, Any]) -> dict[str, Tensor]:
    """A tensor for each of a checkpoint, sharded as the trainer's own is, so that a process reads its part only.

    Args:
        trainer: in whose place they go.
        index: of the checkpoint.
    """
    from narrows.training.distributed.sharding import empty_like

    own = {f"{STATE_DICT}/{name}": tensor for name, tensor in flat_weights(trainer).items()}
    for name, group in trainer.groups.items():
        own |= {f"optimizers/{name}/state/{number}": tensor for number, tensor in enumerate(group.parameters)}
    found = {}
    for name, entry in index.items():
        dtype, size = getattr(torch, entry["dtype"]), torch.Size(entry["size"])
        like = own.get(name, own.get(name.rpartition("/")[0]))
        found[name] = empty_like(like, size, dtype)
    return found
