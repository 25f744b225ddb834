"""A guided step of a diffusion transformer here and in diffusers, on the same weights, interleaved.

    python benchmarks/diffusion_step.py [--rounds 15] [--frames 256] [--width 512] [--layers 8] [--compile]

Prints seconds of processor time, the least of all rounds, in one thread, and ratios; how far the outputs are apart; the
arithmetic that the unconditional half of a step saves here, without a context to attend to; and the signal-to-noise
ratio of latents in bfloat16 after 50 guided steps. Ours is prepared, as `narrows generate` prepares it.
"""

from __future__ import annotations

import argparse
import copy
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderOobleck, StableAudioDiTModel
from diffusers.models.embeddings import get_1d_rotary_pos_embed
from diffusers.pipelines.stable_audio.modeling_stable_audio import StableAudioProjectionModel
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent))
from against.timing import flops, least

from narrows.models import load_model
from narrows.models.diffusion.samplers import sample
from narrows.models.diffusion.sampling import SAMPLERS
from narrows.models.inference import prepare_for_inference

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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("rounds", 15), ("frames", 256), ("width", 512), ("layers", 8)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--compile", action="store_true", help="measure compiled models too")
    given = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place, torch.inference_mode():
        theirs = folder(Path(place), given.width, given.layers, given.frames)
        ours = load_model(place)
        measure(theirs, ours, given)


def measure(theirs: Any, ours: Any, given: argparse.Namespace) -> None:
    """All ways, interleaved."""
    x, t = torch.randn(1, 64, given.frames), torch.tensor([0.5])
    inputs = {"cross_attn_cond": torch.randn(1, TOKENS, WIDTH), "global_cond": torch.randn(1, 2 * WIDTH)}
    ways: dict[str, Callable[[], Tensor]] = {}
    models = {}
    for dtype in (torch.float32, torch.bfloat16):
        name = str(dtype)[6:]
        ways[f"diffusers {name}"] = diffusers_step(copy.deepcopy(theirs).to(dtype), x, t, inputs, dtype)
        for compiled in (False, True) if given.compile else (False,):
            model = copy.deepcopy(ours)
            prepare_for_inference(model, dtype, compile=compiled)
            way = f"narrows {name}{' compiled' if compiled else ''}"
            models[way] = model
            ways[way] = narrows_step(model, x, t, inputs, dtype)
    reference = "diffusers float32"
    counts = {way: flops(ways[way]) for way in (reference, "narrows float32")}
    wanted = ways[reference]()
    seconds = least(ways, given.rounds)
    for way, taken in seconds.items():
        off = float((ways[way]().float() - wanted).abs().max())
        print(f"{way:<26} {taken:.3f} s, {seconds[reference] / taken:.2f} x; largest difference {off:.1e}")
    skipped = 1 - counts["narrows float32"] / counts[reference]
    done, all_of_it = counts["narrows float32"] / 1e9, counts[reference] / 1e9
    print(f"arithmetic: {done:.2f} of {all_of_it:.2f} GFLOPs, {skipped:.1%} skipped")
    print(f"bfloat16 after 50 guided steps: {after_steps(models, inputs, given.frames):.1f} dB")


def diffusers_step(
    model: Any, x: Tensor, t: Tensor, inputs: dict[str, Tensor], dtype: torch.dtype
) -> Callable[[], Tensor]:
    """A guided step of diffusers, both branches in one call as its pipeline does it."""
    rotary = get_1d_rotary_pos_embed(HEAD // 2, x.shape[-1] + 1, use_real=True, repeat_interleave_real=False)
    text, numbers = (inputs[name].to(dtype) for name in ("cross_attn_cond", "global_cond"))

    def step() -> Tensor:
        noisy, both = x.to(dtype), torch.cat([torch.zeros_like(text), text])
        times, whole = t.repeat(2), numbers[:, None].repeat(2, 1, 1)
        out = model(torch.cat([noisy, noisy]), times, both, whole, rotary, return_dict=False)[0]
        free, conditional = out.chunk(2)
        guided: Tensor = free + (conditional - free) * SCALE
        return guided

    return step


def narrows_step(
    model: Any, x: Tensor, t: Tensor, inputs: dict[str, Tensor], dtype: torch.dtype
) -> Callable[[], Tensor]:
    """A guided step of ours."""
    given = {name: value.to(dtype) for name, value in inputs.items()}
    return lambda: model.predict(x.to(dtype), t, given, SCALE)


def after_steps(models: dict[str, Any], inputs: dict[str, Tensor], frames: int, steps: int = 50) -> float:
    """Signal to noise of latents in bfloat16 against float32, in dB."""
    noise = torch.randn(1, 64, frames, generator=torch.Generator().manual_seed(0))
    latents = []
    for way in ("narrows float32", "narrows bfloat16"):
        model = models[way]
        dtype = next(model.model.parameters()).dtype
        given = {name: value.to(dtype) for name, value in inputs.items()}
        predict = partial(model.predict, inputs=given, cfg_scale=SCALE)
        options = {"objective": model.diffusion_objective, "steps": steps, "generator": [0]}
        latents.append(sample(SAMPLERS[model.diffusion_objective], predict, noise.to(dtype), **options).float())
    return float(10 * torch.log10(latents[0].square().mean() / (latents[1] - latents[0]).square().mean()))


if __name__ == "__main__":
    main()
