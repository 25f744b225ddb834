"""What holds for every encoder, decoder, bottleneck and pretransform: one place, so that a new type is covered."""

from __future__ import annotations

import copy
import dataclasses
import inspect
from functools import cache
from importlib import import_module
from typing import Any, Literal, get_args, get_origin

import pytest
import torch
import vector_quantize_pytorch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from torch import Tensor, nn

from narrows.configs._base import ConfigModel
from narrows.configs._families import FAMILIES
from narrows.models import create_bottleneck_from_config, create_decoder_from_config, create_encoder_from_config
from narrows.models._options import only_for_old_files
from narrows.models.bottlenecks import Bottleneck, DiscreteBottleneck, build_bottleneck
from narrows.models.decoders import build_decoder
from narrows.models.encoders import build_encoder
from narrows.models.pretransforms import build_pretransform

BUILDERS = {
    "encoder": build_encoder,
    "decoder": build_decoder,
    "bottleneck": build_bottleneck,
    "pretransform": build_pretransform,
}
MEMBERS = [(family, tag) for family in BUILDERS for tag in FAMILIES[family].tags]
ids = lambda pair: "-".join(pair)  # noqa: E731

# Channels that bottlenecks without a width of their own are tried on; all others take 6 or what they say.
CHANNELS = 6
# Options to try a bottleneck with, where it needs some or its defaults would be slow; any other is tried as it comes.
OPTIONS: dict[str, dict[str, Any]] = {
    "tanh": {"scale": 2.0},
    "vae": {},
    "l2_norm": {},
    "wasserstein": {"use_tanh": True},
    "softnorm": {"dim": CHANNELS, "auto_scale": True},
    "identity": {},
    "skip": {"target_channels": CHANNELS},
    "rvq": {"dim": CHANNELS, "codebook_size": 8, "num_quantizers": 4},
    "rvq_vae": {"dim": CHANNELS, "codebook_size": 8, "num_quantizers": 4, "codebook_dim": 3},
    "grouped_rvq": {"dim": CHANNELS, "groups": 2, "codebook_size": 8, "num_quantizers": 2},
    "dac_rvq": {"input_dim": CHANNELS, "codebook_size": 8, "n_codebooks": 4, "codebook_dim": 3},
    "dac_rvq_vae": {"input_dim": CHANNELS, "codebook_size": 8, "n_codebooks": 4, "codebook_dim": [1, 2, 3, 4]},
    "fsq": {"levels": [5, 4, 3], "num_codebooks": 2},
    "dithered_fsq": {"dim": 3, "levels": [4, 7, 2], "num_codebooks": 2},
    "residual_fsq": {"levels": [5, 3, 4], "num_quantizers": 4, "dim": CHANNELS},
    "lfq": {"codebook_size": 8, "num_codebooks": 2},
    "simvq": {"dim": CHANNELS, "codebook_size": 8, "num_quantizers": 4},
    "split_rvq": {"dim": CHANNELS, "codebook_dim": 3, "codebook_size": 8, "num_quantizers": 4},
    "snac_rvq": {"input_dim": CHANNELS // 2, "codebook_size": 8, "codebook_dim": 3, "strides": [2, 1], "fold": 2},
}
# Options for each class of vector-quantize-pytorch; K is 4, 2 or 1.
LIBRARY: dict[str, dict[str, Any]] = {
    "VectorQuantize": {"dim": CHANNELS, "codebook_size": 8, "heads": 2, "codebook_dim": 3},
    "ResidualVQ": {"dim": CHANNELS, "codebook_size": 8, "num_quantizers": 4, "kmeans_init": True},
    "GroupedResidualVQ": {"dim": CHANNELS, "groups": 2, "codebook_size": 8, "num_quantizers": 2},
    "RandomProjectionQuantizer": {"dim": CHANNELS, "codebook_size": 8, "codebook_dim": 3, "num_codebooks": 2},
    "FSQ": {"levels": [5, 4, 3], "num_codebooks": 2},
    "ResidualFSQ": {"levels": [5, 3, 4], "num_quantizers": 4, "dim": CHANNELS},
    "GroupedResidualFSQ": {"levels": [5, 3], "num_quantizers": 2, "dim": CHANNELS, "groups": 2},
    "LFQ": {"codebook_size": 8, "num_codebooks": 2},
    "ResidualLFQ": {"dim": CHANNELS, "codebook_size": 8, "num_quantizers": 4, "spherical": True},
    "GroupedResidualLFQ": {"dim": CHANNELS, "groups": 2, "codebook_size": 8, "num_quantizers": 2},
    "LatentQuantize": {"levels": [5, 4, 3], "dim": CHANNELS, "num_codebooks": 2},
    "SimVQ": {"dim": CHANNELS, "codebook_size": 8},
    "ResidualSimVQ": {"dim": CHANNELS, "codebook_size": 8, "num_quantizers": 4},
    "FSP": {"levels": [5, 4, 3], "dim": CHANNELS, "quantize_rate": 0.5},
}
# Options that change how codes are trained, of types whose defaults are the reference's.
TRAINED: dict[str, dict[str, Any]] = {
    "dac_rvq-revived": {**OPTIONS["dac_rvq"], "revive_below": 0.5, "rotation_trick": True},
    "dac_rvq-averages": {**OPTIONS["dac_rvq"], "revive_below": 0.5, "average_decay": 0.9},
    "dac_rvq-linear": {**OPTIONS["dac_rvq"], "linear_codebook": True},
    "simvq-revived": {**OPTIONS["simvq"], "revive_below": 0.5},
    "snac_rvq-revived": {**OPTIONS["snac_rvq"], "revive_below": 0.5, "rotation_trick": True},
}
# Of 1.14.41: classes that came later, and one whose constructor fails there.
MISSING = {name for name in LIBRARY if not hasattr(vector_quantize_pytorch, name)}
OLD = MISSING | ({"LatentQuantize"} if MISSING else set())
OPTIONS["vector_quantize_pytorch"] = {"quantizer": "ResidualVQ", **LIBRARY["ResidualVQ"]}
BOTTLENECKS = {tag: OPTIONS.get(tag, {}) for tag in FAMILIES["bottleneck"].tags}
BOTTLENECKS |= {f"vector_quantize_pytorch-{n}": {"quantizer": n, **o} for n, o in LIBRARY.items() if n not in OLD}
BOTTLENECKS |= TRAINED
PRECISIONS = [None, torch.bfloat16, torch.float16]


def config_class(family: str, tag: str) -> type[ConfigModel]:
    found: type[ConfigModel] = FAMILIES[family].members[kind(tag)]
    return found


def kind(tag: str) -> str:
    """The type of a bottleneck that is tried in several ways: what stands before the hyphen."""
    return tag.partition("-")[0]


def bottleneck(tag: str, **options: Any) -> Bottleneck:
    torch.manual_seed(0)
    return create_bottleneck_from_config({"type": kind(tag), "config": BOTTLENECKS[tag] | options})


DISCRETE = sorted(tag for tag in BOTTLENECKS if bottleneck(tag).is_discrete)


def encoder_output(tag: str, frames: int = 7, batch: int = 2, seed: int = 0) -> Tensor:
    extra = config_class("bottleneck", tag).model_config.get("json_schema_extra")
    factor = extra.get("x-encoder-channels", 1) if isinstance(extra, dict) else 1
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, CHANNELS * factor, frames, generator=generator)


