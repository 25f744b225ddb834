"""A request as the line of `narrows generate` that does the same."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

FLAGS = {
    "seconds": "--seconds",
    "steps": "--steps",
    "cfg_scale": "--cfg-scale",
    "sampler": "--sampler",
    "schedule": "--schedule",
    "init_audio": "--init",
    "init_noise_level": "--init-noise-level",
    "inpaint": "--inpaint",
    "extend": "--extend",
    "temperature": "--temperature",
    "top_k": "--top-k",
    "top_p": "--top-p",
    "prompt_audio": "--prompt-audio",
    "seed": "--seed",
}
"""Fields of a request with one value."""


PROMPTS = "request.jsonl"
"""The prompt file of a request that options cannot say."""


def command_line(model: str, request: Mapping[str, Any], count: int, output: str = "out") -> str:
    """The line, quoted for a POSIX shell.

    Conditions to stay away from have no option: a request with some is written into a prompt file by the line itself.

    Args:
        model: path of the model.
        request: fields of a `GenerationRequest`, with paths of files.
        count: sounds.
        output: folder for them.
    """
    if isinstance(request.get("negative"), Mapping):
        written = shlex.join(["printf", r"%s\n", json.dumps(request)])
        words = ["narrows", "generate", model, "-o", output, f"--prompts={PROMPTS}", *_times(count)]
        return f"{written} > {PROMPTS} && {shlex.join(words)}"
    prompt = request.get("prompt")
    positional = [model] if prompt is None else [model, prompt]
    options = ["-o", output, *_options(request), *_times(count)]
    if any(word.startswith("-") for word in positional):
        return shlex.join(["narrows", "generate", *options, "--", *positional])
    # The parser takes a prompt right behind the model only.
    return shlex.join(["narrows", "generate", *positional, *options])


def _times(count: int) -> list[str]:
    return [f"--count={count}"] if count > 1 else []


def _options(request: Mapping[str, Any]) -> list[str]:
    words: list[str] = []
    given = {name: value for name, value in request.items() if value is not None}
    for name, flag in FLAGS.items():
        if name in given:
            words.append(f"{flag}={given[name]}")
    if "negative" in given:
        words.append(f"--negative={given['negative']}")
    words += [f"--region={start}:{end}" for start, end in given.get("regions", [])]
    words += [f"--condition={key}={_text(value)}" for key, value in given.get("conditions", {}).items()]
    return words + (["--loop"] if given.get("loop") else [])


def _text(value: Any) -> str:
    """A value as `--condition` reads it: JSON, or the text itself where it is none."""
    if not isinstance(value, str):
        return json.dumps(value)
    try:
        json.loads(value)
    except ValueError:
        return value
    return json.dumps(value)
