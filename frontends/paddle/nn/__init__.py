"""Mirrors `paddle.nn`."""

from . import initializer
from .layer import Layer

__all__ = ["Layer", "initializer"]
