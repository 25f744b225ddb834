"""Rules of optimizers, schedules, warm-up and distillation."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from narrows.configs.errors import Problem
from narrows.configs.rules import rule, warning

if TYPE_CHECKING:
    from narrows.configs._generated.experiments.train import TrainExperimentConfig
    from narrows.configs._generated.models.autoencoder import AutoencoderConfig
    from narrows.configs._generated.optimizers.sgd import SGDOptions
    from narrows.configs._generated.schedulers.cyclic_lr import CyclicLROptions
    from narrows.configs._generated.schedulers.sequential_lr import SequentialLROptions
    from narrows.configs._generated.training.autoencoder import AutoencoderTrainingConfig
    from narrows.configs._generated.training.optimizer_pair import OptimizerPairConfig
    from narrows.configs._generated.training.spectral_autoencoder import SpectralAutoencoderTrainingConfig


@rule(covers="F-3")
def discriminator_has_an_optimizer(
    training: AutoencoderTrainingConfig | SpectralAutoencoderTrainingConfig,
) -> Iterator[Problem]:
    """With `optimizer_configs`, a discriminator has its own."""
    if training.optimizer_configs is None:
        return
    pointer = "/optimizer_configs/discriminator"
    given, wanted = training.optimizer_configs.discriminator, training.loss_configs.discriminator
    related = ("/loss_configs/discriminator",)
    if wanted is not None and given is None:
        yield Problem(
            pointer, "The discriminator has no optimizer.", None, "Give one as for `autoencoder`.", related=related
        )


@warning
def optimizer_has_a_discriminator(
    training: AutoencoderTrainingConfig | SpectralAutoencoderTrainingConfig,
) -> Iterator[Problem]:
    """An optimizer of the discriminator has no effect without one."""
    optimizers = training.optimizer_configs
    if optimizers and optimizers.discriminator is not None and training.loss_configs.discriminator is None:
        message, related = "There is no discriminator to optimize.", ("/loss_configs/discriminator",)
        hint = "Remove it, or give loss_configs.discriminator."
        yield Problem("/optimizer_configs/discriminator", message, None, hint, related=related)


@warning(covers="F-31")
def warmup_leads_to_something(
    training: AutoencoderTrainingConfig | SpectralAutoencoderTrainingConfig,
) -> Iterator[Problem]:
    """Warm-up ends with a discriminator or a frozen encoder; freezing the encoder needs a warm-up."""
    has_discriminator = training.loss_configs.discriminator is not None
    if training.warmup_steps and not (has_discriminator or training.encoder_freeze_on_warmup):
        message = "warmup_steps has no effect: there is no discriminator to wait for."
        yield Problem(
            "/warmup_steps", message, training.warmup_steps, "Remove it.", related=("/loss_configs/discriminator",)
        )
    if training.encoder_freeze_on_warmup and not training.warmup_steps:
        yield Problem(
            "/encoder_freeze_on_warmup",
            "Without warmup_steps the encoder would never be trained.",
            True,
            "Give warmup_steps; to keep a trained encoder, write requires_grad: false in it.",
            related=("/warmup_steps",),
        )


@rule(covers="A-8")
def mono_input_fits_the_encoder(config: AutoencoderConfig) -> Iterator[Problem]:
    """`force_input_mono` needs an encoder of one channel."""
    channels = config.model.in_channels or config.model.io_channels
    if config.training is not None and config.training.force_input_mono and channels != 1:
        yield Problem(
            "/training/force_input_mono",
            f"force_input_mono gives the encoder one channel but it takes {channels}.",
            True,
            "Remove it, or set model.in_channels to 1.",
            related=("/model/in_channels", "/model/io_channels"),
        )


@rule(covers="F-19")
def teacher_has_weights(training: AutoencoderTrainingConfig) -> Iterator[Problem]:
    """`teacher_model` and `teacher_model_ckpt` come together."""
    if training.teacher_model is not None and training.teacher_model_ckpt is None:
        message = "teacher_model_ckpt must be specified if teacher_model is specified."
        yield Problem("/teacher_model_ckpt", message, None, "Give the teacher's weights.", related=("/teacher_model",))
    if training.teacher_model is None and training.teacher_model_ckpt is not None:
        message = "teacher_model_ckpt has no effect without teacher_model."
        yield Problem(
            "/teacher_model_ckpt", message, training.teacher_model_ckpt, "Remove it.", related=("/teacher_model",)
        )


@rule(covers="F-19")
def teacher_fits_the_model(config: AutoencoderConfig) -> Iterator[Problem]:
    """A teacher has the model's sample rate, latents and channels."""
    teacher = config.training.teacher_model if config.training is not None else None
    if teacher is None:
        return
    pairs: list[tuple[str, Any, Any]] = [("sample_rate", teacher.sample_rate, config.sample_rate)]
    for key in ("latent_dim", "downsampling_ratio", "io_channels", "in_channels", "out_channels"):
        pairs.append((f"model/{key}", getattr(teacher.model, key), getattr(config.model, key)))
    for key, theirs, ours in pairs:
        if theirs != ours:
            message = f"The teacher has {key.rpartition('/')[2]} {theirs}, the model {ours}."
            yield Problem(
                f"/training/teacher_model/{key}", message, theirs, "They must be equal.", related=(f"/{key}",)
            )


