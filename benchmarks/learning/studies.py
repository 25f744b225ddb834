"""Studies: what is compared, as files of `studies/`. An arm is a named list of changes to the study's model file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from narrows.cli.compose import compose

FOLDER = Path(__file__).parent


@cache
def _named_changes() -> Mapping[str, list[str]]:
    named: dict[str, list[str]] = yaml.safe_load((FOLDER / "base" / "changes.yaml").read_text(encoding="utf-8"))
    return named


def _spelled_out(changes: list[str]) -> list[str]:
    """Changes with those of `base/changes.yaml` in the place of their names."""
    named = _named_changes()
    if unknown := sorted({word[1:] for word in changes if word.startswith("@")} - named.keys()):
        raise ValueError(f"No changes are named {', '.join(unknown)}; there are {', '.join(named)}")
    return [change for word in changes for change in (named[word[1:]] if word.startswith("@") else [word])]


Changes = Annotated[list[str], AfterValidator(_spelled_out)]
"""Overrides as of `narrows train`, e.g. `training.ema_decay=0.999`, or `@` and the name of several."""


class Arm(BaseModel):
    """One way of training."""

    model_config = ConfigDict(extra="forbid")

    trainer: Literal["narrows", "reference"] = "narrows"
    """`reference` is stable-audio-tools' trainer; the arm is left out where that is not installed."""
    about: str = ""
    changes: Changes = Field(default_factory=list)


class Study(BaseModel):
    """Arms on one model."""

    model_config = ConfigDict(extra="forbid")

    about: str
    base: str
    """Experiment file, relative to `benchmarks/learning/`."""
    plot: Literal["curves", "rates"] = "curves"
    """Figures over the time of training, or distortion over the rate of the codes."""
    checks: int = Field(default=4, ge=1)
    """Measurements of an arm, evenly over its budget."""
    seconds: float = 300.0
    """Processor seconds of training an arm."""
    seeds: list[int] = Field(default=[0, 1, 2], min_length=1)
    common: Changes = Field(default_factory=list)
    """Changes of all arms."""
    arms: dict[str, Arm] = Field(min_length=1)

    def document(self, arm: str, steps: int | None = None) -> dict[str, Any]:
        """The experiment of an arm: its model file, and the size of a batch.

        Args:
            arm: its name.
            steps: what `${steps}` stands for in its changes; None for the number of the base.
        """
        words = [] if steps is None else [f"steps={steps}"]
        composed: dict[str, Any] = compose(FOLDER / self.base, [*self.common, *self.arms[arm].changes, *words])
        return composed

    def follows_steps(self, arm: str) -> bool:
        """Whether an arm has to know how many steps there will be, as a schedule that ends with the training does."""
        return any("${steps}" in change for change in (*self.common, *self.arms[arm].changes))


def studies() -> Sequence[str]:
    """Names of the studies there are."""
    return sorted(path.stem for path in (FOLDER / "studies").glob("*.yaml"))


def load_study(name: str) -> Study:
    """A study by name."""
    data: Mapping[str, Any] = yaml.safe_load((FOLDER / "studies" / f"{name}.yaml").read_text(encoding="utf-8"))
    return Study.model_validate(data)
