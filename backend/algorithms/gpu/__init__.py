"""What competes on GPUs: measured there, never predicted."""
