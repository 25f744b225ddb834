"""Generating: requests to diffusion models and language models, with previews on the way."""
