"""Rules of diffusion models: backbones against what they diffuse, and lengths."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any

from narrows.configs.errors import Problem
from narrows.configs.rules import rule, warning
from narrows.configs.rules.pretransforms import transformed
from narrows.configs.rules.roles import option, value

if TYPE_CHECKING:
    from narrows.configs._generated.conditional_diffusion.dit import ConditionalDiTConfig
    from narrows.configs._generated.diffusion.adp_1d import ADP1dOptions
    from narrows.configs._generated.diffusion.adp_cfg_1d import ADPCFG1dOptions
    from narrows.configs._generated.diffusion.dau1d import DAU1dOptions
    from narrows.configs._generated.diffusion.dit import DiTOptions
    from narrows.configs._generated.distribution_shifts.flux import FluxShiftConfig
    from narrows.configs._generated.distribution_shifts.full import FullShiftConfig
    from narrows.configs._generated.models.diffusion_cond import DiffusionCondConfig, DiffusionCondOptions
    from narrows.configs._generated.models.diffusion_cond_inpaint import DiffusionCondInpaintConfig
    from narrows.configs._generated.models.diffusion_uncond import DiffusionUncondConfig
    from narrows.configs._generated.unconditional_diffusion.dit import UnconditionalDiTConfig

MIN_ROTARY_HEAD = 32
"""Least width of a head that rotary positions fit in."""


@rule(covers="E-13")
def heads_divide_the_width(options: DiTOptions) -> Iterator[Problem]:
    """`num_heads` divides `embed_dim`, and leaves heads of at least 32 where positions are rotary."""
    width, heads = options.embed_dim, options.num_heads
    if width % heads:
        message = f"num_heads {heads} does not divide embed_dim {width}."
        yield Problem("/num_heads", message, heads, "", related=("/embed_dim",))
    elif options.rotary_pos_emb and width // heads < MIN_ROTARY_HEAD:
        message = f"Heads are {width // heads} wide, but rotary positions need {MIN_ROTARY_HEAD}."
        hint = f"At most {width // MIN_ROTARY_HEAD} heads." if width >= MIN_ROTARY_HEAD else ""
        yield Problem("/num_heads", message, heads, hint, related=("/embed_dim", "/rotary_pos_emb"))


@rule(covers="E-11 E-12")
def raw_conditions_fit_the_heads(options: DiTOptions) -> Iterator[Problem]:
    """Conditions that are not projected have a width that the attention can use."""
    if not options.project_global_cond and options.global_cond_dim not in (0, options.embed_dim):
        message = f"global_cond_dim is {options.global_cond_dim} but embed_dim is {options.embed_dim}."
        hint = "Make them equal, or set project_global_cond."
        yield Problem("/global_cond_dim", message, options.global_cond_dim, hint, related=("/embed_dim",))
    if options.project_cond_tokens or not options.cond_token_dim or options.embed_dim % options.num_heads:
        return
    head = options.embed_dim // options.num_heads
    groups, rest = divmod(options.cond_token_dim, head)
    if rest or not groups or options.num_heads % groups:
        message = f"cond_token_dim {options.cond_token_dim} does not split into heads of {head}."
        hint = f"A multiple of {head} whose number of heads divides {options.num_heads}, or set project_cond_tokens."
        yield Problem("/cond_token_dim", message, options.cond_token_dim, hint, related=("/num_heads",))


@rule(covers="E-18")
def timestep_channels_are_given(options: DiTOptions) -> Iterator[Problem]:
    """`timestep_cond_type` `input_concat` needs `timestep_embed_dim`."""
    if options.timestep_cond_type == "input_concat" and options.timestep_embed_dim is None:
        message = "'timestep_embed_dim' is required for timestep_cond_type input_concat."
        yield Problem("/timestep_embed_dim", message, None, "", related=("/timestep_cond_type",))


@rule
def root_mean_square_norms_have_no_bias(options: DiTOptions) -> Iterator[Problem]:
    """`norm_kwargs.bias` needs a norm that has one: not `rms_norm`."""
    if options.norm_type == "rms_norm" and options.norm_kwargs.bias:
        message = "norm_type rms_norm has no bias."
        yield Problem("/norm_kwargs/bias", message, True, "Remove it.", related=("/norm_type",))


@rule(covers="E-35")
def unconditional_channels_have_their_name(model: UnconditionalDiTConfig) -> Iterator[Problem]:
    """An unconditional transformer gives `in_channels`, not `io_channels`, and no objective: it predicts v."""
    options = model.config
    if options.in_channels is None:
        message = "'in_channels' is required in an unconditional model."
        yield Problem("/config/in_channels", message, None, "Give the channels that are diffused.")
    if options.io_channels != type(options).model_fields["io_channels"].default:
        message = "An unconditional model gives in_channels, not io_channels."
        yield Problem("/config/io_channels", message, options.io_channels, "Write in_channels.")


@rule(covers="E-15")
def objective_stands_beside_config(diffusion: ConditionalDiTConfig) -> Iterator[Problem]:
    """A conditional model gives `diffusion_objective` beside `config`, and `io_channels` inside."""
    if diffusion.config.diffusion_objective is not None:
        message = "diffusion_objective stands beside config, not inside."
        given = diffusion.config.diffusion_objective
        yield Problem("/config/diffusion_objective", message, given, "Move it.", related=("/diffusion_objective",))
    if diffusion.config.in_channels is not None:
        message = "A conditional model gives io_channels, not in_channels."
        yield Problem("/config/in_channels", message, diffusion.config.in_channels, "Write io_channels.")


@rule(covers="E-19")
def unet_levels_match(options: ADP1dOptions | ADPCFG1dOptions) -> Iterator[Problem]:
    """`num_blocks` is as long as `factors`, `multipliers` one longer, `attentions` at least as long."""
    levels = len(options.factors)
    for key, wanted, fits in (
        ("num_blocks", f"{levels}", len(options.num_blocks) == levels),
        ("multipliers", f"{levels + 1}", len(options.multipliers) == levels + 1),
        ("attentions", f"at least {levels}", len(options.attentions) >= levels),
    ):
        if not fits:
            given = getattr(options, key)
            message = f"{key} has {len(given)} entries for {levels} factors."
            yield Problem(f"/{key}", message, given, f"Give {wanted}.", related=("/factors",))


@rule(covers="E-20")
def unet_attention_is_complete(options: ADP1dOptions | ADPCFG1dOptions) -> Iterator[Problem]:
    """Attention needs a number or a width of heads, and a multiplier."""
    if not any(options.attentions):
        return
    if options.attention_heads is None and options.attention_features is None:
        message = "'attention_heads' or 'attention_features' is required where attention is on."
        yield Problem("/attention_heads", message, None, "", related=("/attentions",))
    if options.attention_multiplier is None:
        message = "'attention_multiplier' is required where attention is on."
        yield Problem("/attention_multiplier", message, None, "", related=("/attentions",))


@rule(covers="E-21")
def unet_widths_divide(options: ADP1dOptions | ADPCFG1dOptions) -> Iterator[Problem]:
    """Groups divide the widths, 32 those with attention, patches the channels; downsampling kernels are even."""
    if options.kernel_multiplier_downsample % 2:
        given = options.kernel_multiplier_downsample
        message = f"kernel_multiplier_downsample {given} is odd."
        yield Problem("/kernel_multiplier_downsample", message, given, "Write an even number.")
    if options.use_stft and options.stft_num_fft is None:
        yield Problem("/stft_num_fft", "'stft_num_fft' is required with use_stft.", None, "", related=("/use_stft",))
    first = options.channels * options.multipliers[0]
    if first % options.patch_size:
        message = f"patch_size {options.patch_size} does not divide the first width {first}."
        yield Problem("/patch_size", message, options.patch_size, "", related=("/channels", "/multipliers"))
    if options.channels % options.resnet_groups:
        message = f"channels {options.channels} is not a multiple of resnet_groups {options.resnet_groups}."
        yield Problem("/channels", message, options.channels, "", related=("/resnet_groups",))
    attended = [m for m, on in zip(options.multipliers[1:], options.attentions, strict=False) if on]
    if any(options.channels * multiplier % 32 for multiplier in attended):
        message = f"channels {options.channels} gives widths with attention that are no multiples of 32."
        yield Problem("/channels", message, options.channels, "", related=("/multipliers", "/attentions"))


@rule
def levels_have_widths_and_strides(options: DAU1dOptions) -> Iterator[Problem]:
    """Every level has a width, and a stride to the next; strides above 2 need learned resampling."""
    if len(options.channels) < options.depth:
        message = f"{len(options.channels)} channels for a depth of {options.depth}."
        yield Problem("/channels", message, options.channels, f"Give {options.depth}.", related=("/depth",))
    if len(options.strides) < options.depth - 1:
        message = f"{len(options.strides)} strides for a depth of {options.depth}."
        yield Problem("/strides", message, options.strides, f"Give {options.depth - 1}.", related=("/depth",))
    if options.n_attn_layers > options.depth:
        message = f"n_attn_layers {options.n_attn_layers} is more than the depth {options.depth}."
        yield Problem("/n_attn_layers", message, options.n_attn_layers, "", related=("/depth",))
    if not options.learned_resample and max(options.strides) > 2:
        message = f"The stride {max(options.strides)} needs learned_resample."
        yield Problem("/strides", message, options.strides, "Set learned_resample.", related=("/learned_resample",))


@rule(covers="C-13")
def shift_lengths_differ(shift: FullShiftConfig | FluxShiftConfig) -> Iterator[Problem]:
    """`max_length` is greater than `min_length`."""
    if shift.max_length <= shift.min_length:
        message = f"max_length {shift.max_length} must be greater than min_length {shift.min_length}."
        yield Problem("/max_length", message, shift.max_length, "", related=("/min_length",))


@rule(covers="E-14")
def backbone_diffuses_what_there_is(model: DiffusionCondOptions) -> Iterator[Problem]:
    """The backbone's channels are `io_channels`, and these what the pretransform gives."""
    given = option(model.diffusion.config, "diffused-channels")
    if given is not None and given.value != model.io_channels:
        message = f"The backbone diffuses {given.value} channels but io_channels is {model.io_channels}."
        hint = f"Write {model.io_channels}, or change io_channels."
        yield Problem(f"/diffusion/config/{given.key}", message, given.value, hint, related=("/io_channels",))
    behind = transformed(model.pretransform, 0)
    if behind is not None and behind.channels and behind.channels != model.io_channels:
        message = f"The pretransform gives {behind.channels} channels but io_channels is {model.io_channels}."
        yield Problem(
            "/io_channels", message, model.io_channels, f"Write {behind.channels}.", related=("/pretransform",)
        )


