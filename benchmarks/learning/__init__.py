"""The standing experiment: arms train for equal processor seconds on equal batches; see docs/learning.md."""
