"""One experiment from the shipped Hydra groups or the user's file, with overrides from the command line.

The grammar of overrides is Hydra's, with a few short names, all in `SHORT_NAMES`: `model.latent_dim=16` means
`model_config.model.latent_dim=16`, and `model.bottleneck=fsq` picks the group file `conf/model/bottleneck/fsq.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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

_OVERRIDE = re.compile(r"(?P<sign>~|\+\+?)?(?P<key>[^=]+)(?P<value>=.*)?\Z", re.DOTALL)


def compose(config: Path | None, overrides: Sequence[str]) -> dict[str, Any]:
    """Compose an experiment.

    Args:
        config: the user's file, which may name shipped groups in a `defaults` list; None for the shipped experiment.
        overrides: in the grammar above.

    Returns:
        A plain document, with interpolations resolved, not validated yet.

    Raises:
        UserError: an override or the file cannot be understood.
    """
    from hydra import compose as hydra_compose
    from omegaconf import OmegaConf

    with composing(config, overrides) as (name, words):
        composed = hydra_compose(name, overrides=words)
        document = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
    assert isinstance(document, dict)
    return {str(key): value for key, value in document.items()}


@contextmanager
def composing(config: Path | None, overrides: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Hydra, set up for the experiment: the name of its primary file, and the overrides in Hydra's own words.

    Args:
        config: as for `compose`.
        overrides: as for `compose`.

    Raises:
        UserError: what is done inside fails because of a file or an override.
    """
    from hydra import initialize_config_dir
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    _register_resolvers()
    path = (config or CONF / "train.yaml").resolve()
    if not path.is_file():
        raise UserError(f"No such file: {config}")
    groups = _groups_of(path)
    words = [f"hydra.searchpath=[file://{CONF}]", *(expand(word, groups) for word in overrides)]
    try:
        with initialize_config_dir(str(path.parent), version_base="1.3"):
            yield path.stem, words
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(f"Cannot compose the experiment: {error}") from error


def expand(override: str, chosen: set[str]) -> str:
    """An override with its short names written out.

    Args:
        override: as the user typed it.
        chosen: groups that the primary file already chooses from; others are added, not replaced.
    """
    match = _OVERRIDE.match(override)
    if match is None:
        raise UserError(f"Cannot understand {override!r}: write KEY=VALUE, for example batch_size=8.")
    sign, key, value = match["sign"] or "", match["key"], match["value"] or ""
    group = key.replace(".", "/")
    if (CONF / group / f"{value[1:]}.yaml").is_file():
        package = f"@{PACKAGES[group]}" if group in PACKAGES else ""
        return f"{sign or ('' if group in chosen else '+')}{group}{package}{value}"
    first, dot, rest = key.partition(".")
    if (CONF / group).is_dir() and not value.startswith("={"):
        names = ", ".join(sorted(p.stem for p in (CONF / group).glob("*.yaml")))
        raise UserError(f"Unknown {key}: {value[1:]}. Known: {names}.")
    if first in SHORT_NAMES:
        key = f"{SHORT_NAMES[first]}{dot}{rest}"
    # `++` sets a value whether or not the composed files mention it; the schema says which keys exist.
    return f"{sign or '++'}{key}{value}"


def _groups_of(path: Path) -> set[str]:
    """Groups that a file's `defaults` list, or that of a group file it names, chooses from."""
    import yaml

    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    groups: set[str] = set()
    for entry in content.get("defaults", []) if isinstance(content, dict) else []:
        if isinstance(entry, dict):
            for group, name in entry.items():
                folder = str(group).removeprefix("override ").partition("@")[0].strip("/ ")
                groups.add(folder)
                nested = CONF / folder / f"{name}.yaml"
                if nested.is_file():
                    groups |= {f"{folder}/{inner}" for inner in _groups_of(nested)}
    return groups


def _register_resolvers() -> None:
    """`mul` for numbers that follow from others, and `package_folder` for data that ships in a package."""
    from importlib.util import find_spec
    from math import prod

    from omegaconf import OmegaConf

    def package_folder(package: str, folder: str) -> str:
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise UserError(f"The package {package} is not installed")
        return str(Path(spec.submodule_search_locations[0]) / folder)

    OmegaConf.register_new_resolver("mul", lambda *factors: prod(factors), replace=True)
    OmegaConf.register_new_resolver("package_folder", package_folder, replace=True)
