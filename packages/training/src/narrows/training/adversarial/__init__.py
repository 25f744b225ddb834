"""Adversarial training: the discriminator's side of a step, and the balance of losses."""
