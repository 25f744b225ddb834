"""One call of a generative model's network as a graph: the denoiser of a diffusion model, the step of a language model.

Everything around it (samplers, guidance, patterns, text encoders) stays outside: a program that runs the graph brings
its own. Letters: B batch, D channels, L latent frames, N condition tokens, K codebooks, S steps, V classes.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Generator, Tensor, nn
from torch.export import Dim

from narrows.configs.rules.roles import option
from narrows.models.diffusion.conditions import CONDITION, Place
from narrows.models.diffusion.model import DiffusionModel
from narrows.models.export.errors import ExportError
from narrows.models.export.graphs import FEWEST
from narrows.models.inference import prepare_for_inference
from narrows.models.lm.conditions import Conditions
from narrows.models.lm.model import AudioLanguageModel
from narrows.models.lm.network import TokenNetwork

NETWORKS = ("denoiser", "step")
PREFIX = "narrows."
WIDTHS: dict[Place, str] = {
    "cross": "cross-width",
    "global": "global-width",
    "prepend": "prepend-width",
    "concat": "concat-width",
    "local": "local-width",
}
"""Role of the backbone's option that says how wide a condition is."""
ROUTES: dict[Place, str] = {"global": "vector"}
"""Names of places in the routing, where they differ."""
Axis = int | Literal["batch", "length", "tokens"]


@dataclass(frozen=True)
class Input:
    """An input of a graph.

    Attributes:
        name: what it is called.
        axes: its shape; words for axes that are left open.
        kind: `noise`, `time` (from 0 to 1), or a number of values for integers below it.
    """

    name: str
    axes: tuple[Axis, ...]
    kind: Literal["noise", "time"] | int = "noise"

    def example(self, sizes: dict[str, int], generator: Generator) -> Tensor:
        """Values of a size."""
        shape = [sizes[axis] if isinstance(axis, str) else axis for axis in self.axes]
        if isinstance(self.kind, int):
            return torch.randint(self.kind, shape, generator=generator)
        return (torch.rand if self.kind == "time" else torch.randn)(shape, generator=generator)


