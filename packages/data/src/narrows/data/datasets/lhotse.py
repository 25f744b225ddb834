"""Cuts of Lhotse: stretches of recordings, with their texts as metadata."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from narrows.audio.channels import left_out
from narrows.configs import LhotseDatasetConfig, LhotseEntry
from narrows.data.audio_folder import clip_options
from narrows.data.clips import ClipOptions, read_crop
from narrows.data.custom_metadata import CustomMetadata
from narrows.data.cuts.cut import Cut
from narrows.data.cuts.manifest import Manifest, read_manifest
from narrows.data.datasets import LoaderOptions, build_loader
from narrows.data.drawing import GIVEN_CHANNELS, DrawnSamples, Info
from narrows.data.faults import Faults
from narrows.data.loader import Loader
from narrows.data.metadata import Converter, told_length
from narrows.data.order import Group
from narrows.data.permuted_order import PermutedOrder
from narrows.data.plans import plan_of
from narrows.data.prompts import prompted


@dataclass(frozen=True)
class CutReader:
    """From a cut to a clip with metadata."""

    dataset: str
    clips: ClipOptions
    convert: Converter
    custom: CustomMetadata | None = None

    def __call__(self, cut: Cut, rng: np.random.Generator) -> tuple[Tensor, Info]:
        """Read a crop of a cut."""
        began = time.perf_counter()
        with cut.open() as decoder:
            given = decoder.info.channels
            audio, crop = read_crop(decoder, cut.place, self.clips, self.clips.place, rng)
        audio = self.clips.finish(audio, crop, cut.place, rng)
        info: Info = self.convert(cut.place, cut.values)
        if "text" in info:
            info.setdefault("prompt", info["text"])
        place = {"path": str(cut.sources[0].path), "relpath": cut.id, "dataset": self.dataset, "cut_start": cut.start}
        info |= place | crop.metadata() | told_length(info)
        if left_out(given, self.clips.channels):
            info[GIVEN_CHANNELS] = given
        info["load_time"] = time.perf_counter() - began
        return audio, info if self.custom is None else info | self.custom(info, audio)


class CutSource:
    """Clips of the cuts of several manifests."""

    def __init__(self, manifests: Sequence[Manifest], readers: Sequence[CutReader]) -> None:
        self._manifests, self._readers = list(manifests), list(readers)
        self.starts = np.cumsum([0, *map(len, manifests)])

    def __len__(self) -> int:
        return int(self.starts[-1])

    def load(self, item: int, rng: np.random.Generator) -> tuple[Tensor, Info]:
        """One clip of a cut."""
        number = int(np.searchsorted(self.starts, item, "right")) - 1
        return self._readers[number](self._manifests[number][item - int(self.starts[number])], rng)


@build_loader.register
def build(config: LhotseDatasetConfig, options: LoaderOptions) -> Loader:
    """The loader of manifests of cuts."""
    entries = entries_of(config)
    manifests = [read_manifest(entry) for entry in entries]
    clips = clip_options(config, options)
    source = CutSource(manifests, [cut_reader(config, entry, clips, options.allow_code) for entry in entries])
    faults = Faults(len(source) + sum(len(each.bad) for each in manifests), config.max_bad_share, options.on_skip)
    for each in manifests:
        faults.add_all(each.bad)
    groups = tuple(
        Group(int(start), len(manifest), entry.weight)
        for start, manifest, entry in zip(source.starts, manifests, entries, strict=False)
    )
    order = PermutedOrder(groups, options.seed, options.shuffle, config.samples_per_epoch)
    return Loader(
        DrawnSamples(prompted(source, config.prompts), options.seed),
        plan_of(order, options, config.drop_last),
        faults,
        options.num_workers,
        options.multiprocessing_context,
    )


def entries_of(config: LhotseDatasetConfig) -> list[LhotseEntry]:
    """The manifests of a data set; `path` is short for one."""
    return config.datasets or [LhotseEntry(id="cuts", path=config.path or "")]


def cut_reader(
    config: LhotseDatasetConfig, entry: LhotseEntry, clips: ClipOptions, allow_code: bool = False
) -> CutReader:
    """What turns the cuts of an entry into clips."""
    module = entry.custom_metadata_module
    custom = CustomMetadata(module, allow_code) if module is not None else None
    return CutReader(entry.id, clips, Converter(config.fields), custom)
