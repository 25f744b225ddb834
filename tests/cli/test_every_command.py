"""Every command on every type of model works, or ends in one clear error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile
from support.command_matrix import (
    COMMANDS,
    GENERATIVE,
    MODELS,
    RATE,
    REFUSED,
    SECONDS,
    Place,
    encode,
    inspect,
    prepare,
    run,
)

from narrows.models import load_model
from narrows.models.codec import read_codec_file


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Place]:
    return {name: prepare(tmp_path_factory.mktemp("model"), name) for name in MODELS}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("command", COMMANDS)
def test_it_works_or_says_why(command: str, name: str, places: dict[str, Place]) -> None:
    if command == "train" and name in GENERATIVE:
        pytest.skip("needs a data set that tells the conditions")
    outcome = run(COMMANDS[command](places[name]))
    reason = REFUSED.get((command, name))
    if reason is None:
        assert outcome.code == 0, outcome.error
    else:
        assert outcome.code == 1
        assert reason in outcome.error
        assert len(outcome.error.strip().splitlines()) == 1


def test_a_hyperencoder_encodes_through_its_outer_model(places: dict[str, Place]) -> None:
    place = places["hyperencoder with outer"]
    codes = place.folder / "codes" / "a.narrows"
    if not codes.exists():
        assert run(encode(place)).code == 0
    file = read_codec_file(codes)
    samples = int(RATE * SECONDS)
    assert (file.header.ratio, file.header.channels, file.header.samples) == (8, 1, samples)
    assert file.data.shape == (samples // 8, 3)
    model = load_model(place.model)
    audio = soundfile.read(place.music / "a.wav", dtype="float32", always_2d=True)[0].T
    import torch

    with torch.inference_mode():
        latents = model.encode_audio(torch.from_numpy(audio.copy())[None])
    torch.testing.assert_close(file.data.T, latents[0], atol=1e-5, rtol=1e-5)


def test_inspect_counts_the_outer_model_in(places: dict[str, Place]) -> None:
    facts = json.loads(run(inspect(places["hyperencoder with outer"])).out)
    assert facts["downsampling_ratio"] == 8
    assert facts["latent_rate"] == RATE / 8
    assert facts["compression"] == pytest.approx(8 / 3)
    assert {"outer.encoder.layers.0", "encoder.layers.0"} <= {layer["name"] for layer in facts["layers"]}
    assert facts["parameters"]["outer"] > 0


def test_decoding_by_diffusion_is_seeded(places: dict[str, Place]) -> None:
    place: Path = places["diffusion_autoencoder"].folder
    model, codes = str(places["diffusion_autoencoder"].model), str(place / "codes")
    if not (place / "codes").exists():
        assert run(encode(places["diffusion_autoencoder"])).code == 0
    made = []
    for number, seed in enumerate((1, 1, 2)):
        out = place / f"seeded{number}"
        assert run(["decode", model, codes, "-o", str(out), "--seed", str(seed), "--device", "cpu"]).code == 0
        made.append(soundfile.read(out / "a.wav")[0])
    assert (made[0] == made[1]).all()
    assert (made[0] != made[2]).any()
