"""Audio through the audio tower of CLAP (Wu et al. 2023; stable-audio-tools, where it cannot run)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from narrows.audio.channels import mono
from narrows.audio.sinc import sinc_resample
from narrows.configs import CLAPAudioConditionerConfig
from narrows.models._options import options
from narrows.models.conditioners import build_conditioner
from narrows.models.conditioners.base import (
    AudioInput,
    Condition,
    Conditioner,
    ConditionError,
    Generators,
    single_tokens,
)
from narrows.models.conditioners.clap import JOINT_WIDTH, TOWERS, clap_config, clap_weights, count, fill, projection
from narrows.models.conditioners.clap_features import RATE, clap_features
from narrows.models.conditioners.encoders import EncoderError, Held, parameters_of, place
from narrows.models.extras import loaded, quiet
from narrows.models.pretransforms import Pretransform

DEPTHS = {"HTSAT-tiny": (2, 2, 6, 2), "HTSAT-base": (2, 2, 12, 2), "HTSAT-large": (2, 2, 12, 2)}


class ClapAudio(nn.Module):
    """The audio side of CLAP: a Swin transformer on spectrograms, and a projection.

    Args:
        config: of the tower, as transformers describes it.
    """

    # The names of both parts are part of the checkpoint format.
    def __init__(self, config: Any) -> None:
        super().__init__()
        with quiet() as transformers:
            self.audio_branch = transformers.ClapAudioModel(config).audio_encoder
        self.audio_projection = projection(config.hidden_size, config.projection_dim)


class CLAPAudioConditioner(Conditioner):
    """One vector of unit length for a clip.

    Args:
        output_dim: width (D).
        clap_ckpt_path: file of laion_clap, or folder of a ClapModel of transformers; read at first use.
        audio_model_type: audio tower; a checkpoint of another one is refused.
        enable_fusion: whether the weights were trained with fusion, which sees long clips whole and in pieces.
        project_out: project even where the widths are equal.
        finetune: train the audio tower.
        sample_rate: of the audio that comes in, in Hz; None for 48 kHz, to which any other is resampled.

    Shape:
        waveforms `(C, T)` of any lengths → `(B, 1, D)`, mask `(B, 1)`
    """

    # `model` is part of the checkpoint format.
    def __init__(
        self,
        output_dim: int,
        clap_ckpt_path: str,
        audio_model_type: str = "HTSAT-base",
        enable_fusion: bool = True,
        project_out: bool = False,
        finetune: bool = False,
        sample_rate: int | None = None,
    ) -> None:
        where = place(clap_ckpt_path).path
        assert where is not None, "a path has a place"
        config = clap_config(where, "audio_config") if where.exists() else None
        super().__init__(config["projection_dim"] if config else JOINT_WIDTH, output_dim, project_out=project_out)
        self.path, self.audio_model_type, self.fusion, self.sample_rate = (
            where,
            audio_model_type,
            enable_fusion,
            sample_rate,
        )
        self.finetune = finetune
        self.audio_input = AudioInput(sample_rate or RATE)
        self.held = Held(self.load)
        if finetune:
            self.model = self._skeleton() if torch.get_default_device().type == "meta" else loaded(self.load)
            self.model.requires_grad_(True)

    @property
    def frozen_parameters(self) -> int | None:
        """See `Conditioner.frozen_parameters`."""
        return 0 if self.finetune else parameters_of(self._skeleton)

    def forward(
        self, values: Sequence[Any] | Tensor, device: torch.device | str, generator: Generators = None
    ) -> Condition:
        """See `Conditioner.forward`; a tensor `(B, C, T)` stands for a list of waveforms. Computed in float32."""
        device = torch.device(device)
        encoder = self.model.eval() if self.finetune else self.held.on(device)
        features = [clap_features(self._mono(value, device), self.fusion) for value in values]
        mels = torch.stack([feature.mels for feature in features])
        longer = torch.tensor([[feature.longer] for feature in features], device=device)
        tower: Any = encoder.model
        with (
            torch.set_grad_enabled(torch.is_grad_enabled() and self.finetune),
            torch.autocast(device.type, enabled=False),
        ):
            pooled = tower.audio_branch(mels, is_longer=longer if self.fusion else None).pooler_output
            vectors = nn.functional.normalize(tower.audio_projection(pooled), dim=-1)
        return single_tokens(self.project(vectors))

    def problem(self, value: Any) -> str | None:
        """See `Conditioner.problem`."""
        if not (isinstance(value, Tensor) and value.dim() in (1, 2) and value.is_floating_point() and value.numel()):
            return "must be a waveform, a tensor (channels, samples) of floats"
        return None if bool(value.isfinite().all()) else "must be finite: it holds infinities or NaN"

    def release(self, keep_on: torch.device | str | None = None) -> None:
        """See `Conditioner.release`; a trained tower stays."""
        self.held.release(keep_on)

    def load(self) -> nn.Module:
        """The audio side with its weights, in float32 on the CPU."""
        tensors = clap_weights(self.path)
        config = clap_config(self.path, "audio_config") or _sizes(tensors, self.path)
        if bool(config.get("enable_fusion", False)) != self.fusion:
            raise EncoderError(
                f"{self.path} was trained {'without' if self.fusion else 'with'} fusion: change enable_fusion"
            )
        width = tensors["audio_projection.0.weight"].shape[1]
        if self.path.is_file() and TOWERS.get(self.audio_model_type) != width:
            fits = next((name for name, known in TOWERS.items() if known == width), "none of the published ones")
            raise EncoderError(f"{self.path} is no {self.audio_model_type}: its audio tower is {width} wide, {fits}")
        return _wrapped(fill(self._build(config), tensors, self.path))

    def _skeleton(self) -> nn.Module:
        config = clap_config(self.path, "audio_config")
        if config is None:
            if self.audio_model_type not in TOWERS:
                raise EncoderError(f"Unknown audio_model_type {self.audio_model_type!r}; known: {', '.join(TOWERS)}")
            width = TOWERS[self.audio_model_type]
            config = {"hidden_size": width, "patch_embeds_hidden_size": width // 8, "enable_fusion": self.fusion}
            config |= {"depths": DEPTHS[self.audio_model_type], "projection_dim": JOINT_WIDTH}
        return _wrapped(self._build(config))

    def _build(self, config: dict[str, Any]) -> ClapAudio:
        with quiet() as transformers:
            fields = transformers.ClapAudioConfig().to_dict()
            known = {key: value for key, value in config.items() if key in fields and key != "model_type"}
            return ClapAudio(transformers.ClapAudioConfig(**known))

    def _mono(self, value: Any, device: torch.device) -> Tensor:
        """A clip `(T,)` at 48 kHz."""
        if not isinstance(value, Tensor) or value.dim() not in (1, 2) or not value.numel():
            shape = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
            raise ConditionError(f"must be a waveform (channels, samples), got {shape}")
        audio = mono(value.to(device).float()).reshape(-1)
        return sinc_resample(audio, self.sample_rate or RATE, RATE)


def _wrapped(inner: nn.Module) -> nn.Module:
    """laion_clap holds its model in another module; the name is part of the checkpoint format."""
    outer = nn.Module()
    outer.model = inner
    return outer


def _sizes(tensors: dict[str, Tensor], path: Path) -> dict[str, Any]:
    """The size of the audio tower by its tensors."""
    table = "audio_branch.layers.{}.blocks.0.attention.self.relative_position_bias_table"
    try:
        stages = count(tensors, r"audio_branch\.layers\.(\d+)\.")
        return {
            "patch_embeds_hidden_size": tensors["audio_branch.patch_embed.proj.weight"].shape[0],
            "depths": [count(tensors, rf"audio_branch\.layers\.{stage}\.blocks\.(\d+)\.") for stage in range(stages)],
            "num_attention_heads": [tensors[table.format(stage)].shape[1] for stage in range(stages)],
            "hidden_size": tensors["audio_projection.0.weight"].shape[1],
            "projection_dim": tensors["audio_projection.0.weight"].shape[0],
            "enable_fusion": "audio_branch.patch_embed.mel_conv2d.weight" in tensors,
        }
    except KeyError as error:
        raise EncoderError(f"{path} is no CLAP checkpoint with an HTSAT audio tower: it has no {error}") from error


@build_conditioner.register
def _(
    config: CLAPAudioConditionerConfig, cond_dim: int, pretransform: Pretransform | None = None
) -> CLAPAudioConditioner:
    return CLAPAudioConditioner(**options(config) | {"output_dim": config.config.output_dim or cond_dim})
