"""No step sees a later one: perturb a token, and nothing that was said up to its step changes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support.tiny_lm import BACKBONES, CODEBOOK_SIZE, build, conditions

from narrows.configs import LMConfig, check_config, load_config
from narrows.configs._generated.language_models.continuous_transformer import TransformerLMOptions
from narrows.models.lm.model import AudioLanguageModel

STEPS = 9
OPTIONS: dict[str, dict[str, Any]] = {
    "none": {},
    "dim_heads": {"dim_heads": 16, "rotary_pos_emb": False},
    "rotary_pos_emb": {"rotary_pos_emb": False},
    "zero_init_branch_outputs": {"zero_init_branch_outputs": False},
    "use_sinusoidal_emb": {"use_sinusoidal_emb": True},
    "use_abs_pos_emb": {"use_abs_pos_emb": True},
    "num_memory_tokens": {"num_memory_tokens": 2},
    "sliding_window": {"sliding_window": [3, 4]},
    "remove_norms": {"remove_norms": True},
    "add_rope": {"add_rope": True, "rotary_pos_emb": False},
    "layer_scale": {"layer_scale": True},
    "attn_kwargs.qk_norm=l2": {"attn_kwargs": {"qk_norm": "l2"}},
    "attn_kwargs.qk_norm=ln": {"attn_kwargs": {"qk_norm": "ln"}},
    "attn_kwargs.qk_norm=dyt": {"attn_kwargs": {"qk_norm": "dyt"}},
    "attn_kwargs.qk_norm=rms": {"attn_kwargs": {"qk_norm": "rms"}},
    "attn_kwargs.differential": {"attn_kwargs": {"differential": True}},
    "ff_kwargs.glu": {"ff_kwargs": {"glu": False}},
    "ff_kwargs.no_bias": {"ff_kwargs": {"no_bias": True, "glu": False}},
    "ff_kwargs.sinusoidal": {"ff_kwargs": {"sinusoidal": True}},
    "norm_kwargs": {"norm_kwargs": {"bias": True, "force_fp32": True}},
    "final_cross_attn_ix": {"final_cross_attn_ix": 0},
}


def leak(model: AudioLanguageModel, prepend: bool = True) -> tuple[float, float]:
    """How much logits change at steps up to a perturbed token's, where it is not yet seen, and from there on."""
    generator = torch.Generator().manual_seed(0)
    sequence = torch.randint(CODEBOOK_SIZE, (1, 4, STEPS), generator=generator)
    given = model.conditions(conditions(1), 1) if prepend else model.conditions(None, None)
    worst, least = 0.0, float("inf")
    with torch.no_grad():
        before = model.lm(sequence, given)
        for step in range(1, STEPS):
            other = sequence.clone()
            other[..., step] = (other[..., step] + 1) % CODEBOOK_SIZE
            change = (model.lm(other, given) - before).abs()
            worst = max(worst, float(change[:, :, :step].max()))
            least = min(least, float(change[:, :, step:].max()))
    return worst, least


@pytest.mark.parametrize("cross_attention", ["reference", "full"])
@pytest.mark.parametrize("name", OPTIONS)
def test_no_accepted_option_sees_the_future(name: str, cross_attention: str) -> None:
    model = build(options=OPTIONS[name], cross=True, prepend=True, added=True, cross_attention=cross_attention)
    worst, least = leak(model)
    assert worst < 1e-5 < 1e-3 < least


@pytest.mark.parametrize("cross_attention", ["reference", "full"])
@pytest.mark.parametrize("backbone", BACKBONES)
def test_no_backbone_sees_the_future(backbone: str, cross_attention: str) -> None:
    worst, least = leak(build(backbone, cross=True, prepend=True, added=True, cross_attention=cross_attention))
    assert worst < 1e-5 < 1e-3 < least


@pytest.mark.parametrize("shared", [True, False])
def test_a_depth_transformer_sees_the_tokens_before_it_alone(shared: bool) -> None:
    """It does see the next step: of that the codebooks before its own."""
    model = build(pattern="parallel", depth={"dim": 32, "dim_heads": 16, "shared_weights": shared})
    generator = torch.Generator().manual_seed(0)
    sequence = torch.randint(CODEBOOK_SIZE, (1, 4, STEPS), generator=generator)
    with torch.no_grad():
        before = model.lm(sequence, model.conditions(None, None))
        for codebook in range(4):
            other = sequence.clone()
            other[:, codebook, 5] = (other[:, codebook, 5] + 1) % CODEBOOK_SIZE
            change = (model.lm(other, model.conditions(None, None)) - before).abs().amax(-1)[0]
            assert float(change[:, :4].max()) == 0
            assert float(change[: codebook + 1, 4].max()) == 0
            if codebook < 3:
                assert float(change[codebook + 1 :, 4].min()) > 1e-4


def test_every_option_is_perturbed_or_refused() -> None:
    """A new option of the backbone has to be added above."""
    sizes = {"embed_dim", "depth", "cross_attn_cond_dim", "prepend_cond_dim", "sum_cond_dim"}
    sizes |= {"project_cross_attn_cond", "abs_pos_emb_max_length"}
    known = {name.partition(".")[0] for name in OPTIONS} | sizes | {"conformer"}
    assert set(TransformerLMOptions.model_fields) <= known
    for part, refused, silent in (
        ("attn_kwargs", {"feat_scale"}, {"qk_norm_eps"}),
        ("ff_kwargs", {"use_conv", "conv_kernel_size"}, {"mult", "dim_out", "zero_init_output"}),
    ):
        annotation: Any = TransformerLMOptions.model_fields[part].annotation
        seen = {name.partition(".")[2].partition("=")[0] for name in OPTIONS if name.startswith(f"{part}.")}
        assert set(annotation.model_fields) <= seen | refused | silent


@pytest.mark.parametrize(
    ("pointer", "options"),
    [
        ("/model/lm/config/conformer", {"conformer": True}),
        ("/model/lm/config/ff_kwargs/use_conv", {"ff_kwargs": {"use_conv": True}}),
        ("/model/lm/config/attn_kwargs/feat_scale", {"attn_kwargs": {"feat_scale": True}}),
    ],
)
def test_options_that_see_the_future_are_refused(pointer: str, options: dict[str, Any]) -> None:
    from support.tiny_lm import config

    problems = [p for p in check_config(config(options=options), None) if p.level == "error"]
    assert [(p.pointer, p.rule) for p in problems] == [(pointer, "no_layer_sees_the_future")]
    assert isinstance(load_config(config(), "model"), LMConfig)
