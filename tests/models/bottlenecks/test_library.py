"""The bottleneck that gives the classes of vector-quantize-pytorch: what holds for every one of them.

`tests/models/test_components.py` runs what holds for every bottleneck over the same classes.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
import vector_quantize_pytorch as library
from torch import Tensor

from narrows.configs import NarrowsError, load_config
from narrows.configs._families import FAMILIES
from narrows.models import create_bottleneck_from_config
from narrows.models.blocks.quantizers import library as ours
from narrows.models.blocks.quantizers.health import codebook_health
from narrows.models.blocks.quantizers.library import CLASSES, LibraryError
from narrows.models.blocks.quantizers.library_calls import CALLS
from narrows.models.bottlenecks import vector_quantize_pytorch as bottleneck_module
from narrows.models.inspection import inspect_model

ROOT = Path(__file__).parents[3]
WIDTH = 6
VQ = {"dim": WIDTH, "codebook_size": 8}
RESIDUAL = {**VQ, "num_quantizers": 4}
CASES: dict[str, dict[str, Any]] = {
    "VectorQuantize": {"quantizer": "VectorQuantize", **VQ, "kmeans_init": True, "threshold_ema_dead_code": 1},
    "heads": {"quantizer": "VectorQuantize", **VQ, "heads": 2, "codebook_dim": 3, "separate_codebook_per_head": True},
    "cosine": {"quantizer": "VectorQuantize", **VQ, "use_cosine_sim": True, "stochastic_sample_codes": True},
    "learnable": {"quantizer": "VectorQuantize", **VQ, "ema_update": False, "learnable_codebook": True},
    "orthogonal": {
        "quantizer": "VectorQuantize",
        **VQ,
        "orthogonal_reg_weight": 1.0,
        "codebook_diversity_loss_weight": 0.1,
    },
    "ResidualVQ": {"quantizer": "ResidualVQ", **RESIDUAL, "kmeans_init": True, "threshold_ema_dead_code": 1},
    "shared": {"quantizer": "ResidualVQ", **RESIDUAL, "shared_codebook": True},
    "dropout": {"quantizer": "ResidualVQ", **RESIDUAL, "quantize_dropout": True},
    "GroupedResidualVQ": {"quantizer": "GroupedResidualVQ", **VQ, "num_quantizers": 2, "groups": 2},
    "RandomProjectionQuantizer": {"quantizer": "RandomProjectionQuantizer", **VQ, "codebook_dim": 3},
    "FSQ": {"quantizer": "FSQ", "levels": [5, 4, 3], "num_codebooks": 2},
    "symmetric": {
        "quantizer": "FSQ",
        "levels": [5, 4, 3],
        "num_codebooks": 2,
        "preserve_symmetry": True,
        "noise_dropout": 0.5,
    },
    "ResidualFSQ": {"quantizer": "ResidualFSQ", "levels": [5, 3], "num_quantizers": 4, "dim": WIDTH},
    "GroupedResidualFSQ": {
        "quantizer": "GroupedResidualFSQ",
        "levels": [5, 3],
        "num_quantizers": 2,
        "dim": WIDTH,
        "groups": 2,
    },
    "LFQ": {"quantizer": "LFQ", **VQ, "frac_per_sample_entropy": 0.5},
    "ResidualLFQ": {"quantizer": "ResidualLFQ", **RESIDUAL, "spherical": True},
    "GroupedResidualLFQ": {"quantizer": "GroupedResidualLFQ", **VQ, "num_quantizers": 2, "groups": 2},
    "LatentQuantize": {"quantizer": "LatentQuantize", "levels": [5, 4, 3], "dim": WIDTH},
    "SimVQ": {"quantizer": "SimVQ", **VQ},
    "ResidualSimVQ": {"quantizer": "ResidualSimVQ", **RESIDUAL},
    "FSP": {"quantizer": "FSP", "levels": [5, 4, 3], "dim": WIDTH, "quantize_rate": 0.5},
    "diveq": {"quantizer": "ResidualVQ", **RESIDUAL, "diveq": True},
    "reparam": {
        "quantizer": "VectorQuantize",
        **VQ,
        "directional_reparam": True,
        "threshold_ema_dead_code": 1,
    },
    "implicit": {"quantizer": "ResidualVQ", **RESIDUAL, "implicit_neural_codebook": True, "mlp_kwargs": {"depth": 1}},
    "beam": {"quantizer": "ResidualVQ", **RESIDUAL, "beam_size": 2, "eval_beam_size": 4},
    "rotated": {
        "quantizer": "ResidualFSQ",
        "levels": [4, 4],
        "num_quantizers": 3,
        "dim": WIDTH,
        "orthogonal_rotation": True,
    },
}
LATER = {
    "symmetric",
    "SimVQ",
    "ResidualSimVQ",
    "FSP",
    "diveq",
    "reparam",
    "implicit",
    "beam",
    "rotated",
    "LatentQuantize",
}
"""Not in 1.14.41, or broken there."""
CURRENT = all(hasattr(library, name) for name in CLASSES)
NAMES = [
    pytest.param(name, marks=[] if CURRENT or name not in LATER else pytest.mark.skip("needs a later release"))
    for name in CASES
]
every_case = pytest.mark.parametrize("name", NAMES)


def build(name: str, **options: Any) -> Any:
    torch.manual_seed(0)
    return create_bottleneck_from_config({"type": "vector_quantize_pytorch", "config": CASES[name] | options})


def frames(seed: int = 0, length: int = 20) -> Tensor:
    return torch.randn(2, WIDTH, length, generator=torch.Generator().manual_seed(seed))


def step(module: Any, optimizer: Any, generator: torch.Generator, seed: int) -> None:
    latents, info = module.encode(frames(seed), return_info=True, generator=generator)
    (latents.square().mean() + info.get("quantizer_loss", 0)).backward() if latents.requires_grad else None
    optimizer.step()
    optimizer.zero_grad()


def optimizer_of(module: Any) -> Any:
    return torch.optim.AdamW([p for p in module.parameters() if p.requires_grad] or [torch.zeros(1)], lr=0.01)


def test_tables_name_the_same_classes() -> None:
    assert set(CLASSES) == set(CALLS) == set(FAMILIES["library_quantizer"].tags)
    assert {case["quantizer"] for case in CASES.values()} == set(CLASSES)


@pytest.mark.skipif(not CURRENT, reason="the schemas are those of a later release")
def test_schemas_are_those_of_the_library() -> None:
    command = [sys.executable, str(ROOT / "tools/library_quantizers.py"), "--check"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("name", CLASSES)
def test_every_option_reaches_the_library(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each option of the schema, at another value than its default, is a keyword of the class."""
    if not CURRENT and name in LATER:
        pytest.skip("needs a later release")
    fields = FAMILIES["library_quantizer"].members[name].model_fields
    known = ours.installed_options(name)
    others = {key: other(field.get_default(call_default_factory=True)) for key, field in fields.items()}
    given = {key: value for key, value in others.items() if value is not None and key in known} | CASES[name]
    config = load_config({"type": "vector_quantize_pytorch", "config": given}, "bottleneck")
    seen: dict[str, Any] = {}

    class Recorded(Exception):
        """Stops the building."""

    def record(**options: Any) -> None:
        seen.update(options)
        raise Recorded

    record.__init__ = getattr(library, name).__init__  # type: ignore[misc]
    monkeypatch.setattr(ours, "installed_options", lambda _: known)
    monkeypatch.setattr(library, name, record)
    with pytest.raises(Recorded):
        bottleneck_module.build_bottleneck(config)
    for key, value in given.items():
        assert key == "quantizer" or seen[key] == value, key


