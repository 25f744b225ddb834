"""`LongCatAudioDiTVae` of diffusers (LongCat-AudioDiT): an Oobleck with shortcuts.

It divides latents by a constant, `scale`; ours are those of the networks alone, that is `scale` times theirs.
"""

from __future__ import annotations

from math import prod
from typing import Any

from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.interchange.base import Document, FolderFormat, Tensors, demand
from narrows.models.interchange.parts import autoencoder_parts, normalised

KIND = "LongCatAudioDiTVae"
DEFAULTS: Document = {
    **{"in_channels": 1, "channels": 128, "c_mults": [1, 2, 4, 8, 16], "strides": None, "latent_dim": 64},
    **{"encoder_latent_dim": 128, "act_fn": None, "use_snake": None, "final_tanh": False, "sample_rate": 24000},
    **{"downsample_shortcut": "averaging", "upsample_shortcut": "duplicating", "out_shortcut": "averaging"},
    **{"in_shortcut": "duplicating", "scale": 0.71},
}
"""Of its class."""
FIXED = ("downsample_shortcut", "upsample_shortcut", "out_shortcut", "in_shortcut")


def _document(options: Document, _: Tensors) -> Document:
    options = DEFAULTS | {name: value for name, value in options.items() if value is not None}
    for name in FIXED:
        if options[name] != DEFAULTS[name]:
            raise CheckpointError(f"{name} is {options[name]!r}, only {DEFAULTS[name]!r} is known here")
    latent, snake = options["latent_dim"], options["act_fn"] == "snake" or options["use_snake"] is not False
    if options["encoder_latent_dim"] != 2 * latent or options["act_fn"] not in (None, "snake", "elu"):
        raise CheckpointError(f"encoder_latent_dim must be {2 * latent}, and act_fn snake or elu")
    strides = _strides(options)
    side = {"channels": options["channels"], "c_mults": options["c_mults"], "strides": strides}
    side |= {"use_snake": snake if options["act_fn"] is None else options["act_fn"] == "snake", "shortcuts": True}
    tanh = {"final_tanh": options["final_tanh"]}
    return {
        "model_type": "autoencoder",
        "sample_rate": options["sample_rate"],
        "audio_channels": options["in_channels"],
        "model": {
            "encoder": {
                "type": "oobleck",
                "config": {**side, "in_channels": options["in_channels"], "latent_dim": 2 * latent},
            },
            "decoder": {
                "type": "oobleck",
                "config": {**side, "out_channels": options["in_channels"], "latent_dim": latent, **tanh},
            },
            "bottleneck": {"type": "vae"},
            "latent_dim": latent,
            "downsampling_ratio": prod(strides),
            "io_channels": options["in_channels"],
        },
    }


def _strides(options: Document) -> list[int]:
    """As many as there are stages: the last one again where some are missing."""
    stages, given = len(options["c_mults"]), list(options["strides"] or [2])
    return [*given, *[given[-1]] * stages][:stages]


def _config(config: Any) -> Document:
    model = autoencoder_parts(config, "oobleck", "oobleck", "vae", KIND)
    encoder, decoder = model.encoder.config, model.decoder.config
    wanted: dict[str, tuple[Any, Any]] = {
        "/model/encoder/config/latent_dim": (2 * model.latent_dim, encoder.latent_dim),
        "/model/decoder/config/use_nearest_upsample": (False, decoder.use_nearest_upsample),
        "/model/decoder/config/final_bias": (False, decoder.final_bias),
        "/model/decoder/soft_clip": (False, model.decoder.soft_clip),
    }
    for name in ("channels", "strides", "c_mults", "use_snake"):
        wanted[f"/model/decoder/config/{name}"] = (getattr(encoder, name), getattr(decoder, name))
    for side, options in (("encoder", encoder), ("decoder", decoder)):
        wanted[f"/model/{side}/config/shortcuts"] = (True, options.shortcuts)
        for name, value in {"antialias_activation": False, "antialias_blocks": False, "lstm": 0}.items():
            wanted[f"/model/{side}/config/{name}"] = (value, getattr(options, name))
        odd = options.exact_length and any(stride % 2 for stride in options.strides)
        wanted[f"/model/{side}/config/exact_length"] = (False, odd)
    demand(wanted, KIND)
    return {
        "_class_name": KIND,
        **{name: DEFAULTS[name] for name in (*FIXED, "scale")},
        "act_fn": "snake" if encoder.use_snake else "elu",
        "c_mults": list(encoder.c_mults),
        "channels": encoder.channels,
        "downsampling_ratio": prod(encoder.strides),
        "encoder_latent_dim": encoder.latent_dim,
        "final_tanh": decoder.final_tanh,
        "in_channels": encoder.in_channels,
        "latent_dim": model.latent_dim,
        "sample_rate": config.sample_rate,
        "strides": list(encoder.strides),
    }


def _tensors(model: Any, options: Document) -> Tensors:
    last = f"encoder.layers.{len(options['strides']) + 1}."
    state = normalised(model)
    return {
        name.replace(f"{place}layers.", place) if name.startswith(f"{place}layers.") else name: tensor
        for name, tensor in state.items()
        for place in (last if name.startswith("encoder.") else "decoder.layers.0.",)
    }


FORMAT = FolderFormat(
    library="diffusers",
    kind=KIND,
    key=("_class_name", KIND),
    weights="diffusion_pytorch_model.safetensors",
    document=_document,
    config=_config,
    tensors=_tensors,
)
