"""What the conditioners share that encode audio with a pretransform."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from narrows.configs import PretransformConditionerOptions, SourceMixConditionerOptions
from narrows.models.checkpoints.load import load_checkpoint
from narrows.models.codec.channels import ChannelError, check_channels
from narrows.models.components import create_pretransform_from_config
from narrows.models.conditioners.base import Conditioner, ConditionError, Generators
from narrows.models.pretransforms import Pretransform


def inner_pretransform(
    options: PretransformConditionerOptions | SourceMixConditionerOptions, shared: Pretransform | None
) -> Pretransform:
    """The pretransform that a conditioner encodes with: the model's, or one of its own with its weights.

    Raises:
        ConditionError: the model's is wanted, and none is given.
    """
    if options.use_model_pretransform:
        if shared is None:
            raise ConditionError("use_model_pretransform needs the model's pretransform: give it as `pretransform`")
        pretransform = shared
    else:
        assert options.pretransform_config is not None, "a rule has asked for it"
        pretransform = create_pretransform_from_config(options.pretransform_config, options.sample_rate)
    # On the meta device there is nothing to load weights into.
    if options.pretransform_ckpt_path is not None and torch.get_default_device().type != "meta":
        load_checkpoint(pretransform, Path(options.pretransform_ckpt_path))
    return pretransform


def hold(conditioner: Conditioner, pretransform: Pretransform, saved: bool) -> None:
    """Give a conditioner its pretransform: as a part of it, or outside the state dict."""
    if saved:
        conditioner.pretransform = pretransform
    else:
        conditioner.__dict__["pretransform"] = pretransform


def held_parameters(conditioner: Conditioner, shared: bool) -> int:
    """Parameters of a pretransform that is neither saved with the conditioner nor a part of the model."""
    held = None if shared else conditioner.__dict__.get("pretransform")
    return 0 if held is None else sum(parameter.numel() for parameter in held.parameters())


def release_held(conditioner: Conditioner, keep_on: torch.device | str | None) -> None:
    """Let a pretransform outside the state dict wait elsewhere, on the CPU unless said otherwise."""
    if "pretransform" in conditioner.__dict__:
        conditioner.__dict__["pretransform"].to("cpu" if keep_on is None else keep_on)


def encoded(pretransform: Pretransform, audio: Tensor, device: torch.device, generator: Generators = None) -> Tensor:
    """Latents `(B, E, L)` of audio `(B, C, T)`, without gradients where the pretransform is frozen.

    Args:
        pretransform: moved to the device.
        audio: a batch.
        device: where to encode.
        generator: for pretransforms that draw; with one an item, items are encoded one by one.
    """
    audio = audio.to(pretransform.to(device).dtype).to(device)
    with torch.set_grad_enabled(torch.is_grad_enabled() and pretransform.enable_grad):
        if isinstance(generator, Sequence):
            rows = [pretransform.encode(row[None], generator=g) for row, g in zip(audio, generator, strict=True)]
            return torch.cat(rows)
        return pretransform.encode(audio, **({} if generator is None else {"generator": generator}))


def audio_problem(value: Any, pretransform: Pretransform) -> str | None:
    """What is wrong with a waveform in a request; None when nothing is."""
    if not (isinstance(value, Tensor) and value.dim() == 2 and value.is_floating_point()):
        return "must be a waveform, a tensor (channels, samples) of floats"
    channels, samples = value.shape
    if channels > max(samples, 1):
        return f"must be a waveform (channels, samples), got {tuple(value.shape)}: it is transposed, give its .T"
    try:
        check_channels(channels, pretransform.io_channels, pretransform.channel_policy)
    except ChannelError as error:
        return f"must have {pretransform.io_channels} channels, or one: {error}"
    return None if bool(value.isfinite().all()) else "must be finite: it holds infinities or NaN"
