"""Mirrors `paddle.nn`; `fourfold.frontends.paddle` fills it with what is served."""

from ...names.missing import missing

__getattr__ = missing(__name__, "paddle.nn")
