"""The diffusion transformer of Stable Audio (Peebles & Xie 2022; Evans et al. 2024, arXiv 2404.10301).

Letters: B batch, C channels that are diffused, T frames, N tokens, D width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.models.blocks.fourier import ExponentialFourierFeatures, FourierFeatures
from narrows.models.blocks.transformer.continuous import ContinuousTransformer

LOGSNR_RANGE = (-12.0, 5.0)
"""Log signal-to-noise ratios that the network distinguishes (Stable Audio 3)."""


@dataclass(frozen=True)
class Conditions:
    """Conditioning inputs; None if absent."""

    cross: Tensor | None = None
    """`(b, N, cond_token_dim)`, attended to; items after the first b have none."""
    vector: Tensor | None = None
    """`(B, global_cond_dim)`."""
    concat: Tensor | None = None
    """`(B, input_concat_dim, any)`, stretched to the frames and joined to them."""
    prepend: Tensor | None = None
    """`(B, N, prepend_cond_dim)`, tokens in front."""
    local: Tensor | None = None
    """`(B, local_add_cond_dim, tokens)`, added to the tokens of the frames."""
    modular: Mapping[str, Tensor] | None = None
    """`(B, width, tokens)` by name, added likewise, each through layers of its own."""
    cross_valid: Tensor | None = None
    """`(b, N)`, false for tokens of `cross` that nothing attends to."""
    prepend_valid: Tensor | None = None
    """`(B, N)`, false for tokens of `prepend` that nothing attends to."""


class DiffusionTransformer(nn.Module):
    """A transformer over frames, conditioned on the time and more.

    Args:
        io_channels: channels that are diffused.
        patch_size: frames of a token.
        embed_dim: width.
        cond_token_dim: width of the cross-attention conditions; 0 for none.
        project_cond_tokens: project them to `embed_dim`; else they keep their width and share fewer heads.
        global_cond_dim: width of the global condition; 0 for none.
        project_global_cond: project it to `embed_dim`; else it must be that wide.
        input_concat_dim: channels joined to the input; 0 for none.
        prepend_cond_dim: width of the prepended conditions; 0 for none.
        local_add_cond_dim: width of the conditions added frame by frame; 0 for none.
        modular_local_cond_dims: widths of further such conditions by name.
        depth: layers.
        num_heads: attention heads.
        global_cond_type: time and global condition enter as a token in front, or through adaptive norms.
        timestep_cond_type: the time enters with the global condition, or as input channels.
        timestep_embed_dim: channels of the time in the second case.
        timestep_features_type: Fourier features at learned frequencies, or at exponential ones.
        timestep_features_dim: number of features.
        timestep_features_logsnr: features of the log signal-to-noise ratio instead of the time.
        transformer: further options of `ContinuousTransformer`.

    Shape:
        `(B, C, T)` and `(B,)` → `(B, C, T)`; T a multiple of `patch_size`.
    """

    # The attribute names are part of the checkpoint format.
    def __init__(
        self,
        io_channels: int = 32,
        patch_size: int = 1,
        embed_dim: int = 768,
        cond_token_dim: int = 0,
        project_cond_tokens: bool = True,
        global_cond_dim: int = 0,
        project_global_cond: bool = True,
        input_concat_dim: int = 0,
        prepend_cond_dim: int = 0,
        local_add_cond_dim: int = 0,
        modular_local_cond_dims: Mapping[str, int] | None = None,
        depth: int = 12,
        num_heads: int = 8,
        global_cond_type: Literal["prepend", "adaLN"] = "prepend",
        timestep_cond_type: Literal["global", "input_concat"] = "global",
        timestep_embed_dim: int | None = None,
        timestep_features_type: Literal["learned", "expo"] = "learned",
        timestep_features_dim: int = 256,
        timestep_features_logsnr: bool = False,
        **transformer: Any,
    ) -> None:
        super().__init__()
        self.patch_size = patch_size
        self.joined_channels = input_concat_dim
        self.global_cond_type = global_cond_type
        self.timestep_cond_type = timestep_cond_type
        self.timestep_features_logsnr = timestep_features_logsnr
        features = ExponentialFourierFeatures if timestep_features_type == "expo" else FourierFeatures
        self.timestep_features = features(timestep_features_dim)
        width = embed_dim
        if timestep_cond_type == "input_concat":
            if timestep_embed_dim is None:
                raise ValueError("timestep_embed_dim must be given with timestep_cond_type 'input_concat'")
            width = timestep_embed_dim
            input_concat_dim += width
        self.to_timestep_embed = _embedding(timestep_features_dim, width, bias=True)
        context = embed_dim if project_cond_tokens else cond_token_dim
        vector = embed_dim if project_global_cond else global_cond_dim
        if global_cond_dim and vector != embed_dim:
            raise ValueError(f"global_cond_dim {global_cond_dim} must be {embed_dim} where it is not projected")
        self.to_cond_embed = _embedding(cond_token_dim, context) if cond_token_dim else None
        self.to_global_embed = _embedding(global_cond_dim, vector) if global_cond_dim else None
        self.to_prepend_embed = _embedding(prepend_cond_dim, embed_dim) if prepend_cond_dim else None
        channels = io_channels + input_concat_dim
        self.transformer = ContinuousTransformer(
            embed_dim,
            depth,
            dim_in=channels * patch_size,
            dim_out=io_channels * patch_size,
            dim_heads=embed_dim // num_heads,
            dim_context=context if cond_token_dim else None,
            global_cond_dim=embed_dim if global_cond_type == "adaLN" else None,
            local_add_cond_dim=local_add_cond_dim or None,
            modular_local_cond_dims=modular_local_cond_dims,
            **transformer,
        )
        self.preprocess_conv = _zero_conv(channels)
        self.postprocess_conv = _zero_conv(io_channels)

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        given: Conditions,
        exit_layer_ix: int | None = None,
        valid: Tensor | None = None,
        zero_values: bool = False,
    ) -> tuple[Tensor, dict[str, Any]]:
        """Predict.

        Args:
            x: `(B, C, T)`.
            t: `(B,)`, from 0 (clean) to 1 (noise), in float32 whatever the precision of the weights.
            given: conditions.
            exit_layer_ix: return the features `(B, N, D)` behind this layer instead of a prediction.
            valid: `(B, T)`, false for padding, which changes no other frame then; None for no padding.
            zero_values: padding keeps its share of attention instead; see `Attention`.

        Returns:
            The prediction, and info with the `hidden_states` of the layers.
        """
        time = self._time(t)
        adaptive = self.global_cond_type == "adaLN"
        vector, prepend, prepend_valid = self._vector_and_prepended(time, given)
        tokens = self._tokens(x if valid is None else x * valid[:, None], time, given)
        out, hidden = self.transformer(
            tokens,
            prepend=prepend,
            context=_embedded(self.to_cond_embed, given.cross, "cross_attn_cond", "cond_token_dim"),
            global_cond=vector if adaptive else None,
            local_add_cond=None if given.local is None else given.local.transpose(1, 2),
            modular_local_cond={name: x.transpose(1, 2) for name, x in (given.modular or {}).items()},
            exit_layer_ix=exit_layer_ix,
            valid=None if valid is None else self._valid_tokens(valid),
            prepend_valid=prepend_valid,
            context_valid=given.cross_valid,
            zero_values=zero_values,
        )
        info = {"hidden_states": hidden}
        if exit_layer_ix is not None:
            return out, info
        frames = self._frames(out[:, out.shape[1] - tokens.shape[1] :])
        return self.postprocess_conv(frames) + frames, info

    def _time(self, t: Tensor) -> Tensor:
        """Embedding of times: `(B,)` → `(B, D)`."""
        t = t.float()
        if self.timestep_features_logsnr:
            clamped = t.clamp(1e-7, 1 - 1e-7)
            low, high = LOGSNR_RANGE
            logsnr = torch.log((1 - clamped) / clamped).clamp(low, high)
            t = (high - logsnr) / (high - low)
        out: Tensor = self.to_timestep_embed(self.timestep_features(t).to(self.postprocess_conv.weight.dtype))
        return out

    def _tokens(self, x: Tensor, time: Tensor, given: Conditions) -> Tensor:
        """Patches of the frames and of what is joined to them: `(B, C, T)` → `(B, N, D)`."""
        joined = 0 if given.concat is None else given.concat.shape[1]
        if joined != self.joined_channels:
            raise ValueError(f"input_concat_cond must have {self.joined_channels} channels, got {joined}")
        if given.concat is not None:
            x = torch.cat((x, _stretch(given.concat, x.shape[-1])), dim=1)
        if self.timestep_cond_type == "input_concat":
            x = torch.cat((x, time[:, :, None].expand(-1, -1, x.shape[-1])), dim=1)
        return self._patches(self.preprocess_conv(x) + x)

    def _valid_tokens(self, valid: Tensor) -> Tensor:
        """Tokens with a frame that is no padding: `(B, T)` → `(B, N)`."""
        return valid.reshape(len(valid), -1, self.patch_size).any(dim=-1)

    def _vector_and_prepended(
        self, time: Tensor, given: Conditions
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        """The global condition, and the tokens in front, of which it is the last where norms are not adaptive.

        The third is which of those tokens count.
        """
        vector = _embedded(self.to_global_embed, given.vector, "global_cond", "global_cond_dim")
        if self.timestep_cond_type == "global":
            vector = time if vector is None else vector + time
        prepend = _embedded(self.to_prepend_embed, given.prepend, "prepend_cond", "prepend_cond_dim")
        valid = None if prepend is None else given.prepend_valid
        if self.global_cond_type == "prepend" and vector is not None:
            token = vector[:, None]
            prepend = token if prepend is None else torch.cat((prepend, token), dim=1)
            valid = None if valid is None else F.pad(valid, (0, 1), value=True)
        return vector, prepend, valid

    def _patches(self, x: Tensor) -> Tensor:
        """`(B, C, T)` → `(B, T / patch_size, C * patch_size)`."""
        batch, channels, frames = x.shape
        patches = x.reshape(batch, channels, frames // self.patch_size, self.patch_size)
        return patches.transpose(1, 2).reshape(batch, frames // self.patch_size, channels * self.patch_size)

    def _frames(self, tokens: Tensor) -> Tensor:
        """Undo `_patches`."""
        batch, count, width = tokens.shape
        patches = tokens.reshape(batch, count, width // self.patch_size, self.patch_size)
        return patches.transpose(1, 2).reshape(batch, width // self.patch_size, count * self.patch_size)


def _embedding(dim_in: int, dim: int, bias: bool = False) -> nn.Sequential:
    return nn.Sequential(nn.Linear(dim_in, dim, bias=bias), nn.SiLU(), nn.Linear(dim, dim, bias=bias))


def _embedded(embedding: nn.Module | None, condition: Tensor | None, name: str, option: str) -> Tensor | None:
    if condition is None:
        return None
    if embedding is None:
        raise ValueError(f"{name} is given, but the model was built without it: {option} is 0")
    out: Tensor = embedding(condition)
    return out


def _zero_conv(channels: int) -> nn.Conv1d:
    convolution = nn.Conv1d(channels, channels, 1, bias=False)
    nn.init.zeros_(convolution.weight)
    return convolution


def _stretch(x: Tensor, frames: int) -> Tensor:
    """Nearest neighbour in time."""
    return x if x.shape[-1] == frames else F.interpolate(x, frames, mode="nearest")
