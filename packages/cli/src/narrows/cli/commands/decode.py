"""`narrows decode`: codec files to audio files."""

from __future__ import annotations

import argparse
from pathlib import Path

from narrows.cli.devices import add_chunk_arguments, add_device_arguments
from narrows.cli.files import Job, jobs, run_jobs
from narrows.cli.outputs import Output, output_at

EPILOG = """\
Each codec file becomes OUT/<name>.wav, of exactly the length, rate and channels of the audio it was made from.

  narrows decode runs/quickstart/model codes/song.narrows -o out/
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.set_defaults(stores=True)
    parser.add_argument("model", type=Path, metavar="MODEL", help="save_model folder or training checkpoint")
    parser.add_argument("latents", type=Path, nargs="+", metavar="LATENTS", help="codec files or folders of them")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help="folder for the audio files, or address"
    )
    parser.add_argument("--format", choices=["wav", "flac", "ogg", "opus", "mp3"], default="wav", help="of the audio")
    parser.add_argument(
        "--subtype", metavar="NAME", help="encoding in libsndfile's names, e.g. PCM_24 or FLOAT (default: the format's)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the noise of stochastic bottlenecks")
    parser.add_argument("--entropy", type=Path, metavar="MODEL", help="language model that coded the tokens, if any")
    parser.add_argument("--overwrite", action="store_true", help="decode files whose output exists again")
    add_chunk_arguments(parser)
    add_device_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Decode; 1 when a file failed."""
    with output_at(arguments.output) as output:
        return _decode_all(arguments, output)


def _decode_all(arguments: argparse.Namespace, output: Output) -> int:
    work = jobs(arguments.latents, output.folder, {"narrows"}, f".{arguments.format}")
    from narrows.cli.devices import load_language_model_on, load_model_on
    from narrows.pipelines.codec_files import CHUNK, decode_file

    model = load_model_on(arguments.model, arguments)
    entropy = None if arguments.entropy is None else load_language_model_on(arguments.entropy, arguments)

    def decode(job: Job) -> str:
        decode_file(
            model,
            job.source,
            job.target,
            subtype=arguments.subtype,
            chunk_size=arguments.chunk_size or CHUNK,
            overlap=arguments.overlap,
            seed=arguments.seed,
            entropy=entropy,
        )
        return "decoded"

    return run_jobs(work, decode, output, overwrite=arguments.overwrite)