@cache
def built_from(family: str, tag: str) -> Any:
    """The class a member's builder makes, from its return annotation."""
    module = import_module(f"narrows.models.{family}s.{tag.lower()}")
    builder = BUILDERS[family].registry[config_class(family, tag)]
    annotation = inspect.get_annotations(builder)["return"]
    return getattr(module, annotation) if isinstance(annotation, str) else annotation


@pytest.mark.parametrize("member", MEMBERS, ids=ids)
def test_exactly_one_builder(member: tuple[str, str]) -> None:
    family, tag = member
    import_module(f"narrows.models.{family}s.{tag.lower()}")
    cls = config_class(family, tag)
    assert cls in BUILDERS[family].registry
    others = [other for other in FAMILIES[family].members.values() if other is not cls]
    assert not any(issubclass(cls, other) for other in others), "a derived class would be built as its parent"


# The options of this type are those of another library: tests/models/bottlenecks/test_library.py compares them.
OWN = [m for m in MEMBERS if m[0] != "pretransform" and m[1] != "vector_quantize_pytorch"]


@pytest.mark.parametrize("member", OWN, ids=ids)
def test_constructor_agrees_with_the_schema(member: tuple[str, str]) -> None:
    import_module(f"narrows.models.{member[0]}s.{member[1].lower()}")
    options = config_class(*member).model_fields["config"].annotation
    assert inspect.isclass(options)
    assert issubclass(options, ConfigModel)
    wanted = {key: field for key, field in options.model_fields.items() if not without_choice(field)}
    given = signature(built_from(*member))
    assert set(wanted) == set(given), "options and constructor parameters"
    for key, field in wanted.items():
        default = PydanticUndefined if given[key].default is inspect.Parameter.empty else given[key].default
        assert plain(default) == plain(field.get_default(call_default_factory=True)), f"default of {key}"


