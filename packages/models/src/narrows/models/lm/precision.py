"""Shorter weights for generation: the network over tokens reads all of its weights at every step."""

from __future__ import annotations

from typing import Literal

import torch

from narrows.models.blocks.int8 import quantize_linears
from narrows.models.blocks.transformer.stepping import lay_out
from narrows.models.inference import prepare_for_inference
from narrows.models.inference.cpu.linear import use_onednn
from narrows.models.lm.errors import LanguageModelError
from narrows.models.lm.model import AudioLanguageModel
from narrows.models.lm.network import TokenNetwork

Precision = Literal["float32", "bfloat16", "float16", "int8"]


def prepare_generation(model: AudioLanguageModel, precision: Precision = "float32") -> None:
    """Make a language model fast for generation, in place; its hash stays that of the original weights.

    The tokenizer and the conditioners stay in float32. Shorter weights change the logits a little, and so some tokens.

    Args:
        model: the language model.
        precision: `float32`; `bfloat16` or `float16`: of the network over tokens, weights and arithmetic; `int8`: of
            the weights of its backbone, which then take a quarter of the memory.

    Raises:
        LanguageModelError: there is no such precision.
    """
    prepare_for_inference(model, torch.float32)
    # A step reads each weight once, so that nothing is gained by keeping them twice.
    use_onednn(model.lm, most=0)
    if precision == "int8":
        quantize_linears(model.lm.backbone)
    elif precision in ("bfloat16", "float16"):
        model.lm.to(getattr(torch, precision))
    elif precision != "float32":
        raise LanguageModelError(f"precision must be float32, bfloat16, float16 or int8, got {precision!r}")
    if isinstance(model.lm, TokenNetwork):
        model.lm.join()
        lay_out(model.lm.backbone)