def frame(backbone: Any, pretransform: Any, audio_channels: int) -> tuple[int, int] | None:
    """Samples of a latent frame, and frames of a token; None where only published weights say it."""
    behind = transformed(pretransform, audio_channels)
    if behind is None:
        return None
    steps = option(backbone, "strides")
    return behind.ratios[0], value(backbone, "patch", 1) * (prod(steps.value) if steps else 1)


def _crop(config: Any) -> tuple[int, int, int] | None:
    """Samples of a crop of audio in training, of a latent frame, and frames of a token."""
    if config.training is None or config.sample_size is None or config.training.pre_encoded:
        return None
    conditional = config.model_type != "diffusion_uncond"
    backbone = config.model.diffusion.config if conditional else config.model.config
    sizes = frame(backbone, config.model.pretransform, config.audio_channels)
    return None if sizes is None else (config.sample_size, *sizes)


@rule(covers="C-1 C-3")
def crops_are_whole_tokens(
    config: DiffusionCondConfig | DiffusionCondInpaintConfig | DiffusionUncondConfig,
) -> Iterator[Problem]:
    """In training, `sample_size` is given, and its latent frames make whole tokens."""
    if config.training is not None and config.sample_size is None:
        yield Problem("/sample_size", "'sample_size' is required for training.", None, "")
    crop = _crop(config)
    if crop is not None and crop[0] // crop[1] % crop[2]:
        samples, ratio, frames = crop
        lower = max(1, samples // (ratio * frames)) * ratio * frames
        message = f"sample_size {samples} gives {samples // ratio} latent frames, not a multiple of {frames}."
        hint = f"Write {lower} or {lower + ratio * frames}."
        yield Problem("/sample_size", message, samples, hint, related=("/model",))


@warning(covers="C-1")
def crops_are_whole_latents(
    config: DiffusionCondConfig | DiffusionCondInpaintConfig | DiffusionUncondConfig,
) -> Iterator[Problem]:
    """In training, `sample_size` is a multiple of the pretransform's ratio: otherwise the rest is trimmed."""
    crop = _crop(config)
    if crop is not None and crop[0] % crop[1]:
        samples, ratio, _ = crop
        lower = max(1, samples // ratio) * ratio
        message = f"sample_size {samples} is not a multiple of {ratio}, the samples of a latent frame."
        yield Problem("/sample_size", message, samples, f"Write {lower} or {lower + ratio}.", related=("/model",))


@rule(covers="C-11")
def positions_reach_the_end(
    config: DiffusionCondConfig | DiffusionCondInpaintConfig,
) -> Iterator[Problem]:
    """Absolute positions are as many as a crop has tokens."""
    options = config.model.diffusion.config
    if not getattr(options, "use_abs_pos_emb", False) or config.sample_size is None:
        return
    sizes = frame(options, config.model.pretransform, config.audio_channels)
    tokens = config.sample_size // (sizes[0] * sizes[1]) if sizes else 0
    if tokens > options.abs_pos_emb_max_length:  # type: ignore[union-attr]
        given = options.abs_pos_emb_max_length  # type: ignore[union-attr]
        message = f"A crop has {tokens} tokens but there are positions for {given}."
        pointer = "/model/diffusion/config/abs_pos_emb_max_length"
        yield Problem(pointer, message, given, f"At least {tokens + 1}.", related=("/sample_size",))


@warning(covers="C-9")
def seconds_reach_the_crop(
    config: DiffusionCondConfig | DiffusionCondInpaintConfig,
) -> Iterator[Problem]:
    """A `number` conditioner on seconds reaches the length of a crop."""
    if config.sample_size is None or config.model.conditioning is None:
        return
    seconds = config.sample_size / config.sample_rate
    for index, conditioner in enumerate(config.model.conditioning.configs):
        if (
            conditioner.type == "number"
            and conditioner.id.startswith("seconds")
            and conditioner.config.max_val < seconds
        ):
            message = (
                f"max_val is {conditioner.config.max_val:g} but a crop lasts {seconds:.1f} s: longer ones look alike."
            )
            pointer = f"/model/conditioning/configs/{index}/config/max_val"
            yield Problem(pointer, message, conditioner.config.max_val, "", related=("/sample_size",))


@rule(covers="C-10")
def sources_last_a_crop(config: DiffusionCondConfig | DiffusionCondInpaintConfig) -> Iterator[Problem]:
    """In training, `source_length` of a `source_mix` conditioner is the latent frames of a crop."""
    crop = _crop(config)
    if crop is None or config.model.conditioning is None:
        return
    frames = crop[0] // crop[1]
    for index, conditioner in enumerate(config.model.conditioning.configs):
        length = getattr(conditioner.config, "source_length", None)
        if length is not None and length != frames:
            message = f"source_length is {length} but a crop has {frames} latent frames."
            pointer = f"/model/conditioning/configs/{index}/config/source_length"
            yield Problem(pointer, message, length, f"Write {frames}.", related=("/sample_size",))


@warning
def sample_rate_is_common(
    config: DiffusionCondConfig | DiffusionCondInpaintConfig | DiffusionUncondConfig,
) -> Iterator[Problem]:
    """The sample rate is one that audio files come in."""
    yield from uncommon_rate(config.sample_rate)


COMMON_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000, 176400, 192000)


def uncommon_rate(rate: int) -> Iterator[Problem]:
    """A warning for a sample rate that audio files do not come in."""
    if rate not in COMMON_RATES:
        close = min(COMMON_RATES, key=lambda common: abs(common - rate))
        yield Problem("/sample_rate", f"{rate} Hz is an uncommon sample rate.", rate, f"Did you mean {close}?")
