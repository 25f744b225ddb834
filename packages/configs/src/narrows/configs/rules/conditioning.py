"""Rules of conditioning: ids, widths and shapes of conditions against the places where they enter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from narrows.configs._wording import nearest
from narrows.configs.errors import Problem
from narrows.configs.rules import rule, warning
from narrows.configs.rules.roles import option
from narrows.configs.rules.widths import RESERVED, Slot, conditioners, output_kind, output_width, slots

if TYPE_CHECKING:
    from narrows.configs._generated.conditioners.int import IntConditionerOptions
    from narrows.configs._generated.conditioners.number import NumberConditionerOptions
    from narrows.configs._generated.conditioners.pretransform import PretransformConditionerOptions
    from narrows.configs._generated.conditioners.source_mix import SourceMixConditionerOptions
    from narrows.configs._generated.conditioners.text_encoder import TextEncoderConditionerOptions
    from narrows.configs._generated.conditioning import ConditioningConfig
    from narrows.configs._generated.models.diffusion_cond import DiffusionCondOptions
    from narrows.configs._generated.models.lm import LMOptions


RESERVED_IDS = frozenset(
    [
        "T_destination",
        "add_module",
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "clear",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extra_repr",
        "float",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "ipu",
        "items",
        "keys",
        "load_state_dict",
        "modules",
        "mtia",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "parameters",
        "pop",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook",
        "register_module",
        "register_parameter",
        "register_state_dict_post_hook",
        "register_state_dict_pre_hook",
        "requires_grad_",
        "set_extra_state",
        "set_submodule",
        "share_memory",
        "smart_apply",
        "state_dict",
        "to",
        "to_empty",
        "train",
        "training",
        "type",
        "update",
        "values",
        "xpu",
        "zero_grad",
    ]
)
"""Names of a container of modules, which no module inside can have; transformers adds one of them."""


def block(model: DiffusionCondOptions | LMOptions) -> tuple[str, Any]:
    """The part of a model that conditions enter, and its key."""
    return ("diffusion", model.diffusion) if hasattr(model, "diffusion") else ("lm", model.lm)


@rule(covers="E-1 E-2")
def ids_are_conditioners(model: DiffusionCondOptions | LMOptions) -> Iterator[Problem]:
    """Every id of the id lists is that of a conditioner, or brought by the inpainting."""
    key, part = block(model)
    known = list(conditioners(model.conditioning))
    for slot, ids in slots(part):
        for index, name in enumerate(ids):
            if name in known or (slot.takes == ("frames",) and name in RESERVED):
                continue
            close = nearest(name, known)
            hint = f"Did you mean {close!r}?" if close else f"Known: {', '.join(known) or 'none'}."
            pointer = f"/{key}/{slot.ids}/{index}"
            yield Problem(pointer, f"There is no conditioner {name!r}.", name, hint, related=("/conditioning",))


@rule(covers="E-10")
def conditions_fit_their_place(model: DiffusionCondOptions | LMOptions) -> Iterator[Problem]:
    """Global conditions are one vector an item, joined inputs go frame by frame, the others are tokens."""
    key, part = block(model)
    known = conditioners(model.conditioning)
    for slot, ids in slots(part):
        for index, name in enumerate(ids):
            kind = output_kind(known[name]) if name in known else slot.takes[0]
            if kind not in slot.takes:
                message = f"The conditioner {name!r} gives {kind}, but {slot.ids} takes {' or '.join(slot.takes)}."
                yield Problem(f"/{key}/{slot.ids}/{index}", message, name, "", related=("/conditioning",))


@rule(covers="E-3 E-4 E-5 E-6 E-7 E-8 E-9 E-22 E-23 G-3 G-4 J-4")
def conditions_have_a_width(model: DiffusionCondOptions | LMOptions) -> Iterator[Problem]:
    """The backbone's width for a place is what its conditions give: their sum, or that of each of them."""
    key, part = block(model)
    for slot, ids in slots(part):
        widths = _widths(model, ids)
        declared = option(part.config, slot.role)
        if not ids or declared is None or any(width is None for width in widths):
            continue
        given = declared.value[0] if isinstance(declared.value, list) else declared.value or 0
        wanted = {sum(width for width in widths if width)} if slot.added_up else {w for w in widths if w}
        if wanted != {given}:
            yield _wrong_width(key, slot, declared.key, given, sorted(wanted))


