"""Whether a checkpoint belongs to the experiment that is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import prod
from typing import Any, NamedTuple

from narrows.configs import load_config
from narrows.models import CheckpointError
from narrows.models.checkpoints.training_format import CONFIG
from narrows.training.distributed.update_size import FACTORS

IDENTITY = (
    "dataset_config",
    "val_dataset_config",
    "seed",
    "batch_size",
    "accum_batches",
    "precision",
    "freeze",
    "devices",
    "num_nodes",
    "global_batch_size",
)
"""Options of an experiment that, with its model file, decide which training it is; others may change on the way."""
SPREAD = (*FACTORS, "global_batch_size")
"""How a batch is spread; with as large a batch in all, a run goes on with another number of devices."""
DATA = "data_files"
"""Key of the files of the data set in a checkpoint."""
LONGEST = 120
"""Characters of a value that a message shows."""


class Difference(NamedTuple):
    """A value that is not what it was."""

    pointer: str
    """JSON pointer in the experiment."""
    before: Any
    now: Any

    def __str__(self) -> str:
        return f"  {self.pointer}: {_shown(self.before)} before, {_shown(self.now)} now"


def check_same_run(state: Mapping[str, Any], texts: Mapping[str, str], where: str) -> None:
    """A run is resumed only as the experiment that it was started as.

    Args:
        state: of the checkpoint.
        texts: model file (`config`) and experiment (`experiment`) now, as JSON.
        where: the checkpoint, for the message.

    Raises:
        CheckpointError: something differs that would change the course of the training; the message names it.
    """
    model = _differences(_model(state[CONFIG]), _model(texts[CONFIG]), "/model_config")
    before, now = (_identity(source["experiment"]) for source in (state, texts))
    if _batch(before) == _batch(now) and (_processes(before) != _processes(now) or now["global_batch_size"]):
        before |= {key: now[key] for key in SPREAD}
    # Checkpoints of earlier releases, and data that are not local, tell nothing of the files.
    files = [Difference("files of /dataset_config", state[DATA], texts[DATA])] if _other_files(state, texts) else []
    found = [*model, *_differences(before, now, ""), *files]
    if found:
        lines = "\n".join(map(str, found))
        names = ", ".join(difference.pointer for difference in found)
        raise CheckpointError(
            f"{where} is of another experiment: {names} differ.\n{lines}\nChoose another `name` (name=...) for the new "
            "experiment; with the old checkpoint as its `ckpt_path` it goes on from there"
        )


def _other_files(state: Mapping[str, Any], texts: Mapping[str, str]) -> bool:
    return DATA in state and DATA in texts and state[DATA] != texts[DATA]


def _model(text: str) -> dict[str, Any]:
    """A model file with its defaults written out, so that options added by a later release make no difference."""
    config: dict[str, Any] = load_config(text, "model").model_dump(mode="json")
    config["training"].pop("demo", None)
    return config


def _identity(text: str) -> dict[str, Any]:
    """What `IDENTITY` names, with its defaults written out."""
    given = json.loads(text)
    # The model file is compared by itself; a path in its place keeps its size out of this reading.
    config = load_config({**given, "model_config": "model.json"}, "experiment").model_dump(mode="json")
    return {key: config.get(key) for key in IDENTITY}


def _batch(identity: Mapping[str, Any]) -> int:
    """Samples of one update, over all processes."""
    return int(identity["global_batch_size"] or prod(identity[key] for key in FACTORS))


def _processes(identity: Mapping[str, Any]) -> int:
    return int(identity["devices"] * identity["num_nodes"])


def _differences(old: Any, new: Any, pointer: str) -> Iterator[Difference]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _differences(old.get(key), new.get(key), f"{pointer}/{key}")
    elif old != new:
        yield Difference(pointer, old, new)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
