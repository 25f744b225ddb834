"""Text through the text tower of CLAP (Wu et al. 2023; stable-audio-tools)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from narrows.configs import CLAPTextConditionerConfig
from narrows.models._options import options
from narrows.models.conditioners import build_conditioner
from narrows.models.conditioners.clap import JOINT_WIDTH, TOWERS, clap_config, clap_weights, count, fill, projection
from narrows.models.conditioners.encoded_text import EncodedTextConditioner
from narrows.models.conditioners.encoders import EncoderError, place
from narrows.models.conditioners.texts import Tokens
from narrows.models.extras import quiet
from narrows.models.pretransforms import Pretransform

MAX_LENGTH = 77
"""Tokens, as CLAP was trained."""
ROBERTA = {"vocab_size": 50265, "max_position_embeddings": 514, "type_vocab_size": 1, "layer_norm_eps": 1e-5}
"""What RoBERTa's published size differs from its class in."""
UNUSED = ("text_transform.", "audio_transform.", "audio_projection.", "logit_scale_")
"""Parts of a CLAP model that a text does not pass, and that checkpoints of a trained text tower hold."""
PARAMETERS = 125_302_016
"""Of the text tower and its projection, as published."""


class ClapText(nn.Module):
    """The text side of CLAP: RoBERTa and a projection.

    Args:
        config: of RoBERTa, as transformers describes it.
        joint: width that texts and audio share.
        audio_width: width of the audio tower; None to leave out what a text does not pass.
    """

    # All names are part of the checkpoint format.
    def __init__(self, config: Any, joint: int, audio_width: int | None = None) -> None:
        super().__init__()
        with quiet() as transformers:
            self.text_branch = transformers.RobertaModel(config)
        self.text_projection = projection(config.hidden_size, joint)
        if audio_width is not None:
            self.text_transform, self.audio_transform = (_transform(joint) for _ in range(2))
            self.audio_projection = projection(audio_width, joint)
            self.logit_scale_a, self.logit_scale_t = (nn.Parameter(torch.tensor(14.3).log()) for _ in range(2))
            for name, parameter in self.named_parameters():
                parameter.requires_grad_(not name.startswith(UNUSED))


class _Transform(nn.Module):
    def __init__(self, joint: int) -> None:
        super().__init__()
        self.sequential = nn.Sequential(nn.Linear(joint, joint), nn.ReLU(), nn.Dropout(0.1), nn.Linear(joint, joint))


def _transform(joint: int) -> nn.Module:
    return _Transform(joint)


