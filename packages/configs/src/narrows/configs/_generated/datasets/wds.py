# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import number
from . import metadata
from . import prompts as prompts_1


class WdsEntry(ConfigModel):
    """
    A folder or a bucket with shards; give `path` or `s3_path`.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    id: Annotated[str, Field(min_length=1)]
    """
    Name in reports and metadata.
    """
    path: Annotated[str | None, Field(min_length=1)] = None
    """
    Folder with .tar files, searched recursively.
    """
    s3_path: Annotated[str | None, Field(pattern='^s3://[^/]+')] = None
    """
    Address s3://bucket/prefix; all .tar objects below it are read.
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


class WdsDatasetConfig(ConfigModel):
    """
    WebDataset shards (.tar) in folders or S3 buckets, read from front to back.
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
    dataset_type: Literal['wds', 's3']
    """
    Selects this type; both names mean the same.
    """
    datasets: Annotated[list[WdsEntry], Field(min_length=1)]
    """
    Where the shards are.
    """
    pre_encoded: bool = False
    """
    Shards hold latents (.npy) instead of audio.
    """
    latent_crop_length: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'latent frames'})
    ] = None
    """
    Latent frames of a crop; shorter ones are padded. null takes them whole, padded to the longest of the batch.
    """
    downsampling_ratio: Annotated[
        int | None, Field(ge=1, json_schema_extra={'x-unit': 'samples'})
    ] = None
    """
    Audio samples of a latent frame, for seconds_start; null takes what the files say.
    """
    random_crop: bool = True
    """
    Crop at a random place; false takes the start.
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
    remove_silence: bool = False
    """
    Shorten long silences before cropping.
    """
    silence_threshold: Annotated[
        list[number.Number], Field(max_length=2, min_length=2)
    ] = [0.01, 0.5]
    """
    Amplitude below which audio counts as silent, and seconds that stay of a long silence.
    """
    max_silence_duration: Annotated[
        float, Field(ge=0.0, json_schema_extra={'x-unit': 's'})
    ] = 0.25
    """
    Longest silence that is left alone.
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
    resampled_shards: bool = True
    """
    Epochs of epoch_steps batches from an endless sequence of shards; false reads every shard once an epoch.
    """
    epoch_steps: Annotated[int, Field(ge=1)] = 2000
    """
    Batches of an epoch, of each process.
    """
    drop_last: bool = True
    """
    Without resampled_shards: leave out incomplete batches at the end of an epoch.
    """
    streams: Annotated[int, Field(ge=1)] = 12
    """
    Shards read side by side by each process; the data depend on it, but not on the number of workers.
    """
    shuffle_buffer: Annotated[int, Field(ge=1)] = 64
    """
    Samples of a stream that are kept to be mixed; 1 keeps their order.
    """
    retries: Annotated[int, Field(ge=0)] = 8
    """
    How often in a row a broken connection is tried again.
    """
    fields: Annotated[list[metadata.MetadataField], Field(validate_default=True)] = []
    """
    Which metadata of the samples (.json, and .txt as `text`) to hand on, under which name and type; empty hands on all as they are.
    """
    prompts: prompts_1.DatasetPromptOptions | None = None
    """
    Prompts made of the metadata; null makes none.
    """
    max_bad_share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    """
    Stop when more than this share of the files tried cannot be read.
    """
