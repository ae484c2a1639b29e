"""Volumes larger than memory, slab after slab, from file to file."""

from .stream import Streamed, upsample_stream

__all__ = ["Streamed", "upsample_stream"]
