"""Mirrors the names of `paddle.framework` that users' code meets."""

from .attributes import ParamAttr

__all__ = ["ParamAttr"]