class CLAPTextConditioner(EncodedTextConditioner):
    """One vector of unit length for a text, or the hidden states of one layer for its tokens.

    The states are those of the reference: of all 77 columns, those of padding as the tower makes them.

    Args:
        output_dim: width (D).
        clap_ckpt_path: file of laion_clap, or folder of a ClapModel of transformers; read at first use.
        use_text_features: hidden states instead of the vector.
        feature_layer_ix: hidden layer; negative ones count from the end.
        audio_model_type: audio tower; only the checkpoints of a trained text tower have a projection as wide.
        project_out: project even where the widths are equal.
        finetune: train the text tower.
        tokenizer_path: folder of the tokenizer; None for that of the folder, or of roberta-base in the local cache.

    Shape:
        texts → `(B, 1, D)`, mask `(B, 1)`; hidden states `(B, 77, D)`, mask `(B, 77)` bool
    """

    suited = torch.float32

    def __init__(
        self,
        output_dim: int,
        clap_ckpt_path: str,
        use_text_features: bool = False,
        feature_layer_ix: int = -1,
        audio_model_type: str = "HTSAT-base",
        project_out: bool = False,
        finetune: bool = False,
        tokenizer_path: str | None = None,
    ) -> None:
        where = place(clap_ckpt_path).path
        assert where is not None, "a path has a place"
        config = clap_config(where, "text_config") if where.exists() else None
        states, joint = (config["hidden_size"], config["projection_dim"]) if config else (768, JOINT_WIDTH)
        super().__init__(
            states if use_text_features else joint,
            output_dim,
            max_length=MAX_LENGTH,
            enable_grad=finetune,
            project_out=project_out,
            padding_mode="none",
        )
        self.path, self.joint, self.feature_layer_ix = where, joint, feature_layer_ix
        self.pooled = not use_text_features
        self.audio_model_type = audio_model_type
        inside = clap_ckpt_path if config is not None else None
        names = () if tokenizer_path or inside else ("roberta-base", "FacebookAI/roberta-base")
        self.tokenizer_place = place(tokenizer_path or inside, names)
        self.published_size = None if config else PARAMETERS
        if finetune:
            self.train_encoder()

    def options(self) -> dict[str, Any]:
        """See `EncodedTextConditioner.options`."""
        return {"layer": None if self.pooled else self.feature_layer_ix}

    def load(self) -> nn.Module:
        """See `EncodedTextConditioner.load`."""
        tensors = clap_weights(self.path)
        inner = ClapText(self._config(tensors), self.joint, self._audio_width(tensors))
        return _wrapped(fill(inner, tensors, self.path, optional=UNUSED))

    def skeleton(self) -> nn.Module:
        """See `EncodedTextConditioner.skeleton`."""
        return _wrapped(ClapText(self._config(None), self.joint, self._audio_width({})))

    def files(self) -> list[Path]:
        """See `EncodedTextConditioner.files`."""
        return [self.path, self.tokenizer_folder()]

    def tokenizer_folder(self) -> Path:
        """See `EncodedTextConditioner.tokenizer_folder`."""
        return self.tokenizer_place.find()

    def hidden(self, encoder: nn.Module, tokens: Tokens) -> Tensor:
        """See `EncodedTextConditioner.hidden`."""
        tower: Any = encoder.model
        out = tower.text_branch(
            input_ids=tokens.ids, attention_mask=tokens.mask.long(), output_hidden_states=not self.pooled
        )
        if self.pooled:
            return nn.functional.normalize(tower.text_projection(out.pooler_output), dim=-1)[:, None]
        layers = out.hidden_states
        if not -len(layers) <= self.feature_layer_ix < len(layers):
            raise EncoderError(
                f"feature_layer_ix {self.feature_layer_ix} does not exist: there are {len(layers)} layers"
            )
        states: Tensor = layers[self.feature_layer_ix]
        return states

    def _config(self, tensors: dict[str, Tensor] | None) -> Any:
        """The size of RoBERTa: of the folder, of the tensors, or as published."""
        with quiet() as transformers:
            if (config := clap_config(self.path, "text_config")) is not None:
                fields = transformers.RobertaConfig().to_dict()
                return transformers.RobertaConfig(
                    **{key: value for key, value in config.items() if key in fields and key != "model_type"}
                )
            return transformers.RobertaConfig(**(ROBERTA if tensors is None else _sizes(tensors, self.path)))

    def _audio_width(self, tensors: dict[str, Tensor]) -> int | None:
        if not self.enable_grad:
            return None
        if (weight := tensors.get("audio_projection.0.weight")) is not None:
            return weight.shape[1]
        if self.audio_model_type not in TOWERS:
            raise EncoderError(f"Unknown audio_model_type {self.audio_model_type!r}; known: {', '.join(TOWERS)}")
        return TOWERS[self.audio_model_type]


def _wrapped(inner: nn.Module) -> nn.Module:
    """laion_clap holds its model in another module; the name is part of the checkpoint format."""
    outer = nn.Module()
    outer.model = inner
    return outer


def _sizes(tensors: dict[str, Tensor], path: Path) -> dict[str, Any]:
    """The size of RoBERTa by its tensors; its heads are 64 wide."""
    prefix = "text_branch.embeddings."
    try:
        words = tensors[f"{prefix}word_embeddings.weight"]
        return {
            **ROBERTA,
            "vocab_size": words.shape[0],
            "hidden_size": words.shape[1],
            "max_position_embeddings": tensors[f"{prefix}position_embeddings.weight"].shape[0],
            "type_vocab_size": tensors[f"{prefix}token_type_embeddings.weight"].shape[0],
            "num_hidden_layers": count(tensors, r"text_branch\.encoder\.layer\.(\d+)\."),
            "num_attention_heads": max(1, words.shape[1] // 64),
            "intermediate_size": tensors["text_branch.encoder.layer.0.intermediate.dense.weight"].shape[0],
        }
    except KeyError as error:
        raise EncoderError(f"{path} is no CLAP checkpoint with a RoBERTa text tower: it has no {error}") from error


@build_conditioner.register
def _(
    config: CLAPTextConditionerConfig, cond_dim: int, pretransform: Pretransform | None = None
) -> CLAPTextConditioner:
    return CLAPTextConditioner(**options(config) | {"output_dim": config.config.output_dim or cond_dim})
