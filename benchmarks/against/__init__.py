"""Parts of benchmarks/references.py."""
