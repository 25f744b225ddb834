"""Autoencoders: containers of an encoder, a bottleneck and a decoder."""
