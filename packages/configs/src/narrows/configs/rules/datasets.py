"""Rules of data sets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from narrows.configs.errors import Problem
from narrows.configs.prompt_templates import names_of, parse_template
from narrows.configs.rules import rule, warning

if TYPE_CHECKING:
    from narrows.configs._generated.datasets.audio_dir import AudioDirDatasetConfig
    from narrows.configs._generated.datasets.lhotse import LhotseDatasetConfig
    from narrows.configs._generated.datasets.metadata import DatasetMetadataOptions
    from narrows.configs._generated.datasets.parquet import ParquetDatasetConfig, ParquetEntry
    from narrows.configs._generated.datasets.pre_encoded import PreEncodedDatasetConfig
    from narrows.configs._generated.datasets.prompts import DatasetPromptOptions
    from narrows.configs._generated.datasets.wds import WdsDatasetConfig, WdsEntry

    Folders = (
        AudioDirDatasetConfig | LhotseDatasetConfig | ParquetDatasetConfig | PreEncodedDatasetConfig | WdsDatasetConfig
    )


@rule(covers="D-10")
def audio_folders_fit(dataset: AudioDirDatasetConfig) -> Iterator[Problem]:
    """Folders are given once, lengths and levels make sense."""
    yield from _folder_is_given_once(dataset, "audio files")
    yield from _lengths_leave_room(dataset)
    yield from _loudness_is_a_range(dataset)


@rule
def indexes_fit(dataset: AudioDirDatasetConfig) -> Iterator[Problem]:
    """An index stands for all folders or for none, lists their files alone, and excludes buckets."""
    entries = dataset.datasets
    indexed = [entry.index is not None for entry in entries]
    if dataset.index is not None and entries:
        hint = "Write an index into each entry of 'datasets'."
        yield Problem("/index", "'index' belongs to 'path', which is not given.", dataset.index, hint)
    if any(indexed) and not all(indexed):
        number = indexed.index(False)
        message = f"The entry {entries[number].id!r} has no index, others have."
        hint = "Make one with `narrows data index`, or remove the others."
        yield Problem(f"/datasets/{number}/index", message, None, hint)
    for number, entry in enumerate(entries):
        if entry.index is not None and entry.file_list is not None:
            message = "Both 'index' and 'file_list' say which files there are."
            related = (f"/datasets/{number}/index",)
            yield Problem(f"/datasets/{number}/file_list", message, entry.file_list, "Remove one.", related=related)
    if dataset.length_buckets > 1 and (dataset.order == "permuted" or dataset.index is not None or any(indexed)):
        message = "Buckets need the lengths of all files at once, which an index and the order 'permuted' do without."
        yield Problem(
            "/length_buckets", message, dataset.length_buckets, "Write 1.", related=("/index", "/order", "/datasets")
        )


@rule(covers="D-10")
def latent_folders_fit(dataset: PreEncodedDatasetConfig) -> Iterator[Problem]:
    """Folders are given once, lengths make sense."""
    yield from _folder_is_given_once(dataset, "latents")
    yield from _lengths_leave_room(dataset)


@rule
def shards_fit(dataset: WdsDatasetConfig) -> Iterator[Problem]:
    """Levels make sense."""
    yield from _loudness_is_a_range(dataset)
    if min(dataset.silence_threshold) < 0:
        message = "An amplitude and a number of seconds are not negative."
        yield Problem("/silence_threshold", message, dataset.silence_threshold, "Write [0.01, 0.5].")


@rule
def parquet_files_fit(dataset: ParquetDatasetConfig) -> Iterator[Problem]:
    """Places are given once, levels make sense."""
    yield from _folder_is_given_once(dataset, "Parquet files")
    yield from _loudness_is_a_range(dataset)


@rule
def manifests_fit(dataset: LhotseDatasetConfig) -> Iterator[Problem]:
    """Manifests are given once, levels make sense."""
    yield from _folder_is_given_once(dataset, "manifest of cuts")
    yield from _loudness_is_a_range(dataset)


@rule
def only_s3_has_a_server(entry: ParquetEntry) -> Iterator[Problem]:
    """What is about S3 needs an address there."""
    for name in ("profile", "endpoint_url", "region"):
        value = getattr(entry, name)
        if value is not None and not entry.path.startswith("s3:"):
            yield Problem(f"/{name}", f"'{name}' is about s3:// addresses, and 'path' is none.", value, "Remove it.")


@rule
def prompts_can_be_made(options: DatasetPromptOptions) -> Iterator[Problem]:
    """Prompts have a source, templates their brackets, and `{tags}` its metadata."""
    if not options.captions and not options.templates:
        yield Problem("", "There is nothing to make prompts of.", None, "Give captions, or templates.")
    tags_asked = False
    for index, text in enumerate(options.templates):
        try:
            tags_asked |= "tags" in names_of(parse_template(text))
        except ValueError as error:
            yield Problem(f"/templates/{index}", f"The template cannot be read: {error}.", text)
    if options.tags and not tags_asked:
        yield Problem(
            "/tags", "No template has {tags}.", options.tags, "Add a template {tags}.", related=("/templates",)
        )


@warning
def ids_tell_sets_apart(
    dataset: AudioDirDatasetConfig
    | LhotseDatasetConfig
    | ParquetDatasetConfig
    | PreEncodedDatasetConfig
    | WdsDatasetConfig,
) -> Iterator[Problem]:
    """The ids of entries differ: messages name an entry by its id."""
    for index, first in _repeated(dataset):
        entry = dataset.datasets[index]
        yield Problem(
            f"/datasets/{index}/id", f"The id {entry.id!r} is used twice.", entry.id, related=(f"/datasets/{first}/id",)
        )


@rule
def hooks_have_their_id(
    dataset: AudioDirDatasetConfig
    | LhotseDatasetConfig
    | ParquetDatasetConfig
    | PreEncodedDatasetConfig
    | WdsDatasetConfig,
) -> Iterator[Problem]:
    """Entries of one id have one `custom_metadata_module`, which is kept by id."""
    for index, first in _repeated(dataset):
        ours, theirs = (dataset.datasets[n].custom_metadata_module for n in (index, first))
        if ours != theirs:
            message = f"Two entries {dataset.datasets[index].id!r} have different hooks."
            hint, related = "Give them different ids.", (f"/datasets/{first}/id",)
            yield Problem(f"/datasets/{index}/custom_metadata_module", message, ours, hint, related=related)


def _repeated(dataset: Folders) -> Iterator[tuple[int, int]]:
    """Each entry whose id was there before, with the first of that id."""
    seen: dict[str, int] = {}
    for index, name in enumerate([entry.id for entry in dataset.datasets]):
        if name in seen:
            yield index, seen[name]
        seen.setdefault(name, index)


@rule(covers="D-12")
def shards_are_in_one_place(entry: WdsEntry) -> Iterator[Problem]:
    """Exactly one of `path` and `s3_path`; what is about S3 needs the latter."""
    if (entry.path is None) == (entry.s3_path is None):
        hint = "Give the folder or the s3:// address of the shards, not both."
        message = "Exactly one of 'path' and 's3_path' is required."
        yield Problem("/path", message, entry.path, hint, related=("/s3_path",))
    for name in ("profile", "endpoint_url", "region"):
        if entry.s3_path is None and getattr(entry, name) is not None:
            yield Problem(f"/{name}", f"'{name}' is about 's3_path', which is not given.", getattr(entry, name), "")


@rule
def metadata_has_a_source(metadata: DatasetMetadataOptions) -> Iterator[Problem]:
    """At least one source, a pattern that works, and no name twice."""
    sources = (metadata.sidecar, metadata.table, metadata.pattern, metadata.tags or None)
    if not any(source is not None for source in sources):
        hint = "Set sidecar, table, pattern or tags."
        yield Problem("/sidecar", "Metadata need a source.", None, hint, related=("/table", "/pattern", "/tags"))
    if metadata.pattern is not None:
        yield from _pattern_names_groups(metadata.pattern)
    for name, count in Counter(field.name for field in metadata.fields).items():
        if count > 1:
            yield Problem("/fields", f"The field {name!r} is there {count} times.", name, "Keep one.")


def _pattern_names_groups(pattern: str) -> Iterator[Problem]:
    try:
        groups = re.compile(pattern).groupindex
    except re.error as error:
        yield Problem("/pattern", f"Is no regular expression: {error}.", pattern, "")
        return
    if not groups:
        yield Problem("/pattern", "Names no group.", pattern, "Write (?P<name>...) around each part to keep.")


def _folder_is_given_once(
    dataset: AudioDirDatasetConfig | LhotseDatasetConfig | ParquetDatasetConfig | PreEncodedDatasetConfig, what: str
) -> Iterator[Problem]:
    if dataset.path is None and not dataset.datasets:
        yield Problem("/path", "'path' or 'datasets' is required.", None, f"Give the folder with your {what}.")
    if dataset.path is not None and dataset.datasets:
        yield Problem(
            "/path", "Both 'path' and 'datasets' are given.", dataset.path, "Remove one.", related=("/datasets",)
        )


def _lengths_leave_room(dataset: AudioDirDatasetConfig | PreEncodedDatasetConfig) -> Iterator[Problem]:
    shortest, longest = dataset.min_length_sec, dataset.max_length_sec
    if shortest is not None and longest is not None and shortest > longest:
        message = f"min_length_sec ({shortest:g}) is above max_length_sec ({longest:g}): no file is left."
        yield Problem("/min_length_sec", message, shortest, "Swap them.", related=("/max_length_sec",))


def _loudness_is_a_range(
    dataset: AudioDirDatasetConfig | LhotseDatasetConfig | ParquetDatasetConfig | WdsDatasetConfig,
) -> Iterator[Problem]:
    target, spread = dataset.volume_norm_param
    if target > 0 or spread < 0:
        message = "The loudness in LUFS is not above 0, and half the width of the range not below."
        yield Problem("/volume_norm_param", message, dataset.volume_norm_param, "Write [-16, 2].")
