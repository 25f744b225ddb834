"""Processor time of a training step without a discriminator, ours and the reference's: same weights and batches.

    python benchmarks/step_time.py [--rounds 40] [--parts]

The sides take turns, a step each. Processor time counts what the process computes, not what it waits for, and the least
of many rounds is the one that other programs disturbed least: so a loaded machine gives the ratio too. The reference's
side needs stable-audio-tools: run it in the environment of `nox -s references`. `--parts` tells where our step goes.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from typing import Any

import torch
from learning.contenders import Contender, Narrows, Reference, reference_is_installed
from learning.sounds import load_sounds
from learning.studies import load_study


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--parts", action="store_true", help="profile ten steps of ours")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    document = load_study("vae").document("narrows")
    config, size = document["model_config"], int(document["batch_size"])
    sides: dict[str, Contender] = {"narrows": Narrows(config, 0)}
    if reference_is_installed():
        sides["reference"] = Reference(config, 0)
    sounds = load_sounds(None, int(config["sample_rate"]), int(config["audio_channels"]))
    batches = [sounds.batch(0, step, size, int(config["sample_size"])) for step in range(arguments.rounds + 2)]
    print(table(timed(sides, batches)))
    if arguments.parts:
        print(parts(sides["narrows"], batches[-1]))


def timed(sides: dict[str, Contender], batches: list[torch.Tensor]) -> dict[str, list[float]]:
    """Processor seconds of each side's steps; the first two, which allocate, are left out."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for step, batch in enumerate(batches):
        # Every other round runs backwards, so that none always follows the same neighbour.
        for name in list(sides)[:: -1 if step % 2 else 1]:
            before = time.process_time()
            sides[name].step([batch], step)
            times[name].append(time.process_time() - before)
    return {name: seconds[2:] for name, seconds in times.items()}


def table(times: dict[str, list[float]]) -> str:
    """Markdown: least and median in milliseconds, and the reference's relative to ours."""
    lines = ["| side | least, ms | median, ms | reference's least / its own | median of the ratios of rounds |"]
    lines += ["|---|---|---|---|---|"]
    for name, seconds in times.items():
        cells = [f"{1000 * min(seconds):.1f}", f"{1000 * statistics.median(seconds):.1f}"]
        if (base := times.get("reference")) is not None:
            each = [theirs / own for theirs, own in zip(base, seconds, strict=True)]
            cells += [f"{min(base) / min(seconds):.2f}", f"{statistics.median(each):.2f}"]
        lines.append(f"| {' | '.join([name, *cells])} |")
    return "\n".join(lines)


def parts(side: Any, batch: torch.Tensor) -> str:
    """The operations that take most of a step's own time."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        for step in range(10):
            side.step([batch], step)
    events = sorted(profiler.key_averages(), key=lambda event: -event.self_cpu_time_total)
    total = sum(event.self_cpu_time_total for event in events)
    return "\n".join(f"{event.self_cpu_time_total / total:6.1%}  {event.key}" for event in events[:20])


if __name__ == "__main__":
    main()
