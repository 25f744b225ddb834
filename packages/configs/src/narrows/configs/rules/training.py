"""Rules of training sections, of whatever model type: what the optimizer is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from narrows.configs.errors import Problem
from narrows.configs.rules import rule, warning

if TYPE_CHECKING:
    from narrows.configs._generated.training.autoencoder import AutoencoderTrainingConfig
    from narrows.configs._generated.training.diffusion_cond import DiffusionCondTrainingConfig
    from narrows.configs._generated.training.diffusion_uncond import DiffusionUncondTrainingConfig
    from narrows.configs._generated.training.hyperencoder import HyperencoderTrainingConfig
    from narrows.configs._generated.training.lm import LMTrainingConfig
    from narrows.configs._generated.training.spectral_autoencoder import SpectralAutoencoderTrainingConfig


@rule(covers="F-1")
def optimizer_is_given(
    training: AutoencoderTrainingConfig
    | DiffusionCondTrainingConfig
    | DiffusionUncondTrainingConfig
    | HyperencoderTrainingConfig
    | LMTrainingConfig
    | SpectralAutoencoderTrainingConfig,
) -> Iterator[Problem]:
    """`learning_rate` or `optimizer_configs` is given."""
    if training.learning_rate is None and training.optimizer_configs is None:
        message = "'learning_rate' or 'optimizer_configs' is required."
        yield Problem("/learning_rate", message, None, "For example 1e-4.")


@warning(covers="F-2")
def optimizer_is_given_once(
    training: AutoencoderTrainingConfig
    | DiffusionCondTrainingConfig
    | DiffusionUncondTrainingConfig
    | HyperencoderTrainingConfig
    | LMTrainingConfig
    | SpectralAutoencoderTrainingConfig,
) -> Iterator[Problem]:
    """`learning_rate` has no effect beside `optimizer_configs`."""
    if training.learning_rate is not None and training.optimizer_configs is not None:
        message, given = "learning_rate has no effect beside optimizer_configs.", training.learning_rate
        yield Problem("/learning_rate", message, given, "Remove one of them.", related=("/optimizer_configs",))
