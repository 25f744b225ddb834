"""The energy of latents' differences from frame to frame."""

import pytest
import torch

from narrows.losses import create_autoencoder_loss_from_config
from narrows.losses.roughness import roughness


@pytest.mark.parametrize("scale", [1e-2, 1.0, 1e3])
def test_white_noise_has_one_and_alternation_two(scale):
    torch.manual_seed(0)
    assert roughness(scale * torch.randn(8, 4, 4000)) == pytest.approx(1.0, abs=0.02)
    alternating = torch.tensor([1.0, -1.0]).repeat(500).expand(2, 3, -1)
    assert roughness(scale * alternating) == pytest.approx(2.0, rel=1e-3)


@pytest.mark.parametrize("period", [4, 8, 50])
def test_a_frequency_counts_by_its_cosine(period):
    omega = torch.tensor(2 * torch.pi / period)
    wave = torch.cos(omega * torch.arange(period * 200.0)).expand(1, 1, -1)
    assert roughness(wave) == pytest.approx(float(1 - torch.cos(omega)), rel=0.01)


def test_padding_does_not_count():
    torch.manual_seed(0)
    latents, mask = torch.randn(2, 3, 40), torch.ones(2, 40, dtype=torch.bool)
    mask[:, 30:] = False
    spoiled = latents.masked_fill(~mask[:, None], 1e4)
    assert roughness(spoiled, mask) == pytest.approx(float(roughness(latents[..., :30])), rel=1e-5)


def test_latents_that_cannot_differ_have_none_and_a_gradient():
    single = torch.randn(2, 3, 1, requires_grad=True)
    assert roughness(single) == 0
    still = torch.ones(2, 3, 8, requires_grad=True)
    roughness(still).backward()
    assert torch.isfinite(still.grad).all()


class Model:
    out_channels, sample_rate, bottleneck = 1, 16000, None


def test_the_term_and_its_weight():
    loss = create_autoencoder_loss_from_config({"latents": {"weights": {"roughness": 3.0}, "decay": 0.5}}, Model())
    latents = torch.randn(2, 3, 40)
    _, terms = loss({"latents": latents})
    assert terms == {"roughness_loss": pytest.approx(1.5 * float(roughness(latents)))}


def test_weights_of_a_bottleneck_rise():
    from narrows.losses.bottleneck import create_loss_modules_from_bottleneck
    from narrows.models import create_bottleneck_from_config

    bottleneck = create_bottleneck_from_config({"type": "vae"})
    configs = {"bottleneck": {"weights": {"kl": 2.0}, "warmup_steps": 4}}
    (kl,) = create_loss_modules_from_bottleneck(bottleneck, configs)
    weights = []
    for step in range(6):
        kl.set_step(step)
        weights.append(kl.weight)
    assert weights == [0.5, 1.0, 1.5, 2.0, 2.0, 2.0]
