"""Mirrors `paddle.fluid.dygraph`; `fourfold.frontends.paddle.fluid` fills it with what is served."""

from ....names.missing import missing

__getattr__ = missing(__name__, "fluid.dygraph")
