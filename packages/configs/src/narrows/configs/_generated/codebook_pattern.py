# Generated from schemas-json/ by `nox -s codegen`. Do not edit: change the schema and run it again.

from narrows.configs._lazy import Tagged
from typing import TYPE_CHECKING, Annotated, Any

from narrows.configs._base import ConfigModel
from pydantic import Field
from typing_extensions import TypeAliasType

if TYPE_CHECKING:
    from .codebook_patterns import coarse_first, delay, musiclm, parallel, unroll

if TYPE_CHECKING:
    CodebookPatternConfig = TypeAliasType(
        "CodebookPatternConfig",
        Annotated[
            delay.DelayPatternConfig | parallel.ParallelPatternConfig | unroll.UnrollPatternConfig | musiclm.MusicLMPatternConfig | coarse_first.CoarseFirstPatternConfig,
            Field(discriminator='type', title='CodebookPatternConfig'),
        ],
    )
else:
    CodebookPatternConfig = TypeAliasType(
        'CodebookPatternConfig',
        Annotated[Any, Tagged('type', {
            'delay': 'codebook_patterns.delay:DelayPatternConfig',
            'parallel': 'codebook_patterns.parallel:ParallelPatternConfig',
            'unroll': 'codebook_patterns.unroll:UnrollPatternConfig',
            'musiclm': 'codebook_patterns.musiclm:MusicLMPatternConfig',
            'coarse_first': 'codebook_patterns.coarse_first:CoarseFirstPatternConfig',
        })],
    )
"""
Codebook pattern with options, by `type`.
"""
