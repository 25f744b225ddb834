"""Rules of data sets."""

from __future__ import annotations

from collections.abc import Iterator

from narrows.configs._errors import Problem
from narrows.configs._generated.datasets.audio_dir import AudioDirDatasetConfig
from narrows.configs.rules import rule


@rule
def folder_is_given_once(dataset: AudioDirDatasetConfig) -> Iterator[Problem]:
    """Exactly one of `path` and `datasets`."""
    if dataset.path is None and not dataset.datasets:
        yield Problem("/path", "'path' or 'datasets' is required.", None, "Give the folder with your audio files.")
    if dataset.path is not None and dataset.datasets:
        yield Problem(
            "/path", "Both 'path' and 'datasets' are given.", dataset.path, "Remove one.", related=("/datasets",)
        )


@rule
def ids_differ(dataset: AudioDirDatasetConfig) -> Iterator[Problem]:
    """No two entries of `datasets` have the same id."""
    seen: dict[str, int] = {}
    for index, entry in enumerate(dataset.datasets):
        if entry.id in seen:
            message = f"The id {entry.id!r} is used twice."
            yield Problem(f"/datasets/{index}/id", message, entry.id, "", related=(f"/datasets/{seen[entry.id]}/id",))
        seen.setdefault(entry.id, index)


@rule
def lengths_leave_room(dataset: AudioDirDatasetConfig) -> Iterator[Problem]:
    """`min_length_sec` is not above `max_length_sec`."""
    shortest, longest = dataset.min_length_sec, dataset.max_length_sec
    if shortest is not None and longest is not None and shortest > longest:
        message = f"min_length_sec ({shortest:g}) is above max_length_sec ({longest:g}): no file is left."
        yield Problem("/min_length_sec", message, shortest, "Swap them.", related=("/max_length_sec",))
