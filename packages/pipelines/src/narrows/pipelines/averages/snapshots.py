"""Snapshots of power-function averages in a run's folder, and the model of any average that they make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from narrows.configs import NarrowsError
from narrows.configs.files import atomic_file
from narrows.models import load_model
from narrows.models.checkpoints.names import from_file
from narrows.pipelines.averages.profiles import LONGEST, Profile, combination

FOLDER = "averages"
"""Of the snapshots, in a run's folder."""
NAME = re.compile(r"step=(\d+),length=([\d.e-]+)\.safetensors")


class AverageError(NarrowsError, ValueError):
    """There is no such average."""


def write_snapshot(run: Path, profile: Profile, weights: Mapping[str, Tensor]) -> Path:
    """Write an average of a run.

    Args:
        run: folder of the run.
        profile: of the average.
        weights: by their names in the model's file.
    """
    path = run / FOLDER / f"step={profile.step:08d},length={profile.length:g}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as temporary:
        save_file({name: value.contiguous() for name, value in weights.items()}, temporary)
    return path


def snapshots(run: Path) -> dict[Profile, Path]:
    """The snapshots of a run, the oldest first."""
    found = {}
    for path in sorted((run / FOLDER).glob("*.safetensors")):
        match = NAME.fullmatch(path.name)
        if match is not None:
            found[Profile(int(match[1]), float(match[2]))] = path
    return found


def averaged_model(run: str | Path, length: float, step: int | None = None) -> Any:
    """The model of a run with the average of a length, in eval mode.

    Args:
        run: its folder, of a training with `post_hoc_ema`.
        length: deviation of the average's profile, as a share of the steps until `step`.
        step: at which the average ends; None for the last snapshot.

    Raises:
        AverageError: there are no snapshots, or none so long or so early.
    """
    run = Path(run)
    known = snapshots(run)
    if not known:
        raise AverageError(
            f"{run / FOLDER} has no averages: train with `post_hoc_ema: {{}}` in the training section of the model file"
        )
    steps = sorted({profile.step for profile in known})
    wanted = Profile(steps[-1] if step is None else step, length)
    if not 0 < length < LONGEST:
        raise AverageError(f"The length of an average must be above 0 and below {LONGEST:.4f}, got {length:g}")
    if not steps[0] <= wanted.step <= steps[-1]:
        raise AverageError(
            f"Step {wanted.step} is not among the snapshots in {run / FOLDER}, which are of steps {steps[0]} to "
            f"{steps[-1]}"
        )
    model = load_model(run / "model")
    state = model.state_dict()
    for name, value in from_file(dict(_combined(known, wanted))).items():
        state[name].copy_(value)
    return model


def _combined(known: Mapping[Profile, Path], wanted: Profile) -> Iterator[tuple[str, Tensor]]:
    """Tensors of an average, one after the other."""
    shares = combination(list(known), wanted).tolist()
    # Opened without being read: tensors are taken one by one, as all snapshots together may be large.
    files: list[Any] = [safe_open(path, "pt") for path in known.values()]
    for name in files[0].keys():  # noqa: SIM118  # no mapping
        parts = [share * file.get_tensor(name).double() for share, file in zip(shares, files, strict=True)]
        yield name, torch.stack(parts).sum(0)
