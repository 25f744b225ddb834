"""Generating codes step by step, and handing out frames as soon as they are complete.

Letters: B batch, K codebooks, T frames, S steps, V tokens that a head tells apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Generator, Tensor

from narrows.models.finite import LogitCheck
from narrows.models.lm.conditions import Conditions
from narrows.models.lm.depth import DepthTransformer
from narrows.models.lm.errors import LanguageModelError
from narrows.models.lm.patterns import EMPTY
from narrows.models.lm.recording import RecordedSteps, recorder_of
from narrows.models.lm.sampling import Draw, Noise, noise_of

UNKNOWN = -1
OnStep = Callable[[int, int], None]
"""Called with the steps done and the steps that there are."""


@dataclass(frozen=True)
class GenerationOptions:
    """How codes are generated.

    Args:
        draw: how tokens are drawn.
        cfg_scale: guidance: how far logits are led away from those without conditions; 1 for none.
        cache: keep keys and values of the steps so far; without, all steps are worked on again at each.
        cuda_graphs: record steps with a cache where there is CUDA; see `narrows.models.lm.recording`.
        generator: source of the draws; see `noise_of`.
        on_step: called after each step.
        regenerate: `(B, t)`, true for frames of the prompt that are made anew, by masked models.
        decoding_steps: of each codebook of masked models; None for those of the model.
    """

    draw: Draw = field(default_factory=Draw)
    cfg_scale: float = 1.0
    cache: bool = True
    generator: Generator | Sequence[Generator] | None = None
    on_step: OnStep | None = None
    regenerate: Tensor | None = None
    decoding_steps: Sequence[int] | None = None
    cuda_graphs: bool = True


@dataclass(frozen=True)
class Frames:
    """Frames that have become complete."""

    codes: Tensor
    """`(B, K, n)`; 0 behind the end of an item."""
    lengths: Tensor
    """`(B,)`: frames of each item as far as is known: that of its end token, or all."""


class Predictor:
    """What the network says about the next step, guided.

    Args:
        network: the network, in eval mode.
        steps: longest sequence.
        conditions: those of the batch, not projected.
        null: what guidance leads away from, not projected; None for no guidance.
        options: how codes are generated.
    """

    def __init__(
        self,
        network: Any,
        steps: int,
        conditions: Conditions,
        null: Conditions | None,
        options: GenerationOptions,
    ) -> None:
        self.network = network
        self.scale = options.cfg_scale if null is not None else 1.0
        self.guided = null is not None
        self.conditions = network.backbone.project(conditions if null is None else conditions.joined(null))
        self.tables = network.tables()
        self.cache = network.backbone.new_cache(steps, self.conditions) if options.cache else None
        self.recorded: RecordedSteps | None = None
        recorder = recorder_of(self.tables.embeddings.device) if options.cuda_graphs else None
        if self.cache is not None and recorder is not None:
            self.recorded = RecordedSteps(self.cache, recorder)
        self.seen = 0
        self._logits = LogitCheck(network)

    def said(self, sequence: Tensor) -> Tensor:
        """What the network says of the step behind steps `(B, K, s)`, which begin as those of the call before.

        Guided logits `(B, K, V)`; with a depth transformer, what the backbone gives it: `(B, D)`, or `(2 B, D)` when
        guided. The next call may overwrite it.
        """
        new = sequence[..., self.seen :]
        if self.cache is not None:
            self.seen = sequence.shape[-1]
        # The work is handed over at each call: kept, it would hold this in a circle, and memory longer than the run.
        played = None if self.recorded is None else self.recorded(new, self._step)
        return self._step(new) if played is None else played

    def _step(self, new: Tensor) -> Tensor:
        tokens = new.repeat(2, 1, 1) if self.guided else new
        hidden: Tensor = self.network.step(tokens, self.conditions, self.cache, self.tables)
        return hidden if self.network.depth is not None else self.guide(self.network.logits(hidden, self.tables))

    def guide(self, logits: Tensor) -> Tensor:
        """Logits led away from those without conditions."""
        if not self.guided:
            return logits
        conditional, unconditional = logits.chunk(2)
        return unconditional + (conditional - unconditional) * self.scale

    def tokens(self, sequence: Tensor, known: Tensor | None, draw: Draw, noise: Noise) -> Tensor:
        """Tokens `(B, K)` of the next step; `known` `(B, K)` are taken as they are, unless `UNKNOWN`; None for none.

        Raises:
            NotFiniteError: the network says nothing about them.
        """
        tokens = self._drawn(sequence, known, draw, noise)
        self._logits.check()
        return tokens

    def _drawn(self, sequence: Tensor, known: Tensor | None, draw: Draw, noise: Noise) -> Tensor:
        said = self.said(sequence)
        depth: DepthTransformer | None = self.network.depth
        if depth is None:
            drawn = draw(self._logits.see(said), noise)
            return drawn if known is None else torch.where(known == UNKNOWN, drawn, known)

        def choose(codebook: int, logits: Tensor) -> Tensor:
            chosen = draw(self._logits.see(self.guide(logits)), noise)
            if known is not None:
                chosen = torch.where(known[:, codebook] == UNKNOWN, chosen, known[:, codebook])
            return chosen.repeat(2) if self.guided else chosen

        return depth.draw(said, choose)[: len(sequence)]

    def chosen(self, sequence: Tensor, choose: Callable[[int, Tensor], Tensor]) -> Tensor:
        """Tokens `(B, K)` of the next step, each chosen from its codebook and its logits `(B, V)`; not guided.

        Raises:
            NotFiniteError: the network says nothing about them; what was chosen before the error is not to be used.
        """
        said = self.said(sequence)
        depth: DepthTransformer | None = self.network.depth
        if depth is not None:
            chosen = depth.draw(said, lambda codebook, logits: choose(codebook, self._logits.see(logits)))
        else:
            logits = self._logits.see(said)
            chosen = torch.stack([choose(k, logits[:, k]) for k in range(logits.shape[1])], dim=1)
        self._logits.check()
        return chosen


def generate_frames(
    network: Any,
    prompt: Tensor,
    frames: int,
    conditions: Conditions,
    null: Conditions | None,
    options: GenerationOptions,
    lengths: Tensor | None = None,
) -> Iterator[Frames]:
    """Generate codes; frames come in order, each as soon as all its tokens are there.

    Args:
        network: the network, in eval mode.
        prompt: `(B, K, t)`: the first frames, which come back as they are; t may be 0.
        frames: frames in all (T).
        conditions: those of the batch, not projected.
        null: what guidance leads away from; None for no guidance.
        options: how codes are generated.
        lengths: `(B,)`: frames of each item, at most T; behind them is the special token, as where an item is alone.
            None for T.
    """
    run = _Run(network, prompt, frames, lengths)
    if prompt.shape[-1] == frames:
        yield Frames(prompt, run.lengths)
        return
    predictor = Predictor(network, len(run.layout), conditions, null, options)
    noise = noise_of(options.generator)
    start = run.layout.first_step(prompt.shape[-1])
    assert start is not None, "every frame has a step"
    total = len(run.layout) - start
    for done, step in enumerate(range(start, len(run.layout)), 1):
        run.take(step, predictor.tokens(run.sequence[..., :step], run.known(step), options.draw, noise))
        if options.on_step is not None:
            options.on_step(done, total)
        if (ready := run.ready(step)) is not None:
            yield ready
        if run.over(step):
            yield Frames(prompt[..., :0], run.lengths)  # no frame may follow that could tell the length
            return


class _Run:
    """The sequence of a run: what is known of it, and which frames have been handed out."""

    def __init__(self, network: Any, prompt: Tensor, frames: int, lengths: Tensor | None) -> None:
        self.limited = network.end_token or lengths is not None
        self.special, self.ends = network.special, network.end_token
        self.layout = network.pattern.layout(frames)
        batch, codebooks, given = prompt.shape
        codes = prompt.new_full((batch, codebooks, frames), UNKNOWN)
        codes[..., :given] = prompt
        self.sequence, _, self.held = self.layout.build(codes, network.special)
        self.free = (self.held & (self.sequence == UNKNOWN)).all(0).all(0).tolist()
        self.places, _ = self.layout.places(prompt.device)
        self.complete = self.layout.last_steps().cummax(0).values.tolist()
        self.lengths = torch.full((batch,), frames, device=prompt.device) if lengths is None else lengths
        self.frames, self.handed_out = frames, 0

    def known(self, step: int) -> Tensor | None:
        """What is known of a step `(B, K)`: tokens of the prompt, the special one at places without; None for none."""
        return None if self.free[step] else torch.where(self.held[:, step], self.sequence[..., step], self.special)

    def take(self, step: int, tokens: Tensor) -> None:
        """Put the tokens `(B, K)` of a step in their place, the special one behind the end of an item."""
        if self.limited:
            row = self.layout.frames[step].to(tokens.device)
            first = int(self.layout.frames[step, 0]) if self.ends else EMPTY
            if first != EMPTY and first < self.frames:
                over = (tokens[:, 0] == self.special) & (self.lengths > first)
                self.lengths = torch.where(over, first, self.lengths)
            tokens = torch.where(row >= self.lengths[:, None], self.special, tokens)
        self.sequence[..., step] = tokens

    def ready(self, step: int) -> Frames | None:
        """Frames that this step completes."""
        end = self.handed_out
        last = int(self.lengths.max()) if self.ends else self.frames
        while end < last and self.complete[end] <= step:
            end += 1
        if end == self.handed_out:
            return None
        places = self.places[:, self.handed_out : end]
        codes = torch.unflatten(self.sequence.flatten(1)[:, places.flatten()], -1, places.shape)
        self.handed_out = end
        return Frames(codes.masked_fill(codes == self.special, 0), self.lengths)

    def over(self, step: int) -> bool:
        """Whether all items have ended and their frames are complete."""
        if not self.ends:
            return False
        longest = int(self.lengths.max())
        return longest < self.frames and (longest == 0 or self.complete[longest - 1] <= step)


def check_prompt(prompt: Tensor, codebooks: int, codebook_size: int, frames: int) -> None:
    """Raise a LanguageModelError unless codes can begin a run."""
    if frames < 1:
        raise LanguageModelError(f"frames must be at least 1, got {frames}")
    check_codes(prompt, codebooks, codebook_size)
    if prompt.shape[-1] > frames:
        raise LanguageModelError(
            f"The prompt has {prompt.shape[-1]} frames, but only {frames} are to be generated, the prompt included"
        )


def check_codes(codes: Tensor, codebooks: int, codebook_size: int) -> None:
    """Raise a LanguageModelError unless codes fit a model."""
    if codes.is_floating_point() or codes.dim() != 3 or codes.shape[1] != codebooks:
        raise LanguageModelError(
            f"Codes must be integers of shape (batch, {codebooks}, frames), got {codes.dtype} {tuple(codes.shape)}"
        )
    if codes.numel() and (int(codes.min()) < 0 or int(codes.max()) >= codebook_size):
        raise LanguageModelError(
            f"Codes must be from 0 to {codebook_size - 1}, got {int(codes.min())} to {int(codes.max())}"
        )


def outside_inference_mode(run: Iterator[Frames]) -> Iterator[Frames]:
    """Frames of a generation that runs in inference mode, as tensors that any other mode takes."""
    while True:
        with torch.inference_mode():  # not around the yield, where it would be the caller's
            part = next(run, None)
        if part is None:
            return
        yield Frames(part.codes.clone(), part.lengths.clone())
