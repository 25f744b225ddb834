"""Migration of stable-audio-tools: INI file or command line, model file and data set file."""

from __future__ import annotations

import ast
import configparser
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from narrows.configs._documents import Document, read_file
from narrows.configs._lenient import split, without
from narrows.configs._load import validate
from narrows.configs.errors import Problem, config_error
from narrows.configs.migrate.draft import Draft

SAME = ("name", "batch_size", "num_nodes", "num_workers", "seed", "accum_batches", "checkpoint_every")
"""Settings that are called the same here."""

PRECISIONS = {"16-mixed": "16-mixed", "bf16-mixed": "bf16-mixed", "32": "32-true", "32-true": "32-true",
              "bf16-true": "bf16-true", "16": "16-mixed", "bf16": "bf16-mixed"}  # fmt: skip

DROPPED = {
    "project": "the reference never reads it",
    "recover": "runs go on from their newest checkpoint by themselves: see `resume`",
    "save_top_k": "the reference never reads it: see `keep_checkpoints`",
    "strategy": "several devices use data parallelism: see `devices`",
    "num_gpus": "see `devices`",
    "remove_pretransform_weight_norm": "weight norm is kept",
    "wandb_config": "the logger configures itself",
}


CLIP = "gradient_clip_val"
"""Setting of the Trainer that clips gradients, where the model leaves the optimisation to it."""

GENERATIVE = ("diffusion_uncond", "diffusion_cond", "diffusion_cond_inpaint", "lm")
"""Model types whose optimisation is the Trainer's, without `arc`."""

ENCODING_DROPPED = {
    "strategy": "processes share the work by themselves: start one for each device",
    "num_nodes": "processes share the work by themselves: start one for each device",
    "shuffle": "clips are encoded in order",
}
"""Arguments of `pre_encode.py`; the others are about batches."""

ENCODING_LENGTH = 1320960
"""Samples that `pre_encode.py` pads or cuts every clip to unless told otherwise."""


