"""What the examples find: small models with random weights, short sounds, and the names that a page takes as given."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, final

import numpy as np
import soundfile
import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from support import adapters, tiny_diffusion, tiny_lm  # noqa: E402
from support.tiny_models import shaken  # noqa: E402

from narrows.models import create_model_from_config, load_model, save_model  # noqa: E402
from narrows.models.adapters import write_adapter  # noqa: E402

RATE = 44100
SIDES = {"channels": 4, "c_mults": [1, 2], "strides": [4, 8]}
CODEC: dict[str, Any] = {
    "model_type": "autoencoder",
    "sample_rate": RATE,
    "sample_size": 4096,
    "audio_channels": 2,
    "model": {
        "encoder": {"type": "oobleck", "config": {**SIDES, "in_channels": 2, "latent_dim": 8}},
        "decoder": {"type": "oobleck", "config": {**SIDES, "out_channels": 2, "latent_dim": 8}},
        "bottleneck": {"type": "rvq", "config": {"dim": 8, "num_quantizers": 4, "codebook_size": 16}},
        "latent_dim": 8,
        "downsampling_ratio": 32,
        "io_channels": 2,
    },
}
SOUNDS = {
    **dict.fromkeys((f"music/{name}.wav" for name in "abcdefgh"), 0.5),
    **dict.fromkeys(("audio/a.wav", "held_out/a.wav", "a.wav", "drum.wav", "song.flac"), 0.7),
    "song.wav": 9.0,
}
"""Files of noise, and their seconds."""
PROMPTS = ["rain on a roof", "rain", "a dog barks", "drum fill", "128 BPM tech house", "low quality"]
LOSSES = {
    "spectral": {"config": {"fft_sizes": [64], "hop_sizes": [16], "win_lengths": [64]}, "weights": {"mrstft": 1.0}}
}
EXPERIMENT: dict[str, Any] = {
    "experiment": "train",
    "name": "my_run",
    "model_config": CODEC | {"training": {"learning_rate": 1e-3, "loss_configs": LOSSES}},
    "dataset_config": {"dataset_type": "audio_dir", "path": "music"},
    **{"steps": 2, "batch_size": 2, "num_workers": 0, "val_every": 2, "checkpoint_every": 2},
}


def build(document: dict[str, Any]) -> Any:
    """A model, the same at every call."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return create_model_from_config(document)


def lm_document() -> dict[str, Any]:
    """A language model with the condition that its page names."""
    document: dict[str, Any] = tiny_lm.config(cross=True)
    genre = [{"id": "genre", "type": "list", "config": {"options": ["jazz", "rock"]}}]
    document["model"]["conditioning"]["configs"] = genre
    document["model"]["lm"]["cross_attention_cond_ids"] = ["genre"]
    return document


def diffusion_document(inpaint: bool) -> dict[str, Any]:
    """A latent diffusion that knows the prompts of the pages."""
    document: dict[str, Any] = tiny_diffusion.document(inpaint=inpaint, size=4000) | {"sample_rate": 100}
    prompt = {"id": "prompt", "type": "list", "config": {"options": PROMPTS}}
    seconds = {"id": "seconds_total", "type": "number", "config": {"min_val": 0, "max_val": 512}}
    document["model"]["conditioning"] = {"cond_dim": 8, "configs": [prompt, seconds]}
    document["model"]["diffusion"]["cross_attention_cond_ids"] = ["prompt", "seconds_total"]
    return document


def adapters_of(model: Any, folder: Path) -> None:
    """Two adapters of a diffusion model."""
    for seed, name in enumerate(("style", "detail")):
        layers = adapters.trained(adapters.new_adapters(model.model), seed)
        write_adapter(folder / f"{name}.safetensors", adapters.content(model.model, layers))


