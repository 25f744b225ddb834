"""What holds for every conditioner: one place, so that a new type is covered."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from support import tiny_encoders
from torch import nn

from narrows.configs._base import ConfigModel
from narrows.configs._families import FAMILIES
from narrows.configs.rules.conditioning import RESERVED_IDS
from narrows.models import create_multi_conditioner_from_conditioning_config, load_checkpoint
from narrows.models._options import only_for_old_files
from narrows.models.checkpoints.names import to_file
from narrows.models.conditioners import Conditioner, build_conditioner

MEMBERS = FAMILIES["conditioner"].members
PQMF = {"type": "pqmf", "config": {"channels": 2, "num_bands": 2}}
AUDIO = {"sample_rate": 16000, "pretransform_config": PQMF}
BUILT_ELSEWHERE = {"sample_rate", "use_model_pretransform", "pretransform_config", "pretransform_ckpt_path"}
"""Options of the pretransform inside, which a conditioner is given built."""


def section(kind: str, folder: Path, **more: Any) -> dict[str, Any]:
    """A section with one small conditioner of a type, whose files are made in a folder."""
    required: dict[str, dict[str, Any]] = {
        "list": {"options": ["rock", "jazz"]},
        "pretransform": AUDIO,
        "source_mix": {**AUDIO, "source_keys": ["drums"]},
    }
    config = required.get(kind, {})
    makers: dict[str, Any] = {"t5": tiny_encoders.t5, "t5gemma": tiny_encoders.t5gemma}
    makers |= {"text_encoder": tiny_encoders.bert, "lut": tiny_encoders.tokenizer}
    makers |= {"clap_text": tiny_encoders.clap, "clap_audio": tiny_encoders.clap}
    if kind in makers:
        makers[kind](folder / "encoder")
        key = {"lut": "tokenizer_name", "clap_text": "clap_ckpt_path", "clap_audio": "clap_ckpt_path"}
        config = {key.get(kind, "model_path"): str(folder / "encoder")}
    return {"cond_dim": 6, "configs": [{"id": "x", "type": kind, "config": config | more}]}


def value(kind: str) -> Any:
    if kind in ("pretransform", "clap_audio"):
        return torch.randn(2, 64, generator=torch.Generator().manual_seed(1))
    examples: dict[str, Any] = {"int": 3, "number": 0.5, "list": "jazz", "source_mix": {"drums": value("pretransform")}}
    return examples.get(kind, "a slow drum loop")


def built_from(kind: str) -> type:
    module = import_module(f"narrows.models.conditioners.{kind}")
    annotation = inspect.get_annotations(build_conditioner.registry[MEMBERS[kind]])["return"]
    found: type = getattr(module, annotation)
    return found


@pytest.mark.parametrize("kind", sorted(MEMBERS))
def test_constructor_agrees_with_the_schema(kind: str) -> None:
    import_module(f"narrows.models.conditioners.{kind}")
    options = MEMBERS[kind].model_fields["config"].annotation
    assert inspect.isclass(options)
    assert issubclass(options, ConfigModel)
    wanted = {key: f for key, f in options.model_fields.items() if not only_for_old_files(f)}
    given = dict(inspect.signature(built_from(kind)).parameters)
    inside = BUILT_ELSEWHERE if kind in ("pretransform", "source_mix") else set()
    assert set(wanted) - inside == set(given) - {"pretransform", "shared"} | {"output_dim"}
    for key in set(wanted) - inside - {"output_dim"}:
        default = wanted[key].get_default(call_default_factory=True)
        required = wanted[key].is_required()
        assert (given[key].default is inspect.Parameter.empty) == required
        assert required or default == (list(d) if isinstance(d := given[key].default, tuple) else d), key


@pytest.mark.parametrize("kind", sorted(MEMBERS))
def test_gives_what_it_says(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Width and shape, and the same from a checkpoint in another module and after a release."""
    if kind == "phoneme":
        monkeypatch.setattr("narrows.models.conditioners.phoneme.phonemes", lambda text: text.upper().split())
    document = section(kind, tmp_path)
    first, second = (create_multi_conditioner_from_conditioning_config(document).eval() for _ in range(2))
    item = {"x": value(kind)}
    got = first([item, item], "cpu")["x"]
    frames = kind in ("pretransform", "source_mix")
    assert got.mask is not None
    assert got.embeddings.shape[1 if frames else 2] == first.output_dims["x"] == 6
    assert got.mask.shape == (2, got.embeddings.shape[2 if frames else 1])
    torch.testing.assert_close(got.embeddings[0], got.embeddings[1])
    torch.save(to_file(first.state_dict()), tmp_path / "w.pt")
    if first.state_dict():
        load_checkpoint(second, tmp_path / "w.pt")
    second.release()
    torch.testing.assert_close(second([item], "cpu")["x"].embeddings[0], got.embeddings[0], atol=1e-6, rtol=1e-5)
    assert isinstance(first.conditioners["x"], Conditioner)
    assert first.conditioners["x"].problem(item["x"]) is None
    assert first.conditioners["x"].problem(object()) is not None


@pytest.mark.parametrize("kind", sorted(set(MEMBERS) - {"lut"}))
def test_builds_without_its_encoder_on_the_meta_device(kind: str) -> None:
    """Nothing is read: the folders that are named do not exist."""
    more: dict[str, Any] = {}
    if kind.startswith("clap"):
        more = {"clap_ckpt_path": "/nowhere/clap.pt"}
    if kind == "text_encoder":
        more = {"model_path": "/nowhere/encoder", "width": 32}
    base: dict[str, Any] = {"list": {"options": ["rock"]}, "pretransform": AUDIO, "source_mix": AUDIO}.get(kind, {})
    with torch.device("meta"):
        module = create_multi_conditioner_from_conditioning_config(
            {"cond_dim": 6, "configs": [{"id": "x", "type": kind, "config": base | more}]}
        )
    assert all(parameter.is_meta for parameter in module.conditioners["x"].proj_out.parameters())
    assert module.output_dims == {"x": 6}


def test_reserved_ids_are_those_of_the_container() -> None:
    assert {name for name in dir(nn.ModuleDict()) if not name.startswith("_")} | {"smart_apply"} == RESERVED_IDS
