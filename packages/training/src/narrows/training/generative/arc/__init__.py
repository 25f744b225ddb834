"""Adversarial relativistic-contrastive post-training (ARC; Novack et al. 2025, arXiv 2505.08175), part by part."""