def without_choice(field: FieldInfo) -> bool:
    """An option that old files may have, or that can only be written in one way."""
    single = get_origin(field.annotation) is Literal and len(get_args(field.annotation)) == 1
    return single or only_for_old_files(field)


def signature(cls: type) -> dict[str, inspect.Parameter]:
    """Parameters of a constructor; `**style` those of a class `...Options`, `**rvq` those of that bottleneck."""
    given = {} if cls.__init__ is nn.Module.__init__ else dict(inspect.signature(cls).parameters)
    for name, parameter in list(given.items()):
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            del given[name]
            module = import_module(cls.__module__)
            shared = [value for key, value in vars(module).items() if name == "style" and key.endswith("Options")]
            given = signature(shared[0] if shared else built_from("bottleneck", name)) | given
    for field in dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else ():
        if field.default_factory is not dataclasses.MISSING:
            given[field.name] = given[field.name].replace(default=field.default_factory())
    return given


def plain(value: Any) -> Any:
    """Lists for tuples; None for options of which none is set."""
    if isinstance(value, ConfigModel):
        return value.model_dump(exclude_defaults=True) or None
    if value == {}:
        return None
    return list(value) if isinstance(value, tuple) else value


def with_defaults(family: str, tag: str) -> dict[str, Any]:
    return {"type": kind(tag), "config": BOTTLENECKS[tag]} if family == "bottleneck" else {"type": tag, "config": {}}


@pytest.mark.parametrize("member", [m for m in MEMBERS if m[0] != "pretransform"], ids=ids)
def test_survives_deepcopy_and_the_meta_device(member: tuple[str, str]) -> None:
    family, tag = member
    create = {"encoder": create_encoder_from_config, "decoder": create_decoder_from_config}.get(
        family, create_bottleneck_from_config
    )
    options = config_class(*member).model_fields["config"].annotation
    if family != "bottleneck" and any(field.is_required() for field in options.model_fields.values()):
        pytest.skip("has options without a default; its own test covers it")
    with torch.device("meta"):
        module = create(with_defaults(family, tag))
    assert all(tensor.is_meta for tensor in module.state_dict().values())
    twin = copy.deepcopy(module)
    assert type(twin) is type(module)
    assert list(twin.state_dict()) == list(module.state_dict())


def test_options_are_of_bottlenecks_that_exist() -> None:
    assert OPTIONS.keys() <= BOTTLENECKS.keys()
    assert {"rvq", "dac_rvq", "fsq"} <= set(DISCRETE)


