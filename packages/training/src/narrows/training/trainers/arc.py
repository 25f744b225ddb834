"""Adversarial relativistic-contrastive post-training: a flow learns to make sounds in few steps, without guidance.

After Novack et al. 2025 (arXiv 2505.08175) and stable-audio-tools. First, on request, the model learns the ends of a
teacher's guided trajectories; then it is trained against a discriminator. A step is one update of the model: in the
second phase the discriminator learns in each step as well, from a batch of its own.

Letters: B batch, D channels that are diffused, L latent frames.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, final

import torch
from torch import Tensor, nn

from narrows.configs import DiffusionCondConfig, DiffusionCondInpaintConfig, ODEWarmupConfig
from narrows.losses.discriminators import frozen
from narrows.models.checkpoints.training_format import DISCRIMINATOR
from narrows.models.diffusion.process import noised
from narrows.training.data_iterator import Batch
from narrows.training.demos.demo import Demo
from narrows.training.distributed.fabric import gathered_objects
from narrows.training.freezing import children_except_frozen
from narrows.training.generative.arc.adversarial import PROMPT, Exchange, Judging, OneStep, drawn_times, exchanged
from narrows.training.generative.arc.models import create_model_judge, create_teacher
from narrows.training.generative.arc.trimming import trimmed
from narrows.training.generative.arc.validation import few_step_metrics
from narrows.training.generative.arc.warmup import Trajectories, from_state, state_of, trajectories
from narrows.training.generative.diffusion_batch import BatchReader, DiffusionBatch
from narrows.training.generative.diffusion_demos import diffusion_demos
from narrows.training.generative.diffusion_forward import diffused, losses
from narrows.training.generative.diffusion_recipe import recipe_of
from narrows.training.generative.draws import step_draws
from narrows.training.generative.noising import Noisy
from narrows.training.generative.stored import fit_standardization, latent_frames
from narrows.training.optim.parameter_groups import create_parameter_group
from narrows.training.optim.update import update
from narrows.training.step_result import Scalars, StepResult, scaled, summed
from narrows.training.throughput import Unit
from narrows.training.trainers.base import Trainer

DIFFUSION = "diffusion"
WAYS = "trajectories"
"""Entry of checkpoints."""


@final
class ARCTrainer(Trainer):
    """Trains a flow to few steps.

    Args:
        model: the diffusion model, trained before.
        config: its model file, with `arc` in its `training` section.

    Raises:
        CheckpointError: weights of the teacher or of the discriminator's base do not fit.
        JudgeError: the discriminator's head does not fit.
    """

    takes_uneven_shares = False
    main_metric: ClassVar[str] = "latent_frechet"

    def __init__(self, model: Any, config: DiffusionCondConfig | DiffusionCondInpaintConfig) -> None:
        self.recipe = recipe_of(config)
        options = self.recipe.options
        assert options.arc is not None, "`arc` in the training section"
        super().__init__(model, config, options.ema_decay if options.use_ema else None)
        self.arc = options.arc
        if options.mask_padding_attention:
            model.mask_padding_attention = True
        self.warmup = self.arc.ode_warmup or ODEWarmupConfig()
        self.reader = BatchReader(model, self.recipe)
        self.teacher = create_teacher(self.arc, model)
        self.judge = create_model_judge(self.arc, model)
        self.ways: list[Trajectories] = []
        self._ways_of_all: list[dict[str, Any]] = []

    def networks(self, model: Any) -> Sequence[nn.Module]:
        """The backbone."""
        return [model.model]

    def averaged(self, model: Any) -> Sequence[str]:
        """The backbone, and the conditioners where those are trained."""
        return children_except_frozen(model, "pretransform", "conditioner")

    @property
    def modules_beside(self) -> Mapping[str, nn.Module]:
        """The discriminator."""
        return {DISCRIMINATOR: self.judge}

    @property
    def switches(self) -> frozenset[int]:
        """The end of the warm-up."""
        return frozenset({self.warmup.warmup_steps} if self.warmup.warmup_steps else ())

    @property
    def unit(self) -> Unit:
        """What is diffused."""
        return latent_frames(self.model, self.recipe.options.pre_encoded)

    def work_kind(self, step: int) -> Hashable:
        """New trajectories cost more than old ones; trimmed batches have lengths of their own."""
        if step < self.warmup.warmup_steps:
            return "new" if step % self.warmup.refresh_rate == 0 or not self.ways else "known"
        return None if self.recipe.options.trim_config is not None else "judged"

    def batches_at(self, step: int) -> int:
        """One in the warm-up, then one for each side."""
        return 1 if step < self.warmup.warmup_steps else 2

    def fit_statistics(self, dataset: Any) -> None:
        """Give the pretransform the statistics of the latents, where it standardizes them."""
        fit_standardization(self.model, dataset)

    def prepare(self) -> None:
        """Create the forward passes and parameter groups of both sides."""
        configs = self.recipe.options.optimizer_configs
        assert configs is not None, "a rule asks for both optimizers"
        one_step = OneStep(self.model, self.recipe)
        self.forward = self.setup_forward(one_step)
        self.judging = Judging(self.judge, self.arc)
        self.judge_forward: Any = self.fabric.setup_module(self.judging)
        self.groups[DIFFUSION] = create_parameter_group(DIFFUSION, one_step, configs.diffusion, self.fabric)
        pair = configs.discriminator
        self.groups[DISCRIMINATOR] = create_parameter_group(DISCRIMINATOR, self.judge, pair, self.fabric)
        if self.teacher is not None:
            self.teacher.to(self.fabric.device)

    def update(self, batches: Sequence[Batch], step: int) -> StepResult:
        """One update of the model, and of the discriminator behind the warm-up."""
        if step < self.warmup.warmup_steps:
            return self._learn_from_teacher(batches, step)
        self.teacher, self.ways = None, []
        count = len(batches) // 2
        own = [self._read(batch, trim=True) for batch in batches[:count]]
        values = summed(self._generator_backward(batch, count, i) for i, batch in enumerate(own))
        problem = update(self.fabric, [self.groups[DIFFUSION]], values, self.recipe.options.clip_grad_norm)
        if problem is not None:
            return StepResult(values, problem, updated=False)
        others = [self._read(batch, trim=True) for batch in batches[count:]]
        judged = summed(self._judge_backward(batch, count, i) for i, batch in enumerate(others))
        problem = update(self.fabric, [self.groups[DISCRIMINATOR]], judged, self.recipe.options.clip_grad_norm)
        return StepResult(values | judged, problem)

    def describe(self, step: int) -> Iterator[str]:
        """The phase."""
        if step < self.warmup.warmup_steps:
            warmup = self.warmup
            yield (
                f"warm-up: the end of the teacher's trajectories of {warmup.sampling_steps} steps, guided by "
                f"{warmup.cfg:g}, new ones every {warmup.refresh_rate} steps"
            )
            yield f"{DISCRIMINATOR}: not trained yet"
            return
        options, noise = self.arc.discriminator, self.arc.noise_dist
        objective = self.model.diffusion_objective
        yield f"diffusion ({objective}): one step from times {noise.generator}, against a discriminator"
        more = ", contrastive" if options.contrastive else ""
        more += ", with gradient penalties" if options.include_grad_penalties else ""
        kind = f"{options.type} on layer {options.dit_hidden_layer}"
        yield f"{DISCRIMINATOR}: {kind}, at times {noise.discriminator}, relativistic{more}"

    def validate(self, batches: Iterable[Batch]) -> dict[str, float]:
        """How far latents made in few steps are from those of the data, as a set."""
        with self.alone(), self.evaluated() as model:
            return few_step_metrics(self, model, self.reader, batches)

    def demos(self, batch: Batch, options: Any) -> Iterator[Demo]:
        """Sounds of requests; the model in this run's folder makes the same of them."""
        with self.evaluated() as model, torch.compiler.set_stance("force_eager"):
            yield from diffusion_demos(model, batch, options, self.recipe.options.pre_encoded)

    def state(self) -> dict[str, Any]:
        """The trajectories of the warm-up."""
        return {WAYS: self._ways_of_all} if self.ways else {}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Restore them."""
        self._ways_of_all = state.get(WAYS, [])
        self.ways = [from_state(self.fabric, each) for each in self._ways_of_all]

    # The warm-up

    def _learn_from_teacher(self, batches: Sequence[Batch], step: int) -> StepResult:
        draws = [step_draws(self.fabric) for _ in batches]
        if step % self.warmup.refresh_rate == 0 or len(self.ways) != len(batches):
            self.ways = [self._taught(self.reader(batch, d)) for batch, d in zip(batches, draws, strict=True)]
            self._ways_of_all = [state_of(self.fabric, ways) for ways in self.ways]
        counts = torch.stack([ways.batch.counts.sum() for ways in self.ways]).sum()
        whole = self.sum(counts.to(self.fabric.device)).clamp(min=torch.finfo(torch.float32).tiny)
        parts = []
        for index, (ways, own) in enumerate(zip(self.ways, draws, strict=True)):
            batch, point = ways.points(own, self.fabric.device)
            with self.fabric.no_backward_sync(self.forward, enabled=index < len(batches) - 1):
                made = self.forward(batch, ways.latents.to(self.fabric.device), point)
                each = losses(made, point.target, batch)
                # Gradients are averaged over the processes: a sum over all items is this many times the mean.
                loss = (each * batch.counts.to(each.device)).sum() * (self.fabric.world_size / whole)
                self.fabric.backward(loss)
            parts.append({"loss": loss.detach().float()})
        values = summed(parts)
        problem = update(self.fabric, [self.groups[DIFFUSION]], values, self.recipe.options.clip_grad_norm)
        return StepResult(values, problem, updated=problem is None)

    def _taught(self, batch: DiffusionBatch) -> Trajectories:
        steps, cfg = self.warmup.sampling_steps, self.warmup.cfg
        with self.fabric.autocast():
            return trajectories(self.teacher, batch, self._latents(batch), steps, cfg)

    # Against the discriminator

    def _read(self, batch: Batch, trim: bool) -> DiffusionBatch:
        draws, options = step_draws(self.fabric), self.recipe.options
        if trim and options.trim_config is not None:
            ratio = 1 if options.pre_encoded else self.model.downsampling_ratio
            share, multiple = options.trim_config.trim_prob, self.model.length_multiple
            batch = trimmed(batch, share, draws, self.sum, ratio, multiple)
        return self.reader(batch, draws)

    @torch.no_grad()
    def _latents(self, batch: DiffusionBatch) -> Tensor:
        return diffused(self.model, batch, self.recipe.options.pre_encoded)

    def _made(self, batch: DiffusionBatch, latents: Tensor) -> Tensor:
        """What the model makes of noisy latents in one step."""
        assert batch.draws is not None, "a batch to train on"
        kind = self.arc.noise_dist.generator
        time = drawn_times(kind, len(latents), batch.draws, "time").to(latents.device)
        process = self.judging.process
        noisy = noised(process, latents, batch.draws.gaussian(latents), time)
        made: Tensor = self.forward(batch, latents, Noisy(noisy, time, latents))
        return made

    def _generator_backward(self, batch: DiffusionBatch, count: int, index: int) -> Scalars:
        with self.fabric.no_backward_sync(self.forward, enabled=index < count - 1):
            latents = self._latents(batch)
            made = self._made(batch, latents)
            with self.fabric.autocast(), frozen(self.judge):
                loss = self.judging.generator_loss(latents, made, batch)
            self.fabric.backward(loss / count)
        spread = {"latent_std": latents.std(), "made_std": made.detach().std()}
        return scaled({"loss": loss, **spread}, count)

    def _judge_backward(self, batch: DiffusionBatch, count: int, index: int) -> Scalars:
        with torch.no_grad():
            latents = self._latents(batch)
            made = self._made(batch, latents)
        other = self._exchanged(batch) if self.arc.discriminator.contrastive else None
        with self.fabric.no_backward_sync(self.judge_forward, enabled=index < count - 1):
            terms = self.judge_forward(latents, made, batch, other)
            loss = torch.stack(list(terms.values())).sum()
            self.fabric.backward(loss / count)
        named = {f"{DISCRIMINATOR}/{name}": term for name, term in terms.items()}
        return scaled({"discriminator_loss": loss, **named}, count)

    def _exchanged(self, batch: DiffusionBatch) -> Exchange:
        own = [item[PROMPT] for item in batch.conditions]
        parts = gathered_objects(self.fabric, own)
        everyone = [prompt for group in zip(*parts, strict=True) for prompt in group]
        return exchanged(batch.conditions, everyone, self.fabric.global_rank, self.fabric.world_size)
