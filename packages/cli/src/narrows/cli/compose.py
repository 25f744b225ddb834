"""One experiment from the shipped Hydra groups or the user's file, with overrides from the command line.

`model.latent_dim=16` means `model_config.model.latent_dim=16`, and `model.bottleneck=fsq` picks the group file
`conf/model/bottleneck/fsq.yaml`; `overrides.py` has the whole grammar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from narrows.cli.interpolations import OPEN, register_resolvers
from narrows.cli.main import UserError
from narrows.cli.overrides import CONF, Choice, Setting, parse
from narrows.configs import read_document
from narrows.configs._documents import Document, join
from narrows.configs.experiments import FILE_OPTIONS, JoinedDocument, Place, named_document

__all__ = ["CONF", "Composition", "compose"]


def compose(config: Path | None, overrides: Sequence[str]) -> dict[str, Any]:
    """Compose an experiment.

    Args:
        config: the user's file, which may name shipped groups in a `defaults` list; None for the shipped experiment.
        overrides: in the grammar of `overrides.py`.

    Returns:
        A plain document, with interpolations resolved and named files read in, not validated yet.

    Raises:
        NarrowsError: an override or a file cannot be understood.
    """
    data: dict[str, Any] = Composition(config, overrides).document.data
    return data


class Composition:
    """An experiment as it is composed, and where its values come from.

    Args:
        config: as for `compose`.
        overrides: as for `compose`.
    """

    def __init__(self, config: Path | None, overrides: Sequence[str] = ()) -> None:
        from narrows.cli.config_source import Reading

        if config is not None and not config.is_file():
            raise UserError(f"{'Is a folder, not a file' if config.is_dir() else 'No such file'}: {config}")
        self.primary = config or CONF / "train.yaml"
        self._reading = Reading(self.primary, (self.primary.parent, CONF))
        chosen = _groups_of(self.primary)
        kind = _kind_of(self.primary)
        self._parsed = [parse(word, chosen, kind) for word in overrides]

    @cached_property
    def document(self) -> Document:
        """The composed document; problems are placed in the file, or at the override, that a value comes from."""
        from omegaconf import OmegaConf
        from omegaconf.errors import OmegaConfBaseException

        texts: dict[str, str] = {}
        register_resolvers(texts)
        composed = self._compose(self._reading)
        try:
            for override in self._settings:
                _set(composed, override, _value(override, texts))
            data = OmegaConf.to_container(composed, resolve=True)
        except OmegaConfBaseException as error:
            raise UserError(f"Cannot compose the experiment: {_first_line(error)}") from error
        left_open: set[str] = set()
        data = _without_open(data, "", left_open)
        return JoinedDocument(
            _with_texts(data, texts), str(self.primary), find=self.find, left_open=frozenset(left_open)
        )

    def find(self, pointer: str) -> Place:
        """Where a value, or the nearest object around it, comes from."""
        return self._walk(pointer)[0]

    def origin(self, pointer: str) -> Place | None:
        """Where a value comes from; None for a default, which no file and no override mentions."""
        place, is_value = self._walk(pointer)
        return place if is_value else None

    def _walk(self, pointer: str) -> tuple[Place, bool]:
        from narrows.cli.config_source import HERE

        node, here = self._places, None
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict):
                here = node.get(HERE, here)
                if key not in node:
                    return self._numbered(here), False
                node = node[key]
            elif isinstance(node, list):
                if not (key.isdigit() and int(key) < len(node)):
                    return self._numbered(here), False
                node = node[int(key)]
        if isinstance(node, int):
            return self._numbered(node), True
        return self._numbered(node.get(HERE, here) if isinstance(node, dict) else here), False

    def _numbered(self, number: int | None) -> Place:
        assert self._placing.places is not None
        return Place(str(self.primary)) if number is None else self._placing.places[number]

    @cached_property
    def _placing(self) -> Any:
        return replace(self._reading, places=[])

    @cached_property
    def _places(self) -> Any:
        """The experiment composed a second time, of places in place of values."""
        from omegaconf import OmegaConf

        from narrows.cli.config_source import places_of

        composed = self._compose(self._placing)
        for override in self._settings:
            named = _named_file(override)
            if named is None:
                place = Place(f"command line: {override.word}")
                marks = places_of(override.value, lambda _, place=place: self._placing.mark(place))
            else:
                marks = places_of(
                    named.data, lambda at, named=named: self._placing.mark(Place(named.source, *named.locate(at)))
                )
            _set(composed, override, marks)
        return OmegaConf.to_container(composed)

    @property
    def _settings(self) -> list[Setting]:
        return [override for override in self._parsed if isinstance(override, Setting)]

    def _compose(self, reading: Any) -> Any:
        """Files and groups, by Hydra; options that are set come later."""
        from hydra import compose as hydra_compose
        from hydra import initialize
        from hydra.errors import HydraException
        from omegaconf import OmegaConf
        from omegaconf.errors import OmegaConfBaseException

        from narrows.cli.config_source import CURRENT, PRIMARY, use_config_source

        use_config_source()
        words = [override.hydra for override in self._parsed if isinstance(override, Choice)]
        token = CURRENT.set(reading)
        try:
            with initialize(None, version_base="1.3"):
                composed = hydra_compose(PRIMARY, overrides=words)
        except (HydraException, OmegaConfBaseException) as error:
            raise UserError(f"Cannot compose the experiment: {_first_line(error)}") from error
        finally:
            CURRENT.reset(token)
        OmegaConf.set_struct(composed, False)
        return composed


def _first_line(error: Exception) -> str:
    from narrows.cli.config_source import PRIMARY

    return next(iter(str(error).replace(f"'{PRIMARY}'", "the file").splitlines()), type(error).__name__)


def _set(composed: Any, override: Setting, value: Any) -> None:
    from omegaconf import OmegaConf

    if override.key in FILE_OPTIONS:
        composed[override.key] = value
    else:
        OmegaConf.update(composed, override.key, value, merge=True, force_add=True)


def _value(override: Setting, texts: dict[str, str]) -> Any:
    """The value to set; for text a word that stands for it, since OmegaConf looks for interpolations in texts."""
    named = _named_file(override)
    if named is not None:
        return named.data
    if not override.is_text:
        return override.value
    mark = f"\0{len(texts)}\0"
    texts[mark] = override.value
    return mark


def _named_file(override: Setting) -> Document | None:
    """The document of a file that an override names, relative to the working directory."""
    if override.key not in FILE_OPTIONS or not isinstance(override.value, str):
        return None
    return named_document(Document({override.key: override.value}), override.key)


def _without_open(value: Any, pointer: str, left_open: set[str]) -> Any:
    """A value without the options that nobody gave; `left_open` takes their pointers."""
    if not isinstance(value, dict):
        return value
    left_open.update(join(pointer, str(key)) for key, item in value.items() if item == OPEN)
    given = {key: item for key, item in value.items() if item != OPEN}
    return {key: _without_open(item, join(pointer, str(key)), left_open) for key, item in given.items()}


def _with_texts(value: Any, texts: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {str(key): _with_texts(item, texts) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_texts(item, texts) for item in value]
    if isinstance(value, str) and "\0" in value:
        for mark, text in texts.items():  # also inside another text, which an interpolation joined
            value = value.replace(mark, text)
    return value


def _groups_of(path: Path) -> set[str]:
    """Groups that a file's `defaults` list, or that of a file it names, chooses from."""
    groups: set[str] = set()
    for folder, name in _defaults_of(path):
        groups |= {folder} - {""}
        if (nested := _named(path, folder, name)) is not None:
            groups |= {f"{folder}/{inner}".lstrip("/") for inner in _groups_of(nested)}
    return groups


def _kind_of(path: Path) -> str | None:
    """Which experiment a file is: what it says, or else a file that its `defaults` begin with."""
    content = read_document(path).data
    own = content.get("experiment") if isinstance(content, dict) else None
    if isinstance(own, str):
        return own
    nested = [_named(path, folder, name) for folder, name in _defaults_of(path) if not folder]
    return next((kind for file in nested if file is not None and (kind := _kind_of(file)) is not None), None)


def _defaults_of(path: Path) -> Iterator[tuple[str, Any]]:
    """Group, empty for none, and file of every entry of the `defaults` list."""
    content = read_document(path).data
    defaults = content.get("defaults") if isinstance(content, dict) else None
    for entry in defaults if isinstance(defaults, list) else []:
        for group, name in entry.items() if isinstance(entry, dict) else [("", entry)]:
            folder = str(group).removeprefix("override ").removeprefix("optional ").partition("@")[0].strip("/ ")
            yield folder, name


def _named(path: Path, folder: str, name: Any) -> Path | None:
    """The file that an entry of `defaults` names: beside the file itself, or a shipped one."""
    found = [root / folder / f"{name}.yaml" for root in (path.parent, CONF)]
    return next((file for file in found if file.is_file() and file != path), None)
