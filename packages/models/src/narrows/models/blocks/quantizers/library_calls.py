"""How each class of vector-quantize-pytorch is called, and what its tokens stand for: one layout for all.

Letters: B batch, L frames, D channels, K codebooks, G groups, N codes. Grouped classes have their codebooks in order of
refinement: the first stage of every group, then the second of every group.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Calls(NamedTuple):
    """What can be done with a class."""

    encode: Callable[[Any, Tensor], tuple[Tensor, Tensor, Tensor | None]]
    """Frames `(B, L, D)` → quantized frames, tokens `(B, L, K)` with -1 for dropped stages, and the loss."""
    decode: Callable[[Any, Tensor], Tensor]
    """Tokens `(B, L, K)` → frames `(B, L, D)`."""
    codebooks: Callable[[Any], int]
    """K."""


def _first(quantizer: Any, x: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
    """Of classes that return frames, tokens and perhaps a loss."""
    quantized, tokens, *rest = quantizer(x)
    return quantized, tokens if tokens.dim() == 3 else tokens.unsqueeze(-1), rest[0].mean() if rest else None


def _one(quantizer: Any) -> int:
    return 1


def _stages(quantizer: Any) -> int:
    return int(quantizer.num_quantizers)


def _several(quantizer: Any) -> int:
    return int(quantizer.num_codebooks)


def _entries(codebook: Tensor, tokens: Tensor) -> Tensor:
    """Entries of codebooks `(H, N, D)`, one for all heads or one each: `(B, L, K)` → `(B, L, K * D)`."""
    heads = range(tokens.shape[-1])
    return torch.cat([codebook[head % len(codebook)][tokens[..., head]] for head in heads], dim=-1)


def _vector(quantizer: Any, tokens: Tensor) -> Tensor:
    return quantizer.project_out(_entries(quantizer._codebook.embed, tokens))  # type: ignore[no-any-return]


def _projected(quantizer: Any, x: Tensor) -> tuple[Tensor, Tensor, None]:
    """A random projection has no way back: the shortest frame that it maps to the code stands for it."""
    with torch.no_grad():
        tokens = quantizer(x)
    tokens = tokens if tokens.dim() == 3 else tokens.unsqueeze(-1)
    normalised = quantizer.norm(x)
    return normalised + (_unprojected(quantizer, tokens) - normalised).detach(), tokens, None


def _unprojected(quantizer: Any, tokens: Tensor) -> Tensor:
    codes = _entries(quantizer.vq._codebook.embed, tokens)
    down = quantizer.rand_projs.transpose(0, 1).flatten(1)
    # With several codebooks the library's quantizer has a projection of its own, random like the first.
    for layer in quantizer.vq.project_in.modules():
        if isinstance(layer, nn.Linear):
            codes, down = codes - layer.bias, down @ layer.weight.T
    back: Tensor = torch.linalg.pinv(down)
    return codes @ back


def _perturbed(quantizer: Any, x: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
    """Its loss is of statistics, which a single frame does not have."""
    alone = x.shape[0] * x.shape[1] == 1
    quantized, tokens, loss, _ = quantizer(x.expand(-1, 2, -1) if alone else x)
    count = x.shape[1]
    return quantized[:, :count], tokens[:, :count].unsqueeze(-1), loss.new_zeros(()) if alone else loss


def _latent(quantizer: Any, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The library's own tokens are of a regular grid, which the stored values need not be."""
    out, _, loss = quantizer(x.transpose(1, 2))
    inside = torch.unflatten(quantizer.project_in(x.detach()), -1, (quantizer.num_codebooks, -1))
    nearest = [(inside[..., i, None] - v).abs().argmin(-1) for i, v in enumerate(quantizer.values_per_latent)]
    tokens = sum(index * base for index, base in zip(nearest, quantizer._basis, strict=True))
    return out.transpose(1, 2), torch.as_tensor(tokens), loss.to(x.device)


