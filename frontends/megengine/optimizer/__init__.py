"""Mirrors `megengine.optimizer`; `fourfold.frontends.megengine` fills it with what is served."""

from ...names.missing import missing

__getattr__ = missing(__name__, "megengine.optimizer")
