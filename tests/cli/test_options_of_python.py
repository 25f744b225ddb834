"""What Python can, the commands can: each argument of the functions behind a command has an option."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from narrows.configs import GenerationRequest, PreEncodeExperimentConfig
from narrows.models.saving import convert
from narrows.pipelines.codec_files import decode_file, encode_file
from narrows.pipelines.evaluation import evaluate

NAMES = {
    "encode": {"path": "audio", "out": "output", "content": "latents"},
    "decode": {"path": "latents", "out": "output"},
    "evaluate": {
        "models": "against",
        "files": "audio",
        "worst": "clips",
        "keep": "save",
        "ask": "engine",
        "named": "clap",
        "scores": "prompts",
    },
    "convert": {"folder": "output", "prefer": "weights"},
}
"""Options that are called otherwise."""
PYTHON_ONLY = {"told", "embedding"}
"""Callables, which no command line can give."""
BEHIND: dict[str, Callable[..., Any]] = {
    "encode": encode_file,
    "decode": decode_file,
    "evaluate": evaluate,
    "convert": convert,
}


def destinations(command: str) -> set[str]:
    parser = argparse.ArgumentParser()
    import_module(f"narrows.cli.commands.{command.replace('-', '_')}").add_arguments(parser)
    return {action.dest for action in parser._actions}


@pytest.mark.parametrize("command", BEHIND)
def test_every_argument_has_an_option(command: str) -> None:
    there = destinations(command)
    arguments = set(inspect.signature(BEHIND[command]).parameters) - PYTHON_ONLY
    wanted = {NAMES[command].get(name, name) for name in arguments}
    assert sorted(wanted - there) == []


def test_pre_encode_has_what_encode_has() -> None:
    """Its options are those of its schema; what `encode_file` can, it can."""
    # A shard is compressed as a whole; a language model codes the tokens of one file.
    arguments = set(inspect.signature(encode_file).parameters) - {"model", "path", "out", "entropy"}
    assert sorted(arguments - set(PreEncodeExperimentConfig.model_fields)) == []


def test_generate_has_what_a_request_can_say() -> None:
    there = destinations("generate")
    fields = set(GenerationRequest.model_fields) - {"prompt", "schema_", "schema_version"}
    names = {"init_audio": "init", "regions": "region", "conditions": "condition"}
    assert sorted({names.get(field, field) for field in fields} - there) == []
