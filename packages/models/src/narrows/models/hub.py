"""Models on a hub of Hugging Face's kind: `hf://owner/name[@revision]`, through huggingface_hub (extra `hub`).

Files come into the cache of that library, and from there when there is no network. `HF_ENDPOINT`, `HF_HOME` and
`HF_TOKEN` mean what they mean to it. Nothing of it is imported before an address is used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

from narrows.configs import NarrowsError
from narrows.models.card import CARD, DESCRIPTION, description, facts_of, is_users, model_card

ADDRESS = re.compile(r"hf:/{1,2}(?P<repository>[^/@]+/[^/@]+)(@(?P<revision>.+))?")
"""With one slash too: a path has no empty parts."""
KINDS = ("model_config.json", "model_index.json", "config.json")
"""Files that tell what a repository holds, the first one first."""
WEIGHTS = ("model.safetensors", "model-*.safetensors", "model.safetensors.index.json", "diffusion_pytorch_model*")
FILES = {
    "model_config.json": ("README.md", *WEIGHTS),
    "model_index.json": tuple(
        f"{part}/*" for part in ("vae", "transformer", "projection_model", "text_encoder", "tokenizer")
    ),
    "config.json": WEIGHTS,
}
"""What else to fetch of each."""
Result = TypeVar("Result")


class HubError(NarrowsError, RuntimeError):
    """An address that is not one, a model that is not there, or huggingface_hub that is not installed."""


class Address(NamedTuple):
    """A repository of models on a hub."""

    repository: str
    """`owner/name`"""
    revision: str | None = None
    """Branch, tag or commit; None for the main branch."""

    def __str__(self) -> str:
        """As a user writes it."""
        return f"hf://{self.repository}" + (f"@{self.revision}" if self.revision else "")


def address_of(path: str | Path) -> Address | None:
    """The address that a path is; None for a path in the file system.

    Raises:
        HubError: it begins like an address and is none.
    """
    text = str(path)
    if not text.startswith("hf:/"):
        return None
    found = ADDRESS.fullmatch(text)
    if found is None:
        raise HubError(f"{text} is no address of a model: write hf://owner/name or hf://owner/name@revision")
    return Address(found["repository"], found["revision"])


def local_model(path: str | Path) -> Path:
    """The local folder of a model: a path as it is, an address after its files were fetched.

    Raises:
        HubError: the model is not there, or cannot be fetched.
    """
    address = address_of(path)
    if address is None:
        return Path(path)
    hub = _huggingface_hub()

    def fetch(*patterns: str) -> Path:
        repository, revision = address
        call = lambda: hub.snapshot_download(repository, revision=revision, allow_patterns=list(patterns))  # noqa: E731
        return Path(_asked(str(address), call))

    folder = fetch(*KINDS)
    kind = next((name for name in KINDS if (folder / name).is_file()), None)
    if kind is None:
        raise HubError(f"{address} holds no model: {', '.join(KINDS)} are looked for")
    return fetch(*KINDS, *FILES[kind])


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
    hub = _huggingface_hub()
    contents: dict[str, Any] = {name: folder / name for name in ("model_config.json", "model.safetensors")}
    contents |= _papers(folder, to.repository.partition("/")[2], figures)
    files = [hub.CommitOperationAdd(name, content) for name, content in contents.items()]

    def send() -> Any:
        api = hub.HfApi()
        api.create_repo(to.repository, private=private, exist_ok=True)
        message = "Upload a model with narrows"
        return api.create_commit(to.repository, files, commit_message=message, revision=to.revision)

    return str(_asked(str(to), send).commit_url)


def _papers(folder: Path, title: str, figures: Mapping[str, float] | None) -> dict[str, Any]:
    """What goes with a model: the user's files by path, ours as text."""
    from narrows.models.saving import load_model

    papers: dict[str, Any] = {path.name: path for path in sorted(folder.glob("LICEN[CS]E*")) if path.is_file()}
    facts = facts_of(load_model(folder))
    ours = {CARD: model_card(title, facts, figures), DESCRIPTION: json.dumps(description(facts), indent=2) + "\n"}
    return papers | {name: folder / name if is_users(folder / name) else text.encode() for name, text in ours.items()}


def _asked(address: str, call: Callable[[], Result]) -> Result:
    try:
        return call()
    except Exception as error:  # the library has errors of its own and of its HTTP client
        reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise HubError(f"{address}: {type(error).__name__}: {reason}") from error


def _huggingface_hub() -> ModuleType:
    try:
        import huggingface_hub
    except ImportError as error:
        raise HubError("Addresses hf://owner/name need huggingface_hub: install narrows[hub]") from error
    module: ModuleType = huggingface_hub
    return module
