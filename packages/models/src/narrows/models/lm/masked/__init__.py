"""Language models that fill in hidden tokens (MAGNeT)."""
