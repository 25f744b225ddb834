"""What every discriminator must do, and what is special about each."""

from __future__ import annotations

import copy

import pytest
import torch

from narrows.configs import ConfigError, UnknownTypeError, load_part
from narrows.configs import ConvARCDiscriminatorConfig as ConvConfig
from narrows.losses import create_discriminator_from_config
from narrows.losses.adversarial import OBJECTIVES, objective
from narrows.losses.discriminators import Discriminator
from narrows.losses.discriminators.big_vgan import BigVGANDiscriminator
from narrows.models.checkpoints.names import to_file

RATE = 16000
CONFIGS = {
    "encodec": {"filters": 4, "n_ffts": [64, 32], "hop_lengths": [16, 8], "win_lengths": [64, 32]},
    "encodec_wide": {
        "filters": 3, "filters_scale": 2, "max_filters": 8, "n_ffts": [64], "hop_lengths": [16], "win_lengths": [48],
        "activation": "ELU", "activation_params": {"alpha": 0.5}, "stride": [1, 2], "dilations": [1, 2, 4],
        "normalized": False, "out_channels": 2, "loss_type": "rpgan",
    },
    "oobleck": {},
    "dac": {"periods": [2, 3], "fft_sizes": [128], "rates": [2], "loss_type": "hinge"},
    "big_vgan": {
        "periods": [2], "cqtd_filters": 4, "cqtd_hop_lengths": [64, 32], "cqtd_n_octaves": [4, 3],
        "cqtd_bins_per_octaves": [6, 8], "fmin": 400.0,
    },
}  # fmt: skip


def create(name: str, channels: int = 2) -> Discriminator:
    torch.manual_seed(0)
    config = {"type": name.removesuffix("_wide"), "config": copy.deepcopy(CONFIGS[name])}
    return create_discriminator_from_config(config, channels, RATE)


@pytest.fixture
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    reals = 0.3 * torch.randn(2, 2, 1200, generator=generator)
    return reals, reals + 0.1 * torch.randn(reals.shape, generator=generator)


