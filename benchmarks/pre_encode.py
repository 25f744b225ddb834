"""Pre-encoding against a plain loop that does what the `pre_encode.py` of stable-audio-tools does.

    python benchmarks/pre_encode.py ../shared/audio

Both encode the same files with the same model on the same device. The loop reads each file, resamples it, cuts or pads
it to one length (the reference's default, 1320960 samples), encodes batches in a fixed order and writes two files a
clip. Speed is seconds of sound, without padding, per second. A third figure is that of the model alone, prepared as
pre-encoding prepares it, on large batches of clips of equal length: what mixed lengths, files and shards cost on top.

    python benchmarks/pre_encode.py --records 100000

writes so many records into shards instead, counts the files, and times random access through the data set's loader.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from narrows.data import AudioFileError, audio_info, create_dataloader_from_config, read_audio
from narrows.data.scan import Selection, find_files
from narrows.models import create_model_from_config, save_model
from narrows.models.inference import prepare_for_inference
from narrows.pipelines.pre_encode import pre_encode
from narrows.pipelines.pre_encode.writers import shard_writer

STRIDES = [2, 4, 4, 8, 8]
SAMPLE_SIZE = 1320960
RATE = 44100
ENDINGS = ("wav", "flac", "ogg", "mp3", "opus", "aif", "aiff")


def model_of(width: int) -> Any:
    """Stable Audio 2's autoencoder, narrower."""
    shared = {"channels": width, "c_mults": [1, 2, 4, 8, 16], "strides": STRIDES, "use_snake": True}
    config = {
        "model_type": "autoencoder",
        "sample_rate": RATE,
        "model": {
            "encoder": {"type": "oobleck", "config": {"in_channels": 2, "latent_dim": 128, **shared}},
            "decoder": {"type": "oobleck", "config": {"out_channels": 2, "latent_dim": 64, **shared}},
            "bottleneck": {"type": "vae"},
            "latent_dim": 64,
            "downsampling_ratio": 2048,
            "io_channels": 2,
        },
    }
    torch.manual_seed(0)
    return create_model_from_config(config).eval()


