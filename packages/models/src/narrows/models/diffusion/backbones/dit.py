"""The diffusion transformer as a backbone, with classifier-free guidance."""

from __future__ import annotations

from typing import Any

import torch
from torch import Generator, Tensor

from narrows.configs import DiTConfig
from narrows.models._options import options
from narrows.models.arithmetic import arithmetic_of
from narrows.models.diffusion.backbones import Backbone, build_backbone
from narrows.models.diffusion.backbones.base import Objective
from narrows.models.diffusion.guidance import combined, dropped, noise_level, twice
from narrows.models.diffusion.networks.dit import Conditions, DiffusionTransformer


class DiTBackbone(Backbone):
    """A `DiffusionTransformer` that is guided.

    Args:
        model: the network.
        io_channels: channels that are diffused.
        objective: quantity that it predicts.
    """

    def __init__(self, model: DiffusionTransformer, io_channels: int, objective: Objective = "v") -> None:
        super().__init__(model, io_channels, model.patch_size)
        self.objective = objective

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        *,
        cross_attn_cond: Tensor | None = None,
        cross_attn_mask: Tensor | None = None,
        negative_cross_attn_cond: Tensor | None = None,
        negative_cross_attn_mask: Tensor | None = None,
        input_concat_cond: Tensor | None = None,
        global_cond: Tensor | None = None,
        prepend_cond: Tensor | None = None,
        prepend_cond_mask: Tensor | None = None,
        local_add_cond: Tensor | None = None,
        cfg_scale: float = 1.0,
        cfg_dropout_prob: float = 0.0,
        cfg_interval: tuple[float, float] = (0.0, 1.0),
        scale_phi: float = 0.0,
        return_info: bool = False,
        exit_layer_ix: int | None = None,
        generator: Generator | None = None,
    ) -> Tensor | tuple[Tensor, dict[str, Any]]:
        """Predict.

        Args:
            x: `(B, C, T)`.
            t: `(B,)`, from 0 (clean) to 1 (noise).
            cross_attn_cond: `(B, N, cond_token_dim)`.
            cross_attn_mask: without effect, as in the released models, which were trained to see padding.
            negative_cross_attn_cond: tokens to guide away from, in place of zeros.
            negative_cross_attn_mask: `(B, N)`, false for tokens of it that are zeroed.
            input_concat_cond: `(B, input_concat_dim, any)`.
            global_cond: `(B, global_cond_dim)`.
            prepend_cond: `(B, N, prepend_cond_dim)`.
            prepend_cond_mask: without effect, as in the released models.
            local_add_cond: `(B, local_add_cond_dim, tokens)`.
            cfg_scale: guidance; 1 for none.
            cfg_dropout_prob: chance of an item to lose its cross-attention and prepended tokens; without guidance.
            cfg_interval: lowest and highest noise level with guidance, by that of the first item.
            scale_phi: how far to bring the spread of the guided output back, 0 to 1.
            return_info: return `(output, info)` with `hidden_states`, and `uncond_output` when guided.
            exit_layer_ix: return the features behind this layer.
            generator: source of the dropout.
        """
        self.check(x)
        dtype = arithmetic_of(self)
        x, t = x.to(dtype), t.to(dtype)
        given = Conditions(cross_attn_cond, global_cond, input_concat_cond, prepend_cond, local_add_cond).to(dtype)
        guidable = given.cross is not None or given.prepend is not None
        if exit_layer_ix is None and cfg_scale != 1.0 and guidable and self._within(cfg_interval, t):
            doubled = twice(given, negative_cross_attn_cond, negative_cross_attn_mask)
            out, info = self._guided(x, t, doubled.to(dtype), cfg_scale, scale_phi)
        else:
            if cfg_dropout_prob and cfg_scale == 1.0 and exit_layer_ix is None:
                cross = dropped(given.cross, cfg_dropout_prob, generator)
                prepend = dropped(given.prepend, cfg_dropout_prob, generator)
                given = Conditions(cross, given.vector, given.concat, prepend, given.local)
            out, info = self.model(x, t, given, exit_layer_ix)
        return (out, info) if return_info else out

    def _guided(
        self, x: Tensor, t: Tensor, doubled: Conditions, scale: float, rescale: float
    ) -> tuple[Tensor, dict[str, Any]]:
        """Predict with and without conditions in one batch, and exaggerate the difference."""
        both, info = self.model(torch.cat((x, x)), torch.cat((t, t)), doubled)
        conditional, unconditional = both.chunk(2)
        info["uncond_output"] = unconditional
        return combined(conditional, unconditional, scale, rescale), info

    def _within(self, interval: tuple[float, float], t: Tensor) -> bool:
        low, high = interval
        if low <= 0 and high >= 1:
            return True
        return low <= float(noise_level(t[0], self.objective)) <= high


@build_backbone.register
def _(config: DiTConfig, objective: Objective | None = None) -> DiTBackbone:
    given = options(config)
    channels = given.pop("in_channels") or given.pop("io_channels")
    given.pop("io_channels", None)
    given.pop("transformer_type")  # one value
    objective = given.pop("diffusion_objective") or objective or "v"
    norm_type, remove_norms = given.pop("norm_type"), given.pop("remove_norms")
    if given["ff_kwargs"].pop("dim_out") not in (None, given["embed_dim"]):
        raise ValueError("ff_kwargs.dim_out must be null or equal to embed_dim: the output is added to the input")
    network = DiffusionTransformer(
        channels,
        norm_type=norm_type or ("dyt" if remove_norms else "layer_norm"),
        dyt_alpha=4.0 if norm_type else 10.0,  # initial values of Stable Audio 3 and of stable-audio-tools
        **given,
    )
    return DiTBackbone(network, channels, objective)
