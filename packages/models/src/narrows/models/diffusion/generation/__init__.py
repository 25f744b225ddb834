"""Sounds of requests: what is asked for, the batches that it is worked in, and what comes out."""
