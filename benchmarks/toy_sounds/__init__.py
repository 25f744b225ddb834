"""How good are the sounds of a small latent diffusion model? The experiment, one idea a module."""