@rule
def teacher_hears_the_same(training: AutoencoderTrainingConfig) -> Iterator[Problem]:
    """A teacher is compared with latents and audio that were not changed by `gain` or `shift`."""
    changes = training.latent_augmentation
    if training.teacher_model is None or changes is None:
        return
    for key in ("gain", "shift"):
        if value := getattr(changes, key):
            message = f"A teacher's latents are those of the audio before {key} changed it."
            pointer = f"/latent_augmentation/{key}"
            yield Problem(pointer, message, value, "Set it to 0, or remove the teacher.", related=("/teacher_model",))


@rule(covers="F-27")
def schedule_fits_the_optimizer(pair: OptimizerPairConfig) -> Iterator[Problem]:
    """Floors lie below the base rate, momentum is cycled only where there is one, and one fast path is chosen."""
    options, rate = pair.optimizer.config, pair.optimizer.config.lr
    schedule: Any = pair.scheduler.config if pair.scheduler is not None else None
    for key in ("final_lr", "eta_min"):
        floor = getattr(schedule, key, 0.0)
        if floor > rate:
            message = f"{key} {floor:g} lies above the learning rate {rate:g}, which would rise to it at once."
            yield Problem(
                f"/scheduler/config/{key}", message, floor, f"At most {rate:g}.", related=("/optimizer/config/lr",)
            )
    has_momentum = hasattr(options, "betas") or bool(getattr(options, "momentum", 0))
    two_kinds = hasattr(options, "adamw_betas")
    if getattr(schedule, "cycle_momentum", False) and (two_kinds or not has_momentum):
        message = f"{pair.optimizer.type} has no momentum to cycle."
        if two_kinds:
            message = f"{pair.optimizer.type} has a momentum of each kind of weight, which no schedule cycles."
        yield Problem("/scheduler/config/cycle_momentum", message, True, "Write false.", related=("/optimizer/type",))
    if getattr(options, "fused", None) and getattr(options, "foreach", None):
        message = "fused and foreach exclude each other."
        yield Problem("/optimizer/config/fused", message, True, "Keep one.", related=("/optimizer/config/foreach",))


@rule
def nesterov_has_momentum(options: SGDOptions) -> Iterator[Problem]:
    """Nesterov momentum needs momentum and takes no dampening."""
    if options.nesterov and (options.momentum == 0 or options.dampening != 0):
        yield Problem(
            "/nesterov",
            "Nesterov momentum needs a momentum and zero dampening.",
            True,
            "For example momentum 0.9.",
            related=("/momentum", "/dampening"),
        )


@rule
def cycle_has_a_height(options: CyclicLROptions) -> Iterator[Problem]:
    """`base_lr` lies below `max_lr`."""
    if options.base_lr > options.max_lr:
        message = f"base_lr {options.base_lr:g} lies above max_lr {options.max_lr:g}."
        yield Problem("/base_lr", message, options.base_lr, "Exchange them.", related=("/max_lr",))


@rule
def milestones_separate_schedules(options: SequentialLROptions) -> Iterator[Problem]:
    """One milestone between two schedules, in rising order."""
    count, milestones = len(options.schedulers), options.milestones
    if len(milestones) != count - 1:
        message = f"{count} schedules need {count - 1} milestones, got {len(milestones)}."
        yield Problem("/milestones", message, milestones, "Give the step at which each next one takes over.")
    if any(second <= first for first, second in pairwise(milestones)):
        yield Problem("/milestones", "Milestones must rise.", milestones, "Sort them.")


def _optimizers(experiment: TrainExperimentConfig) -> Any:
    """The optimizers of a model file, with the names of their parts."""
    training = getattr(experiment.model_config_, "training", None)
    return getattr(training, "optimizer_configs", None) or ()


@rule
def scaled_gradients_reach_the_optimizer(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """In 16 bit gradients are scaled, which a fused optimizer undoes itself: too late to measure and clip them."""
    if experiment.precision != "16-mixed":
        return
    for part, pair in _optimizers(experiment):
        if pair and getattr(pair.optimizer.config, "fused", None):
            pointer = f"/model_config/training/optimizer_configs/{part}/optimizer/config/fused"
            message = "A fused optimizer cannot be combined with precision '16-mixed'."
            yield Problem(pointer, message, True, "Write false, or precision 'bf16-mixed'.", related=("/precision",))


@rule
def one_cycle_lasts_long_enough(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """A one-cycle schedule lasts as long as the training."""
    for part, pair in _optimizers(experiment):
        total = getattr(pair.scheduler.config, "total_steps", None) if pair and pair.scheduler else None
        if total is not None and total < experiment.steps:
            yield Problem(
                f"/model_config/training/optimizer_configs/{part}/scheduler/config/total_steps",
                f"The cycle ends after {total} steps but training has {experiment.steps}.",
                total,
                f"Write {experiment.steps}.",
                related=("/steps",),
            )


@rule
def discriminator_fits_the_precision(experiment: TrainExperimentConfig) -> Iterator[Problem]:
    """Discriminators transform audio in 32 bit, which weights of 16 bit cannot take."""
    model: Any = experiment.model_config_
    losses = getattr(getattr(model, "training", None), "loss_configs", None)
    if experiment.precision == "bf16-true" and getattr(losses, "discriminator", None) is not None:
        message = "With a discriminator, weights must stay in 32 bit."
        yield Problem("/precision", message, experiment.precision, "Write 'bf16-mixed'.")
