"""What a generation goes on from: audio or codes that were given, or nothing.

Letters: B batch, C channels, K codebooks, T and t frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor
from typing import Any

import torch
from torch import Tensor

from narrows.audio.arrays import rated_audio
from narrows.models.lm.errors import LanguageModelError
from narrows.models.lm.generation import check_prompt
from narrows.models.lm.masked.network import MaskedNetwork
from narrows.models.lm.prediction import check_lengths


def prompts_of(model: Any, audio: tuple[Tensor, int] | None, codes: Tensor | None) -> list[Tensor] | None:
    """Codes `(K, t)` of each prompt; what is left of an audio prompt behind its last whole frame does not count.

    Args:
        model: the language model.
        audio: waveform `(C, samples)` and its rate in Hz.
        codes: `(K, t)`, or `(B, K, t)` for each.

    Raises:
        LanguageModelError: both are given, or the audio is shorter than a frame.
        AudioArrayError: the audio is no waveform with its rate.
    """
    if audio is not None and codes is not None:
        raise LanguageModelError("Give prompt_audio or prompt_codes, not both")
    if audio is not None:
        return [_tokens(model, *rated_audio(audio, "prompt_audio"))]
    if codes is None:
        return None
    return [codes] if codes.dim() == 2 else list(codes)


def first_frames(model: Any, batch_size: int | None, codes: Tensor | None, items: int | None, frames: int) -> Tensor:
    """The first frames of a generation `(B, K, t)`: those given, or none.

    Args:
        model: the language model.
        batch_size: B, where it is asked for.
        codes: `(B, K, t)`; None for none.
        items: B, where conditions say it.
        frames: T, which are to be generated altogether.

    Raises:
        LanguageModelError: they do not fit the model or each other.
    """
    if batch_size is not None and batch_size < 1:
        raise LanguageModelError(f"batch_size must be at least 1, got {batch_size}")
    if codes is None:
        codes = torch.zeros((batch_size or items or 1, model.num_quantizers, 0), dtype=torch.long)
    check_prompt(codes, model.num_quantizers, model.codebook_size, frames)
    if batch_size is not None and len(codes) != batch_size:
        raise LanguageModelError(f"There are prompts of {len(codes)} items for a batch_size of {batch_size}")
    return codes.to(model.device).long()


def lengths_of(network: Any, lengths: Sequence[int] | None, prompt: Tensor, frames: int) -> Tensor | None:
    """Frames of each item `(B,)`; None for T.

    Args:
        network: over tokens.
        lengths: of each item, where they are given.
        prompt: `(B, K, t)`.
        frames: T.

    Raises:
        LanguageModelError: the network cannot make them together, or one is shorter than its prompt.
    """
    if lengths is None:
        return None
    limits = torch.tensor(check_lengths(lengths, len(prompt), frames), device=prompt.device)
    if int(limits.min()) < max(1 if network.is_streamable else frames, prompt.shape[-1]):
        raise LanguageModelError(
            "lengths must be at least those of the prompts, and with this pattern, or in masked models, all the same"
        )
    return limits


def masked_options(
    network: Any, prompt: Tensor, window: int | None, regenerate: Tensor | None, steps: Sequence[int] | None
) -> dict[str, Any]:
    """Options of a generation that only masked models have.

    Args:
        network: over tokens.
        prompt: `(B, K, t)`.
        window: frames of a window.
        regenerate: `(B, t)` or `(t,)`, true for frames of the prompt that are made anew.
        steps: of each codebook.

    Raises:
        LanguageModelError: they do not fit the model, or each other.
    """
    given = {"regenerate": regenerate, "decoding_steps": steps}
    if not isinstance(network, MaskedNetwork):
        for name, value in given.items():
            if value is not None:
                raise LanguageModelError(f"{name} is for masked models: this one predicts one token after the other")
        return {}
    if steps is not None and (len(steps) == 0 or min(steps) < 1):
        raise LanguageModelError(f"decoding_steps must be numbers of at least 1, got {list(steps)}")
    if regenerate is not None:
        if window is not None:
            raise LanguageModelError("regenerate and window do not go together")
        if regenerate.shape not in {prompt.shape[-1:], (len(prompt), prompt.shape[-1])}:
            raise LanguageModelError(
                f"regenerate must be of shape {(len(prompt), prompt.shape[-1])}, got {tuple(regenerate.shape)}"
            )
        given["regenerate"] = regenerate.to(prompt.device).bool().expand(len(prompt), -1)
    return given


def with_holes(
    model: Any,
    audio: tuple[Tensor, int] | None,
    regions: Sequence[tuple[float, float]] | None,
    prompts: list[Tensor] | None,
) -> tuple[list[Tensor], Tensor]:
    """Codes `(K, t)` of audio, and which of its frames are made anew `(t,)`: all that a region touches.

    Args:
        model: the language model.
        audio: waveform `(C, samples)` and its rate in Hz.
        regions: `(start, end)` in seconds.
        prompts: of `prompts_of`, which there must not be.

    Raises:
        LanguageModelError: one of audio and regions is missing, a region is wrong, or the model fills in nothing.
    """
    if not isinstance(model.lm, MaskedNetwork):
        raise LanguageModelError("inpaint is for masked models: this one predicts one token after the other")
    if audio is None or not regions or prompts is not None:
        raise LanguageModelError("Give inpaint together with regions, and without a prompt")
    codes = _tokens(model, *rated_audio(audio, "inpaint"))
    holes = torch.zeros(codes.shape[-1], dtype=torch.bool)
    for start, end in regions:
        if not 0 <= start < end:
            raise LanguageModelError(f"A region is (start, end) in seconds, got {(start, end)}")
        holes[floor(start * model.frame_rate) : ceil(end * model.frame_rate)] = True
    if not holes.any():
        raise LanguageModelError(f"No region is within the {len(holes) / model.frame_rate:.2f} s of the audio")
    return [codes], holes


def _tokens(model: Any, waveform: Tensor, rate: int) -> Tensor:
    ratio = model.pretransform.downsampling_ratio
    prepared = model.pretransform.model.preprocess_audio_for_encoder(waveform, rate)
    frames = int(waveform.shape[-1] * model.sample_rate / rate) // ratio
    if frames < 1:
        raise LanguageModelError(f"prompt_audio is shorter than a frame of {1 / model.frame_rate:.3f} s")
    device = next(model.pretransform.parameters()).device
    tokens: Tensor = model.tokenize(prepared[..., : frames * ratio].to(device))[0]
    return tokens
