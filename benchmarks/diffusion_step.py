"""A guided step of a diffusion transformer here and in diffusers, on the same weights, interleaved.

    python benchmarks/diffusion_step.py [--rounds 5] [--frames 256] [--width 512] [--layers 8]

Prints seconds and ratios in float32 and bfloat16, how far the outputs are apart, and the arithmetic that the
unconditional half of a step saves here: without a context there is no cross-attention to compute.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderOobleck, StableAudioDiTModel
from diffusers.models.embeddings import get_1d_rotary_pos_embed
from diffusers.pipelines.stable_audio.modeling_stable_audio import StableAudioProjectionModel
from torch.utils.flop_counter import FlopCounterMode

sys.path.insert(0, str(Path(__file__).parent))
from against.timing import interleaved, ratios

from narrows.models import load_model

HEAD, TOKENS, WIDTH, SCALE = 64, 65, 512, 6.0


def folder(path: Path, width: int, layers: int, frames: int) -> Any:
    """A pipeline of random weights, and its transformer."""
    torch.manual_seed(0)
    transformer = StableAudioDiTModel(
        sample_size=frames, in_channels=64, num_layers=layers, attention_head_dim=HEAD,
        num_attention_heads=width // HEAD, num_key_value_attention_heads=WIDTH // HEAD, out_channels=64,
        cross_attention_dim=WIDTH, global_states_input_dim=2 * WIDTH, cross_attention_input_dim=WIDTH,
    )  # fmt: skip
    projection = StableAudioProjectionModel(WIDTH, WIDTH, 0, 512)
    codec = AutoencoderOobleck(
        encoder_hidden_size=128, downsampling_ratios=[2], channel_multiples=[1], decoder_channels=8,
        decoder_input_channels=64, audio_channels=1, sampling_rate=16000,
    )  # fmt: skip
    for name, part in {"vae": codec, "transformer": transformer, "projection_model": projection}.items():
        part.save_pretrained(path / name)
    (path / "text_encoder").mkdir()
    (path / "text_encoder" / "config.json").write_text(f'{{"d_model": {WIDTH}}}', encoding="utf-8")
    (path / "model_index.json").write_text('{"_class_name": "StableAudioPipeline"}', encoding="utf-8")
    return transformer.eval()


def main() -> None:
    """Time and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in (("rounds", 5), ("frames", 256), ("width", 512), ("layers", 8)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        theirs = folder(Path(place), given.width, given.layers, given.frames)
        ours = load_model(place)
    for dtype in (torch.float32, torch.bfloat16):
        theirs, ours = theirs.to(dtype), ours.to(dtype)
        measure(theirs, ours, dtype, given)


def measure(theirs: Any, ours: Any, dtype: torch.dtype, given: argparse.Namespace) -> None:
    """One precision."""
    x, t = torch.randn(1, 64, given.frames, dtype=dtype), torch.tensor([0.5])
    text, numbers = torch.randn(1, TOKENS, WIDTH, dtype=dtype), torch.randn(1, 2 * WIDTH, dtype=dtype)
    rotary = get_1d_rotary_pos_embed(HEAD // 2, given.frames + 1, use_real=True, repeat_interleave_real=False)
    inputs = {"cross_attn_cond": text, "global_cond": numbers}

    def diffusers() -> Any:
        both = torch.cat([torch.zeros_like(text), text])
        out = theirs(torch.cat([x, x]), t.repeat(2), both, numbers[:, None].repeat(2, 1, 1), rotary, return_dict=False)[
            0
        ]
        free, conditional = out.chunk(2)
        return free + (conditional - free) * SCALE

    def narrows() -> Any:
        return ours.predict(x, t, inputs, SCALE)

    with torch.inference_mode():
        print(f"{dtype}: largest difference {float((diffusers() - narrows()).abs().max()):.2e}")
        for name, row in ratios(
            interleaved({"diffusers": diffusers, "narrows": narrows}, given.rounds, "cpu"), "diffusers"
        ).items():
            print(f"  {name:<10} {row['seconds']:.3f} s, {row['ratio']:.2f} x")
        counts = []
        for way in (diffusers, narrows):
            with FlopCounterMode(display=False) as flops:
                way()
            counts.append(flops.get_total_flops())
        skipped = 1 - counts[1] / counts[0]
        print(f"  arithmetic: {counts[1] / 1e9:.2f} of {counts[0] / 1e9:.2f} GFLOPs, {skipped:.1%} skipped")


if __name__ == "__main__":
    main()
