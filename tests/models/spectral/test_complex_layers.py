"""Complex layers: they are their real 2x2 block form, their gradients are right, and they respect phases."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from narrows.models.receptive_field import receptive_field
from narrows.models.spectral.modules.activations import COMPLEX, activation
from narrows.models.spectral.modules.attention import SpectralAttention
from narrows.models.spectral.modules.convolutions import PaddedConv, TrimmedConvTranspose2d
from narrows.models.spectral.modules.linear import ComplexLayerNorm, ComplexLinear
from narrows.models.spectral.modules.norms import (
    ComplexBatchNorm,
    ComplexChannelNorm,
    ComplexGroupNorm,
    ComplexNorm,
    moments,
)
from narrows.models.spectral.modules.sequence import ComplexLSTM, SequenceTransformer
from narrows.models.spectral.modules.transformer import Dropout, TransformerBlock
from narrows.models.streaming.run import run_chunked

NORMS = ("none", "weight_norm", "spectral_norm", "layer_norm", "time_group_norm", "batch_norm")
ROTATION = torch.exp(torch.tensor(0.7j, dtype=torch.complex128))


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    """Layers take their complex type from torch's default precision."""
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.complex128)


def pair(x: Tensor, axis: int) -> Tensor:
    return torch.cat([x.real, x.imag], dim=axis)


def block(weight: Tensor) -> Tensor:
    """`[[a, -b], [b, a]]` over the first two axes."""
    a, b = weight.real, weight.imag
    return torch.cat([torch.cat([a, -b], dim=1), torch.cat([b, a], dim=1)], dim=0)


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("stride", [(1, 1), (2, 3)])
def test_convolutions_are_their_block_form(stride: tuple[int, int], groups: int) -> None:
    layer, x = PaddedConv(4, 6, (4, 6), stride, groups=groups, is_complex=True), noise(2, 4, 8, 12)
    inner: Any = layer.conv[0]
    padded: list[Tensor] = []
    inner.register_forward_pre_hook(lambda _, given: padded.append(given[0]))
    out = layer(x)
    parts = []
    for group in range(groups):
        weight = block(inner.weight.chunk(groups)[group])
        parts.append(nn.functional.conv2d(pair(padded[0].chunk(groups, dim=1)[group], 1), weight, None, stride))
    real = torch.cat([part.chunk(2, dim=1)[0] for part in parts], dim=1) + inner.bias.real.view(-1, 1, 1)
    imaginary = torch.cat([part.chunk(2, dim=1)[1] for part in parts], dim=1) + inner.bias.imag.view(-1, 1, 1)
    torch.testing.assert_close(out, torch.complex(real, imaginary))


def test_transposed_convolutions_are_their_block_form() -> None:
    layer, x = TrimmedConvTranspose2d(3, 2, (4, 2), (2, 1), is_complex=True), noise(2, 3, 5, 6)
    inner: Any = layer.convtr[0]
    # The first axis is the input's here, so that the block is transposed.
    weight = block(inner.weight.transpose(0, 1)).transpose(0, 1)
    whole = nn.functional.conv_transpose2d(pair(x, 1), weight, pair(inner.bias, 0), (2, 1))
    (top, bottom), (left, right) = layer.trims
    trimmed = whole[..., top : whole.shape[2] - bottom, left : whole.shape[3] - right]
    torch.testing.assert_close(pair(layer(x), 1), trimmed)


def test_linear_layers_are_their_block_form() -> None:
    layer, x = ComplexLinear(3, 5), noise(4, 3)
    out = nn.functional.linear(pair(x, -1), block(layer.weight), pair(layer.bias, 0))
    torch.testing.assert_close(pair(layer(x), -1), out)


