"""What pre-encoding writes is what the data set of latents reads, in either layout and for tokens too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from narrows.data import create_dataloader_from_config
from narrows.models import create_model_from_config, load_model, save_model
from narrows.pipelines.pre_encode import pre_encode

RATE, RATIO, LATENTS = 8000, 8, 6
SHAPE = {"channels": 4, "c_mults": [1, 2], "strides": [2, 4], "latent_dim": LATENTS}
MODEL = {
    "model_type": "autoencoder",
    "sample_rate": RATE,
    "model": {
        "encoder": {"type": "oobleck", "config": {"in_channels": 1, **SHAPE}},
        "decoder": {"type": "oobleck", "config": {"out_channels": 1, **SHAPE}},
        "bottleneck": {"type": "fsq", "config": {"levels": [5, 5, 5], "num_codebooks": 2}},
        "latent_dim": LATENTS,
        "downsampling_ratio": RATIO,
        "io_channels": 1,
    },
}


@pytest.mark.parametrize("layout", ["shards", "sat"])
@pytest.mark.parametrize("content", ["latents", "tokens"])
def test_latents_come_back_with_their_places(layout: str, content: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = save_model(create_model_from_config(MODEL), tmp_path / "model")
    music = tmp_path / "music"
    music.mkdir()
    for number in range(3):
        noise = np.random.default_rng(number).normal(0, 0.1, 4000)
        soundfile.write(music / f"{number}.wav", noise, RATE, subtype="FLOAT")
    options = {"experiment": "pre_encode", "ckpt_path": str(model), "output_path": str(tmp_path / "out")}
    source = {"dataset_type": "audio_dir", "path": str(music)}
    written = pre_encode(
        options
        | {"dataset_config": source, "layout": layout, "content": content, "num_workers": 1, "accelerator": "cpu"}
    )
    assert written.complete

    dataset = {
        "dataset_type": "pre_encoded",
        "path": str(tmp_path / "out"),
        "latent_crop_length": 100,
        "drop_last": False,
    }
    loader = create_dataloader_from_config(dataset, 1, 100, RATE, LATENTS, num_workers=0, shuffle=False)
    whole = load_model(model)
    read = list(loader)
    assert len(read) == 3
    for latents, (metadata, *_) in read:
        audio = torch.from_numpy(soundfile.read(metadata["path"], dtype="float32")[0])[None, None]
        with torch.inference_mode():
            expected, info = whole.encode_audio(audio, return_info=True)
        if content == "tokens":
            expected = whole.bottleneck.tokens(info)
        torch.testing.assert_close(latents, expected[..., :100].to(latents.dtype), atol=1e-5, rtol=1e-4)
        assert metadata["seconds_start"] == 0