@pytest.mark.parametrize("name", CONFIGS)
def test_gradients_reach_one_side_only(name: str, pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    discriminator, (reals, fakes) = create(name), pair
    fakes.requires_grad_()
    discriminator.discriminator_loss(reals, fakes).backward()
    assert fakes.grad is None
    # Every parameter learns but a first bias, say, that nothing depends on.
    assert all(p.grad is not None for p in discriminator.parameters())
    discriminator.zero_grad()
    adversarial, distance = discriminator.generator_losses(reals, fakes)
    (adversarial + distance).backward()
    assert torch.isfinite(fakes.grad).all()
    assert fakes.grad.abs().sum() > 0
    assert all(p.grad is None and p.requires_grad for p in discriminator.parameters())


def gradients(discriminator: Discriminator) -> list[torch.Tensor | None]:
    found = [None if p.grad is None else p.grad.clone() for p in discriminator.parameters()]
    discriminator.zero_grad()
    return found


@pytest.mark.parametrize("name", CONFIGS)
def test_joint_losses_judge_each_signal_once(name: str, pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    discriminator, (reals, fakes) = create(name), pair
    fakes.requires_grad_()
    parameters = list(discriminator.parameters())
    wanted = discriminator.loss(reals, fakes)
    wanted[0].backward()
    (wanted[1] + 2 * wanted[2]).backward()
    wanted_gradients, wanted_at_fakes, fakes.grad = gradients(discriminator), fakes.grad, None
    judged = []
    judge = discriminator.judge
    discriminator.judge = lambda x: judged.append(len(x)) or judge(x)
    joint = discriminator.joint_losses(reals, fakes)
    assert sum(judged) == 2 * len(reals)
    torch.testing.assert_close(joint, wanted, rtol=1e-4, atol=1e-5)
    (joint[1] + 2 * joint[2]).backward(inputs=[fakes], retain_graph=True)
    torch.testing.assert_close(fakes.grad, wanted_at_fakes, rtol=1e-3, atol=1e-5)
    assert all(p.grad is None for p in parameters)
    fakes.grad = None
    joint[0].backward(inputs=parameters)
    assert fakes.grad is None
    for got, want in zip(gradients(discriminator), wanted_gradients, strict=True):
        if want is not None:
            torch.testing.assert_close(got, want, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", CONFIGS)
def test_losses_of_both_sides_share_the_originals(name: str, pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    discriminator, (reals, fakes) = create(name), pair
    fakes.requires_grad_()
    judged = []
    judge = discriminator.judge
    discriminator.judge = lambda x: judged.append(len(x)) or judge(x)
    triple = discriminator.loss(reals, fakes)
    assert sum(judged) == 3 * len(reals)
    calls = (discriminator.discriminator_loss(reals, fakes), *discriminator.generator_losses(reals, fakes))
    for got, want in zip(triple, calls, strict=True):
        assert got.dim() == 0
        torch.testing.assert_close(got, want, rtol=1e-4, atol=1e-5)
    triple[0].backward()
    assert fakes.grad is None
    discriminator.zero_grad()
    (triple[1] + triple[2]).backward()
    assert fakes.grad.abs().sum() > 0
    assert all(p.grad is None for p in discriminator.parameters())


@pytest.mark.parametrize("name", CONFIGS)
def test_equal_signals_have_equal_features(name: str, pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    reals, _ = pair
    assert create(name).generator_losses(reals, reals.clone())[1] == pytest.approx(0, abs=1e-5)


def test_learns_to_tell_noise_from_tones() -> None:
    discriminator = create("encodec", channels=1)
    optimizer = torch.optim.Adam(discriminator.parameters(), 5e-3)
    generator = torch.Generator().manual_seed(0)
    time = torch.arange(800) / RATE * 2 * torch.pi
    tones = (time * (300 + 200 * torch.rand(4, 1, 1, generator=generator))).sin()
    noise = torch.randn(4, 1, 800, generator=generator)
    first = discriminator.discriminator_loss(tones, noise).detach()
    for _ in range(40):
        optimizer.zero_grad()
        loss = discriminator.discriminator_loss(tones, noise)
        loss.backward()
        optimizer.step()
    assert loss < 0.6 * first


@pytest.mark.parametrize("loss_type", OBJECTIVES)
def test_objectives_pull_in_opposite_directions(loss_type: str) -> None:
    rule = objective(loss_type)
    real, fake = torch.zeros(5), torch.zeros(5, requires_grad=True)
    (down,) = torch.autograd.grad(rule.discriminator(real, fake), fake, allow_unused=True)
    fake = torch.full((5,), 0.1, requires_grad=True)
    (down,) = torch.autograd.grad(rule.discriminator(real, fake), fake)
    (up,) = torch.autograd.grad(rule.generator(real, fake), fake)
    assert (down > 0).all()
    assert (up < 0).all()


def test_hinge_of_fakes_has_its_margin() -> None:
    rule = objective("hinge")
    assert rule.discriminator(torch.tensor([1.0]), torch.tensor([-1.0])) == 0
    assert rule.discriminator(torch.tensor([1.0]), torch.tensor([-0.5])) == 0.5


def test_unknown_objective() -> None:
    with pytest.raises(ValueError, match="use one of hinge, lsgan, rpgan"):
        objective("wgan")


def test_unknown_type_is_named() -> None:
    with pytest.raises(UnknownTypeError, match="Unknown discriminator type: encodeck"):
        create_discriminator_from_config({"type": "encodeck"}, 1, RATE)


def test_names_are_those_of_the_references() -> None:
    names = set(to_file(create("big_vgan").state_dict()))
    expected = {
        "mpd.discriminator.discriminators.0.convs.0.0.weight_g",
        "mpd.discriminator.discriminators.0.conv_post.weight_v",
        "cqt.discriminators.0.conv_pres.0.weight",
        "cqt.discriminators.1.convs.0.weight",
        "cqt.discriminators.1.convs.1.weight_g",
        "cqt.discriminators.1.conv_post.bias",
    }
    assert expected <= names
    assert "discriminator.discriminators.2.convs.5.0.weight_v" in to_file(create("dac").state_dict())


def test_constant_q_bands_follow_pitch() -> None:
    discriminator = BigVGANDiscriminator(
        1, RATE, periods=[2], hop_lengths=[64], n_octaves=[4], bins_per_octaves=[12], fmin=400.0
    )
    time = torch.arange(6000) / RATE * 2 * torch.pi
    for semitones in (5, 24, 40):
        tone = (time * 400.0 * 2 ** (semitones / 12)).sin()[None, None]
        spectra = discriminator.cqt.discriminators[0].spectrogram(tone)
        power = spectra.square().sum(1).mean(1)[0]
        assert int(power.argmax()) == semitones


def test_mistakes_are_named() -> None:
    with pytest.raises(ValueError, match="longer crops"):
        create("encodec").judge(torch.zeros(1, 2, 40))
    with pytest.raises(ValueError, match="cqtd_n_octaves or fmin smaller"):
        BigVGANDiscriminator(1, 8000, n_octaves=[9, 9, 9])
    with pytest.raises(ValueError, match="differ in shape"):
        create("oobleck").discriminator_loss(torch.zeros(1, 2, 500), torch.zeros(1, 2, 501))


@pytest.mark.parametrize(
    ("config", "pointers"),
    [
        ({"type": "encodec"}, ["/config"]),
        ({"type": "encodec", "config": {"filters": 2, "n_ffts": [2048]}}, ["/config/n_ffts"]),
        (
            {"type": "encodec", "config": {"filters": 2, "n_ffts": [64, 64, 64]}},
            ["/config/win_lengths/0", "/config/win_lengths/1", "/config/win_lengths/2"],
        ),
        (
            {
                "type": "encodec",
                "config": {"filters": 2, "activation": "ELU", "activation_params": {"negative_slope": 1}},
            },
            ["/config/activation_params/negative_slope"],
        ),
        ({"type": "dac", "config": {"use_hinge": True, "loss_type": "rpgan"}}, ["/config/use_hinge"]),
        ({"type": "dac", "config": {"periods": [], "fft_sizes": []}}, ["/config/periods"]),
        ({"type": "dac", "config": {"bands": [[0.5, 0.5]]}}, ["/config/bands/0"]),
        ({"type": "big_vgan", "config": {"cqtd_hop_lengths": [500, 256, 256]}}, ["/config/cqtd_hop_lengths/0"]),
    ],
)
def test_rules(config: dict, pointers: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        create_discriminator_from_config(config, 1, RATE)
    assert sorted(problem.pointer for problem in caught.value.problems) == pointers


def test_latent_discriminators_are_built_from_their_section() -> None:
    section = load_part({"type": "conv", "dit_hidden_layer": 1, "config": {"soft_clip_scale": 2.0}}, ConvConfig)
    discriminator = create_discriminator_from_config(section, 32, RATE)
    scores = discriminator.judge(100 * torch.randn(2, 32, 80, generator=torch.Generator().manual_seed(0)))[0].score
    assert scores.shape == (2, 1, 2)
    assert scores.abs().max() <= 2
    with pytest.raises(ValueError, match="multiple"):
        create_discriminator_from_config(section, 33, RATE)
