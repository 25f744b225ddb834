"""Any quantizer of the package vector-quantize-pytorch, behind the interface of all bottlenecks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import torch
from torch import Generator, Tensor, nn

from narrows.configs import VectorQuantizePytorchBottleneckConfig
from narrows.models._options import options as options_of
from narrows.models.blocks.quantizers.library import (
    LibraryError,
    build_quantizer,
    check_processes,
    drawing_from,
    not_started_by_evaluation,
    without_missing,
)
from narrows.models.blocks.quantizers.library_calls import CALLS, codebook_size, prepare
from narrows.models.bottlenecks import DiscreteBottleneck, LossTerm, build_bottleneck
from narrows.models.bottlenecks.base import Info
from narrows.models.bottlenecks.rvq import QUANTIZER
from narrows.models.float32_layers import SIXTEEN_BIT

WITHOUT_LOSS = {"FSQ", "ResidualFSQ", "GroupedResidualFSQ", "RandomProjectionQuantizer"}
ONE_GRAPH = {
    *("FSQ", "ResidualFSQ", "GroupedResidualFSQ", "LFQ", "ResidualLFQ", "GroupedResidualLFQ"),
    *("LatentQuantize", "SimVQ", "ResidualSimVQ", "FSP"),
}
"""Classes that compile to one graph in evaluation."""
FIXED_SHAPE = {"SimVQ", "ResidualSimVQ"}
"""Those whose graph is of one shape, so that they are not exported either."""


class VectorQuantizePytorchBottleneck(DiscreteBottleneck):
    """A quantizer class of vector-quantize-pytorch. Reports `quantizer_indices`, `(B, K, L)`, and `quantizer_loss`.

    Padded frames are taken out before the library sees them, so that every class heeds a mask. `quantizer_loss` is the
    mean over stages and groups of what the library returns. The library's own module is `quantizer`, with its names:
    `bottleneck.quantizer.load_state_dict` takes a checkpoint that the library wrote.

    Args:
        quantizer: class, one of `narrows.models.blocks.quantizers.library.CLASSES`.
        options: keywords of that class.

    Raises:
        LibraryError: the installed release lacks the class or an option, or refuses the values.
    """

    losses: tuple[LossTerm, ...] = (QUANTIZER,)
    info_keys = ("quantizer_indices",)

    def __init__(self, quantizer: str, **options: Any) -> None:
        module = prepare(build_quantizer(quantizer, options))
        self.calls = CALLS[quantizer]
        super().__init__(self.calls.codebooks(module), codebook_size(module))
        self.quantizer = module
        # Built with dropout, the first stages give a coarser version of the latents.
        self.is_residual = bool(options.get("quantize_dropout", False))  # type: ignore[misc]
        # These two add noise in evaluation too, where latents must be what the tokens decode to.
        self.always_noisy = bool(options.get("diveq") or options.get("directional_reparam"))
        # The others decide in evaluation too whether their codebooks have started.
        self.one_graph = quantizer in ONE_GRAPH
        self.cannot_export = "" if quantizer in ONE_GRAPH - FIXED_SHAPE else quantizer
        if quantizer in WITHOUT_LOSS:
            self.losses = ()
        self.register_load_state_dict_pre_hook(_flags_as_here)  # type: ignore[no-untyped-call]

    def forward(
        self,
        x: Tensor,
        *,
        generator: Generator | None = None,
        mask: Tensor | None = None,
        n_quantizers: int | None = None,
    ) -> tuple[Tensor, Info]:
        """`(B, D, L)` → `(B, D, L)`; the tokens are `(B, K, L)`, in training with dropout those of the stages kept.

        Args:
            x: encoder output.
            generator: seeds the draws of the library.
            mask: `(B, L)`, false on padding: the latents there are 0, and the tokens.
            n_quantizers: only the first so many codes, in evaluation and with `quantize_dropout`.

        Raises:
            LibraryError: the library cannot be exported, or cannot keep several processes in step.
        """
        self._check_count(n_quantizers)
        if torch.compiler.is_exporting() and self.cannot_export:
            raise LibraryError(
                f"{self.cannot_export} of vector-quantize-pytorch cannot be exported: "
                "export a model with `rvq`, `grouped_rvq` or `simvq`, or with one of the library's scalar classes"
            )
        frames = x.transpose(1, 2)
        packed = frames if mask is None else frames[mask][None]
        latents, tokens, loss = self._quantize(packed, generator)
        if n_quantizers is not None:
            tokens = tokens[..., :n_quantizers]
            latents = self._decode(tokens)
        if mask is not None:
            latents, tokens = (_unpacked(part, mask) for part in (latents, tokens))
        info: Info = {"quantizer_indices": tokens.transpose(1, 2)}
        if self.losses and loss is not None:
            info["quantizer_loss"] = loss
        return latents.transpose(1, 2).to(x.dtype), info

    def _quantize(self, frames: Tensor, generator: Generator | None) -> tuple[Tensor, Tensor, Tensor | None]:
        """The library's result on frames `(B, L, D)`: latents, tokens of the stages kept, and the loss."""
        if self.training or not self.one_graph:
            latents, tokens, loss = self._eager(frames, generator)
        else:
            latents, tokens, loss = self._call(frames)
        if self.training and self.is_residual and tokens.numel():
            tokens = tokens[..., tokens.flatten(0, 1).amin(0) >= 0]  # -1 stands for a dropped stage
        if not self.training:
            # Some classes cut the gradient in evaluation, and two add noise: here it passes straight through to what
            # the tokens decode to.
            latents = self._decode(tokens) if self.always_noisy else latents
            latents = latents.detach() + (frames - frames.detach())
        return latents, tokens.long(), loss

    @torch.compiler.disable  # type: ignore[untyped-decorator]
    def _eager(self, frames: Tensor, generator: Generator | None) -> tuple[Tensor, Tensor, Tensor | None]:
        """What decides on the values of tensors or draws from the global generators: outside of graphs."""
        if self.training:
            check_processes(self.quantizer)
        with ExitStack() as around:
            if not self.training:
                around.enter_context(not_started_by_evaluation(self.quantizer))
            if self.training or self.always_noisy:
                around.enter_context(drawing_from(generator, frames, self.training, stages=self.is_residual))
            return self._call(frames)

    def _call(self, frames: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        with torch.autocast(frames.device.type, enabled=False):
            return self.calls.encode(self.quantizer, frames.float())

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Any:
        """Move the module; it stays float32 in a model of 16 bit, because the library mixes types there."""

        def keeping(tensor: Tensor) -> Tensor:
            out = fn(tensor)
            return tensor.to(out.device) if out.dtype in SIXTEEN_BIT else out

        return super()._apply(keeping, recurse)  # type: ignore[no-untyped-call]

    def _check_count(self, count: int | None) -> None:
        if count is None:
            return
        if not 1 <= count <= self.num_quantizers:
            raise ValueError(f"n_quantizers must be from 1 to {self.num_quantizers}, got {count}")
        if not self.is_residual or self.training:
            raise ValueError(
                "n_quantizers is for evaluation of residual classes that are built with quantize_dropout: the library "
                "does not train with a given number of stages; `rvq`, `grouped_rvq`, `residual_fsq` and `simvq` do"
            )

    def _decode(self, tokens: Tensor) -> Tensor:
        with torch.autocast(tokens.device.type, enabled=False):
            return self.calls.decode(self.quantizer, tokens.long())

    def _dequantize(self, tokens: Tensor) -> Tensor:
        return self._decode(tokens.transpose(1, 2)).transpose(1, 2)


def _unpacked(packed: Tensor, mask: Tensor) -> Tensor:
    """`(1, N, D)` back to `(B, L, D)`, zero on padding."""
    full = packed.new_zeros(*mask.shape, packed.shape[-1])
    full[mask] = packed[0]
    return full


def _plain(value: Any) -> Any:
    return value.model_dump() if hasattr(value, "model_dump") else value


def _flags_as_here(module: nn.Module, state: dict[str, Any], prefix: str, *_: Any) -> None:
    """The flag of the k-means start: 1.14 stores it as a list of one number, later releases as a boolean."""
    for name, buffer in module.named_buffers():
        stored = state.get(prefix + name)
        if name.endswith("_codebook.initted") and stored is not None and stored.numel() == 1:
            state[prefix + name] = stored.reshape(buffer.shape).to(buffer.dtype)


@build_bottleneck.register
def _(config: VectorQuantizePytorchBottleneckConfig) -> VectorQuantizePytorchBottleneck:
    chosen = options_of(config)
    name = chosen.pop("quantizer")
    # Written out, because releases differ in their defaults.
    fields = type(config.config).model_fields
    defaults = {key: _plain(fields[key].get_default(call_default_factory=True)) for key in chosen}
    return VectorQuantizePytorchBottleneck(name, **without_missing(name, chosen, defaults))
