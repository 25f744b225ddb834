"""Words of the command line: `KEY=VALUE`, with short names for keys.

Where the schema says that an option is text, such as a path, what stands behind the first `=` is the value, character
for character; only a `~` in front is expanded, as a shell does not do it there. All other values have Hydra's grammar:
numbers, `true`, `null`, `[1,2]`, `{a: 1}`, `${other.option}`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from narrows.cli.main import UserError

CONF = Path(__file__).parent / "conf"
"""The shipped groups: `model`, `model/bottleneck`, `data`, `training`."""

SHORT_NAMES = {
    "model": "model_config.model",
    "training": "model_config.training",
    "data": "dataset_config",
    "sample_rate": "model_config.sample_rate",
    "sample_size": "model_config.sample_size",
    "audio_channels": "model_config.audio_channels",
}
"""First word of an override, and where it stands in the experiment."""

PACKAGES = {"model/bottleneck": "model_config.model"}
"""Where the files of a group inside a group stand in the experiment."""

_OVERRIDE = re.compile(r"(?P<sign>~|\+\+?)?(?P<key>[^=]+)(?:=(?P<value>.*))?\Z", re.DOTALL)


class Choice(NamedTuple):
    """An override that is left to Hydra: a group's file, or an option to take out."""

    word: str
    """As typed."""
    hydra: str
    """In Hydra's own words."""


class Setting(NamedTuple):
    """An override that sets an option."""

    word: str
    """As typed."""
    key: str
    """Place in the experiment, short names written out, e.g. `dataset_config.path`."""
    value: Any
    """What it is set to."""
    is_text: bool
    """Whether the value is text as it stands: no interpolation is looked for in it."""


def parse(override: str, chosen: Collection[str], kind: str | None = None) -> Choice | Setting:
    """What an override asks for.

    Args:
        override: as the user typed it.
        chosen: groups that the primary file chooses from already; others are added, not replaced.
        kind: of the experiment, e.g. `pre_encode`; None for one that is not known. A short name that is an option of
            this experiment means that option.

    Raises:
        UserError: it cannot be understood.
    """
    match = _OVERRIDE.match(override)
    if match is None:
        raise UserError(f"Cannot understand {override!r}: write KEY=VALUE, for example batch_size=8.")
    sign, key, value = match["sign"] or "", match["key"], match["value"]
    group = key.replace(".", "/")
    if value and _is_name(value) and (CONF / group / f"{value}.yaml").is_file():
        package = f"@{PACKAGES[group]}" if group in PACKAGES else ""
        sign = sign if sign == "~" else "" if group in chosen else "+"
        return Choice(override, f"{sign}{group}{package}={value}")
    if (CONF / group).is_dir() and not (value or "").startswith("{"):
        names = ", ".join(sorted(path.stem for path in (CONF / group).glob("*.yaml")))
        raise UserError(f"Unknown {key}: {value or ''}. Known: {names}.")
    first, dot, rest = key.partition(".")
    if first in SHORT_NAMES and not _is_option(kind, first):
        key = f"{SHORT_NAMES[first]}{dot}{rest}"
    if sign == "~":
        return Choice(override, f"~{key}" if value is None else f"~{key}={value}")
    if value is None:
        raise UserError(f"Cannot understand {override!r}: write KEY=VALUE, for example batch_size=8.")
    return _setting(override, key, value)


def _is_option(kind: str | None, key: str) -> bool:
    from narrows.configs.option_types import is_option

    return kind is not None and is_option("experiment", kind, key)


def _is_name(value: str) -> bool:
    return re.fullmatch(r"[\w.-]+", value) is not None


def _setting(word: str, key: str, value: str) -> Setting:
    from narrows.configs.option_types import NULL, OBJECT, TEXT, option_types

    types = option_types("experiment", tuple(key.split(".")))
    if TEXT in types and types <= {TEXT, NULL, OBJECT} and not (OBJECT in types and value.startswith("{")):
        if NULL in types and value == "null":
            return Setting(word, key, None, False)
        return Setting(word, key, with_home(value), True)
    try:
        return Setting(word, key, _by_hydras_grammar(value), False)
    except UserError:
        if types:
            raise
        return Setting(word, key, value, True)  # there is no such option: validation says so, and what was meant


def _by_hydras_grammar(value: str) -> Any:
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        parsed = OverridesParser.create().parse_override(f"++key={value}")
    except HydraException as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"Cannot compose the experiment: {value!r} is not a value ({reason}).") from error
    if parsed.is_sweep_override():
        raise UserError(f"Cannot compose the experiment: {value!r} is several values; write a list as [{value}].")
    return parsed.value()


def with_home(text: str) -> str:
    """A text with `~` or `~name` in front expanded, where there is such a user."""
    if not text.startswith("~"):
        return text
    try:
        return str(Path(text).expanduser()) if "/" in text or text == "~" else text
    except RuntimeError:  # no such user: a file may be called so
        return text
