"""Does a language model learn the tokens of a small codec? Train both, and print the tables of cross-entropy and of
what a classifier hears in generated sounds.

    python benchmarks/learn_tokens.py [FOLDER] [--codec-seconds 600] [--lm-seconds 200] [--patterns delay parallel]

Classes are 8 synthetic instruments (notes and arpeggios) and, with FOLDER, the kinds of recordings in its sub-folders,
split by file. The codec is that of examples/codec.yaml, the language model has 3 million parameters and its class as
one prepended condition. Worth keeping, after 200 seconds of one core: a mean cross-entropy at least 0.5 nats below that
of the frame bigram, and a class accuracy at guidance 3 of at least 3 times chance. The codec decides the second: a
classifier that knows 0.84 of the original sounds knows 0.1 of what a codec of 100 steps makes of them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import soundfile
import torch
from listener import Listener, listener
from numpy.typing import NDArray
from torch import Tensor

from narrows.audio.files import read_audio
from narrows.cli.compose import compose
from narrows.data import create_dataloader_from_config
from narrows.models import load_model
from narrows.pipelines.metrics.codebooks import CodeCounts
from narrows.pipelines.metrics.ngrams import KINDS, NGrams
from narrows.pipelines.pre_encode import pre_encode
from narrows.training import train

RATE, SECONDS = 16000, 1.5
SAMPLES = int(RATE * SECONDS)
EXAMPLES = Path(__file__).parents[1] / "examples"
Audio = NDArray[np.float64]
PATTERNS: dict[str, dict[str, Any]] = {
    "parallel": {"codebook_pattern": "parallel"},
    "delay": {"codebook_pattern": "delay"},
    "depth": {"codebook_pattern": "parallel", "depth": {"dim": 128, "depth": 2}},
}


def partials(weights: list[float], decay: float, stretch: float = 0.0) -> Callable[[float, Audio], Audio]:
    """A tone of partials that decay, the higher the faster."""

    def tone(pitch: float, time: Audio) -> Audio:
        sound = np.zeros_like(time)
        for number, weight in enumerate(weights, 1):
            frequency = pitch * number * (1 + stretch * number**2)
            if frequency < RATE / 2:
                sound += weight * np.sin(2 * np.pi * frequency * time) * np.exp(-decay * number**0.7 * time)
        return sound

    return tone


def plucked(pitch: float, time: Audio) -> Audio:
    """A string (Karplus and Strong 1983)."""
    period = int(RATE / pitch)
    line = list(np.random.default_rng(int(pitch)).uniform(-1, 1, period))
    for index in range(len(time) - period):
        line.append(0.498 * (line[index] + line[index - 1 if index else period - 1]))
    return np.array(line[: len(time)])


def struck(pitch: float, time: Audio) -> Audio:
    """A bell by frequency modulation (Chowning 1973)."""
    index = 4 * np.exp(-2 * time)
    return np.exp(-1.5 * time) * np.sin(2 * np.pi * pitch * time + index * np.sin(2 * np.pi * 1.414 * pitch * time))


def breath(pitch: float, time: Audio) -> Audio:
    """A flute: one partial with vibrato, in noise."""
    noise = np.random.default_rng(int(pitch)).normal(0, 0.15, len(time))
    return np.minimum(time / 0.08, 1) * (np.sin(2 * np.pi * pitch * time + 0.5 * np.sin(2 * np.pi * 5 * time)) + noise)


INSTRUMENTS: dict[str, Callable[[float, Audio], Audio]] = {
    "piano": partials([1, 0.6, 0.4, 0.25, 0.15, 0.1], 3, 0.0004),
    "organ": partials([1, 0.8, 0, 0.6, 0, 0.4, 0, 0.3], 0.05),
    "clarinet": partials([1, 0, 0.7, 0, 0.5, 0, 0.3, 0, 0.2], 0.3),
    "brass": partials([0.6, 0.9, 1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15], 0.4),
    "xylophone": partials([1, 0, 0, 0.6, 0, 0, 0, 0, 0, 0.3], 12),
    "string": plucked,
    "bell": struck,
    "flute": breath,
}


def played(name: str, rng: np.random.Generator) -> Audio:
    """A note or an arpeggio of an instrument: `(samples,)`."""
    sound = np.zeros(SAMPLES)
    pitch = 110 * 2 ** (rng.integers(0, 30) / 12)
    notes = [0] if rng.random() < 0.4 else list(rng.permutation([0, 4, 7, 12])[: rng.integers(2, 5)])
    length = SAMPLES // len(notes)
    for place, step in enumerate(notes):
        rest = SAMPLES - place * length
        sound[place * length :] += INSTRUMENTS[name](pitch * 2 ** (step / 12), np.arange(rest) / RATE)
    return rng.uniform(0.3, 0.8) * sound / max(1e-6, float(np.abs(sound).max()))


def recordings(folder: Path) -> list[Tensor]:
    """Pieces of 1.5 s of the files of a folder: `(samples,)` each, by file."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            audio = read_audio(path, sample_rate=RATE, channels=1)[0][0]
        except Exception:  # what is no audio is no recording
            continue
        pieces = audio[: len(audio) // SAMPLES * SAMPLES].reshape(-1, SAMPLES)
        found.append(pieces[pieces.abs().amax(1) > 0.01][:24])
    return [pieces for pieces in found if len(pieces)]


def write_data(root: Path, extra: Path | None, each: int) -> list[str]:
    """Write `train` and `held_out` with the class beside each clip; the names of the classes."""
    names = list(INSTRUMENTS)
    count = 0

    def write(split: str, sound: Any, label: int) -> None:
        nonlocal count
        path = root / split / f"{count:05d}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.asarray(sound), RATE, subtype="FLOAT")
        path.with_suffix(".json").write_text(json.dumps({"kind": label}))
        count += 1

    rng = np.random.default_rng(0)
    for label, name in enumerate(names):
        for number in range(each):
            write("held_out" if number % 5 == 4 else "train", played(name, rng), label)
    for folder in sorted(path for path in extra.iterdir() if path.is_dir()) if extra else []:
        files = recordings(folder)
        if len(files) < 5:
            continue
        for number, pieces in enumerate(files):
            for piece in pieces[: max(1, 2 * each // len(files))]:
                write("held_out" if number % 5 == 4 else "train", piece, len(names))
        names.append(folder.name)
    return names


def data(root: Path, split: str) -> dict[str, Any]:
    """The data set of a split."""
    described = {"sidecar": "json", "fields": [{"name": "kind", "type": "integer"}]}
    still = {"random_crop": False, "random_phase_flip": False, "drop_last": split == "train"}
    return {"dataset_type": "audio_dir", "path": str(root / split), "metadata": described, **still}


def train_codec(root: Path, seconds: float, steps: int | None) -> Path:
    """The codec of the example, on the training part, for some seconds or, whatever the machine does beside, steps."""
    words = [f"data.path={root / 'train'}", f"save_dir={root}", "val_batches=0"]
    words += [f"max_seconds={seconds}"] if steps is None else [f"steps={steps}"]
    document = compose(EXAMPLES / "codec.yaml", [*words, "logger=none", "accelerator=cpu", "batch_size=16"])
    return train(document, progress=False).model


def tokens(root: Path, codec: Path) -> dict[str, Path]:
    """The tokens of both splits."""
    for split in ("train", "held_out"):
        pre_encode(
            {
                "experiment": "pre_encode",
                "ckpt_path": str(codec),
                "dataset_config": data(root, split) | {"drop_last": False},
                "output_path": str(root / "tokens" / split),
                "sample_size": SAMPLES,
                "num_workers": 1,
                "accelerator": "cpu",
            }
        )
    return {split: root / "tokens" / split for split in ("train", "held_out")}


def read_tokens(folder: Path) -> tuple[Tensor, Tensor]:
    """All tokens of a folder `(N, K, T)`, and their classes `(N,)`."""
    stored = {"dataset_type": "pre_encoded", "path": str(folder), "random_crop": False, "drop_last": False}
    loader = create_dataloader_from_config(stored, 64, 1, RATE, 1, num_workers=0, shuffle=False)
    pairs = [(codes, [int(item["kind"]) for item in about]) for codes, about in loader]
    return torch.cat([codes for codes, _ in pairs]), torch.tensor([kind for _, kinds in pairs for kind in kinds])


def train_lm(root: Path, codec: Path, folders: dict[str, Path], name: str, classes: int, seconds: float) -> Any:
    """A run of a language model; and the processor seconds that it took."""
    codec_file = json.loads((codec / "model_config.json").read_text())
    stored = {split: {"dataset_type": "pre_encoded", "path": str(path)} for split, path in folders.items()}
    config = {"embed_dim": 192, "depth": 5, "dim_heads": 64, "prepend_cond_dim": 192}
    kinds = {"id": "kind", "type": "int", "config": {"max_val": classes - 1}}
    model = {
        "model_type": "lm",
        "sample_rate": RATE,
        "sample_size": SAMPLES,
        "audio_channels": 1,
        "model": {
            "pretransform": {"type": "autoencoder", "config": codec_file["model"]},
            "lm": {
                "type": "continuous_transformer",
                "prepend_cond_ids": ["kind"],
                "config": config,
                **PATTERNS[name],
            },
            "conditioning": {"cond_dim": 192, "configs": [kinds]},
        },
        "training": {
            "optimizer_configs": {
                "lm": {
                    "optimizer": {"type": "AdamW", "config": {"lr": 2e-3, "betas": [0.9, 0.95], "weight_decay": 0.1}},
                    "scheduler": {"type": "InverseLR", "config": {"inv_gamma": 500, "power": 0.5, "warmup": 0.97}},
                }
            },
            "use_ema": True,
            "ema_decay": 0.98,
            "clip_grad_norm": 1.0,
            "pre_encoded": True,
            "demo": {"demo_every": 1_000_000, "num_demos": 1, "max_gen_len": 10},
        },
    }
    began = time.process_time()
    run = train(
        {
            "experiment": "train",
            "name": name,
            "save_dir": str(root / "lm"),
            "model_config": model,
            "dataset_config": stored["train"],
            "val_dataset_config": stored["held_out"] | {"random_crop": False, "drop_last": False},
            "pretransform_ckpt_path": str(codec),
            "steps": 1_000_000,
            "max_seconds": seconds,
            "batch_size": 12,  # in so short a time many small steps learn more than few large ones
            "num_workers": 0,
            "accelerator": "cpu",
            "val_every": 1_000_000,
            "val_batches": 1_000,
            "checkpoint_every": 1_000_000,
            "logger": "none",
        },
        progress=False,
    )
    return run, time.process_time() - began


def divergence(one: Tensor, other: Tensor, size: int) -> list[float]:
    """Jensen-Shannon divergence of the tokens of each codebook, in bits."""
    counts = []
    for codes in (one, other):
        counter = CodeCounts(size)
        counter.add(codes)
        counts.append(counter.dense())
    p, q = (c / c.sum(1, keepdim=True) for c in counts)
    middle = (p + q) / 2
    halves = [torch.where(x > 0, x * (x / middle).log2(), 0.0).sum(1) / 2 for x in (p, q)]
    return (halves[0] + halves[1]).tolist()


def row(name: str, values: Any, note: str = "") -> str:
    """A line of the first table."""
    each = [float(value) for value in values]
    shown = " | ".join(f"{value:.3f}" for value in each)
    return f"| {name} | {shown} | {np.mean(each):.3f} | {note} |"


def main() -> None:
    """Run the experiment."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--codec-seconds", type=float, default=600)
    parser.add_argument("--codec-steps", type=int, help="in place of --codec-seconds: 2,350 were enough, 130 are not")
    parser.add_argument("--codec", type=Path, help="folder of a codec's model, in place of training one")
    parser.add_argument("--lm-seconds", type=float, default=200)
    parser.add_argument("--patterns", nargs="+", choices=PATTERNS, default=["delay", "parallel"])
    parser.add_argument("--clips", type=int, default=400, help="of each instrument")
    parser.add_argument("--generate", type=int, default=16, help="clips of each class")
    parser.add_argument("--work", type=Path, help="folder to work in, kept")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    root = arguments.work or Path(mkdtemp(prefix="learn-tokens-"))
    names = write_data(root, arguments.folder, arguments.clips)
    codec = arguments.codec or train_codec(root, arguments.codec_seconds, arguments.codec_steps)
    folders = tokens(root, codec)
    model = load_model(codec)
    size = model.bottleneck.codebook_size
    (trained, kinds), (held, held_kinds) = read_tokens(folders["train"]), read_tokens(folders["held_out"])
    print(f"\n{len(trained)} clips to train on, {len(held)} held out, {len(names)} classes: {', '.join(names)}")
    books = range(1, trained.shape[1] + 1)
    print("\ncross-entropy of held-out clips, nats a token\n")
    print(f"| model | {' | '.join(f'codebook {k}' for k in books)} | mean | |\n|{'---|' * (len(books) + 3)}")
    print(row("uniform", [np.log(size)] * len(books)))
    ngrams = NGrams(len(books), size)
    ngrams.add(trained)
    found = ngrams.cross_entropy(held)
    for kind in KINDS:
        print(row(kind, found[kind] / found["tokens"]))
    with torch.inference_mode():
        sounds = torch.cat([model.decode_tokens(_native(model, part)) for part in held.split(32)])[:, 0]
        heard = torch.cat([model.decode_tokens(_native(model, part)) for part in trained.split(32)])[:, 0]
    judge = listener(heard, kinds, len(names), RATE)
    lines = []
    real = float((held[:, 0, 1:] == held[:, 0, :-1]).float().mean())
    with torch.inference_mode():
        ceiling = float((judge(sounds).argmax(-1) == held_kinds).float().mean())
    if ceiling < 6 / len(names):
        # No language model can be heard to be right where the codec's own sounds are not.
        print(f"\nof held-out reconstructions the classifier knows {ceiling:.2f} only: train the codec for longer")
    for name in arguments.patterns:
        run, cpu = train_lm(root, codec, folders, name, len(names), arguments.lm_seconds)
        values = [run.metrics[f"codebook_{k}/cross_entropy"] for k in books]
        print(row(f"language model, {name}", values, f"{run.step} steps, {cpu:.0f} processor seconds"))
        lines += [
            judged(load_model(run.model), judge, name, scale, held, arguments.generate, len(names)) for scale in (1, 3)
        ]
    print(f"\nclass accuracy; held-out reconstructions {ceiling:.2f}, chance {1 / len(names):.2f}\n")
    print(
        f"| model | guidance | accuracy | Jensen-Shannon to held-out tokens, bits | code 1 repeated (real {real:.2f}) |"
    )
    print("|---|---|---|---|---|", *lines, sep="\n")


def _native(model: Any, codes: Tensor) -> Tensor:
    """Tokens `(B, K, T)` in the layout of the codec."""
    return codes.transpose(1, 2) if model.bottleneck.frames_first else codes


def judged(lm: Any, judge: Listener, name: str, scale: float, held: Tensor, count: int, classes: int) -> str:
    """A line of the second table."""
    kinds = torch.arange(classes).repeat_interleave(count)
    made = lm.generate(
        [{"kind": int(kind)} for kind in kinds], seconds=SECONDS, seed=0, top_k=100, cfg_scale=scale, batch_size=32,
        return_info=True,
    )  # fmt: skip
    with torch.inference_mode():
        right = (judge(torch.stack([audio[0] for audio in made.audio])).argmax(-1) == kinds).float().mean()
    codes = torch.stack(made.codes)
    apart = " ".join(f"{value:.3f}" for value in divergence(codes, held, lm.codebook_size))
    repeated = float((codes[:, 0, 1:] == codes[:, 0, :-1]).float().mean())
    return f"| {name} | {scale} | {float(right):.2f} | {apart} | {repeated:.2f} |"


if __name__ == "__main__":
    main()
