"""The sounds as files, the codec that is trained on them, its ceiling, and the sounds as latents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from narrows.audio.writing import write_audio
from narrows.data.toy_sounds import write_toy_sounds
from narrows.models import load_model
from narrows.pipelines.pre_encode import pre_encode
from toy_sounds.examples import LENGTHS, NEW, PROMPT, RATE, Example, bell, semitones
from toy_sounds.training import composed, trained

HELD_OUT = 0.1
CODEC_RATE = 2e-3


def write_sounds(folder: Path, count: int) -> None:
    """Write the data set whole or not at all, with class and pitch as the conditions are called."""
    if folder.exists():
        return
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    for path in unfinished.glob("*"):
        path.unlink()
    write_toy_sounds(unfinished, count, seed=0, sample_rate=RATE)
    for path in unfinished.glob("*.json"):
        about = json.loads(path.read_text())
        path.write_text(json.dumps(about | {PROMPT: about["class"], "pitch": semitones(about["hertz"])}))
    unfinished.rename(folder)


def write_new_class(folder: Path, count: int) -> None:
    """The same of the class that the base is not shown."""
    if folder.exists():
        return
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    unfinished.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        draw = np.random.default_rng([5, index])
        seconds = float(draw.choice(LENGTHS))
        audio, hertz = bell(seconds, draw)
        write_audio(unfinished / f"{index:05d}.flac", torch.from_numpy(audio)[None].float(), RATE)
        about = {PROMPT: NEW, "hertz": hertz, "pitch": semitones(hertz), "seconds_total": seconds}
        (unfinished / f"{index:05d}.json").write_text(json.dumps(about))
    unfinished.rename(folder)


def train_codec(folder: Path, sounds: Sequence[Path], seconds: float, words: Sequence[str]) -> dict[str, Any]:
    """Train the codec of `examples/toy_codec.yaml` on sounds of several folders.

    The new class is among them: a codec is of more sounds than the models of its latents, and one that has heard no
    bells cannot show how well an adapter makes them.
    """
    own = [f"data.path={folder}", f"save_dir={folder}", "name=codec", "val_batches=8"]
    document = composed("toy_codec.yaml", [*own, *words])
    document["dataset_config"].pop("path")
    document["dataset_config"]["datasets"] = [{"id": path.name, "path": str(path)} for path in sounds]
    return trained(document, seconds, CODEC_RATE)


def encode(sounds: Path, codec: Path, folder: Path, split: str | None) -> None:
    """Write latents, of a part of the sounds or of all."""
    if (folder / "manifest.json").is_file():
        return
    data: dict[str, Any] = {"dataset_type": "audio_dir", "path": str(sounds), "metadata": {"sidecar": "json"}}
    if split is not None:
        data |= {"held_out_share": HELD_OUT, "split": split}
    document = {"experiment": "pre_encode", "ckpt_path": str(codec), "output_path": str(folder), "dataset_config": data}
    pre_encode({**document, "accelerator": "cpu", "num_workers": 1})


def round_trip(codec: Path, wanted: Sequence[Example]) -> list[Tensor]:
    """Originals behind encoder and decoder, `(T,)` each: what no model of the latents betters."""
    model = load_model(codec)
    with torch.inference_mode():
        return [_there_and_back(model, one.audio) for one in wanted]


def _there_and_back(model: Any, audio: Tensor) -> Tensor:
    padded = torch.nn.functional.pad(audio, (0, -len(audio) % model.downsampling_ratio))
    back: Tensor = model.decode(model.encode(padded[None, None]))
    return back[0, 0, : len(audio)]