@pytest.mark.parametrize("tag", sorted(BOTTLENECKS))
@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@given(frames=st.integers(2, 33), batch=st.integers(1, 3))
@settings(max_examples=5, deadline=None)
def test_shapes_at_any_length(tag: str, training: bool, frames: int, batch: int) -> None:
    module = bottleneck(tag).train(training)
    latents, info = module.encode(encoder_output(tag, frames, batch), return_info=True)
    assert latents.shape == (batch, CHANNELS, frames)
    assert module.decode(latents).shape == (batch, CHANNELS, frames)
    assert latents.isfinite().all()
    assert set(info) <= {term.key for term in module.losses} | set(module.info_keys)
    assert set(module.info_keys) <= set(info)


@pytest.mark.parametrize("tag", sorted(BOTTLENECKS))
def test_losses_are_those_of_the_schema(tag: str) -> None:
    module = bottleneck(tag).train()
    extra = config_class("bottleneck", tag).model_config["json_schema_extra"]
    assert isinstance(extra, dict)
    if kind(tag) == "vector_quantize_pytorch":
        extra = FAMILIES["library_quantizer"].members[BOTTLENECKS[tag]["quantizer"]].model_config["json_schema_extra"]
    assert [term.weight_key for term in module.losses] == extra["x-losses"]
    _, info = module.encode(encoder_output(tag), return_info=True)
    for term in module.losses:
        assert info[term.key].shape == ()
        assert info[term.key].isfinite()


@pytest.mark.parametrize("tag", sorted(BOTTLENECKS))
@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
def test_gradients_reach_the_encoder(tag: str, training: bool) -> None:
    module = bottleneck(tag).train(training)
    x = encoder_output(tag).requires_grad_()
    decoded = module.decode(module.encode(x))
    cotangent = torch.randn(decoded.shape, generator=torch.Generator().manual_seed(1))
    (gradient,) = torch.autograd.grad((decoded * cotangent).sum(), x)
    assert gradient.isfinite().all()
    assert (gradient.abs().sum(dim=1) > 0).all(), "every frame"


@pytest.mark.parametrize("tag", sorted(BOTTLENECKS))
@pytest.mark.parametrize("precision", PRECISIONS, ids=str)
def test_precisions(tag: str, precision: torch.dtype | None) -> None:
    """Forward and backward are finite under autocast, and tokens are those of float32 on the same input."""
    module, x = bottleneck(tag).train(), (encoder_output(tag, 16) * 3).requires_grad_()
    with torch.autocast("cpu", precision, enabled=precision is not None):
        latents, info = module.encode(x.to(precision) if precision else x, return_info=True)
        loss = module.decode(latents).float().square().mean() + sum(info[term.key] for term in module.losses)
    loss.backward()
    assert latents.isfinite().all()
    assert x.grad is not None
    assert x.grad.isfinite().all()
    if isinstance(module, DiscreteBottleneck):
        tokens = module.tokens(info)
        assert tokens.dtype == torch.int64
        assert tokens.min() >= 0
        assert tokens.max() < module.codebook_size


@pytest.mark.parametrize("tag", DISCRETE)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_models_of_16_bit(tag: str, dtype: torch.dtype) -> None:
    """Weights of 16 bit: latents of that type, and tokens that give them back."""
    module = bottleneck(tag).eval().to(dtype)
    assert isinstance(module, DiscreteBottleneck)
    with torch.no_grad():
        latents, info = module.encode(encoder_output(tag, 9).to(dtype), return_info=True)
        assert latents.dtype == dtype
        torch.testing.assert_close(module.dequantize(module.tokens(info)).to(dtype), latents, atol=0.01, rtol=0.01)


