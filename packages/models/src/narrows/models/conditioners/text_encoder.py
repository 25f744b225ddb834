"""Text through any encoder of transformers, from a folder or an installed package."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from torch import Tensor, nn

from narrows.configs import TextEncoderConditionerConfig
from narrows.models._options import options
from narrows.models.conditioners import build_conditioner
from narrows.models.conditioners.encoded_text import EncodedTextConditioner, PaddingMode, Precision
from narrows.models.conditioners.encoders import EncoderError, place, width_at
from narrows.models.conditioners.pretrained import config_at, from_pretrained, without_weights
from narrows.models.conditioners.texts import Tokens
from narrows.models.extras import quiet
from narrows.models.pretransforms import Pretransform


class TextEncoderConditioner(EncodedTextConditioner):
    """Hidden states of an encoder, one vector a token or one a text.

    Of a model with encoder and decoder only the encoder is used. No code of the folder is ever run.

    Args:
        output_dim: width (D).
        model_path: folder of the encoder, or its name in the local cache.
        package: installed package that carries it instead; it is not imported.
        subfolder: inside that folder, cache entry or package.
        width: width of the encoder; None to read it from its config.json.
        max_length: tokens (N); longer texts are cut, with a warning that names the words.
        layer: hidden layer; negative ones count from the end, -1 is the last with its final normalisation.
        pooling: `none` for a vector a token; the `mean` over the tokens, or the `first`, for one vector (N is 1).
        padding_mode: what stands in the place of padding: what the encoder makes of it, zeros, or a learned vector.
        enable_grad: train the encoder.
        project_out: project even where the widths are equal.
        precision: of a frozen encoder; `auto` is float32 on a processor, else bfloat16 where the device has it.

    Shape:
        texts → `(B, N, D)`, mask `(B, N)` bool; pooled `(B, 1, D)`, mask `(B, 1)`
    """

    def __init__(
        self,
        output_dim: int,
        model_path: str | None = None,
        package: str | None = None,
        subfolder: str | None = None,
        width: int | None = None,
        max_length: int = 128,
        layer: int = -1,
        pooling: Literal["none", "mean", "first"] = "none",
        padding_mode: PaddingMode = "zero",
        enable_grad: bool = False,
        project_out: bool = False,
        precision: Precision = "auto",
    ) -> None:
        where = place(model_path, package=package, subfolder=subfolder)
        known = width or width_at(where)
        if known is None:
            where.find()
            raise EncoderError(f"{where.find()} does not say how wide its encoder is: write `width`")
        super().__init__(
            known,
            output_dim,
            max_length=max_length,
            enable_grad=enable_grad,
            project_out=project_out,
            padding_mode=padding_mode,
            precision=precision,
        )
        self.place, self.layer, self.pooling = where, layer, pooling
        self.pooled = pooling != "none"
        if enable_grad:
            self.train_encoder()

    def options(self) -> dict[str, Any]:
        """See `EncodedTextConditioner.options`."""
        return {"layer": self.layer, "pooling": self.pooling}

    def load(self) -> nn.Module:
        """See `EncodedTextConditioner.load`."""
        with quiet():
            return _encoder_of(from_pretrained(self._class(), self.place.find()))

    def skeleton(self) -> nn.Module:
        """See `EncodedTextConditioner.skeleton`."""
        with quiet():
            return _encoder_of(without_weights(self._class(), self.place.find()))

    def files(self) -> list[Path]:
        """See `EncodedTextConditioner.files`."""
        return [self.place.find()]

    def tokenizer_folder(self) -> Path:
        """See `EncodedTextConditioner.tokenizer_folder`."""
        return self.place.find()

    def hidden(self, encoder: nn.Module, tokens: Tokens) -> Tensor:
        """See `EncodedTextConditioner.hidden`."""
        last = self.layer == -1
        out = encoder(input_ids=tokens.ids, attention_mask=tokens.mask.long(), output_hidden_states=not last)
        layers = () if last else out.hidden_states
        if not last and not -len(layers) <= self.layer < len(layers):
            raise EncoderError(
                f"layer {self.layer} does not exist: the encoder has {len(layers)}, the first is its input"
            )
        states: Tensor = out.last_hidden_state if last else layers[self.layer]
        if self.pooling == "first":
            # The first token, on whichever side the padding is.
            return states[range(len(states)), tokens.mask.int().argmax(1)][:, None]
        if self.pooling == "mean":
            weights = tokens.mask[..., None].to(states.dtype)
            return (states * weights).sum(1, keepdim=True) / weights.sum(1, keepdim=True).clamp(min=1)
        return states

    def _class(self) -> Any:
        """The class of transformers that makes an encoder of this kind of configuration."""
        from transformers import AutoModel, AutoModelForTextEncoding  # only with the extra `text`

        encodes = type(config_at(self.place.find())) in AutoModelForTextEncoding._model_mapping
        return AutoModelForTextEncoding if encodes else AutoModel


def _encoder_of(network: nn.Module) -> nn.Module:
    """The encoder of a network, which may have a decoder too."""
    both = getattr(getattr(network, "config", None), "is_encoder_decoder", False) and hasattr(network, "decoder")
    encoder: nn.Module = network.get_encoder() if both else network  # type: ignore[operator]
    return encoder


@build_conditioner.register
def _(
    config: TextEncoderConditionerConfig, cond_dim: int, pretransform: Pretransform | None = None
) -> TextEncoderConditioner:
    return TextEncoderConditioner(**options(config) | {"output_dim": config.config.output_dim or cond_dim})
