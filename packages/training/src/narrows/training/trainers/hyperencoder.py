"""Training of hyperencoders: autoencoders whose input is the pre-encoded latents of another model.

Letters: B batch, E outer latent channels, F outer frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, final

from torch import Tensor, nn

from narrows.configs import HyperencoderConfig, HyperencoderTrainingConfig
from narrows.losses.hyperencoder import create_hyperencoder_loss_from_config
from narrows.pipelines.metrics.codebooks import code_counter
from narrows.training.data_iterator import Batch
from narrows.training.demos.demo import Demo
from narrows.training.freezing import children_except_frozen, with_parameters
from narrows.training.loss_step import LossStep
from narrows.training.masks import frame_mask, padding_mask, silenced
from narrows.training.optim.parameter_groups import create_parameter_group, optimizer_pair
from narrows.training.step_result import Info, StepResult
from narrows.training.throughput import Unit
from narrows.training.trainers.base import Trainer, build_trainer
from narrows.training.validation_metrics import ValidationMetrics

HYPERENCODER = "hyperencoder"
DEFAULT_OPTIMIZER = {"type": "AdamW", "config": {"betas": [0.8, 0.99]}}
"""Without `optimizer_configs`; its rate is `learning_rate`."""


class HyperencoderForward(nn.Module):
    """Encodes and decodes a batch of outer latents.

    Args:
        model: the hyperencoder.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, latents: Tensor, mask: Tensor | None = None) -> Info:
        """Reconstruct a batch.

        Args:
            latents: outer ones, `(B, E, F)`.
            mask: `(B, F)`, false where the batch is padded; None when it is not.

        Returns:
            The info of the bottleneck, and `reals`, `encoder_input`, `decoded` (outer latents) and `latents` (inner
            ones); with a mask also `padding_mask` and `frame_mask`.
        """
        given = silenced(latents, mask)
        frames = None if mask is None else frame_mask(mask, self.model.downsampling_ratio)
        inner, info = self.model.encode(given, return_info=True, **({} if frames is None else {"mask": frames}))
        decoded = self.model.decode(inner)
        length = min(decoded.shape[-1], given.shape[-1])
        reals, decoded = (silenced(signal[..., :length], mask) for signal in (given, decoded))
        masks = {} if mask is None else {"padding_mask": mask[:, :length], "frame_mask": frames}
        return {**info, "reals": reals, "encoder_input": given, "latents": inner, "decoded": decoded, **masks}


@final
class HyperencoderTrainer(Trainer):
    """Trains a hyperencoder.

    Batches hold outer latents `(B, E, F)`, of a data set of the type `pre_encoded`.

    Args:
        model: the hyperencoder; its outer model, where it has one, is not trained.
        config: its model file, with a `training` section.
    """

    main_metric: ClassVar[str] = "loss"

    def __init__(self, model: Any, config: HyperencoderConfig) -> None:
        assert config.training is not None
        self.options: HyperencoderTrainingConfig = config.training
        super().__init__(model, config, self.options.ema_decay if self.options.use_ema else None)
        self.losses = create_hyperencoder_loss_from_config(self.options, model)
        self.loss_step = LossStep(self.losses, self.options.clip_grad_norm, code_counter(model.bottleneck))

    def networks(self, model: Any) -> Sequence[nn.Module]:
        """Encoder and decoder."""
        return with_parameters(model.encoder, model.decoder)

    def averaged(self, model: Any) -> Sequence[str]:
        """Everything but the outer model."""
        return children_except_frozen(model, "outer")

    def fit_statistics(self, dataset: Any) -> None:
        """Give the model the statistics of the latents, where it standardizes them.

        Raises:
            DataError: the data set has none.
        """
        if self.model.standardize:
            # Imported late: it brings all of pre-encoding, which few trainings need.
            from narrows.training.latent_statistics import fit_statistics

            fit_statistics(self.model, dataset)

    @property
    def unit(self) -> Unit:
        """Outer latents."""
        return Unit("latent_frames")

    def prepare(self) -> None:
        """Create forward pass and parameter group."""
        options = self.options
        pair = optimizer_pair(options.optimizer_configs, HYPERENCODER, DEFAULT_OPTIMIZER, options.learning_rate)
        self.forward = self.setup_forward(HyperencoderForward(self.model))
        self.losses.to(self.fabric.device)
        group = create_parameter_group(HYPERENCODER, self.model, pair, self.fabric)
        self.groups[HYPERENCODER] = group
        self.loss_step.setup(self.fabric, self.forward, group)

    def update(self, batches: Sequence[Batch], step: int) -> StepResult:
        """One update of the model."""
        return self.loss_step(batches, step, self.divisors(batches, step))

    def describe(self, step: int) -> Iterator[str]:
        """The losses."""
        yield f"hyperencoder: {self.loss_step.describe()}"

    def validate(self, batches: Iterable[Batch]) -> dict[str, float]:
        """The loss and its terms, and figures of latents and codebooks."""
        metrics = ValidationMetrics(self.best_model.bottleneck, self.config.sample_rate)
        with self.alone(), self.evaluated() as model:
            forward = HyperencoderForward(model)
            for latents, metadata in batches:
                info = self.evaluate(forward, latents, padding_mask(metadata, latents.shape[-1]))
                loss, terms = self.losses(info)
                metrics.add(info, {"loss": loss, **terms})
        return metrics.means(self.sum)

    def demos(self, batch: Batch, options: Any) -> Iterator[Demo]:
        """None: latents cannot be listened to."""
        return iter(())

    def log_values(self) -> dict[str, float]:
        """The use of the codebooks."""
        codes = self.loss_step.codes
        return {} if codes is None else codes.take(self.sum)

    def state(self) -> dict[str, Any]:
        """Weights of losses."""
        return {"losses": self.losses.state_dict()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Restore them."""
        self.losses.load_state_dict(state["losses"])


@build_trainer.register
def _(config: HyperencoderConfig, model: Any) -> Trainer:
    return HyperencoderTrainer(model, config)
