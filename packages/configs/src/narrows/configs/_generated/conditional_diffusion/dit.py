# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..diffusion import dit
from ..distribution_shifts import flux, full, logsnr, none
from ..types import local_condition, name


class ConditionalDiTConfig(ConfigModel):
    """
    Conditional diffusion with the transformer.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    type: Literal['dit']
    """
    Selects this type.
    """
    config: Annotated[dit.DiTOptions, Field(default_factory=lambda: dit.DiTOptions())]
    """
    Options of the backbone.
    """
    diffusion_objective: Literal['v', 'rectified_flow', 'rf_denoiser'] = 'v'
    """
    What is predicted: v, the flow, or the clean latent of a distilled flow.
    """
    cross_attention_cond_ids: list[name.Name] = []
    """
    Conditioners joined along time for cross-attention.
    """
    global_cond_ids: list[name.Name] = []
    """
    Conditioners joined along channels, one vector an item.
    """
    input_concat_ids: list[name.Name] = []
    """
    Conditioners joined to the input along channels; `inpaint_mask` and `inpaint_masked_input` come from the inpainting.
    """
    prepend_cond_ids: list[name.Name] = []
    """
    Conditioners whose tokens are put in front of the sequence; `dit` only.
    """
    local_add_cond_ids: list[name.Name] = []
    """
    Conditioners added frame by frame (Stable Audio 3); `dit` only.
    """
    modular_local_cond_configs: Annotated[
        list[local_condition.LocalConditionConfig], Field(validate_default=True)
    ] = []
    """
    Conditions of single layers (Stable Audio 3); `dit` only.
    """
    mask_padding_attention: bool = False
    """
    Keep attention off the padding of shorter items (Stable Audio 3).
    """
    use_effective_length_for_schedule: bool = False
    """
    Shift timesteps by the length without padding (Stable Audio 3).
    """
    distribution_shift_options: (
        full.FullShiftConfig
        | none.NoShiftConfig
        | flux.FluxShiftConfig
        | logsnr.LogSNRShiftConfig
        | None
    ) = None
    """
    Timestep shift by length in training; null for none.
    """
    sampling_distribution_shift_options: (
        full.FullShiftConfig
        | none.NoShiftConfig
        | flux.FluxShiftConfig
        | logsnr.LogSNRShiftConfig
        | None
    ) = None
    """
    Timestep shift by length in sampling (Stable Audio 3); null for the one of training.
    """
    mask_conditions: bool = False
    """
    Leave padding of the conditions out of attention; the reference attends to padding and `false` does the same.
    """
    padding_attention: Literal['masked', 'zeroed_values'] = 'masked'
    """
    How attention treats the padding of shorter items: `masked` leaves it out, `zeroed_values` is Stable Audio 3 without flash-attention, where an item depends on how much padding there is.
    """
    guided_conditions: list[Literal['cross', 'prepend', 'global', 'concat', 'local', 'modular']] | None = (
        None
    )
    """
    Where guidance and dropout take conditions away, and negative ones are heard; null for where the reference does: cross-attention and prepended conditions.
    """
    apg_scale: Annotated[float | None, Field(ge=0.0, le=1.0)] = None
    """
    Share of adaptive projected guidance in what a guidance scale means: 0 is classifier-free guidance; null for that of the reference, 1 where the document has options of Stable Audio 3 only, otherwise 0.
    """
