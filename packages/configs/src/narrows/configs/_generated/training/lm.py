# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Optional

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import adapter
from ..types import base_precision as base_precision_1
from ..types import non_negative
from . import lm_demo, optimizer_pair
from . import post_hoc_ema as post_hoc_ema_1


class LMTrainingConfig(ConfigModel):
    """
    Training of a language model.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    learning_rate: Annotated[float | None, Field(gt=0.0)] = None
    """
    Rate of the default AdamW; needed when `optimizer_configs` is left out.
    """
    optimizer_configs: Optional["LMOptimizerConfigs"] = None
    """
    Optimizer and schedule; null for the default AdamW.
    """
    use_ema: bool = False
    """
    Keep an exponential moving average of the weights.
    """
    ema_decay: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.9999
    """
    Largest decay of the average; it rises as 1 - (1 + step)^-0.75.
    """
    post_hoc_ema: post_hoc_ema_1.PostHocEMAConfig | None = None
    """
    Also keep averages whose length is chosen after the training; null for none.
    """
    clip_grad_norm: Annotated[float, Field(ge=0.0)] = 1000.0
    """
    Clip the gradient norm to this; 0 switches it off.
    """
    base_precision: base_precision_1.BasePrecision | None = None
    """
    Precision of the network and the conditioners while an adapter is trained (Stable Audio 3); null keeps it.
    """
    lora_config: adapter.LoRAConfig | None = None
    """
    Train an adapter instead of the model, whose weights stay as they are; there is no moving average then. Null trains the model.
    """
    svd_bases_path: Annotated[str | None, Field(min_length=1)] = None
    """
    File of singular vectors for `-xs` adapters, of `narrows adapter bases`; null computes them.
    """
    pre_encoded: bool = False
    """
    The data are tokens already, of this tokenizer.
    """
    cfg_dropout_prob: Annotated[float, Field(ge=0.0, le=1.0)] = 0.1
    """
    Share of items whose conditions are left out, all of an item together.
    """
    label_smoothing: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    """
    Share of the target that is spread over all tokens.
    """
    codebook_weights: Annotated[
        list[non_negative.NonNegative] | None, Field(min_length=1)
    ] = None
    """
    Weight of each codebook in the loss; null for equal ones.
    """
    demo: Annotated[lm_demo.LMDemoConfig, Field(default_factory=lambda: lm_demo.LMDemoConfig())]
    """
    Demos.
    """


class LMOptimizerConfigs(ConfigModel):
    """
    Optimizer of a language model.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    lm: optimizer_pair.OptimizerPairConfig
    """
    The backbone's.
    """
