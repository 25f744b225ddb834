"""Demos: clips with their reconstructions, differences, spectrograms and latents, each in its own labelled file."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pydantic import BaseModel
from torch import Tensor

from narrows.configs import load_config
from narrows.configs.files import atomic_folder
from narrows.data import write_audio
from narrows.pipelines.report.pictures import spectrogram_png

log = logging.getLogger(__name__)


class DemoCallback:
    """Writes demos of a model to `folder/step=.../`.

    Args:
        folder: of all demos.
        sample_rate: in Hz.
        downsampling_ratio: samples a latent frame.
        demo_every: steps from one demo to the next.
        max_demos: clips of a demo at most.
    """

    def __init__(
        self, folder: Path, sample_rate: int, downsampling_ratio: int, demo_every: int = 2000, max_demos: int = 8
    ) -> None:
        self.folder = folder
        self.sample_rate, self.downsampling_ratio = sample_rate, downsampling_ratio
        self.demo_every, self.max_demos = demo_every, max_demos

    def due(self, step: int) -> bool:
        """Whether a step has a demo."""
        return step % self.demo_every == 0

    def __call__(self, training: Any, audio: Tensor, step: int) -> Path | None:
        """Write the demos of a step.

        Whatever goes wrong here is logged, and training goes on.

        Args:
            training: what reconstructs, e.g. `AutoencoderTraining`.
            audio: clips `(B, C, T)`.
            step: steps done.

        Returns:
            Their folder, or None when it failed.
        """
        try:
            info = training.reconstruct(audio[: self.max_demos])
            folder = self.folder / f"step={step:08d}"
            with atomic_folder(folder) as temporary:
                for index in range(len(info["reals"])):
                    one = {name: info[name][index].cpu().numpy() for name in ("reals", "decoded", "latents")}
                    self._write(temporary, index, one)
        except Exception as error:
            log.warning("No demo at step %d: %s", step, error, exc_info=True)
            return None
        return folder

    def _write(self, folder: Path, index: int, clip: dict[str, NDArray[np.float32]]) -> None:
        sounds = {
            "original": clip["reals"],
            "reconstruction": clip["decoded"],
            "difference": clip["decoded"] - clip["reals"] if clip["decoded"].shape == clip["reals"].shape else None,
        }
        for name, audio in sounds.items():
            if audio is None:
                continue
            path = folder / f"{index:02d}_{name}.wav"
            # Floating point: nothing is clipped or normalised, so that a demo shows what the model does.
            write_audio(path, torch.from_numpy(audio), self.sample_rate, subtype="FLOAT")
            path.with_suffix(".png").write_bytes(spectrogram_png(audio, self.sample_rate))
        frame = self.downsampling_ratio / self.sample_rate
        save_latents(clip["latents"], frame, folder / f"{index:02d}_latents.png")


def save_latents(latents: NDArray[np.float32], frame: float, path: Path) -> None:
    """Draw one clip's latents as PNG: every channel over time, and mean and deviation of each.

    Args:
        latents: `(D, L)`.
        frame: seconds a latent frame.
        path: of the picture.
    """
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 1), sharey=True)
    limit = max(float(np.abs(latents).max()), 1e-6)
    extent = (0.0, latents.shape[1] * frame, -0.5, latents.shape[0] - 0.5)
    image = left.imshow(latents, origin="lower", aspect="auto", extent=extent, cmap="RdBu", vmin=-limit, vmax=limit)
    figure.colorbar(image, ax=left)
    left.set(xlabel="s", ylabel="channel", title="latents")
    right.errorbar(latents.mean(axis=1), range(latents.shape[0]), xerr=latents.std(axis=1), fmt=".")
    right.set(title="mean and deviation")
    figure.savefig(path, dpi=100)


def create_demo_callback_from_config(
    model_config: Mapping[str, Any] | str | Path | BaseModel, **kwargs: Any
) -> DemoCallback:
    """The demos of a model file's `training.demo` section.

    Args:
        model_config: the model file; never changed.
        kwargs: `folder` for all demos, by default `demos`; and arguments of `DemoCallback` that override the file's.
            The file of a spectral autoencoder leaves `downsampling_ratio` to be given: the built model knows it.

    Raises:
        ConfigError: the configuration is wrong.
    """
    typed = load_config(model_config, "model")
    demo = _options(typed.training)
    arguments = {
        "folder": Path("demos"),
        "sample_rate": typed.sample_rate,
        **typed.model.model_dump(include={"downsampling_ratio"}),
        **demo,
        **kwargs,
    }
    return DemoCallback(**arguments)


def _options(training: BaseModel | None) -> dict[str, Any]:
    """What a training section says of demos; those of diffusion models count them as `num_demos`."""
    section = getattr(training, "demo", None)
    given = section.model_dump() if section is not None else {}
    names = {"demo_every": "demo_every", "max_demos": "max_demos", "num_demos": "max_demos"}
    return {names[key]: value for key, value in given.items() if key in names}
