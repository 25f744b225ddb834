"""Prompts made of metadata: one of several captions, or a template filled in, with tags in random order.

Every draw comes from the generator of the sample, so that a prompt depends on the seed and the place of a clip in its
epoch only: not on the number of processes or workers, and not on where a run was stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from narrows.configs import DatasetPromptOptions
from narrows.configs.prompt_templates import OptionalPart, Part, parse_template
from narrows.data.drawing import Info, Source
from narrows.data.errors import AudioFileError

TAGS = "tags"
"""Name of the list of tags in templates."""


class Prompts:
    """Makes the prompt of a clip.

    Args:
        options: of the data set.
    """

    def __init__(self, options: DatasetPromptOptions) -> None:
        self._options = options
        self._templates = [parse_template(text) for text in options.templates]

    def __call__(self, info: Mapping[str, Any], rng: np.random.Generator) -> str:
        """The prompt of a clip.

        Args:
            info: its metadata.
            rng: of the sample.

        Raises:
            AudioFileError: it has neither a caption nor what a template needs.
        """
        options = self._options
        # Always the same draws, whatever the clip has.
        coin, choice, tags = rng.random(), rng.random(), np.random.default_rng(rng.integers(1 << 62))
        captions = [text for name in options.captions for text in _texts(info.get(name))]
        filled = list(self._filled({**info, **self._tags(info, tags)}))
        texts = captions if captions and (not filled or coin < options.caption_share) else filled
        if texts:
            return texts[int(choice * len(texts))]
        if options.fallback is not None:
            return options.fallback
        asked = ", ".join([*options.captions, *options.templates])
        raise AudioFileError(str(info.get("path", "A clip")), f"has no prompt: its metadata lack what {asked} need")

    def _tags(self, info: Mapping[str, Any], rng: np.random.Generator) -> dict[str, str]:
        """The list of tags as a text; nothing where there are none."""
        options = self._options
        found = [tag for name in options.tags for tag in _texts(info.get(name), ",")]
        if not found:
            return {}
        places = rng.permutation(len(found)) if options.shuffle_tags else np.arange(len(found))
        left = rng.random(len(found)) >= options.tag_dropout
        kept = [int(place) for place in places if left[place]] or [int(places[0])]
        return {TAGS: options.tag_separator.join(found[place] for place in kept[: options.max_tags])}

    def _filled(self, values: Mapping[str, Any]) -> Iterator[str]:
        for template in self._templates:
            text = _fill(template, values)
            if text is not None:
                yield text


class PromptedSource:
    """A data set with random access whose clips have prompts.

    Args:
        source: the data set.
        options: of its prompts.
    """

    def __init__(self, source: Source, options: DatasetPromptOptions) -> None:
        self._source, self._key, self._prompts = source, options.key, Prompts(options)

    def __len__(self) -> int:
        return len(self._source)

    def load(self, item: int, rng: np.random.Generator) -> tuple[Tensor, Info]:
        """A clip; its prompt is drawn behind everything else, so that nothing else depends on it."""
        signal, info = self._source.load(item, rng)
        return signal, {**info, self._key: self._prompts(info, rng)}


def prompted(source: Source, options: DatasetPromptOptions | None) -> Source:
    """The data set with prompts, where it has options for them."""
    return source if options is None else PromptedSource(source, options)


def _fill(parts: Sequence[Part | OptionalPart], values: Mapping[str, Any]) -> str | None:
    """A template with values in place of names; None where one is missing."""
    out = []
    for part in parts:
        if isinstance(part, OptionalPart):
            out.append(_fill(part.parts, values) or "")
        elif part.name is None:
            out.append(part.text)
        elif values.get(part.name) in (None, ""):
            return None
        else:
            try:
                out.append(format(values[part.name], part.text))
            except (TypeError, ValueError) as error:
                reason = f"its {part.name} {values[part.name]!r} cannot be written as {part.text!r}: {error}"
                raise AudioFileError(str(values.get("path", "A clip")), reason) from error
    return "".join(out)


def _texts(value: Any, separator: str | None = None) -> list[str]:
    """The texts in a value: a list, or one text, which may be parted."""
    if isinstance(value, str):
        parts = [value] if separator is None else value.split(separator)
    else:
        parts = [str(part) for part in value] if isinstance(value, list | tuple) else []
    return [part.strip() for part in parts if part.strip()]