def _latent_values(quantizer: Any, tokens: Tensor) -> Tensor:
    parts = zip(quantizer.values_per_latent, quantizer._basis, quantizer._levels, strict=True)
    values = [value[(tokens // base) % levels] for value, base, levels in parts]
    return quantizer.project_out(torch.stack(values, dim=-1).flatten(-2))  # type: ignore[no-any-return]


def _residual_vector(quantizer: Any, tokens: Tensor) -> Tensor:
    """Fewer stages are padded here: the library pads only where it was built with dropout."""
    missing = quantizer.num_quantizers - tokens.shape[-1]
    return quantizer.get_output_from_indices(F.pad(tokens, (0, missing), value=-1))  # type: ignore[no-any-return]


def _residual_scalar(quantizer: Any, tokens: Tensor) -> Tensor:
    """Stage by stage, because the library's sum leaves out rotations and spheres of the stages."""
    scales = getattr(quantizer, "scales", None)
    total = torch.zeros((), device=tokens.device)
    for stage, codes in enumerate(tokens.unbind(-1)):
        part = quantizer.layers[stage].indices_to_codes(codes)
        total = total + (part if scales is None else part * scales[stage])
    return quantizer.project_out(total) if hasattr(quantizer, "project_out") else total


def _grouped(quantizer: Any, x: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
    quantized, tokens, *rest = quantizer(x)
    return quantized, tokens.permute(1, 2, 3, 0).flatten(2), rest[0].mean() if rest else None


def _grouped_decode(decode: Callable[[Any, Tensor], Tensor]) -> Callable[[Any, Tensor], Tensor]:
    def apply(quantizer: Any, tokens: Tensor) -> Tensor:
        if tokens.shape[-1] % quantizer.groups:
            raise ValueError(f"Tokens must have a multiple of {quantizer.groups} codebooks, got {tokens.shape[-1]}")
        each = torch.unflatten(tokens, -1, (-1, quantizer.groups)).unbind(-1)
        return torch.cat([decode(part, codes) for part, codes in zip(quantizer.rvqs, each, strict=True)], dim=-1)

    return apply


def _grouped_stages(quantizer: Any) -> int:
    return int(quantizer.groups * quantizer.rvqs[0].num_quantizers)


CALLS: dict[str, Calls] = {
    "VectorQuantize": Calls(_first, _vector, lambda quantizer: int(quantizer.heads)),
    "ResidualVQ": Calls(_first, _residual_vector, _stages),
    "GroupedResidualVQ": Calls(_grouped, _grouped_decode(_residual_vector), _grouped_stages),
    "RandomProjectionQuantizer": Calls(_projected, _unprojected, _several),
    "FSQ": Calls(_first, lambda quantizer, tokens: quantizer.indices_to_codes(tokens), _several),
    "ResidualFSQ": Calls(_first, _residual_scalar, _stages),
    "GroupedResidualFSQ": Calls(_grouped, _grouped_decode(_residual_scalar), _grouped_stages),
    "LFQ": Calls(_first, lambda quantizer, tokens: quantizer.indices_to_codes(tokens), _several),
    "ResidualLFQ": Calls(_first, _residual_scalar, _stages),
    "GroupedResidualLFQ": Calls(_grouped, _grouped_decode(_residual_scalar), _grouped_stages),
    "LatentQuantize": Calls(_latent, _latent_values, _several),
    "SimVQ": Calls(_first, lambda quantizer, tokens: quantizer.indices_to_codes(tokens[..., 0]), _one),
    "ResidualSimVQ": Calls(_first, _residual_scalar, _stages),
    "FSP": Calls(_perturbed, lambda quantizer, tokens: quantizer.indices_to_codes(tokens[..., 0]), _one),
}


def codebook_size(quantizer: nn.Module) -> int:
    """N: values a token can take."""
    part: Any = quantizer
    if hasattr(part, "rvqs"):
        part = part.rvqs[0]
    if not hasattr(part, "codebook_size") and hasattr(part, "layers"):
        part = part.layers[0]
    return int(part.vq.codebook_size if hasattr(part, "vq") else part.codebook_size)


def prepare(quantizer: nn.Module) -> nn.Module:
    """Freeze parameters that the library never gives a gradient: several processes would wait for it."""
    values = getattr(quantizer, "values_per_latent", None)
    if isinstance(values, nn.ParameterList):
        values.requires_grad_(False)
    return quantizer.requires_grad_(False) if hasattr(quantizer, "rand_projs") else quantizer
