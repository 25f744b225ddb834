"""What the trainers of generative models share: stored latents and tokens, conditions of a batch, demos as requests."""