class PaddedClips(Dataset[tuple[Tensor, dict[str, Any]]]):
    """Clips of one length."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> tuple[Tensor, dict[str, Any]]:
        audio, _ = read_audio(self._paths[index], 0, None, RATE, 2)
        audio = audio[:, :SAMPLE_SIZE]
        mask = torch.arange(SAMPLE_SIZE) < audio.shape[-1]
        seconds = -(-audio.shape[-1] // RATE)
        info = {"path": str(self._paths[index]), "seconds_total": seconds, "padding_mask": mask}
        return F.pad(audio, (0, SAMPLE_SIZE - audio.shape[-1])), info


def collate(items: list[tuple[Tensor, dict[str, Any]]]) -> tuple[Tensor, list[dict[str, Any]]]:
    audio, infos = zip(*items, strict=True)
    return torch.stack(audio), list(infos)


def plain_loop(model: Any, paths: Sequence[Path], output: Path, batch_size: int, workers: int) -> None:
    """What the reference does, batch by batch."""
    output.mkdir()
    device = next(model.parameters()).device
    for number, (audio, infos) in enumerate(
        DataLoader(PaddedClips(paths), batch_size, num_workers=workers, collate_fn=collate)
    ):
        gc.collect()
        with torch.no_grad():
            latents = model.encode(audio.to(device)).cpu().numpy()
        for item, (latent, info) in enumerate(zip(latents, infos, strict=True)):
            name = f"000{number:06d}{item:04d}"
            np.save(output / f"{name}.npy", latent)
            mask = F.interpolate(info["padding_mask"][None, None].float(), size=latent.shape[1])
            (output / f"{name}.json").write_text(json.dumps({**info, "padding_mask": mask.flatten().int().tolist()}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("audio", type=Path, nargs="?")
    parser.add_argument("--records", type=int, help="time random access to so many records instead")
    parser.add_argument("--width", type=int, default=8)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--without-loop", action="store_true", help="compare with one large batch only; saves the most time"
    )
    parser.add_argument("--kinds", nargs="*", default=["music", "loops", "drums", "speech", "effects"])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    if options.records:
        with tempfile.TemporaryDirectory() as folder:
            many_records(options.records, Path(folder))
        return
    if options.audio is None:
        parser.error("name a folder of audio")
    names = [n for kind in options.kinds for n in find_files(options.audio / kind, Selection(ENDINGS)).names]
    paths = [
        path
        for kind in options.kinds
        for name in find_files(options.audio / kind, Selection(ENDINGS)).names
        if readable(path := options.audio / kind / name)
    ]
    lengths = [audio_info(path).seconds for path in paths]
    seconds = sum(lengths)
    in_loop = sum(min(length, SAMPLE_SIZE / RATE) for length in lengths)
    print(f"{len(paths)} of {len(names)} files, {seconds:.0f} s of sound, {options.device}, width {options.width}")
    print(f"The loop cuts long clips: it encodes {in_loop:.0f} s of them.")
    model = model_of(options.width).to(options.device)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        save_model(model, work / "model")
        entries = [{"id": kind, "path": str(options.audio / kind)} for kind in options.kinds]
        experiment = {
            "experiment": "pre_encode",
            "ckpt_path": str(work / "model"),
            "dataset_config": {"dataset_type": "audio_dir", "datasets": entries, "silence_threshold_db": None},
            "output_path": str(work / "ours"),
            "channel_policy": "downmix",
            "num_workers": options.workers,
            "accelerator": options.device,
        }
        model.encode(torch.zeros(1, 2, 2048, device=options.device))
        ours = clocks()
        pre_encode(experiment)
        plain = clocks()
        if not options.without_loop:
            plain_loop(model, paths, work / "plain", options.batch_size, options.workers)
        prepare_for_inference(model)
        end = clocks()
        large_batches(model, seconds, 60.0)
        last = clocks()
    spent = {
        "narrows pre-encode": (plain[0] - ours[0], plain[1] - ours[1]),
        "plain loop": (end[0] - plain[0], end[1] - plain[1]),
        "one large batch": (last[0] - end[0], last[1] - end[1]),
    }
    sound = {"narrows pre-encode": seconds, "plain loop": in_loop, "one large batch": seconds}
    own, loop, batch = spent.values()
    if options.without_loop:
        del spent["plain loop"]
    for name, (wall, cpu) in spent.items():
        print(f"{name}: {wall:.1f} s, {sound[name] / wall:.1f} s of sound a second, {cpu:.1f} s of processor time")
    if not options.without_loop:
        share = seconds / in_loop
        wall, cpu = share * loop[0] / own[0], share * loop[1] / own[1]
        print(f"{wall:.1f} times as fast as the loop, in {cpu:.1f} times less processor time, for as much sound")
    print(f"{batch[0] / own[0]:.0%} of the speed of one large batch, {batch[1] / own[1]:.0%} by processor time")


def large_batches(model: Any, seconds: float, batch_seconds: float, clip_seconds: float = 5.0) -> None:
    """Encode so much sound, as clips of equal length in batches of the budget that pre-encoding has."""
    device = next(model.parameters()).device
    clip = round(clip_seconds * RATE / 2048) * 2048
    rows = max(1, int(batch_seconds / clip_seconds))
    batch = 0.3 * torch.randn(rows, 2, clip, device=device)
    left = seconds
    with torch.inference_mode():
        while left > 0:
            model.encode(batch[: max(1, round(min(left, batch_seconds) / clip_seconds))]).cpu()
            left -= batch_seconds


def many_records(count: int, folder: Path) -> None:
    """Shards of small latents: how many files, and how long a random one takes."""
    size = 2048
    latents = torch.randn(8, 20, dtype=torch.float16)
    mask = [1] * 20
    for number in range(-(-count // size)):
        first = number * size
        with shard_writer(folder, f"shard-{number:06d}", "shards", "safetensors", "latents") as add:
            for key in range(first, min(count, first + size)):
                info = {"relpath": f"{key}.wav", "seconds_start": 0, "seconds_total": 1, "padding_mask": mask}
                add(f"{key:09d}", latents + key % 100, {**info, "sample_rate": RATE, "downsampling_ratio": 2048})
        (folder / f"shard-{number:06d}.index.json").write_text("{}")
    files = sum(1 for _ in folder.iterdir()) + 3  # manifest.json, details.json, clips.jsonl
    dataset = {"dataset_type": "pre_encoded", "path": str(folder), "latent_extension": "safetensors"}
    began = time.perf_counter()
    loader = create_dataloader_from_config(dataset, 1, 20, RATE, 8, num_workers=0)
    opened = time.perf_counter() - began
    source = loader._loader.dataset.source  # what a worker asks for one record
    rng = np.random.default_rng(0)
    places = rng.integers(count, size=2000)
    for place in places:  # warm
        source.load(int(place), rng)
    spent = []
    for place in places:
        began = time.perf_counter()
        _, info = source.load(int(place), rng)
        spent.append(time.perf_counter() - began)
        assert info["relpath"] == f"{place}.wav"
    median, late = np.quantile(spent, [0.5, 0.99]) * 1000
    print(f"{count} records in {files} files, opened in {opened:.1f} s")
    print(f"random access, warm: median {median:.2f} ms, 99 % within {late:.2f} ms")


def clocks() -> tuple[float, float]:
    """Time passed, and processor time of this process and those it has started; the latter bears a busy machine."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return time.perf_counter(), sum(u.ru_utime + u.ru_stime for u in used)


def readable(path: Path) -> bool:
    try:
        audio_info(path)
    except AudioFileError:
        return False
    return True


if __name__ == "__main__":
    main()
