"""Model folders (`model_config.json` and `model.safetensors`), and conversion of any accepted checkpoint to one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from safetensors.torch import save_file
from torch import Tensor, nn

from narrows.configs import load_config
from narrows.configs.files import OutputError, check_folder, write_folder
from narrows.models.bridge import bridged_codec, is_bridged_folder
from narrows.models.card import own_files
from narrows.models.checkpoints import training_format
from narrows.models.checkpoints.errors import CheckpointError
from narrows.models.checkpoints.finite_scan import scanning
from narrows.models.checkpoints.load import LoadReport, load_content
from narrows.models.checkpoints.names import to_file
from narrows.models.checkpoints.reading import WEIGHTS, read_tensors
from narrows.models.checkpoints.recipes import check_recipe
from narrows.models.checkpoints.sharded import is_sharded
from narrows.models.checkpoints.sources import Weights
from narrows.models.checkpoints.wrappers import unwrap, unwrapped
from narrows.models.codec.identity import identified_by
from narrows.models.compat.eulero_config import embedded_config
from narrows.models.factory import create_model_from_config
from narrows.models.hub import local_model
from narrows.models.interchange import FORMATS, is_foreign_folder, read_foreign_folder
from narrows.models.interchange.bigcodec import is_bigcodec, read_bigcodec
from narrows.models.parts import Part, pretransform_config

CONFIG = "model_config.json"
IS_ADAPTER = "is an adapter: give its base as the model, and the file `adapter.safetensors` as --adapter (`adapters`)"
OWNED = (CONFIG, WEIGHTS)
"""Files of a model folder; all others in it are the user's and stay as they are."""


def save_model(model: nn.Module, folder: str | Path) -> Path:
    """Write a model's configuration and weights; a new folder appears whole or not at all.

    Args:
        model: a model of `create_model_from_config`, whose `config` is written with it, the notes on licence and
            training data included.
        folder: in one that exists, the two files of a model are replaced, and a model card (`README.md`) and a
            `config.json` where they are not the user's; all others stay.

    Raises:
        OutputError: the folder cannot be written.
    """
    model = identified_by(unwrap(model))
    config = getattr(model, "config", None)
    if config is None:
        raise ValueError("save_model needs a model of create_model_from_config: this one has no `config`")
    folder = Path(folder)
    described = own_files(model, folder)
    with write_folder(folder, (*OWNED, *described), last=CONFIG) as temporary:
        for name, text in described.items():
            (temporary / name).write_text(text, encoding="utf-8")
        document = config.model_dump(mode="json", by_alias=True, exclude_unset=True)
        text = json.dumps(document, indent=2, ensure_ascii=False)
        (temporary / CONFIG).write_text(text + "\n", encoding="utf-8")
        save_file(_separate(to_file(unwrapped(model.state_dict()))), temporary / WEIGHTS, metadata={"format": "pt"})
    return folder


def load_model(path: str | Path, prefer: Weights = "ema", adapters: Sequence[Any] = ()) -> Any:
    """The model of a `save_model` folder or of a training checkpoint, in eval mode.

    Args:
        path: the folder, its address on a hub (`hf://owner/name`), a folder that diffusers or transformers wrote (see
            `narrows.models.interchange`), or the file of a training checkpoint, which holds its configuration.
        prefer: `ema` or `raw`, for training checkpoints that have both.
        adapters: files of adapters to use in it, `FILE=STRENGTH`, or `narrows.models.adapters.AdapterUse`; see there.

    Raises:
        ConfigError: its configuration is wrong.
        CheckpointError: there is no model, or its weights do not fit.
        HubError: the model cannot be fetched.
        AdapterError: an adapter does not fit it, or changes nothing.
    """
    model = _load(local_model(path), prefer)
    if adapters:
        # Imported late: few models have any.
        from narrows.models.adapters import apply_adapters

        apply_adapters(model, adapters)
    return model


def _load(path: Path, prefer: Weights) -> Any:
    if path.is_file() or is_sharded(path):
        return _load_training_checkpoint(path, prefer)
    if not (path / CONFIG).is_file() and is_foreign_folder(path):
        document, state = read_foreign_folder(path)
        return _build(document, dict(state), str(path))[0]
    if not (path / CONFIG).is_file() and is_bridged_folder(path):
        return bridged_codec(path)
    if not (path / CONFIG).is_file():
        if (path / training_format.ADAPTER_FILE).is_file():
            raise CheckpointError(f"{path / training_format.ADAPTER_FILE} {IS_ADAPTER}")
        kinds = ", ".join(form.kind for form in FORMATS)
        raise CheckpointError(
            f"{path} is no model: a folder with {CONFIG} and {WEIGHTS}, a training checkpoint, or a folder that "
            f"diffusers or transformers wrote (StableAudioPipeline, {kinds})"
        )
    config, weights = load_config(path / CONFIG, "model"), path / WEIGHTS
    return _build(config, read_tensors(weights), str(weights), beside=weights)[0]


