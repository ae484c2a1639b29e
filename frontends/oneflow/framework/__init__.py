"""Tensors and what makes them of values."""
