"""Mirrors `paddle.io`: datasets, samplers and the loader of batches."""
