"""Autoencoders on spectrograms, real or complex (EulerAudioBackbone; see docs/spectral.md)."""
