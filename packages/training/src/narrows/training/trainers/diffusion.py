"""Training of latent diffusion: predicting the velocity of noisy latents, with conditions or without.

After stable-audio-tools and stable-audio-3 (v-diffusion: Salimans & Ho 2022, arXiv 2202.00512; rectified flow: Liu et
al. 2022, arXiv 2209.03003).

Letters: B batch, C audio channels, D channels that are diffused, L latent frames, T samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, final

import torch
from torch import Tensor, nn

from narrows.configs import DiffusionCondConfig, DiffusionCondInpaintConfig, DiffusionUncondConfig
from narrows.losses.diffusion import LearnedWeighting
from narrows.training.adapter_training import AdapterTraining
from narrows.training.data_iterator import Batch
from narrows.training.demos.demo import Demo
from narrows.training.freezing import children_except_frozen
from narrows.training.generative.diffusion_batch import BatchReader, DiffusionBatch
from narrows.training.generative.diffusion_demos import diffusion_demos
from narrows.training.generative.diffusion_forward import DiffusionForward
from narrows.training.generative.diffusion_recipe import DiffusionRecipe, recipe_of
from narrows.training.generative.diffusion_validation import validated
from narrows.training.generative.draws import step_draws
from narrows.training.generative.noise_levels import LossByNoiseLevel
from narrows.training.generative.stored import fit_standardization, latent_frames
from narrows.training.optim.parameter_groups import create_parameter_group, optimizer_pair
from narrows.training.optim.update import update
from narrows.training.step_result import Scalars, StepResult, summed
from narrows.training.throughput import Unit
from narrows.training.trainers.base import Trainer, build_trainer

DIFFUSION = "diffusion"
WEIGHTING = "loss_weighting"
DEFAULT_OPTIMIZER = {"type": "Adam", "config": {}}
"""Without `optimizer_configs`, as in stable-audio-tools; its rate is `learning_rate`."""
Config = DiffusionCondConfig | DiffusionCondInpaintConfig | DiffusionUncondConfig


@final
class DiffusionTrainer(Trainer):
    """Trains a diffusion model; its pretransform stays as it is, unless it is trained too (`enable_grad`).

    Args:
        model: the diffusion model.
        config: its model file, with a `training` section.

    Raises:
        AdapterError: the section asks for an adapter of layers that the model has not.
    """

    main_metric: ClassVar[str] = "loss"

    def __init__(self, model: Any, config: Config) -> None:
        self.recipe: DiffusionRecipe = recipe_of(config)
        options = self.recipe.options
        adapter = None
        if options.lora_config is not None:
            adapter = AdapterTraining(model, options.lora_config, options.base_precision, options.svd_bases_path)
        # As in stable-audio-3, an adapter is not averaged.
        super().__init__(model, config, options.ema_decay if options.use_ema and adapter is None else None, adapter)
        if options.mask_padding_attention:
            model.mask_padding_attention = True
        self.weighting = LearnedWeighting() if options.loss_weighting == "learned" else None
        self.levels = LossByNoiseLevel(options.log_every_n_steps) if options.log_loss_info else None
        self.reader = BatchReader(model, self.recipe)

    def networks(self, model: Any) -> Sequence[nn.Module]:
        """The backbone."""
        return [model.model]

    def averaged(self, model: Any) -> Sequence[str]:
        """The backbone, and the conditioners where those are trained."""
        return children_except_frozen(model, "pretransform", "conditioner")

    @property
    def modules_beside(self) -> Mapping[str, nn.Module]:
        """The learned weights of the loss."""
        return {} if self.weighting is None else {WEIGHTING: self.weighting}

    @property
    def unit(self) -> Unit:
        """What is diffused."""
        return latent_frames(self.model, self.recipe.options.pre_encoded)

    def fit_statistics(self, dataset: Any) -> None:
        """Give the pretransform the statistics of the latents, where it standardizes them.

        Raises:
            DataError: the data set is of audio, or has none.
        """
        fit_standardization(self.model, dataset)

    def prepare(self) -> None:
        """Create forward pass and parameter group."""
        configs = self.recipe.options.optimizer_configs
        pair = optimizer_pair(configs, DIFFUSION, DEFAULT_OPTIMIZER, self.recipe.options.learning_rate)
        forward = DiffusionForward(self.model, self.recipe, self.weighting)
        self.forward = self.setup_forward(forward)
        self.groups[DIFFUSION] = create_parameter_group(DIFFUSION, forward, pair, self.fabric)

    def update(self, batches: Sequence[Batch], step: int) -> StepResult:
        """One update of the model."""
        read = [self.reader(batch, step_draws(self.fabric)) for batch in batches]
        whole = self.sum(torch.stack([batch.counts.sum() for batch in read]).sum().to(self.fabric.device))
        parts = [self._backward(batch, whole, last=i == len(read) - 1) for i, batch in enumerate(read)]
        values = summed(parts)
        problem = update(self.fabric, list(self.groups.values()), values, self.recipe.options.clip_grad_norm)
        if problem is None and self.levels is not None:
            self.levels.step()
        return StepResult(values, problem, updated=problem is None)

    def describe(self, step: int) -> Iterator[str]:
        """The loss."""
        yield self.recipe.describe(self.model)
        if self.adapter is not None:
            yield self.adapter.describe()

    def validate(self, batches: Iterable[Batch]) -> dict[str, float]:
        """The loss at fixed noise levels, of averaged and raw weights, beside those of simple predictors."""
        with self.alone(raw=True), self.evaluated() as model:
            return validated(self, model, self.reader, batches)

    def demos(self, batch: Batch, options: Any) -> Iterator[Demo]:
        """Sounds of requests; the model in this run's folder makes the same of them."""
        with self.evaluated() as model, torch.compiler.set_stance("force_eager"):
            yield from diffusion_demos(model, batch, options, self.recipe.options.pre_encoded)

    def log_values(self) -> dict[str, float]:
        """The loss by noise level, where it is asked for."""
        return {} if self.levels is None else self.levels.take(self.sum)

    def _backward(self, batch: DiffusionBatch, whole: Tensor, last: bool) -> Scalars:
        """The batch's share of the loss, and of the plain one."""
        # Gradients are exchanged between processes once a step, in the last backward pass, and averaged there: sums
        # over the count of all processes are this many times the mean.
        with self.fabric.no_backward_sync(self.forward, enabled=not last):
            weighted, plain, time, stds = self.forward(batch)
            counts = batch.counts.to(weighted.device)
            share = self.fabric.world_size / whole.clamp(min=torch.finfo(torch.float32).tiny)
            loss = (weighted * counts).sum() * share
            self.fabric.backward(loss)
        if self.levels is not None:
            self.levels.add(plain, time)
        values = {"loss": loss.detach().float()}
        if self.recipe.options.loss_weighting != "none":
            values["loss/unweighted"] = (plain.detach() * counts).sum() * share
        part = counts.sum() * share
        return values | {name: value.detach().float() * part for name, value in stds.items()}


@build_trainer.register
def _(config: DiffusionUncondConfig | DiffusionCondConfig | DiffusionCondInpaintConfig, model: Any) -> Trainer:
    if getattr(config.training, "arc", None) is not None:
        # Imported late: few trainings need it.
        from narrows.training.trainers.arc import ARCTrainer

        return ARCTrainer(model, config)  # type: ignore[arg-type]
    return DiffusionTrainer(model, config)
