"""Language models over audio tokens: patterns, backbones, generation."""