@pytest.mark.parametrize("tag", sorted(BOTTLENECKS))
@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
def test_a_generator_decides_everything(tag: str, training: bool) -> None:
    x = encoder_output(tag, 20, 4)

    def run(global_seed: int) -> list[Tensor]:
        module = bottleneck(tag).train(training)
        torch.manual_seed(global_seed)
        generator = torch.Generator().manual_seed(7)
        latents, info = module.encode(x, return_info=True, generator=generator)
        decoded = module.decode(latents, generator=generator)
        return [latents, decoded, *(v for v in info.values() if isinstance(v, Tensor)), *module.state_dict().values()]

    for first, second in zip(run(1), run(2), strict=True):
        assert torch.equal(first, second)


@pytest.mark.parametrize("tag", sorted(BOTTLENECKS))
def test_padding_changes_nothing(tag: str) -> None:
    """With a mask, what stands in padded frames reaches no loss, no gradient and no statistic."""
    mask = torch.ones(2, 12, dtype=torch.bool)
    mask[1, 8:] = False
    results = []
    for filler in (0.0, 50.0):
        module = bottleneck(tag).train()
        x = torch.where(mask[:, None], encoder_output(tag, 12), filler).requires_grad_()
        generator = torch.Generator().manual_seed(3)
        latents, info = module.encode(x, return_info=True, mask=mask, generator=generator)
        loss = sum((info[term.key] for term in module.losses), latents.transpose(1, 2)[mask].square().sum())
        loss.backward()
        assert x.grad is not None
        parameters = [p.grad for p in module.parameters() if p.grad is not None]
        losses = [info[term.key].detach() for term in module.losses]
        results.append([*losses, x.grad.transpose(1, 2)[mask], *parameters, *module.state_dict().values()])
    for first, second in zip(*results, strict=True):
        assert torch.equal(first, second)


