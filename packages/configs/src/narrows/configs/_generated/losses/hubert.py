# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import feature_ids as feature_ids_1


class SemanticLossWeights(ConfigModel):
    """
    Weights of the semantic term.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    hubert: Annotated[float, Field(ge=0.0)]
    """
    Weight; 0 switches the term off.
    """


class SemanticLossOptions(ConfigModel):
    """
    Model and layers.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    model_path: Annotated[str, Field(min_length=1)]
    """
    Folder with the model as transformers saves it; nothing is downloaded.
    """
    model_name: Literal['HUBERT_LARGE', 'WAVLM_LARGE', 'WAV2VEC2_LARGE_LV60K'] = (
        'HUBERT_LARGE'
    )
    """
    Which model the folder holds; checked.
    """
    feature_ids: feature_ids_1.FeatureIds | None = None
    """
    Layers to compare, counted from 0; null for all; [-1] for the convolutional features.
    """


class SemanticLossConfig(ConfigModel):
    """
    Distance of the features of a speech model (HuBERT, WavLM or wav2vec 2.0). Needs the extra `narrows-losses[semantic]`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    config: SemanticLossOptions
    """
    Options.
    """
    weights: SemanticLossWeights
    """
    Weights.
    """
    decay: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """
    Factor of the weight at every step: step s, counted from 0, has weight · decay^(s + 1).
    """
