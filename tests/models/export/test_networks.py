"""The networks of generative models as graphs give what the networks give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import onnxruntime
import pytest
import torch
from support import tiny_diffusion, tiny_lm

from narrows.models.export import ExportError, export_model, open_export
from narrows.models.export.check import compare
from narrows.models.export.networks import network_of


@pytest.fixture(scope="module")
def diffusion() -> Any:
    return tiny_diffusion.build(global_cond_ids=["seconds_total"], config=GLOBAL)


GLOBAL = {
    **{"io_channels": 4, "embed_dim": 32, "depth": 1, "num_heads": 1, "ff_kwargs": {"mult": 1}, "cond_token_dim": 8},
    **{"global_cond_dim": 8},
}


@pytest.fixture(scope="module")
def lm() -> Any:
    return tiny_lm.build(cross=True, prepend=True, added=True)


@pytest.mark.slow
@torch.inference_mode()
def test_a_denoiser_runs_without_this_library(diffusion: Any, tmp_path: Path) -> None:
    (part,) = export_model(diffusion, tmp_path / "out").parts
    assert part.agreement.difference < 1e-5
    assert part.path.name == "denoiser.onnx"
    session = onnxruntime.InferenceSession(part.path)
    assert [given.name for given in session.get_inputs()] == ["x", "t", "cross_attn_cond", "global_cond"]
    generator = torch.Generator().manual_seed(5)
    given = [torch.randn(3, 4, 17, generator=generator), torch.rand(3, generator=generator)]
    given += [torch.randn(3, 6, 8, generator=generator), torch.randn(3, 8, generator=generator)]
    names = [one.name for one in session.get_inputs()]
    (got,) = session.run(None, {name: x.numpy() for name, x in zip(names, given, strict=True)})
    want = diffusion.predict(*given[:2], {"cross_attn_cond": given[2], "global_cond": given[3]})
    torch.testing.assert_close(torch.from_numpy(got), want, atol=1e-5, rtol=1e-4)
    known = session.get_modelmeta().custom_metadata_map
    assert known["narrows.objective"] == "v"
    assert json.loads(known["narrows.inputs"])["global_cond"] == ["batch", 8]
    opened = open_export(tmp_path / "out")
    assert (opened.part, opened.sample_rate) == ("denoiser", diffusion.sample_rate)
    torch.testing.assert_close(opened(**dict(zip(names, given, strict=True))), want, atol=1e-5, rtol=1e-4)
    with pytest.raises(ExportError, match="The denoiser takes x, t, cross_attn_cond, global_cond, got x"):
        opened(x=given[0])
    with pytest.raises(ExportError, match=r"global_cond has the shape \('batch', 8\), got \(2, 8\)"):
        opened(**dict(zip(names, [*given[:3], given[3][:2]], strict=True)))


@pytest.mark.slow
@torch.inference_mode()
def test_a_step_runs_without_this_library(lm: Any, tmp_path: Path) -> None:
    (part,) = export_model(lm, tmp_path / "out", "torch").parts
    assert (part.path.name, part.input) == ("step.pt2", "sequence, cross, prepend, sum")
    assert part.agreement.difference < 1e-4
    program = torch.export.load(part.path).module()
    sequence = torch.randint(lm.lm.special + 1, (3, 4, 9), generator=torch.Generator().manual_seed(1))
    tensors = tiny_lm.conditions(3)
    given = lm.conditions(tensors, 3)
    want = lm.lm(sequence, given)
    got = program(sequence, given.cross, given.prepend, given.sum[:, :1])
    assert want.shape == got.shape == (3, 4, 9, lm.lm.classes)
    alone = lm.lm(sequence, type(given)(cross=given.cross, prepend=given.prepend, sum=given.sum[:, :1]))
    torch.testing.assert_close(got, alone, atol=1e-5, rtol=1e-4)
    opened = open_export(tmp_path / "out")
    again = opened(sequence=sequence, cross=given.cross, prepend=given.prepend, sum=given.sum[:, :1])
    assert torch.equal(again, got)
    with pytest.raises(ExportError, match="takes at least 2 frames"):
        opened(sequence=sequence[..., :1], cross=given.cross, prepend=given.prepend, sum=given.sum[:, :1])


def test_another_network_is_noticed(diffusion: Any) -> None:
    part, reference = network_of(diffusion)
    with torch.no_grad():
        next(reference.parameters()).add_(1.0)
    with pytest.raises(ExportError, match="is not the model"):
        compare(part, reference, part.graph)


def test_masked_language_models_have_no_step(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="masked language model has no step"):
        export_model(tiny_lm.built(tiny_lm.masked_config()), tmp_path / "out", "torch")
