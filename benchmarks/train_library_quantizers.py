"""Train the quick start's model with every quantizer of vector-quantize-pytorch and with our own, and print a table.

    python benchmarks/train_library_quantizers.py [--steps 200] [--only ResidualVQ rvq]

Names with capitals are classes of the library, the others types of ours with about as many tokens. The loss is the
quick start's L1 term and the bottleneck's own; `L1` is its mean over the first and the last ten steps. The use of codes
is measured on the clips that are held out.
"""

from __future__ import annotations

import argparse
import math
import time
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import soundfile
import torch
from omegaconf import OmegaConf
from torch import Tensor
from torch.nn import functional as F

from narrows.models import create_model_from_config
from narrows.models.blocks.quantizers.health import codebook_health

DIM = 32
FOUR_STAGES = {"dim": DIM, "codebook_size": 64, "num_quantizers": 4}
GROUPED = {"dim": DIM, "groups": 2, "codebook_size": 64, "num_quantizers": 2}
LIBRARY: dict[str, dict[str, Any]] = {
    "VectorQuantize": {"dim": DIM, "codebook_size": 64, "kmeans_init": True, "threshold_ema_dead_code": 1},
    "ResidualVQ": {**FOUR_STAGES, "kmeans_init": True, "threshold_ema_dead_code": 1},
    "GroupedResidualVQ": {**GROUPED, "kmeans_init": True, "threshold_ema_dead_code": 1},
    "RandomProjectionQuantizer": {"dim": DIM, "codebook_size": 64, "codebook_dim": 8},
    "FSQ": {"levels": [4, 4, 4], "num_codebooks": 4, "dim": DIM},
    "ResidualFSQ": {"levels": [4, 4, 4], "num_quantizers": 4, "dim": DIM},
    "GroupedResidualFSQ": {"levels": [4, 4, 4], "num_quantizers": 2, "groups": 2, "dim": DIM},
    "LFQ": {"codebook_size": 64, "num_codebooks": 4, "dim": DIM},
    "ResidualLFQ": FOUR_STAGES,
    "GroupedResidualLFQ": GROUPED,
    "LatentQuantize": {"levels": [4, 4, 4], "num_codebooks": 4, "dim": DIM},
    "SimVQ": {"dim": DIM, "codebook_size": 64},
    "ResidualSimVQ": FOUR_STAGES,
    "FSP": {"levels": [4, 4, 4], "dim": DIM},
}
OWN: dict[str, dict[str, Any]] = {
    "rvq": {**FOUR_STAGES, "kmeans_iters": 10},
    "rvq_vae": {**FOUR_STAGES, "kmeans_iters": 10},
    "grouped_rvq": {**GROUPED, "kmeans_iters": 10},
    "fsq": LIBRARY["FSQ"],
    "residual_fsq": LIBRARY["ResidualFSQ"],
    "dithered_fsq": {"dim": 8, "levels": 2, "num_codebooks": 4},
    "lfq": LIBRARY["LFQ"],
    "simvq": FOUR_STAGES,
}


def bottleneck(name: str) -> dict[str, Any]:
    """The document of a bottleneck in the table."""
    if name in OWN:
        return {"type": name, "config": OWN[name]}
    return {"type": "vector_quantize_pytorch", "config": {"quantizer": name, **LIBRARY[name]}}


def build(name: str) -> Any:
    """The quick start's model with another bottleneck."""
    text = files("narrows.cli").joinpath("conf/model/quickstart.yaml").read_text(encoding="utf-8")
    document: Any = OmegaConf.to_container(OmegaConf.create({"model_config": OmegaConf.create(text)}), resolve=True)
    config = document["model_config"]
    del config["defaults"]
    encoder = DIM * (2 if name == "rvq_vae" else 1)
    config["model"]["encoder"]["config"]["latent_dim"] = encoder
    config["model"]["bottleneck"] = bottleneck(name)
    torch.manual_seed(0)
    return create_model_from_config(config)


@cache
def clips(part: str) -> list[Tensor]:
    """The clips of the quick start, `train` or `held_out`, each `(2, T)`."""
    folder = Path(str(files("narrows.data").joinpath("quickstart", part)))
    return [
        torch.from_numpy(soundfile.read(path, dtype="float32", always_2d=True)[0].T)
        for path in sorted(folder.glob("*.flac"))
    ]


def crops(step: int, count: int = 2, length: int = 4096) -> Tensor:
    """Crops of the training clips, the same for every bottleneck."""
    generator = torch.Generator().manual_seed(step)
    found = []
    for clip in (clips("train")[int(i)] for i in torch.randint(len(clips("train")), (count,), generator=generator)):
        start = int(torch.randint(clip.shape[1] - length, (), generator=generator))
        found.append(clip[:, start : start + length].expand(2, -1))
    return torch.stack(found)


def train(name: str, steps: int) -> dict[str, float]:
    """Figures of a training."""
    model = build(name).train()
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=3e-3, betas=(0.8, 0.99))
    generator = torch.Generator().manual_seed(0)
    history, start = [], time.perf_counter()
    for step in range(steps):
        audio = crops(step)
        latents, info = model.encode(audio, return_info=True, generator=generator)
        distance = F.l1_loss(model.decode(latents), audio)
        loss = 100 * distance + sum(info[term.key] * term.weight for term in model.bottleneck.losses)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if not math.isfinite(loss.item()):
            raise RuntimeError(f"{name} diverges at step {step}")
        history.append(distance.item())
    seconds = (time.perf_counter() - start) / steps
    ends = {"L1 first": sum(history[:10]) / 10, "L1 last": sum(history[-10:]) / 10}
    return {**ends, **measure(model.eval()), "ms/step": 1000 * seconds}


@torch.no_grad()
def measure(model: Any) -> dict[str, float]:
    """Error and use of the codes on the clips that are held out."""
    audio = torch.stack([clip[:, : 2**15].expand(2, -1) for clip in clips("held_out")])
    latents, info = model.encode(audio, return_info=True)
    tokens = model.bottleneck.tokens(info)
    health = codebook_health(tokens, model.bottleneck.codebook_size)
    return {
        "L1 held out": F.l1_loss(model.decode(latents)[..., : audio.shape[-1]], audio).item(),
        "bits": model.bottleneck.num_quantizers * math.log2(model.bottleneck.codebook_size),
        "used %": 100 * health.usage.mean().item(),
        "perplexity": health.perplexity.mean().item(),
    }


def main() -> None:
    """Print a table as it grows."""
    names = [*LIBRARY, *OWN]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--only", nargs="+", default=names, choices=names)
    arguments = parser.parse_args()
    columns = ("L1 first", "L1 last", "L1 held out", "bits", "used %", "perplexity", "ms/step")
    print(f"{'quantizer':26}" + "".join(f"{column:>13}" for column in columns))
    for name in arguments.only:
        figures = train(name, arguments.steps)
        print(f"{name:26}" + "".join(f"{figures[column]:13.4f}" for column in columns), flush=True)


if __name__ == "__main__":
    main()
