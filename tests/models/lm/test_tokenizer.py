"""The tokenizer: every discrete bottleneck in one layout, frozen for good, kept with the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from support.tiny_lm import build, config
from torch.nn import functional as F

from narrows.configs import ConfigError
from narrows.models import create_model_from_config, load_checkpoint, load_model, save_model

BOTTLENECKS: dict[str, tuple[dict[str, Any], int]] = {
    "rvq": ({"dim": 4, "num_quantizers": 4, "codebook_size": 16}, 4),
    "rvq_vae": ({"dim": 4, "num_quantizers": 4, "codebook_size": 16}, 8),
    "dac_rvq": ({"input_dim": 4, "n_codebooks": 4, "codebook_size": 16, "codebook_dim": 3}, 4),
    "dac_rvq_vae": ({"input_dim": 4, "n_codebooks": 4, "codebook_size": 16, "codebook_dim": 3}, 8),
    "grouped_rvq": ({"dim": 4, "groups": 2, "num_quantizers": 2, "codebook_size": 16}, 4),
    "simvq": ({"dim": 4, "num_quantizers": 4, "codebook_size": 16}, 4),
    "lfq": ({"dim": 4, "codebook_size": 16, "num_codebooks": 2}, 4),
    "vector_quantize_pytorch": (
        {"quantizer": "GroupedResidualVQ", "dim": 4, "groups": 2, "num_quantizers": 2, "codebook_size": 16},
        4,
    ),
    "fsq": ({"levels": [3, 3], "num_codebooks": 2, "dim": 4}, 4),
    "residual_fsq": ({"dim": 4, "levels": [3, 3], "num_quantizers": 2}, 4),
    "dithered_fsq": ({"levels": 3, "dim": 2, "num_codebooks": 2, "dither_inference": True}, 4),
}


def tokenizer(name: str) -> Any:
    options, channels = BOTTLENECKS[name]
    document = config(pattern="parallel", bottleneck={"type": name, "config": options})
    document["model"]["pretransform"]["config"]["encoder"]["config"]["latent_dim"] = channels
    torch.manual_seed(0)
    return create_model_from_config(document)


def clip(samples: int = 160) -> torch.Tensor:
    return torch.randn(2, 1, samples, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("name", BOTTLENECKS)
def test_one_layout_whatever_the_bottleneck(name: str) -> None:
    model = tokenizer(name).eval()
    codes = model.tokenize(clip())
    assert codes.shape == (2, model.num_quantizers, 20)
    assert codes.dtype == torch.int64
    assert int(codes.max()) < model.codebook_size
    assert model.decode(codes).shape == (2, 1, 160)
    bottleneck = model.pretransform.model.bottleneck
    reported = codes.transpose(1, 2) if bottleneck.frames_first else codes
    assert torch.equal(model.decode(codes), model.pretransform.decode_tokens(reported))
    assert model.compute_logits(codes).logits.shape == (2, model.num_quantizers, 20, model.codebook_size)
    made = model.generate_codes(12, prompt_codes=codes[..., :3], generator=torch.Generator().manual_seed(0))
    assert made.shape == (2, model.num_quantizers, 12)
    assert int(made.max()) < model.codebook_size
    assert model.decode(made).shape == (2, 1, 96)


@pytest.mark.parametrize("name", BOTTLENECKS)
def test_tokens_stay_when_the_network_learns(name: str) -> None:
    model = tokenizer(name)
    before = model.tokenize(clip())
    weights = {k: v.clone() for k, v in model.pretransform.state_dict().items()}
    network = {k: v.clone() for k, v in model.lm.state_dict().items()}
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)
    for _ in range(50):
        loss = model.cross_entropy(model.tokenize(clip())).mean
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert not any(module.training for module in model.pretransform.modules())
    assert torch.equal(model.tokenize(clip()), before)
    assert all(torch.equal(weights[k], v) for k, v in model.pretransform.state_dict().items())
    assert any(not torch.equal(network[k], v) for k, v in model.lm.state_dict().items())


def test_the_tokenizer_travels_in_the_folder(tmp_path: Path) -> None:
    model = build()
    save_model(model, tmp_path / "lm")
    loaded = load_model(tmp_path / "lm")
    assert torch.equal(loaded.tokenize(clip()), model.tokenize(clip()))
    codes = model.tokenize(clip())
    with torch.no_grad():
        before, after = (m.compute_logits(codes).logits.nan_to_num() for m in (model, loaded))
    assert torch.equal(before, after)


@pytest.mark.parametrize("layout", ["bare", "wrapper", "average"])
def test_checkpoints_of_the_references_training(layout: str, tmp_path: Path) -> None:
    """Lightning checkpoints of its wrapper, whose moving average is preferred."""
    model, other = build(), build()
    with torch.no_grad():
        for parameter in other.lm.parameters():
            parameter.zero_()
    state = model.state_dict()
    content: dict[str, Any] = state
    if layout == "wrapper":
        content = {"state_dict": {f"model.{k}": v for k, v in state.items()}}
    elif layout == "average":
        content = {"state_dict": {f"model.{k}": torch.zeros_like(v) for k, v in state.items()}}
        content["state_dict"] |= {f"model_ema.ema_model.{k}": v for k, v in state.items()}
        content["state_dict"] |= {"model_ema.initted": torch.tensor(True), "model_ema.step": torch.tensor(3)}
    torch.save(content, tmp_path / "weights.ckpt")
    load_checkpoint(other, tmp_path / "weights.ckpt")
    assert all(torch.equal(v, other.state_dict()[k]) for k, v in state.items())


def test_continuous_latents_are_no_tokens() -> None:
    with pytest.raises(ConfigError, match="gives no tokens"):
        create_model_from_config(config(bottleneck={"type": "tanh"}))


def test_learning_beats_uniform_guesses() -> None:
    """A few steps on one clip: the loss falls well below that of uniform guesses."""
    model = build().train()
    codes = model.tokenize(clip(320))
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-3)
    for _ in range(60):
        loss = model.cross_entropy(codes).mean
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    uniform = F.cross_entropy(torch.zeros(1, model.codebook_size), torch.zeros(1, dtype=torch.long))
    assert float(loss.detach()) < 0.5 * float(uniform)
