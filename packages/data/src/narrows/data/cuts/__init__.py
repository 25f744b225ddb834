"""Lhotse's cuts: stretches of recordings, listed in a JSONL file with what is said in them."""