def layers() -> dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]]:
    found: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
        "linear": (lambda: ComplexLinear(3, 2), (2, 3)),
        "layer norm": (lambda: ComplexLayerNorm(4), (2, 3, 4)),
        "channel norm": (lambda: ComplexChannelNorm(4), (2, 4, 2, 2)),
        "group norm": (lambda: ComplexGroupNorm(4, 2), (2, 4, 2, 2)),
        "batch norm": (lambda: ComplexBatchNorm(2), (3, 2, 2, 2)),
        "attention": (lambda: SpectralAttention(4, 2, is_complex=True), (1, 3, 4)),
        "causal attention": (lambda: SpectralAttention(4, 2, causal=True, is_complex=True), (1, 3, 4)),
        "block": (lambda: TransformerBlock(4, 2, 4, is_complex=True), (1, 3, 4)),
        "lstm": (lambda: ComplexLSTM(2, 1), (1, 2, 4)),
        "sequence": (lambda: SequenceTransformer(4, 1, False, True, True), (1, 4, 3)),
        "transposed": (lambda: TrimmedConvTranspose2d(2, 2, (2, 2), (1, 1), is_complex=True), (1, 2, 2, 2)),
    }
    for norm in NORMS:
        found[f"convolution, {norm}"] = (
            lambda norm=norm: PaddedConv(2, 2, (3, 3), norm=norm, is_complex=True),  # type: ignore[misc]
            (2, 2, 3, 3),
        )
    for name in COMPLEX:
        found[name] = (lambda name=name: activation(name, 2, True), (2, 2, 3))  # type: ignore[misc]
    return found


