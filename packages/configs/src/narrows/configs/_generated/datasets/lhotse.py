# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import number
from . import metadata
from . import prompts as prompts_1


class LhotseEntry(ConfigModel):
    """
    A manifest of cuts.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    id: Annotated[str, Field(min_length=1)]
    """
    Name in reports and metadata.
    """
    path: Annotated[str, Field(min_length=1)]
    """
    Manifest of cuts, .jsonl or .jsonl.gz, as `CutSet.to_file` writes it.
    """
    root: Annotated[str | None, Field(min_length=1)] = None
    """
    Folder at which relative paths of recordings begin; null is that of the manifest. Lhotse's own is the working folder, `.`.
    """
    weight: Annotated[float, Field(gt=0.0)] = 1.0
    """
    How often each of its cuts comes in an epoch: 2 is twice, 0.5 every other epoch.
    """
    custom_metadata_module: Annotated[str | None, Field(min_length=1)] = None
    """
    Python file that defines get_custom_metadata(info, audio). It runs code: allowed only with allow_code.
    """


class LhotseDatasetConfig(ConfigModel):
    """
    Cuts of Lhotse: stretches of recordings that JSONL manifests list, with the texts of their supervisions as metadata. Give `path` for one manifest, or `datasets` for several.
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
    dataset_type: Literal['lhotse']
    """
    Selects this type.
    """
    path: Annotated[str | None, Field(min_length=1)] = None
    """
    One manifest of cuts, .jsonl or .jsonl.gz; short for a single entry of `datasets`.
    """
    datasets: Annotated[list[LhotseEntry], Field(validate_default=True)] = []
    """
    Manifests, with names and weights.
    """
    fields: Annotated[list[metadata.MetadataField], Field(validate_default=True)] = []
    """
    Which values of cuts and supervisions to hand on as metadata, under which name and type; empty hands on `text`, `speaker`, `language`, `gender` and all `custom` values.
    """
    random_crop: bool = True
    """
    Crop at a random place; false takes the start.
    """
    drop_last: bool = True
    """
    Leave out the last, smaller batch of an epoch.
    """
    random_phase_flip: bool = True
    """
    Invert the polarity of half of the crops.
    """
    silence_threshold_db: Annotated[
        float | None, Field(json_schema_extra={'x-unit': 'dB'}, le=0.0)
    ] = -60
    """
    Draw another clip when the peak lies below this; null keeps silence.
    """
    volume_norm: bool = False
    """
    Bring every clip to a loudness drawn from a range.
    """
    volume_norm_param: Annotated[
        list[number.Number], Field(max_length=2, min_length=2)
    ] = [-16, 2]
    """
    Middle of the range in LUFS, and half its width in LU.
    """
    samples_per_epoch: Annotated[int | None, Field(ge=1)] = None
    """
    Clips of an epoch; null takes each cut once, or as often as its weight says.
    """
    prompts: prompts_1.DatasetPromptOptions | None = None
    """
    Prompts made of the metadata; null makes none.
    """
    max_bad_share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    """
    Stop when more than this share of the cuts tried cannot be read.
    """
