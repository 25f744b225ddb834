"""Putting a model folder on a hub, with its card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from narrows.models.card import CARD, DESCRIPTION, description, facts_of, is_users, model_card
from narrows.models.hub import HubError, address_of, asked, huggingface_hub_module
from narrows.models.saving import load_model


def publish(
    folder: str | Path, address: str, *, private: bool = False, figures: Mapping[str, float] | None = None
) -> str:
    """Put a model folder on a hub, in one commit; the repository is made where there is none.

    The card and the `config.json` are those of the folder where the user has written them, new ones otherwise.

    Args:
        folder: of `save_model`.
        address: `hf://owner/name`, with a branch behind `@` where it is not the main one.
        private: make a new repository private.
        figures: measured values for the card.

    Returns:
        The address of the commit.

    Raises:
        HubError: the folder is no model folder, or the hub refuses it.
    """
    folder, to = Path(folder), address_of(address)
    if to is None:
        raise HubError(f"{address} is no address of a model: write hf://owner/name")
    if not (folder / "model_config.json").is_file():
        raise HubError(f"{folder} is no model folder: write one with narrows convert {folder} -o FOLDER")
    hub = huggingface_hub_module()
    contents: dict[str, Any] = {name: folder / name for name in ("model_config.json", "model.safetensors")}
    contents |= _papers(folder, to.repository.partition("/")[2], figures)
    files = [hub.CommitOperationAdd(name, content) for name, content in contents.items()]

    def send() -> Any:
        api = hub.HfApi()
        api.create_repo(to.repository, private=private, exist_ok=True)
        message = "Upload a model with narrows"
        return api.create_commit(to.repository, files, commit_message=message, revision=to.revision)

    return str(asked(str(to), send).commit_url)


def _papers(folder: Path, title: str, figures: Mapping[str, float] | None) -> dict[str, Any]:
    """What goes with a model: the user's files by path, ours as text."""
    papers: dict[str, Any] = {path.name: path for path in sorted(folder.glob("LICEN[CS]E*")) if path.is_file()}
    facts = facts_of(load_model(folder))
    ours = {CARD: model_card(title, facts, figures), DESCRIPTION: json.dumps(description(facts), indent=2) + "\n"}
    return papers | {name: folder / name if is_users(folder / name) else text.encode() for name, text in ours.items()}
