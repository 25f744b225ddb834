"""The studio: a local web page to hear, compare and generate, and the JSON API that it speaks to."""
