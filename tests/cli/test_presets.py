"""What the presets promise of their models."""

from __future__ import annotations

import pytest
import torch

from narrows.cli.compose import CONF, compose
from narrows.models import create_model_from_config

PRESETS = sorted(
    path.stem for path in (CONF / "model").glob("*.yaml") if path.stem not in {"lm_small", "diffusion_quickstart"}
)
"""Of codecs."""


@pytest.mark.parametrize("preset", PRESETS)
def test_what_a_sample_is_made_of_lies_around_it(preset: str) -> None:
    """A preset shifts nothing: each output sample sees as far back as ahead, up to the frame that it stands in."""
    data = ["data=spectrogram", "data.audio.path=music"] if preset.startswith("spectral") else []
    document = compose(None, [f"model={preset}", *data])
    with torch.device("meta"):
        model = create_model_from_config(document["model_config"])
    field = model.encode_field().then(model.decode_field())
    assert field.stride == 1
    assert abs(field.left - field.right) < model.downsampling_ratio
