# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from .. import dataset, model
from ..types import file_path


class PreEncodeExperimentConfig(ConfigModel):
    """
    Encoding of a data set to latents or tokens: what `narrows pre-encode` composes, validates and runs.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    field_schema: Annotated[str | None, Field(alias='$schema')] = None
    """
    Address of the schema, for editors.
    """
    schema_version: Literal[1] = 1
    """
    Version of the schemas that the document was written for.
    """
    experiment: Literal['pre_encode'] = 'pre_encode'
    """
    Selects this type.
    """
    model_config_: Annotated[
        model.ModelConfig | file_path.FilePath, Field(alias='model_config')
    ]
    """
    The model, or the path of its file.
    """
    ckpt_path: Annotated[str, Field(min_length=1)]
    """
    Weights of the model.
    """
    dataset_config: dataset.DatasetConfig | file_path.FilePath
    """
    The data set, or the path of its file.
    """
    output_path: Annotated[str, Field(min_length=1)]
    """
    Folder that is written.
    """
    batch_size: Annotated[int, Field(ge=1)] = 1
    """
    Clips of a batch, per process.
    """
    sample_size: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'samples'})
    ] = 1320960
    """
    Length of a clip; a multiple of the downsampling ratio.
    """
    is_discrete: bool = False
    """
    Write tokens instead of latents; for discrete bottlenecks.
    """
    model_half: bool = False
    """
    Encode in float16.
    """
    num_workers: Annotated[int, Field(ge=0)] = 4
    """
    Loader processes; 0 loads in the main process.
    """
    num_nodes: Annotated[int, Field(ge=1)] = 1
    """
    Machines.
    """
    devices: Annotated[int, Field(ge=1)] = 1
    """
    Devices on each machine.
    """
    accelerator: Literal['auto', 'cpu', 'cuda', 'mps'] = 'auto'
    """
    Device kind.
    """
    limit_batches: Annotated[int | None, Field(ge=1)] = None
    """
    Batches at most; null for all.
    """
    shuffle: bool = False
    """
    Encode in random order.
    """
    seed: Annotated[int, Field(ge=0, le=4294967295)] = 42
    """
    Seed of order, crops and noise.
    """
    resume: bool = True
    """
    Go on where an interrupted run stopped.
    """
