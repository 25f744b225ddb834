"""Reading and writing the folders of other libraries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from narrows.configs.files import write_folder
from narrows.models.checkpoints.load import load_content
from narrows.models.checkpoints.wrappers import unwrap
from narrows.models.factory import create_model_from_config
from narrows.models.interchange import (
    bigcodec,
    dac,
    encodec,
    longcat,
    mimi,
    oobleck,
    same,
    snac,
    stable_audio_pipeline,
    wavtokenizer,
)
from narrows.models.interchange.base import FolderFormat, InterchangeError, Library

FORMATS: tuple[FolderFormat, ...] = (
    *(oobleck.FORMAT, longcat.FORMAT, same.FORMAT, dac.FORMAT, encodec.FORMAT, mimi.FORMAT, snac.FORMAT),
    *(wavtokenizer.FORMAT, bigcodec.FORMAT),
)


def is_foreign_folder(folder: Path) -> bool:
    """Whether another library wrote a folder, of a class that is known here."""
    return folder.is_dir() and (stable_audio_pipeline.is_pipeline(folder) or _format_of(folder) is not None)


def read_foreign_folder(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The model file and the weights of a folder.

    Args:
        folder: one of `is_foreign_folder`.

    Raises:
        CheckpointError: a part is missing, or is of a kind that our modules are not.
    """
    form = _format_of(folder)
    if form is None:
        return stable_audio_pipeline.read_pipeline(folder)
    tensors, config = form.content(folder), form.settings(folder)
    return form.document(config, tensors), dict(form.state(config, tensors))


def export_folder(model: Any, folder: str | Path, library: Library) -> FolderFormat:
    """Write a model as a folder that another library reads.

    The folder is read back strictly before it appears: every tensor of the model is in it.

    Args:
        model: an autoencoder of `create_model_from_config`.
        folder: a new one appears whole or not at all; in one that exists, the files of a model are replaced.
        library: `diffusers`, `transformers`, `snac`, `wavtokenizer` or `bigcodec`.

    Returns:
        The class that the folder is of.

    Raises:
        InterchangeError: the library has no class for this model; it says what would have to be different.
        OutputError: the folder cannot be written.
    """
    model = unwrap(model)
    form, config = _fitting(model.config, library)
    files = {form.config_file: config, **{name: make(config) for name, make in form.more.items()}}
    with write_folder(Path(folder), (*files, form.weights), last=form.config_file) as temporary:
        for name, content in files.items():
            (temporary / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in form.tensors(model, config).items()}
        if form.weights.endswith(".safetensors"):
            save_file(tensors, temporary / form.weights, metadata={"format": "pt"})
        else:
            torch.save(form.packed(tensors), temporary / form.weights)
        document, state = read_foreign_folder(temporary)
        load_content(create_model_from_config(document), dict(state), str(folder))
    return form


def _fitting(config: Any, library: Library) -> tuple[FolderFormat, dict[str, Any]]:
    """The class of a library for a model, and its configuration."""
    reasons = []
    for form in (form for form in FORMATS if form.library == library):
        try:
            return form, form.config(config)
        except InterchangeError as error:
            reasons.append(str(error))
    raise InterchangeError("\n".join([f"{library} has no class for this model.", *reasons]))


def _format_of(folder: Path) -> FolderFormat | None:
    # Most formats read the same file.
    known = {settings: settings(folder) for settings in {form.settings for form in FORMATS}}
    return next((form for form in FORMATS if form.wrote(known[form.settings])), None)
