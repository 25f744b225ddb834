"""Twenty steps equal those of a plain loop that is written here from the papers' formulas, loss by loss."""

from __future__ import annotations

import pytest
import torch
from lightning_fabric import Fabric
from support.training_cases import model_config
from torch.nn import functional as F

from narrows.losses.factory import create_discriminator_from_config
from narrows.models import create_model_from_config
from narrows.training import create_training_wrapper_from_config

STEPS, WARMUP = 20, 6
RATE_G, RATE_D, GAMMA = 2e-3, 1e-3, 0.95
EPS = 1e-3
"""Large, so that gradients that are zero but for rounding (of a bias that both halves shift alike) move nothing."""
CRITIC = {"type": "encodec", "config": {"filters": 2, "n_ffts": [64], "hop_lengths": [16], "win_lengths": [64]}}
WEIGHTS = {"adversarial": 0.1, "feature_matching": 5.0}


def config(**training):
    def pair(rate):
        optimizer = {"type": "AdamW", "config": {"lr": rate, "betas": [0.8, 0.99], "eps": EPS, "weight_decay": 0.01}}
        return {"optimizer": optimizer, "scheduler": {"type": "ExponentialLR", "config": {"gamma": GAMMA}}}

    document = model_config(
        {"type": "vae"},
        learning_rate=None,
        use_ema=False,
        warmup_steps=WARMUP,
        optimizer_configs={"autoencoder": pair(RATE_G), "discriminator": pair(RATE_D)},
        loss_configs={
            "time": {"weights": {"l1": 2.0, "l2": 3.0}},
            "bottleneck": {"weights": {"kl": 1e-3}},
            "discriminator": {**CRITIC, "weights": WEIGHTS},
        },
        **training,
    )
    return document


def batches(count):
    generator = torch.Generator().manual_seed(3)
    return [(0.3 * torch.randn(2, 2, 256, generator=generator), [{}, {}]) for _ in range(count)]


def ours(document, accumulate=1):
    torch.manual_seed(0)
    model = create_model_from_config(document)
    training = create_training_wrapper_from_config(document, model)
    training.setup(Fabric(accelerator="cpu", devices=1))
    training.train()
    start = [{k: v.clone() for k, v in m.state_dict().items()} for m in (model, training.adversary.module)]
    stream, history = iter(batches(2 * STEPS * accumulate)), []
    torch.manual_seed(9)
    for step in range(STEPS):
        count = training.batches_at(step) * accumulate
        outcome = training.step([next(stream) for _ in range(count)], step)
        assert outcome.problem is None
        history.append({name: float(value) for name, value in outcome.values.items()})
    return start, history, model, training


class Plain:
    """The same training, written out."""

    def __init__(self, document, start, mode, warmup_mode, freeze):
        self.mode, self.warmup_mode, self.freeze = mode, warmup_mode, freeze
        self.model = create_model_from_config(document)
        self.critic = create_discriminator_from_config(CRITIC, 2, 8000)
        self.model.load_state_dict(start[0])
        self.critic.load_state_dict(start[1])
        self.optimizers = [
            torch.optim.AdamW(module.parameters(), lr=rate, betas=(0.8, 0.99), eps=EPS, weight_decay=0.01)
            for module, rate in ((self.model, RATE_G), (self.critic, RATE_D))
        ]
        self.updates = [0, 0]

    def reconstruct(self, audio, frozen):
        hidden = self.model.encoder(audio)
        hidden = hidden.detach() if frozen else hidden
        mean, scale = hidden.chunk(2, dim=1)
        deviation = F.softplus(scale) + 1e-4
        latents = torch.randn_like(mean) * deviation + mean
        kl = (mean**2 + deviation**2 - (deviation**2).log() - 1).sum(1).mean()
        return self.model.decoder(latents), kl

    def update(self, which, loss):
        module = (self.model, self.critic)[which]
        for group in self.optimizers[which].param_groups:
            group["lr"] = (RATE_G, RATE_D)[which] * GAMMA ** self.updates[which]
        gradients = torch.autograd.grad(loss, list(module.parameters()), allow_unused=True, retain_graph=True)
        for parameter, gradient in zip(module.parameters(), gradients, strict=True):
            parameter.grad = gradient
        self.updates[which] += 1
        return lambda: self.optimizers[which].step()

    def critic_loss(self, real, fake):
        loss = 0.0
        for r, f in zip(self.critic.judge(real), self.critic.judge(fake.detach()), strict=True):
            loss = loss + F.relu(1 - r.score).mean() + F.relu(1 + f.score).mean()
        return loss

    def heard(self, real, fake):
        adversarial = features = 0.0
        for r, f in zip(self.critic.judge(real), self.critic.judge(fake), strict=True):
            adversarial = adversarial - f.score.mean()
            distances = [(a.detach() - b).abs().mean() for a, b in zip(r.features, f.features, strict=True)]
            features = features + sum(distances) / len(distances)
        return adversarial, features

    def step(self, step, stream):
        real = next(stream)[0]
        hears = step >= WARMUP
        learns = hears or self.warmup_mode == "adv"
        fake, kl = self.reconstruct(real, self.freeze and hears)
        loss = 2 * (fake - real).abs().mean() + 3 * ((fake - real) ** 2).mean() + 1e-3 * kl
        if hears:
            adversarial, features = self.heard(real, fake)
            loss = loss + 0.1 * adversarial + 5 * features
        result = {"loss": loss.item()}
        apply = [self.update(0, loss)]
        if learns and self.mode == "same":
            critic_loss = self.critic_loss(real, fake)
            apply.append(self.update(1, critic_loss))
        for each in apply:
            each()
        if learns and self.mode == "next":
            real = next(stream)[0]
            with torch.no_grad():
                fake, _ = self.reconstruct(real, True)
            critic_loss = self.critic_loss(real, fake)
            self.update(1, critic_loss)()
        if learns:
            result["discriminator_loss"] = critic_loss.item()
        return result


