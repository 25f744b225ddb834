"""Any codec of transformers or diffusers as a pretransform, run by its own class; see `narrows.models.bridge`."""

from __future__ import annotations

from narrows.configs import TransformersPretransformConfig
from narrows.models.bridge import BridgeError, bridged_codec
from narrows.models.pretransforms import build_pretransform
from narrows.models.pretransforms.autoencoder import AutoencoderPretransform


@build_pretransform.register
def _(config: TransformersPretransformConfig, sample_rate: int) -> AutoencoderPretransform:
    model = bridged_codec(config.config.path)
    if model.sample_rate != sample_rate:
        raise BridgeError(f"This codec works at {model.sample_rate} Hz, but the model's sample_rate is {sample_rate}")
    return AutoencoderPretransform(model, scale=config.config.scale)
