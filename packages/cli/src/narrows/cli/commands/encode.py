"""`narrows encode`: audio files to codec files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Literal

from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.cli.devices import add_channel_argument, add_chunk_arguments, add_device_arguments
from narrows.cli.files import Job, jobs, run_jobs
from narrows.cli.outputs import Output, output_at

EPILOG = """\
Each audio file becomes OUT/<name>.narrows, which holds tokens (for discrete models) or latents and all that
`narrows decode` needs. Folders are searched for audio; their layout is kept. Files may be of any length.

  narrows encode runs/quickstart/model song.flac -o codes/
  narrows encode codec/model song.flac --entropy lm/model -o codes/    tokens coded by a language model, without loss
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.set_defaults(stores=True)
    parser.add_argument("model", type=Path, metavar="MODEL", help="save_model folder or training checkpoint")
    parser.add_argument("audio", type=Path, nargs="+", metavar="AUDIO", help="audio files or folders of them")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help="folder for the codec files, or address"
    )
    parser.add_argument("--latents", action="store_true", help="write latents although the model has tokens")
    parser.add_argument("--dtype", choices=["float32", "float16", "bfloat16"], default="float32", help="of latents")
    parser.add_argument(
        "--n-quantizers",
        type=int,
        metavar="K",
        help="encode with the first K codebooks of a residual bottleneck, for a lower bitrate (default: all)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the noise of stochastic bottlenecks")
    parser.add_argument("--entropy", type=Path, metavar="MODEL", help="language model that codes the tokens")
    parser.add_argument("--overwrite", action="store_true", help="encode files whose output exists again")
    add_chunk_arguments(parser)
    add_channel_argument(parser)
    add_device_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Encode; 1 when a file failed."""
    with output_at(arguments.output) as output:
        return _encode_all(arguments, output)


def _encode_all(arguments: argparse.Namespace, output: Output) -> int:
    work = jobs(arguments.audio, output.folder, AUDIO_ENDINGS, ".narrows")
    from narrows.cli.devices import load_language_model_on, load_model_on
    from narrows.pipelines.codebook_count import codebook_options
    from narrows.pipelines.codec_files import CHUNK, encode_file

    model = load_model_on(arguments.model, arguments)
    entropy = None if arguments.entropy is None else load_language_model_on(arguments.entropy, arguments)

    codebook_options(model, arguments.n_quantizers)  # Refused once, not for each file.

    def encode(job: Job) -> str:
        content: Literal["latents"] | None = "latents" if arguments.latents else None
        header = encode_file(
            model,
            job.source,
            job.target,
            content=content,
            dtype=arguments.dtype,
            seed=arguments.seed,
            n_quantizers=arguments.n_quantizers,
            chunk_size=arguments.chunk_size or CHUNK,
            overlap=arguments.overlap,
            entropy=entropy,
        )
        told = f"{header.frames} frames, {header.bits_per_second / 1000:.2f} kbit/s"
        if header.entropy is None:
            return told
        saved = 1 - header.payload_bytes / header.packed_bytes
        return f"{told}, {saved:.1%} saved of {header.packed_bytes:,} bytes"

    return run_jobs(work, encode, output, overwrite=arguments.overwrite)
