"""`narrows inspect` predicts the memory of a training step within a quarter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from narrows.cli.compose import compose
from narrows.models.inspection import inspect_model

CHILD = Path(__file__).with_name("memory_run.py")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PRESETS = {
    "quickstart": (None, ["sample_size=16384"]),
    "quickstart with FSQ": (None, ["model.bottleneck=fsq", "sample_size=32768"]),
    "rvq": (EXAMPLES / "rvq.yaml", ["data.path=unused"]),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_memory_of_a_step_is_predicted(name: str, tmp_path: Path) -> None:
    model = compose(*PRESETS[name])["model_config"]
    del model["training"]
    path = tmp_path / "model.json"
    path.write_text(json.dumps(model))
    done = subprocess.run([sys.executable, str(CHILD), str(path)], capture_output=True, text=True, check=True)
    predicted = inspect_model(path).training_memory
    assert predicted == pytest.approx(int(done.stdout), rel=0.25)
