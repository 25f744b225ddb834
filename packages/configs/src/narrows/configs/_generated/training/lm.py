# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Optional

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from . import lm_demo, optimizer_pair


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
    pre_encoded: bool = False
    """
    The data are tokens already.
    """
    cfg_dropout_prob: Annotated[float, Field(ge=0.0, le=1.0)] = 0.1
    """
    Share of items whose conditions are left out.
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