def _build(
    document: Any, content: dict[str, Any], path: str, prefer: Weights = "ema", beside: Path | None = None
) -> tuple[Any, LoadReport]:
    """The model of a document with the weights of a content, whose numbers are looked at while it is built.

    Args:
        document: as `create_model_from_config` takes.
        content: of the file or folder `path`.
        path: for messages.
        prefer: `ema` or `raw`, for files that have both.
        beside: the weights whose folder may hold a recipe (`config.json`) to compare with; None for a folder that the
            document was made of.
    """
    with scanning(content) as scan:
        model = create_model_from_config(document)
        if beside is not None:
            check_recipe(model, beside)
        report = load_content(model, content, path, prefer, scan)
    return model.eval(), report


def config_of(content: dict[str, Any]) -> dict[str, Any] | None:
    """The model file inside a training checkpoint, of this library or of EulerAudioBackbone; None in other files."""
    text = content.get(training_format.CONFIG)
    if "inference_config" in content:
        return embedded_config(content)
    if content.get("format") != training_format.FORMAT or not isinstance(text, str):
        return None
    document: dict[str, Any] = json.loads(text)
    return document


def convert(
    checkpoint: str | Path,
    config: Mapping[str, Any] | str | Path | BaseModel | None,
    folder: str | Path,
    *,
    part: Part | None = None,
    prefer: Weights = "ema",
    license: str | None = None,
    training_data: str | None = None,
) -> LoadReport:
    """Write a model folder of a checkpoint.

    Args:
        checkpoint: any file or folder that `load_checkpoint` accepts.
        config: the model file; None for model folders and folders of other libraries, which have one, and training
            checkpoints of this library, which hold theirs.
        folder: written only after everything fits; in one that exists, the two files of a model are replaced and
            all others stay.
        part: `pretransform` takes the autoencoder inside a generative model; None takes the whole.
        prefer: `ema` or `raw`, for files that have both.
        license: note on the licence of the weights, kept in the folder; None keeps that of the configuration.
        training_data: note on the training data, likewise.

    Raises:
        ConfigError: the configuration is wrong.
        CheckpointError: the weights do not fit it, or there is no configuration.
        PartError: the model has no such part.
        OutputError: the folder cannot be written, or a file that is read here would be replaced.
    """
    _check_output(Path(folder), [checkpoint, config])
    path = local_model(checkpoint)
    document, content = _of_checkpoint(path) if config is None else (config, read_tensors(path))
    if document is None:
        raise CheckpointError(f"{checkpoint} holds no configuration; give the model file it belongs to")
    typed = load_config(document, "model")
    typed = typed if part is None else pretransform_config(typed)
    notes = {"license": license, "training_data": training_data}
    typed = typed.model_copy(update={key: note for key, note in notes.items() if note is not None})
    model, report = _build(typed, content, str(checkpoint), prefer)
    save_model(model, folder)
    return report


def _of_checkpoint(path: Path) -> tuple[Any, dict[str, Any]]:
    """The model file and the content of a checkpoint that describes itself; None and the content of others."""
    if (path / CONFIG).is_file():
        return path / CONFIG, read_tensors(path)
    if is_foreign_folder(path):
        document, tensors = read_foreign_folder(path)
        return document, dict(tensors)
    return _described(read_tensors(path))


def _described(content: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The model file that the content of a checkpoint holds, or that follows from it, and its tensors; None without."""
    return read_bigcodec(content) if is_bigcodec(content) else (config_of(content), content)


def _check_output(folder: Path, sources: Sequence[Any]) -> None:
    """Refuse a folder that cannot be written, or in which a source would be replaced by what is made of it."""
    check_folder(folder, OWNED)
    for source in sources:
        is_path = isinstance(source, Path) or (isinstance(source, str) and "\n" not in source and "{" not in source)
        if not is_path or not Path(source).exists():
            continue
        for target in (folder / name for name in OWNED):
            if target.exists() and target.samefile(source):
                raise OutputError(f"{target} is read here and would be replaced: choose another folder than {folder}")


def _load_training_checkpoint(path: Path, prefer: Weights) -> Any:
    config, content = _described(read_tensors(path))
    if config is None:
        raise CheckpointError(
            f"{path} holds weights but no configuration. Write a model folder of it first: "
            f"narrows convert {path} --config CONFIG -o FOLDER"
        )
    state = content.get(training_format.STATE_DICT) or {}
    if any(name.startswith(f"{training_format.ADAPTER}.") for name in state):
        raise CheckpointError(f"{path} {IS_ADAPTER}")
    return _build(config, content, str(path), prefer)[0]


def _separate(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors on the CPU of which no two share memory, as a codebook does that serves all stages."""
    seen: set[int] = set()
    separate = {}
    for name, value in state.items():
        tensor = value.detach().cpu().contiguous()
        if tensor.untyped_storage().data_ptr() in seen:
            tensor = tensor.clone()
        seen.add(tensor.untyped_storage().data_ptr())
        separate[name] = tensor
    return separate
