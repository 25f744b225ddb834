"""Losses and discriminators on a GPU say what they say on the CPU."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from losses.test_discriminators import CONFIGS, create
from losses.test_semantic import save
from losses.test_spectrograms import DISTANCES, spectra
from losses.test_terms import SECTION
from support.gpu import difference, exact  # noqa: F401
from torch import Tensor, nn

from narrows.losses import (
    ComplexMultiResolutionLoss,
    MelSTFTLoss,
    MultiResolutionSTFTLoss,
    STFTLoss,
    SumAndDifferenceSTFTLoss,
    create_autoencoder_loss_from_config,
)
from narrows.losses.discriminators import Discriminator
from narrows.losses.discriminators.conv import ConvDiscriminator
from narrows.losses.discriminators.convnext import ConvNeXtDiscriminator
from narrows.losses.semantic import SemanticLoss
from narrows.models.blocks.discrepancy import mean_discrepancy

pytestmark = pytest.mark.cuda
DEVICE = "cuda"

Loss = Callable[[Tensor, Tensor], Tensor]
RATE = 16000
SIZES = ([128, 64], [32, 16], [100, 64])
ALL_PARTS = {"w_sc": 1.0, "w_log_mag": 1.0, "w_lin_mag": 1.0, "w_phs": 1.0}
# Those that no section below has.
LOSSES: dict[str, Callable[[], nn.Module]] = {
    "stft": partial(STFTLoss, 128, 32, 100, **ALL_PARTS),
    "mel_stft": partial(MelSTFTLoss, RATE, 20, fft_size=128, hop_size=32, win_length=128),
    "mrstft": partial(MultiResolutionSTFTLoss, *SIZES, perceptual_weighting=True, sample_rate=RATE, **ALL_PARTS),
    "sum_and_difference": partial(SumAndDifferenceSTFTLoss, *SIZES),
    "complex": partial(ComplexMultiResolutionLoss, (64, 32), factor_linear_mag=1.0, factor_log_mag=1.0),
}
LATENT: dict[str, Callable[[], Discriminator]] = {
    "conv": partial(ConvDiscriminator, 32, soft_clip_scale=2.0),
    "convnext": partial(ConvNeXtDiscriminator, 32, channels=8, latent_dim=1, c_mults=[1, 2], strides=[2, 4]),
}


def signals(channels: int = 2, length: int = 1200) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    reals = 0.3 * torch.randn(2, channels, length, generator=generator)
    return reals, reals + 0.1 * torch.randn(reals.shape, generator=generator)


def check(loss: Loss, there: Loss, x: Tensor, y: Tensor) -> None:
    """Both give one number, and the one on the device a gradient."""
    judged = x.to(DEVICE).requires_grad_()
    value = there(judged, y.to(DEVICE))
    value.backward()
    assert value.device == judged.device
    assert difference(value, loss(x, y)) < 1e-4
    assert judged.grad is not None
    assert judged.grad.isfinite().all()
    assert judged.grad.any()


@pytest.mark.parametrize("name", LOSSES)
def test_losses_of_signals(name: str) -> None:
    y, x = signals()
    check(LOSSES[name](), LOSSES[name]().to(DEVICE), x, y)


@pytest.mark.parametrize("distance", DISTANCES)
def test_losses_of_spectrograms(distance: nn.Module) -> None:
    x, y = (spectrogram.to(torch.complex64) for spectrogram in spectra())
    check(distance, copy.deepcopy(distance).to(DEVICE), x, y)


def test_the_discrepancy() -> None:
    x, y = (signal.flatten(0, 1)[:, :4] for signal in signals(30))
    check(mean_discrepancy, mean_discrepancy, 10 * x, 10 * y + 3)


@pytest.mark.parametrize("feature_ids", [None, [-1]])
def test_the_semantic_loss(feature_ids: list[int] | None, tmp_path: Path) -> None:
    loss = SemanticLoss(22050, save("hubert", tmp_path), feature_ids=feature_ids)
    check(loss, copy.deepcopy(loss).to(DEVICE), *signals(length=2000))


@pytest.mark.parametrize("teacher", [False, True])
def test_whole_sections(teacher: bool) -> None:
    model = SimpleNamespace(out_channels=2, sample_rate=RATE, bottleneck=None)
    reals, decoded = signals()
    mask = torch.arange(1200) < torch.tensor([[900], [1200]])
    info = {"reals": reals, "decoded": decoded, "padding_mask": mask, "frame_mask": mask}
    info |= dict.fromkeys(("teacher_latents", "teacher_decoded"), reals)
    info |= dict.fromkeys(("latents", "own_latents_teacher_decoded", "teacher_latents_own_decoded"), decoded)
    loss = create_autoencoder_loss_from_config(SECTION, model, teacher)
    moved = {key: value.to(DEVICE) for key, value in info.items()}
    moved["decoded"].requires_grad_()
    total, terms = copy.deepcopy(loss).to(DEVICE)(moved)
    for name, wanted in loss(info)[1].items():
        # The narrow kernels of the discrepancy magnify rounding.
        assert difference(terms[name], wanted) < (1e-3 if "mmd" in name else 1e-4), name
    total.backward()
    assert moved["decoded"].grad is not None
    assert moved["decoded"].grad.isfinite().all()


@pytest.mark.parametrize("name", [*CONFIGS, *LATENT])
def test_discriminators(name: str) -> None:
    torch.manual_seed(0)
    here = create(name) if name in CONFIGS else LATENT[name]()
    there = copy.deepcopy(here).to(DEVICE)
    reals, fakes = signals() if name in CONFIGS else signals(32, 160)
    judged = fakes.to(DEVICE).requires_grad_()
    own, adversarial, distance = there.loss(reals.to(DEVICE), judged)
    wanted = torch.stack(here.loss(reals, fakes))
    assert difference(torch.stack([own, adversarial, distance]), wanted) < 1e-4
    own.backward()
    (adversarial + distance).backward()
    gradients = [p.grad for p in there.parameters() if p.grad is not None]
    assert gradients
    assert all(gradient.isfinite().all() for gradient in (*gradients, judged.grad))
    assert judged.grad.any()
