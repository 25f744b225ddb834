"""What is done with a trained model: codec files, pre-encoding, evaluation, metrics, reports."""
