"""Why a checkpoint does not fit a model."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from torch import Tensor


class CheckpointError(ValueError):
    """A checkpoint that cannot be read, or that does not fit the model tensor by tensor."""


def mismatch(path: str, expected: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> CheckpointError | None:
    """The error that lists every tensor missing, left over or of another shape; None when all fit.

    Each difference names the nearest candidate on the other side.
    """
    missing = [key for key in expected if key not in given]
    unexpected = [key for key in given if key not in expected]
    reshaped = [key for key in expected if key in given and expected[key].shape != given[key].shape]
    if not (missing or unexpected or reshaped):
        return None
    lines = [f"{path} does not fit the model:"]
    lines += [f"  missing: {key} {tuple(expected[key].shape)}{_nearest(key, unexpected)}" for key in missing]
    lines += [f"  not in the model: {key} {tuple(given[key].shape)}{_nearest(key, missing)}" for key in unexpected]
    lines += [
        f"  shape: {key} is {tuple(given[key].shape)} in the file and {tuple(expected[key].shape)} in the model"
        for key in reshaped
    ]
    return CheckpointError("\n".join(lines))


def _nearest(key: str, candidates: Sequence[str]) -> str:
    close = difflib.get_close_matches(key, candidates, 1, 0.6)
    return f" (nearest: {close[0]})" if close else ""
