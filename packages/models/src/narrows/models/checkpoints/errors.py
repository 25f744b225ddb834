"""Why a checkpoint does not fit a model."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from torch import Tensor

from narrows.configs import NarrowsError

NEAREST_FOR = 50
"""Names whose nearest candidate is looked for: with more, the file is of another model and candidates say nothing."""


class CheckpointError(NarrowsError, ValueError):
    """A checkpoint that cannot be read, or that does not fit the model tensor by tensor."""


def mismatch(
    path: str, expected: Mapping[str, Tensor], given: Mapping[str, Tensor], origins: Mapping[str, str] | None = None
) -> CheckpointError | None:
    """The error that lists every tensor missing, left over or of another shape; None when all fit.

    Each difference names the nearest candidate on the other side.

    Args:
        path: of the file.
        expected: the model's tensors.
        given: the file's, by the model's names.
        origins: the file's own names, where they differ.
    """
    missing = [key for key in expected if key not in given]
    unexpected = [key for key in given if key not in expected]
    reshaped = [key for key in expected if key in given and expected[key].shape != given[key].shape]
    if not (missing or unexpected or reshaped):
        return None
    names = {key: _in_file(key, origins or {}) for key in given}
    lines = [f"{path} does not fit the model:"]
    lines += [f"  missing: {key} {_shape(expected[key])}{_nearest(key, unexpected, missing)}" for key in missing]
    lines += [
        f"  not in the model: {names[key]} {_shape(given[key])}{_nearest(key, missing, unexpected)}"
        for key in unexpected
    ]
    lines += [
        f"  shape: {names[key]} is {_shape(given[key])} in the file and {_shape(expected[key])} in the model"
        for key in reshaped
    ]
    return CheckpointError("\n".join(lines))


def _in_file(key: str, origins: Mapping[str, str]) -> str:
    origin = origins.get(key, key)
    return key if origin == key else f"{key} ({origin} in the file)"


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))


def _nearest(key: str, candidates: Sequence[str], all_of_kind: Sequence[str]) -> str:
    if len(all_of_kind) > NEAREST_FOR:
        return ""
    close = difflib.get_close_matches(key, candidates, 1, 0.6)
    return f" (nearest: {close[0]})" if close else ""
