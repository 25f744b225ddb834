"""Golden cases: recorded calls of the reference implementations (see ../shared/goldens/README.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from support.shared_folder import GOLDENS
from torch import Tensor


@dataclass
class Golden:
    """One case: what was configured, called and returned."""

    meta: dict[str, Any]
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]
    weights: dict[str, Tensor] | None

    def assert_close(self, name: str, got: Tensor) -> None:
        """Compare an output: shape, then values at the case's tolerance; integers exactly."""
        want = self.outputs[name]
        assert got.shape == want.shape, f"{name}: {tuple(got.shape)} instead of {tuple(want.shape)}"
        if not (want.is_floating_point() or want.is_complex()):
            assert torch.equal(got.to(want.dtype), want), name
            return
        tolerance = self.meta.get("tolerances", {}).get(name, self.meta)
        torch.testing.assert_close(
            got.detach().to(want.dtype),
            want,
            atol=tolerance["atol"],
            rtol=tolerance["rtol"],
            equal_nan=True,
            msg=lambda text: f"{name}: {text}",
        )


def golden_ids(kind: str, prefix: str = "") -> list[Any]:
    """Test parameters for every case of a kind; one skipped parameter where the goldens are absent."""
    if not GOLDENS.is_dir():
        return [pytest.param("absent", marks=pytest.mark.skip("needs ../shared/goldens, which is not there"))]
    return sorted(p.name for p in (GOLDENS / kind).iterdir() if p.name.startswith(prefix))


def load_golden(kind: str, name: str) -> Golden:
    """Read a case."""
    folder = GOLDENS / kind / name
    meta = json.loads((folder / "case.json").read_text())
    io = load_file(folder / "io.safetensors") if meta["inputs"] or meta["outputs"] else {}
    for key in meta.get("complex_tensors", []):
        io[key] = torch.view_as_complex(io[key])
    weights = None
    if (folder / "weights.safetensors").exists():
        weights = load_file(folder / "weights.safetensors")
        for key in meta.get("complex_weights", []):
            weights[key] = torch.view_as_complex(weights[key])
    elif "weights_recipe" in meta:
        weights = _recipe(meta["weights_recipe"]["tensors"])
    return Golden(meta, {k: io[k] for k in meta["inputs"]}, {k: io[k] for k in meta["outputs"]}, weights)


def _recipe(tensors: dict[str, Any]) -> dict[str, Tensor]:
    """Weights given by formula (mix32-v1)."""
    out, mask = {}, np.uint64(0xFFFFFFFF)
    for name, spec in tensors.items():
        count = int(np.prod(spec["shape"])) if spec["shape"] else 1
        x = (np.arange(count, dtype=np.uint64) + np.uint64((spec["key"] * 0x9E3779B9) & 0xFFFFFFFF)) & mask
        x ^= x >> np.uint64(16)
        x = (x * np.uint64(0x85EBCA6B)) & mask
        x ^= x >> np.uint64(13)
        x = (x * np.uint64(0xC2B2AE35)) & mask
        x ^= x >> np.uint64(16)
        values = spec["offset"] + spec["scale"] * (x.astype(np.float64) / 2147483648.0 - 1.0)
        out[name] = torch.from_numpy(values.astype(np.float32).reshape(spec["shape"]))
    return out
