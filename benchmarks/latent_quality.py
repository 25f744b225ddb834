"""How well does a small diffusion model generate from the latents of codecs that were trained in different ways?

    python benchmarks/latent_quality.py FOLDER [--arms plain noise] [--codec 60] [--steps 500]
    python benchmarks/latent_quality.py FOLDER --short      # two ways, seconds, to see that it runs

The toy sounds of `benchmarks/toy_sounds`, their codec trained for equal processor seconds, and on the latents of each a
model of equal size and steps. The table has both sides of the trade: what is lost behind the codec, and how far
generated sounds are from originals. What FOLDER holds already is not done again. latents.json, latents.md and
latents.svg stand there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).parent))
from learning.report import figure
from toy_sounds.codec import encode, round_trip, train_codec, write_sounds
from toy_sounds.examples import examples
from toy_sounds.experiment import TEST
from toy_sounds.generation import generated, loaded
from toy_sounds.measures import Judge, figures
from toy_sounds.models import Trainings
from toy_sounds.sizes import SHORT, Sizes
from toy_sounds.stages import stage, write_json

ARMS: dict[str, tuple[str, ...]] = {
    "plain": (),
    "kl 1e-3": ("training.loss_configs.bottleneck.weights.kl=1e-3",),
    "kl 1e-2": ("training.loss_configs.bottleneck.weights.kl=1e-2",),
    "kl 1e-3, rising": (
        "training.loss_configs.bottleneck.weights.kl=1e-3",
        "+training.loss_configs.bottleneck.warmup_steps=1000",
    ),
    "noise": ("+training.latent_augmentation={noise: 0.3}",),
    "gain": ("+training.latent_augmentation={gain: 6.0}",),
    "shift": ("+training.latent_augmentation={shift: 0.5}",),
    "dropout": ("+training.latent_mask_ratio=0.1",),
    "smooth": ("+training.loss_configs.latents={weights: {roughness: 0.1}}",),
}
"""Ways of training the codec: changes to `examples/toy_codec.yaml`."""
SCALE = 2.0
"""Guidance."""


def main() -> None:
    """Do what is missing, and show all there is."""
    given = _parsed()
    torch.set_num_threads(1)
    arms = given.arms or (["plain", "noise"] if given.short else list(ARMS))
    sizes = SHORT if given.short else Sizes(codec=given.codec)
    steps = 2 if given.short else given.steps
    write_sounds(given.folder / "sounds", sizes.train)
    judge = Judge.of_file(given.folder / f"judge_{sizes.taught}.safetensors", sizes.taught)
    found = {arm: measured(given.folder, arm, judge, sizes, steps) for arm in arms}
    write_json(given.folder / "latents.json", found)
    text = table(found)
    (given.folder / "latents.md").write_text(text, encoding="utf-8")
    plot(found, given.folder / "latents.svg")
    print(text)


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--arms", nargs="+", choices=ARMS)
    parser.add_argument("--codec", type=float, default=60.0, help="processor seconds of each codec")
    parser.add_argument("--steps", type=int, default=500, help="of each model")
    parser.add_argument("--short", action="store_true", help="show that it runs")
    return parser.parse_args()


def measured(folder: Path, arm: str, judge: Judge, sizes: Sizes, steps: int) -> dict[str, Any]:
    """Codec, latents, model and figures of an arm."""
    own = folder / arm.replace(" ", "_").replace(",", "")
    test = examples(sizes.test, TEST)

    def codec() -> Mapping[str, Any]:
        run = train_codec(own, (folder / "sounds",), sizes.codec, (*sizes.codec_words, *ARMS[arm]))
        for split in ("train", "held_out"):
            encode(folder / "sounds", Path(run["model"]), own / "latents" / split, split)
        return {**run, "round trip": figures(judge, round_trip(Path(run["model"]), test), test)}

    def model() -> Mapping[str, Any]:
        trainings = Trainings(own, Path(coded["model"]), own / "latents", 0, sizes.base_words)
        run = trainings.base(0.0, steps)
        made = generated(loaded(Path(run["model"])), test, steps=sizes.steps, cfg_scale=SCALE)
        return {**run, "generated": figures(judge, made, test)}

    coded = stage(own / "codec.json", {"codec": sizes.codec, "words": ARMS[arm]}, codec)
    return {"codec": coded, "model": stage(own / "model.json", {"codec": sizes.codec, "steps": steps}, model)}


def table(found: Mapping[str, Any]) -> str:
    """Markdown: both sides of the trade."""
    names = ("codec", "Fréchet distance behind the codec", "accuracy behind it", "generated: Fréchet distance")
    lines = [f"| {' | '.join((*names, 'accuracy', 'pitch error, median'))} |", f"|{'---|' * 6}"]
    for arm, stages in found.items():
        coded, made = stages["codec"]["round trip"], stages["model"]["generated"]
        cells = [f"{coded['frechet']:.1f}", f"{coded['accuracy']:.2f}", f"{made['frechet']:.1f}"]
        cells += [f"{made['accuracy']:.2f}", f"{made['pitch_error']:.1%}" if "pitch_error" in made else ""]
        lines.append(f"| {arm} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def plot(found: Mapping[str, Any], path: Path) -> None:
    """Distance of generated sounds over that of sounds behind the codec."""
    with figure(path, 1) as (axis,):
        for arm, stages in found.items():
            place = stages["codec"]["round trip"]["frechet"], stages["model"]["generated"]["frechet"]
            axis.plot(*place, "o", color="C0")
            axis.annotate(arm, place, textcoords="offset points", xytext=(5, 4), fontsize="small")
        axis.set_xlabel("Fréchet distance behind the codec")
        axis.set_ylabel("Fréchet distance of generated sounds")


if __name__ == "__main__":
    main()
