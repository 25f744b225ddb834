"""Transformer layers shared by the transformer autoencoders and the diffusion transformer.

They follow the transformer of stable-audio-tools and Stable Audio 3; parameter names are part of the checkpoint
format. Letters: B batch, N tokens, D width, H heads.
"""

from narrows.models.blocks.transformer.attention import Attention, QKNorm
from narrows.models.blocks.transformer.block import NormType, TransformerBlock
from narrows.models.blocks.transformer.feedforward import FeedForward
from narrows.models.blocks.transformer.rotary import RotaryEmbedding, apply_rotary

__all__ = ["Attention", "FeedForward", "NormType", "QKNorm", "RotaryEmbedding", "TransformerBlock", "apply_rotary"]
