"""What an experiment may compute in `${...}`: numbers, folders of packages, and options of models that exist."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from math import prod
from pathlib import Path
from typing import Any

from narrows.cli.main import UserError
from narrows.configs import read_document

OPEN = "???"
"""What OmegaConf takes for a value that is still to be given."""


def register_resolvers(texts: Mapping[str, str]) -> None:
    """Make the functions of this module known to OmegaConf.

    | interpolation | value |
    |---|---|
    | `${mul:A,B,...}` | the product |
    | `${same:A,B}` | whether two values are the same |
    | `${package_folder:PACKAGE,FOLDER}` | a folder that ships in a package |
    | `${of_model:FOLDER,OPTION}` | an option of the file in a model folder; open where that is null |

    Args:
        texts: what the command line said, by the word that stands for it while an experiment is composed.
    """
    from omegaconf import OmegaConf

    def option_of_model(folder: str | None, option: str) -> Any:
        return OPEN if folder is None else of_model(Path(texts.get(folder, folder)), option)

    def product(*factors: Any) -> Any:
        return OPEN if OPEN in factors else prod(factors)

    OmegaConf.register_new_resolver("mul", product, replace=True)
    OmegaConf.register_new_resolver("same", lambda one, other: one == other, replace=True)
    OmegaConf.register_new_resolver("package_folder", package_folder, replace=True)
    OmegaConf.register_new_resolver("of_model", option_of_model, replace=True)


def package_folder(package: str, folder: str) -> str:
    """A folder that ships in a package."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise UserError(f"The package {package} is not installed")
    return str(Path(spec.submodule_search_locations[0]) / folder)


def of_model(folder: Path, option: str) -> Any:
    """An option of the model file in a model folder, so that a model on top of another one follows it.

    Args:
        folder: as `save_model` writes it, relative to the working directory.
        option: its place in the file, with dots.

    Raises:
        UserError: there is no such folder, or no such option in it.
    """
    file = folder / "model_config.json"
    if not file.is_file():
        raise UserError(f"{folder} is no model folder: it has no model_config.json")
    value: Any = read_document(file).data
    for key in option.split("."):
        if not isinstance(value, dict) or key not in value:
            raise UserError(f"{file} does not say {option}")
        value = value[key]
    return value
