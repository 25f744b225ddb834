"""The models beside the one that is trained: the teacher of the warm-up, and the base of the discriminator."""

from __future__ import annotations

import copy
from typing import Any

from narrows.models import create_model_from_config, load_checkpoint
from narrows.training.checkpoints.rng import preserved_rng
from narrows.training.generative.arc.judge import LatentJudge, create_judge


def create_teacher(config: Any, model: Any) -> Any:
    """The frozen teacher of a typed `arc` section, with its weights; None where nothing is learnt of one.

    Args:
        config: the section.
        model: that is trained, of which the teacher can be another copy.

    Raises:
        CheckpointError: the weights do not fit.
    """
    if config.ode_warmup is None or not config.ode_warmup.warmup_steps:
        return None
    teacher = _beside(config.teacher_model, config.use_model_as_teacher, model)
    load_checkpoint(teacher, config.teacher_model_ckpt)
    # Latents are those of the model's own pretransform.
    teacher.pretransform = None
    return teacher.requires_grad_(False).eval()


def create_model_judge(config: Any, model: Any) -> LatentJudge:
    """The discriminator of a typed `arc` section.

    Without weights of its own, one that builds on the model itself starts from the weights of the model.

    Args:
        config: the section.
        model: that is trained.

    Raises:
        CheckpointError: the weights do not fit.
        JudgeError: the head does not fit.
    """
    base = _beside(config.discriminator_base_model, config.use_model_as_discriminator, model)
    if config.discriminator_base_ckpt is not None:
        load_checkpoint(base, config.discriminator_base_ckpt)
    frames = None if model.sample_size is None else model.sample_size // model.downsampling_ratio
    return create_judge(config.discriminator, base, frames)


def _beside(config: Any, use_model: bool, model: Any) -> Any:
    """A model of a document of its own, or a copy of the model."""
    if config is None:
        assert use_model, "a rule asks for one of them"
        return copy.deepcopy(model)
    with preserved_rng():
        return create_model_from_config(config)
