"""Diffusion: backbones that predict what a noisy signal came from, and samplers that follow them."""
