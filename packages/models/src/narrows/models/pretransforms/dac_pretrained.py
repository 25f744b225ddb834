"""The published Descript Audio Codec as a pretransform (Kumar et al. 2023, arXiv 2306.06546)."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

from narrows.configs import DACPretrainedPretransformConfig
from narrows.models.autoencoders.audio import AudioAutoencoder
from narrows.models.blocks.convolutions import weight_norm_conv1d
from narrows.models.bottlenecks.dac_rvq import DACRVQBottleneck
from narrows.models.checkpoints.load import load_content, read_tensors
from narrows.models.decoders.dac import DacDecoder
from narrows.models.encoders.dac import DacEncoder
from narrows.models.pretransforms import build_pretransform
from narrows.models.pretransforms.autoencoder import AutoencoderPretransform
from narrows.models.pretransforms.published import ask_where, downloaded, weights_file

# Options of the published codecs, for files that do not say theirs.
SHARED = {"encoder_dim": 64, "decoder_dim": 1536, "codebook_size": 1024, "codebook_dim": 8, "latent_dim": None}
LONG = {"encoder_rates": [2, 4, 8, 8], "decoder_rates": [8, 8, 4, 2]}
SHORT = {"encoder_rates": [2, 4, 5, 8], "decoder_rates": [8, 5, 4, 2]}
PUBLISHED: dict[tuple[str, str], dict[str, Any]] = {
    ("44khz", "8kbps"): {**SHARED, **LONG, "n_codebooks": 9, "sample_rate": 44100},
    ("44khz", "16kbps"): {**SHARED, **LONG, "n_codebooks": 18, "sample_rate": 44100, "latent_dim": 128},
    ("24khz", "8kbps"): {**SHARED, **SHORT, "n_codebooks": 32, "sample_rate": 24000},
    ("16khz", "8kbps"): {**SHARED, **SHORT, "n_codebooks": 12, "sample_rate": 16000},
}


def codec(given: dict[str, Any]) -> AudioAutoencoder:
    """A mono codec with the options of descript-audio-codec, by its names for them."""
    width = given["encoder_dim"] * 2 ** len(given["encoder_rates"])
    latent_dim = given["latent_dim"] or width
    encoder = DacEncoder(1, None, given["encoder_dim"], given["encoder_rates"])
    if latent_dim != width:  # the last convolution of the codec itself, where stable-audio-tools projects behind it
        encoder.encoder.block[-1] = weight_norm_conv1d(width, latent_dim, 3, padding=1)
    return AudioAutoencoder(
        encoder,
        DacDecoder(1, latent_dim, given["decoder_dim"], given["decoder_rates"]),
        latent_dim=latent_dim,
        downsampling_ratio=prod(given["encoder_rates"]),
        sample_rate=given["sample_rate"],
        io_channels=1,
        bottleneck=DACRVQBottleneck(
            given["n_codebooks"],
            given["codebook_size"],
            input_dim=latent_dim,
            codebook_dim=given["codebook_dim"],
        ),
    )


def load_codec(path: Path, published: dict[str, Any]) -> AudioAutoencoder:
    """The codec of a file; options that the file does not say are those of the published one."""
    content = read_tensors(path)
    metadata = content.get("metadata")
    said = metadata.get("kwargs", {}) if isinstance(metadata, dict) else {}
    model = codec({**published, **{key: value for key, value in said.items() if key in published}})
    load_content(model, content, str(path))
    return model


@build_pretransform.register
def _(config: DACPretrainedPretransformConfig, sample_rate: int) -> AutoencoderPretransform:
    options = config.config
    kind = (options.model_type, options.model_bitrate)
    if options.path is not None:
        path = weights_file(options.path, (".pth", ".pt", ".safetensors"))
    elif options.download:
        path = Path(downloaded("dac.utils", "descript-audio-codec", lambda utils: utils.download(*kind)))
    else:
        raise ask_where(f"the Descript Audio Codec ({' at '.join(kind)})")
    model = load_codec(path, PUBLISHED[kind])
    if model.sample_rate != sample_rate:
        raise ValueError(f"This codec works at {model.sample_rate} Hz, but the model's sample_rate is {sample_rate}")
    return AutoencoderPretransform(
        model, scale=options.scale, chunked=options.chunked, quantize_on_decode=options.quantize_on_decode
    )