def _widths(model: DiffusionCondOptions | LMOptions, ids: list[str]) -> list[int | None]:
    """The width of each condition; None for one that does not exist."""
    known, io_channels = conditioners(model.conditioning), getattr(model, "io_channels", 0)
    brought = dict(zip(RESERVED, (1, io_channels), strict=True))
    conditioning = model.conditioning
    return [
        output_width(known[name], conditioning) if conditioning and name in known else brought.get(name) for name in ids
    ]


def _wrong_width(key: str, slot: Slot, name: str, given: int, wanted: list[int]) -> Problem:
    pointer, related = f"/{key}/config/{name}", (f"/{key}/{slot.ids}", "/conditioning")
    if len(wanted) > 1:
        text = " and ".join(str(width) for width in wanted)
        return Problem(
            pointer,
            f"The conditions of {slot.ids} are {text} wide, but they need one width.",
            given,
            "Give them the same output_dim.",
            related=related,
        )
    return Problem(
        pointer,
        f"The conditions of {slot.ids} are {wanted[0]} wide{' together' if slot.added_up else ''}, "
        f"but {name} is {given}.",
        given,
        f"Write {wanted[0]}.",
        related=related,
    )


@rule(covers="J-4")
def local_conditions_have_their_width(model: DiffusionCondOptions) -> Iterator[Problem]:
    """A condition of single layers goes frame by frame, and is as wide as its conditioner says."""
    known = conditioners(model.conditioning)
    for index, entry in enumerate(model.diffusion.modular_local_cond_configs):
        if entry.id not in known or model.conditioning is None:
            continue
        pointer, related = f"/diffusion/modular_local_cond_configs/{index}", ("/conditioning",)
        kind = output_kind(known[entry.id])
        if kind != "frames":
            message = f"The conditioner {entry.id!r} gives {kind}, but modular_local_cond_configs takes frames."
            yield Problem(f"{pointer}/id", message, entry.id, "", related=related)
        width = output_width(known[entry.id], model.conditioning)
        if width != entry.dim:
            message = f"The conditioner {entry.id!r} is {width} wide, but dim is {entry.dim}."
            yield Problem(f"{pointer}/dim", message, entry.dim, f"Write {width}.", related=related)


@warning(covers="J-4")
def local_conditions_have_conditioners(model: DiffusionCondOptions) -> Iterator[Problem]:
    """A condition of single layers without a conditioner adds nothing, unless the caller brings it."""
    known = list(conditioners(model.conditioning))
    for index, entry in enumerate(model.diffusion.modular_local_cond_configs):
        if entry.id not in known:
            close = nearest(entry.id, known)
            pointer = f"/diffusion/modular_local_cond_configs/{index}/id"
            message = f"There is no conditioner {entry.id!r}: it adds nothing unless the caller brings it."
            hint = f"Did you mean {close!r}?" if close else ""
            yield Problem(pointer, message, entry.id, hint, related=("/conditioning",))


@warning(covers="E-3 E-4 E-5 E-23")
def widths_are_used(model: DiffusionCondOptions | LMOptions) -> Iterator[Problem]:
    """A width without conditions builds layers that nothing enters."""
    key, part = block(model)
    for slot, ids in slots(part):
        declared = option(part.config, slot.role)
        if declared is not None and declared.value and not ids:
            message = f"{declared.key} is {declared.value} but {slot.ids} is empty: the layers for it stay unused."
            yield Problem(f"/{key}/config/{declared.key}", message, declared.value, related=(f"/{key}/{slot.ids}",))


@warning(covers="E-24 G-7")
def conditions_have_an_entrance(model: DiffusionCondOptions | LMOptions) -> Iterator[Problem]:
    """A backbone takes the kinds of conditions that it has options for."""
    key, part = block(model)
    for slot, ids in slots(part):
        if ids and option(part.config, slot.role) is None:
            message = f"{slot.ids} has no effect: `{part.type}` has no place for it."
            yield Problem(f"/{key}/{slot.ids}", message, ids, "Remove it.", related=(f"/{key}/type",))


@rule(covers="E-25")
def ids_are_unique(conditioning: ConditioningConfig) -> Iterator[Problem]:
    """No two conditioners have the same id, and none has a name that their container needs for itself."""
    seen: dict[str, int] = {}
    for index, conditioner in enumerate(conditioning.configs):
        if conditioner.id in RESERVED_IDS:
            message = f"A conditioner cannot be called {conditioner.id!r}: its container has something of that name."
            yield Problem(f"/configs/{index}/id", message, conditioner.id, f"Write {conditioner.id}_condition.")
        if conditioner.id in seen:
            message, related = f"The id {conditioner.id!r} is used twice.", (f"/configs/{seen[conditioner.id]}/id",)
            yield Problem(f"/configs/{index}/id", message, conditioner.id, related=related)
        seen.setdefault(conditioner.id, index)


