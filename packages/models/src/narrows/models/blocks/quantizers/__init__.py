"""Quantizers: from vectors `(B, L, D)` to codes and back, without anything of audio.

They are written here rather than taken from vector-quantize-pytorch, because codec checkpoints must give the same
numbers for years: between 1.14 (which stable-audio-tools pins) and 1.32 that library changed defaults, buffers and
options, it draws from the global generator only, and it cannot stop after k codebooks. The tests compare with it.
"""
