"""What binds all processes of a folder: the model, the options, the kind of machine, and clips that are set aside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from narrows.configs import PreEncodeExperimentConfig
from narrows.configs.files import atomic_file, write_once
from narrows.pipelines.engines import Kind
from narrows.pipelines.pre_encode.encoding import ClipEncoder
from narrows.pipelines.pre_encode.job import PreEncodeError

UNIMPORTANT = (
    *("$schema", "schema_version", "ckpt_path", "output_path", "num_workers", "accelerator", "append"),
    *("engine", "address", "workers", "threads"),
)
"""Options that may change between runs into the same folder; the model's hash stands for the model."""


def agree_on_details(folder: Path, options: PreEncodeExperimentConfig, encoder: ClipEncoder) -> None:
    """Write `details.json`, or compare with the one there is.

    Raises:
        PreEncodeError: they differ.
    """
    model = encoder.model
    given = options.model_dump(mode="json", by_alias=True, exclude={"dataset_config", "model_config_"})
    if options.n_quantizers is None:
        del given["n_quantizers"]  # Folders of earlier releases do not have it.
    details = {
        "model_config": _plain(getattr(model, "config", None)),
        "dataset_config": _plain(options.dataset_config),
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


def bound_kind(folder: Path) -> Kind | None:
    """The kind of worker that a folder was begun with; None where none is written yet."""
    path = folder / "plan.json"
    return Kind(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def bind_kind(folder: Path, kind: Kind, complete: bool) -> None:
    """Write the kind of worker into `plan.json`, or compare with the one there is.

    Args:
        folder: of the run.
        kind: of this run's workers.
        complete: whether all shards before those of this run are there, so that another kind may go on.

    Raises:
        PreEncodeError: missing shards would get other bytes than those that are there.
    """
    path, text = folder / "plan.json", json.dumps(kind.to_json(), indent=1) + "\n"
    write_once(path, text)
    found = bound_kind(folder)
    if found is None or found == kind:
        return
    if complete:
        with atomic_file(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
        return
    raise PreEncodeError(
        f"{folder} was begun on workers of another kind: {'; '.join(kind.differences(found))}. Shards would not be "
        "what an undisturbed run gives. Go on with workers of that kind, or choose another output_path"
    )


def clips_aside(folder: Path) -> dict[str, str]:
    """Clips that are left out because they killed their workers, with the reason."""
    path = folder / "set_aside.json"
    aside: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return aside


def put_aside(folder: Path, clips: Mapping[str, str]) -> None:
    """Leave out more clips from now on."""
    with atomic_file(folder / "set_aside.json") as temporary:
        temporary.write_text(json.dumps({**clips_aside(folder), **clips}, indent=1) + "\n", encoding="utf-8")


def _plain(config: Any) -> Any:
    return config.model_dump(mode="json", by_alias=True, exclude_unset=True) if isinstance(config, BaseModel) else None
