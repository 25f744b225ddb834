"""`narrows`: the parser, and what every command has in common: exit codes and how errors are shown."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from narrows.configs import NarrowsError

COMMANDS = {
    "train": "train a model; without arguments, the quick start",
    "pre-encode": "encode a data set to latents or tokens, in shards, resumable",
    "encode": "encode audio files to latents or tokens",
    "decode": "decode latents or tokens to audio files",
    "generate": "make audio files of prompts with a diffusion model or a language model",
    "evaluate": "measure how well models reconstruct audio; table, JSON, page to listen to",
    "validate": "check configuration files and list everything that is wrong",
    "migrate": "turn configuration files of other packages into one experiment file",
    "convert": "turn any accepted checkpoint into a model folder",
    "adapter": "look into adapters (LoRA and its relatives), merge, convert and extract them",
    "export": "write encoder and decoder as graphs that run without Narrows, checked against the model",
    "publish": "put a model folder with its card on a hub",
    "data": "report what a folder of audio holds, or pack it into shards",
    "inspect": "show a model's parameters, shapes, rates and receptive field without building it",
    "schema": "print a schema, or all of them in one file",
    "studio": "open a local web page: compare, blind listening tests, generate, watch runs",
    "env": "say what is installed here and on what machine, for a bug report",
}
"""Commands and their help; each lives in `narrows.cli.commands.<name>`, dashes written as underscores."""

MODELS = ("model", "against", "checkpoint", "config", "entropy")
"""Arguments that name a model, which may be an address, such as `hf://owner/name` or `s3://bucket/model`."""
LOCAL = ("json", "html", "save", "codec_superb")
"""Options that name what is written to this machine; `output` is one more, but for commands that say `stores`."""
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/")
"""How an address begins, once it is a path, which has no empty parts."""
KERNELS = "4096"
"""Kernels that oneDNN keeps, of its own 1024: each layer at each length of a sound has one."""
FAILURE, INTERRUPTED = 1, 130


class UserError(NarrowsError):
    """Something the user can mend; shown without a traceback, exit code 1."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        0 on success, 1 when the user's input is wrong, 2 on wrong usage (from argparse), 130 on Ctrl-C.
    """
    # Before torch is. Sounds of many lengths need more kernels than oneDNN keeps; a 16-bit one takes 5 ms to make.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", KERNELS)
    parser, namespace = _parse(list(sys.argv[1:] if arguments is None else arguments))
    if namespace.print_completion:
        print(completion(namespace.print_completion))
        return 0
    if namespace.command is None:
        parser.print_help()
        return 0
    try:
        _fetch_models(namespace)
        _check_places(namespace)
        return int(namespace.run(namespace) or 0)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader went away, as in `narrows schema | head`; nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        message = _message(error)
        if message is None:
            raise
        print(message, file=sys.stderr)
        return FAILURE


def completion(shell: str) -> str:
    """A script that completes commands, their options and file names.

    Args:
        shell: `bash`, `zsh` or `tcsh`.
    """
    import shtab

    script: str = shtab.complete(_parser(list(COMMANDS)), shell)
    return script


def _parse(arguments: list[str]) -> tuple[argparse.ArgumentParser, argparse.Namespace]:
    """Parse, importing only the module of the command that was named."""
    named = next((word for word in arguments if not word.startswith("-")), None)
    parser = _parser([named] if named in COMMANDS else [])
    return parser, parser.parse_args(arguments)


def _check_places(namespace: argparse.Namespace) -> None:
    """Refuse addresses where something is written to this machine: a folder called `s3:` would come of them."""
    names = LOCAL if getattr(namespace, "stores", False) else ("output", *LOCAL)
    for name in names:
        place = getattr(namespace, name, None)
        if isinstance(place, Path) and ADDRESS.match(place.as_posix()):
            raise UserError(
                f"--{name.replace('_', '-')} {place} is an address: a place on this machine is wanted. Write there, "
                "and copy it"
            )


def _parser(whole: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of all commands; some of them with their arguments, for which their modules are imported."""
    parser = argparse.ArgumentParser(
        prog="narrows",
        description="Train, use and measure audio autoencoders, neural codecs, and models that generate from them.",
        epilog="`narrows COMMAND --help` tells more.",
    )
    parser.add_argument("--version", action="version", version=f"narrows {version('narrows')}")
    parser.add_argument(
        "--print-completion", choices=["bash", "zsh", "tcsh"], metavar="SHELL", help="print a completion script for it"
    )
    parser.set_defaults(command=None)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, text in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if name in whole:
            module = import_module(f"narrows.cli.commands.{name.replace('-', '_')}")
            subparser.formatter_class = argparse.RawDescriptionHelpFormatter
            module.add_arguments(subparser)
            subparser.set_defaults(run=module.run)
    return parser


def _fetch_models(namespace: argparse.Namespace) -> None:
    """Replace addresses on a hub, where MODEL stands, by the local folders of their files."""
    for name in MODELS:
        given = getattr(namespace, name, None)
        paths: list[Any] = given if isinstance(given, list) else [given]
        if any(isinstance(path, Path) and ADDRESS.match(path.as_posix()) for path in paths):
            from narrows.models.hub import local_model

            local = [local_model(path) for path in paths]
            setattr(namespace, name, local if isinstance(given, list) else local[0])


def _message(error: Exception) -> str | None:
    """What to tell the user about an error that is theirs; None for ours, which deserve a traceback."""
    if isinstance(error, NarrowsError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        # A missing file, a denied place, a full disk: the system says what, and usually where.
        places = [str(place) for place in (error.filename, error.filename2) if place is not None]
        return ": ".join([error.strerror, " -> ".join(places)] if places else [error.strerror])
    if isinstance(error, FileExistsError):
        return str(error)
    return None
