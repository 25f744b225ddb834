"""Distance of the features of speech models (HuBERT, Hsu et al. 2021; WavLM, Chen et al. 2022; wav2vec 2.0, 2020)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from julius.resample import ResampleFrac
from torch import Tensor, nn
from torch.nn import functional as F

from narrows.configs import NarrowsError
from narrows.models.checkpoints.kinds import check_network

MODEL_RATE = 16000
ARCHITECTURES = {"HUBERT_LARGE": "hubert", "WAVLM_LARGE": "wavlm", "WAV2VEC2_LARGE_LV60K": "wav2vec2"}
"""Model names of stable-audio-tools, and what transformers calls the architecture."""
CONVOLUTIONAL = -1


class SemanticModelError(NarrowsError, ValueError):
    """The speech model cannot be loaded; the message says what to do."""


class SemanticLoss(nn.Module):
    """L1 distance of feature layers, each relative to the deviation of the target's, averaged over layers.

    Audio is resampled to the 16 kHz the models were trained at, which the reference leaves out, and each channel is
    brought to zero mean and unit variance, as their preprocessing asks. The model stays frozen and in evaluation mode.

    Args:
        sample_rate: of the audio in Hz.
        model_path: folder as written by `save_pretrained` of transformers.
        model_name: `HUBERT_LARGE`, `WAVLM_LARGE` or `WAV2VEC2_LARGE_LV60K`; must fit the folder.
        feature_ids: layers of the transformer, counted from 0; None for all; `[-1]` for the convolutional features.

    Shape:
        x and y `(B, C, T)` → scalar
    """

    def __init__(
        self,
        sample_rate: int,
        model_path: str | Path,
        model_name: str = "HUBERT_LARGE",
        feature_ids: Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        self.resample = ResampleFrac(sample_rate, MODEL_RATE)
        self.model = load_speech_model(model_path, model_name)
        layers = range(self.model.config.num_hidden_layers)
        self.feature_ids = list(layers) if feature_ids is None else list(feature_ids)
        unknown = [i for i in self.feature_ids if i not in layers and self.feature_ids != [CONVOLUTIONAL]]
        if unknown or not self.feature_ids:
            raise SemanticModelError(
                f"feature_ids {self.feature_ids} do not fit a model of {len(layers)} layers: "
                f"use 0 to {len(layers) - 1}, or [-1] alone for the convolutional features"
            )

    def train(self, mode: bool = True) -> SemanticLoss:
        """The model stays in evaluation mode."""
        return super().train(False)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Distance of an input from a target."""
        with torch.no_grad():
            targets = self._features(y)
        distances = [F.l1_loss(a, b) / (b.std() + 1e-5) for a, b in zip(self._features(x), targets, strict=True)]
        return torch.stack(distances).mean()

    def _features(self, x: Tensor) -> list[Tensor]:
        x = self.resample(x.float()).flatten(0, 1)
        x = F.layer_norm(x, x.shape[-1:])
        if self.feature_ids == [CONVOLUTIONAL]:
            return [self.model.feature_extractor(x)]
        hidden = self.model(x, output_hidden_states=True).hidden_states[1:]
        return [hidden[i] for i in self.feature_ids]


def load_speech_model(path: str | Path, name: str) -> Any:
    """A frozen speech model from a local folder; nothing is downloaded.

    Raises:
        SemanticModelError: transformers is missing, or the folder does not hold that model.
        CheckpointError: its weights are not finite.
    """
    try:
        from transformers import AutoConfig, AutoModel
    except ImportError as error:
        raise SemanticModelError(
            "The semantic loss needs transformers: install narrows-losses[semantic], or remove `hubert`"
        ) from error
    if name not in ARCHITECTURES:
        raise SemanticModelError(f"Unknown speech model {name!r}: use one of {', '.join(ARCHITECTURES)}")
    if not (Path(path) / "config.json").is_file():
        raise SemanticModelError(
            f"No speech model in {path}: save one there with save_pretrained of transformers, "
            "or copy a downloaded folder with config.json and model.safetensors"
        )
    found = AutoConfig.from_pretrained(path, local_files_only=True).model_type
    if found != ARCHITECTURES[name]:
        raise SemanticModelError(f"The folder {path} holds a {found} model, but model_name is {name}")
    network: nn.Module = AutoModel.from_pretrained(path, local_files_only=True)
    check_network(network)
    return network.eval().requires_grad_(False)
