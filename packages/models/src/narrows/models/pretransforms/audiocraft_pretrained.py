"""Published EnCodec models as a pretransform (Défossez et al. 2022, arXiv 2210.13438; AudioCraft)."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any

import yaml
from torch import Tensor

from narrows.configs import AudiocraftPretrainedPretransformConfig
from narrows.models.autoencoders.audio import AudioAutoencoder
from narrows.models.bottlenecks.rvq import RVQBottleneck
from narrows.models.checkpoints.load import load_content, read_tensors
from narrows.models.decoders.seanet import SeanetDecoder
from narrows.models.encoders.seanet import SeanetEncoder
from narrows.models.pretransforms import build_pretransform
from narrows.models.pretransforms.autoencoder import AutoencoderPretransform
from narrows.models.pretransforms.published import ask_where, downloaded, weights_file

# Names of a SEANet's options in the configuration of transformers.
TRANSFORMERS = {
    "hidden_size": "dimension",
    "num_filters": "n_filters",
    "num_residual_layers": "n_residual_layers",
    "upsampling_ratios": "ratios",
    "norm_type": "norm",
    "kernel_size": "kernel_size",
    "last_kernel_size": "last_kernel_size",
    "residual_kernel_size": "residual_kernel_size",
    "dilation_growth_rate": "dilation_base",
    "use_causal_conv": "causal",
    "pad_mode": "pad_mode",
    "compress": "compress",
    "num_lstm_layers": "lstm",
}


class EncodecPretransform(AutoencoderPretransform):
    """An EnCodec model whose tokens have the layout of AudioCraft, `(B, codebooks, frames)`."""

    def tokenize(self, audio: Tensor, **kwargs: Any) -> Tensor:
        """Tokens `(B, K, L)`."""
        return super().tokenize(audio, **kwargs).transpose(1, 2)

    def decode_tokens(self, tokens: Tensor, **kwargs: Any) -> Tensor:
        """Audio of tokens `(B, K, L)`."""
        return super().decode_tokens(tokens.transpose(1, 2), **kwargs)


def of_audiocraft(text: str) -> dict[str, Any]:
    """Options of a SEANet, sample rate and channels, from the experiment that AudioCraft keeps in its files."""
    config = yaml.safe_load(text)
    seanet = {k: v for k, v in config["seanet"].items() if k not in ("encoder", "decoder", "disable_norm_outer_blocks")}
    if config["seanet"].get("disable_norm_outer_blocks"):
        raise ValueError("Models with disable_norm_outer_blocks are not published and not known here")
    return {
        "seanet": {**seanet, "channels": config["channels"]},
        "decoder": config["seanet"].get("decoder") or {},
        "sample_rate": config["sample_rate"],
    }


def of_transformers(config: dict[str, Any]) -> dict[str, Any]:
    """The same from the configuration of transformers."""
    if config.get("normalize") or config.get("chunk_length_s"):
        raise ValueError("EnCodec models that normalise or overlap pieces, such as encodec_48khz, are not known here")
    seanet = {ours: config[theirs] for theirs, ours in TRANSFORMERS.items() if theirs in config}
    return {
        "seanet": {
            **seanet,
            "channels": config["audio_channels"],
            "true_skip": not config.get("use_conv_shortcut", True),
        },
        "decoder": {"trim_right_ratio": config.get("trim_right_ratio", 1.0)},
        "sample_rate": config["sampling_rate"],
    }


def codec(given: dict[str, Any], codebooks: list[tuple[int, int]]) -> AudioAutoencoder:
    """A codec of SEANets; `codebooks` are the size and width of each."""
    seanet = given["seanet"]
    ratios = list(seanet["ratios"])
    size, dimension = codebooks[0]
    return AudioAutoencoder(
        SeanetEncoder(**{**seanet, "ratios": ratios[::-1]}),
        SeanetDecoder(**seanet, **given["decoder"]),
        latent_dim=seanet["dimension"],
        downsampling_ratio=prod(ratios),
        sample_rate=given["sample_rate"],
        io_channels=seanet["channels"],
        bottleneck=RVQBottleneck(dimension, size, len(codebooks)),
    )


def codebooks_of(state: dict[str, Any]) -> list[tuple[int, int]]:
    """Size and width of each codebook among a file's tensors."""
    found = [tuple(t.shape[-2:]) for name, t in state.items() if name.endswith("codebook.embed")]
    if not found:
        raise ValueError("The file holds no codebooks: it is no EnCodec model")
    return found


def load_codec(path: Path) -> AudioAutoencoder:
    """The codec of a file of AudioCraft, or of a folder of transformers with its config.json."""
    file = weights_file(path, (".safetensors", ".bin", ".th", ".pt"))
    content = read_tensors(file)
    if isinstance(content.get("xp.cfg"), str):
        given, state = of_audiocraft(content["xp.cfg"]), content["best_state"]
    else:
        described = file.parent / "config.json"
        if not described.is_file():
            raise FileNotFoundError(f"{file} does not describe its model, and there is no config.json beside it")
        given, state = of_transformers(json.loads(described.read_text(encoding="utf-8"))), content
    model = codec(given, codebooks_of(state))
    load_content(model, content, str(file))
    return model


def fetch_codec(name: str) -> AudioAutoencoder:
    """The codec that AudioCraft downloads."""
    theirs = downloaded("audiocraft.models", "audiocraft", lambda m: m.CompressionModel.get_pretrained(name, "cpu"))
    config = getattr(getattr(theirs, "model", None), "config", None)
    if config is None:
        raise ValueError(f"{name} is no EnCodec model: only those can be used here")
    state = theirs.model.state_dict()
    model = codec(of_transformers(config.to_dict()), codebooks_of(state))
    load_content(model, state, name)
    return model


@build_pretransform.register
def _(config: AudiocraftPretrainedPretransformConfig, sample_rate: int) -> EncodecPretransform:
    options = config.config
    if options.path is not None:
        model = load_codec(Path(options.path))
    elif options.download:
        model = fetch_codec(options.model_type)
    else:
        raise ask_where(options.model_type)
    if model.sample_rate != sample_rate:
        raise ValueError(f"This codec works at {model.sample_rate} Hz, but the model's sample_rate is {sample_rate}")
    return EncodecPretransform(model, scale=options.scale, quantize_on_decode=options.quantize_on_decode)
