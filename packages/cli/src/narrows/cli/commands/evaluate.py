"""`narrows evaluate`: how well codecs reconstruct the audio of a folder, and language models foresee it."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

from narrows.audio.formats.endings import AUDIO_ENDINGS
from narrows.cli.devices import add_channel_argument, add_device_arguments
from narrows.cli.engines import add_engine_arguments, cluster_of, local_threads
from narrows.cli.files import find_files
from narrows.cli.main import UserError
from narrows.cli.report_files import is_codec_superb, is_evaluation, is_page, keep_others

EPILOG = """\
Each file is encoded to a real codec file and decoded again; docs/evaluation.md says what is measured. Files that
cannot be read are named and passed over.

A language model is measured on its tokens: cross-entropy beside n-gram baselines, and sounds that it generates, with
the conditions that a JSON file beside each audio file gives.

  narrows evaluate runs/quickstart/model music/ --html evaluation.html
  narrows evaluate runs/lm/model held_out/ --generate 32 --html lm.html
  narrows evaluate mine/model music/ --against theirs/model --json figures.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("model", type=Path, metavar="MODEL", help="save_model folder or training checkpoint")
    parser.add_argument("audio", type=Path, nargs="+", metavar="FOLDER", help="folders of audio, or audio files")
    parser.add_argument(
        "--against", type=Path, action="append", default=[], metavar="MODEL", help="another model; may be repeated"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to this file")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with players and spectrograms")
    parser.add_argument("--seconds", type=_positive, default=30.0, help="taken of each file (default 30)")
    parser.add_argument("--clips", type=int, default=6, help="how many of the worst the page holds (default 6)")
    parser.add_argument("--rank-by", default="mel_distance", metavar="METRIC", help="what sorts (default mel_distance)")
    parser.add_argument("--seed", type=int, default=0, help="of the noise of stochastic bottlenecks")
    parser.add_argument("--stability", action="store_true", help="measure how many tokens small changes of a clip keep")
    parser.add_argument(
        "--save",
        type=Path,
        metavar="FOLDER",
        help="keep all clips here, for listening tests and, with gt.scp and pred.scp, for other tools",
    )
    parser.add_argument(
        "--codec-superb", type=Path, metavar="FILE", help="write means by folder with the keys of Codec-SUPERB"
    )
    parser.add_argument("--clap", type=Path, metavar="PATH", help="weights of CLAP: similarity, and distances of sets")
    parser.add_argument(
        "--prompts",
        metavar="KEY",
        help="with --clap: score how sounds fit the text that the JSON file beside each audio file has under this key",
    )
    parser.add_argument("--classifier", type=Path, metavar="FOLDER", help="classifier of transformers: divergence (KL)")
    tokens = parser.add_argument_group("language models")
    tokens.add_argument("--generate", type=_count, default=8, metavar="N", help="sounds to generate (default 8)")
    tokens.add_argument("--cfg-scale", type=float, default=1.0, help="guidance of these (default 1)")
    add_channel_argument(parser)
    add_device_arguments(parser)
    add_engine_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate; 1 when no file could be."""
    paths = [arguments.model, *arguments.against]
    if len(set(paths)) < len(paths):
        raise UserError("Each model can be named once only.")
    _check_reports(arguments)
    files = {str(path): path for path, _ in find_files(arguments.audio, AUDIO_ENDINGS)}
    from narrows.cli.devices import is_language_model
    from narrows.pipelines.metrics import available_metrics

    if arguments.rank_by not in available_metrics():
        raise UserError(f"No metric is called {arguments.rank_by!r}; there are {', '.join(available_metrics())}.")
    if arguments.prompts and not arguments.clap:
        raise UserError("--prompts needs the weights of CLAP: name them with --clap.")
    _named(arguments)
    kinds = {is_language_model(path) for path in paths}
    if len(kinds) > 1:
        raise UserError("Codecs are compared with codecs, and language models with language models.")
    if kinds == {True} and (arguments.stability or arguments.save or arguments.classifier or arguments.codec_superb):
        raise UserError("--stability, --save, --codec-superb and --classifier are for codecs: leave them out.")
    if kinds == {True}:
        _language_models(paths, files, arguments)
    else:
        _codecs(paths, files, arguments)
    return 0


def _check_reports(arguments: argparse.Namespace) -> None:
    asked = [path.resolve() for path in (arguments.json, arguments.html, arguments.codec_superb) if path is not None]
    if len(set(asked)) < len(asked):
        raise UserError("--json, --html and --codec-superb each need a file of their own.")
    keep_others(arguments.json, is_evaluation)
    keep_others(arguments.html, is_page)
    keep_others(arguments.codec_superb, is_codec_superb)


def _codecs(paths: list[Path], files: dict[str, Path], arguments: argparse.Namespace) -> None:
    cluster = cluster_of(arguments)
    from narrows.pipelines.evaluation import SavedClips, evaluate, evaluation_report, evaluation_table

    # The workers of a cluster have the devices; this process only has to know what the models are.
    models = _models(paths, arguments, None if cluster is None else "cpu")
    saved = SavedClips(arguments.save) if arguments.save else None
    progress, told = _progress(len(files), shown=cluster is None)
    with local_threads(arguments):
        evaluation = evaluate(
            models,
            files,
            seconds=arguments.seconds,
            worst=arguments.clips if arguments.html else 0,
            rank_by=arguments.rank_by,
            seed=arguments.seed,
            stability=arguments.stability,
            codec_superb=arguments.codec_superb is not None,
            **_measures(arguments, files),
            told=told,
            keep=saved,
            ask=None if cluster is None else _on_ray(partial(_models, paths, arguments), cluster),
        )
    progress.close()
    if saved is not None:
        saved.finish()
    if len(evaluation.skipped) == len(files):
        raise UserError("None of the files could be evaluated.")
    print(evaluation_table(evaluation))
    _write(arguments, evaluation.as_dict(), evaluation_report(evaluation))
    if arguments.codec_superb:
        _write_codec_superb(arguments, evaluation, files)


def _named(arguments: argparse.Namespace) -> list[Path]:
    """Weights that were named; all of them are there."""
    named = [path for path in (arguments.clap, arguments.classifier) if path is not None]
    for path in named:
        if not path.exists():
            raise UserError(f"There are no weights at {path}.")
    return named


def _measures(arguments: argparse.Namespace, files: dict[str, Path]) -> dict[str, Any]:
    """Metrics of the weights that were named, and what the distances of sets are measured with."""
    if not _named(arguments):
        return {}
    from narrows.pipelines.metrics.named_weights import ClassDistance

    found = _of_clap(arguments, files)
    metrics: dict[str, Any] = {"clap_similarity": found["embedding"].similarity} if found else {}
    if arguments.classifier:
        metrics["class_divergence"] = ClassDistance(arguments.classifier)
    return {**found, "named": metrics}


def _of_clap(arguments: argparse.Namespace, files: dict[str, Path]) -> dict[str, Any]:
    """The embedding by CLAP, and the score of the texts that were asked for."""
    if not arguments.clap:
        return {}
    from narrows.pipelines.metrics.named_weights import ClapEmbedding, PromptScore, clap_texts

    embedding = ClapEmbedding(arguments.clap)
    if not arguments.prompts:
        return {"embedding": embedding}
    texts = _prompts(files, arguments.prompts)
    return {
        "embedding": embedding,
        "scores": {"clap_score": PromptScore(embedding, clap_texts(arguments.clap, texts))},
    }


def _prompts(files: dict[str, Path], key: str) -> dict[str, str]:
    """What the JSON file beside each audio file has under a key, by the name of the file."""
    found = {}
    for name, path in files.items():
        beside = path.with_suffix(".json")
        try:
            told = json.loads(beside.read_text(encoding="utf-8")) if beside.is_file() else None
        except ValueError as error:
            raise UserError(f"{beside} is no JSON: {error}") from error
        if isinstance(told, dict) and isinstance(told.get(key), str):
            found[name] = told[key]
    if not found:
        raise UserError(f"No file has a JSON file beside it with a text under {key!r}: name the key with --prompts.")
    return found


def _write_codec_superb(arguments: argparse.Namespace, evaluation: Any, files: dict[str, Path]) -> None:
    """Means by category, which is the name of the FOLDER that a file was found in, by model."""
    from narrows.configs.files import atomic_file
    from narrows.pipelines.metrics.codec_superb import in_its_layout

    folders = [folder.resolve() for folder in arguments.audio]
    categories = {
        name: next((f.name for f in folders if path.resolve().is_relative_to(f) and f.is_dir()), path.parent.name)
        for name, path in files.items()
    }
    figures = {name: in_its_layout(model.clips, categories) for name, model in evaluation.models.items()}
    content = next(iter(figures.values())) if len(figures) == 1 else figures
    arguments.codec_superb.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(arguments.codec_superb) as temporary:
        temporary.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def _models(paths: list[Path], arguments: argparse.Namespace, device: Any) -> dict[str, Any]:
    from narrows.cli.devices import load_model_on

    return {str(path): load_model_on(path, arguments, device) for path in paths}


def _on_ray(load: Any, cluster: Any) -> Any:
    """What asks models that the machines of a cluster load."""
    from narrows.pipelines.evaluation.on_ray import asked_on_ray

    return asked_on_ray(load, cluster)


def _language_models(paths: list[Path], files: dict[str, Path], arguments: argparse.Namespace) -> None:
    cluster = cluster_of(arguments)
    from narrows.cli.devices import load_language_model_on
    from narrows.pipelines.evaluation.language_model_page import language_model_report, language_model_table
    from narrows.pipelines.evaluation.language_models import evaluate_language_model

    # The workers of a cluster have the devices; this process only has to know what the models are.
    here = None if cluster is None else "cpu"
    models = {path: load_language_model_on(path, arguments, here) for path in paths}
    progress, told = _progress(len(files) * len(models), shown=cluster is None)
    options = {name: getattr(arguments, name) for name in ("seconds", "generate", "seed", "cfg_scale")}
    options |= _of_clap(arguments, files)
    evaluations = {}
    try:
        with local_threads(arguments):
            for path, model in models.items():
                load = partial(load_language_model_on, path, arguments)
                ask = None if cluster is None else _on_ray(load, cluster)
                evaluations[str(path)] = evaluate_language_model(model, files, told=told, ask=ask, **options)
    except ValueError as error:
        raise UserError(str(error)) from error
    finally:
        progress.close()
    print(language_model_table(evaluations))
    report = language_model_report(evaluations, {str(path): model.sample_rate for path, model in models.items()})
    _write(arguments, {name: evaluation.as_dict() for name, evaluation in evaluations.items()}, report)


def _progress(count: int, shown: bool = True) -> Any:
    """A bar, unless a cluster shows one, and what tells it of a file."""
    from narrows.pipelines.progress import Progress

    progress, done = Progress(count, shown=shown), 0

    def told(name: str, reason: str | None) -> None:
        nonlocal done
        done += 1
        progress.note(f"[{done}/{count}] {name}: {'measured' if reason is None else f'passed over, {reason}'}")
        progress.advance(done)

    return progress, told


def _write(arguments: argparse.Namespace, figures: Any, report: Any) -> None:
    """The JSON and the page that were asked for."""
    from narrows.configs.files import atomic_file
    from narrows.pipelines.report import write_report

    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(arguments.json) as temporary:
            temporary.write_text(json.dumps(figures, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    if arguments.html:
        arguments.html.parent.mkdir(parents=True, exist_ok=True)
        print(f"Page: {write_report(report, arguments.html)}", file=sys.stderr)


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"must be at least 0, got {text}")
    return value


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number, got {text}")
    return value
