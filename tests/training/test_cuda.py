"""Training and pre-encoding on a GPU: every precision learns, runs resume, and latents are those of the CPU."""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning_fabric import Fabric
from pipelines.pre_encode.test_pre_encode import experiment, samples, write_clips
from support.chunkable_models import build_from, oobleck
from support.gpu import difference, equal_share, exact  # noqa: F401
from support.tiny_models import shaken
from support.training_cases import experiment_config, model_config
from training.test_diffusion_autoencoder import config as diffusion_file
from training.test_resume import ADVERSARY, VAE

from narrows.models import create_model_from_config, load_model, save_model
from narrows.pipelines.metrics_log import read_metrics
from narrows.pipelines.pre_encode import pre_encode
from narrows.training import create_training_wrapper_from_config, train
from narrows.training.checkpoints.files import checkpoints, read_checkpoint

pytestmark = pytest.mark.cuda
DEVICE = "cuda"

RVQ = {"type": "rvq", "config": {"dim": 4, "codebook_size": 8, "num_quantizers": 2}}
RESIDUAL = {"type": "residual_fsq", "config": {"levels": [5, 5, 5], "num_quantizers": 3, "dim": 8}}
# Fabric has no float16 on a CPU.
RUNS = {"32-true": RVQ, "bf16-mixed": VAE} | ({"16-mixed": RVQ} if DEVICE == "cuda" else {})


def adversarial(bottleneck: dict[str, Any] | None, **training: Any) -> dict[str, Any]:
    model = model_config(bottleneck, **training)
    model["training"]["loss_configs"]["discriminator"] = ADVERSARY
    return model


def run(clips: Path, folder: Path, model: dict[str, Any], **settings: Any) -> Any:
    return train(experiment_config(clips, folder, model, accelerator=DEVICE, **settings), progress=False)


def losses(folder: Path, *names: str) -> list[float]:
    """Of all steps, in order."""
    steps = [record for record in read_metrics(folder / "metrics.jsonl") if record["split"] == "train"]
    return [step[name] for step in steps for name in names]


@pytest.mark.parametrize("precision", RUNS)
def test_every_precision_learns(precision: str, clips: Path, tmp_path: Path) -> None:
    # In 16 bit the first steps find out by how much losses can be scaled.
    settings = {"steps": 12, "checkpoint_every": 1, "keep_checkpoints": 12, "precision": precision}
    result = run(clips, tmp_path, adversarial(RUNS[precision]), **settings)
    assert (result.step, result.skipped_steps) == (12, 0)
    seen = losses(result.folder, "loss", "discriminator_loss", "feature_matching_loss")
    assert len(seen) == 36
    assert all(math.isfinite(value) for value in (*seen, *result.metrics.values()))
    last, *_, first = (read_checkpoint(path)["state_dict"] for path in checkpoints(result.folder / "checkpoints"))
    assert all(value.isfinite().all() for value in last.values())
    changed = {name.split(".")[0] for name, value in last.items() if not torch.equal(value, first[name])}
    assert changed == {"model", "ema", "discriminator"}
    assert {value.device.type for value in load_model(result.model).state_dict().values()} == {"cpu"}


def test_a_resumed_run_goes_on_as_one_that_never_stopped(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", True)
    model = adversarial(VAE, latent_mask_ratio=0.2)
    whole = run(clips, tmp_path / "whole", model, steps=6)
    for steps in (3, 6):
        parts = run(clips, tmp_path / "parts", model, steps=steps)
    wanted, got = (losses(result.folder, "loss", "discriminator_loss") for result in (whole, parts))
    assert len(wanted) == 12
    assert got == pytest.approx(wanted, rel=1e-4)


def test_everything_lives_on_the_device() -> None:
    document = adversarial(RVQ)
    torch.manual_seed(0)
    model = create_model_from_config(document)
    training = create_training_wrapper_from_config(document, model)
    training.setup(Fabric(accelerator=DEVICE, devices=1))
    training.train()
    outcome = training.step([(0.3 * torch.randn(2, 2, 1024, device=DEVICE), [])], 0)
    modules = [model, training.ema.model, training.adversary.module, training.losses]
    tensors = [tensor for module in modules for tensor in (*module.parameters(), *module.buffers())]
    assert {tensor.device.type for tensor in (*tensors, *outcome.values.values())} == {DEVICE}
    # The first update copies.
    for ours, average in zip(model.parameters(), training.ema.model.parameters(), strict=True):
        assert torch.equal(ours, average)


@torch.inference_mode()
def test_diffusion_gives_what_it_gives_on_the_cpu() -> None:
    torch.manual_seed(0)
    here = create_model_from_config(diffusion_file()).eval()
    there, latents = copy.deepcopy(here).to(DEVICE), torch.randn(2, 3, 16, generator=torch.Generator().manual_seed(1))
    noise = torch.randn(2, 4, 64, generator=torch.Generator().manual_seed(1))
    wanted = here.decode(latents, noise=noise, steps=3)
    assert difference(there.decode(latents.to(DEVICE), noise=noise.to(DEVICE), steps=3), wanted) < 1e-4


@pytest.mark.parametrize("bottleneck", [None, RESIDUAL], ids=["latents", "tokens"])
def test_pre_encoding_gives_what_it_gives_on_the_cpu(bottleneck: dict[str, Any] | None, tmp_path: Path) -> None:
    model = save_model(shaken(build_from({**oobleck(use_snake=True), "bottleneck": bottleneck})), tmp_path / "model")
    audio, found = write_clips(tmp_path / "audio", 12), []
    for name, accelerator in (("here", "cpu"), ("there", DEVICE)):
        folder = tmp_path / name
        document = experiment(audio, model, folder, accelerator=accelerator)
        assert pre_encode(document).clips == 12
        assert pre_encode(document).clips == 0
        next(folder.glob("*.index.json")).unlink()
        redone = pre_encode(document)
        assert (redone.shards, redone.clips) == (1, 4)
        found.append(samples(folder))
    here, there = found
    assert here.keys() == there.keys()
    assert all(there[name][1] == metadata for name, (_, metadata) in here.items())
    wanted, got = (torch.cat([t for name in here for t in each[name][0].values()], dim=-1) for each in found)
    if bottleneck is None:
        assert difference(got, wanted) < 1e-3
    else:
        assert equal_share(got, wanted) >= 0.999
