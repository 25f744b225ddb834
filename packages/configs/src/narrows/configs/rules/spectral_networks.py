"""Rules of the encoders and decoders of spectrograms, and of their transforms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from narrows.configs.errors import Problem
from narrows.configs.rules import rule
from narrows.configs.rules.roles import option

if TYPE_CHECKING:
    from narrows.configs._generated.models.spectral_autoencoder import SpectralAutoencoderOptions
    from narrows.configs._generated.spectral_decoders.autoencoder_dc import AutoencoderDCDecoderOptions
    from narrows.configs._generated.spectral_decoders.autoencoder_kl import AutoencoderKLDecoderOptions
    from narrows.configs._generated.spectral_decoders.patch_transformer import PatchTransformerDecoderOptions
    from narrows.configs._generated.spectral_decoders.seanet2d import SEANet2dDecoderOptions
    from narrows.configs._generated.spectral_encoders.autoencoder_dc import AutoencoderDCEncoderOptions
    from narrows.configs._generated.spectral_encoders.autoencoder_kl import AutoencoderKLEncoderOptions
    from narrows.configs._generated.spectral_encoders.patch_transformer import PatchTransformerEncoderOptions
    from narrows.configs._generated.spectral_encoders.seanet2d import SEANet2dEncoderOptions
    from narrows.configs._generated.spectral_transforms.by_class import ClassTransformConfig
    from narrows.configs._generated.spectral_transforms.log_mag import LogMagnitudeTransformConfig
    from narrows.configs._generated.spectral_transforms.power_norm import PowerNormTransformConfig

BOTH_KINDS = frozenset({"snake", "Identity"})
COMPLEX = frozenset({"CReLU", "ModReLU", "ModReLUScalar", "ComplexGELU", "Abs_SiLU"})
"""Activations of complex values alone. CELU is one of each kind, by the same name."""

MODRELU = frozenset({"init_bias", "enforce_negative"})
ARGUMENTS = {
    "ELU": frozenset({"alpha"}),
    "CELU": frozenset({"alpha"}),
    "LeakyReLU": frozenset({"negative_slope"}),
    "ModReLU": MODRELU,
    "ModReLUScalar": MODRELU,
    "ComplexGELU": frozenset({"init_mu", "init_log_sigma"}),
}
"""What each activation takes; the others take nothing."""

MAP_SHAPE = ("patch_size", "image_size", "downsample_ratio")


@rule
def activations_fit_the_values(options: SEANet2dEncoderOptions | SEANet2dDecoderOptions) -> Iterator[Problem]:
    """Complex networks have complex activations, real ones real ones, and each gets only arguments that it has."""
    for key in ("activation", "final_activation"):
        name = getattr(options, key, None)
        if name is None:
            continue
        fits = name == "CELU" or name in BOTH_KINDS or (name in COMPLEX) == options.is_complex
        if not fits:
            kind = "complex" if options.is_complex else "real"
            usual = "CReLU" if options.is_complex else "ELU"
            message = f"{name} is no activation of {kind} values."
            yield Problem(f"/{key}", message, name, f"For example {usual}.", related=("/is_complex",))
        given = getattr(options, f"{key}_params")
        for argument, value in given.model_dump(exclude_none=True).items() if given is not None else ():
            if argument not in ARGUMENTS.get(name, ()):
                message = f"{name} has no {argument}."
                yield Problem(f"/{key}_params/{argument}", message, value, "Leave it out.", related=(f"/{key}",))


@rule
def targets_are_transformed_back(
    transform: LogMagnitudeTransformConfig | PowerNormTransformConfig | ClassTransformConfig,
) -> Iterator[Problem]:
    """`apply_target` needs `apply_inverse`: else the model would give transformed spectrograms as audio."""
    if transform.apply_target and not transform.apply_inverse:
        message = "The losses compare transformed spectrograms, which are never transformed back."
        yield Problem("/apply_inverse", message, False, "Write true.", related=("/apply_target",))


@rule
def classes_get_their_arguments(transform: ClassTransformConfig) -> Iterator[Problem]:
    """A transform by its class gets only arguments that it has."""
    name = transform.class_.rpartition(".")[2]
    known = {"epsilon", "eps", "alpha", "beta"}
    if name.startswith("LogMagnitude"):
        known.remove("beta")
    elif name.startswith("Identity"):
        known.clear()
    given = transform.kwargs.model_fields_set
    for argument in sorted(given - known):
        yield Problem(f"/kwargs/{argument}", f"{name} has no {argument}.", getattr(transform.kwargs, argument), "")
    if {"epsilon", "eps"} <= given:
        yield Problem("/kwargs/eps", "epsilon and eps are the same.", transform.kwargs.eps, "Keep one of them.")


@rule
def patches_fill_windows(
    options: PatchTransformerEncoderOptions | PatchTransformerDecoderOptions,
) -> Iterator[Problem]:
    """Latent frames fill a window of the patch transformer, and heads its features."""
    stride = options.patch_size[1] * options.downsample_ratio
    if options.image_size[1] % stride:
        message = f"A window of {options.image_size[1]} frames is no multiple of the {stride} of a latent frame."
        hint = f"Write {-(-options.image_size[1] // stride) * stride}."
        related = ("/patch_size/1", "/downsample_ratio")
        yield Problem("/image_size/1", message, options.image_size[1], hint, related=related)
    if options.inter_dim % options.n_heads:
        message = f"{options.inter_dim} features cannot be split among {options.n_heads} heads."
        yield Problem("/n_heads", message, options.n_heads, "Write a divisor.", related=("/inter_dim",))


@rule
def patches_fit_the_transform(model: SpectralAutoencoderOptions) -> Iterator[Problem]:
    """The patch transformer has the bins of the transform, and the same patches on both sides."""
    bins = model.stft.n_fft // 2 + 1
    sides: dict[str, Any] = {part: getattr(model, part).config for part in ("encoder", "decoder")}
    for part, options in sides.items():
        size = getattr(options, "image_size", None)
        if size is not None and size[0] != bins:
            message = f"image_size has {size[0]} bins but the transform has {bins}."
            yield Problem(f"/{part}/config/image_size/0", message, size[0], f"Write {bins}.", related=("/stft/n_fft",))
    if all(hasattr(options, "image_size") for options in sides.values()):
        for key in MAP_SHAPE:
            wanted, given = (getattr(options, key) for options in sides.values())
            if wanted != given:
                message = f"The decoder's {key} is not the encoder's."
                related = (f"/encoder/config/{key}",)
                yield Problem(f"/decoder/config/{key}", message, given, f"Write {wanted}.", related=related)


@rule
def bottlenecks_fit_the_latents(model: SpectralAutoencoderOptions) -> Iterator[Problem]:
    """A bottleneck that names its channels has those of the latents: both parts of complex ones, and every row."""
    up = option(model.decoder.config, "latent-channels")
    given = option(model.bottleneck.config, "latent-channels") if model.bottleneck is not None else None
    if up is None or given is None or not isinstance(given.value, int):
        return
    latents = up.value * _rows(model.decoder.config, model.stft.n_fft // 2 + 1) * (1 if model.cac else 2)
    if given.value != latents:
        message = f"The bottleneck has {given.value} channels but the latents have {latents}."
        related = (f"/decoder/config/{up.key}", "/cac")
        yield Problem(f"/bottleneck/config/{given.key}", message, given.value, f"Write {latents}.", related=related)


@rule
def decoders_take_no_noise(model: SpectralAutoencoderOptions) -> Iterator[Problem]:
    """Decoders to spectrograms have no channels for the noise that some bottlenecks append."""
    noise = option(model.bottleneck.config, "noise-channels") if model.bottleneck is not None else None
    if noise is not None and noise.value:
        message = "A decoder to spectrograms has no channels for appended noise."
        yield Problem(f"/bottleneck/config/{noise.key}", message, noise.value, "Write 0.")


def _rows(options: Any, bins: int) -> int:
    """Rows of a map of features that are folded into the channels of the latents; 1 where they are packed already."""
    if hasattr(options, "ratios"):
        return 1
    cell = options.patch_size[0] if hasattr(options, "patch_size") else 2 ** (_stages(options) - 1)
    return int(-(-bins // cell))


@rule
def both_ends_have_one_time_stride(model: SpectralAutoencoderOptions) -> Iterator[Problem]:
    """Encoder and decoder have as many spectrogram frames for a latent frame."""
    down, up = (_time_stride(getattr(model, part).config) for part in ("encoder", "decoder"))
    same_type = model.encoder.type == model.decoder.type
    # Of two networks of one kind, the rules about their own options say it better.
    if down != up and not (same_type and model.encoder.type in ("seanet2d", "patch_transformer")):
        message = f"A latent frame stands for {down} spectrogram frames in the encoder, for {up} in the decoder."
        yield Problem("/decoder/config", message, up, f"Make it {down} in both.", related=("/encoder/config",))


def _time_stride(options: Any) -> int:
    """Spectrogram frames a latent frame."""
    if hasattr(options, "ratios"):
        stride = 1
        for _, time in options.ratios:
            stride *= time
        return stride
    if hasattr(options, "patch_size"):
        return int(options.patch_size[1] * options.downsample_ratio)
    return int(2 ** (_stages(options) - 1))


def _stages(options: Any) -> int:
    """Stages of a network of diffusers, of which all but one halve the map."""
    key = next(name for name in type(options).model_fields if name.endswith("block_out_channels"))
    return len(getattr(options, key))


@rule(covers="I-22")
def stages_have_their_options(
    options: AutoencoderKLEncoderOptions
    | AutoencoderKLDecoderOptions
    | AutoencoderDCEncoderOptions
    | AutoencoderDCDecoderOptions,
) -> Iterator[Problem]:
    """Lists with an entry a stage are as long as `block_out_channels`, whose widths the norms can group."""
    count = _stages(options)
    for key in type(options).model_fields:
        value = getattr(options, key)
        if isinstance(value, list) and len(value) != count:
            message = f"{key} has {len(value)} entries for {count} stages."
            yield Problem(f"/{key}", message, value, f"Give {count}.")
    groups = getattr(options, "norm_num_groups", 1)
    for index, width in enumerate(getattr(options, "block_out_channels", ())):
        if width % groups:
            message = f"{width} channels cannot be split into {groups} groups."
            hint = f"Write a multiple of {groups}."
            yield Problem(f"/block_out_channels/{index}", message, width, hint, related=("/norm_num_groups",))
