"""Bad steps are skipped and counted, and too many in a row end the training with the last good checkpoint kept."""

from __future__ import annotations

import pytest
import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins import MixedPrecision
from support.training_cases import experiment_config, model_config

from narrows.losses.spectral.stft import STFTLoss
from narrows.models import create_model_from_config
from narrows.training import TrainingDivergedError, create_training_wrapper_from_config, train
from narrows.training.checkpoints.checkpoint_state import training_state
from narrows.training.checkpoints.files import newest_checkpoint
from narrows.training.non_finite import Guard
from narrows.training.trainers.autoencoder import AutoencoderTrainer

RVQ = {"type": "rvq", "config": {"dim": 4, "codebook_size": 8, "num_quantizers": 2}}
# Its training replaces codes, which are parameters, in the forward pass: nearly all of them at every step.
DAC_RVQ = {
    "type": "dac_rvq",
    "config": {"input_dim": 4, "codebook_size": 8, "codebook_dim": 2, "n_codebooks": 2, "revive_below": 0.99},
}
ADVERSARY = {
    "type": "encodec",
    "config": {"filters": 2, "n_ffts": [64], "hop_lengths": [16], "win_lengths": [64]},
    "weights": {"adversarial": 0.1, "feature_matching": 1.0},
}


def build(bottleneck=None, fabric=None, **training):
    document = model_config(bottleneck, **training)
    document["training"]["loss_configs"]["discriminator"] = ADVERSARY
    torch.manual_seed(0)
    model = create_model_from_config(document)
    wrapper = create_training_wrapper_from_config(document, model)
    wrapper.setup(fabric or Fabric(accelerator="cpu", devices=1))
    wrapper.train()
    return wrapper


def weights(wrapper):
    return {key: value.clone() for key, value in training_state(wrapper)["state_dict"].items()}


def audio(seed=0):
    return 0.3 * torch.randn(2, 2, 256, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("bottleneck", [RVQ, DAC_RVQ], ids=["rvq", "dac_rvq"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_broken_batch_changes_nothing_codebooks_included(value, bottleneck):
    wrapper = build(bottleneck)
    assert wrapper.step([(audio(), [])], 0).problem is None
    before = weights(wrapper)
    broken = audio(1)
    broken[0, 0, 7] = value
    outcome = wrapper.step([(broken, [])], 1)
    assert not outcome.updated
    assert "l1_time_loss is" in outcome.problem
    after = weights(wrapper)
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert wrapper.step([(audio(2), [])], 1).problem is None
    assert all(bool(torch.isfinite(value).all()) for value in weights(wrapper).values())


def test_a_gradient_that_is_not_finite_is_named():
    wrapper = build()
    parameter = wrapper.model.decoder.layers[0].bias
    hook = parameter.register_hook(lambda gradient: gradient * float("inf"))
    before = weights(wrapper)
    outcome = wrapper.step([(audio(), [])], 0)
    hook.remove()
    assert outcome.problem == "the gradient of decoder.layers.0.bias is not finite"
    after = weights(wrapper)
    assert all(torch.equal(before[key], after[key]) for key in before)


def sixteen_bit():
    """float16 with its scaler, which Fabric has on a GPU."""
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**8, growth_interval=2000)
    return Fabric(accelerator="cpu", devices=1, plugins=[MixedPrecision("16-mixed", "cpu", scaler)])


def test_a_broken_batch_in_16_bit_does_not_stop_the_next():
    wrapper = build(RVQ, sixteen_bit())
    before = weights(wrapper)
    assert "is nan" in wrapper.step([(audio() * float("nan"), [])], 0).problem
    after = weights(wrapper)
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert wrapper.step([(audio(1), [])], 0).problem is None
    after = weights(wrapper)
    assert any(not torch.equal(before[key], after[key]) for key in before)


def test_an_overflow_of_one_part_leaves_the_other_its_gradient():
    norms = []
    for overflow in (False, True):
        wrapper = build(None, sixteen_bit(), warmup_steps=0)
        if overflow:
            wrapper.model.decoder.layers[0].bias.register_hook(lambda gradient: gradient * float("inf"))
        before = {name: p.clone() for name, p in wrapper.model.named_parameters()}
        outcome = wrapper.step([(audio(), [])], 0)
        norms.append(outcome.values["grad_norm/discriminator"])
        unchanged = all(torch.equal(before[name], p) for name, p in wrapper.model.named_parameters())
        assert unchanged == overflow
        assert wrapper.fabric.strategy.precision.scaler.get_scale() == (2.0**7 if overflow else 2.0**8)
    torch.testing.assert_close(norms[1], norms[0])


def test_a_huge_gradient_is_clipped_by_default():
    wrapper = build()
    hook = wrapper.model.decoder.layers[0].bias.register_hook(lambda gradient: gradient + 1e6)
    seen = []
    optimizer = wrapper.groups["autoencoder"].optimizer.optimizer
    optimizer.register_step_pre_hook(
        lambda *_: seen.append(torch.stack([p.grad.norm() for p in wrapper.model.parameters()]).norm())
    )
    outcome = wrapper.step([(audio(), [])], 0)
    hook.remove()
    assert float(outcome.values["grad_norm/autoencoder"]) > 1e6
    assert float(seen[0]) == pytest.approx(1000, rel=1e-3)


def failing(monkeypatch, bad_steps):
    step = AutoencoderTrainer.update
    calls = 0

    def wrapped(self, batches, number):
        nonlocal calls
        calls += 1
        if calls in bad_steps:
            batches = [(audio * float("nan"), metadata) for audio, metadata in batches]
        return step(self, batches, number)

    monkeypatch.setattr(AutoencoderTrainer, "update", wrapped)


def test_skipped_steps_are_counted_and_named(clips, tmp_path, monkeypatch, caplog):
    failing(monkeypatch, {2, 4})
    result = train(experiment_config(clips, tmp_path, model_config(), steps=4), progress=False)
    assert (result.step, result.skipped_steps) == (4, 2)
    assert caplog.text.count("is skipped: ") == 2
    assert "mrstft_loss is nan" in caplog.text
    assert "clip" in caplog.text
    assert newest_checkpoint(tmp_path / "run/checkpoints")[1]["skipped_steps"] == 2


def test_too_many_in_a_row_end_the_training(clips, tmp_path, monkeypatch):
    failing(monkeypatch, set(range(4, 100)))
    with pytest.raises(TrainingDivergedError, match="3 steps in a row"):
        train(experiment_config(clips, tmp_path, model_config(), steps=9, max_bad_steps=3), progress=False)
    state = newest_checkpoint(tmp_path / "run/checkpoints")[1]
    assert state["step"] == 2
    assert all(bool(torch.isfinite(v).all()) for v in state["state_dict"].values())


def test_a_loss_that_is_bad_before_the_first_update_is_a_fault_of_the_setup():
    guard = Guard(2)
    guard.bad(1, "loss is nan", ["a.wav"])
    with pytest.raises(TrainingDivergedError, match=r"before the first update.*options of the losses"):
        guard.bad(1, "loss is nan", ["b.wav"])


def test_mel_bands_without_a_bin_are_finite_and_count_nothing():
    loss = STFTLoss(512, 128, 512, scale="mel", n_bins=128, sample_rate=44100, w_log_mag=1.0)
    assert int((loss.filters.sum(-1) == 0).sum()) > 0
    x, y = (0.1 * torch.randn(1, 1, 4096, generator=torch.Generator().manual_seed(n)) for n in (0, 1))
    x.requires_grad_()
    value = loss(x, y)
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(x.grad).all()
