"""Checkpoints of EulerAudioBackbone: of its Lightning module, and exported models.

Complex weights are normalised by a module around the convolution there, and by a parametrization here.
"""

from __future__ import annotations

from narrows.models.checkpoints.sources.base import Drop, Layout, Rename

PROGRAM = "EulerAudioBackbone"
WRAPPED = r"((?:encoder|decoder)\..*\.(?:conv|convtr))\.module\."

LAYOUTS = (
    Layout(
        PROGRAM,
        renames=(
            Rename(rf"engine\.autoencoder\.{WRAPPED}", r"\1."),
            Rename(r"engine\.autoencoder\.", ""),
        ),
        drops=(Drop(r"engine\.(?!autoencoder\.)", "discriminator or loss, only needed to train"),),
        marker=r"engine\.autoencoder\.",
    ),
    Layout(PROGRAM, renames=(Rename(WRAPPED, r"\1."),), marker=WRAPPED),
)