def library_folders(folder: Path) -> None:
    """Folders that diffusers and transformers write, of small models with random weights."""
    import diffusers
    import transformers

    # Neither library is typed.
    theirs: Any = transformers
    oobleck: Any = diffusers.AutoencoderOobleck
    dac = theirs.DacConfig(
        encoder_hidden_size=4, decoder_hidden_size=32, n_codebooks=3, codebook_size=16, codebook_dim=4,
        downsampling_ratios=[2, 4, 8, 8], sampling_rate=RATE,
    )  # fmt: skip
    encodec = theirs.EncodecConfig(
        num_filters=4, hidden_size=8, codebook_size=16, upsampling_ratios=[8, 5, 4, 2], target_bandwidths=[0.3, 0.9],
        sampling_rate=24000,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        theirs.DacModel(dac).eval().save_pretrained(folder / "dac_44khz")
        theirs.EncodecModel(encodec).eval().save_pretrained(folder / "encodec_24khz")
        oobleck(
            encoder_hidden_size=8, channel_multiples=[1, 2], decoder_channels=4, decoder_input_channels=4,
            downsampling_ratios=[2, 4], audio_channels=2, sampling_rate=RATE,
        ).save_pretrained(folder / "oobleck")  # fmt: skip


def prepare(folder: Path) -> None:
    """Fill the folder that every page gets a copy of."""
    noise = np.random.default_rng(0)
    for name, seconds in SOUNDS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, noise.normal(0, 0.1, (int(seconds * RATE), 2)), RATE)
    for name in ("voice.wav", "audio/a.wav"):
        soundfile.write(folder / name, noise.normal(0, 0.1, RATE), RATE)
    (folder / "my.yaml").write_text(json.dumps(EXPERIMENT))
    (folder / "prompts.csv").write_text("prompt\nrain\na dog barks\n")
    for name in (".zfunc", ".local/share/bash-completion/completions"):
        (folder / name).mkdir(parents=True)
    for name in ("codec", "runs/quickstart/model", "mine/model", "theirs/model"):
        save_model(build(CODEC), folder / name)
    for name, inpaint in (("diffusion", False), ("inpainting", True)):
        save_model(shaken(build(diffusion_document(inpaint))), folder / name)
    adapters_of(load_model(folder / "diffusion"), folder)
    save_model(shaken(build(lm_document())), folder / "my_lm")
    library_folders(folder)
    shutil.copytree(folder / "dac_44khz", folder / "somebodys_dac")
    shutil.copytree(folder / "diffusion", folder / "stable-audio-open-1.0")


def generator(folder: Path) -> None:
    """`my_model` generates; its files stand beside as other programs leave them."""
    (folder / ("inpainting" if folder.name == "generation" else "diffusion")).rename(folder / "my_model")
    (folder / "model_config.json").write_bytes((folder / "my_model/model_config.json").read_bytes())
    (folder / "model.safetensors").write_bytes((folder / "my_model/model.safetensors").read_bytes())


def codec(folder: Path) -> None:
    """`my_model` is a codec."""
    (folder / "codec").rename(folder / "my_model")
    (folder / "model_config.json").write_bytes((folder / "my_model/model_config.json").read_bytes())
    weights = load_model(folder / "my_model").state_dict()
    for name in ("weights.ckpt", "model.ckpt"):
        torch.save({"state_dict": weights}, folder / name)
    (folder / "diffusion").rename(folder / "MODEL")


GENERATORS = {"adapters.md", "generation.md", "diffusion.md", "coming-from.md"}


def models_of(page: str) -> Callable[[Path], None]:
    """What `my_model` is on a page."""
    return generator if page in GENERATORS else codec


def names(page: str) -> dict[str, Any]:
    """What the Python of a page takes as given; its working folder is the page's."""
    noise = torch.Generator().manual_seed(0)
    given: dict[str, Any] = {"torch": torch, "Path": Path, "json": json, "__name__": f"example_of_{Path(page).stem}"}
    given["audio"] = 0.1 * torch.randn(1, 2, 64 * 128, generator=noise)
    given["load_model"] = load_model
    if page == "diffusion.md":
        given |= {"predict": lambda x, t, *_: 0 * x, "encoded": torch.zeros(2, 64, 256)}
    elif page == "encoders-and-decoders.md":
        given["clips"] = [given["audio"][0], given["audio"][0]]
    elif page == "speed.md":
        given["folder"] = "my_model"
    elif page == "long-audio.md":
        given |= {
            "microphone": given["audio"].split(1000, -1),
            "play": len,
            "batch": torch.zeros(2, 2, 44100),
        }
    elif page == "training.md":
        from narrows.training import Trainer, build_trainer

        given |= {"final": final, "Trainer": Trainer, "build_trainer": build_trainer}
        given["MyModelConfig"] = type("MyModelConfig", (), {})
    elif page == "language-models.md":
        given["prompts"] = [{"genre": "jazz"}, {"genre": "rock"}]
        given["tensors"] = load_model("my_lm").conditioner(given["prompts"], "cpu")
    if page == "coming-from.md":
        given |= {"audio": given["audio"][:, :1, :7680], "stereo": given["audio"]}
    elif page not in GENERATORS:
        given["model"] = load_model("my_model")
    return given
