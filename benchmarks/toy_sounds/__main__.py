"""How good are the sounds of a small latent diffusion model? Sounds made by code, a codec, a model by class, length and
pitch, few-step post-training and an adapter for a new class, each judged.

    python benchmarks/toy_sounds FOLDER [--seeds 0 1 2] [--budget 3200] [--stages codec base few_step adapter]
    python benchmarks/toy_sounds FOLDER --reference .nox/references/bin/python      # of `nox -s references`
    python benchmarks/toy_sounds FOLDER --short      # all of it in less than a minute, to see that it runs

What FOLDER holds already is not done again, and a training that was killed goes on: the command is repeated until all
is there. Budgets are processor seconds of training, so that load on the machine does not change the result;
results.json and results.md tell what was spent. Settings of the examples are changed by `--codec` and `--base`, e.g.
`--base training.timestep_sampler=uniform`, the budget of one stage by `--seconds`, e.g. `--seconds base=600`.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
from toy_sounds.experiment import STAGES, Experiment
from toy_sounds.sizes import BUDGETS, SHORT, Sizes
from toy_sounds.stages import OtherSettingsError, write_json
from toy_sounds.table import table


def main() -> int:
    """Run the experiment, write and print its table."""
    arguments = _parsed()
    torch.set_num_threads(1)
    sizes = SHORT if arguments.short else Sizes()
    if arguments.budget is not None:
        sizes = sizes.scaled(arguments.budget)
    sizes = replace(sizes, base_steps=arguments.base_steps, **dict(arguments.seconds))
    words = {"codec_words": (*sizes.codec_words, *arguments.codec), "base_words": (*sizes.base_words, *arguments.base)}
    try:
        found = Experiment(arguments.folder, replace(sizes, **words), arguments.reference).run(
            arguments.stages, arguments.seeds
        )
    except OtherSettingsError as error:
        print(error, file=sys.stderr)
        return 1
    write_json(arguments.folder / "results.json", found)
    text = table(found)
    (arguments.folder / "results.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--budget", type=float, help="processor seconds of codec and base; the others in proportion")
    parser.add_argument(
        "--seconds", type=_budget, nargs="+", default=[], metavar="STAGE=SECONDS", help="processor seconds of a stage"
    )
    parser.add_argument("--base-steps", type=int, help="of the base and of the reference, in place of a budget")
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=STAGES)
    parser.add_argument(
        "--reference", type=Path, metavar="PYTHON", help="with stable-audio-tools, to train by it as well"
    )
    parser.add_argument("--short", action="store_true", help="show that it runs")
    parser.add_argument("--codec", nargs="+", default=[], metavar="KEY=VALUE", help="settings of the codec's training")
    parser.add_argument("--base", nargs="+", default=[], metavar="KEY=VALUE", help="settings of the base's training")
    return parser.parse_args()


def _budget(word: str) -> tuple[str, float]:
    """The budget of one stage, e.g. `base=600`."""
    name, _, seconds = word.partition("=")
    if name not in BUDGETS:
        raise argparse.ArgumentTypeError(f"{word!r} names no stage: write {'=…, '.join(BUDGETS)}=…")
    return name, float(seconds)


if __name__ == "__main__":
    sys.exit(main())
