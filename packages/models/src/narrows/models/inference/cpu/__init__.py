"""Fast convolutional layers on a CPU."""
