"""Why a checkpoint does not fit a model."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence

from torch import Tensor

from narrows.configs import NarrowsError

MOST_LINES = 20
"""Differences that are listed one by one."""
NEAREST_FOR = 50
"""Names whose nearest candidate is looked for: with more, the file is of another model and candidates say nothing."""


class CheckpointError(NarrowsError, ValueError):
    """A checkpoint that cannot be read, or that does not fit the model tensor by tensor."""


def mismatch(
    path: str,
    expected: Mapping[str, Tensor],
    given: Mapping[str, Tensor],
    origins: Mapping[str, str] | None = None,
    hints: Mapping[str, str] | None = None,
) -> CheckpointError | None:
    """The error that lists every tensor missing, left over or of another shape; None when all fit.

    Each difference names the nearest candidate on the other side. Many differences have one cause: they are summed up.

    Args:
        path: of the file.
        expected: the model's tensors.
        given: the file's, by the model's names.
        origins: the file's own names, where they differ.
        hints: what to do where a tensor of the model is missing, by its name.
    """
    missing = [key for key in expected if key not in given]
    unexpected = [key for key in given if key not in expected]
    reshaped = [key for key in expected if key in given and expected[key].shape != given[key].shape]
    if not (missing or unexpected or reshaped):
        return None
    names = {key: _in_file(key, origins or {}) for key in given}
    advice = [f"  hint: {text}" for name, text in (hints or {}).items() if name in missing]
    if len(missing) + len(unexpected) + len(reshaped) > MOST_LINES:
        sides = (missing, [(origins or {}).get(key, key) for key in unexpected], reshaped)
        return CheckpointError("\n".join([*_summary(path, len(expected), len(given), *sides), *advice]))
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
    return CheckpointError("\n".join([*lines, *advice]))


def _summary(
    path: str, in_model: int, in_file: int, missing: Sequence[str], unexpected: Sequence[str], reshaped: Sequence[str]
) -> list[str]:
    """Many differences in few lines: how many fit, and how the names of both sides begin."""
    fitting = in_model - len(missing) - len(reshaped)
    lines = [f"{path} does not fit the model: {fitting} of its {in_file} tensors fit the model's {in_model}."]
    for side, names in (("the model's begin with", missing), ("the file's begin with", unexpected)):
        if names:
            lines.append(f"  {len(names)} without counterpart; {side} {_beginnings(names)}")
    if reshaped:
        lines.append(f"  {len(reshaped)} have another shape, the first {reshaped[0]}")
    return lines


def _beginnings(names: Sequence[str]) -> str:
    """The most frequent beginnings of names, and one whole name."""
    counts = Counter(".".join(name.split(".")[:2]) for name in names).most_common(3)
    return f"{', '.join(f'{start}. ({count})' for start, count in counts)}, e.g. {names[0]}"


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
