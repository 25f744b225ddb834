"""Weights, decay, masks and names of loss terms; what bottlenecks ask for; whole loss sections."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from narrows.configs import ConfigError
from narrows.losses import (
    L1Loss,
    LossWithTarget,
    MSELoss,
    MultiLoss,
    SISDRLoss,
    StereoImageLoss,
    TargetValueLoss,
    TimeDomainMMDLoss,
    ValueLoss,
    create_autoencoder_loss_from_config,
    create_loss_modules_from_bottleneck,
)
from narrows.models import create_bottleneck_from_config

ONE = {"value": torch.tensor(1.0)}


@given(decay=st.floats(0.5, 1.0), step=st.integers(0, 50), calls=st.integers(1, 4))
def test_decay_follows_the_step_and_not_the_calls(decay: float, step: int, calls: int) -> None:
    loss = ValueLoss("value", "v", 2.0, decay)
    loss.set_step(step)
    values = [float(loss(ONE)) for _ in range(calls)]
    want = 2.0 * decay ** (step + 1) if decay != 1 else 2.0
    assert values == pytest.approx([want] * calls)


def test_decay_leaves_no_state() -> None:
    assert not ValueLoss("value", "v", 2.0, 0.5).state_dict()


def test_steps_reach_every_term() -> None:
    multi = MultiLoss([ValueLoss("value", "a", 1.0, 0.5), ValueLoss("value", "b", 4.0, 1.0)])
    multi.set_step(2)
    total, terms = multi(ONE)
    assert {name: float(term) for name, term in terms.items()} == {"a": 0.125, "b": 4.0}
    assert total == 4.125


def test_terms_need_names_of_their_own() -> None:
    with pytest.raises(ValueError, match="Two losses are called 'a'"):
        MultiLoss([ValueLoss("value", "a"), ValueLoss("value", "a")])(ONE)


def test_a_missing_entry_is_named() -> None:
    with pytest.raises(KeyError, match="needs 'kl', but the step reports only value"):
        ValueLoss("kl", "kl_loss")(ONE)


@pytest.mark.parametrize("loss", [L1Loss("a", "b", mask_key="mask"), MSELoss("a", "b", mask_key="mask")])
@given(kept=st.lists(st.booleans(), min_size=6, max_size=6))
def test_a_mask_leaves_the_rest_out(loss: torch.nn.Module, kept: list[bool]) -> None:
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 2, 3, 6, generator=generator)
    mask = torch.tensor(kept).expand(2, 6)
    got = loss({"a": a, "b": b, "mask": mask})
    if any(kept):
        torch.testing.assert_close(got, loss({"a": a[..., kept], "b": b[..., kept]}))
    else:
        assert got == 0
    for shaped in (mask[:, None], mask[:, None].expand(2, 3, 6)):
        torch.testing.assert_close(loss({"a": a, "b": b, "mask": shaped}), got)


def test_masks_are_boolean_and_fit() -> None:
    info = {"a": torch.zeros(2, 3, 6), "b": torch.ones(2, 3, 6)}
    loss = L1Loss("a", "b", mask_key="mask")
    with pytest.raises(ValueError, match=r"boolean.*mask\.bool\(\)"):
        loss({**info, "mask": torch.ones(2, 6, dtype=torch.int64)})
    with pytest.raises(ValueError, match=r"does not fit"):
        loss({**info, "mask": torch.ones(2, 7, dtype=torch.bool)})


def test_target_value() -> None:
    assert TargetValueLoss("value", 3.0, "t", 0.5)(ONE) == 1.0


def test_stereo_image_sees_angles_only() -> None:
    left = torch.randn(1, 1, 50, generator=torch.Generator().manual_seed(0))
    mono, hard_left = torch.cat([left, left], 1), torch.cat([left, 0 * left], 1)
    loss = StereoImageLoss("a", "b")
    assert loss({"a": mono, "b": 3 * mono}) == pytest.approx(0, abs=1e-6)
    assert loss({"a": mono, "b": -mono}) == pytest.approx(1, abs=1e-6)
    assert loss({"a": mono, "b": hard_left}) == pytest.approx(0.5 * (1 - 0.5**0.5), abs=1e-6)


def test_discrepancy_compares_sets() -> None:
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 8, 2, 64, generator=generator)
    loss = TimeDomainMMDLoss("a", "b")
    assert loss({"a": a, "b": a[torch.randperm(8, generator=generator)]}) == pytest.approx(0, abs=1e-5)
    assert loss({"a": a, "b": b}) < loss({"a": a, "b": b + 3})


def test_sisdr_has_its_textbook_value() -> None:
    time = torch.arange(1000) / 1000 * 2 * torch.pi * 10
    signal, noise = time.sin(), 0.1 * time.cos()
    assert LossWithTarget(SISDRLoss(), "x", "y", "s")({"x": 5 * (signal + noise), "y": signal}) == pytest.approx(
        -20, abs=1e-3
    )


def test_report_of_a_bottleneck() -> None:
    bottleneck = create_bottleneck_from_config({"type": "vae"})
    losses = create_loss_modules_from_bottleneck(bottleneck, {"bottleneck": {"weights": {"kl": 1e-4}}})
    assert losses.bottleneck_type == "VAEBottleneck"
    assert losses.losses == list(losses)
    assert losses.get_total_weight() == 1e-4
    assert losses.get_loss_by_name("kl_loss") is losses[0]
    assert losses.get_loss_by_name("mmd_loss") is None
    assert not create_loss_modules_from_bottleneck(None, {})


@pytest.mark.parametrize(
    ("section", "pointer"),
    [
        ({"bottleneck": {"weights": {"KL": 1e-4}}}, "/bottleneck/weights/KL"),
        ({"bottleneck": {"weight": {"kl": 1e-4}}}, "/bottleneck/weight"),
        ({"bottleneck": {"weights": {"kl": -1}}}, "/bottleneck/weights/kl"),
        ({"bottleneck": {"weights": {"kl": "1e-4"}}}, "/bottleneck/weights/kl"),
    ],
)
def test_no_mistake_falls_back_to_a_default(section: dict, pointer: str) -> None:
    with pytest.raises(ConfigError) as caught:
        create_loss_modules_from_bottleneck(create_bottleneck_from_config({"type": "vae"}), section)
    assert [problem.pointer for problem in caught.value.problems] == [pointer]


SECTION = {
    "spectral": {
        "config": {"fft_sizes": [64, 32], "hop_sizes": [16, 8], "win_lengths": [64, 32], "w_sum": 0.5, "w_diff": 2.0},
        "weights": {"mrstft": 1.0},
    },
    "mrmel": {"config": {"n_mels": [10, 5], "window_lengths": [64, 32]}, "weights": {"mrmel": 0.5}, "decay": 0.9},
    "time": {"weights": {"l1": 1.0, "l2": 1.0, "sisdr": 0.1, "sdsdr": 0.1, "mmd": 0.1, "stereo_image": 0.1}},
}


@pytest.mark.parametrize("channels", [1, 2])
def test_a_section_becomes_named_terms(channels: int) -> None:
    section = copy.deepcopy(SECTION)
    model = SimpleNamespace(out_channels=channels, sample_rate=16000, bottleneck=None)
    if channels == 1:
        section["time"]["weights"].pop("stereo_image")
    loss = create_autoencoder_loss_from_config(section, model)
    generator = torch.Generator().manual_seed(0)
    reals = torch.randn(3, channels, 200, generator=generator)
    decoded = torch.randn(3, channels, 200, generator=generator).requires_grad_()
    total, terms = loss({"reals": reals, "decoded": decoded})
    stereo = {"stft_loss_left", "stft_loss_right", "stereo_image_loss"} if channels == 2 else set()
    assert set(terms) == stereo | {
        "mrstft_loss", "mrmel_loss", "l1_time_loss", "l2_time_loss", "sisdr_loss", "sdsdr_loss", "time_domain_mmd_loss",
    }  # fmt: skip
    torch.testing.assert_close(total, sum(terms.values()))
    total.backward()
    assert torch.isfinite(decoded.grad).all()
    assert section == ({**SECTION, "time": section["time"]})


def test_a_section_without_losses_is_an_error() -> None:
    model = SimpleNamespace(out_channels=1, sample_rate=16000, bottleneck=None)
    with pytest.raises(ValueError, match="no loss at all"):
        create_autoencoder_loss_from_config({"time": {"weights": {}}}, model)
