"""Losses of any scale get the share of the gradient that their weights say."""

import pytest
import torch
from support.training_cases import experiment_config, model_config

from narrows.pipelines.metrics_log import read_metrics
from narrows.training import train
from narrows.training.adversarial.balance import Balancer
from narrows.training.checkpoints.files import read_checkpoint


def same(value):
    return value


@pytest.mark.parametrize("scale", [1.0, 1e-4, 1e4])
def test_shares_are_those_of_the_weights_whatever_the_scale(scale):
    source = torch.randn(2, 1, 50, generator=torch.Generator().manual_seed(0), requires_grad=True)
    output = source * 2
    first, second = scale * output[..., :25].square().sum(), output[..., 25:].abs().mean()
    other = source[0].sum()
    losses = [
        ("a", 3.0, 3 * first),
        ("b", 1.0, second),
        ("apart", 7.0, (source.detach() + 1).sum()),
        ("latent", 1, other),
    ]
    surrogate, shares = Balancer(1.0, 0.0, same)(losses, output)
    (gradient,) = torch.autograd.grad(surrogate, output, retain_graph=True)
    torch.testing.assert_close(gradient[..., :25].norm(), torch.tensor(0.75))
    torch.testing.assert_close(gradient[..., 25:].norm(), torch.tensor(0.25))
    assert shares.keys() == {"a", "b"}
    torch.testing.assert_close(sum(shares.values()), torch.tensor(1.0))
    (whole,) = torch.autograd.grad(surrogate, source)
    torch.testing.assert_close(whole, 2 * gradient + torch.tensor([1.0, 0.0])[:, None, None])


def test_norms_are_averaged_over_steps():
    balancer = Balancer(1.0, 0.5, same)
    output = torch.ones(4, requires_grad=True)
    for factor, expected in ((1.0, 1.0), (4.0, 4 / ((0.5 * 1 + 4) / 1.5))):
        surrogate, _ = balancer([("a", 1.0, factor * output.sum() / 2)], output)
        (gradient,) = torch.autograd.grad(surrogate, output)
        torch.testing.assert_close(gradient.norm(), torch.tensor(expected))
    restored = Balancer(1.0, 0.5, same)
    restored.load_state_dict(balancer.state_dict())
    assert restored.state_dict() == balancer.state_dict()


def test_a_run_with_balanced_losses_goes_on_exactly(clips, tmp_path):
    model = model_config({"type": "vae"}, loss_balancing={"ema_decay": 0.9}, clip_grad_norm=0.0)
    whole = train(experiment_config(clips, tmp_path / "whole", model, steps=4), progress=False)
    for steps in (2, 4):
        parts = train(experiment_config(clips, tmp_path / "parts", model, steps=steps), progress=False)
    one, other = (read_checkpoint(run.checkpoint) for run in (whole, parts))
    assert one["balance"] == other["balance"]
    assert one["balance"]
    assert all(torch.equal(value, other["state_dict"][key]) for key, value in one["state_dict"].items())
    logged = [record for record in read_metrics(whole.folder / "metrics.jsonl") if record["split"] == "train"]
    shares = {name: value for name, value in logged[-1].items() if name.startswith("gradient_share/")}
    assert len(shares) == 2
    assert sum(shares.values()) == pytest.approx(1.0)


def test_balancing_works_in_mixed_precision(clips, tmp_path):
    model = model_config({"type": "vae"}, loss_balancing={"ema_decay": 0.9}, clip_grad_norm=0.0)
    run = train(experiment_config(clips, tmp_path, model, steps=2, precision="bf16-mixed"), progress=False)
    assert run.skipped_steps == 0
    assert read_checkpoint(run.checkpoint)["balance"]
