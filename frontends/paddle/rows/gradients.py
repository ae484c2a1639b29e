"""Rows of gradients, and of what is known about dtypes and recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...names import nothing
from ...tensor import like
from ..amp import auto_cast
from ..dtype import to_torch_dtype
from ..names import NAMES

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function


def gradients(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> list[Tensor | None]:
    """Return the gradients of inputs, which stay without."""
    results, leaves, starts = (_listed(each) for each in (outputs, inputs, grad_outputs))
    starts = [None] * len(results) if grad_outputs is None else starts
    starts = [torch.ones_like(one) if start is None else start for one, start in zip(results, starts, strict=True)]
    found = torch.autograd.grad(
        results, leaves, starts, retain_graph=retain_graph, create_graph=create_graph, allow_unused=allow_unused
    )
    pairs = zip(found, leaves, strict=True)
    return [None if gradient is None else like(gradient, leaf) for gradient, leaf in pairs]


def _listed(tensors: Any) -> list[Any]:
    return list(tensors) if isinstance(tensors, (list, tuple)) else [tensors]


class Limits:
    """What a dtype can hold; torch's numbers under their names, in the release's text."""

    def __init__(self, dtype: Any) -> None:
        kind = to_torch_dtype(dtype)
        found = torch.finfo(kind) if kind.is_floating_point or kind.is_complex else torch.iinfo(kind)
        self.min, self.max, self.bits, self.dtype = found.min, found.max, found.bits, found.dtype
        if isinstance(found, torch.finfo):
            self.eps, self.resolution = found.eps, found.resolution
            self.smallest_normal = self.tiny = found.tiny

    def __repr__(self) -> str:
        names = ["min", "max", "eps", "resolution", "smallest_normal", "tiny", "bits", "dtype"]
        shown = {name: getattr(self, name) for name in names if hasattr(self, name)}
        kind = "finfo" if "eps" in shown else "iinfo"
        text = (f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}" for name, value in shown.items())
        return f"paddle.{kind}({', '.join(text)})"


def limits(floating: bool) -> Any:
    """Return the function that gives limits of floating-point dtypes, or of integers alone."""

    def computed(dtype: Any) -> Limits:
        found = Limits(dtype)
        if hasattr(found, "eps") != floating:
            kind = "finfo is of floating-point" if floating else "iinfo is of integer"
            msg = f"{kind} dtypes, not {dtype!r}."
            raise ValueError(msg)
        return found

    return computed


def autocast(device_type: Any, dtype: Any = "float16", enabled: bool = True) -> Any:
    """Return what computes in a shorter dtype, at level O1; the device's name says nothing, as in the release."""
    return auto_cast(enable=enabled, dtype=dtype)


fn("autocast", autocast, dtype="", cache_enabled=nothing("torch's, of weights that are cast once"))
fn("grad", gradients)
fn("is_grad_enabled", torch.is_grad_enabled)
fn("finfo", limits(floating=True))
fn("iinfo", limits(floating=False))
