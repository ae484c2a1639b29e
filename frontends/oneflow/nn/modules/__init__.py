"""Mirrors `oneflow.nn.modules`; `fourfold.frontends.oneflow` fills it with what is served."""

from ....names.missing import missing

__getattr__ = missing(__name__, "oneflow.nn.modules")
