"""Migration of EulerAudioBackbone: Hydra YAML whose `_target_` strings name classes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from narrows.configs._documents import join
from narrows.configs.errors import Problem, config_error
from narrows.configs.migrate.draft import Draft
from narrows.configs.migrate.eulero_data import data_sets
from narrows.configs.migrate.eulero_model import MISSING, TARGETS, model_document, target
from narrows.configs.migrate.eulero_training import known_class, run_settings, training_section
from narrows.configs.migrate.hydra import read_tree

CHANNELS = re.compile(r"channels\Z")
"""Numbers of channels that point to the data become `auto`, so that the two cannot part again."""


def from_yaml(path: Path) -> Draft:
    """A training run.

    Args:
        path: a `config.yaml` with groups beside it; a file of such a group, e.g. one of its `model` files, which is
            composed with the rest of the tree; or a file with all sections.
    """
    sections = read_tree(path, CHANNELS)
    draft = Draft(path.name)
    draft.set("experiment", "train")
    if not isinstance(sections.get("model"), Mapping):
        raise config_error([Problem("", f"{MISSING}: there is none in {path}.", str(path), kind="syntax")])
    _refuse_unknown_classes(sections)
    data, trainer = sections.get("data") or {}, sections.get("trainer") or {}
    model = model_document(draft, sections["model"], data)
    model["training"] = training_section(draft, trainer, sections["model"].get("autoencoder") or {})
    _demos(draft, model["training"], data.get("demo") or {})
    draft.set("model_config", model, "was model")
    data_sets(draft, data, model)
    run_settings(draft, trainer, data)
    return draft


def _demos(draft: Draft, training: dict[str, Any], demo: Mapping[str, Any]) -> None:
    if demo.get("max_demos"):
        training["demo"] = {"max_demos": demo["max_demos"]}
    if demo.get("every_n_epochs"):
        draft.drop("data.demo.every_n_epochs", demo["every_n_epochs"], "see `demo_every`, in steps")


def _refuse_unknown_classes(sections: Mapping[str, Any]) -> None:
    """Every class that is named anywhere is known; nothing is imported to find out."""
    for pointer, part in _classes(sections, ""):
        name = str(part["_target_"])
        if name not in TARGETS and not known_class(name):
            target(part, pointer)


def _classes(node: Any, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(node, Mapping):
        if "_target_" in node:
            yield pointer, node
        for key, value in node.items():
            yield from _classes(value, join(pointer, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _classes(value, join(pointer, index))
