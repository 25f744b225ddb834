"""Compare ways of training at equal processor seconds, on held-out sounds: the studies of benchmarks/learning/studies.

    python benchmarks/learn.py                                   # names the studies
    python benchmarks/learn.py quantizers --audio FOLDER         # the whole study, in pieces; goes on where it stopped
    python benchmarks/learn.py quantizers --short                # seconds, on toy sounds

Results go to OUT/STUDY.jsonl, the table to OUT/STUDY.md and the curves to OUT/STUDY.svg. The arms named `reference`
need stable-audio-tools: run them in the environment of `nox -s references`.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import torch
from learning.contenders import reference_is_installed
from learning.pieces import Budget, train_piece
from learning.report import plot, plot_rates, table
from learning.results import Results
from learning.sounds import Sounds, load_sounds
from learning.studies import Study, load_study, studies

SHORT_STEPS = 4


def main() -> None:
    """Train what has no result yet, then write table and plot."""
    arguments = parsed()
    if arguments.study is None:
        for name in studies():
            print(f"{name:20} {load_study(name).about}")
        return
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    study = load_study(arguments.study)
    steps = SHORT_STEPS if arguments.short else arguments.steps
    budget = Budget(arguments.seconds or study.seconds, steps)
    arms = arms_here(study, arguments.arms)
    sounds = sounds_of(study, arms[0], None if arguments.short else arguments.audio)
    results = Results(arguments.out / f"{arguments.study}.jsonl", {"budget": budget.about, "data": sounds.about})
    seeds = arguments.seeds or (study.seeds[:1] if arguments.short else study.seeds)
    run(study, arms, seeds, budget, sounds, results, arguments.minutes, arguments.together)
    rows = [row for row in results.rows() if row["arm"] in arms and row["seed"] in seeds]
    if rows:
        text = f"{study.about}\n\n{budget.about} an arm; {sounds.about}.\n\n{table(rows)}\n"
        results.path.with_suffix(".md").write_text(text, encoding="utf-8")
        draw = plot_rates if study.plot == "rates" else plot
        draw(rows, results.path.with_suffix(".svg"))
        print(text)


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", nargs="?", choices=studies())
    parser.add_argument("--audio", type=Path, help="folder of sounds; toy sounds without it")
    parser.add_argument("--out", type=Path, default=Path("build/learning"))
    parser.add_argument("--seconds", type=float, help="processor seconds an arm; default: what the study says")
    parser.add_argument("--steps", type=int, help="steps an arm instead of seconds")
    parser.add_argument("--seeds", type=int, nargs="+")
    parser.add_argument("--arms", nargs="+", help="only these")
    parser.add_argument("--together", type=int, default=8, help="arms that take turns in one piece")
    parser.add_argument("--minutes", type=float, default=60.0, help="start no new piece after so many")
    parser.add_argument("--short", action="store_true", help=f"{SHORT_STEPS} steps of one seed on toy sounds")
    return parser.parse_args()


def arms_here(study: Study, wanted: list[str] | None) -> list[str]:
    """The arms to train: those wanted, without the reference's where it is not installed."""
    if unknown := sorted(set(wanted or ()) - study.arms.keys()):
        raise SystemExit(f"No arms {', '.join(unknown)}; there are {', '.join(study.arms)}")
    named = [arm for arm in study.arms if wanted is None or arm in wanted]
    here = [arm for arm in named if study.arms[arm].trainer == "narrows" or reference_is_installed()]
    if left_out := [arm for arm in named if arm not in here]:
        print(f"stable-audio-tools is not installed: without {', '.join(left_out)}")
    if not here:
        raise SystemExit("Nothing to train")
    return here


def sounds_of(study: Study, arm: str, folder: Path | None) -> Sounds:
    """The sounds at the rate and channels of the study's model."""
    config = study.document(arm)["model_config"]
    return load_sounds(folder, int(config["sample_rate"]), int(config["audio_channels"]))


def run(
    study: Study,
    arms: list[str],
    seeds: list[int],
    budget: Budget,
    sounds: Sounds,
    results: Results,
    minutes: float,
    together: int,
) -> None:
    """Train piece by piece what has no result yet, and keep each piece as it ends."""
    end = time.monotonic() + 60 * minutes
    for seed in seeds:
        while left := results.missing(arms, seed):
            if time.monotonic() > end:
                print(f"{minutes:g} minutes are over; the same command goes on")
                return
            results.add(train_piece(study, left[:together], seed, budget, sounds))


if __name__ == "__main__":
    main()
