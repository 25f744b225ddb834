"""SAME autoencoders against the reference, number for number; the softnorm bottleneck has its own tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from support.goldens import Golden, golden_ids, load_golden

from narrows.models import create_model_from_config, create_pretransform_from_config, load_checkpoint

CASES = [name for name in golden_ids("same", "same_") if not str(name).startswith(("same_patched", "same_chunked_c"))]


def build(case: Golden, folder: Path) -> Any:
    model = create_model_from_config(case.meta["config"]).eval()
    assert case.weights is not None
    save_file(case.weights, folder / "weights.safetensors")
    load_checkpoint(model, folder / "weights.safetensors")
    return model


@pytest.mark.parametrize("name", CASES)
def test_matches_the_reference(name: str, tmp_path: Path) -> None:
    case = load_golden("same", name)
    model = build(case, tmp_path)
    options, seed = case.meta["params"].get("kwargs", {}), case.meta["seed"]
    got = {}
    with torch.inference_mode():
        got["patched"] = model.pretransform.encode(case.inputs["audio"])
        torch.manual_seed(seed)
        got["encoder_out"] = model.encoder(got["patched"], **options)
        torch.manual_seed(seed)
        got["latents"] = model.encode(case.inputs["audio"], **options)
        for output, latents in (("decoded", case.inputs["decode_input"]), ("reconstruction", got["latents"])):
            torch.manual_seed(seed + 1)
            got[output] = model.decode(latents, **options)
    for key in case.outputs:
        case.assert_close(key, got[key])


@pytest.mark.parametrize("name", golden_ids("same", "same_chunked_coding"))
def test_overlapping_chunks_match_the_reference(name: str, tmp_path: Path) -> None:
    case = load_golden("same", name)
    model = build(case, tmp_path)
    chunks = {
        "chunked": True,
        "chunk_size": case.meta["params"]["chunk_size"],
        "overlap": case.meta["params"]["overlap"],
    }
    with torch.inference_mode():
        case.assert_close("latents", model.encode_audio(case.inputs["audio"], **chunks))
        case.assert_close("decoded", model.decode_audio(case.inputs["decode_input"], **chunks))


@pytest.mark.parametrize("name", golden_ids("same", "same_patched"))
def test_patches_match_the_reference(name: str) -> None:
    case = load_golden("same", name)
    pretransform = create_pretransform_from_config({"type": "patched", "config": case.meta["config"]}, 16000)
    case.assert_close("encoded", pretransform.encode(case.inputs["x"]))
    case.assert_close("decoded", pretransform.decode(case.inputs["z"]))
