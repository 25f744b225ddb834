"""Recorded calls of the conditioners of stable-audio-tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from support.goldens import golden_ids, load_golden
from support.shared_folder import GOLDENS

from narrows.models import create_multi_conditioner_from_conditioning_config, load_checkpoint


def resolved(value: Any, tensors: dict[str, torch.Tensor]) -> Any:
    """The recorded metadata, with tensors in the place of their names."""
    if isinstance(value, str) and value.startswith("@"):
        return tensors[value[1:]]
    if isinstance(value, dict):
        return {key: resolved(inner, tensors) for key, inner in value.items()}
    return [resolved(inner, tensors) for inner in value] if isinstance(value, list) else value


@pytest.mark.filterwarnings("ignore::narrows.models.conditioners.texts.TextCutWarning")
@pytest.mark.parametrize("name", golden_ids("conditioner"))
def test_conditioner(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    golden = load_golden("conditioner", name)
    monkeypatch.chdir(GOLDENS / "conditioner" / name)
    module = create_multi_conditioner_from_conditioning_config(golden.meta["config"])
    assert golden.weights is not None
    save_file(golden.weights, tmp_path / "w.safetensors")
    load_checkpoint(module, tmp_path / "w.safetensors")
    got = module.eval()(resolved(golden.meta["json_inputs"]["batch_metadata"], golden.inputs), "cpu")
    for output in golden.outputs:
        key, _, part = output.partition(".")
        if part != "input_ids":
            tensor = got[key][0 if part == "embeds" else 1]
            assert tensor is not None
            golden.assert_close(output, tensor)
    for output in golden.meta.get("none_outputs", []):
        assert got[output.partition(".")[0]].mask is None
