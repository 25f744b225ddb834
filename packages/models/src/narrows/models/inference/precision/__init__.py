"""16-bit arithmetic on a CPU, of which every kernel was compared with float32 on this machine."""

from narrows.models.inference.precision.verified import keep_exact, to_dtype

__all__ = ["keep_exact", "to_dtype"]
