"""Train every bottleneck with one small encoder and decoder on a folder of audio, and print a table.

    python benchmarks/train_bottlenecks.py FOLDER [--steps 200] [--only rvq fsq] [--device cuda]

For each: the reconstruction (L1 and log-spectral distance of held-out crops), what a latent frame costs (bits of
tokens, or KL in nats), how well the codes are used, the weighted loss of the bottleneck, and seconds a step.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from narrows.data import create_dataloader_from_config
from narrows.models import create_model_from_config
from narrows.models.blocks.quantizers.health import codebook_health
from narrows.models.bottlenecks import DiscreteBottleneck

CHANNELS, RATE, RATIO = 8, 16000, 64
BOTTLENECKS: dict[str, dict[str, Any]] = {
    "identity": {},
    "skip": {"target_channels": CHANNELS},
    "tanh": {},
    "l2_norm": {},
    "vae": {},
    "wasserstein": {},
    "softnorm": {"dim": CHANNELS},
    "rvq": {"dim": CHANNELS, "codebook_size": 256, "num_quantizers": 4, "kmeans_iters": 10},
    "rvq_vae": {"dim": CHANNELS, "codebook_size": 256, "num_quantizers": 4, "kmeans_iters": 10},
    "grouped_rvq": {"dim": CHANNELS, "groups": 2, "codebook_size": 256, "num_quantizers": 2, "kmeans_iters": 10},
    "dac_rvq": {"input_dim": CHANNELS, "codebook_size": 256, "n_codebooks": 4, "codebook_dim": 4},
    "dac_rvq_vae": {"input_dim": CHANNELS, "codebook_size": 256, "n_codebooks": 4, "codebook_dim": 4},
    "simvq": {"dim": CHANNELS, "codebook_size": 256, "num_quantizers": 4},
    "fsq": {"levels": [8, 8, 4], "num_codebooks": 4, "dim": CHANNELS},
    "dithered_fsq": {"dim": 2, "levels": 16, "num_codebooks": 4},
    "residual_fsq": {"levels": [8, 8, 4], "num_quantizers": 4, "dim": CHANNELS},
    "lfq": {"codebook_size": 256, "num_codebooks": 4, "dim": CHANNELS},
}
VARIATIONAL = {"vae", "rvq_vae", "dac_rvq_vae"}


def build(tag: str) -> Any:
    """The model: Oobleck, about 0.2 million parameters."""
    width = {"channels": 8, "c_mults": [1, 2, 4], "strides": [4, 4, 4], "use_snake": True}
    twice = 2 if tag in VARIATIONAL else 1
    torch.manual_seed(0)
    return create_model_from_config(
        {
            "model_type": "autoencoder",
            "sample_rate": RATE,
            "model": {
                "encoder": {"type": "oobleck", "config": {**width, "in_channels": 1, "latent_dim": twice * CHANNELS}},
                "decoder": {"type": "oobleck", "config": {**width, "out_channels": 1, "latent_dim": CHANNELS}},
                "bottleneck": {"type": tag, "config": BOTTLENECKS[tag]},
                "latent_dim": CHANNELS,
                "downsampling_ratio": RATIO,
                "io_channels": 1,
            },
        }
    )


def log_spectral(decoded: Tensor, audio: Tensor) -> Tensor:
    """Mean absolute difference of log magnitudes at two resolutions."""
    distances = []
    for size in (256, 1024):
        window = torch.hann_window(size, device=audio.device)
        spectra = [
            torch.stft(x.flatten(0, 1), size, size // 4, window=window, return_complex=True).abs().clamp(min=1e-3).log()
            for x in (decoded, audio)
        ]
        distances.append(F.l1_loss(*spectra))
    return torch.stack(distances).mean()


def crops(folder: Path, batches: int, batch_size: int, samples: int, device: str) -> list[Tensor]:
    """The same crops for every bottleneck."""
    config = {"dataset_type": "audio_dir", "datasets": [{"id": "audio", "path": str(folder)}], "random_crop": True}
    torch.manual_seed(0)
    loader = create_dataloader_from_config(config, batch_size, samples, RATE, audio_channels=1, num_workers=0)
    found: list[Tensor] = []
    while len(found) < batches:
        found.extend(batch[0].to(device) for batch in loader)
    return found[:batches]


def train(tag: str, data: list[Tensor], steps: int, device: str) -> dict[str, float]:
    """Train on all but the last four batches, which measure."""
    model = build(tag).to(device).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.8, 0.99))
    seen, held_out = data[:-4], data[-4:]
    start = time.perf_counter()
    for step in range(steps):
        audio = seen[step % len(seen)]
        latents, info = model.encode(audio, return_info=True)
        decoded = model.decode(latents)
        loss = F.l1_loss(decoded, audio) + 0.1 * log_spectral(decoded, audio)
        loss = loss + sum(info[term.key] * term.weight for term in model.bottleneck.losses)
        if not math.isfinite(loss.item()):
            raise RuntimeError(f"{tag} diverges at step {step}")
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
    seconds = (time.perf_counter() - start) / steps
    return {**measure(model, torch.cat(held_out)), "s/step": seconds}


@torch.no_grad()
def measure(model: Any, audio: Tensor) -> dict[str, float]:
    """Figures of held-out crops, in evaluation mode."""
    model.eval()
    bottleneck = model.bottleneck
    latents, info = model.encode(audio, return_info=True)
    decoded = model.decode(latents)
    figures = {"L1": F.l1_loss(decoded, audio).item(), "log-spectral": log_spectral(decoded, audio).item()}
    if isinstance(bottleneck, DiscreteBottleneck):
        health = codebook_health(bottleneck.tokens(info), bottleneck.codebook_size)
        bits = bottleneck.num_quantizers * math.log2(bottleneck.codebook_size)
        figures |= {"kbit/s": bits * RATE / RATIO / 1000, "used %": 100 * health.usage.mean().item()}
        figures |= {"perplexity": health.perplexity.mean().item()}
    if "kl" in info:
        # The reported value lacks the factor of one half.
        figures["KL nats"] = info["kl"].item() / 2
    return figures


def main() -> None:
    """Print a table as it grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--samples", type=int, default=8192, help="length of a crop")
    parser.add_argument("--only", nargs="+", default=list(BOTTLENECKS), choices=list(BOTTLENECKS))
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    columns = ("L1", "log-spectral", "kbit/s", "KL nats", "used %", "perplexity", "s/step")
    data = crops(
        arguments.folder, min(arguments.steps, 60) + 4, arguments.batch_size, arguments.samples, arguments.device
    )
    print(f"{'bottleneck':14}" + "".join(f"{column:>14}" for column in columns))
    for tag in arguments.only:
        figures = train(tag, data, arguments.steps, arguments.device)
        cells = (f"{figures[column]:14.4f}" if column in figures else f"{'-':>14}" for column in columns)
        print(f"{tag:14}" + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
