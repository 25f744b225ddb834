"""Rules of training: optimizers and schedules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from narrows.configs._errors import Problem
from narrows.configs.rules import rule

if TYPE_CHECKING:
    from narrows.configs._generated.training.autoencoder import AutoencoderTrainingConfig


@rule
def optimizer_is_given(training: AutoencoderTrainingConfig) -> Iterator[Problem]:
    """Either `learning_rate` or `optimizer_configs` is given, not both."""
    rate, optimizers = training.learning_rate, training.optimizer_configs
    if rate is None and optimizers is None:
        yield Problem(
            "/learning_rate", "'learning_rate' or 'optimizer_configs' is required.", None, "For example 1e-4."
        )
    if rate is not None and optimizers is not None:
        yield Problem(
            "/learning_rate",
            "learning_rate has no effect beside optimizer_configs.",
            rate,
            "Remove one of them.",
            related=("/optimizer_configs",),
        )