def from_ini(path: Path) -> Draft:
    """A training run from an INI file of prefigure."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(path.read_text(encoding="utf-8"), str(path))
    except (OSError, configparser.Error, UnicodeDecodeError) as error:
        raise config_error([Problem("", f"Cannot read {path}: {error}", str(path), kind="syntax")]) from error
    sections = [parser.defaults(), *(dict(parser[name]) for name in parser.sections())]
    return _training({k: _literal(v) for section in sections for k, v in section.items()}, path)


def from_json(path: Path, document: Any) -> Draft:
    """A training run from a model file or a data set file alone; the other is left to fill in."""
    is_model = isinstance(document, dict) and "model_type" in document
    given, other = ("model_config", "dataset_config") if is_model else ("dataset_config", "model_config")
    draft = _training({given: path.name}, path)
    draft.set(other, f"{other}.json", "To be filled in: the path of its file.")
    return draft


def from_command(path: Path) -> Draft:
    """A run from a text file with the command line of `train.py` or `pre_encode.py`."""
    try:
        words = shlex.split(path.read_text(encoding="utf-8").replace("\\\n", " "), comments=True)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise config_error([Problem("", f"Cannot read {path}: {error}", str(path), kind="syntax")]) from error
    settings: dict[str, Any] = {}
    flags = [n for n, word in enumerate(words) if word.startswith("--")]
    for n in flags:
        key, _, value = words[n].removeprefix("--").partition("=")
        follows = words[n + 1] if not value and n + 1 < len(words) and n + 1 not in flags else value
        settings[key.replace("-", "_")] = _literal(follows) if follows else True
    if not settings:
        raise config_error([Problem("", f"There is no command line in {path}.", str(path), kind="syntax")])
    is_encoding = any("pre_encode" in word for word in words) or "output_path" in settings
    return (_encoding if is_encoding else _training)(settings, path)


def _training(settings: Mapping[str, Any], path: Path) -> Draft:
    draft = Draft(path.name)
    draft.set("experiment", "train")
    actions: dict[str, Callable[[str, Any], None]] = {
        "precision": lambda k, v: _word(draft, k, v, PRECISIONS, "32-true"),
        "logger": lambda k, v: _word(draft, k, v, {"wandb": "wandb", "comet": "comet"}, "tensorboard"),
        "val_every": lambda k, v: (
            draft.set(k, v) if int(v) > 0 else draft.drop(k, v, "the default is every 1000 steps")
        ),
    }
    for key, value in settings.items():
        if key in {"model_config", "dataset_config", "val_dataset_config"}:
            if value:
                _file(draft, key, path.parent / str(value))
        elif key in {"save_dir", "ckpt_path", "pretrained_ckpt_path", "pretransform_ckpt_path"}:
            if value:
                draft.set(key, str(value))
        elif key in SAME:
            draft.set(key, value)
        elif key in actions:
            actions[key](key, value)
        elif key != CLIP and value not in (None, "", False, "false"):
            draft.drop(key, value, DROPPED.get(key, "this library has no such setting"))
    for key in ("model_config", "dataset_config"):
        if key not in draft.values:
            draft.set(key, f"{key}.json", "To be filled in: the path of its file.")
    _generative(draft, float(settings.get(CLIP) or 0))
    return draft


def _generative(draft: Draft, clip: float) -> None:
    """What runs of diffusion and language models mean by their settings, and autoencoders do not."""
    model = draft.values["model_config"]
    training = model.get("training") if isinstance(model, dict) else None
    if training is not None and model.get("model_type") in GENERATIVE and not training.get("arc"):
        if clip and not training.get("clip_grad_norm"):
            training["clip_grad_norm"] = clip
            draft.notes.append(f"moved: {CLIP} {clip:g} is `training.clip_grad_norm` of the model")
    elif clip:
        draft.drop(CLIP, clip, "clipping belongs to the model file: `training.clip_grad_norm`")
    if training is not None and training.get("arc"):
        draft.notes.append(
            "meaning: a step of adversarial post-training is one update of each side; the reference counts two, so "
            "that its steps behind the warm-up are twice as many"
        )


def _encoding(settings: Mapping[str, Any], path: Path) -> Draft:
    draft = Draft(path.name)
    draft.set("experiment", "pre_encode")
    names = {"ckpt_path": "ckpt_path", "output_path": "output_path", "num_workers": "num_workers",
             "sample_size": "sample_size"}  # fmt: skip
    for key, value in settings.items():
        if key in {"model_config", "dataset_config"}:
            _file(draft, key, path.parent / str(value))
        elif key in names:
            draft.set(names[key], value)
        elif key == "is_discrete":
            draft.set("content", "tokens", "was is_discrete")
        elif key == "model_half":
            draft.set("precision", "16-true", "was model_half")
        elif key == "limit_batches" and value:
            limit = int(value) * int(settings.get("batch_size", 1))
            draft.set("limit", limit, f"was limit_batches {value}, counted in clips")
        else:
            grouped = "clips are grouped by length, in order: see `batch_seconds`"
            draft.drop(key, value, ENCODING_DROPPED.get(key, grouped if key == "batch_size" else "it has no effect"))
    if "sample_size" not in settings:
        draft.set("sample_size", ENCODING_LENGTH, "the default of the reference; null keeps each clip as long as it is")
    draft.set("layout", "sat", "two files a clip, as the reference writes them; `shards` is faster to read")
    return draft


def _literal(text: str) -> Any:
    """A setting as prefigure reads it: a Python literal, or text; lower-case truth values are meant as such."""
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _word(draft: Draft, key: str, value: Any, known: Mapping[str, str], default: str) -> None:
    word = known.get(str(value), default)
    draft.set(key, word, "" if word == str(value) else f"was {value}")


def _file(draft: Draft, key: str, path: Path) -> None:
    """Write a model or data set into the experiment, without the keys that the reference ignores."""
    document = read_file(path)
    kind = "model" if key == "model_config" else "dataset"
    _, problems = validate(Document(document.data), kind)
    ignored, _ = split(problems, document.data)
    for problem in ignored:
        draft.notes.append(f"dropped: {key}{problem.pointer}: the reference ignores it")
    draft.set(key, without(document.data, [problem.pointer for problem in ignored]), f"from {path.name}")
