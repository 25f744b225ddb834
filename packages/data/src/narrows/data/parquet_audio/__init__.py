"""Parquet files whose rows hold sounds, as Hugging Face's `datasets` writes them."""
