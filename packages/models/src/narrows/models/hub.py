"""Models on a hub of Hugging Face's kind: `hf://owner/name[@revision]`, through huggingface_hub (extra `hub`).

Files come into the cache of that library, and from there when there is no network. `HF_ENDPOINT`, `HF_HOME` and
`HF_TOKEN` mean what they mean to it. Nothing of it is imported before an address is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, TypeVar

from narrows.configs import NarrowsError
from narrows.configs.copies import local_copy

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
    """The local file or folder of a model: a path as it is, an address after its files were fetched.

    `hf://owner/name` is a model of a hub; every other address (`s3://`, `gs://`) is an object, or what is below it.

    Raises:
        HubError: the model is not there, or cannot be fetched.
        StorageError: the object is not there, or cannot be read.
    """
    if not str(path).startswith("hf:/"):
        return local_copy(path)
    address = address_of(path)
    if address is None:
        return Path(path)
    hub = huggingface_hub_module()

    def fetch(*patterns: str) -> Path:
        repository, revision = address
        call = lambda: hub.snapshot_download(repository, revision=revision, allow_patterns=list(patterns))  # noqa: E731
        return Path(asked(str(address), call))

    folder = fetch(*KINDS)
    kind = next((name for name in KINDS if (folder / name).is_file()), None)
    if kind is None:
        raise HubError(f"{address} holds no model: {', '.join(KINDS)} are looked for")
    return fetch(*KINDS, *FILES[kind])


def asked(address: str, call: Callable[[], Result]) -> Result:
    """What a call of huggingface_hub gives; its errors as one of ours that names the address."""
    try:
        return call()
    except Exception as error:  # the library has errors of its own and of its HTTP client
        reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise HubError(f"{address}: {type(error).__name__}: {reason}") from error


def huggingface_hub_module() -> ModuleType:
    """The library, imported when an address is first used."""
    try:
        import huggingface_hub
    except ImportError as error:
        raise HubError("Addresses hf://owner/name need huggingface_hub: install narrows[hub]") from error
    module: ModuleType = huggingface_hub
    return module
