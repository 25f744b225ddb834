"""Crops of latents, with metadata that stay right."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from narrows.audio.cropping import pad_to


@dataclass(frozen=True)
class LatentOptions:
    """How latents are cropped.

    `seconds_start` of a crop follows from the length of a latent frame: `downsampling_ratio / sample_rate`, or what
    the metadata say (`downsampling_ratio`, `sample_size`, or `timestamps` with `seconds_total`).
    """

    crop_length: int | None
    random_crop: bool
    sample_rate: int
    downsampling_ratio: int | None = None
    sample_size: int | None = None
    """Samples of the audio that was encoded, where all files agree (details.json of the pre-encoder)."""

    def crop(self, latents: Tensor, info: dict[str, Any], rng: np.random.Generator) -> tuple[Tensor, dict[str, Any]]:
        """Crop latents `(D, L)`, and bring their metadata along.

        The crop lies within what the padding mask calls signal; short latents are padded.
        """
        length = latents.shape[-1]
        mask = _mask(info.get("padding_mask"), length)
        size = self.crop_length or length
        valid = int(mask.nonzero().max()) + 1 if mask.any() else 0
        start = int(rng.integers(valid - size + 1)) if self.random_crop and valid > size else 0
        moved = {**info, "padding_mask": pad_to(mask[start : start + size], size)}
        if self.crop_length is not None:
            moved |= {"latent_crop_length": size, "latent_crop_start": start}
        if start and "seconds_start" in info:
            moved["seconds_start"] = math.floor(info["seconds_start"] + start * self._frame_seconds(info, length))
        if "timestamps" in info and size != length:
            begin, end = info["timestamps"]
            frame = (end - begin) / length
            moved["timestamps"] = (begin + start * frame, begin + (start + size) * frame)
        return pad_to(latents[..., start : start + size], size), moved

    def _frame_seconds(self, info: dict[str, Any], length: int) -> float:
        rate = info.get("sample_rate", self.sample_rate)
        ratio = self.downsampling_ratio or info.get("downsampling_ratio")
        if ratio:
            return float(ratio / rate)
        samples = info.get("sample_size", self.sample_size)
        if samples:
            return float(samples / rate / length)
        if "timestamps" in info and "seconds_total" in info:
            begin, end = info["timestamps"]
            return float((end - begin) * info["seconds_total"] / length)
        raise ValueError("does not say how long a latent frame is; set downsampling_ratio in the data set")


def _mask(value: Any, length: int) -> Tensor:
    """The padding mask of the metadata, `(L,)`; all True where there is none."""
    if value is None:
        return torch.ones(length, dtype=torch.bool)
    mask = torch.as_tensor(value).flatten().bool()
    if len(mask) != length:
        raise ValueError(f"has a padding_mask of {len(mask)} for {length} latent frames")
    return mask
