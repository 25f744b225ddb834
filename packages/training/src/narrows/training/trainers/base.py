"""The abstract base of all trainers: the interface to the training loop.

A trainer defines losses, parameter groups, steps, validation and demos of one kind of model. The loop, checkpoints,
sharding and compilation use only this class.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import singledispatch
from typing import Any, ClassVar, final

import torch
from lightning_fabric import Fabric
from pydantic import BaseModel
from torch import Tensor, nn

from narrows.models import NotAvailableError
from narrows.models.arithmetic import arithmetic_of
from narrows.models.inference import compile_network
from narrows.training.activation_checkpointing import recompute_stages
from narrows.training.adapter_training import AdapterTraining
from narrows.training.data_iterator import Batch
from narrows.training.demos.demo import Demo
from narrows.training.distributed.fabric import device_mesh, is_sharded, sum_over_processes
from narrows.training.distributed.sharding import gathered, reshard, shard
from narrows.training.modes import evaluation_mode
from narrows.training.non_finite import BufferBackup
from narrows.training.optim.ema import EMA
from narrows.training.optim.parameter_groups import ParameterGroup
from narrows.training.optim.post_hoc import PostHocAverages
from narrows.training.short_convolutions import ShortConvolutions, has_large_convolutions
from narrows.training.step_result import Info, StepResult
from narrows.training.throughput import StepMeter, Unit
from narrows.training.weight_recomputation import recompute_weights


class Trainer(ABC):
    """Trains one kind of model.

    A concrete trainer is final. Its constructor builds losses and metrics; `prepare` moves modules to
    their device (`setup_forward`) and fills `groups`.

    Args:
        model: the model.
        config: its model file, with a `training` section.
        ema_decay: largest decay of the average of the weights; None keeps no average.
        adapter: of the model, to be trained in its place; None trains the model.

    Attributes:
        groups: parameter groups by their name in `optimizer_configs`.
        ema: the average of the weights, after `setup`; None without one.
        averages: those from which others are made after the training; None without any.
        frozen: modules that stay in evaluation mode.
        torn: an error came while weights were being updated, so that they are of no step.
        undo: puts back what the step that is being tried has changed, unless that makes the trainer `torn`.
        fabric: of the run, after `setup`.
        samples: clips of an update over all processes; None where all batches have as many.
    """

    main_metric: ClassVar[str]
    """Validation metric that chooses the best checkpoint by default."""

    takes_uneven_shares: bool = True
    """Whether processes may have batches of different sizes."""

    fabric: Fabric

    def __init__(
        self, model: nn.Module, config: Any, ema_decay: float | None, adapter: AdapterTraining | None = None
    ) -> None:
        self.model: Any = model
        self.adapter = adapter
        self.config = config
        self.groups: dict[str, ParameterGroup] = {}
        self.ema: EMA | None = None
        self.averages: PostHocAverages | None = None
        self.frozen: Sequence[nn.Module] = ()
        self.torn = False
        self.undo: Callable[[], None] = nothing_to_undo
        self.samples: int | None = None
        self.arithmetic: AbstractContextManager[Any] = nullcontext()
        self._ema_decay = ema_decay

    # Abstract: every trainer defines these

    @abstractmethod
    def networks(self, model: Any) -> Sequence[nn.Module]:
        """The large trained networks of the model or of its average, which are compiled, recomputed and sharded.

        Each is called through its `forward`.
        """

    @abstractmethod
    def averaged(self, model: Any) -> Sequence[str]:
        """Names of the children of the model whose weights are averaged.

        Others are shared with the average, and saved once. Readers of a checkpoint take a child that has no average
        from the raw weights, and want all of one that has: so these are children, and not parts of them.
        """

    @abstractmethod
    def prepare(self) -> None:
        """Create the forward modules and `groups`, on `fabric`."""

    @abstractmethod
    def update(self, batches: Sequence[Batch], step: int) -> StepResult:
        """Compute losses and gradients of the batches, and update the parameter groups unless something is not finite.

        Args:
            batches: on the device; `batches_at(step)` of them, times those to accumulate.
            step: counted from 0.
        """

    @abstractmethod
    def validate(self, batches: Iterable[Batch]) -> dict[str, float]:
        """Metrics of the model to use, over all batches of all processes.

        Args:
            batches: of the validation data, not on the device yet.
        """

    @abstractmethod
    def demos(self, batch: Batch, options: Any) -> Iterator[Demo]:
        """Demos made by the model to use.

        Args:
            batch: clips `(B, C, T)` and their metadata, from the validation data, or from training without them.
            options: the `demo` section of the model file, in full.
        """

    @abstractmethod
    def describe(self, step: int) -> Iterator[str]:
        """Lines of the plan: losses and trained parts at a step, counted from 0."""

    # Optional

    @property
    def switches(self) -> frozenset[int]:
        """Steps after which something else is trained; the model is validated there."""
        return frozenset()

    @property
    def modules_beside(self) -> Mapping[str, nn.Module]:
        """Trained modules that are no part of the model, by their name in checkpoints."""
        return {}

    def batches_at(self, step: int) -> int:
        """Batches that a step needs, before accumulation."""
        return 1

    @property
    def unit(self) -> Unit:
        """What throughput is counted in beside items."""
        return Unit()

    def work_kind(self, step: int) -> Hashable:
        """Steps of one kind and one shape do the same arithmetic; None where no two do."""
        return sum(switch <= step for switch in self.switches)

    def fit_statistics(self, dataset: Any) -> None:  # noqa: B027  # optional
        """Take from a data set the statistics that the model needs before the first step of a new run."""

    def log_values(self) -> dict[str, float]:
        """Values counted over the steps since the last call, over all processes."""
        return {}

    def state(self) -> dict[str, Any]:
        """Entries that this trainer adds to a checkpoint: tensors and plain values."""
        return {}

    def load_state(self, state: Mapping[str, Any]) -> None:  # noqa: B027  # optional
        """Restore the entries of `state` from a checkpoint."""

    # Final: the same for all trainers

    @final
    def setup(self, fabric: Fabric, compile: bool = False, recompute: bool = False) -> None:
        """Move everything to its device, and create the average and the parameter groups.

        Args:
            fabric: launched.
            compile: compile the networks of the model, block by block where they have blocks.
            recompute: compute the activations of their stages again in the backward pass, to save memory.
        """
        self.fabric = fabric
        self.meter = StepMeter(self.unit, watches=not compile)
        # The average is copied before the model is sharded or converted to 16 bit.
        if self._ema_decay is not None:
            self.ema = EMA(self.model, self._ema_decay, self.averaged(self.model))
        if self.adapter is not None:
            self.adapter.attach(self.model)
        self.prepare()
        if self.ema is not None:
            self._place_average(self.ema)
        if getattr(getattr(self.config, "training", None), "post_hoc_ema", None) is not None:
            self.averages = PostHocAverages(self.model, self.averaged(self.model), self.config.training.post_hoc_ema)
        # In place, so that names of parameters stay as they are.
        for network in self.networks(self.model):
            if recompute:
                recompute_stages(network)
            if compile:
                compile_network(network)
            if not recompute and not compile and not is_sharded(self.fabric):
                recompute_weights(network)
        on_cpu = self.fabric.device.type == "cpu"
        if on_cpu and not compile and any(map(has_large_convolutions, self.networks(self.model))):
            self.arithmetic = ShortConvolutions()
        self.train()

    @final
    def _place_average(self, ema: EMA) -> None:
        """Move the average to its device, and shard it as the model is."""
        self.fabric.to_device(ema.model)
        if is_sharded(self.fabric):
            dtype = next(self.model.parameters()).dtype
            own = [network for network in self.networks(ema.model) if network not in self.networks(self.model)]
            shard(ema.model, device_mesh(self.fabric), own, dtype if dtype != torch.float32 else None)

    @final
    def setup_forward(self, forward: nn.Module) -> Any:
        """A forward module that contains the model, on its device and replicated or sharded over the processes."""
        forward.networks = tuple(self.networks(self.model))  # type: ignore[assignment]  # read by `sharding.shard`
        return self.fabric.setup_module(forward)

    @final
    def step(self, batches: Sequence[Batch], step: int) -> StepResult:
        """One update of the model, and of its average.

        Several batches add up to one large one. When a loss or gradient is not finite, on any process, nothing is
        updated anywhere and buffers are as before. So they are after an error, unless it leaves the trainer `torn`.

        Args:
            batches: as for `update`.
            step: counted from 0.
        """
        backup = BufferBackup([self.model, *self.modules_beside.values()])
        before = self._updates()

        def undo() -> None:
            self.torn = self._updates() != before
            if not self.torn:
                backup.restore()

        self.undo = undo
        try:
            with self.arithmetic, self.meter.step(batches, self.work_kind(step)) as work:
                result = self.update(batches, step)
            result.work = work()
            if is_sharded(self.fabric):
                reshard(self.model)
            if result.updated and self.ema is not None:
                self.ema.update(self.model)
            if result.updated and self.averages is not None:
                self.averages.update()
        except BaseException:
            undo()
            raise
        if not result.updated:
            backup.restore()
        self.undo = nothing_to_undo
        for group in self.groups.values():
            group.optimizer.zero_grad()
        return result

    @final
    def divisors(self, batches: Sequence[Batch], step: int) -> list[float]:
        """What the mean loss of each batch is divided by, so that in the end every clip of an update counts alike.

        Gradients are averaged over the processes: with as many clips everywhere this is the number of batches.
        """
        if self.samples is None:
            return [float(len(batches) // self.batches_at(step))] * len(batches)
        return [self.samples / (len(signal) * self.fabric.world_size) for signal, _ in batches]

    @final
    def _updates(self) -> int:
        return sum(group.updates for group in self.groups.values())

    @final
    def train(self) -> None:
        """Put everything that is trained in training mode."""
        for module in (self.model, *self.modules_beside.values()):
            module.train()
        for module in self.frozen:
            module.eval()

    @property
    @final
    def best_model(self) -> Any:
        """The model to use: the average when there is one."""
        return self.model if self.ema is None else self.ema.model

    @final
    @contextmanager
    def evaluated(self) -> Iterator[Any]:
        """The model to use in evaluation mode, without gradients; afterwards every module has its mode again."""
        model = self.best_model
        rounded = nullcontext() if self.ema is None else self.ema.rounded_like(self.model)
        with torch.no_grad(), rounded, evaluation_mode(model):
            yield model

    @final
    def evaluate(self, forward: nn.Module, batch: Tensor, mask: Tensor | None = None) -> Info:
        """The forward pass of an `evaluated` model, on its device and in its precision.

        Args:
            forward: forward module around the model.
            batch: `(B, C, T)`.
            mask: `(B, T)`, false where the batch is padded; None when it is not.
        """
        dtype = arithmetic_of(forward)
        with self.fabric.autocast():
            on_device = None if mask is None else self.fabric.to_device(mask)
            info: Info = forward(self.fabric.to_device(batch).to(dtype), mask=on_device)
        return info

    @final
    def alone(self, raw: bool = False) -> AbstractContextManager[None]:
        """Inside, each process can run the model to use without the others; all enter and leave it together.

        Args:
            raw: the weights that are trained as well, where there is an average of them.
        """
        models = (self.best_model, self.model) if raw else (self.best_model,)
        return gathered(*models) if is_sharded(self.fabric) else nullcontext()

    @final
    def sum(self, value: Tensor) -> Tensor:
        """The sum of a tensor over all processes."""
        return sum_over_processes(self.fabric, value)


def nothing_to_undo() -> None:
    """Between two steps there is nothing."""


@singledispatch
def build_trainer(config: BaseModel, model: Any) -> Trainer:
    """Build the trainer of a model file; each trainer registers itself for the type of its model file.

    Args:
        config: typed model file, with a `training` section.
        model: the model to train.

    Raises:
        NotAvailableError: no trainer is registered for it.
    """
    kind = getattr(config, "model_type", type(config).__name__)
    raise NotAvailableError(f"Training of the model type {kind!r} is not available in this version")
