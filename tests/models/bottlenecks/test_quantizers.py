"""The quantizers against vector-quantize-pytorch, and what that library does not promise."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import vector_quantize_pytorch as library
from torch import Tensor

from narrows.models.blocks.quantizers.codebook import Codebook
from narrows.models.blocks.quantizers.gradients import rotate
from narrows.models.bottlenecks.fsq import FSQBottleneck
from narrows.models.bottlenecks.lfq import LFQBottleneck
from narrows.models.bottlenecks.residual_fsq import ResidualFSQBottleneck
from narrows.models.bottlenecks.rvq import RVQBottleneck
from narrows.models.bottlenecks.simvq import SimVQBottleneck

of_the_current_release = pytest.mark.skipif(
    not hasattr(library, "ResidualSimVQ"), reason="1.14.41 has other numbers: entropy terms, levels, gradients"
)


def latents(channels: int, frames: int = 40, seed: int = 0) -> Tensor:
    return torch.randn(2, channels, frames, generator=torch.Generator().manual_seed(seed))


def compare(ours: Any, theirs: Any, x: Tensor, frames_first: bool = False, loss: bool = True) -> None:
    """Latents, tokens, loss and the gradient of all of them."""
    results = []
    for quantizer in (ours, theirs):
        leaf = x.clone().requires_grad_()
        if quantizer is ours:
            quantized, info = ours.encode(leaf, return_info=True)
            quantized, indices, total = quantized.transpose(1, 2), ours.tokens(info), info.get("quantizer_loss")
        else:
            quantized, indices, *rest = theirs(leaf.transpose(1, 2))
            indices, total = indices.transpose(1, 2), rest[0].mean() if rest else None
        objective = (quantized * torch.arange(quantized.shape[-1])).sum() + (total if loss else 0)
        (gradient,) = torch.autograd.grad(objective, leaf)
        results.append([quantized.detach(), indices, gradient, *([total.detach()] if loss else [])])
    for mine, other in zip(*results, strict=True):
        torch.testing.assert_close(mine, other.to(mine.dtype), atol=2e-5, rtol=1e-4)


@of_the_current_release
@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize(
    "options",
    [
        {"levels": [5, 4, 3]},
        {"levels": [8, 6], "num_codebooks": 2},
        {"levels": [8, 5, 5], "dim": 4},
        {"levels": [3, 4, 2], "preserve_symmetry": True},
        {"levels": [7, 4], "preserve_symmetry": True, "bound_hard_clamp": True},
        {"levels": [7, 5], "bound_hard_clamp": True},
    ],
    ids=str,
)
def test_fsq(options: dict[str, Any], training: bool) -> None:
    ours = FSQBottleneck(**options).train(training)
    theirs = library.FSQ(**options, keep_num_codebooks_dim=True).train(training)
    theirs.load_state_dict(ours.quantizer.state_dict())
    compare(
        ours,
        theirs,
        latents(options.get("dim") or len(options["levels"]) * options.get("num_codebooks", 1)),
        loss=False,
    )


@of_the_current_release
@pytest.mark.parametrize("options", [{}, {"dim": 6}, {"bound_hard_clamp": False}, {"quantize_dropout": True}], ids=str)
def test_residual_fsq(options: dict[str, Any]) -> None:
    ours = ResidualFSQBottleneck([5, 3, 4], 3, **options).eval()
    theirs = library.ResidualFSQ(levels=[5, 3, 4], num_quantizers=3, **options).eval()
    theirs.load_state_dict(ours.state_dict())
    compare(ours, theirs, latents(options.get("dim", 3)), loss=False)


@of_the_current_release
@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize(
    "options",
    [
        {"codebook_size": 16},
        {"codebook_size": 16, "num_codebooks": 2, "commitment_loss_weight": 0.25},
        {"codebook_size": 8, "dim": 5, "soft_clamp_input_value": 2.0, "codebook_scale": 1.5},
        {"codebook_size": 16, "spherical": True, "diversity_gamma": 2.0, "entropy_loss_weight": 1.0},
        {"codebook_size": 16, "experimental_softplus_entropy_loss": True},
    ],
    ids=str,
)
def test_lfq(options: dict[str, Any], training: bool) -> None:
    ours = LFQBottleneck(**options).train(training)
    theirs = library.LFQ(**options, keep_num_codebooks_dim=True).train(training)
    theirs.load_state_dict(ours.state_dict(), strict=False)
    bits = options["codebook_size"].bit_length() - 1
    # Small values, so that the entropy term is not saturated.
    x = latents(options.get("dim") or bits * options.get("num_codebooks", 1)) * 0.02
    quantized, info = ours.encode(x, return_info=True)
    other, indices, loss = theirs(x.transpose(1, 2))
    torch.testing.assert_close(quantized.transpose(1, 2), other)
    assert torch.equal(info["quantizer_indices"].transpose(1, 2), indices.long())
    torch.testing.assert_close(info["quantizer_loss"], loss, atol=1e-6, rtol=1e-4)


@of_the_current_release
@pytest.mark.parametrize("rotation_trick", [False, True])
def test_simvq(rotation_trick: bool) -> None:
    options = {"dim": 5, "codebook_size": 16, "num_quantizers": 3, "rotation_trick": rotation_trick}
    ours, theirs = SimVQBottleneck(**options).train(), library.ResidualSimVQ(**options).train()
    theirs.load_state_dict(ours.state_dict())
    compare(ours, theirs, latents(5))


@of_the_current_release
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"codebook_dim": 3},
        {"use_cosine_sim": True},
        {"rotation_trick": True},
        {"commitment_weight": 0.3, "decay": 0.7},
        {"shared_codebook": False, "threshold_ema_dead_code": 0},
        {"ema_update": False, "learnable_codebook": True},
    ],
    ids=str,
)
def test_rvq(options: dict[str, Any]) -> None:
    # The library's defaults are others: spelt out here.
    common = {"dim": 6, "codebook_size": 12, "num_quantizers": 3, "rotation_trick": False}
    common |= {"kmeans_init": False, "threshold_ema_dead_code": 0, "decay": 0.8}
    ours = RVQBottleneck(**common | options).train()
    theirs = library.ResidualVQ(**common | options).train()
    theirs.load_state_dict(ours.quantizer.state_dict(), strict=False)
    compare(ours, theirs, latents(6))
    for name, value in ours.quantizer.state_dict().items():
        torch.testing.assert_close(
            value, theirs.state_dict()[name].to(value.dtype).reshape(value.shape), atol=1e-5, rtol=1e-4
        )


def test_frozen_codebooks_stay() -> None:
    bottleneck = RVQBottleneck(dim=6, codebook_size=12, num_quantizers=2, freeze_codebook=True).train()
    before = {key: value.clone() for key, value in bottleneck.state_dict().items()}
    bottleneck.encode(latents(6))
    assert all(torch.equal(value, before[key]) for key, value in bottleneck.state_dict().items())


@pytest.mark.parametrize("option", ["commitment_use_cross_entropy_loss", "codebook_diversity_loss_weight"])
def test_gradients_of_soft_assignments(option: str) -> None:
    """Against finite differences; the moving averages change the codes in the same call."""
    common = {"dim": 3, "codebook_size": 5, "num_quantizers": 1, "kmeans_init": False, "commitment_weight": 1.0}
    options = {option: 1.0 if "weight" in option else True, "codebook_diversity_temperature": 1.0}

    def loss(x: Tensor) -> Tensor:
        torch.manual_seed(0)
        bottleneck = RVQBottleneck(**common, **options).train()  # type: ignore[arg-type]
        _, info = bottleneck.encode(x, return_info=True, generator=torch.Generator().manual_seed(1))
        value: Tensor = info["quantizer_loss"]
        return value

    x = latents(3, 4).requires_grad_()
    (gradient,) = torch.autograd.grad(loss(x), x)
    with torch.no_grad():
        step = torch.zeros_like(x)
        step[1, 2, 3] = 0.01
        difference = (loss(x + step) - loss(x - step)) / 0.02
    torch.testing.assert_close(gradient[1, 2, 3], difference, atol=2e-4, rtol=2e-2)


def test_diversity_rewards_even_use() -> None:
    bottleneck = RVQBottleneck(
        dim=2,
        codebook_size=4,
        num_quantizers=1,
        kmeans_init=False,
        commitment_weight=0,
        codebook_diversity_loss_weight=1,
    ).train()
    codes = torch.tensor([[1.0, 0], [0, 1], [-1, 0], [0, -1]])
    losses = []
    for rows in (codes.repeat(4, 1), codes[:1].repeat(16, 1)):
        bottleneck.quantizer.codebooks[0].embed.copy_(codes[None])
        losses.append(bottleneck.encode(rows.t()[None], return_info=True)[1]["quantizer_loss"])
    torch.testing.assert_close(losses[0], -torch.tensor(4.0).log(), atol=1e-3, rtol=1e-3)
    assert losses[1] > losses[0] + 1


def test_every_code_of_fsq_is_reachable_in_bfloat16() -> None:
    for options in ({}, {"preserve_symmetry": True}):
        bottleneck = FSQBottleneck([8, 5, 5, 5], **options).eval()
        tokens = torch.arange(bottleneck.codebook_size).reshape(1, 1, -1)
        # The middle of each cell, before the tanh: what an encoder has to give.
        codes = bottleneck.dequantize(tokens)
        grid = codes * (1 if options else torch.tensor([4.0, 2, 2, 2])[:, None] / torch.tensor([3.5, 2, 2, 2])[:, None])
        shift = 0 if options else torch.tensor([0.5 / 3.5, 0, 0, 0])[:, None]
        x = torch.atanh((grid + shift).clamp(-0.995, 0.995))
        x = x - (0 if options else torch.atanh(torch.tensor([0.5 / 3.5, 0, 0, 0]))[:, None])
        with torch.autocast("cpu", torch.bfloat16):
            _, info = bottleneck.encode(x.bfloat16(), return_info=True)
        assert set(info["quantizer_indices"].flatten().tolist()) == set(range(bottleneck.codebook_size))


def test_half_precision_models_keep_exact_indices() -> None:
    """Codes beyond what a bfloat16 can count: 2048 and more."""
    bottleneck = RVQBottleneck(dim=4, codebook_size=4096, num_quantizers=1, kmeans_init=False).eval()
    tokens = torch.arange(4096).reshape(1, 1, -1)
    x = bottleneck.dequantize(tokens)
    with torch.autocast("cpu", torch.bfloat16):
        _, info = bottleneck.encode(x, return_info=True)
    assert torch.equal(bottleneck.tokens(info), tokens)


def test_revived_codes_start_anew() -> None:
    """Reviving a code also resets its running statistics; otherwise the next update moves it back."""
    book = Codebook(3, 4, dead_below=2)
    book.cluster_size.copy_(torch.tensor([[5.0, 0.5, 5.0, 0.0]]))
    rows = torch.tensor([[9.0, 9, 9], [8, 8, 8]])
    book.revive(rows, torch.Generator().manual_seed(0))
    for code in (1, 3):
        assert book.embed[0, code].tolist() in rows.tolist()
        assert book.cluster_size[0, code] == 2
        assert torch.equal(book.embed_avg[0, code], book.embed[0, code] * 2)
    before = book.embed[0, [1, 3]].clone()
    book.dead_below = 0
    book.update(book.codes[[0, 2]].clone(), torch.tensor([0, 2]))
    torch.testing.assert_close(book.embed[0, [1, 3]], before, atol=1e-3, rtol=1e-3)


def test_a_collapsed_codebook_recovers() -> None:
    """From all codes at one point to at least 90 % in use, in 50 steps."""
    torch.manual_seed(0)
    bottleneck = RVQBottleneck(dim=4, codebook_size=64, num_quantizers=1, kmeans_init=False, decay=0.8).train()
    book = bottleneck.quantizer.codebooks[0]
    book.embed.fill_(100.0)
    book.embed_avg.fill_(100.0)
    generator = torch.Generator().manual_seed(1)
    for _ in range(50):
        x = torch.randn(8, 4, 64, generator=generator)
        _, info = bottleneck.encode(x, return_info=True, generator=generator)
    assert len(bottleneck.tokens(info).unique()) >= 58


def test_kmeans_starts_once_and_only_in_training() -> None:
    bottleneck = RVQBottleneck(dim=4, codebook_size=8, num_quantizers=2)
    before = {key: value.clone() for key, value in bottleneck.state_dict().items()}
    bottleneck.eval().encode(latents(4))
    assert all(torch.equal(value, before[key]) for key, value in bottleneck.state_dict().items())
    bottleneck.train().encode(latents(4))
    book = bottleneck.quantizer.codebooks[0]
    assert book.initted.item() == 1
    assert book.cluster_size.sum() > 40


def test_quantize_on_decode_reports_no_losses() -> None:
    from narrows.models import create_bottleneck_from_config

    options = {"n_codebooks": 2, "codebook_size": 8, "input_dim": 4, "codebook_dim": 2, "quantize_on_decode": True}
    bottleneck = create_bottleneck_from_config({"type": "dac_rvq", "config": options}).train()
    x = latents(4)
    assert bottleneck.losses == ()
    assert isinstance(bottleneck.encode(x), Tensor), "not a pair"
    _, info = bottleneck.encode(x, return_info=True)
    assert list(info) == ["pre_quantizer"]
    with pytest.raises(ValueError, match="quantizes on decode"):
        bottleneck.tokens(info)
    once = bottleneck.eval().decode(x)
    tokens = bottleneck.quantizer(x).codes
    torch.testing.assert_close(bottleneck.decode_tokens(tokens), once)


def test_rotation_keeps_angle_of_the_gradient() -> None:
    """The gradient is turned as the vector was: its angle to the code is its angle to the input (Fifty et al.)."""
    x, code = torch.tensor([[1.0, 0.0, 0.0]], requires_grad=True), torch.tensor([[0.0, 2.0, 0.0]])
    quantized = rotate(x, code)
    assert torch.equal(quantized, code)
    (gradient,) = torch.autograd.grad(quantized, x, torch.tensor([[0.0, 3.0, 0.0]]))
    torch.testing.assert_close(gradient, torch.tensor([[6.0, 0.0, 0.0]]))


@pytest.mark.parametrize("levels", [[2, 3], [33] * 5, [8] * 20], ids=str)
def test_levels_that_the_library_cannot_have(levels: list[int]) -> None:
    """Two levels (1.14.41 takes them, 1.32 does not) and more codes than float32 can number."""
    bottleneck = FSQBottleneck(levels).eval()
    quantized, info = bottleneck.encode(latents(len(levels)) * 2, return_info=True)
    torch.testing.assert_close(bottleneck.dequantize(bottleneck.tokens(info)), quantized)
