"""Encoders and decoders of stable-audio-tools' shipped files, on the same weights and the same sound."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from against.architectures import ARCHITECTURES
from against.timing import interleaved, matrix_peak, ratios
from narrows.models import create_model_from_config
from narrows.models.checkpoints.names import from_file
from narrows.models.inference import can_compile, prepare_for_inference


def load(name: str, device: str) -> tuple[dict[str, Any], Any, Any]:
    """The configuration, the reference's model and ours, with the reference's random weights in both."""
    from stable_audio_tools.models.factory import create_model_from_config as create_reference

    config = ARCHITECTURES[name]()
    torch.manual_seed(0)
    reference = create_reference(copy.deepcopy(config)).eval().requires_grad_(False).to(device)
    ours = create_model_from_config(config).eval().to(device)
    state = from_file(reference.state_dict())
    known = ours.state_dict().keys()
    ours.load_state_dict({key: value for key, value in state.items() if key in known})
    return config, reference, ours


def compare(name: str, seconds: float, rounds: int, device: str) -> list[dict[str, Any]]:
    """One row for each side and way."""
    config, reference, ours = load(name, device)
    length = round(seconds * config["sample_rate"]) // ours.downsampling_ratio * ours.downsampling_ratio
    audio = 0.3 * torch.randn(1, ours.in_channels, length, device=device)
    # Built again: the reference's weight normalisation cannot be copied.
    models = {"reference float32": reference, "reference bfloat16": load(name, device)[1].bfloat16()}
    for dtype in (torch.float32, torch.bfloat16):
        for compiled in (False, True) if can_compile(ours) else (False,):
            model = copy.deepcopy(ours)
            prepare_for_inference(model, dtype, compile=compiled)
            models[f"narrows {str(dtype)[6:]}{' compiled' if compiled else ''}"] = model
    del ours
    rows = []
    with torch.inference_mode():
        latents = torch.randn(1, reference.latent_dim, length // reference.downsampling_ratio, device=device)
        for side, x in (("encode", audio), ("decode", latents)):
            ways = {way: _caller(model, side, x) for way, model in models.items()}
            with FlopCounterMode(display=False) as counter:
                wanted = ways["reference float32"]()
            flops = counter.get_total_flops()
            seen = {way: _difference(wanted, run()) for way, run in ways.items()}
            table = ratios(interleaved(ways, rounds, device, warm=False), "reference float32")
            for way, figures in table.items():
                peak = matrix_peak(torch.bfloat16 if "bfloat16" in way else torch.float32, device)
                rate = flops / figures["seconds"]
                share = {"rate": rate, "matrix_peak": peak, "share_of_peak": rate / peak, "seconds_of_sound": seconds}
                rows.append({"case": f"{name} {side}", "way": way, **figures, **share, **seen[way]})
    return rows


def _caller(model: Any, side: str, x: torch.Tensor) -> Callable[[], torch.Tensor]:
    part = model.encoder if side == "encode" else model.decoder
    given = x.to(next(part.parameters()).dtype)
    return lambda: part(given)


def _difference(wanted: torch.Tensor, got: torch.Tensor) -> dict[str, float]:
    noise = (got.float() - wanted).square().mean()
    decibels = 10 * torch.log10(wanted.square().mean() / noise.clamp(min=1e-30))
    return {"largest_difference": float((got.float() - wanted).abs().max()), "snr_db": float(decibels)}
