"""The entry points of other libraries, as thin functions over this one."""

from narrows.models.compat.tokens import multinomial, sample_top_k, sample_top_p

__all__ = ["multinomial", "sample_top_k", "sample_top_p"]
