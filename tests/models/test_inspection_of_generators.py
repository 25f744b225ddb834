"""Inspection of generative models: sizes, arithmetic and memory without weights and encoders."""

from __future__ import annotations

import pytest
import torch
from support.tiny_diffusion import build, document
from support.tiny_lm import config as lm_config

from narrows.models import create_model_from_config
from narrows.models.inspection_of_generators import inspect_generator, peak_bytes


def test_counts_and_lengths_are_those_of_the_model() -> None:
    facts, model = inspect_generator(document(inpaint=True)), build(inpaint=True)
    assert facts.parameters["total"] == sum(p.numel() for p in model.parameters())
    assert facts.parameters["denoiser"] == sum(p.numel() for p in model.model.parameters())
    assert (facts.frames, facts.seconds, facts.latent_rate) == (128, 0.512, 250.0)
    assert facts.encoders == {"genre": 0, "seconds_total": 0}


def test_arithmetic_and_memory_grow_with_the_length() -> None:
    short, long = (inspect_generator(document(size=size)) for size in (512, 1024))
    assert 2 * short.step_flops <= long.step_flops < 4 * short.step_flops
    assert short.step_memory < long.step_memory < 4.1 * short.step_memory
    assert short.decoding_memory is not None
    assert long.decoding_memory == pytest.approx(2 * short.decoding_memory, rel=0.05)


def test_the_peak_is_of_what_lives_together() -> None:
    with torch.device("meta"):
        given = torch.empty(256)
        assert peak_bytes(lambda: given.add(1).mul(2).add(3)) == 2 * 1024
        assert peak_bytes(lambda: [given.add(1), given.mul(2), given.view(16, 16)]) == 2 * 1024
        assert peak_bytes(lambda: [given.add(number) for number in range(5)]) == 5 * 1024


def test_a_language_model() -> None:
    facts = inspect_generator(lm_config(cross=True))
    model = create_model_from_config(lm_config(cross=True))
    assert facts.tokens_per_second == model.frame_rate * model.num_quantizers
    assert facts.parameters["language model"] == sum(p.numel() for p in model.lm.parameters())
    assert facts.frames == 3000


@pytest.mark.parametrize(("pattern", "steps"), [("parallel", 3001), ("delay", 3004), ("unroll", 12001)])
def test_steps_and_cache_are_those_of_the_pattern(pattern: str, steps: int) -> None:
    document = lm_config(pattern=pattern)
    facts, lm = inspect_generator(document), create_model_from_config(document).lm
    assert facts.seconds == 30
    assert facts.steps_per_second == (steps - 1) / 30
    assert facts.step_memory == lm.backbone.cache_bytes(steps, 1)
    assert len(lm.pattern.layout(3000)) == steps
