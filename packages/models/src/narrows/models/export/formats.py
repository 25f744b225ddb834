"""The formats of graphs: how each is written, and how it is run again."""

from __future__ import annotations

import io
import json
import logging
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.export import ExportedProgram

from narrows.models.export.errors import ExportError
from narrows.models.export.graphs import Part

RunGraph = Callable[..., Tensor]
"""From the inputs of a graph, in their order, to its output."""
METADATA = "narrows.json"


class Opened(NamedTuple):
    """A graph that can be run."""

    run: RunGraph
    metadata: dict[str, str]


class Format(NamedTuple):
    """A kind of file."""

    ending: str
    check: Callable[[], None]
    """Raises ExportError where something is missing."""
    write: Callable[[ExportedProgram, Part, Path, Mapping[str, str]], None]
    open: Callable[[Path], Opened]


def _need_nothing() -> None:
    """torch itself is enough."""


def _write_torch(program: ExportedProgram, part: Part, path: Path, metadata: Mapping[str, str]) -> None:
    with _quiet():
        # Through memory: on a full disk torch's own writer ends the whole process.
        content = io.BytesIO()
        torch.export.save(program, content, extra_files={METADATA: json.dumps(dict(metadata))})
        path.write_bytes(content.getbuffer())


def _open_torch(path: Path) -> Opened:
    found = {METADATA: ""}
    with _quiet():
        module = torch.export.load(path, extra_files=found).module()
    return Opened(_graphless(module), json.loads(found[METADATA]))


def _need_onnx() -> None:
    missing = [name for name in ("onnx", "onnxscript", "onnxruntime") if find_spec(name) is None]
    if missing:
        raise ExportError(f'ONNX needs optional packages ({", ".join(missing)}): pip install "narrows-models[onnx]"')


def _write_onnx(program: ExportedProgram, part: Part, path: Path, metadata: Mapping[str, str]) -> None:
    with _quiet():
        exported: Any = torch.onnx.export(
            program, (), dynamo=True, input_names=list(part.inputs), output_names=[part.output], verbose=False
        )
    exported.model.metadata_props.update(metadata)
    exported.save(path)


def _open_onnx(path: Path) -> Opened:
    _need_onnx()
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]

    def run(*given: Tensor) -> Tensor:
        values = {name: x.numpy() for name, x in zip(names, given, strict=True)}
        return torch.from_numpy(np.asarray(session.run(None, values)[0]))

    return Opened(run, dict(session.get_modelmeta().custom_metadata_map))


def _need_compiler() -> None:
    if shutil.which("g++") is None and shutil.which("clang++") is None:
        raise ExportError("AOTInductor compiles C++: install g++ or clang++, or write another format")


def _write_aotinductor(program: ExportedProgram, part: Part, path: Path, metadata: Mapping[str, str]) -> None:
    from torch._inductor import aoti_compile_and_package

    with _quiet():
        options: dict[str, Any] = {"aot_inductor.metadata": dict(metadata)}
        aoti_compile_and_package(program, package_path=str(path), inductor_configs=options)


def _open_aotinductor(path: Path) -> Opened:
    from torch._inductor import aoti_load_package

    with _quiet():
        package = aoti_load_package(str(path))
    known: dict[str, str] = package.get_metadata()
    return Opened(_graphless(package), known)


def _graphless(module: Callable[..., Any]) -> RunGraph:
    def run(*given: Tensor) -> Tensor:
        with torch.inference_mode():
            out: Tensor = module(*given)
            return out

    return run


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporters' remarks, which are about their own insides."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


FORMATS: dict[str, Format] = {
    "onnx": Format(".onnx", _need_onnx, _write_onnx, _open_onnx),
    "torch": Format(".pt2", _need_nothing, _write_torch, _open_torch),
    "aotinductor": Format(".aoti.pt2", _need_compiler, _write_aotinductor, _open_aotinductor),
}
"""By the name on the command line."""
