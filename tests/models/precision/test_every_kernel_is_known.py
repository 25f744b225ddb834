"""No type of component runs a 16-bit kernel that was not tried: what torch is asked for is recorded and looked up."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support.tiny_models import RATIO, TYPES, build
from torch.utils._python_dispatch import TorchDispatchMode

from narrows.configs._families import FAMILIES
from narrows.models import create_pretransform_from_config
from narrows.models.blocks.snac import WindowAttention
from narrows.models.inference.precision.layers import kernels_of
from narrows.models.kernels import Kernel
from narrows.models.lm.backbones.x_transformers import HeadAttention

aten = torch.ops.aten
HALF = (torch.bfloat16, torch.float16)
ATTENTION = ("_scaled_dot_product_flash_attention_for_cpu", "_scaled_dot_product_fused_attention_overrideable")


class Recorder(TorchDispatchMode):
    """Notes convolutions, matrix products, recurrences and attention in 16 bit: kind and sizes of weights."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[Any, ...]] = set()

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        tensors = [x for x in args if isinstance(x, torch.Tensor)]
        name = function.overloadpacket.__name__
        if tensors and tensors[0].dtype in HALF:
            if name == "convolution":
                self.seen.add(("convolution", tuple(args[1].shape), args[6], args[8]))
            elif name in ("mm", "addmm", "bmm", "baddbmm"):
                self.seen.add(("product", *tensors[-1].shape[-2:]))
            elif name in ATTENTION:
                self.seen.add(("attention", tensors[0].shape[-1]))
            elif "lstm" in name or "gru" in name or "rnn" in name:
                self.seen.add(("recurrence", name))
        return function(*args, **(kwargs or {}))


def described(kernel: Kernel) -> set[tuple[Any, ...]]:
    """A kernel in the words of the recorder."""
    given = kernel.arguments
    if kernel.kind == "attention":
        return {("attention", given["width"])}
    if kernel.kind in ("linear", "product"):
        return {("product", given["inputs"], given["outputs"])}
    if kernel.kind == "recurrence":
        return {("recurrence", name) for name in ("mkldnn_rnn_layer", "lstm", "gru")} | {
            ("product", size, 4 * given["hidden"]) for size in (given["inputs"], given["hidden"])
        }
    return {("convolution", tuple(given["weight"]), "extra" in given, given["groups"])}


def unknown(model: Any, run: Any, dtype: torch.dtype) -> set[tuple[Any, ...]]:
    known = {found for layer in model.modules() for kernel in kernels_of(layer, False) for found in described(kernel)}
    recorder = Recorder()
    with torch.no_grad(), recorder:
        run(dtype)
    return recorder.seen - known


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("autocast", [False, True], ids=["true", "mixed"])
def test_encoders_and_decoders(kind: str, autocast: bool) -> None:
    model = build(kind, kind)
    sound = torch.randn(1, 2, RATIO * 24)

    def run(dtype: torch.dtype) -> None:
        with torch.autocast("cpu", dtype, enabled=autocast):
            model(sound if autocast else sound.to(dtype))

    if not autocast:
        model.to(torch.bfloat16)
    assert unknown(model, run, torch.bfloat16) == set()


def test_attention_of_their_own() -> None:
    x = torch.randn(1, 64, 8)
    local, tokens = WindowAttention(64, 4).bfloat16(), HeadAttention(8, 2, 16, True).bfloat16()
    assert unknown(local, lambda dtype: local(x.to(dtype)), torch.bfloat16) == set()
    nothing = (None, None, None, None, 0)
    assert unknown(tokens, lambda dtype: tokens(x.mT[..., :8].to(dtype), *nothing), torch.bfloat16) == set()


def test_the_recorder_sees_what_is_missing() -> None:
    model = build("oobleck", "oobleck").to(torch.bfloat16)
    recorder = Recorder()
    with torch.no_grad(), recorder:
        model(torch.randn(1, 2, RATIO * 24).bfloat16())
    assert ("convolution", (8, 2, 7), False, 1) in recorder.seen


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("pqmf", {"attenuation": 60, "num_bands": 4}),
        ("wavelet", {"channels": 2, "levels": 2, "wavelet": "bior4.4"}),
        ("patched", {"channels": 2, "patch_size": 4}),
        ("spectrogram", {"channels": 2, "n_fft": 16, "hop_length": 4}),
    ],
)
def test_pretransforms(kind: str, options: dict[str, Any]) -> None:
    assert kind in FAMILIES["pretransform"].tags
    transform = create_pretransform_from_config({"type": kind, "config": options}, 16000).to(torch.bfloat16)
    audio = torch.randn(1, 2, 128)
    assert (
        unknown(transform, lambda dtype: transform.decode(transform.encode(audio.to(dtype))), torch.bfloat16) == set()
    )
