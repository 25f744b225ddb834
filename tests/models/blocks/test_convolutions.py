"""Convolutions that change the sample rate: lengths as in the references, and exact ones."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from narrows.models.blocks.convolutions import downsampling_conv1d, upsampling_conv1d
from narrows.models.blocks.padded_convolutions import PaddedConv1d, TrimmedConvTranspose1d

strides = st.integers(1, 9)


@given(strides, st.integers(20, 60))
def test_downsampling_lengths(stride: int, length: int) -> None:
    x = torch.randn(1, 2, length)
    assert downsampling_conv1d(2, 3, stride)(x).shape[-1] == (length + stride % 2) // stride
    assert downsampling_conv1d(2, 3, stride, exact=True)(x).shape[-1] == length // stride


@given(strides, st.integers(2, 20))
def test_upsampling_lengths(stride: int, frames: int) -> None:
    x = torch.randn(1, 2, frames)
    assert upsampling_conv1d(2, 3, stride)(x).shape[-1] == frames * stride - stride % 2
    assert upsampling_conv1d(2, 3, stride, exact=True)(x).shape[-1] == frames * stride


@given(strides)
def test_exact_lengths_change_no_sample_that_both_have(stride: int) -> None:
    x = torch.randn(1, 2, stride * 12)
    for build in (downsampling_conv1d, upsampling_conv1d):
        reference, exact = build(2, 3, stride), build(2, 3, stride, exact=True)
        exact.load_state_dict(reference.state_dict())
        a, b = reference(x), exact(x)
        both = min(a.shape[-1], b.shape[-1])
        torch.testing.assert_close(a[..., :both], b[..., :both])


@given(strides, st.integers(1, 70), st.booleans(), st.sampled_from(["reflect", "constant", "replicate"]))
def test_padded_convolutions_give_whole_frames(stride: int, length: int, causal: bool, pad_mode: str) -> None:
    conv = PaddedConv1d(1, 2, 2 * stride, stride, causal=causal, pad_mode=pad_mode)  # type: ignore[arg-type]
    assert conv(torch.randn(1, 1, length)).shape[-1] == -(-length // stride)


@given(st.integers(1, 9), st.integers(1, 4), st.integers(1, 30), st.booleans())
def test_padded_convolutions_keep_the_length(kernel: int, dilation: int, length: int, causal: bool) -> None:
    conv = PaddedConv1d(1, 2, kernel, dilation=dilation, causal=causal)
    assert conv(torch.randn(1, 1, length)).shape[-1] == length


@given(strides, st.integers(1, 20), st.booleans(), st.floats(0, 1))
def test_trimmed_convolutions_give_whole_frames(stride: int, frames: int, causal: bool, ratio: float) -> None:
    conv = TrimmedConvTranspose1d(1, 2, 2 * stride, stride, causal=causal, trim_right_ratio=ratio if causal else 1.0)
    assert conv(torch.randn(1, 1, frames)).shape[-1] == frames * stride
