"""Speed of generating tokens, one thread, beside transformers' MusicGen decoder with its cache.

    python benchmarks/generate_tokens.py [--frames 160 320] [--rounds 7] [--precision float32 bfloat16 int8]

All have the same weights (256 wide, 6 layers, 4 heads, 4 codebooks of 256, unless `--size` says otherwise), make the
same tokens, and are timed in turns by the processor time of this process, of which the least of all rounds counts: what
else the machine does can only add to it. Ratios count. Ours are prepared, as `narrows generate` prepares them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import DynamicCache, MusicgenForCausalLM
from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig

from narrows.models import create_model_from_config, load_checkpoint
from narrows.models.lm.precision import prepare_generation

CODEBOOKS, SIZE, TOP_K = 4, 256, 100
FIRST = "transformers, its cache"
SIZES = {"small": (256, 6, 4), "medium": (512, 8, 8), "musicgen-small": (1024, 24, 16)}


def document(width: int, depth: int, heads: int) -> dict[str, Any]:
    """A language model of MusicGen's layers over a tokenizer that is never run."""
    sides = {"channels": 4, "c_mults": [1, 2], "strides": [2, 4]}
    rvq = {"type": "rvq", "config": {"dim": 4, "num_quantizers": CODEBOOKS, "codebook_size": SIZE}}
    codec = {
        "encoder": {"type": "oobleck", "config": {**sides, "in_channels": 1, "latent_dim": 4}},
        "decoder": {"type": "oobleck", "config": {**sides, "out_channels": 1, "latent_dim": 4}},
        "latent_dim": 4,
        "downsampling_ratio": 8,
        "io_channels": 1,
        "bottleneck": rvq,
    }
    lm = {"type": "musicgen", "config": {"embed_dim": width, "depth": depth, "heads": heads}}
    model = {"pretransform": {"type": "autoencoder", "config": codec}, "lm": lm}
    return {"model_type": "lm", "sample_rate": 8000, "model": model}


def ours(theirs: Any, *size: int) -> Any:
    """Our model, with the weights of theirs."""
    built = create_model_from_config(document(*size)).eval()
    # Without text nothing attends to it.
    state = {f"decoder.{name}": value for name, value in theirs.state_dict().items() if "encoder_attn" not in name}
    with TemporaryDirectory() as folder:
        save_file({name: value.clone() for name, value in state.items()}, f"{folder}/model.safetensors")
        load_checkpoint(built.lm, f"{folder}/model.safetensors")
    return built


def decoder(width: int, depth: int, heads: int) -> Any:
    """Transformers' decoder, with weights that are all in use."""
    torch.manual_seed(0)
    config = MusicgenDecoderConfig(
        vocab_size=SIZE, num_codebooks=CODEBOOKS, hidden_size=width, num_hidden_layers=depth, num_attention_heads=heads,
        ffn_dim=4 * width, max_position_embeddings=2048, pad_token_id=SIZE, bos_token_id=SIZE, dropout=0.0,
    )  # fmt: skip
    return MusicgenForCausalLM(config).eval()


def their_loop(model: Any, frames: int, top_k: int) -> Tensor:
    """Tokens `(1, K, frames)` by the delay pattern, from the decoder with its cache; greedy where `top_k` is 1."""
    cache = DynamicCache()
    sequence = torch.full((CODEBOOKS, frames + CODEBOOKS), SIZE)
    for step in range(frames + CODEBOOKS - 1):
        out = model(input_ids=sequence[:, step : step + 1], past_key_values=cache, use_cache=True)
        probabilities = torch.softmax(out.logits[:, -1], dim=-1)
        least = probabilities.topk(top_k).values[:, -1:]
        kept = probabilities * (probabilities >= least)
        drawn = (kept / torch.empty_like(kept).exponential_()).argmax(-1)
        for codebook in range(CODEBOOKS):
            if 0 <= step - codebook < frames:
                sequence[codebook, step + 1] = drawn[codebook]
    return torch.stack([sequence[k, k + 1 : k + 1 + frames] for k in range(CODEBOOKS)])[None]


def drawn(model: Any, frames: int, cache: bool) -> Tensor:
    """Tokens of ours."""
    generator = torch.Generator().manual_seed(0)
    return model.generate_codes(frames, top_k=TOP_K, cache=cache, generator=generator)  # type: ignore[no-any-return]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, nargs="+", default=[160, 320])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--precision", nargs="+", default=["float32"], choices=["float32", "bfloat16", "int8"])
    parser.add_argument("--without-cache", action=argparse.BooleanOptionalAction, default=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    theirs = decoder(*SIZES[arguments.size])
    model = ours(theirs, *SIZES[arguments.size])
    with torch.no_grad():
        same = torch.equal(model.generate_codes(60, temperature=0), their_loop(theirs, 60, 1))
    print(f"greedy tokens of both: {'equal' if same else 'DIFFERENT'}\n")
    runs: dict[str, Callable[[int], Any]] = {FIRST: lambda frames: their_loop(theirs, frames, TOP_K)}
    for precision in arguments.precision:
        made = ours(theirs, *SIZES[arguments.size])
        prepare_generation(made, precision)
        runs[precision] = partial(drawn, made, cache=True)
    if arguments.without_cache:
        runs["float32, no cache"] = partial(drawn, model, cache=False)
    print("| frames | model | ms a frame | tokens/s | speed beside transformers |\n|---|---|---|---|---|")
    with torch.no_grad():
        for frames in arguments.frames:
            taken: dict[str, list[float]] = {name: [] for name in runs}
            for _ in range(arguments.rounds):
                for name, run in runs.items():
                    began = time.process_time()
                    run(frames)
                    taken[name].append(time.process_time() - began)
            for name, seconds in taken.items():
                best = min(seconds)
                print(
                    f"| {frames} | {name} | {best / frames * 1000:.2f} | {CODEBOOKS * frames / best:.0f} | "
                    f"{min(taken[FIRST]) / best:.2f} |"
                )


if __name__ == "__main__":
    main()
