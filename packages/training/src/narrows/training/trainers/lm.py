"""Training of language models over audio tokens: cross-entropy of the next token (Copet et al. 2023, arXiv 2306.05284).

Letters: B batch, C channels, K codebooks, T frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, final

import torch
from torch import Tensor, nn

from narrows.configs import LMConfig, LMTrainingConfig
from narrows.models.lm.hidden import Hidden
from narrows.training.adapter_training import AdapterTraining
from narrows.training.data_iterator import Batch
from narrows.training.demos.demo import Demo
from narrows.training.freezing import children_except_frozen
from narrows.training.generative.conditions import conditions_of
from narrows.training.generative.demos import demo_conditions, request_demos
from narrows.training.generative.everywhere import of_all_processes
from narrows.training.generative.stored import check_tokens, frame_lengths
from narrows.training.generative.token_metrics import TokenMetrics
from narrows.training.masks import padding_mask, silenced
from narrows.training.optim.parameter_groups import create_parameter_group, optimizer_pair
from narrows.training.optim.update import update
from narrows.training.step_result import Scalars, StepResult, summed
from narrows.training.throughput import Unit
from narrows.training.trainers.base import Trainer, build_trainer

LM = "lm"
DEFAULT_OPTIMIZER = {"type": "AdamW", "config": {"betas": [0.9, 0.95], "weight_decay": 0.1}}
"""Without `optimizer_configs`, as in stable-audio-tools; its rate is `learning_rate`."""


class Tokens(NamedTuple):
    """A batch of tokens."""

    codes: Tensor
    """`(B, K, T)`, int64."""
    lengths: Tensor | None
    """Frames of each item `(B,)`; None where all have T."""
    conditions: list[dict[str, Any]]
    """What the conditioners read of each item; empty for unconditional models."""
    hidden: Hidden | None = None
    """What a masked model has to fill in in this step; None for all tokens."""


class LMForward(nn.Module):
    """Conditions of a batch, and the cross-entropy of its tokens.

    Args:
        model: the language model.
        options: for the loss: `cfg_dropout_prob` and `label_smoothing`.
    """

    def __init__(self, model: Any, **options: Any) -> None:
        super().__init__()
        self.model = model
        self.options = options

    def forward(
        self,
        codes: Tensor,
        lengths: Tensor | None = None,
        conditions: list[dict[str, Any]] | None = None,
        hidden: Hidden | None = None,
    ) -> Tensor:
        """Cross-entropy of each codebook, summed over its tokens: `(K,)`, in nats.

        Args:
            codes: `(B, K, T)`.
            lengths: frames of each item `(B,)`.
            conditions: what the conditioners read of each item.
            hidden: what a masked model has to fill in; None for all tokens.
        """
        conditioner = self.model.conditioner
        tensors = None if conditioner is None else conditioner(conditions, codes.device)
        options = {"lengths": lengths, "hidden": hidden, **self.options}
        return self.model.cross_entropy(codes, tensors, **options).sums  # type: ignore[no-any-return]


@final
class LanguageModelTrainer(Trainer):
    """Trains a language model; the tokenizer stays as it is.

    Every token of a codebook counts alike, whatever batch and process it is in: batches that are accumulated, and those
    of several processes, add up to one large batch, also where their items are of different lengths.

    Args:
        model: the language model.
        config: its model file, with a `training` section.

    Raises:
        AdapterError: the section asks for an adapter of layers that the model has not.
    """

    main_metric: ClassVar[str] = "cross_entropy"

    def __init__(self, model: Any, config: LMConfig) -> None:
        assert config.training is not None
        self.options: LMTrainingConfig = config.training
        options = self.options
        adapter = None
        if options.lora_config is not None:
            adapter = AdapterTraining(model, options.lora_config, options.base_precision, options.svd_bases_path)
        super().__init__(model, config, options.ema_decay if options.use_ema and adapter is None else None, adapter)
        weights = self.options.codebook_weights or [1.0] * model.num_quantizers
        self.codebook_weights = torch.tensor(weights, dtype=torch.float32)
        self.metrics = TokenMetrics(model.num_quantizers, model.codebook_size, model.frame_rate)

    def networks(self, model: Any) -> Sequence[nn.Module]:
        """The network over tokens."""
        return [model.lm]

    def averaged(self, model: Any) -> Sequence[str]:
        """The network and the conditioners, where those are trained."""
        return children_except_frozen(model, "pretransform", "conditioner")

    @property
    def unit(self) -> Unit:
        """Tokens, of all codebooks."""
        size = 1 if self.options.pre_encoded else self.model.pretransform.downsampling_ratio
        return Unit("tokens", size, self.model.num_quantizers)

    def prepare(self) -> None:
        """Create forward pass and parameter group."""
        options = self.options
        pair = optimizer_pair(options.optimizer_configs, LM, DEFAULT_OPTIMIZER, options.learning_rate)
        self.forward = self.setup_forward(
            LMForward(self.model, cfg_dropout_prob=options.cfg_dropout_prob, label_smoothing=options.label_smoothing)
        )
        self.codebook_weights = self.codebook_weights.to(self.fabric.device)
        self.groups[LM] = create_parameter_group(LM, self.model, pair, self.fabric)

    def update(self, batches: Sequence[Batch], step: int) -> StepResult:
        """One update of the model."""
        tokens = [self._with_hidden(self._tokens(self.model, batch)) for batch in batches]
        counts = [self._counts(self.model, batch) for batch in tokens]
        everywhere = self.sum(torch.stack(counts).sum(0).to(self.fabric.device))
        values: Scalars = {}
        sums = torch.zeros_like(self.codebook_weights)
        for i, batch in enumerate(tokens):
            loss, of_batch = self._backward(batch, everywhere, last=i == len(tokens) - 1)
            values = summed([values, {"loss": loss}])
            sums += of_batch
        problem = update(self.fabric, list(self.groups.values()), values, self.options.clip_grad_norm)
        if problem is None:
            self.metrics.train(sums, everywhere)
            self._count(tokens)
        return StepResult(values, problem, updated=problem is None)

    def describe(self, step: int) -> Iterator[str]:
        """The loss."""
        options = self.options
        text = f"language model: cross-entropy, conditions left out in {options.cfg_dropout_prob:.0%} of the items"
        if options.label_smoothing:
            text += f", {options.label_smoothing:g} of each target spread over all tokens"
        if options.codebook_weights is not None:
            text += f", codebooks weighted {options.codebook_weights}"
        yield text
        if self.adapter is not None:
            yield self.adapter.describe()

    def validate(self, batches: Iterable[Batch]) -> dict[str, float]:
        """Cross-entropy and perplexity of each codebook beside n-gram baselines, and bits a second of sound."""
        with self.alone(), self.evaluated() as model:
            forward = LMForward(model)
            for batch in batches:
                tokens = self._tokens(model, (self.fabric.to_device(batch[0]), batch[1]))
                with self.fabric.autocast():
                    sums = forward(*tokens)
                self.metrics.validate(tokens.codes, tokens.lengths, sums, self._counts(model, tokens))
        return self.metrics.validated(self.sum)

    def demos(self, batch: Batch, options: Any) -> Iterator[Demo]:
        """Sounds of requests; the model in this run's folder makes the same of them."""
        with self.evaluated() as model:
            known = conditions_of(model.conditioner, batch[1])
            conditions = demo_conditions(options.demo_cond, known, options.num_demos)
            seconds = options.max_gen_len / model.frame_rate
            draw = {"temperature": options.temp, "top_k": options.top_k, "top_p": options.top_p}
            for scale in options.demo_cfg_scales:
                asked = {"seconds": seconds, "cfg_scale": float(scale), **draw}
                requests = [{"conditions": item, "seed": seed, **asked} for seed, item in enumerate(conditions)]
                made = model.generate(
                    conditions if model.conditioner is not None else None,
                    seed=[request["seed"] for request in requests],
                    return_info=True,
                    **({} if model.conditioner is not None else {"count": len(requests)}),
                    **asked,
                )
                label = f"_cfg{scale:g}" if len(options.demo_cfg_scales) > 1 else ""
                yield from request_demos(requests, made.audio, label)

    def log_values(self) -> dict[str, float]:
        """Cross-entropy and perplexity of each codebook."""
        return self.metrics.trained(self.sum)

    def state(self) -> dict[str, Any]:
        """Counts of the baselines."""
        return {"ngrams": self.metrics.ngrams.state_dict()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Restore them."""
        self.metrics.ngrams.load_state_dict(state["ngrams"])

    def _tokens(self, model: Any, batch: Batch) -> Tokens:
        """Tokens of a batch on the device: those that were stored, or those of its audio."""
        signal, metadata = batch
        conditions = conditions_of(model.conditioner, metadata)
        if self.options.pre_encoded:
            codes = check_tokens(signal, model.num_quantizers, model.codebook_size, metadata)
            lengths = frame_lengths(metadata, codes.shape[-1])
        else:
            ratio = model.pretransform.downsampling_ratio
            lengths = frame_lengths(metadata, signal.shape[-1], ratio)
            mask = padding_mask(metadata, signal.shape[-1])
            signal = silenced(signal, None if mask is None else mask.to(signal.device))
            # In full precision: other tokens than those of the same data stored would be learnt otherwise.
            with torch.autocast(self.fabric.device.type, enabled=False):
                codes = model.tokenize(nn.functional.pad(signal, (0, -signal.shape[-1] % ratio)))
        return Tokens(codes, None if lengths is None else lengths.to(codes.device), conditions)

    def _with_hidden(self, tokens: Tokens) -> Tokens:
        """Tokens with what a masked model has to fill in of them."""
        batch, _, frames = tokens.codes.shape
        return tokens._replace(hidden=self.model.lm.draw_hidden(batch, frames, tokens.lengths, None))

    def _counts(self, model: Any, tokens: Tokens) -> Tensor:
        """How many tokens of each codebook are predicted: `(K,)`."""
        batch, _, frames = tokens.codes.shape
        return model.lm.prediction_counts(batch, frames, tokens.lengths, tokens.hidden)  # type: ignore[no-any-return]

    def _backward(self, tokens: Tokens, counts: Tensor, last: bool) -> tuple[Tensor, Tensor]:
        """The batch's share of the loss, and its sums."""
        # Gradients are exchanged between processes once a step, in the last backward pass, and averaged there: the
        # sums of all processes over the counts of all processes are this many times the mean.
        with self.fabric.no_backward_sync(self.forward, enabled=not last):
            sums = self.forward(*tokens)
            means = sums / counts.clamp(min=1) * self.fabric.world_size
            weights = self.codebook_weights * (counts > 0)
            loss = (means * weights).sum() / weights.sum().clamp(min=torch.finfo(weights.dtype).tiny)
            self.fabric.backward(loss)
        return loss.detach().float(), sums.detach()

    def _count(self, batches: Sequence[Tokens]) -> None:
        """Add tokens to the baselines, those of all processes."""
        for codes, lengths, *_ in batches:
            if self.metrics.ngrams.full:
                return
            known = torch.full((len(codes),), codes.shape[-1]) if lengths is None else lengths
            self.metrics.ngrams.add(*of_all_processes(self.fabric, codes, known.to(codes.device)))


@build_trainer.register
def _(config: LMConfig, model: Any) -> Trainer:
    return LanguageModelTrainer(model, config)
