"""The semantic loss with small random speech models."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from narrows.losses.semantic import ARCHITECTURES, SemanticLoss, SemanticModelError
from narrows.models.checkpoints.errors import CheckpointError

RATE = 22050


def save(kind: str, folder: Path) -> Path:
    transformers = pytest.importorskip("transformers", reason="needs narrows-losses[semantic]")
    from transformers import AutoConfig, AutoModel

    transformers.logging.set_verbosity_error()
    config = AutoConfig.for_model(
        kind, hidden_size=16, num_hidden_layers=3, num_attention_heads=2, intermediate_size=32, conv_dim=(8, 8),
        conv_stride=(5, 4), conv_kernel=(10, 8), num_feat_extract_layers=2, num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2, do_stable_layer_norm=True,
    )  # fmt: skip
    torch.manual_seed(0)
    AutoModel.from_config(config).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("feature_ids", [None, [0, 2], [-1]])
def test_distance_and_gradient(tmp_path: Path, name: str, feature_ids: list[int] | None) -> None:
    loss = SemanticLoss(RATE, save(ARCHITECTURES[name], tmp_path), name, feature_ids).train()
    y = torch.randn(2, 2, 2000, generator=torch.Generator().manual_seed(1))
    x = (y + 0.1 * torch.randn(y.shape, generator=torch.Generator().manual_seed(2))).requires_grad_()
    value = loss(x, y)
    value.backward()
    assert value > 0
    assert loss(y, y) == 0
    assert x.grad is not None
    assert x.grad.abs().sum() > 0
    assert not loss.model.training
    assert all(not p.requires_grad and p.grad is None for p in loss.parameters())


def test_errors_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = save("hubert", tmp_path / "model")
    with pytest.raises(SemanticModelError, match="holds a hubert model, but model_name is WAVLM_LARGE"):
        SemanticLoss(RATE, folder, "WAVLM_LARGE")
    with pytest.raises(SemanticModelError, match="use 0 to 2"):
        SemanticLoss(RATE, folder, feature_ids=[3])
    with pytest.raises(SemanticModelError, match="No speech model in"):
        SemanticLoss(RATE, tmp_path / "absent")


def test_weights_that_are_not_finite_are_named(tmp_path: Path) -> None:
    folder = save("hubert", tmp_path)
    state = load_file(folder / "model.safetensors")
    state["feature_projection.projection.bias"][0] = float("nan")
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match=r"HubertModel .* not finite: feature_projection\.projection\.bias"):
        SemanticLoss(RATE, folder)


def test_without_transformers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(SemanticModelError, match=r"narrows-losses\[semantic\]"):
        SemanticLoss(RATE, tmp_path)