@pytest.mark.parametrize("name", layers())
def test_gradients_match_finite_differences(name: str) -> None:
    make, shape = layers()[name]
    layer = make()
    # Spectral norm moves its vectors at each call in training; others are differentiated as they train.
    layer.train("spectral_norm" not in name)
    parameters = [p for p in layer.parameters() if p.requires_grad]

    def function(x: Tensor, *_: Tensor) -> Tensor:
        return torch.view_as_real(layer(x))

    x = (noise(*shape) + 0.2).requires_grad_()
    assert torch.autograd.gradcheck(function, (x, *parameters), atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("name", ["ModReLU", "ModReLUScalar", "ComplexGELU", "Abs_SiLU", "Identity"])
def test_activations_of_magnitudes_turn_with_their_input(name: str) -> None:
    layer, x = activation(name, 3, True), noise(2, 3, 4, 5)
    torch.testing.assert_close(layer(ROTATION * x), ROTATION * layer(x))


@pytest.mark.parametrize("name", ["CReLU", "CELU"])
def test_activations_of_parts_do_not(name: str) -> None:
    layer, x = activation(name, 3, True), noise(2, 3, 4)
    real: Any = nn.functional.relu if name == "CReLU" else nn.functional.elu
    torch.testing.assert_close(layer(x), torch.complex(real(x.real), real(x.imag)))
    assert not torch.allclose(layer(ROTATION * x), ROTATION * layer(x))


def test_the_threshold_of_modrelu() -> None:
    layer = activation("ModReLU", 2, True, {"init_bias": -0.5})
    x = torch.tensor([[[0.3 + 0.4j, 0.4 + 0.0j], [3.0 + 4.0j, 0.0j]]])
    torch.testing.assert_close(layer(x).abs(), torch.tensor([[[0.0, 0.0], [4.5, 0.0]]]), atol=1e-6, rtol=0)


def test_unknown_activations_are_refused() -> None:
    """The reference takes the identity instead (E-8)."""
    with pytest.raises(ValueError, match=r"activation must be one of .* for complex values, got 'ELU'"):
        activation("ELU", 2, True)
    with pytest.raises(ValueError, match="for real values, got 'EluU'"):
        activation("EluU", 2)
    with pytest.raises(ValueError, match="CReLU does not take alpha"):
        activation("CReLU", 2, True, {"alpha": 1.0})


@pytest.mark.parametrize(
    ("norm", "axes"),
    [(ComplexChannelNorm, (1,)), (ComplexGroupNorm, (1, 2, 3)), (ComplexBatchNorm, (0, 2, 3))],
    ids=["channel", "group", "batch"],
)
def test_norms_whiten_pairs(norm: Callable[[int], ComplexNorm], axes: tuple[int, ...]) -> None:
    """Parts of different power that are correlated come out with equal power, uncorrelated, and |y|² of 1."""
    x = torch.complex(real := torch.randn(8, 6, 5, 7), 0.3 * torch.randn(8, 6, 5, 7) + 0.5 * real) + (2 - 1j)
    mean, (rr, ii, ri) = moments(norm(6)(x), axes)
    assert mean.abs().max() < 1e-9
    for part, wanted in ((rr, 0.5), (ii, 0.5), (ri, 0.0)):
        torch.testing.assert_close(part, torch.full_like(part, wanted), atol=0.02, rtol=0)


def test_whitening_turns_with_its_input() -> None:
    """The inverse square root is symmetric, so that a rotation before it is one behind it."""
    norm, x = ComplexGroupNorm(4, 2), noise(2, 4, 5, 6)
    torch.testing.assert_close(norm(ROTATION * x), ROTATION * norm(x))


def test_batch_norm_counts_for_evaluation() -> None:
    norm = ComplexBatchNorm(3, momentum=1.0)
    x = noise(16, 3, 20) * 2 + 1j
    trained = norm.train()(x)
    torch.testing.assert_close(norm.eval()(x), trained, atol=5e-3, rtol=0)
    assert (int(norm.num_batches_tracked), norm.running_mean.is_complex()) == (1, True)


def test_attention_turns_with_its_input_where_it_has_no_bias() -> None:
    layer, x = SpectralAttention(6, 2, is_complex=True), noise(2, 5, 6)
    for part in (layer.to_qkv, layer.to_out):
        nn.init.zeros_(part.bias)  # type: ignore[arg-type]
    torch.testing.assert_close(layer(ROTATION * x), ROTATION * layer(x))


def test_attention_of_complex_features_is_that_of_their_parts() -> None:
    layer, x = SpectralAttention(4, 1, is_complex=True), noise(1, 5, 4)
    q, k, v = layer.to_qkv(x).chunk(3, dim=-1)
    weights = ((q @ k.mH).real / math.sqrt(8)).softmax(dim=-1)
    torch.testing.assert_close(layer(x), layer.to_out(weights.to(v.dtype) @ v))


def test_causal_attention_sees_nothing_later() -> None:
    layer, x = SequenceTransformer(4, 2, True, True, True), noise(1, 4, 6)
    changed = torch.cat([x[..., :3], noise(1, 4, 3)], dim=-1)
    torch.testing.assert_close(layer(x)[..., :3], layer(changed)[..., :3])


def test_a_complex_lstm_goes_on_in_chunks() -> None:
    layer, x = ComplexLSTM(3, 2).eval(), noise(2, 3, 40)
    with torch.no_grad():
        torch.testing.assert_close(run_chunked(layer, receptive_field(layer), x, 7), layer(x))


@pytest.mark.parametrize("make", [lambda: ComplexLinear(256, 64), lambda: PaddedConv(32, 64, (3, 3), is_complex=True)])
def test_weights_start_so_that_power_is_kept(make: Callable[[], nn.Module]) -> None:
    """Through a layer; the phases of the weights are uniform."""
    layer = make()
    weight = next(layer.parameters()).detach()
    x = noise(64, 256) if isinstance(layer, ComplexLinear) else noise(4, 32, 20, 20)
    out = layer(x)
    assert out.abs().square().mean().item() == pytest.approx(1.0, rel=0.1)
    turns = torch.histc(weight.angle(), bins=8, min=-math.pi, max=math.pi) / weight.numel()
    assert (turns - 1 / 8).abs().max() < 0.02
    # A Rayleigh distribution has the mean √(π/4) of the root of its mean square.
    assert (weight.abs().mean() / weight.abs().square().mean().sqrt()).item() == pytest.approx(
        math.sqrt(math.pi / 4), rel=0.02
    )


def test_dropout_drops_both_parts_together() -> None:
    x = noise(10, 10)
    out = Dropout(0.5).train()(x)
    kept = out != 0
    torch.testing.assert_close(out[kept], 2 * x[kept])
    assert 10 < int(kept.sum()) < 90
    assert torch.equal(Dropout(0.5).eval()(x), x)
