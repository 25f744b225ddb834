"""Demos: sounds that a trainer makes, each in its own labelled file with its spectrogram."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pydantic import BaseModel

from narrows.configs import load_config
from narrows.configs.files import atomic_file, write_folder
from narrows.data import write_audio
from narrows.pipelines.report.pictures import spectrogram_png
from narrows.training.data_iterator import Batch
from narrows.training.demos.demo import Demo

log = logging.getLogger(__name__)


SHORT = {"demo_steps": 2, "max_gen_len": 8, "max_demos": 1, "num_demos": 1}
"""Numbers of a `demo` section that a rehearsal lowers to these."""


def shortened(options: Any) -> Any:
    """A `demo` section whose demos are quickly made: few steps and frames, one guidance scale; all conditions stay."""
    changed = {name: min(getattr(options, name), most) for name, most in SHORT.items() if hasattr(options, name)}
    if getattr(options, "demo_cond", None) is not None:
        del changed["num_demos"]
    if hasattr(options, "demo_cfg_scales"):
        changed["demo_cfg_scales"] = options.demo_cfg_scales[:1]
    return options.model_copy(update=changed)


class DemoCallback:
    """Writes the demos of a trainer to `folder/step=.../`.

    Args:
        folder: of all demos.
        sample_rate: in Hz.
        options: the `demo` section of the model file, which is passed to the trainer in full. Its `demo_every` says
            when there are demos, its `max_demos` (`num_demos` for diffusion models) how many clips are taken. None
            makes none.
    """

    def __init__(self, folder: Path, sample_rate: int, options: Any = None) -> None:
        self.folder = folder
        self.sample_rate = sample_rate
        self.options = options

    @property
    def demo_every(self) -> int | None:
        """Steps from one demo to the next; None makes none."""
        return None if self.options is None else int(self.options.demo_every)

    @property
    def max_demos(self) -> int:
        """Largest number of clips of a demo."""
        counts = (getattr(self.options, name, None) for name in ("max_demos", "num_demos"))
        return next((int(count) for count in counts if count is not None), 1)

    def due(self, step: int, last: bool = False) -> bool:
        """Whether a step has a demo; the last one always has, where there are any."""
        return self.demo_every is not None and (last or step % self.demo_every == 0)

    def __call__(self, trainer: Any, batch: Batch, step: int) -> Path | None:
        """Write the demos of a step.

        Whatever fails here is logged, and training goes on.

        Args:
            trainer: a `narrows.training.trainers.base.Trainer`; its `demos` makes them.
            batch: clips `(B, C, T)` and their metadata.
            step: steps done.

        Returns:
            Their folder, or None when it failed.
        """
        try:
            folder = self.folder / f"step={step:08d}"
            clips, metadata = (part[: self.max_demos] for part in batch)
            with write_folder(folder, owned=("*.wav", "*.png", "*.json")) as temporary:
                for demo in trainer.demos((clips, metadata), self.options):
                    self._write(temporary, demo)
        except Exception as error:
            log.warning("No demo at step %d: %s", step, error, exc_info=True)
            return None
        return folder

    def rehearse(self, trainer: Any, batch: Batch) -> None:
        """Make short demos of one clip and throw them away, so that what fails is told now and not hours later.

        Args:
            trainer: as for a call.
            batch: clips `(B, C, T)` and their metadata.
        """
        try:
            clips, metadata = (part[:1] for part in batch)
            with TemporaryDirectory() as temporary:
                for demo in trainer.demos((clips, metadata), shortened(self.options)):
                    self._write(Path(temporary), demo)
        except Exception as error:
            log.warning("This run will have no demos, which were tried before its first step: %s", error, exc_info=True)

    def _write(self, folder: Path, demo: Demo) -> None:
        for kind, audio in demo.audio.items():
            path = folder / f"{demo.name}_{kind}.wav"
            sound = audio.detach().float().cpu()
            # Floating point: nothing is clipped or normalised, so that a demo shows what the model does.
            write_audio(path, sound, self.sample_rate, subtype="FLOAT")
            with atomic_file(path.with_suffix(".png")) as temporary:
                temporary.write_bytes(spectrogram_png(sound.numpy(), self.sample_rate))
        if demo.latents is not None:
            latents = demo.latents.detach().float().cpu().numpy()
            save_latents(latents, demo.frame_seconds, folder / f"{demo.name}_latents.png")
        if demo.notes:
            text = json.dumps(dict(demo.notes), indent=2, ensure_ascii=False)
            with atomic_file(folder / f"{demo.name}.json") as temporary:
                temporary.write_text(text + "\n", encoding="utf-8")


def save_latents(latents: NDArray[np.float32], frame: float, path: Path) -> None:
    """Draw one clip's latents as PNG: every channel over time, and mean and deviation of each.

    Args:
        latents: `(D, L)`.
        frame: length of a latent frame in seconds.
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
        kwargs: `folder` for all demos, by default `demos`; `sample_rate`; and options of the `demo` section that
            override the file's.

    Raises:
        ConfigError: the configuration is wrong.
        TypeError: an argument is no option of the section.
    """
    typed = load_config(model_config, "model")
    arguments = {name: kwargs.pop(name) for name in ("folder", "sample_rate") if name in kwargs}
    options = getattr(typed.training, "demo", None)
    known = set() if options is None else set(type(options).model_fields)
    if unknown := sorted(kwargs.keys() - known):
        raise TypeError(f"{unknown[0]!r} is no option of the demo section of {typed.model_type!r}: {sorted(known)}")
    if kwargs and options is not None:
        options = type(options).model_validate({**options.model_dump(by_alias=True, exclude_unset=True), **kwargs})
    return DemoCallback(**{"folder": Path("demos"), "sample_rate": typed.sample_rate, **arguments}, options=options)
