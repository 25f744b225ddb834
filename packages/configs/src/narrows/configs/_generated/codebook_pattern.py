# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from __future__ import annotations

from typing import Annotated

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

from .codebook_patterns import coarse_first, delay, musiclm, parallel, unroll

CodebookPatternConfig = TypeAliasType(
    "CodebookPatternConfig",
    Annotated[
        delay.DelayPatternConfig | parallel.ParallelPatternConfig | unroll.UnrollPatternConfig | musiclm.MusicLMPatternConfig | coarse_first.CoarseFirstPatternConfig,
        Field(discriminator='type', title='CodebookPatternConfig'),
    ],
)
"""
Codebook pattern with options, by `type`.
"""