@dataclass(frozen=True)
class NetworkPart:
    """A graph and its inputs; see `narrows.models.export.graphs.Part`."""

    name: str
    graph: nn.Module
    given: tuple[Input, ...]
    output: str
    multiple: int = 1
    fewest: int = FEWEST
    gives_tokens: bool = False

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of its inputs."""
        return tuple(one.name for one in self.given)

    def examples(self, batch: int, multiples: int, seed: int = 0) -> tuple[Tensor, ...]:
        """Inputs of this size."""
        generator = Generator().manual_seed(seed)
        sizes = {"batch": batch, "length": self.multiple * multiples, "tokens": FEWEST + 1 + seed}
        return tuple(one.example(sizes, generator) for one in self.given)

    def free(self, batch: Any, length: Any) -> tuple[dict[int, Any], ...]:
        """Axes of each input that are left open."""
        whole = self.multiple * length if self.multiple > 1 else length
        open_axes = {"batch": batch, "length": whole, "tokens": Dim("tokens", min=FEWEST, max=1 << 16)}
        return tuple({n: open_axes[a] for n, a in enumerate(one.axes) if isinstance(a, str)} for one in self.given)


class Denoiser(nn.Module):
    """What a diffusion model predicts, without guidance: `(B, D, L)` of `(B, D, L)`, times `(B,)` and conditions."""

    def __init__(self, model: DiffusionModel, places: tuple[Place, ...]) -> None:
        super().__init__()
        self.model = model.model
        self._places = places

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        first: Tensor | None = None,
        second: Tensor | None = None,
        third: Tensor | None = None,
        fourth: Tensor | None = None,
        fifth: Tensor | None = None,
    ) -> Tensor:
        """Predict; conditions in the order of the places."""
        # torch.export wants each input by itself, not a tuple of them.
        given = (first, second, third, fourth, fifth)[: len(self._places)]
        inputs = {CONDITION[place]: value for place, value in zip(self._places, given, strict=True)}
        out: Tensor = self.model(x, t, **inputs)
        return out


class Step(nn.Module):
    """Logits `(B, K, S, V)` of the step behind each step, of tokens `(B, K, S)` and conditions."""

    def __init__(self, network: TokenNetwork, places: tuple[str, ...]) -> None:
        super().__init__()
        self.network = network
        self._places = places

    def forward(
        self, sequence: Tensor, first: Tensor | None = None, second: Tensor | None = None, third: Tensor | None = None
    ) -> Tensor:
        """Predict; conditions in the order of the places."""
        given = (first, second, third)[: len(self._places)]
        out: Tensor = self.network(sequence, Conditions(**dict(zip(self._places, given, strict=True))))
        return out


def is_network(model: Any) -> bool:
    """Whether a model generates, and has a network to export."""
    return isinstance(model, DiffusionModel | AudioLanguageModel)


def network_of(model: Any) -> tuple[NetworkPart, nn.Module]:
    """The graph of a copy of the model's network, its weight normalisation folded, and what it is compared with.

    Raises:
        ExportError: it cannot be one.
    """
    part, plain = (_part(copy.deepcopy(model).cpu().float().eval()) for _ in range(2))
    prepare_for_inference(part.graph)
    return part, plain.graph


def _part(model: Any) -> NetworkPart:
    return _denoiser(model) if isinstance(model, DiffusionModel) else _step(model)


def network_metadata(model: Any, part: NetworkPart) -> dict[str, str]:
    """Names and values, as every format can hold them."""
    document = model.config.model_dump(mode="json", by_alias=True, exclude_unset=True)
    facts = {
        "part": part.name,
        "config": json.dumps(document, ensure_ascii=False),
        "sample_rate": model.sample_rate,
        "inputs": json.dumps({one.name: one.axes for one in part.given}),
        "output": part.output,
        "input_multiple": part.multiple,
        "input_least": part.multiple * part.fewest,
    }
    if isinstance(model, DiffusionModel):
        facts["objective"] = model.diffusion_objective
    return {f"{PREFIX}{name}": str(value) for name, value in facts.items()}


def _denoiser(model: DiffusionModel) -> NetworkPart:
    if model.routing.modular:
        raise ExportError("Conditions of single layers (modular_local_cond) are not exported")
    config: Any = model.config
    places = tuple(place for place in WIDTHS if getattr(model.routing, ROUTES.get(place, place)))
    multiple = model.length_multiple
    given = [Input("x", ("batch", model.io_channels, "length")), Input("t", ("batch",), "time")]
    given += [_condition(place, _width(config.model.diffusion.config, WIDTHS[place])) for place in places]
    return NetworkPart("denoiser", Denoiser(model, places), tuple(given), "prediction", multiple)


def _condition(place: Place, width: int) -> Input:
    axes: tuple[Axis, ...] = ("batch", "tokens", width)
    if place == "global":
        axes = ("batch", width)
    elif place in ("concat", "local"):
        axes = ("batch", width, "length")
    return Input(CONDITION[place], axes)


def _step(model: AudioLanguageModel) -> NetworkPart:
    network = model.lm
    if not isinstance(network, TokenNetwork):
        raise ExportError("A masked language model has no step: it predicts whole clips in several passes")
    config: Any = model.config
    block = config.model.lm
    routes = {"cross": "cross_attention_cond_ids", "prepend": "prepend_cond_ids", "sum": "sum_cond_ids"}
    places = tuple(place for place, ids in routes.items() if getattr(block, ids, None))
    given = [Input("sequence", ("batch", network.num_quantizers, "length"), network.codebook_size + 1)]
    given += [_lm_condition(place, _width(block.config, f"{place}-width")) for place in places]
    return NetworkPart("step", Step(network, places), tuple(given), "logits")


def _lm_condition(place: str, width: int) -> Input:
    return Input(place, ("batch", 1 if place == "sum" else "tokens", width))


def _width(options: Any, role: str) -> int:
    found = option(options, role)
    if found is None or not found.value:
        raise ExportError(f"This backbone does not say how wide a condition is ({role}): it cannot be exported")
    return int(found.value)
