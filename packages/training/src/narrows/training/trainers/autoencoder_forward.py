"""The autoencoder's forward pass in training: from a batch to everything the losses look at.

Letters: B batch, C audio channels, T samples, D latent channels, L latent frames.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from narrows.training.masks import frame_mask, silenced

Info = dict[str, Any]

AUDIO = frozenset({"reals", "decoded", "teacher_decoded", "own_latents_teacher_decoded", "teacher_latents_own_decoded"})
"""What of the info is audio `(B, C, T)`: cut to one length, and silent where the batch is padded."""


class AutoencoderForward(nn.Module):
    """Encodes and decodes a batch, with what training adds.

    One module with one forward pass, so that it can be replicated over processes.

    Args:
        model: the autoencoder.
        teacher: a frozen model to learn from.
        force_input_mono: average the input to one channel.
        latent_mask_ratio: share of latent values set to zero, which makes the decoder robust to errors.
    """

    def __init__(
        self,
        model: Any,
        teacher: Any = None,
        force_input_mono: bool = False,
        latent_mask_ratio: float = 0.0,
    ) -> None:
        super().__init__()
        self.model = model
        self.force_input_mono = force_input_mono
        self.latent_mask_ratio = latent_mask_ratio
        # Kept out of the module tree: it is neither trained nor saved.
        self._teacher = (teacher,)

    @property
    def teacher(self) -> Any:
        """The teacher."""
        return self._teacher[0]

    def forward(self, audio: Tensor, freeze_encoder: bool = False, mask: Tensor | None = None) -> Info:
        """Reconstruct a batch.

        Args:
            audio: `(B, C, T)`.
            freeze_encoder: send no gradient into the encoder.
            mask: `(B, T)`, false where the batch is padded; None when it is not (see `narrows.training.masks`).

        Returns:
            What the bottleneck reports, and `reals`, `encoder_input`, `latents`, `decoded`, all by the names of the
            design documents; with a mask also `padding_mask` and `frame_mask`, as long as audio and latents; with a
            teacher also `teacher_latents`, `teacher_decoded`, `own_latents_teacher_decoded` and
            `teacher_latents_own_decoded`.
        """
        audio = silenced(audio, mask)
        given = audio.mean(dim=1, keepdim=True) if self.force_input_mono else audio
        frames = None if mask is None else frame_mask(mask, self.model.downsampling_ratio)
        masked = {} if frames is None else {"mask": frames}
        with torch.set_grad_enabled(torch.is_grad_enabled() and not freeze_encoder):
            latents, info = self.model.encode(given, return_info=True, **masked)
        seen = self._mask(latents)
        decoded = self.model.decode(seen)
        length = min(decoded.shape[-1], audio.shape[-1])
        info = {**info, "reals": audio, "encoder_input": given, "latents": latents, "decoded": decoded}
        if self.teacher is not None:
            info.update(self._distil(self.teacher, given, seen))
        info |= {name: silenced(info[name][..., :length], mask) for name in AUDIO & info.keys()}
        if mask is not None:
            info |= {"padding_mask": mask[:, :length], "frame_mask": frames}
        return info

    def _mask(self, latents: Tensor) -> Tensor:
        if self.latent_mask_ratio == 0:
            return latents
        return latents.masked_fill(torch.rand_like(latents.real) < self.latent_mask_ratio, 0)

    def _distil(self, teacher: Any, given: Tensor, latents: Tensor) -> Info:
        """What teacher and model make of each other's latents.

        The teacher's weights are frozen, but the gradient passes through its decoder to our latents; the reference cuts
        it off there, so that two of its four losses train nothing.
        """
        with torch.no_grad():
            teacher_latents = teacher.encode(given)
            teacher_decoded = teacher.decode(teacher_latents)
        return {
            "teacher_latents": teacher_latents,
            "teacher_decoded": teacher_decoded,
            "own_latents_teacher_decoded": teacher.decode(latents),
            "teacher_latents_own_decoded": self.model.decode(teacher_latents),
        }
