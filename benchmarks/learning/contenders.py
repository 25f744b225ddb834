"""What trains: our trainer, and the reference's where it is installed. Both start from the same weights."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Protocol

import torch
from lightning_fabric import Fabric
from torch import Tensor

from narrows.models import create_model_from_config
from narrows.models.checkpoints.names import from_file, to_file
from narrows.training import create_training_wrapper_from_config
from narrows.training.modes import evaluation_mode


class Contender(Protocol):
    """A model and its trainer."""

    def batches(self, step: int) -> int:
        """How many batches a step takes."""

    def step(self, batches: list[Tensor], step: int) -> float:
        """One update with batches `(B, C, T)`; the loss."""

    def evaluated(self) -> Any:
        """A context with the model to measure, in evaluation mode."""


class Narrows:
    """Our trainer.

    Args:
        config: model file.
        seed: of the first weights and of what is drawn while training.
    """

    def __init__(self, config: dict[str, Any], seed: int) -> None:
        torch.manual_seed(seed)
        model = create_model_from_config(copy.deepcopy(config)).train().requires_grad_(True)
        self.seed = seed
        self.training: Any = create_training_wrapper_from_config(copy.deepcopy(config), model)
        self.training.setup(Fabric(accelerator="cpu", devices=1))
        self.training.train()

    def batches(self, step: int) -> int:
        return int(self.training.batches_at(step))

    def step(self, batches: list[Tensor], step: int) -> float:
        torch.manual_seed(draws_of(self.seed, step))
        result = self.training.step([(audio, [{} for _ in audio]) for audio in batches], step)
        return float(result.values["loss"])

    @contextmanager
    def evaluated(self) -> Iterator[Any]:
        with self.training.evaluated() as model:
            yield model


class Reference:
    """stable-audio-tools' Lightning module, driven by hand; its weights are measured in a model of ours.

    Args:
        config: model file, as the reference understands it.
        seed: as for `Narrows`.
    """

    def __init__(self, config: dict[str, Any], seed: int) -> None:
        from against.training import reference_wrapper
        from stable_audio_tools.models.factory import create_model_from_config as create_reference

        torch.manual_seed(seed)
        self.seed, self.judge = seed, create_model_from_config(copy.deepcopy(config))
        model, average = (create_reference(copy.deepcopy(config)) for _ in range(2))
        state = to_file(self.judge.state_dict())
        for made in (model, average):
            _take(made, state)
        self.wrapper = reference_wrapper(config, model, average, "cpu")

    def batches(self, step: int) -> int:
        return 1

    def step(self, batches: list[Tensor], step: int) -> float:
        torch.manual_seed(draws_of(self.seed, step))
        self.wrapper.count = step
        return float(self.wrapper.training_step((batches[0], [{}]), step))

    @contextmanager
    def evaluated(self) -> Iterator[Any]:
        average = self.wrapper.autoencoder_ema
        state = from_file((self.wrapper.autoencoder if average is None else average.ema_model).state_dict())
        _take(self.judge, state)
        with torch.no_grad(), evaluation_mode(self.judge):
            yield self.judge


def _take(model: Any, state: dict[str, Tensor]) -> None:
    """Load the weights of the other side; all that are trained must be there, windows of transforms need not."""
    if missing := sorted(name for name, _ in model.named_parameters() if name not in state):
        raise ValueError(f"The other side has no {', '.join(missing)}")
    model.load_state_dict({name: state.get(name, value) for name, value in model.state_dict().items()})


def reference_is_installed() -> bool:
    """Whether the reference's trainer can be compared with."""
    return find_spec("stable_audio_tools") is not None


def draws_of(seed: int, step: int) -> int:
    """Seed of what a step draws."""
    return 1_000_003 * (seed + 1) + step
