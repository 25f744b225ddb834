"""The one-dimensional U-Net of Moûsai (Schneider et al. 2023, arXiv 2301.11757; audio-diffusion-pytorch 0.0.94).

Letters: B batch, C channels, T frames, M width of the mapping of time and features.
"""

from narrows.models.diffusion.networks.unet1d.unet import UNet1d

__all__ = ["UNet1d"]
