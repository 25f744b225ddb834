"""How Hydra reads configuration files: with the reader of all other commands, and the file that was named.

Hydra's own source knows files by their names without ending and reads them with other rules for numbers. This one is a
plugin by Hydra's public interface. It can also give, in place of each value, the number of the place it stands at:
composed in the same way, that tells where the values of an experiment come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.object_type import ObjectType
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigLoadError, ConfigResult, ConfigSource
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import OmegaConf

from narrows.configs import Problem, read_document
from narrows.configs.errors import config_error
from narrows.configs.experiments import FILE_OPTIONS, Place, named_document

PRIMARY = "__primary__"
"""Name under which the file that was named on the command line is known."""
HERE = "\0here"
"""Key of an object's own place, where places stand for values."""
SCHEME = "narrows"
ENDINGS = (".yaml", ".yml", ".json")


@dataclass
class Reading:
    """One composition: which file it starts from, and in which folders it looks for others."""

    primary: Path
    folders: tuple[Path, ...]
    places: list[Place] | None = None
    """Filled where places are wanted in place of values."""
    documents: dict[Path, Any] = field(default_factory=dict)
    """What was read, so that a second composition reads nothing again."""

    def mark(self, place: Place) -> int:
        """The number that stands for a place."""
        assert self.places is not None
        self.places.append(place)
        return len(self.places) - 1

    def content(self, path: Path) -> Any:
        """A file's content with the files it names read in, or its places."""
        if path not in self.documents:
            document = read_document(path)
            if document.text.strip() == "" or document.data is None:
                document.data = {} if path != self.primary else None
            if not isinstance(document.data, dict):
                raise config_error([document.place(Problem("", "A configuration is an object.", document.data))])
            named = {key: named_document(document, key) for key in FILE_OPTIONS if _names_file(document.data.get(key))}
            self.documents[path] = document, named
        document, named = self.documents[path]
        if self.places is None:
            return {**document.data, **{key: part.data for key, part in named.items()}}
        return {**self._places(document), **{key: self._places(part) for key, part in named.items()}}

    def _places(self, document: Any) -> dict[str, Any]:
        def marked(pointer: str) -> int:
            return self.mark(Place(document.source, *document.locate(pointer)))

        kept = {"defaults": document.data["defaults"]} if "defaults" in document.data else {}
        rest = {key: value for key, value in document.data.items() if key != "defaults"}
        return {**places_of(rest, marked), **kept}


def _names_file(value: Any) -> bool:
    return isinstance(value, str) and "${" not in value


def places_of(value: Any, mark: Any, pointer: str = "") -> Any:
    """A value with a number for the place of each part that is given as one.

    Args:
        value: of a document.
        mark: gives the number for a pointer.
        pointer: of the value.
    """
    from narrows.configs._documents import join

    if isinstance(value, Mapping):
        inner = {key: places_of(item, mark, join(pointer, key)) for key, item in value.items()}
        return {HERE: mark(pointer), **inner}
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return [places_of(item, mark, join(pointer, index)) for index, item in enumerate(value)]
    return mark(pointer)


CURRENT: ContextVar[Reading] = ContextVar("current")


class NarrowsConfigSource(ConfigSource):
    """Files of one folder of the current composition; `narrows://0` is the first."""

    @staticmethod
    def scheme() -> str:
        """Start of its addresses."""
        return SCHEME

    @property
    def _reading(self) -> Reading:
        return CURRENT.get()

    @property
    def _folder(self) -> Path:
        return self._reading.folders[int(self.path)]

    def _file(self, config_path: str) -> Path | None:
        if config_path.removesuffix(".yaml") == PRIMARY:
            return self._reading.primary if self.path == "0" else None
        exact = [self._folder / config_path] if config_path.endswith(ENDINGS) else []
        candidates = [*exact, *(self._folder / f"{config_path}{ending}" for ending in ENDINGS)]
        return next((path for path in candidates if path.is_file()), None)

    def load_config(self, config_path: str) -> ConfigResult:
        """Read a file."""
        path = self._file(config_path)
        if path is None:
            raise ConfigLoadError(f"Config not found: {config_path}")
        content = OmegaConf.create(self._reading.content(path))
        header = self._get_header_dict(self._reading.documents[path][0].text)
        return ConfigResult(config=content, path=self.full_path(), provider=self.provider, header=header)

    def available(self) -> bool:
        """Whether the folder is there."""
        return self._folder.is_dir()

    def is_group(self, config_path: str) -> bool:
        """Whether a folder of that name is there."""
        return (self._folder / config_path).is_dir()

    def is_config(self, config_path: str) -> bool:
        """Whether a file of that name is there."""
        return self._file(config_path) is not None

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        """Names of the groups and files in a folder."""
        found: list[str] = []
        folder = self._folder / config_path
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            if path.is_dir() and results_filter in (None, ObjectType.GROUP):
                found.append(path.name)
            if path.suffix in ENDINGS and results_filter in (None, ObjectType.CONFIG):
                found.append(path.stem)
        return sorted(set(found))


class NarrowsSearchPath(SearchPathPlugin):
    """Puts the folders of the current composition before all others."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Add the folders, the user's first."""
        reading = CURRENT.get(None)
        for number in reversed(range(len(reading.folders) if reading else 0)):
            search_path.prepend(SCHEME, f"{SCHEME}://{number}")


def use_config_source() -> None:
    """Make Hydra know the source."""
    plugins = Plugins.instance()
    if NarrowsConfigSource not in plugins.discover(ConfigSource):
        plugins.register(NarrowsConfigSource)
        plugins.register(NarrowsSearchPath)
