# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from ..types import name

Template = TypeAliasType("Template", Annotated[str, Field(min_length=1)])


class DatasetPromptOptions(ConfigModel):
    """
    Prompts made of the metadata of a clip, drawn anew each time that it comes: a caption, or a template filled in. The draws follow from the seed and the place of the clip in its epoch.
    """

    model_config = ConfigDict(
        extra='forbid',
    )
    key: Annotated[str, Field(min_length=1)] = 'prompt'
    """
    Name that the prompt gets in the metadata; what had it before is replaced.
    """
    captions: list[name.Name] = []
    """
    Metadata that hold a caption, or a list of captions; one of all of them is drawn.
    """
    templates: list[Template] = []
    """
    Texts with metadata in braces, e.g. "{instrument} in {key}[, {bpm:.0f} BPM]"; `{tags}` is the list of tags. What stands in square brackets is left out where a clip lacks something in it, and a template that lacks something elsewhere is not drawn.
    """
    caption_share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    """
    Share of the prompts that are captions, of clips that have both a caption and a template.
    """
    tags: list[name.Name] = []
    """
    Metadata that hold tags: a list, or a text with commas; together they are `{tags}`.
    """
    shuffle_tags: bool = True
    """
    Bring the tags into a random order.
    """
    tag_dropout: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """
    Share of the tags that are left out, each by a draw of its own; one is always kept.
    """
    max_tags: Annotated[int | None, Field(ge=1)] = None
    """
    Most tags of a prompt; null takes all.
    """
    tag_separator: str = ', '
    """
    Between two tags.
    """
    fallback: str | None = None
    """
    Prompt of a clip that has neither caption nor template; with null it is a bad file.
    """
