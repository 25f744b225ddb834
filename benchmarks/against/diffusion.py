"""Latent diffusion of stable-audio-tools: a guided step, and prompts of mixed length from conditions to sound."""

from __future__ import annotations

import contextlib
import copy
import io
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from against.timing import flops, interleaved, matrix_peak, ratios
from narrows.models import create_model_from_config
from narrows.models.inference import can_compile, prepare_for_inference

RATE, TOKENS, SCALE = 16000, 65, 6.0
CODEC = {"channels": 8, "c_mults": [1, 2, 4, 4], "strides": [4, 4, 4, 4], "latent_dim": 32}


def document(width: int, depth: int, channels: int, frames: int) -> dict[str, Any]:
    """A conditional latent model with a small codec of 256 samples a frame."""
    sides = {side: {"type": "oobleck", "config": dict(CODEC)} for side in ("encoder", "decoder")}
    sides["encoder"]["config"] |= {"in_channels": 1, "latent_dim": 2 * channels}
    sides["decoder"]["config"] |= {"out_channels": 1, "latent_dim": channels}
    codec = {
        **sides,
        "bottleneck": {"type": "vae"},
        "latent_dim": channels,
        "downsampling_ratio": 256,
        "io_channels": 1,
    }
    numbers = [
        {"id": name, "type": "number", "config": {"min_val": 0, "max_val": 30}} for name in ("pitch", "seconds_total")
    ]
    backbone = {
        **{"io_channels": channels, "embed_dim": width, "depth": depth, "num_heads": max(1, width // 64)},
        **{"cond_token_dim": width, "global_cond_dim": width, "project_cond_tokens": False},
    }
    return {
        "model_type": "diffusion_cond",
        "sample_rate": RATE,
        "sample_size": frames * 256,
        "audio_channels": 1,
        "model": {
            "io_channels": channels,
            "pretransform": {"type": "autoencoder", "iterate_batch": False, "config": codec},
            "conditioning": {"cond_dim": width, "configs": numbers},
            "diffusion": {
                "type": "dit",
                "diffusion_objective": "rectified_flow",
                "cross_attention_cond_ids": ["pitch", "seconds_total"],
                "global_cond_ids": ["seconds_total"],
                "config": backbone,
            },
        },
    }


def load(width: int, depth: int, channels: int, frames: int) -> tuple[Any, Any]:
    """The reference's model and ours, with the same random weights: also those that start at zero."""
    from stable_audio_tools.models.factory import create_model_from_config as create_reference

    config = document(width, depth, channels, frames)
    torch.manual_seed(0)
    reference = create_reference(copy.deepcopy(config)).eval().requires_grad_(False)
    for parameter in reference.model.parameters():
        if not parameter.any():
            parameter += 0.02 * torch.randn_like(parameter)
    ours = create_model_from_config(config).eval()
    ours.load_state_dict(reference.state_dict())
    return reference, ours


def compare(rounds: int, device: str) -> list[dict[str, Any]]:
    """One row for each case and way."""
    with torch.inference_mode():
        return _step(rounds, device) + _prompts(max(1, rounds // 2), device)


def _step(rounds: int, device: str) -> list[dict[str, Any]]:
    """A guided step of 43 million weights on 256 frames with 65 tokens of context."""
    reference, ours = (model.to(device) for model in load(512, 8, 64, 256))
    x, t = torch.randn(1, 64, 256, device=device), torch.tensor([0.5], device=device)
    inputs = {"cross_attn_cond": torch.randn(1, TOKENS, 512, device=device)}
    inputs["global_cond"] = torch.randn(1, 512, device=device)
    ways: dict[str, Callable[[], Tensor]] = {
        "reference float32": lambda: reference.model(x, t, **inputs, cfg_scale=SCALE)
    }
    for dtype in (torch.float32, torch.bfloat16):
        for compiled in (False, True) if can_compile(ours) else (False,):
            model = copy.deepcopy(ours)
            prepare_for_inference(model, dtype, compile=compiled)
            given = {name: value.to(dtype) for name, value in inputs.items()}
            ways[f"narrows {str(dtype)[6:]}{' compiled' if compiled else ''}"] = _predict(model, x.to(dtype), t, given)
    counts = {way: flops(run) for way, run in ways.items() if "compiled" not in way}
    wanted = ways["reference float32"]()
    rows = []
    for way, figures in ratios(interleaved(ways, rounds, device), "reference float32").items():
        peak = matrix_peak(torch.bfloat16 if "bfloat16" in way else torch.float32, device)
        done = counts.get(way.removesuffix(" compiled"), 0)
        rate = done / figures["seconds"]
        share = {"rate": rate, "matrix_peak": peak, "share_of_peak": rate / peak}
        saved = {"arithmetic_saved": 1 - done / counts["reference float32"]}
        rows.append(
            {"case": "guided step", "way": way, **figures, **share, **saved, **_difference(wanted, ways[way]())}
        )
    return rows


def _predict(model: Any, x: Tensor, t: Tensor, inputs: dict[str, Tensor]) -> Callable[[], Tensor]:
    return lambda: model.predict(x, t, inputs, SCALE)


def _prompts(rounds: int, device: str, count: int = 64, steps: int = 8) -> list[dict[str, Any]]:
    """Sounds of 0.5 to 4 seconds on a small model: the reference makes each at the length of the model."""
    from stable_audio_tools.inference.generation import generate_diffusion_cond

    reference, ours = (model.to(device) for model in load(128, 3, 32, 256))
    lengths = [0.5 + 3.5 * (i * 37 % count) / count for i in range(count)]
    prompts = [{"pitch": float(i % 24), "seconds_total": seconds} for i, seconds in enumerate(lengths)]

    def theirs() -> None:
        for seed, prompt in enumerate(prompts):
            more = {"conditioning": [prompt], "seed": seed, "sample_size": 256 * 256, "device": device}
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                generate_diffusion_cond(reference, steps=steps, cfg_scale=SCALE, **more)

    def narrows(model: Any) -> None:
        model.generate(prompts, seed=list(range(count)), seconds=lengths, steps=steps, cfg_scale=SCALE)

    # With the same weights: a model that was trained on padded items diffuses each in its own length.
    config = document(128, 3, 32, 256)
    config["model"]["diffusion"]["mask_padding_attention"] = True
    lengthwise = create_model_from_config(config).to(device)
    lengthwise.load_state_dict(ours.state_dict())
    ways = {"reference float32": theirs}
    for dtype in (torch.float32, torch.bfloat16):
        for model, how in ((ours, ""), (lengthwise, ", mask_padding_attention")):
            own = copy.deepcopy(model)
            prepare_for_inference(own, dtype)  # as `narrows generate` does
            ways[f"narrows {str(dtype)[6:]}{how}"] = partial(narrows, own)
    note = f"{count} sounds of 0.5 to 4 s, {steps} steps, decoded"
    table = ratios(interleaved(ways, rounds, device), "reference float32")
    return [{"case": "prompts", "way": way, **figures, "note": note} for way, figures in table.items()]


def _difference(wanted: Tensor, got: Tensor) -> dict[str, float]:
    noise = (got.float() - wanted).square().mean()
    decibels = 10 * torch.log10(wanted.square().mean() / noise.clamp(min=1e-30))
    return {"largest_difference": float((got.float() - wanted).abs().max()), "snr_db": float(decibels)}
