"""What the conditioners share that read text through a published encoder: when it loads, what is kept, what is padding.

Letters: B batch, N tokens, E width of the encoder, D width of what comes out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from narrows.models.conditioners.base import Condition, Conditioner, Generators
from narrows.models.conditioners.cache import Entry, cache_key
from narrows.models.conditioners.encoders import (
    EncoderError,
    Held,
    fingerprint,
    parameters_of,
    precision_for,
    tokenizer_at,
)
from narrows.models.conditioners.texts import Tokens, length, text_of, tokenize, warn_cut, words_beyond
from narrows.models.extras import loaded

AT_ONCE = 32
"""Texts in one call of an encoder: more need memory and are no faster."""

Precision = Literal["auto", "float32", "bfloat16", "float16"]
PaddingMode = Literal["none", "zero", "learned"]


class EncodedTextConditioner(Conditioner, ABC):
    """Hidden states of an encoder for every token of a text, projected, padding replaced.

    A frozen encoder loads at first use, is no part of the state dict, and what it made of a text is kept in `cache`. A
    trained one is the sub-module `model` from the start.

    Args:
        dim: width of the encoder (E).
        output_dim: width (D).
        max_length: tokens (N); longer texts are cut, with a warning that names the words.
        enable_grad: train the encoder.
        project_out: project even where the widths are equal.
        padding_mode: what stands in the place of padding: what the encoder makes of it, zeros, or a learned vector.
        precision: of a frozen encoder.
    """

    suited: torch.dtype = torch.bfloat16
    """Precision of the encoder on a GPU, where `precision` is `auto`."""
    published_size: int | None = None
    """Parameters of the encoder, where its name tells them."""
    pooled: bool = False
    """Whether the encoder gives one vector a text, so that N is 1."""

    # `model` and `padding_embedding` are part of the checkpoint format.
    def __init__(
        self,
        dim: int,
        output_dim: int,
        *,
        max_length: int,
        enable_grad: bool = False,
        project_out: bool = False,
        padding_mode: PaddingMode = "zero",
        precision: Precision = "auto",
    ) -> None:
        super().__init__(dim, output_dim, project_out=project_out)
        self.max_length, self.enable_grad = max_length, enable_grad
        self.padding_mode, self.precision = padding_mode, precision
        self.held = Held(self.load)
        self._told = False
        if padding_mode == "learned":
            self.padding_embedding = nn.Parameter(torch.randn(output_dim) * 0.02)

    @abstractmethod
    def load(self) -> nn.Module:
        """The encoder with its weights, in float32 on the CPU."""

    @abstractmethod
    def skeleton(self) -> nn.Module:
        """The encoder without weights, made under the meta device."""

    @abstractmethod
    def files(self) -> list[Path]:
        """Files and folders that make the encoder, its tokenizer included."""

    @abstractmethod
    def tokenizer_folder(self) -> Path:
        """Folder of the tokenizer."""

    @abstractmethod
    def hidden(self, encoder: nn.Module, tokens: Tokens) -> Tensor:
        """Hidden states `(B, N, E)` of tokens; `(B, 1, E)` where they are pooled."""

    @property
    def frozen_parameters(self) -> int | None:
        """See `Conditioner.frozen_parameters`; by name, or by the configuration of the encoder."""
        return 0 if self.enable_grad else self.published_size or parameters_of(self.skeleton)

    def options(self) -> dict[str, Any]:
        """Options that decide what `hidden` gives, beside the encoder itself."""
        return {}

    def forward(self, values: Sequence[Any], device: torch.device | str, generator: Generators = None) -> Condition:
        """See `Conditioner.forward`; `generator` is not used."""
        device = torch.device(device)
        if all(isinstance(value, Mapping) for value in values):
            hidden, mask = self._encode(_tokenized(values), device)
        elif self.enable_grad:
            hidden, mask = self._encode(self._tokens([text_of(value) for value in values]), device)
        else:
            hidden, mask = self._kept([text_of(value) for value in values], device)
        if hidden.shape[-1] != self.dim:
            raise EncoderError(f"The encoder is {hidden.shape[-1]} wide, but this model was built for {self.dim}")
        return Condition(self._padded(self.project(hidden.float()), mask), mask)

    def problem(self, value: Any) -> str | None:
        """See `Conditioner.problem`."""
        return None if isinstance(value, str) else "must be a text"

    def cut_words(self, text: str) -> str:
        """The end of a text that is not read; empty when all of it is."""
        return words_beyond(tokenizer_at(self.tokenizer_folder()), text, self.max_length)

    def release(self, keep_on: torch.device | str | None = None) -> None:
        """See `Conditioner.release`; a trained encoder stays."""
        self.held.release(keep_on)

    def train_encoder(self) -> None:
        """Make the encoder a part of the model; called by constructors, once they know where it is."""
        on_meta = torch.get_default_device().type == "meta"
        self.model = self.skeleton() if on_meta else loaded(self.load)

    def _tokens(self, texts: list[str]) -> Tokens:
        """Tokens of texts; those that are too long are told, in training only the first."""
        tokenizer = tokenizer_at(self.tokenizer_folder())
        tokens = tokenize(tokenizer, texts, self.max_length)
        for text in [text for text, row in zip(texts, tokens.mask, strict=True) if row.all()]:
            words = "" if self.training and self._told else words_beyond(tokenizer, text, self.max_length)
            if words:
                self._told = True
                warn_cut(type(self).__name__, self.max_length, words)
        return tokens

    def _encode(self, tokens: Tokens, device: torch.device) -> tuple[Tensor, Tensor]:
        """Hidden states and mask of all columns of tokens, where padding is not read those up to the last token."""
        whole = tokens.mask.shape[1]
        if self.padding_mode != "none" or self.pooled:
            tokens = tokens.trimmed()
        tokens = tokens.to(device)
        trained = self.enable_grad
        encoder = self.model.eval() if trained else self.held.on(device, self._precision(device))
        with (
            torch.set_grad_enabled(torch.is_grad_enabled() and trained),
            torch.autocast(device.type, enabled=trained and torch.is_autocast_enabled(device.type)),
        ):
            hidden = self.hidden(encoder, tokens)
        if self.pooled:
            return hidden, torch.ones(len(hidden), 1, device=device)
        missing = whole - hidden.shape[1]
        return nn.functional.pad(hidden, (0, 0, 0, missing)), nn.functional.pad(tokens.mask, (0, missing))

    def _kept(self, texts: list[str], device: torch.device) -> tuple[Tensor, Tensor]:
        """Hidden states and mask of texts, of which only those are encoded that are not in the cache."""
        entries: dict[str, Entry] = {}
        keys = dict.fromkeys(texts, "")
        if self.cache is not None:
            described = {**self.options(), "max_length": self.max_length, "padding": self.padding_mode == "none"}
            described |= {"type": type(self).__name__, "precision": str(self._precision(device))}
            encoder = fingerprint(self.files())
            keys = {text: cache_key(encoder, text, described) for text in keys}
            entries = {text: entry for text, key in keys.items() if (entry := self.cache.get(key)) is not None}
        new = [text for text in keys if text not in entries]
        for start in range(0, len(new), AT_ONCE):
            some = new[start : start + AT_ONCE]
            for text, hidden, mask in zip(some, *self._encode(self._tokens(some), device), strict=True):
                end = len(mask) if self.padding_mode == "none" else length(mask)
                entries[text] = {"hidden": hidden[:end], "mask": mask[:end]}
                if self.cache is not None:
                    self.cache.put(keys[text], entries[text])
        return self._batch([entries[text] for text in texts], device)

    def _batch(self, entries: list[Entry], device: torch.device) -> tuple[Tensor, Tensor]:
        """Entries of different lengths as one batch, as long as `max_length`."""
        columns = 1 if self.pooled else self.max_length
        first = entries[0]
        hidden = torch.zeros(len(entries), columns, first["hidden"].shape[-1], dtype=first["hidden"].dtype)
        hidden, mask = hidden.to(device), torch.zeros(len(entries), columns, dtype=first["mask"].dtype, device=device)
        for row, entry in enumerate(entries):
            end = len(entry["mask"])
            hidden[row, :end], mask[row, :end] = entry["hidden"].to(device), entry["mask"].to(device)
        return hidden, mask

    def _padded(self, embeddings: Tensor, mask: Tensor) -> Tensor:
        if self.padding_mode == "none" or self.pooled:
            return embeddings
        filler = self.padding_embedding if self.padding_mode == "learned" else embeddings.new_zeros(())
        return torch.where(mask[..., None], embeddings, filler.to(embeddings.dtype))

    def _precision(self, device: torch.device) -> torch.dtype:
        return precision_for(device, self.precision, self.suited)


def _tokenized(values: Sequence[Mapping[str, Any]]) -> Tokens:
    """Tokens that a data loader has made already, as `input_ids` and `attention_mask` (stable-audio-3)."""
    return Tokens(
        torch.stack([torch.as_tensor(value["input_ids"]) for value in values]),
        torch.stack([torch.as_tensor(value["attention_mask"]) for value in values]).bool(),
    )
