"""`narrows inspect`: what a model is, before it is built."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.cli.main import UserError

if TYPE_CHECKING:
    from narrows.models.inspection import Inspection
    from narrows.models.inspection_of_generators import GeneratorInspection

GENERATORS = ("diffusion_uncond", "diffusion_cond", "diffusion_cond_inpaint", "lm")
"""Types of models that make sounds of requests."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("config", type=Path, metavar="CONFIG", help="model file, experiment file or folder of a model")
    parser.add_argument("--layers", action="store_true", help="show every layer")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def run(arguments: argparse.Namespace) -> None:
    """Print the facts; no weights are allocated."""
    from narrows.cli.documents import model_config

    config = model_config(arguments.config)
    if config.model_type in GENERATORS:
        if arguments.layers:
            raise UserError("--layers is for codecs: leave it out.")
        from narrows.models.inspection_of_generators import inspect_generator

        made = inspect_generator(config)
        _print(asdict(made), _generator_rows(made), arguments.json)
        return
    from narrows.models.inspection import inspect_model

    facts = inspect_model(config)
    _print(asdict(facts), _rows(facts), arguments.json)
    if arguments.json:
        return
    if arguments.layers:
        print()
        for layer in facts.layers:
            print(f"{layer.name:<48} {layer.type:<18} {layer.shape!s:<20} {layer.parameters:>12,}")


def _print(facts: dict[str, Any], rows: dict[str, str], as_json: bool) -> None:
    if as_json:
        print(json.dumps(facts, indent=2))
        return
    width = max(map(len, rows))
    print("\n".join(f"{name:<{width}}  {value}" for name, value in rows.items()))


def _generator_rows(facts: GeneratorInspection) -> dict[str, str]:
    rows = {f"parameters of {part}": f"{number:,}" for part, number in facts.parameters.items()}
    rows["counted"] = "what the state dict holds; frozen encoders are outside of it:"
    for name, number in facts.encoders.items():
        if number != 0:
            rows[f"encoder of {name}"] = "only its files could tell" if number is None else f"{number:,} parameters"
    rows["trainable parameters"] = f"{facts.trainable:,}"
    rows["sample rate"] = f"{facts.sample_rate} Hz"
    rows["frames"] = f"{facts.latent_rate:.2f} Hz, {facts.frames} in {facts.seconds:.2f} s"
    rows["memory of weights"] = f"{_mebibytes(facts.weights_memory)} (float32)"
    if facts.tokens_per_second is not None:
        rows["for real time"] = f"{facts.tokens_per_second:,.0f} tokens a second in {facts.latent_rate:.2f} frames"
    if facts.steps_per_second is not None:
        rows["steps"] = f"{facts.steps_per_second:,.2f} a second of sound"
    rows["a step"] = f"{facts.step_flops / 1e9:,.{4 if facts.cached else 2}f} GFLOPs without guidance"
    if facts.cached:
        rows["memory of the cache"] = f"{_mebibytes(facts.step_memory)} (float32, one guided sound)"
        total = _mebibytes(facts.weights_memory + facts.step_memory)
        rows["memory of generating tokens"] = f"{total}: weights and cache"
    else:
        rows["memory of a step"] = f"{_mebibytes(facts.step_memory)} of activations (float32, one guided sound)"
    if facts.decoding_memory is not None:
        rows["memory of decoding"] = f"{_mebibytes(facts.decoding_memory)} of activations (float32)"
    return rows


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"


def _rows(facts: Inspection) -> dict[str, str]:
    rows = {f"parameters of {part}": f"{number:,}" for part, number in facts.parameters.items()}
    rows["trainable parameters"] = f"{facts.trainable:,}"
    rows["sample rate"] = f"{facts.sample_rate} Hz"
    rows["downsampling"] = f"{facts.downsampling_ratio} samples a latent frame"
    rows["latents"] = f"{facts.latent_dim} channels at {facts.latent_rate:.2f} Hz"
    rows["compression"] = f"{facts.compression:.1f} audio values a latent value"
    if facts.bitrate is not None:
        rows["bitrate"] = f"{facts.bitrate:.2f} kbit/s"
    if facts.training_memory is not None:
        rows["training memory"] = f"{facts.training_memory / 2**20:,.0f} MiB (float32, Adam, a batch of one clip)"
    chunking = facts.chunking
    rows["a frame depends on"] = "{} samples before and {} after its first".format(*chunking.encoder_context)
    rows["a sample depends on"] = "{} latent frames before and {} after its own".format(*chunking.decoder_context)
    if chunking.latency is not None:
        seconds = chunking.latency / facts.sample_rate
        rows["streaming latency"] = f"{chunking.latency} samples ({1000 * seconds:.1f} ms)"
    rows["chunked coding"] = "exact" if chunking.exact else f"not exact; best overlap {chunking.best_overlap} frames"
    for number, obstacle in enumerate(chunking.obstacles, 1):
        rows[f"obstacle {number}"] = obstacle
    return rows
