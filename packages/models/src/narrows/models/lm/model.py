"""Language models over the tokens of an autoencoder (Copet et al. 2023; stable-audio-tools).

Letters: B batch, K codebooks, T frames, V tokens that a head tells apart, C channels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import torch
from torch import Generator, Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from narrows.models.lm.conditions import Conditions, ConditionTensors, Routing
from narrows.models.lm.errors import LanguageModelError
from narrows.models.lm.generation import Frames, GenerationOptions, check_codes, outside_inference_mode
from narrows.models.lm.hidden import Hidden
from narrows.models.lm.loss import CrossEntropy, LMOutput, cross_entropy
from narrows.models.lm.masked.network import MaskedNetwork
from narrows.models.lm.network import TokenNetwork
from narrows.models.lm.prediction import expand_mask
from narrows.models.lm.prompts import first_frames, lengths_of, masked_options, prompts_of, with_holes
from narrows.models.lm.requests import (
    GeneratedSound,
    LMGeneration,
    asked,
    generate_requests,
    make_requests,
    stream_requests,
)
from narrows.models.lm.sampling import Draw
from narrows.models.lm.tokenizer import audio_of, bottleneck_of, tokens_of
from narrows.models.lm.windows import generate_in_windows
from narrows.models.pretransforms.autoencoder import AutoencoderPretransform
from narrows.models.streaming.streams import DecodeStream


class AudioLanguageModel(nn.Module):
    """A tokenizer, conditioners, and a network that predicts tokens.

    The tokenizer is frozen for good and stays in eval mode. Codes are `(B, K, T)` whatever the bottleneck.

    Args:
        pretransform: the tokenizer.
        lm: the network over tokens.
        sample_rate: of the audio, in Hz.
        conditioner: gives condition tensors of metadata; None for an unconditional model.
        routing: which conditions enter where.
    """

    # The attribute names are part of the checkpoint format.
    def __init__(
        self,
        pretransform: AutoencoderPretransform,
        lm: TokenNetwork | MaskedNetwork,
        sample_rate: int,
        conditioner: nn.Module | None = None,
        routing: Routing | None = None,
    ) -> None:
        super().__init__()
        bottleneck = bottleneck_of(pretransform)
        self.pretransform = pretransform.freeze(False)
        self.lm = lm
        self.sample_rate = sample_rate
        self.conditioner = conditioner
        self.routing = routing or Routing()
        self.num_quantizers = bottleneck.num_quantizers
        self.codebook_size = bottleneck.codebook_size
        self.min_input_length = pretransform.downsampling_ratio
        self.io_channels = pretransform.io_channels
        self.frame_rate = sample_rate / pretransform.downsampling_ratio

    def train(self, mode: bool = True) -> Self:
        """Switch to training mode; the tokenizer stays in eval mode, all of its parts."""
        super().train(mode)
        self.pretransform.eval()
        return self

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.lm.parameters()).device

    def tokenize(self, audio: Tensor) -> Tensor:
        """Codes `(B, K, T)` of audio `(B, C, T * downsampling_ratio)`."""
        return tokens_of(self.pretransform, audio)

    def decode(self, codes: Tensor, chunk_size: int | None = None) -> Tensor:
        """Audio `(B, C, T * downsampling_ratio)` of codes `(B, K, T)`, `chunk_size` frames at a time."""
        return audio_of(self.pretransform, codes, chunk_size)

    def get_conditioning_inputs(self, tensors: ConditionTensors, negative: bool = False) -> dict[str, Tensor | None]:
        """Conditioning inputs by the names of stable-audio-tools; see `Routing.inputs`."""
        return self.routing.inputs(tensors, negative)

    def compute_logits(
        self,
        codes: Tensor,
        condition_tensors: ConditionTensors | None = None,
        lengths: Tensor | Sequence[int] | None = None,
    ) -> LMOutput:
        """Logits of codes, each from the steps before it; see `MaskedNetwork.predict` for masked models.

        Args:
            codes: `(B, K, T)`, int64.
            condition_tensors: what the conditioner gives.
            lengths: frames of each item `(B,)`; codes behind them change nothing. None for T.
        """
        check_codes(codes, self.num_quantizers, self.codebook_size)
        logits, mask, _ = self.lm.predict(codes, self.conditions(condition_tensors, len(codes)), lengths)
        return LMOutput(logits.masked_fill(~mask[..., None], float("nan")), mask)

    def cross_entropy(
        self,
        codes: Tensor,
        condition_tensors: ConditionTensors | None = None,
        mask: Tensor | None = None,
        lengths: Tensor | Sequence[int] | None = None,
        *,
        cfg_dropout_prob: float = 0.0,
        generator: Generator | None = None,
        label_smoothing: float = 0.0,
        codebook_weights: Sequence[float] | None = None,
        hidden: Hidden | None = None,
    ) -> CrossEntropy:
        """Cross-entropy of codes.

        Args:
            codes: `(B, K, T)`, int64.
            condition_tensors: what the conditioner gives.
            mask: `(B, T)` or `(B, K, T)`, true where a token counts; the others are still seen by those after them.
            lengths: frames of each item `(B,)`: what is behind changes neither loss nor gradient. With an end token,
                items shorter than T teach it.
            cfg_dropout_prob: share of the items that lose all their conditions.
            generator: source of that dropout.
            label_smoothing: share of the target that is spread over all tokens.
            codebook_weights: weight of each codebook in the mean; None for equal ones.
            hidden: what a step of training hides, of `lm.draw_hidden`; None for all tokens, as in evaluation.
        """
        conditions = self.conditions(condition_tensors, len(codes)).dropped(cfg_dropout_prob, generator)
        check_codes(codes, self.num_quantizers, self.codebook_size)
        logits, predicted, targets = self.lm.predict(codes, conditions, lengths, hidden)
        if mask is not None:
            predicted = predicted & expand_mask(mask.to(codes.device), codes, lengths, self.lm.end_token)
        classes = [self.codebook_size + (self.lm.end_token and k == 0) for k in range(self.num_quantizers)]
        return cross_entropy(logits, targets, predicted, label_smoothing, codebook_weights, classes)

    def generate_codes(
        self,
        frames: int,
        batch_size: int | None = None,
        condition_tensors: ConditionTensors | None = None,
        prompt_codes: Tensor | None = None,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 0.0,
        cfg_scale: float = 1.0,
        cache: bool = True,
        generator: Generator | Sequence[Generator] | None = None,
        **options: Any,
    ) -> Tensor:
        """Generate codes `(B, K, frames)`.

        Args:
            frames: frames in all, those of `prompt_codes` included.
            batch_size: items; None for those of the prompt or the conditions, or else 1.
            condition_tensors: what the conditioner gives.
            prompt_codes: `(B, K, t)`: the first frames.
            temperature: divides the logits; 0 takes the likeliest token.
            top_k: draw from so many of the likeliest tokens; 0 for all.
            top_p: draw from the likeliest tokens with this share together; 0 for all. It wins over `top_k`.
            cfg_scale: guidance; 1 for none. Without conditions there is nothing to guide.
            cache: keep keys and values of the steps so far; the codes are the same without, and slower.
            generator: source of the draws: one for the batch; one an item, so that an item's codes do not depend on the
                others; or None for torch's global one, with the draws of stable-audio-tools.
            options: see `stream_codes`.

        Raises:
            LanguageModelError: an argument does not fit the model.
        """
        parts = [
            part.codes
            for part in self.stream_codes(
                frames, batch_size, condition_tensors, prompt_codes, temperature, top_k, top_p, cfg_scale, cache,
                generator, **options,
            )
        ]  # fmt: skip
        codes = torch.cat(parts, dim=-1)
        return torch.nn.functional.pad(codes, (0, frames - codes.shape[-1]))

    def stream_codes(
        self,
        frames: int,
        batch_size: int | None = None,
        condition_tensors: ConditionTensors | None = None,
        prompt_codes: Tensor | None = None,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 0.0,
        cfg_scale: float = 1.0,
        cache: bool = True,
        generator: Generator | Sequence[Generator] | None = None,
        *,
        negative_tensors: ConditionTensors | None = None,
        window: int | None = None,
        overlap: int | None = None,
        lengths: Sequence[int] | None = None,
        regenerate: Tensor | None = None,
        decoding_steps: Sequence[int] | None = None,
        on_step: Any = None,
        cuda_graphs: bool = True,
    ) -> Iterator[Frames]:
        """As `generate_codes`, giving frames as soon as they are complete, those of the prompt first.

        With an end token the frames stop when all items have ended; `Frames.lengths` of the last ones are the items'.

        Args:
            frames: see `generate_codes`, and so on down to `generator`.
            batch_size: items.
            condition_tensors: what the conditioner gives.
            prompt_codes: `(B, K, t)`.
            temperature: divides the logits.
            top_k: draw from so many of the likeliest tokens.
            top_p: draw from the likeliest tokens with this share together.
            cfg_scale: guidance.
            cache: keep keys and values.
            generator: source of the draws.
            negative_tensors: conditions to lead away from, in place of none.
            window: frames that the model sees at a time, for sounds longer than those of its training; None for all.
            overlap: frames of a window that the one before has made; None for half of it.
            lengths: frames of each item `(B,)`, at most `frames`: it is what it is alone, with zeros behind; None for
                `frames`. Patterns that are not `is_streamable` know one length only.
            regenerate: `(B, t)`, true for frames of the prompt that a masked model makes anew.
            decoding_steps: of each codebook of a masked model; the last holds for those behind it too.
            on_step: called with the steps done and those that there are (of each window).
            cuda_graphs: record steps with a cache as CUDA graphs where the model is on such a device; what cannot be
                recorded is done as it is, with a warning.
        """
        conditions = self.conditions(condition_tensors, None)
        prompt = first_frames(self, batch_size, prompt_codes, conditions.batch_size, frames)
        if conditions.batch_size not in (None, len(prompt)):
            raise LanguageModelError(f"There are conditions of {conditions.batch_size} items for {len(prompt)}")
        if isinstance(generator, Sequence) and len(generator) != len(prompt):
            raise LanguageModelError(f"There are {len(generator)} generators for {len(prompt)} items")
        masked = masked_options(self.lm, prompt, window, regenerate, decoding_steps)
        draw = Draw(temperature, top_k, top_p)
        given = GenerationOptions(draw, cfg_scale, cache, generator, on_step, cuda_graphs=cuda_graphs, **masked)
        null = None
        if cfg_scale != 1 and conditions.batch_size is not None:
            negative = None if negative_tensors is None else self.conditions(negative_tensors, len(prompt))
            null = conditions.null(negative)
        limits = lengths_of(self.lm, lengths, prompt, frames)
        run = generate_in_windows(self.lm, prompt, frames, conditions, null, given, window, overlap, limits)
        return outside_inference_mode(run)

    def stream_audio(self, *args: Any, **kwargs: Any) -> Iterator[Tensor]:
        """As `stream_codes`, giving audio `(B, C, some)` as soon as it is known.

        Frames are decoded as they come; a decoder that sees n frames ahead is n frames late. All pieces together are
        what `decode` gives.

        Raises:
            NotExactError: the decoder depends on the whole clip.
        """
        stream = DecodeStream(self.pretransform.model, tokens=True)
        for part in self.stream_codes(*args, **kwargs):
            if part.codes.shape[-1]:
                audio = self._decoded(stream.feed, part.codes)
                if audio is not None:
                    yield audio
        rest = self._decoded(stream.finish)
        if rest is not None and rest.shape[-1]:
            yield rest

    def _decoded(self, decode: Any, *codes: Tensor) -> Tensor | None:
        with torch.no_grad():
            audio: Tensor | None = decode(*codes)
        return audio.float() if audio is not None and self.pretransform.model_half else audio

    def generate(
        self,
        conditions: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]] | None = None,
        *,
        seconds: float | Sequence[float],
        seed: int | Sequence[int] | None = None,
        count: int = 1,
        prompt_audio: tuple[Tensor, int] | None = None,
        prompt_codes: Tensor | None = None,
        inpaint: tuple[Tensor, int] | None = None,
        regions: Sequence[tuple[float, float]] | None = None,
        top_k: int = 250,
        batch_size: int | None = None,
        return_info: bool = False,
        stream: bool = False,
        **options: Any,
    ) -> Tensor | LMGeneration | Iterator[GeneratedSound]:
        """Generate sounds.

        Args:
            conditions: a prompt, or what the conditioners read, of one item or of each; None for an unconditional
                model.
            seconds: length of all items, or of each, that of the prompt included.
            seed: of the first item, which counts up, or of each; None for a random one. An item depends on its own seed
                and request alone.
            count: sounds of each item.
            prompt_audio: waveform `(C, samples)` and its rate, which all items continue.
            prompt_codes: codes `(K, t)` that all items continue, or `(B, K, t)` of each.
            inpaint: waveform and rate, of which a masked model makes `regions` anew; codes of other frames stay.
            regions: `(start, end)` in seconds.
            top_k: draw from so many of the likeliest tokens; 0 for all. More than there are is all.
            batch_size: items to work on at a time.
            return_info: return an `LMGeneration`, with codes, requests, and each sound in its own length.
            stream: return an iterator of `GeneratedSound`, batch by batch; `stream_audio` gives parts of sounds.
            options: further ones of `stream_codes`, e.g. `temperature`, `top_p`, `cfg_scale`, `cache`, `window`.

        Returns:
            Audio `(B, C, samples)`, shorter sounds with zeros behind.
        """
        prompts = prompts_of(self, prompt_audio, prompt_codes)
        if inpaint is not None or regions:
            prompts, options["regenerate"] = with_holes(self, inpaint, regions, prompts)
        requests = make_requests(asked(self.conditioner, conditions), seconds, seed, count, prompts)
        if stream:
            return stream_requests(self, requests, batch_size, top_k=top_k, **options)
        made = generate_requests(self, requests, batch_size, top_k=top_k, **options)
        return made if return_info else pad_sequence([a.T for a in made.audio], batch_first=True).transpose(1, 2)

    def conditions(self, tensors: ConditionTensors | None, batch_size: int | None) -> Conditions:
        """Conditions of what the conditioner gives, where the network is.

        Raises:
            LanguageModelError: one is missing, or they are of another number of items.
        """
        wanted = [*self.routing.cross, *self.routing.prepend, *self.routing.sum]
        if not wanted:
            return Conditions()
        if tensors is None:
            raise LanguageModelError(f"The model needs conditions ({', '.join(wanted)}), but there are none")
        conditions = self.routing.conditions(tensors).to(self.device, next(self.lm.parameters()).dtype)
        if batch_size is not None and conditions.batch_size != batch_size:
            raise LanguageModelError(f"There are conditions of {conditions.batch_size} items for {batch_size}")
        return conditions