@pytest.mark.parametrize("tag", [tag for tag in sorted(BOTTLENECKS) if tag not in {"wasserstein", "softnorm"}])
def test_items_of_a_batch_are_independent(tag: str) -> None:
    module = bottleneck(tag).eval()
    x = encoder_output(tag, 9, 3)
    if x.shape[1] != CHANNELS:
        return  # noise differs from item to item
    together = module.encode(x)
    for index in range(3):
        torch.testing.assert_close(module.encode(x[index : index + 1])[0], together[index], atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("tag", DISCRETE)
@given(frames=st.integers(1, 19), seed=st.integers(0, 99))
@settings(max_examples=8, deadline=None)
def test_tokens_give_the_latents_back(tag: str, frames: int, seed: int) -> None:
    module = bottleneck(tag).eval()
    assert isinstance(module, DiscreteBottleneck)
    with torch.no_grad():
        latents, info = module.encode(encoder_output(tag, frames, 2, seed), return_info=True)
        tokens = module.tokens(info)
        assert tokens.shape == (2, module.num_quantizers, frames)
        torch.testing.assert_close(module.dequantize(tokens), latents, atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(module.decode_tokens(info[module.tokens_id]), module.decode(latents))


@pytest.mark.parametrize("tag", [t for t in DISCRETE if getattr(bottleneck(t), "is_residual", False)])
@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
def test_fewer_quantizers(tag: str, training: bool) -> None:
    """Exactly the first k codes, in training and with dropout too, and any number of them decodes."""
    dropout = {"quantizer_dropout": 1.0} if "dac" in tag else {"quantize_dropout": True}
    # Nothing may be drawn before the codes of the first stages.
    still = (
        {"kmeans_init": False, "threshold_ema_dead_code": 0}
        if tag.removeprefix("grouped_").removeprefix("split_")[:3] == "rvq"
        else {}
    )
    x = encoder_output(tag, 10)

    def encode(count: int | None) -> tuple[DiscreteBottleneck, Tensor, Tensor]:
        module = bottleneck(tag, **still, **({} if count is None else dropout)).train(training)
        assert isinstance(module, DiscreteBottleneck)
        generator = torch.Generator().manual_seed(0)
        options = {} if count is None else {"n_quantizers": count}
        latents, info = module.encode(x, return_info=True, generator=generator, **options)
        return module, latents, module.tokens(info)

    _, _, everything = encode(None)
    for count in (2, 4):
        module, latents, tokens = encode(count)
        assert tokens.shape[1] == count
        assert torch.equal(tokens, everything[:, :count])
        if not training:
            torch.testing.assert_close(module.dequantize(tokens), latents)
    for wrong in (0, 5):
        with pytest.raises(ValueError, match="n_quantizers must be"):
            encode(wrong)


@pytest.mark.parametrize("tag", [t for t in DISCRETE if getattr(bottleneck(t), "is_residual", False)])
@given(seed=st.integers(0, 500))
@settings(max_examples=10, deadline=None)
def test_dropout_keeps_tokens_in_range(tag: str, seed: int) -> None:
    dropout = {"quantizer_dropout": 0.5} if "dac" in tag else {"quantize_dropout": True}
    module = bottleneck(tag, **dropout).train()
    assert isinstance(module, DiscreteBottleneck)
    generator = torch.Generator().manual_seed(seed)
    _, info = module.encode(encoder_output(tag, 5, 4), return_info=True, generator=generator)
    tokens = module.tokens(info)
    assert tokens.min() >= 0
    assert tokens.max() < module.codebook_size
    assert 1 <= tokens.shape[1] <= module.num_quantizers
    module.dequantize(tokens)


@pytest.mark.parametrize("tag", DISCRETE)
def test_wrong_tokens_are_refused(tag: str) -> None:
    module = bottleneck(tag).eval()
    assert isinstance(module, DiscreteBottleneck)
    tokens = torch.zeros(1, module.num_quantizers, 3, dtype=torch.int64)
    for wrong, message in (
        (tokens.float(), "must be integers"),
        (tokens[0], "must be integers"),
        (tokens + module.codebook_size, "must be from 0 to"),
        (tokens - 1, "must be from 0 to"),
        (tokens.repeat(1, 3, 1), "codebooks, got"),
    ):
        with pytest.raises(ValueError, match=message):
            module.dequantize(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("tag", [tag for tag in sorted(BOTTLENECKS) if getattr(bottleneck(tag), "one_graph", True)])
def test_compiles_without_graph_breaks(tag: str) -> None:
    module, x = bottleneck(tag).eval(), encoder_output(tag)
    torch.compiler.reset()

    def run(function: Any, argument: Tensor) -> Any:
        return torch.compile(function, fullgraph=True, backend="eager")(argument)

    with torch.no_grad():
        latents, info = run(lambda given: module.encode(given, return_info=True), x)
        assert run(module.decode, latents).shape == module.decode(latents).shape
        if isinstance(module, DiscreteBottleneck):
            torch.testing.assert_close(run(module.decode_tokens, info[module.tokens_id]), module.decode(latents))


@pytest.mark.parametrize("tag", sorted(BOTTLENECKS))
def test_wrong_shapes_are_refused(tag: str) -> None:
    with pytest.raises(ValueError, match=r"takes \(batch, channels, frames\)"):
        bottleneck(tag).encode(torch.zeros(3, CHANNELS))


@pytest.mark.parametrize("tag", sorted(BOTTLENECKS))
def test_frozen_bottlenecks_have_nothing_to_train(tag: str) -> None:
    module = create_bottleneck_from_config({"type": kind(tag), "config": BOTTLENECKS[tag], "requires_grad": False})
    assert not any(parameter.requires_grad for parameter in module.parameters())
    assert isinstance(module, nn.Module)


@pytest.mark.parametrize("tag", sorted(BOTTLENECKS))
@given(data=st.data())
@settings(max_examples=5, deadline=None)
def test_arbitrary_words_are_no_options(tag: str, data: st.DataObject) -> None:
    word = data.draw(from_schema({"type": "string", "pattern": "^[a-z]{9,12}$"}))
    with pytest.raises(ValueError, match="Unknown key"):
        create_bottleneck_from_config({"type": kind(tag), "config": BOTTLENECKS[tag] | {word: 1}})
