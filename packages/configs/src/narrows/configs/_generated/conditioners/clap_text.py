# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class CLAPTextConditionerOptions(ConfigModel):
    """
    Options of `clap_text`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    clap_ckpt_path: Annotated[str, Field(min_length=1)]
    """
    File of the weights as laion_clap wrote them, or folder of a ClapModel of transformers.
    """
    use_text_features: bool = False
    """
    A sequence of 77 tokens, 768 wide, instead of one vector of 512.
    """
    feature_layer_ix: int = -1
    """
    Hidden layer of that sequence; negative ones count from the end.
    """
    audio_model_type: Annotated[str, Field(min_length=1)] = 'HTSAT-base'
    """
    Audio tower, by the names of laion_clap; says the width of the audio projection in checkpoints of a trained text tower.
    """
    enable_fusion: Annotated[
        bool, Field(json_schema_extra={'x-role': 'compatibility'})
    ] = True
    """
    Whether the weights were trained with fusion; changes nothing for texts.
    """
    project_out: bool = False
    """
    Project even where the widths are equal.
    """
    finetune: bool = False
    """
    Train the text tower.
    """
    tokenizer_path: Annotated[str | None, Field(min_length=1)] = None
    """
    Folder of the tokenizer; null for that of the model folder, or of roberta-base in the local cache.
    """
    output_dim: Annotated[int | None, Field(ge=1)] = None
    """
    Width of what comes out; null for `cond_dim`.
    """


class CLAPTextConditionerConfig(ConfigModel):
    """
    Text through CLAP (Wu et al. 2023): one vector, or a sequence.
    """

    model_config = ConfigDict(
        extra='forbid',
        json_schema_extra={'x-output': 'vector'},
    )
    id: Annotated[str, Field(min_length=1, pattern='^[^.]+$')]
    """
    Name of the conditioner: the key of the metadata it reads, and what the id lists name.
    """
    type: Literal['clap_text']
    """
    Selects this type.
    """
    config: CLAPTextConditionerOptions
    """
    Options of this type.
    """
