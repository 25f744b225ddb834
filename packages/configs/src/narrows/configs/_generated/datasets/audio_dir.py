# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field

from ..types import name, number
from . import metadata as metadata_1
from . import prompts as prompts_1


class AudioDirEntry(ConfigModel):
    """
    One folder, searched recursively.
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
    Folder, or one audio file.
    """
    index: Annotated[str | None, Field(min_length=1)] = None
    """
    Index of the files, made by `narrows data index`: nothing is searched when training starts, and no process holds a list of the files. null searches the folder.
    """
    weight: Annotated[float, Field(gt=0.0)] = 1.0
    """
    How often each of its files comes in an epoch: 2 is twice, 0.5 every other epoch.
    """
    keywords: list[name.Name] = []
    """
    Take only files whose path below the folder contains one of these, in any case; none takes all.
    """
    file_list: Annotated[str | None, Field(min_length=1)] = None
    """
    Text file with the paths to take, one a line, relative to the folder, instead of searching it.
    """
    custom_metadata_module: Annotated[str | None, Field(min_length=1)] = None
    """
    Python file that defines get_custom_metadata(info, audio). It runs code: allowed only with allow_code.
    """


class AudioDirDatasetConfig(ConfigModel):
    """
    Folders of audio files. Give `path` for one folder, or `datasets` for several.
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
    dataset_type: Literal['audio_dir']
    """
    Selects this type.
    """
    path: Annotated[str | None, Field(min_length=1)] = None
    """
    One folder, or one audio file; short for a single entry of `datasets`.
    """
    index: Annotated[str | None, Field(min_length=1)] = None
    """
    Index of the files, made by `narrows data index`: nothing is searched when training starts, and no process holds a list of the files. null searches the folder.
    """
    datasets: Annotated[list[AudioDirEntry], Field(validate_default=True)] = []
    """
    Folders, with names and weights.
    """
    extensions: Annotated[
        list[name.Name], Field(min_length=1)
    ] = ['wav', 'wave', 'flac', 'ogg', 'oga', 'opus', 'mp3', 'aif', 'aiff', 'aifc', 'caf', 'w64', 'rf64', 'au', 'snd', 'm4a', 'm4b', 'aac', 'mp4', 'wma', 'webm', 'mka', 'ac3']
    """
    File endings that are read, in any case.
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
    min_length_sec: Annotated[
        float | None, Field(ge=0.0, json_schema_extra={'x-unit': 's'})
    ] = None
    """
    Leave out shorter files.
    """
    max_length_sec: Annotated[
        float | None, Field(gt=0.0, json_schema_extra={'x-unit': 's'})
    ] = None
    """
    Leave out longer files.
    """
    split: Literal['all', 'train', 'held_out'] = 'all'
    """
    Which files to take: `all`, those to `train` on, or those `held_out`. Which file belongs where depends on its path alone, so that it stays there when others come or go.
    """
    held_out_share: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.05
    """
    Share of the files that is held out; of two files or more at least one.
    """
    samples_per_epoch: Annotated[int | None, Field(ge=1)] = None
    """
    Clips of an epoch; null takes each file once, or as often as its weight says.
    """
    order: Literal['shuffled', 'permuted'] | None = None
    """
    How the files of an epoch are put in order: `shuffled` keeps a list of them, `permuted` computes each place from the seed, for any number of files, and mixes `datasets` so that their shares are exact all along. null takes `permuted` with an index, else `shuffled`.
    """
    length_buckets: Annotated[int, Field(ge=1)] = 1
    """
    Group files of similar length into so many buckets: a batch comes from one of them and is only as long as its longest clip. 1 pads every clip to sample_size.
    """
    length_multiple: Annotated[
        int, Field(ge=1, json_schema_extra={'x-unit': 'samples'})
    ] = 1
    """
    With length_buckets, batches are padded to a multiple of this.
    """
    metadata: metadata_1.DatasetMetadataOptions | None = None
    """
    Where captions and other metadata come from; null takes only what the file itself says.
    """
    prompts: prompts_1.DatasetPromptOptions | None = None
    """
    Prompts made of the metadata; null makes none.
    """
    cache_index: bool = True
    """
    Keep what was read from the headers, so that the next start need not open every file.
    """
    max_bad_share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    """
    Stop when more than this share of the files tried cannot be read.
    """
