"""From the `lm` block of a model file to a language model."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from torch import nn

from narrows.configs import LMConfig, MaskedLMConfig
from narrows.models._options import options
from narrows.models.building import build_model
from narrows.models.components import create_pretransform_from_config
from narrows.models.conditioning import create_multi_conditioner_from_conditioning_config
from narrows.models.lm.backbones import build_lm_backbone
from narrows.models.lm.backbones.masked import MaskedBackbone
from narrows.models.lm.conditions import Routing
from narrows.models.lm.depth import DepthTransformer
from narrows.models.lm.masked.decoding import Decoding
from narrows.models.lm.masked.network import MaskedNetwork
from narrows.models.lm.model import AudioLanguageModel
from narrows.models.lm.network import TokenNetwork
from narrows.models.lm.patterns import create_pattern
from narrows.models.lm.tokenizer import bottleneck_of
from narrows.models.pretransforms import Pretransform
from narrows.models.pretransforms.autoencoder import AutoencoderPretransform


@build_model.register
def language_model(config: LMConfig) -> AudioLanguageModel:
    """The language model of a typed `lm` document: tokenizer, conditioners and the network over tokens."""
    model = config.model
    pretransform = create_pretransform_from_config(model.pretransform, config.sample_rate)
    conditioner = create_multi_conditioner_from_conditioning_config(model.conditioning) if model.conditioning else None
    return build_language_model(model.lm, pretransform, config.sample_rate, conditioner)


def build_language_model(
    config: Any, pretransform: Pretransform, sample_rate: int, conditioner: nn.Module | None
) -> AudioLanguageModel:
    """Build a language model.

    Args:
        config: the typed `lm` block.
        pretransform: the tokenizer, which says how many codebooks there are and how large they are.
        sample_rate: of the audio, in Hz.
        conditioner: gives condition tensors; None for an unconditional model.
    """
    bottleneck = bottleneck_of(pretransform)
    assert isinstance(pretransform, AutoencoderPretransform), "only these have a bottleneck"
    places = ("cross_attention_cond_ids", "prepend_cond_ids", "sum_cond_ids", "global_cond_ids")
    routing = Routing(*(getattr(config, place, ()) for place in places))
    build = _masked_network if isinstance(config, MaskedLMConfig) else _token_network
    network = build(config, bottleneck.num_quantizers, bottleneck.codebook_size)
    return AudioLanguageModel(pretransform, network, sample_rate, conditioner, routing)


def _masked_network(config: MaskedLMConfig, codebooks: int, size: int) -> MaskedNetwork:
    given = options(config)
    context = given.pop("subcodes_context")
    decoding = Decoding(**config.decoding.model_dump())
    return MaskedNetwork(MaskedBackbone(**given), codebooks, size, config.span_len, context, decoding)


def _token_network(config: Any, codebooks: int, size: int) -> TokenNetwork:
    import_module(f"narrows.models.lm.backbones.{config.type.replace('-', '_')}")
    backbone = build_lm_backbone(config)
    depth = None
    if config.depth is not None:
        given = config.depth.model_dump()
        depth = DepthTransformer(backbone.embed_dim, codebooks, size, config.end_token, **given)
    return TokenNetwork(
        create_pattern(config.codebook_pattern, codebooks),
        backbone,
        size,
        depth,
        config.end_token,
        head_bias=config.type != "musicgen",
    )
