"""Discriminators against the reference: scores, features, losses and the gradient that reaches the generator."""

from __future__ import annotations

import pytest
import torch
from support.goldens import Golden, golden_ids, load_golden

from narrows.losses.discriminators import Discriminator
from narrows.losses.discriminators.conv import ConvDiscriminator
from narrows.losses.discriminators.convnext import ConvNeXtDiscriminator
from narrows.losses.discriminators.dac import DACDiscriminator
from narrows.losses.discriminators.encodec import EncodecDiscriminator
from narrows.losses.discriminators.oobleck import OobleckDiscriminator
from narrows.models.checkpoints.load import load_content

CLASSES = {
    "ConvDiscriminator": ConvDiscriminator,
    "ConvNeXtDiscriminator": ConvNeXtDiscriminator,
    "DACGANLoss": DACDiscriminator,
    "EncodecDiscriminator": EncodecDiscriminator,
    "OobleckDiscriminator": OobleckDiscriminator,
}


def build(case: Golden) -> Discriminator:
    spec = case.meta["config"]
    discriminator = CLASSES[spec["class"]](**spec["config"])
    load_content(discriminator, dict(case.weights), spec["class"])
    return discriminator.eval()


@pytest.mark.parametrize("name", golden_ids("loss", "disc_"))
def test_matches_the_reference(name: str) -> None:
    case = load_golden("loss", name)
    discriminator = build(case)
    reals, fakes = case.inputs["reals"], case.inputs["fakes"].requires_grad_()
    adversarial, distance = discriminator.generator_losses(reals, fakes)
    (adversarial + distance).backward()
    case.assert_close("loss_dis", discriminator.discriminator_loss(reals, fakes))
    case.assert_close("loss_adv", adversarial)
    case.assert_close("grad_fakes", fakes.grad)
    if "feature_matching_distance" in case.outputs:
        case.assert_close("feature_matching_distance", distance)
    assert all(p.grad is None and p.requires_grad for p in discriminator.parameters())


@pytest.mark.parametrize("name", golden_ids("loss", "disc_"))
def test_judgements_match_the_reference(name: str) -> None:
    case = load_golden("loss", name)
    with torch.no_grad():
        judgements = build(case).judge(case.inputs["reals"])
    for i, (score, features) in enumerate(judgements):
        key = f"logits_reals.{i}" if f"logits_reals.{i}" in case.outputs else "logits_reals"
        if key in case.outputs:
            case.assert_close(key, score)
        stats = [torch.stack([f.mean(), f.abs().mean(), f.std(unbiased=False)]) for f in features]
        if f"feature_stats_reals.{i}" in case.outputs:
            want = case.outputs[f"feature_stats_reals.{i}"][: len(stats)]
            torch.testing.assert_close(torch.stack(stats), want, atol=1e-4, rtol=1e-3, equal_nan=True)