@pytest.mark.parametrize("mode", ["same", "next"])
@pytest.mark.parametrize(("warmup_mode", "freeze"), [("adv", False), ("full", True)])
def test_losses_are_those_of_a_plain_loop_step_by_step(mode, warmup_mode, freeze):
    document = config(discriminator_batch=mode, warmup_mode=warmup_mode, encoder_freeze_on_warmup=freeze)
    start, history, model, training = ours(document)
    plain = Plain(document, start, mode, warmup_mode, freeze)
    torch.manual_seed(9)
    stream = iter(batches(2 * STEPS))
    for step, values in enumerate(history):
        expected = plain.step(step, stream)
        assert ("discriminator_loss" in values) == ("discriminator_loss" in expected)
        for name, value in expected.items():
            assert values[name] == pytest.approx(value, rel=2e-5), (step, name)
    for one, other in zip(model.parameters(), plain.model.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)
    for one, other in zip(training.adversary.module.parameters(), plain.critic.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)
    assert history[-1]["loss"] != history[0]["loss"]
    assert (history[WARMUP - 1]["loss_adv"], history[WARMUP]["loss_adv"] != 0) == (0, True)


@pytest.mark.parametrize("mode", ["same", "next"])
def test_several_batches_add_up_to_a_large_one(mode):
    document = config(discriminator_batch=mode)
    document["model"]["bottleneck"] = None
    document["model"]["encoder"]["config"]["latent_dim"] = 4
    document["training"]["loss_configs"]["bottleneck"] = {}
    results = []
    for parts in (1, 2):
        torch.manual_seed(0)
        model = create_model_from_config(document)
        training = create_training_wrapper_from_config(document, model)
        training.setup(Fabric(accelerator="cpu", devices=1))
        training.train()
        for step in range(WARMUP - 2, WARMUP + 2):
            stream = [torch.cat([a for a, _ in batches(4)[i : i + 2]]) for i in (0, 2)]
            drawn = [piece for audio in stream[: training.batches_at(step)] for piece in audio.chunk(parts)]
            training.step([(audio, []) for audio in drawn], step)
        results.append([*model.parameters(), *training.adversary.module.parameters()])
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_one_judgement_serves_both_sides(precision, monkeypatch):
    document = config(discriminator_batch="same")
    steps = []
    for shares in (True, False):
        torch.manual_seed(0)
        model = create_model_from_config(document)
        training = create_training_wrapper_from_config(document, model)
        training.setup(Fabric(accelerator="cpu", devices=1, precision=precision))
        training.train()
        if not shares:
            monkeypatch.setattr(training.adversarial, "shares_judgement", lambda step: False)
        judged = []
        judge = training.adversary.module.judge
        monkeypatch.setattr(training.adversary.module, "judge", lambda x, j=judge, s=judged: s.append(len(x)) or j(x))
        torch.manual_seed(1)
        audio = batches(1)[0][0]
        values = training.step([(audio, [])], WARMUP).values
        assert sum(judged) == (2 if shares else 4) * len(audio)
        steps.append((values, [*model.parameters(), *training.adversary.module.parameters()]))
    (first, parameters), (second, others) = steps
    assert first.keys() == second.keys()
    for one, other in zip(parameters, others, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5 if precision == "32-true" else 3e-3)
