"""Measures of networks whose weights the user names: nothing is downloaded.

CLAP (Wu et al. 2023) as a file of laion_clap or a folder of transformers, and a classifier of sounds as a folder of
transformers, e.g. an Audio Spectrogram Transformer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from narrows.audio.resampling import resample
from narrows.models.conditioners.clap import JOINT_WIDTH, clap_config
from narrows.models.conditioners.clap_audio import CLAPAudioConditioner
from narrows.models.conditioners.clap_text import CLAPTextConditioner
from narrows.pipelines.metrics.base import mono, pair

PIECE = 10
"""Seconds that CLAP sees at a time."""
SHORTEST = 1.0
"""Seconds; a shorter rest is no piece of its own."""
FLOOR = 1e-7
"""Least probability of a class."""


@dataclass
class ClapEmbedding:
    """Embeds audio by the audio side of CLAP, a row of unit length for every ten seconds.

    Attributes:
        path: file of laion_clap, or folder of a ClapModel of transformers.
        audio_model_type: audio tower of a file; a folder says it itself.
    """

    path: Path
    audio_model_type: str = "HTSAT-base"
    _loaded: dict[int, CLAPAudioConditioner] = field(default_factory=dict, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_loaded": {}}

    @torch.no_grad()
    def __call__(self, audio: Tensor, sample_rate: int) -> Tensor:
        """Embed audio `(C, T)` into rows `(N, D)`.

        Raises:
            EncoderError: there are no such weights.
        """
        pieces = list(torch.split(mono(audio.detach().float().cpu())[None], PIECE * sample_rate, dim=-1))
        if len(pieces) > 1 and pieces[-1].shape[-1] < SHORTEST * sample_rate:
            pieces.pop()
        vectors: Tensor = self._tower(sample_rate)(pieces, "cpu")[0]
        return vectors[:, 0]

    def similarity(self, reference: Tensor, estimate: Tensor, sample_rate: int) -> float:
        """Cosine of the mean embeddings of two clips `(C, T)`, at most 1; higher is better."""
        first, second = (self(x.float(), sample_rate).mean(0) for x in pair(reference, estimate))
        return float(F.cosine_similarity(first, second, dim=0))

    def _tower(self, sample_rate: int) -> CLAPAudioConditioner:
        if sample_rate not in self._loaded:
            config = clap_config(self.path, "audio_config")
            width = config["projection_dim"] if config else JOINT_WIDTH
            fusion = bool(config.get("enable_fusion", False)) if config else True
            self._loaded[sample_rate] = CLAPAudioConditioner(
                width, str(self.path), self.audio_model_type, fusion, sample_rate=sample_rate
            )
        return self._loaded[sample_rate]


def clap_score(embedding: ClapEmbedding, audio: Tensor, sample_rate: int, text: Tensor) -> float:
    """Cosine of a sound and of what it was to be, as CLAP scores of generated sounds are measured; higher is better.

    Args:
        embedding: of the audio side.
        audio: `(C, T)`.
        sample_rate: in Hz.
        text: embedding `(D,)` of the prompt by the text side of the same weights, of `clap_texts`.
    """
    return float(F.cosine_similarity(embedding(audio, sample_rate).mean(0), text.float().cpu(), dim=0))


@torch.no_grad()
def clap_texts(path: Path, texts: Mapping[str, str]) -> dict[str, Tensor]:
    """Embeddings `(D,)` of unit length of texts by the text side of CLAP.

    Args:
        path: file of laion_clap, whose tokenizer is roberta-base in the local cache, or folder of a ClapModel of
            transformers with its tokenizer.
        texts: by any name.

    Raises:
        EncoderError: there are no such weights, or no tokenizer.
    """
    config = clap_config(path, "text_config")
    tower = CLAPTextConditioner(config["projection_dim"] if config else JOINT_WIDTH, str(path))
    return {name: tower([text], "cpu")[0][0, 0] for name, text in texts.items()}


@dataclass(frozen=True)
class PromptScore:
    """`clap_score` of sounds by the names of the files whose texts they were made from, or ought to fit.

    Attributes:
        embedding: of the audio side.
        texts: embeddings `(D,)` by the name of a file, of `clap_texts`.
    """

    embedding: ClapEmbedding
    texts: Mapping[str, Tensor]

    def __call__(self, name: str, audio: Tensor, sample_rate: int) -> float | None:
        """Cosine of a sound `(C, T)` and the text of a file; None where the file has no text."""
        return clap_score(self.embedding, audio, sample_rate, self.texts[name]) if name in self.texts else None


@dataclass
class ClassDistance:
    """Divergence of the classes that a classifier hears in two clips, as in evaluations of generated audio.

    Attributes:
        path: folder of a model for audio classification of transformers, with its feature extractor.
    """

    path: Path
    _loaded: list[Any] = field(default_factory=list, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_loaded": []}

    def __call__(self, reference: Tensor, estimate: Tensor, sample_rate: int) -> float:
        """Kullback-Leibler divergence of the estimate's probabilities from the reference's, in nats; lower is better.

        Args:
            reference: `(C, T)`.
            estimate: `(C, T)`.
            sample_rate: in Hz.
        """
        first, second = (self.probabilities(x, sample_rate) for x in pair(reference, estimate))
        return float((first * (first / second).log()).sum())

    @torch.no_grad()
    def probabilities(self, audio: Tensor, sample_rate: int) -> Tensor:
        """Probabilities of the classes `(V,)` of a clip `(C, T)`."""
        model, extractor = self._model()
        signal = mono(audio.double().cpu()).numpy()[:, None]
        at_rate = resample(signal.astype("float32"), sample_rate, extractor.sampling_rate)[:, 0]
        given = extractor(at_rate, sampling_rate=extractor.sampling_rate, return_tensors="pt")
        found = model(**given).logits[0].double().softmax(-1).clamp(min=FLOOR)
        return torch.as_tensor(found / found.sum())

    def _model(self) -> tuple[Any, Any]:
        if not self._loaded:
            from transformers import AutoFeatureExtractor, AutoModelForAudioClassification

            with torch.random.fork_rng(devices=[]):
                model = AutoModelForAudioClassification.from_pretrained(str(self.path), local_files_only=True).eval()
            extractor: Any = AutoFeatureExtractor
            extractor = extractor.from_pretrained(str(self.path), local_files_only=True)
            self._loaded += [model, extractor]
        return self._loaded[0], self._loaded[1]
