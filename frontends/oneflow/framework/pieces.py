"""`oneflow.split`: torch's function, which is written in Python and fails inside for what is no tensor."""

from __future__ import annotations

from torch import split

from ...calls import explain_calls

__all__ = ["split"]

explain_calls(globals())
