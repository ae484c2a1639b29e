"""Mirrors `megengine.data`: datasets, samplers, transforms and loaders, of NumPy arrays."""

from . import collator, colours, dataloader, dataset, sampler, transform, windows

__all__ = ["collator", "colours", "dataloader", "dataset", "sampler", "transform", "windows"]
