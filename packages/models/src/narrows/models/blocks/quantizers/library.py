"""Quantizer classes of vector-quantize-pytorch by name, built from plain keyword arguments.

The package is written by Phil Wang (MIT licence). Releases from 1.14.41 on are taken: stable-audio-tools pins that one.
"""

from __future__ import annotations

import inspect
import random
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib import import_module
from importlib.metadata import version
from math import prod
from threading import RLock
from types import ModuleType
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch import distributed as dist

from narrows.configs import NarrowsError
from narrows.models.blocks.quantizers.ranks import is_distributed, same_on_all_ranks

PACKAGE = "vector-quantize-pytorch"
RELEASE = "1.32.0"
"""The release whose classes and options the schemas give; older ones lack some."""

# Class, and the class that takes the keywords it passes on. Nothing else is ever looked up in the package.
CLASSES: dict[str, str | None] = {
    "VectorQuantize": None,
    "ResidualVQ": "VectorQuantize",
    "GroupedResidualVQ": "ResidualVQ",
    "RandomProjectionQuantizer": None,
    "FSQ": None,
    "ResidualFSQ": "FSQ",
    "GroupedResidualFSQ": "ResidualFSQ",
    "LFQ": None,
    "ResidualLFQ": "LFQ",
    "GroupedResidualLFQ": "ResidualLFQ",
    "LatentQuantize": None,
    "SimVQ": None,
    "ResidualSimVQ": "SimVQ",
    "FSP": None,
}
MOST_CODES = 2**24
"""The library numbers the codes of levels in float32, which tells no more of them apart."""
SEVERAL_CODEBOOKS = {"FSQ", "LFQ", "LatentQuantize"}


class LibraryError(NarrowsError, ValueError):
    """The installed vector-quantize-pytorch cannot do what is asked."""


def installed_options(name: str) -> dict[str, inspect.Parameter]:
    """Options of a class in the installed release, with those that it passes on.

    Raises:
        LibraryError: this release has no such class, or there is none in the table.
    """
    if name not in CLASSES:
        raise LibraryError(f"quantizer must be one of {', '.join(CLASSES)}, got {name!r}")
    found = getattr(_package(), name, None)
    if found is None:
        raise LibraryError(_too_old(f"class {name}"))
    given = dict(inspect.signature(found.__init__).parameters)
    inner = CLASSES[name]
    passes_on = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in given.values())
    return (installed_options(inner) if inner and passes_on else {}) | given


def build_quantizer(name: str, options: Mapping[str, Any]) -> nn.Module:
    """A quantizer of the library.

    Args:
        name: its class, one of `CLASSES`.
        options: keywords of the class; what a bottleneck decides (layouts, several processes) is set here.

    Raises:
        LibraryError: the installed release lacks the class or an option, or refuses the values.
    """
    known = installed_options(name)
    for key in options:
        if key not in known:
            raise LibraryError(_too_old(f"option {key!r} of {name}"))
    if (codes := prod(options.get("levels", ()))) > MOST_CODES:
        raise LibraryError(
            f"levels of {name} make {codes} codes, and {PACKAGE} numbers at most {MOST_CODES} correctly: "
            "give fewer levels and more codebooks or stages, or use `fsq` or `residual_fsq`, which have no limit"
        )
    fixed = {"sync_codebook": is_distributed()} if "sync_codebook" in known else {}
    if name in SEVERAL_CODEBOOKS:
        fixed["keep_num_codebooks_dim"] = True
    # Some buffers are computed on building, which tensors without numbers cannot be.
    device = torch.get_default_device()
    try:
        with torch.device("cpu" if device.type == "meta" else device):
            module: nn.Module = getattr(_package(), name)(**options, **fixed)
    except (AssertionError, RuntimeError, TypeError, ValueError) as error:
        reason = str(error) or "a check without a message failed"
        raise LibraryError(f"{PACKAGE} {version(PACKAGE)} refuses these options of {name}: {reason}") from error
    return module.to(device)


def without_missing(name: str, options: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Options less those at their default that the installed release lacks, and those that are left to it (None)."""
    known = installed_options(name)
    kept = {key: value for key, value in options.items() if key in known or value != defaults.get(key)}
    return {key: value for key, value in kept.items() if value is not None or defaults.get(key) is not None}


_ALONE = RLock()
"""Held while the library's flags, or the global generators, stand otherwise than other threads may see."""


@contextmanager
def drawing_from(generator: Generator | None, x: Tensor, training: bool, stages: bool = False) -> Iterator[None]:
    """Let the library, which draws from the global generators, draw from a seed of ours; they are left as they were.

    Without a generator the seed is one draw of the global one in training, and constant in evaluation.

    Args:
        generator: source of the seed.
        x: frames; the generators of their device are seeded.
        training: whether the library trains.
        stages: whether it draws the number of stages, which every process must draw alike: each stage exchanges
            statistics, so that processes with other numbers of stages would wait for each other for ever.
    """
    seed = 0
    if generator is not None or training:
        place = generator.device if generator is not None else "cpu"
        seed = int(torch.randint(2**62, (), generator=generator, device=place))
    # 1.14 draws the number of stages from Python's generator, in each process by itself.
    of_python = int(same_on_all_ranks(torch.tensor(seed, device=x.device), stages and training))
    with _ALONE, torch.random.fork_rng([x.device] if x.is_cuda else []):
        before = random.getstate()
        random.seed(of_python)
        torch.default_generator.manual_seed(seed)
        if x.is_cuda:
            with torch.cuda.device(x.device):
                torch.cuda.manual_seed(seed)
        try:
            yield
        finally:
            random.setstate(before)


@contextmanager
def not_started_by_evaluation(quantizer: nn.Module) -> Iterator[None]:
    """Keep the k-means start for the first training batch; the library would start from an evaluation too.

    Of several threads one at a time evaluates codebooks that have not started.
    """
    flags = [flag for name, flag in quantizer.named_buffers() if name.endswith("initted")]
    with ExitStack() as alone:
        alone.enter_context(_ALONE)
        waiting = [flag for flag in flags if not bool(flag)]
        if not waiting:
            alone.close()
        for flag in waiting:
            flag.fill_(True)
        try:
            yield
        finally:
            for flag in waiting:
                flag.fill_(False)


def check_processes(quantizer: nn.Module) -> None:
    """Refuse what the library would let drift apart in several processes.

    Raises:
        LibraryError: codebooks that move by themselves were built before the processes joined.
    """
    if not is_distributed():
        return
    for module in quantizer.modules():
        if getattr(module, "all_reduce_fn", dist.all_reduce) is not dist.all_reduce:
            message = (
                "This quantizer was built before the processes joined, so its codebooks would drift apart. "
                "Build the model after torch.distributed.init_process_group."
            )
            raise LibraryError(message)


def _package() -> ModuleType:
    """The library; 1.14 warns on import of what it uses of torch, which is nothing that a user can mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return import_module("vector_quantize_pytorch")


def _too_old(what: str) -> str:
    found = version(PACKAGE)
    return f"{PACKAGE} {found} is installed, which has no {what}: install {PACKAGE}>={RELEASE}"
