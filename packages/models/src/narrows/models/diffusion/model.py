"""A diffusion model: a backbone, what it is conditioned on, and the transform to what it diffuses.

Letters: B batch, C audio channels, D channels that are diffused, L frames of them, N condition tokens, T samples.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Generator, Tensor, nn

from narrows.models.diffusion.backbones.base import Backbone, CallOptions, Objective
from narrows.models.diffusion.conditions import Place, split
from narrows.models.diffusion.generation.inpainting import holding
from narrows.models.diffusion.generation.requests import make_items
from narrows.models.diffusion.generation.run import collected, generated
from narrows.models.diffusion.generation.windows import Windows, windowed
from narrows.models.diffusion.guidance import Guidance, reference_guidance
from narrows.models.diffusion.guidance.negative import unconditional
from narrows.models.diffusion.guidance.predict import Call, guided, plain
from narrows.models.diffusion.routing import Conditions, Routing
from narrows.models.diffusion.sampling import Shifts, empty, filled, makes_own_levels, sample_latents, seeds_of
from narrows.models.pretransforms import Pretransform


class Conditioner(Protocol):
    """What gives the conditions of a batch."""

    def __call__(
        self, batch_metadata: Sequence[Mapping[str, Any]], device: torch.device | str
    ) -> dict[str, tuple[Tensor, Tensor | None]]:
        """By id: `(B, N, D)` and a mask `(B, N)` or None."""
        ...


class DiffusionModel(nn.Module):
    """A diffusion model, with conditions or without.

    Args:
        model: the backbone.
        sample_rate: of the audio, in Hz.
        io_channels: channels that are diffused.
        audio_channels: channels of the audio where there is no pretransform.
        sample_size: samples of a training crop; None where the document does not say.
        min_input_length: what the reference says that frames are a multiple of: it leaves out patches of the U-Nets,
            and says 1 for unconditional models; `length_multiple` is what the network needs.
        conditioner: gives the conditions; None for none.
        pretransform: transform of audio to what is diffused; None diffuses audio.
        routing: where conditions enter.
        guided_conditions: where guidance takes conditions away and hears negative ones; None for where the reference
            does so with this backbone.
        apg_scale: share of adaptive projected guidance in what `cfg_scale` means: 0, and 1 in Stable Audio 3.
        mask_padding_attention: keep attention off the padding of shorter items, in generation and training.
        use_effective_length_for_schedule: shift times by the length without padding.
        distribution_shift: shift of the times by length, as options by name; None for none.
        sampling_distribution_shift: the same in sampling, of equal steps; None for what the sampler does.
    """

    # The names of the parts are part of the checkpoint format.
    def __init__(
        self,
        model: Backbone,
        sample_rate: int,
        io_channels: int,
        audio_channels: int = 2,
        sample_size: int | None = None,
        min_input_length: int = 1,
        conditioner: nn.Module | None = None,
        pretransform: Pretransform | None = None,
        routing: Routing | None = None,
        guided_conditions: Sequence[Place] | None = None,
        apg_scale: float = 0.0,
        mask_padding_attention: bool = False,
        use_effective_length_for_schedule: bool = False,
        distribution_shift: Mapping[str, Any] | None = None,
        sampling_distribution_shift: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.model = model
        self.conditioner = conditioner
        self.pretransform = pretransform
        self.sample_rate = sample_rate
        self.sample_size = sample_size
        self.min_input_length = min_input_length
        self.io_channels = io_channels
        self.audio_channels = audio_channels if pretransform is None else pretransform.io_channels
        self.routing = routing or Routing()
        self.guided_conditions = None if guided_conditions is None else tuple(guided_conditions)
        self.apg_scale = apg_scale
        self.mask_padding_attention = mask_padding_attention
        self.use_effective_length_for_schedule = use_effective_length_for_schedule
        self.distribution_shift = distribution_shift
        self.sampling_distribution_shift = sampling_distribution_shift

    @property
    def diffusion_objective(self) -> Objective:
        """What the backbone predicts."""
        return self.model.objective

    @property
    def downsampling_ratio(self) -> int:
        """Samples of a frame that is diffused."""
        return 1 if self.pretransform is None else self.pretransform.downsampling_ratio

    @property
    def varying_length(self) -> bool:
        """Whether sounds shorter than the training crop are diffused at their own length (Stable Audio 3)."""
        return self.mask_padding_attention

    @property
    def length_multiple(self) -> int:
        """Frames that the network takes are a multiple of it."""
        return self.model.length_multiple

    @property
    def min_length(self) -> int:
        """Audio lengths that need no padding are a multiple of it, in samples."""
        return self.length_multiple * self.downsampling_ratio

    def get_conditioning_inputs(
        self, conditioning_tensors: Conditions, negative: bool = False, without: Collection[str] = ()
    ) -> dict[str, Any]:
        """Keyword arguments of the backbone, by the reference's names; see `Routing.inputs`."""
        return self.routing.inputs(conditioning_tensors, negative, without)

    def forward(self, x: Tensor, t: Tensor, cond: Conditions | None = None, **kwargs: Any) -> Any:
        """`predict` of what conditioners gave."""
        return self.predict(x, t, self.get_conditioning_inputs(cond or {}) if self.conditioned(cond) else {}, **kwargs)

    def conditioned(self, cond: Conditions | None) -> bool:
        """Whether conditions are given or needed."""
        return bool(cond) or self.routing != Routing()

    def predict(
        self,
        x: Tensor,
        t: Tensor,
        inputs: Mapping[str, Any] | None = None,
        cfg_scale: float = 1.0,
        *,
        guidance: Guidance | None = None,
        scale_phi: float | None = None,
        cfg_interval: tuple[float, float] = (0.0, 1.0),
        cfg_dropout_prob: float = 0.0,
        cfg_dropout_joint: bool = False,
        batch_cfg: bool | None = None,
        rescale_cfg: bool = False,
        apg_scale: float | None = None,
        cfg_norm_threshold: float = 0.0,
        exit_layer_ix: int | None = None,
        causal: bool = False,
        padding_mask: Tensor | None = None,
        generator: Generator | None = None,
        return_info: bool = False,
    ) -> Any:
        """What the backbone predicts, guided.

        Args:
            x: `(B, D, L)`.
            t: `(B,)`, from 0 (clean) to 1 (noise).
            inputs: of `get_conditioning_inputs`, those to stay away from (`negative_...`) among them. What a backbone
                has no place for is ignored, as in the reference.
            cfg_scale: guidance; 1 is none.
            guidance: a kind of guidance in place of what `cfg_scale`, `scale_phi` and `apg_scale` say.
            scale_phi: how far to bring the spread of the guided output back, 0 to 1. `adp_cfg_1d` heeds it with
                `rescale_cfg` only, and takes 0.4 for None.
            cfg_interval: lowest and highest noise level with guidance; each item is guided by its own.
            cfg_dropout_prob: chance of an item to lose the conditions of a place; in `dit` without guidance only.
            cfg_dropout_joint: all places of an item by one draw, rather than each by its own.
            batch_cfg: guide in one call; None for what the reference does: `adp_cfg_1d` takes two and hears no negative
                condition in them.
            rescale_cfg: bring the spread back; without effect in `dit`, as in the reference.
            apg_scale: share of adaptive projected guidance; None for that of the document's reference.
            cfg_norm_threshold: longest difference that guidance exaggerates; 0 for any.
            exit_layer_ix: return the features behind this layer of a `dit`, without guidance.
            causal: no frame sees a later one; a `dit` is causal by its configuration only.
            padding_mask: `(B, L)`, false for padding, which changes no other frame then; None for no padding.
            generator: source of dropout and of what a backbone draws; None for the global one.
            return_info: return `(output, info)`, with `uncond_output` where there was guidance, and in a `dit`
                `hidden_states`.

        Returns:
            `(B, D, L)`.
        """
        backbone = self.model
        given, negative = split(inputs or {})
        options = CallOptions(padding_mask, causal, exit_layer_ix, generator)
        ready = backbone.prepared(given, t)
        places = backbone.guided if self.guided_conditions is None else self.guided_conditions
        orthogonal = self.apg_scale if apg_scale is None else apg_scale
        rescale = backbone.rescale(scale_phi, rescale_cfg)
        wanted = guidance or reference_guidance(cfg_scale, rescale, orthogonal, cfg_norm_threshold)
        if cfg_dropout_prob and (cfg_scale == 1 or backbone.drops_when_guided) and exit_layer_ix is None:
            ready = backbone.dropped(ready, cfg_dropout_prob, places, generator, cfg_dropout_joint)
        call = Call(backbone, x, t, ready, options)
        if wanted is None or exit_layer_ix is not None:
            out, info = plain(call)
        else:
            batched = backbone.batched_guidance if batch_cfg is None else batch_cfg
            heard = batched or backbone.batched_guidance or self.guided_conditions is not None
            if self.guided_conditions is None:
                # The reference names no negative condition in front of the latents.
                negative = {name: value for name, value in negative.items() if not name.startswith("prepend")}
            without = unconditional(backbone, ready, negative if heard else {}, t, places)
            out, info = guided(call, without, wanted, cfg_interval, batched)
        return (out, info) if return_info else out

    def sample(
        self,
        conditioning_tensors: Conditions | None = None,
        frames: int = 0,
        *,
        seed: int | Sequence[int] | None = None,
        steps: int | None = None,
        sampler: Any = None,
        schedule: Any = None,
        negative: Conditions | None = None,
        batch_size: int | None = None,
        guidance: Guidance | None = None,
        on_step: Any = None,
        init: Tensor | None = None,
        init_noise_level: float | None = None,
        known: tuple[Tensor, Tensor] | None = None,
        windows: Windows | None = None,
        lengths: Sequence[int] | None = None,
        **predicting: Any,
    ) -> Tensor:
        """Latents of conditions; `decode` makes audio of them.

        Args:
            conditioning_tensors: what the conditioner gave; None or empty for an unconditional model.
            frames: L, a multiple of `length_multiple`.
            seed: one an item, or the first of seeds that count up; None for new ones.
            steps: of the sampler; None for its own.
            sampler: name or configuration; None for what the reference takes: `dpmpp-2m-sde` for v, `euler` for flows.
            schedule: name or configuration, in place of that of the sampler.
            negative: conditions to stay away from.
            batch_size: items, where no condition says how many; 1, or as many as there are seeds.
            guidance: kind of guidance.
            on_step: called after each step.
            init: `(B, D, L)`, to vary.
            init_noise_level: noise to start a variation from, in the unit of the sampler's `sigma_max`.
            known: `(B, D, L)`, and a mask `(B, 1, L)` of the frames that must come out so, for models that were not
                trained to inpaint.
            windows: in which the model sees the frames, which may be any number then; None for as a whole.
            lengths: frames of each item, at most L; what lies behind is padding, and zeros in the result. Each item is
                then what it is alone, but for rounding and for a sampler that measures its errors. Not with `windows`;
                None where all items have L frames.
            predicting: further arguments of `predict`, e.g. `cfg_scale` or `padding_mask`.

        Returns:
            `(B, D, L)`. An item depends on its own seed and conditions only.

        Raises:
            ValueError: `frames` does not fit the network, or the seeds the items.
        """
        size = frames if windows is None else windows.size
        if size < 1 or size % self.length_multiple:
            raise ValueError(f"frames must be a positive multiple of {self.length_multiple}, got {size}")
        given = conditioning_tensors or {}
        inputs = self.get_conditioning_inputs(given) if self.conditioned(given) else {}
        if negative:
            inputs |= self.get_conditioning_inputs(negative, negative=True)
        count = next((len(condition[0]) for condition in given.values()), batch_size)
        if count is None:
            count = 1 if seed is None or isinstance(seed, int) else len(seed)
        if guidance is not None:
            guidance.reset()

        def part(x: Tensor, t: Tensor, given: Any = inputs, kind: Any = guidance) -> Any:
            return self.predict(x, t, given, guidance=kind, return_info=True, **predicting)

        shifts = Shifts(self.distribution_shift, self.sampling_distribution_shift)
        model: Any = part if windows is None else windowed(part, inputs, windows, guidance)
        model = model if known is None else holding(model, self.diffusion_objective, *known)
        asked: dict[str, Any] = {
            "length": lengths if windows is None else size,
            "steps": steps,
            "schedule": schedule,
            "on_step": on_step,
        }
        asked |= {"init": init, "init_noise_level": init_noise_level}
        like = empty(count, self.io_channels, frames, next(self.model.parameters()))
        if lengths is not None:
            predicting["padding_mask"] = filled(lengths, like)
        mask = predicting.get("padding_mask")
        if self.use_effective_length_for_schedule and mask is not None:
            asked["length"] = mask.bool().sum(dim=1).tolist()
        options = shifts.arguments(asked, makes_own_levels(sampler, self.diffusion_objective))
        seeds = seeds_of(seed, count)
        with torch.no_grad():
            return sample_latents(model, like, seeds, self.diffusion_objective, sampler, lengths, **options)

    def generate(
        self,
        prompts: Any = None,
        *,
        init_audio: Any = None,
        inpaint: Any = None,
        count: int = 1,
        batch_size: int | None = None,
        on_step: Any = None,
        return_info: bool = False,
        stream: bool = False,
        device: torch.device | str | None = None,
        **values: Any,
    ) -> Any:
        """Sounds of requests; an item depends on its own request and seed only.

        Args:
            prompts: None, a text, a mapping of conditions, a `GenerationRequest`, or a list of those.
            init_audio: waveform `(C, T)` and its rate in Hz, to vary; or a list of one an item.
            inpaint: the same, of which `regions` are generated anew, and what lies behind its end.
            count: sounds of each item.
            batch_size: items to work on at a time; None for all that fit together, and on a processor for those of
                512 frames.
            on_step: called with each step of the sampler.
            return_info: return a `DiffusionGeneration`, with latents, requests, and each sound in its own length.
            stream: return an iterator of `GeneratedItem`, batch by batch.
            device: where the parts of the model work, one at a time; see `generated`. None for where the model is.
            values: other fields of a request (`schemas-json/generation.json`), for all items or a list of one an item:
                `seconds`, `seed` (the first, which counts up, or each), `negative`, `steps`, `cfg_scale`, `sampler`,
                `schedule`, `init_noise_level`, `regions` (pairs of seconds), `loop` (repeats without a seam), `extend`
                (seconds to go on for, beyond the trained length too).

        Returns:
            Audio `(B, C, T)`, shorter sounds with zeros behind.

        Raises:
            RequestError: something is wrong with an item, which is named.
        """
        items = make_items(self, prompts, count, {"init": init_audio, "known": inpaint}, **values)
        made = generated(self, items, batch_size, on_step, device=device)
        return made if stream else collected(items, made, return_info)

    def encode(self, audio: Tensor, **kwargs: Any) -> Tensor:
        """`(B, C, T)` → what is diffused, `(B, D, L)`; `kwargs` go to the pretransform."""
        if self.pretransform is None:
            return audio
        return self.pretransform.encode(audio.to(self.pretransform.dtype), **kwargs)

    def decode(self, latents: Tensor, **kwargs: Any) -> Tensor:
        """`(B, D, L)` → audio `(B, C, T)`; `kwargs` go to the pretransform."""
        if self.pretransform is None:
            return latents
        return self.pretransform.decode(latents.to(self.pretransform.dtype), **kwargs)
