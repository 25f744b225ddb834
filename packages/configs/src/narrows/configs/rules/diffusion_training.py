"""Rules of training diffusion and language models."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose
from typing import TYPE_CHECKING, Any

from narrows.configs.errors import Problem
from narrows.configs.rules import rule, warning
from narrows.configs.rules.widths import RESERVED, conditioners

if TYPE_CHECKING:
    from narrows.configs._generated.models.diffusion_cond import DiffusionCondConfig
    from narrows.configs._generated.models.diffusion_cond_inpaint import DiffusionCondInpaintConfig
    from narrows.configs._generated.models.diffusion_uncond import DiffusionUncondConfig
    from narrows.configs._generated.models.lm import LMConfig
    from narrows.configs._generated.training.arc import ARCConfig
    from narrows.configs._generated.training.diffusion_cond import DiffusionCondTrainingConfig, InpaintingMaskOptions
    from narrows.configs._generated.training.diffusion_cond_demo import DiffusionCondDemoConfig
    from narrows.configs._generated.training.lm_demo import LMDemoConfig
    from narrows.configs._generated.training.post_hoc_ema import PostHocEMAConfig


@rule(covers="E-2")
def conditional_training_has_conditioning(
    config: DiffusionCondConfig | DiffusionCondInpaintConfig,
) -> Iterator[Problem]:
    """Conditional training needs `conditioning`."""
    if config.training is not None and config.model.conditioning is None:
        message = "'conditioning' is required for training."
        yield Problem("/model/conditioning", message, None, "Give cond_dim and configs.", related=("/training",))


@rule(covers="E-22")
def guided_unet_has_tokens(config: DiffusionCondConfig | DiffusionCondInpaintConfig) -> Iterator[Problem]:
    """In training, a U-Net with guidance, `adp_cfg_1d`, attends to at least one condition."""
    diffusion = config.model.diffusion
    if config.training is not None and diffusion.type == "adp_cfg_1d" and not diffusion.cross_attention_cond_ids:
        message = "adp_cfg_1d needs at least one condition to attend to."
        pointer = "/model/diffusion/cross_attention_cond_ids"
        yield Problem(pointer, message, [], "Name a conditioner, or use adp_1d.")


@rule(covers="D-4")
def padding_is_masked_in_audio(config: DiffusionCondConfig | DiffusionCondInpaintConfig) -> Iterator[Problem]:
    """`mask_padding` needs a pretransform and audio data."""
    training = config.training
    if training is None or not training.mask_padding:
        return
    if config.model.pretransform is None:
        related = ("/model/pretransform",)
        yield Problem("/training/mask_padding", "mask_padding needs a pretransform.", True, "", related=related)
    if training.pre_encoded:
        message, related = "mask_padding works on audio data only.", ("/training/pre_encoded",)
        yield Problem("/training/mask_padding", message, True, "", related=related)


@rule(covers="D-5 F-10")
def inpainting_is_complete(config: DiffusionCondConfig | DiffusionCondInpaintConfig) -> Iterator[Problem]:
    """Inpainting means the model type, two ids of `input_concat_ids`, and in training `inpainting`.

    Stable Audio 3 adds the two frame by frame instead: they may stand in `local_add_cond_ids`.
    """
    diffusion = config.model.diffusion
    ids = [*diffusion.input_concat_ids, *diffusion.local_add_cond_ids]
    named = [name in ids for name in RESERVED]
    inpaints = config.model_type == "diffusion_cond_inpaint"
    pointer = "/model/diffusion/input_concat_ids"
    if inpaints and not all(named):
        yield Problem(
            pointer, "An inpainting model joins its mask and what it leaves.", ids, f"Add {' and '.join(RESERVED)}."
        )
    training = config.training
    if training is None:
        return
    if any(named) and training.inpainting is None:
        message = "'inpainting' is required for training: input_concat_ids names its masks."
        yield Problem("/training/inpainting", message, None, "Write {}.", related=(pointer,))
    if training.inpainting is not None and not any(named):
        message = "Masks are drawn but never used: input_concat_ids does not name them."
        hint = f"Add {' and '.join(RESERVED)} to input_concat_ids."
        yield Problem("/training/inpainting", message, None, hint, related=(pointer,))


@rule
def dropped_conditions_exist(config: DiffusionCondConfig | DiffusionCondInpaintConfig) -> Iterator[Problem]:
    """`condition_dropout` names conditioners."""
    if config.training is None:
        return
    known = [*conditioners(config.model.conditioning)]
    for name in config.training.condition_dropout:
        if name not in known:
            pointer, related = f"/training/condition_dropout/{name}", ("/model/conditioning",)
            hint = f"Conditioners: {', '.join(known) or 'none'}."
            yield Problem(pointer, f"There is no conditioner {name!r}.", name, hint, related=related)


@rule(covers="F-24 J-9")
def mask_shares_add_up(options: InpaintingMaskOptions) -> Iterator[Problem]:
    """`mask_type_probabilities` add up to 1; the range of ratios rises."""
    shares = options.mask_type_probabilities
    if shares is not None and not isclose(sum(shares), 1.0, abs_tol=1e-6):
        message = f"mask_type_probabilities add up to {sum(shares):g}, not 1."
        yield Problem("/mask_type_probabilities", message, shares)
    low, high = options.mask_ratio_range
    if low > high:
        yield Problem("/mask_ratio_range", f"{low:g} is greater than {high:g}.", options.mask_ratio_range, "Swap them.")


@rule(covers="F-6 F-7")
def demos_have_conditions(config: DiffusionCondConfig | DiffusionCondInpaintConfig | LMConfig) -> Iterator[Problem]:
    """`demo_cond` has one entry a clip, each with what every conditioner reads."""
    if config.training is None or config.training.demo.demo_cond is None:
        return
    demo, conditioning = config.training.demo, config.model.conditioning
    entries = demo.demo_cond or []
    if len(entries) != demo.num_demos:
        message = f"demo_cond has {len(entries)} entries for {demo.num_demos} demos."
        hint = f"Write num_demos {len(entries)}." if entries else ""
        yield Problem("/training/demo/demo_cond", message, entries, hint, related=("/training/demo/num_demos",))
    for index, entry in enumerate(entries):
        given = entry.model_extra or {}
        for name in conditioners(conditioning):
            fallback = conditioning.default_keys.get(name) if conditioning else None
            if name not in given and fallback not in given:
                message = f"The conditioner {name!r} finds nothing in this demo."
                pointer = f"/training/demo/demo_cond/{index}"
                yield Problem(pointer, message, given, f"Give {name!r}.", related=("/model/conditioning",))


@rule
def demos_have_a_source(demo: DiffusionCondDemoConfig) -> Iterator[Problem]:
    """What is shown beside a demo is one of its conditions."""
    known = {key for entry in demo.demo_cond or [] for key in entry.model_extra or {}}
    for index, shown in enumerate(demo.cond_display_configs or []):
        if demo.demo_cond is not None and shown.id not in known:
            message = f"No demo has a condition {shown.id!r}."
            yield Problem(f"/cond_display_configs/{index}/id", message, shown.id, "", related=("/demo_cond",))


@warning
def demos_choose_once(demo: DiffusionCondDemoConfig) -> Iterator[Problem]:
    """`demo_cond` has no effect beside `demo_cond_from_batch`."""
    if demo.demo_cond and demo.demo_cond_from_batch:
        message, related = "demo_cond has no effect beside demo_cond_from_batch.", ("/demo_cond_from_batch",)
        yield Problem("/demo_cond", message, None, "Remove one of them.", related=related)


@rule(covers="E-36")
def sampler_fits_the_objective(
    config: DiffusionCondConfig | DiffusionCondInpaintConfig | DiffusionUncondConfig,
) -> Iterator[Problem]:
    """Models that predict v are sampled with one family of samplers, flows with another."""
    conditional = config.model_type != "diffusion_uncond"
    objective = config.model.diffusion.diffusion_objective if conditional else "v"  # type: ignore[union-attr]
    related = ("/model/diffusion/diffusion_objective",) if conditional else ()
    for pointer, sampler in _samplers(config):
        is_flow = sampler in {"euler", "heun", "rk4", "dpmpp", "pingpong"}
        if is_flow == (objective == "v"):
            message = f"The sampler {sampler} does not fit the objective {objective}."
            hint = "For example dpmpp-2m-sde." if objective == "v" else "For example euler."
            yield Problem(pointer, message, sampler, hint, related=related)


def _samplers(
    config: DiffusionCondConfig | DiffusionCondInpaintConfig | DiffusionUncondConfig,
) -> Iterator[tuple[str, str]]:
    """Samplers that a model file names, by their place: those of its demos, and what its weights want."""
    if config.training is not None and config.training.demo.sampler is not None:
        yield "/training/demo/sampler/type", config.training.demo.sampler.type
    if config.generation is not None and config.generation.sampler is not None:
        yield "/generation/sampler", config.generation.sampler


@warning(covers="F-25")
def timestep_options_act(training: DiffusionCondTrainingConfig) -> Iterator[Problem]:
    """`timestep_sampler_options` act with `log_snr` and `log_snr_uniform` only."""
    options = training.timestep_sampler_options
    given = {key for key, field in type(options).model_fields.items() if getattr(options, key) != field.default}
    if given and not training.timestep_sampler.startswith("log_snr"):
        message = f"timestep_sampler_options has no effect with {training.timestep_sampler}."
        yield Problem("/timestep_sampler_options", message, sorted(given), "", related=("/timestep_sampler",))


@warning(covers="F-29")
def options_act_in_their_training(training: DiffusionCondTrainingConfig) -> Iterator[Problem]:
    """Some options act in adversarial training only, others only without it."""
    adversarial = training.arc is not None
    with_arc = ("trim_config",)
    without = ("learning_rate", "mask_padding", "mask_padding_dropout", "log_loss_info", "p_one_shot")
    for key in without if adversarial else with_arc:
        if key in training.model_fields_set and getattr(training, key):
            message = f"{key} has no effect {'in' if adversarial else 'without'} adversarial training."
            yield Problem(f"/{key}", message, getattr(training, key), "Remove it.", related=("/arc",))


@rule(covers="F-3 F-4 F-20 F-23")
def adversarial_training_is_complete(config: DiffusionCondConfig | DiffusionCondInpaintConfig) -> Iterator[Problem]:
    """Adversarial training is of a `dit` that predicts a flow, with an optimizer for each part."""
    training = config.training
    if training is None or training.arc is None:
        return
    diffusion, optimizers = config.model.diffusion, training.optimizer_configs
    if diffusion.diffusion_objective == "v":
        message = "Adversarial training needs the objective rectified_flow or rf_denoiser."
        related = ("/training/arc",)
        yield Problem("/model/diffusion/diffusion_objective", message, "v", "Write rectified_flow.", related=related)
    for key in ("teacher_model", "discriminator_base_model"):
        beside = getattr(training.arc, key)
        if beside is not None and beside.model.diffusion.diffusion_objective == "v":
            message = f"The {key} must predict a flow, as the model does."
            related = ("/model/diffusion/diffusion_objective",)
            yield Problem(f"/training/arc/{key}/model/diffusion/diffusion_objective", message, "v", "", related=related)
    if optimizers is None or optimizers.discriminator is None:
        message = "'optimizer_configs' with diffusion and discriminator is required for adversarial training."
        yield Problem("/training/optimizer_configs", message, None, "", related=("/training/arc",))
    elif (optimizers.diffusion.scheduler is None) != (optimizers.discriminator.scheduler is None):
        message = "One part has a schedule, the other has none: give both one, or neither."
        yield Problem("/training/optimizer_configs", message, None)
    base = config if training.arc.use_model_as_discriminator else training.arc.discriminator_base_model
    depth = getattr(base.model.diffusion.config, "depth", None) if base else None
    layer = training.arc.discriminator.dit_hidden_layer
    if depth is not None and layer >= depth:
        message = f"dit_hidden_layer is {layer} but the base model has {depth} layers."
        pointer = "/training/arc/discriminator/dit_hidden_layer"
        yield Problem(pointer, message, layer, f"At most {depth - 1}.")
    if base is not None and base.model.diffusion.type != "dit":
        message = f"The discriminator builds on a dit, not on {base.model.diffusion.type}."
        yield Problem("/training/arc/discriminator", message, base.model.diffusion.type)


@rule(covers="F-22")
def contrast_needs_prompts(config: DiffusionCondConfig | DiffusionCondInpaintConfig) -> Iterator[Problem]:
    """A contrastive discriminator tells right prompts from wrong ones: there is a conditioner `prompt`."""
    arc = config.training.arc if config.training is not None else None
    if arc is not None and arc.discriminator.contrastive and "prompt" not in conditioners(config.model.conditioning):
        pointer = "/training/arc/discriminator/contrastive"
        message = "The contrastive term exchanges prompts, and there is no conditioner 'prompt'."
        yield Problem(pointer, message, True, "Write false.", related=("/model/conditioning",))


@rule(covers="F-20 F-21")
def adversarial_parts_exist(arc: ARCConfig) -> Iterator[Problem]:
    """The discriminator has a model to build on, a teacher has weights, and a warm-up has a teacher."""
    if arc.discriminator_base_model is None and not arc.use_model_as_discriminator:
        message = "'discriminator_base_model' or 'use_model_as_discriminator' is required."
        yield Problem("/discriminator_base_model", message, None, "Set use_model_as_discriminator.")
    has_teacher = arc.teacher_model is not None or arc.use_model_as_teacher
    if has_teacher and arc.teacher_model_ckpt is None:
        message = "'teacher_model_ckpt' is required with a teacher."
        yield Problem("/teacher_model_ckpt", message, None, "Give the file of its weights.")
    if arc.ode_warmup is not None and arc.ode_warmup.warmup_steps and not has_teacher:
        message, related = "The warm-up needs a teacher.", ("/teacher_model",)
        yield Problem("/ode_warmup", message, None, "Give teacher_model, or use_model_as_teacher.", related=related)


@warning
def latents_are_judged_in_pairs(arc: ARCConfig) -> Iterator[Problem]:
    """Adversarial training of diffusion is relativistic; another name in files of the reference is not used."""
    options = arc.discriminator.config
    if "loss_type" in options.model_fields_set and options.loss_type != "relativistic":
        message = f"The loss is relativistic, as in stable-audio-tools; {options.loss_type} is not used."
        pointer = "/discriminator/config/loss_type"
        yield Problem(pointer, message, options.loss_type, "Write relativistic, or leave it out.")


@rule
def averages_differ(ema: PostHocEMAConfig) -> Iterator[Problem]:
    """Averages of other lengths are made of two different ones."""
    if len(set(ema.lengths)) < len(ema.lengths):
        message = "A length is given twice: it is kept once, and others cannot be made of it alone."
        yield Problem("/lengths", message, ema.lengths, "Write different lengths, such as [0.05, 0.1].")


@warning
def tokens_are_drawn_one_way(demo: LMDemoConfig) -> Iterator[Problem]:
    """Tokens are drawn from the most likely ones by number or by share, not by both."""
    if demo.top_k != type(demo).model_fields["top_k"].default and demo.top_k and demo.top_p:
        message = "top_k has no effect beside top_p."
        yield Problem("/top_k", message, demo.top_k, "Remove one of them.", related=("/top_p",))


def pre_encoded(training: Any) -> bool:
    """Whether a training section takes latents or tokens instead of audio."""
    return bool(getattr(training, "pre_encoded", False))
