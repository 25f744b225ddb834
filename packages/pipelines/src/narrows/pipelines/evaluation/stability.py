"""How much of its tokens a codec keeps when a clip is changed in a way that is hardly heard.

What a language model learns of tokens that move with every such change is noise (AudioCodecBench and STAB measure the
same): a share of 1 is a codec whose tokens tell of the sound alone.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from narrows.models import Codec
from narrows.pipelines.evaluation.reconstruction import Reconstruction, tokens_of

QUIETER = 0.5
"""-6 dB."""
NOISE = 0.01
"""Level of the added noise, relative to the root mean square of the clip: -40 dB."""


def code_stability(
    model: Codec, audio: Tensor, made: Reconstruction, sample_rate: int, *, seed: int = 0
) -> dict[str, float]:
    """Shares of the tokens of a clip that stay what they are, by the name of the change; empty without tokens.

    `codes_kept/reencoded`: the reconstruction is encoded again; `/shifted`: the clip begins one sample later, after a
    silent one; `/quieter`: it is 6 dB lower; `/noisy`: white noise is added 40 dB below it.

    Args:
        model: in eval mode.
        audio: the clip `(C, T)`.
        made: the model's reconstruction of it.
        sample_rate: in Hz; a sample is one at this rate.
        seed: of the added noise, and of the noise of stochastic bottlenecks.
    """
    if made.tokens is None:
        return {}
    changes: dict[str, Callable[[], Tensor]] = {
        "reencoded": lambda: made.audio,
        "shifted": lambda: torch.cat([torch.zeros_like(audio[:, :1]), audio[:, :-1]], dim=1),
        "quieter": lambda: QUIETER * audio,
        "noisy": lambda: audio + NOISE * audio.square().mean().sqrt() * _white(audio, seed),
    }
    return {
        f"codes_kept/{name}": _kept(made.tokens, tokens_of(model, change(), sample_rate, seed=seed))
        for name, change in changes.items()
    }


def _white(audio: Tensor, seed: int) -> Tensor:
    return torch.randn(audio.shape, generator=torch.Generator().manual_seed(seed))


def _kept(before: Tensor, after: Tensor | None) -> float:
    if after is None or after.shape != before.shape:
        raise ValueError("the tokens of a changed clip have another number than those of the clip")
    return float((before == after).float().mean())
