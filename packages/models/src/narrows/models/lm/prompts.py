"""What a generation goes on from: audio or codes that were given, or nothing.

Letters: B batch, C channels, K codebooks, T and t frames.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from narrows.models.lm.errors import LanguageModelError
from narrows.models.lm.generation import check_prompt


def prompts_of(model: Any, audio: tuple[Tensor, int] | None, codes: Tensor | None) -> list[Tensor] | None:
    """Codes `(K, t)` of each prompt; what is left of an audio prompt behind its last whole frame does not count.

    Args:
        model: the language model.
        audio: waveform `(C, samples)` and its rate in Hz.
        codes: `(K, t)`, or `(B, K, t)` for each.

    Raises:
        LanguageModelError: both are given, or the audio is shorter than a frame.
    """
    if audio is not None and codes is not None:
        raise LanguageModelError("Give prompt_audio or prompt_codes, not both")
    if audio is not None:
        return [_tokens(model, *audio)]
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


def _tokens(model: Any, waveform: Tensor, rate: int) -> Tensor:
    ratio = model.pretransform.downsampling_ratio
    prepared = model.pretransform.model.preprocess_audio_for_encoder(waveform, rate)
    frames = int(waveform.shape[-1] * model.sample_rate / rate) // ratio
    if frames < 1:
        raise LanguageModelError(f"prompt_audio is shorter than a frame of {1 / model.frame_rate:.3f} s")
    device = next(model.pretransform.parameters()).device
    tokens: Tensor = model.tokenize(prepared[..., : frames * ratio].to(device))[0]
    return tokens
