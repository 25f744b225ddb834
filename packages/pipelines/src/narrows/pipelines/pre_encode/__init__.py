"""Pre-encoding: a data set of audio to latents or tokens, in shards, by any number of processes, resumable."""

from narrows.pipelines.pre_encode.job import PreEncodeError
from narrows.pipelines.pre_encode.run import pre_encode

__all__ = ["PreEncodeError", "pre_encode"]