@rule(covers="E-26 E-27")
def keys_name_conditioners(conditioning: ConditioningConfig) -> Iterator[Problem]:
    """`default_keys` and `pre_encoded_keys` name conditioners."""
    known = list(conditioners(conditioning))
    named = [(f"/default_keys/{name}", name) for name in conditioning.default_keys]
    named += [(f"/pre_encoded_keys/{index}", name) for index, name in enumerate(conditioning.pre_encoded_keys)]
    for pointer, name in named:
        if name not in known:
            close = nearest(name, known)
            hint = f"Did you mean {close!r}?" if close else f"Known: {', '.join(known) or 'none'}."
            yield Problem(pointer, f"There is no conditioner {name!r}.", name, hint, related=("/configs",))


@rule
def highest_frequency_is_of_exponential_ones(options: NumberConditionerOptions) -> Iterator[Problem]:
    """Learned frequencies have no highest one."""
    if options.highest_frequency is not None and options.fourier_features_type != "expo":
        message = "highest_frequency has no effect on learned frequencies."
        value, hint = options.highest_frequency, "Remove it, or set fourier_features_type to 'expo'."
        yield Problem("/highest_frequency", message, value, hint, related=("/fourier_features_type",))


@rule(covers="E-28 E-29")
def range_is_not_empty(options: IntConditionerOptions | NumberConditionerOptions) -> Iterator[Problem]:
    """`min_val` is at most `max_val`; below it for numbers, which are scaled by the difference."""
    whole = isinstance(options.min_val, int) and isinstance(options.max_val, int)
    if options.min_val > options.max_val or (options.min_val == options.max_val and not whole):
        yield Problem(
            "/max_val",
            f"max_val {options.max_val:g} must be greater than min_val {options.min_val:g}.",
            options.max_val,
            related=("/min_val",),
        )


@rule(covers="E-31")
def pretransform_is_given_once(
    options: PretransformConditionerOptions | SourceMixConditionerOptions,
) -> Iterator[Problem]:
    """The model's pretransform is used, or one is given."""
    given = options.pretransform_config is not None
    if options.use_model_pretransform == given:
        message = "A pretransform is given beside the model's." if given else "No pretransform is given."
        hint = "Leave out pretransform_config." if given else "Give pretransform_config, or use_model_pretransform."
        yield Problem("/pretransform_config", message, None, hint, related=("/use_model_pretransform",))


@rule(covers="E-31")
def shared_pretransform_exists(model: DiffusionCondOptions) -> Iterator[Problem]:
    """A conditioner that uses the model's pretransform needs a model that has one."""
    for index, conditioner in enumerate(model.conditioning.configs if model.conditioning else []):
        if getattr(conditioner.config, "use_model_pretransform", False) and model.pretransform is None:
            pointer = f"/conditioning/configs/{index}/config/use_model_pretransform"
            yield Problem(pointer, "The model has no pretransform.", True, related=("/pretransform",))


@rule(covers="E-33")
def null_source_has_a_length(options: SourceMixConditionerOptions) -> Iterator[Problem]:
    """`allow_null_source` needs `source_length`."""
    if options.allow_null_source and options.source_length is None:
        message = "'source_length' is required with allow_null_source."
        yield Problem(
            "/source_length", message, None, "Give the latent frames of a crop.", related=("/allow_null_source",)
        )


@rule
def text_encoder_is_somewhere(options: TextEncoderConditionerOptions) -> Iterator[Problem]:
    """A text encoder is in a folder or in a package, and in one of them."""
    if (options.model_path is None) == (options.package is None):
        message = "An encoder is given twice." if options.package else "No encoder is given."
        hint = "Leave out package, or model_path." if options.package else "Give model_path, or package."
        yield Problem("/model_path", message, options.model_path, hint, related=("/package",))


@warning
def pooled_texts_have_no_padding(options: TextEncoderConditionerOptions) -> Iterator[Problem]:
    """One vector a text has no padding that could be learned."""
    if options.pooling != "none" and options.padding_mode == "learned":
        message = "padding_mode 'learned' has no effect: with pooling there is no padding."
        yield Problem("/padding_mode", message, options.padding_mode, "Remove it.", related=("/pooling",))
