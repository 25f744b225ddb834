# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import name
from . import metadata as metadata_1
from . import prompts as prompts_1


class PreEncodedEntry(ConfigModel):
    """
    One folder, searched recursively; a filelist.txt in it lists the files instead.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    id: Annotated[str, Field(min_length=1)]
    """
    Name of the folder in reports and metadata.
    """
    path: Annotated[str, Field(min_length=1)]
    """
    Folder.
    """
    weight: Annotated[float, Field(gt=0.0)] = 1.0
    """
    How often each of its files comes in an epoch: 2 is twice, 0.5 every other epoch.
    """
    keywords: list[name.Name] = []
    """
    Take only files whose path below the folder contains one of these, in any case; none takes all.
    """
    custom_metadata_module: Annotated[str | None, Field(min_length=1)] = None
    """
    Python file that defines get_custom_metadata(info, audio). It runs code: allowed only with allow_code.
    """


class PreEncodedDatasetConfig(ConfigModel):
    """
    Folders of latents: a .npy or .safetensors file with a .json beside it each, or shards (.tar) of them.
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
    dataset_type: Literal['pre_encoded']
    """
    Selects this type.
    """
    path: Annotated[str | None, Field(min_length=1)] = None
    """
    One folder; short for a single entry of `datasets`.
    """
    datasets: Annotated[list[PreEncodedEntry], Field(validate_default=True)] = []
    """
    Folders, with names and weights.
    """
    latent_extension: Literal['npy', 'safetensors'] | None = None
    """
    Kind of the latent files; null takes what `narrows pre-encode` says it wrote there, else `npy`.
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
    random_crop: bool = False
    """
    Crop at a random place; false takes the start.
    """
    min_length_sec: Annotated[
        float | None, Field(ge=0.0, json_schema_extra={'x-unit': 's'})
    ] = None
    """
    Leave out clips of shorter sounds.
    """
    max_length_sec: Annotated[
        float | None, Field(gt=0.0, json_schema_extra={'x-unit': 's'})
    ] = None
    """
    Leave out clips of longer sounds.
    """
    drop_last: bool = True
    """
    Leave out the last, smaller batch of an epoch.
    """
    samples_per_epoch: Annotated[int | None, Field(ge=1)] = None
    """
    Clips of an epoch; null takes each file once, or as often as its weight says.
    """
    order: Literal['shuffled', 'permuted'] = 'shuffled'
    """
    How the clips of an epoch are put in order: `shuffled` keeps a list of them, `permuted` computes each place from the seed, and mixes `datasets` so that their shares are exact all along.
    """
    metadata: metadata_1.DatasetMetadataOptions | None = None
    """
    Where captions and other metadata come from; null takes only what the file itself says.
    """
    prompts: prompts_1.DatasetPromptOptions | None = None
    """
    Prompts made of the metadata; null makes none.
    """
    max_bad_share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    """
    Stop when more than this share of the files tried cannot be read.
    """
