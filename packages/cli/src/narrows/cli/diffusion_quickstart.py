"""What the quick start of diffusion needs before it can train: toy sounds, a codec, and the sounds as latents.

Each part is made once, and appears whole or not at all; a codec that was stopped goes on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from narrows.cli.compose import CONF, compose
from narrows.configs.experiments import load_experiment

GROUP = "model=diffusion_quickstart"
"""How it is asked for."""
CODEC_SECONDS = 120
PASSED_ON = ("accelerator", "logger", "seed", "steps")
"""Settings of the experiment that hold for its codec as well."""
SPLITS = ("train", "held_out")


def prepare(experiment: Any) -> None:
    """Make what is missing of sounds, codec and latents.

    Args:
        experiment: typed, which says where they are.
    """
    from narrows.data.toy_sounds import write_toy_sounds

    latents = Path(experiment.dataset_config.path).parent
    sounds = latents.parent / "sounds"
    codec = Path(experiment.pretransform_ckpt_path)
    if not sounds.exists():
        print(f"Making sounds in {sounds}")
        unfinished = _emptied(sounds.with_name(".sounds.unfinished"))
        write_toy_sounds(unfinished).rename(sounds)
    if not all((latents / split / "manifest.json").is_file() for split in SPLITS):
        print(f"Training their codec in {codec.parent}")
        _train_codec(experiment, sounds, codec.parent)
        for split in SPLITS:
            _encode(sounds, codec, latents / split, split, experiment.accelerator)


def _train_codec(experiment: Any, sounds: Path, folder: Path) -> None:
    from narrows.training import train

    settings = [f"{name}={getattr(experiment, name)}" for name in PASSED_ON]
    seconds = min(CODEC_SECONDS, experiment.max_seconds or CODEC_SECONDS)
    settings += [f"data.path={sounds}", f"save_dir={folder.parent}", f"name={folder.name}", f"max_seconds={seconds}"]
    train(load_experiment(compose(CONF / "toys_codec.yaml", settings)))


def _encode(sounds: Path, codec: Path, folder: Path, split: str, accelerator: str) -> None:
    from narrows.pipelines.pre_encode import pre_encode

    data = {
        "dataset_type": "audio_dir",
        "path": str(sounds),
        "metadata": {"sidecar": "json"},
        "held_out_share": 0.1,
        "split": split,
    }
    document = {"experiment": "pre_encode", "ckpt_path": str(codec), "output_path": str(folder), "dataset_config": data}
    pre_encode(load_experiment({**document, "accelerator": accelerator, "num_workers": 1}))


def _emptied(folder: Path) -> Path:
    """A folder of an earlier attempt without its files."""
    for path in folder.glob("*"):
        path.unlink()
    return folder
