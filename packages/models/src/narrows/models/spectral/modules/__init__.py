"""Layers for spectrograms, real and complex.

Complex layers keep the real and the imaginary part coupled: a complex weight `a + ib` acts on `x + iy` as the real
matrix `[[a, -b], [b, a]]` on `(x, y)` (Trabelsi et al., "Deep complex networks", ICLR 2018).
"""