def other(value: Any) -> Any:
    """Another value than a default; None where it says nothing of the type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return value / 2 or 0.5 if isinstance(value, float) else None


@every_case
def test_a_state_of_the_library_gives_its_codes(name: str, tmp_path: Path) -> None:
    """A checkpoint that the library wrote, read without running code from it."""
    config = dict(CASES[name])
    torch.manual_seed(5)
    theirs = getattr(library, config.pop("quantizer"))(**config).train()
    channels_first = name == "LatentQuantize"
    x = frames(length=40)
    with torch.no_grad():
        theirs(x if channels_first else x.transpose(1, 2))
        torch.save(theirs.state_dict(), tmp_path / "library.pt")
        module = build(name).eval()
        module.quantizer.load_state_dict(torch.load(tmp_path / "library.pt", weights_only=True))
        latents, info = module.encode(x, return_info=True)
        result = theirs.eval()(x if channels_first else x.transpose(1, 2))
    if name == "RandomProjectionQuantizer":
        assert torch.equal(module.tokens(info)[:, 0], result)
        return
    quantized, codes = (result[0].transpose(1, 2) if channels_first else result[0]), result[1]
    codes = codes.permute(1, 2, 3, 0).flatten(2) if codes.dim() == 4 else codes
    codes = codes if codes.dim() == 3 else codes.unsqueeze(-1)
    assert torch.equal(module.tokens(info), codes.long().transpose(1, 2))
    if not module.always_noisy:
        torch.testing.assert_close(latents.transpose(1, 2), quantized)


@every_case
def test_tokens_give_the_latents_back(name: str) -> None:
    module, generator = build(name).train(), torch.Generator().manual_seed(0)
    optimizer = optimizer_of(module)
    for seed in range(3):
        step(module, optimizer, generator, seed)
    with torch.no_grad():
        latents, info = module.eval().encode(frames(9), return_info=True)
        torch.testing.assert_close(module.decode_tokens(info["quantizer_indices"]), latents, atol=1e-5, rtol=1e-5)
    assert codebook_health(module.tokens(info), module.codebook_size).usage.shape == (module.num_quantizers,)


@every_case
def test_chunks_are_exact(name: str) -> None:
    module, x = build(name).eval(), frames(length=23)
    with torch.no_grad():
        whole = module.tokens(module.encode(x, return_info=True)[1])
        parts = [module.tokens(module.encode(part, return_info=True)[1]) for part in x.split((1, 7, 15), dim=-1)]
    assert torch.equal(torch.cat(parts, dim=-1), whole)


@every_case
def test_global_generator_is_left_alone(name: str) -> None:
    results = []
    for seed in (1, 2):
        module = build(name).train()
        torch.manual_seed(seed)
        random.seed(seed)
        before, of_python = torch.get_rng_state(), random.getstate()
        results.append(module.encode(frames(), generator=torch.Generator().manual_seed(3)))
        assert torch.equal(torch.get_rng_state(), before)
        assert random.getstate() == of_python
    assert torch.equal(*results)


@every_case
def test_evaluation_changes_nothing(name: str) -> None:
    module = build(name).eval()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    module.encode(frames())
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())


@every_case
def test_resumed_training_is_the_same(name: str, tmp_path: Path) -> None:
    module, generator = build(name).train(), torch.Generator().manual_seed(0)
    optimizer = optimizer_of(module)
    for seed in range(2):
        step(module, optimizer, generator, seed)
    state = {"module": module.state_dict(), "optimizer": optimizer.state_dict(), "draws": generator.get_state()}
    torch.save(state, tmp_path / "state.pt")
    second = build(name).train()
    again, draws = optimizer_of(second), torch.Generator()
    stored = torch.load(tmp_path / "state.pt", weights_only=True)
    second.load_state_dict(stored["module"])
    again.load_state_dict(stored["optimizer"])
    draws.set_state(stored["draws"])
    for seed in range(2, 4):
        step(module, optimizer, generator, seed)
        step(second, again, draws, seed)
    for key, value in module.state_dict().items():
        assert torch.equal(value, second.state_dict()[key]), key


@pytest.mark.slow
@pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="needs gloo")
def test_two_processes_stay_in_step(tmp_path: Path) -> None:
    """All codebooks are equal after a few steps; what the library cannot keep in step is refused."""
    cases = {name: case for name, case in CASES.items() if CURRENT or name not in LATER}
    refused = {"k-means of heads": CASES["heads"] | {"kmeans_init": True}}
    path, script = tmp_path / "cases.json", Path(__file__).with_name("library_processes.py")
    path.write_text(json.dumps(cases | refused), encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", str(script)]
    done = subprocess.run(
        [*command, str(path)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    differing = json.loads((tmp_path / "differing.json").read_text(encoding="utf-8"))
    (message,) = differing.pop("k-means of heads")
    assert "kmeans init is not compatible with multiple codebooks in distributed" in message
    assert differing == {name: [] for name in cases}


def test_built_before_the_processes_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    module = build("ResidualVQ").train()
    monkeypatch.setattr(ours, "is_distributed", lambda: True)
    with pytest.raises(LibraryError, match="built before the processes joined"):
        module.encode(frames())


@pytest.mark.parametrize("name", ["dropout", "grouped"])
def test_fewer_stages(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "grouped":
        monkeypatch.setitem(CASES, name, {**CASES["GroupedResidualVQ"], "quantize_dropout": True})
    module, count = build(name).eval(), 2
    latents, info = module.encode(frames(), return_info=True, n_quantizers=count)
    whole = module.tokens(module.encode(frames(), return_info=True)[1])
    assert torch.equal(module.tokens(info), whole[:, :count])
    torch.testing.assert_close(module.dequantize(whole[:, :count]), latents)
    with pytest.raises(ValueError, match="for evaluation"):
        module.train().encode(frames(), n_quantizers=count)
    kept = {
        module.tokens(module.encode(frames(), return_info=True, generator=torch.Generator().manual_seed(s))[1]).shape[1]
        for s in range(12)
    }
    assert len(kept) > 1
    assert max(kept) <= module.num_quantizers


def test_an_old_release_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(library, "LFQ")
    with pytest.raises(LibraryError, match=r"has no class LFQ: install vector-quantize-pytorch>=1\.32\.0"):
        build("LFQ")
    old = {k: v for k, v in ours.installed_options("VectorQuantize").items() if k not in {"decay", "eps"}}
    monkeypatch.setattr(ours, "installed_options", lambda _: old)
    build("VectorQuantize")  # an option at its default is not missed
    with pytest.raises(LibraryError, match=r"has no option 'decay' of VectorQuantize: install .*1\.32\.0"):
        build("VectorQuantize", decay=0.5)


def test_values_that_the_library_refuses() -> None:
    with pytest.raises(LibraryError, match="refuses these options of VectorQuantize") as refused:
        build("VectorQuantize", learnable_codebook=True, ema_update=True)
    assert isinstance(refused.value, NarrowsError)


def test_more_codes_than_the_library_can_number() -> None:
    with pytest.raises(LibraryError, match=r"levels of FSQ make 39135393 codes, .* at most 16777216"):
        create_bottleneck_from_config(
            {"type": "vector_quantize_pytorch", "config": {"quantizer": "FSQ", "levels": [33] * 5}}
        )


def test_only_classes_of_the_table() -> None:
    with pytest.raises(LibraryError, match="must be one of"):
        ours.build_quantizer("Sequential", {})
    assert inspect.isclass(importlib.import_module("vector_quantize_pytorch").VectorQuantize)


@every_case
def test_bitrate(name: str) -> None:
    shape = {"channels": 2, "c_mults": [1], "strides": [2], "latent_dim": WIDTH}
    model = {
        "encoder": {"type": "oobleck", "config": {**shape, "in_channels": 1}},
        "decoder": {"type": "oobleck", "config": {**shape, "out_channels": 1}},
        "bottleneck": {"type": "vector_quantize_pytorch", "config": CASES[name]},
        "latent_dim": WIDTH,
        "downsampling_ratio": 2,
        "io_channels": 1,
    }
    found = inspect_model({"model_type": "autoencoder", "sample_rate": 16000, "model": model})
    module = build(name)
    bits = module.num_quantizers * torch.tensor(float(module.codebook_size)).log2().item()
    assert found.bitrate == pytest.approx(bits * 8)


@pytest.mark.parametrize("name", [n for n in NAMES if n.values[0] in CLASSES])
def test_trains(name: str) -> None:
    """A short form of `benchmarks/train_library_quantizers.py`: a linear codec learns, and several codes are used."""
    torch.manual_seed(0)
    module = build(name).train()
    encoder, decoder = torch.nn.Conv1d(2, WIDTH, 1), torch.nn.Conv1d(WIDTH, 2, 1)
    parameters = [*encoder.parameters(), *decoder.parameters(), *(p for p in module.parameters() if p.requires_grad)]
    optimizer, generator, errors = torch.optim.Adam(parameters, lr=0.02), torch.Generator().manual_seed(0), []
    for _ in range(60):
        x = torch.randn(4, 2, 32, generator=generator)
        latents, info = module.encode(encoder(x), return_info=True, generator=generator)
        error = (decoder(latents) - x).square().mean()
        (error + info.get("quantizer_loss", 0)).backward()
        optimizer.step()
        optimizer.zero_grad()
        errors.append(error.item())
    assert sum(errors[-10:]) < 0.8 * sum(errors[:10])
    tokens = module.tokens(module.eval().encode(encoder(x), return_info=True)[1])
    assert codebook_health(tokens, module.codebook_size).perplexity.min() > 1.5


@pytest.mark.parametrize("case", ["VectorQuantize", "ResidualVQ"])
def test_threads_evaluate_what_has_not_started(case: str) -> None:
    module = build(case).eval()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    frames = [torch.randn(1, WIDTH, 50, generator=torch.Generator().manual_seed(seed)) for seed in range(4)]
    alone = [module(x)[1]["quantizer_indices"] for x in frames]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda number: module(frames[number % 4])[1]["quantizer_indices"], range(80)))
    assert all(torch.equal(tokens, alone[number % 4]) for number, tokens in enumerate(together))
    for name, value in module.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0, msg=name)
