# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated, Literal

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field


class MetadataField(ConfigModel):
    """
    A field of the metadata handed on.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    name: Annotated[str, Field(min_length=1)]
    """
    Name it gets.
    """
    source_name: Annotated[str | None, Field(min_length=1)] = None
    """
    Name it has in the source; null is the same.
    """
    type: Literal['string', 'integer', 'number', 'boolean', 'any'] = 'string'
    """
    Type it is turned into.
    """
    required: bool = False
    """
    A file without it stops the run before it starts.
    """


class DatasetMetadataOptions(ConfigModel):
    """
    Metadata of clips without code. Sources are asked in the order sidecar, table, pattern, tags; the first that has a value gives it.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    sidecar: Literal['json', 'txt'] | None = None
    """
    A file beside each one, with the same name and this ending: a JSON object, or a text; null looks for none.
    """
    text_field: Annotated[str, Field(min_length=1)] = 'prompt'
    """
    Name that the content of a .txt sidecar gets.
    """
    table: Annotated[str | None, Field(min_length=1)] = None
    """
    One table with a line for each file: CSV with a header, or JSON Lines (.jsonl); relative to the folder.
    """
    table_key: Annotated[str, Field(min_length=1)] = 'path'
    """
    Column with the path of the file relative to its folder, or its name, with or without ending. Where a table has no column `path`, `file_name` is taken for it, as in audio folders of Hugging Face.
    """
    pattern: Annotated[str | None, Field(min_length=1)] = None
    """
    Regular expression with named groups for the whole path below the folder, e.g. (?P<artist>[^/]+)/(?P<title>.+)[.]flac.
    """
    tags: bool = False
    """
    Take the tags inside the file: title, artist, album, genre, date, comment, copyright, license, software, tracknumber.
    """
    fields: Annotated[list[MetadataField], Field(validate_default=True)] = []
    """
    What to take, under which name and type; empty takes everything as it is.
    """
