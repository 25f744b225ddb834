# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import name, number
from . import metadata
from . import prompts as prompts_1


class ParquetEntry(ConfigModel):
    """
    Parquet files in a folder or behind an address.
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
    Folder that is searched recursively, one .parquet file, or an address (hf://datasets/owner/name, s3://, gs://).
    """
    files: list[name.Name] = []
    """
    Take only files whose name, or path below the folder, fits one of these patterns, e.g. `train-*.parquet`; none takes all.
    """
    weight: Annotated[float, Field(gt=0.0)] = 1.0
    """
    How often each of its rows comes in an epoch: 2 is twice, 0.5 every other epoch.
    """
    profile: Annotated[str | None, Field(min_length=1)] = None
    """
    Profile of the credentials in the AWS configuration files; null takes the usual chain (environment, files, roles).
    """
    endpoint_url: Annotated[str | None, Field(pattern='^https?://[^@]+$')] = None
    """
    Address of an S3-compatible server; null is Amazon's. Credentials never stand here.
    """
    region: Annotated[str | None, Field(min_length=1)] = None
    """
    Region of the bucket; null takes the profile's.
    """
    custom_metadata_module: Annotated[str | None, Field(min_length=1)] = None
    """
    Python file that defines get_custom_metadata(info, audio). It runs code: allowed only with allow_code.
    """


class ParquetDatasetConfig(ConfigModel):
    """
    Parquet files with sounds in a column, as Hugging Face's `datasets` writes them: other columns are metadata. Give `path` for one place, or `datasets` for several.
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
    dataset_type: Literal['parquet']
    """
    Selects this type.
    """
    path: Annotated[str | None, Field(min_length=1)] = None
    """
    One folder, one .parquet file, or an address (hf://, s3://, gs://); short for a single entry of `datasets`.
    """
    datasets: Annotated[list[ParquetEntry], Field(validate_default=True)] = []
    """
    Folders, files and addresses, with names and weights.
    """
    audio_column: Annotated[str | None, Field(min_length=1)] = None
    """
    Column that holds the sound: a struct of `bytes` and `path`, or bytes. null takes the only struct of these two, or else the column `audio`.
    """
    fields: Annotated[list[metadata.MetadataField], Field(validate_default=True)] = []
    """
    Which columns to hand on as metadata, under which name and type; empty hands on all that are neither sound nor bytes.
    """
    lanes: Annotated[int, Field(ge=1)] = 8
    """
    Row groups that are open side by side: neighbouring clips come from so many. Each loader process keeps them in memory; processes whose number divides it read row groups of their own.
    """
    retries: Annotated[int, Field(ge=0)] = 8
    """
    How often in a row a broken connection is tried again.
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
    Clips of an epoch; null takes each row once, or as often as its weight says.
    """
    prompts: prompts_1.DatasetPromptOptions | None = None
    """
    Prompts made of the metadata; null makes none.
    """
    max_bad_share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    """
    Stop when more than this share of the rows tried cannot be read.
    """
