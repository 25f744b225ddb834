"""Files of BigCodec are read by its table of names, and written again. No package of it can be installed.

What is expected of each tensor stands here as its source has it; that its networks compute the same was tried with that
source, once (docs/interchange.md).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Generator, Tensor

from narrows.models import load_model
from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.interchange import export_folder
from narrows.models.saving import convert

STRIDES = (2, 3, 5)
WIDTH, LATENT = 4, 16


def conv(shape: tuple[int, ...], bias: int) -> dict[str, tuple[int, ...]]:
    return {"weight_g": (shape[0], *[1] * (len(shape) - 1)), "weight_v": shape, "bias": (bias,)}


def snake(width: int) -> dict[str, tuple[int, ...]]:
    filters = {"upsample.filter": (1, 1, 12), "downsample.lowpass.filter": (1, 1, 12)}
    return {"act.alpha": (width,), "act.beta": (width,), **filters}


def lstm(width: int) -> dict[str, tuple[int, ...]]:
    sizes = {"weight_ih": (4 * width, width), "weight_hh": (4 * width, width), "bias_ih": (4 * width,)}
    sizes["bias_hh"] = (4 * width,)
    return {f"lstm.{name}_l{layer}": size for layer in range(2) for name, size in sizes.items()}


def unit(width: int) -> dict[str, Any]:
    return {"block": [snake(width), conv((width, width, 7), width), snake(width), conv((width, width, 1), width)]}


def flat(tree: Any, start: str = "") -> dict[str, tuple[int, ...]]:
    """Names of tensors and their shapes, of nested modules."""
    if isinstance(tree, tuple):
        return {start.removesuffix("."): tree}
    pairs = enumerate(tree) if isinstance(tree, list) else tree.items()
    return {name: shape for key, part in pairs for name, shape in flat(part, f"{start}{key}.").items()}


def networks() -> dict[str, dict[str, tuple[int, ...]]]:
    widths = [WIDTH * 2**stage for stage in range(len(STRIDES) + 1)]
    down: list[Any] = [conv((WIDTH, 1, 7), WIDTH)]
    for narrow, wide, stride in zip(widths, widths[1:], STRIDES, strict=False):
        last = conv((wide, narrow, 2 * stride), wide)
        down.append({"block": [unit(narrow), unit(narrow), unit(narrow), snake(narrow), last]})
    down += [lstm(widths[-1]), snake(widths[-1]), conv((LATENT, widths[-1], 3), LATENT)]
    up: list[Any] = [conv((widths[-1], LATENT, 7), widths[-1]), lstm(widths[-1])]
    for wide, narrow, stride in zip(widths[::-1], widths[-2::-1], STRIDES[::-1], strict=False):
        first = conv((wide, narrow, 2 * stride), narrow)
        up.append({"block": [snake(wide), first, unit(narrow), unit(narrow), unit(narrow)]})
    up += [snake(WIDTH), conv((1, WIDTH, 7), 1)]
    stage = {"in_proj": conv((8, LATENT), 8), "out_proj": conv((LATENT, 8), LATENT), "_codebook": {"weight": (64, 8)}}
    generator = {"model": up, "quantizer": {"layers": [stage]}}
    return {"CodecEnc": flat({"block": down}), "generator": flat(generator)}


def content() -> dict[str, dict[str, Tensor]]:
    """Random weights whose sums neither grow nor fade, so that audio gets many codes."""
    random = Generator().manual_seed(0)

    def drawn(name: str, shape: tuple[int, ...]) -> Tensor:
        values = torch.randn(shape, generator=random)
        return 1 + 0.2 * values if name.endswith("weight_g") else 0.3 * values

    return {part: {name: drawn(name, s) for name, s in shapes.items()} for part, shapes in networks().items()}


def nearest(encoded: Tensor, generator: dict[str, Tensor]) -> Tensor:
    """Codes `(B, L)` as BigCodec's source finds them: by the cosine with the entries, in a few channels."""
    stage = {name.removeprefix("quantizer.layers.0."): tensor for name, tensor in generator.items()}
    rows = stage["in_proj.weight_v"]
    weight = stage["in_proj.weight_g"] * rows / rows.norm(dim=1, keepdim=True)
    inside = torch.nn.functional.linear(encoded.transpose(1, 2), weight, stage["in_proj.bias"])
    entries = torch.nn.functional.normalize(stage["_codebook.weight"], dim=-1)
    return (torch.nn.functional.normalize(inside, dim=-1) @ entries.T).argmax(-1)


@torch.no_grad()
def test_a_file_goes_both_ways(tmp_path: Path) -> None:
    torch.save(content(), tmp_path / "any_name.pt")
    model = load_model(tmp_path / "any_name.pt")
    options = model.config.model
    assert (model.sample_rate, options.downsampling_ratio, options.encoder.config.lstm) == (16000, 30, 2)
    audio = 0.3 * torch.randn(1, 1, 3000, generator=Generator().manual_seed(1))
    latents, info = model.encode(audio, return_info=True)
    tokens = model.bottleneck.tokens(info)
    assert (latents.shape, tokens.shape) == ((1, LATENT, 100), (1, 1, 100))
    assert len(tokens.unique()) >= 16, "weights that give one code show nothing"
    assert torch.equal(tokens[:, 0], nearest(model.encoder(audio), content()["generator"]))
    assert model.decode(latents).shape == (1, 1, 3000)
    export_folder(model, tmp_path / "back", "bigcodec")
    back = torch.load(tmp_path / "back" / "bigcodec.pt", weights_only=True)
    for part, tensors in content().items():
        assert back[part].keys() == tensors.keys()
        assert all(torch.equal(back[part][name], tensor) for name, tensor in tensors.items())
    again, info = load_model(tmp_path / "back").encode(audio, return_info=True)
    assert torch.equal(again, latents)
    assert torch.equal(model.bottleneck.tokens(info), tokens)
    convert(tmp_path / "any_name.pt", None, tmp_path / "ours")
    assert torch.equal(load_model(tmp_path / "ours").encode(audio), latents)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("CodecEnc.block.4.lstm.weight_ih_l0_reverse", "add", "two directions"),
        ("generator.quantizer.layers.0._codebook.weight", "remove", "no file of BigCodec"),
        ("generator.model.1.lstm.weight_hh_l1", "remove", "weight_hh_l1"),
        ("CodecEnc.block.9.bias", "add", "block.9.bias"),
    ],
)
def test_files_that_do_not_fit_are_refused(name: str, change: str, words: str, tmp_path: Path) -> None:
    given = content()
    part, _, rest = name.partition(".")
    if change == "add":
        given[part][rest] = torch.zeros(1)
    else:
        del given[part][rest]
    torch.save(given, tmp_path / "bigcodec.pt")
    with pytest.raises(CheckpointError, match=words):
        load_model(tmp_path / "bigcodec.pt")
