"""torch's own API on the fourfold engine (mirrors torch 2.13)."""

from . import nn

__all__ = ["nn"]
