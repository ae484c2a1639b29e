"""What each API can be asked, and a case in the terms that it has, as `recorder.py` takes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..cases import is_symmetric
from ..data import STORAGE
from .limits import (
    ASYMMETRIC,
    BEYOND_STRIDE,
    BEYOND_STRIDE_AND_DILATION,
    CHANNELS_LAST,
    NEGATIVE_OUTPUT_PADDING,
    NEGATIVE_PADDING,
    OUTPUT_PADDING,
    UNBATCHED,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..cases import Case
    from .limits import Limit

    Call = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Api:
    """What can be said to an operator.

    Attributes:
        words: what it is told of a case beyond channels, kernel size and bias, in a form.
        forms: the ways to call it, `layer` first, and what each cannot say.
        dtypes: that it has.
        bias: whether a bias that is wanted has to be asked for.
    """

    words: Callable[[Case, str], Call]
    forms: Mapping[str, tuple[Limit, ...]]
    dtypes: tuple[str, ...] = tuple(STORAGE)
    bias: bool = False

    def unsupported(self, case: Case, form: str) -> str | None:
        """Return the first reason why a form cannot express a case, or None."""
        if case.dtype not in self.dtypes:
            return f"no {case.dtype} in this API"
        return next((limit.reason for limit in self.forms[form] if limit.applies(case)), None)

    def spell(self, case: Case, form: str) -> Call:
        """Return a case as `recorder.py` takes it.

        >>> from fourfold.compat.agreement.catalogue import select
        >>> (case,) = select(["option/output-size-least"])
        >>> MEGENGINE.spell(case, "layer")["output_padding"], PADDLE.spell(case, "layer")["output_size"]
        ((0, 0, 0), (5, 7, 9))
        """
        shape = {"in_channels": case.in_channels, "out_channels": case.out_channels, "kernel_size": case.kernel_size}
        bias = {"bias": case.bias} if self.bias or not case.bias else {}
        return {"form": form, "dtype": case.dtype, **shape, **self.words(case, form), **bias}

    def only(self, *forms: str, limits: tuple[Limit, ...] = ()) -> Api:
        """Return the API with fewer forms, and more that these cannot say."""
        return replace(self, forms={form: (*self.forms[form], *limits) for form in forms})


def _numbers(case: Case, form: str) -> Call:
    """Return numbers alone, for an API in which padding is symmetric."""
    return {**case.operator(), "padding": tuple(low for low, _ in case.geometry().padding)}


def _torch(case: Case, form: str) -> Call:
    words = _numbers(case, form)
    if form == "layer" and case.output_size is not None:
        words |= {"output_padding": None, "output_size": list(case.output_size)}
    return words | _memory(case)


def _engine(case: Case, form: str) -> Call:
    operator = case.operator()
    extra = operator["output_padding"]
    # an extra cell on the high side is one less cut from it: this way any output padding is legal
    pads = [(low, high - more) for (low, high), more in zip(operator["padding"], extra, strict=True)]
    return operator | {"padding": pads, "output_padding": 0} | _memory(case)


def _memory(case: Case) -> Call:
    return {"memory_format": "channels_last_3d"} if case.data_format == "NDHWC" else {}


def _oneflow(case: Case, form: str) -> Call:
    last = {"keywords": {"data_format": "channels_last"}} if case.data_format == "NDHWC" else {}
    return _numbers(case, form) | last


def _paddle(case: Case, form: str) -> Call:
    padding: Any = case.padding
    if not isinstance(padding, str) and is_symmetric(case):
        padding = tuple(low for low, _ in padding)
    size = {"output_padding": case.output_padding} if case.output_size is None else {"output_size": case.output_size}
    return {
        "stride": case.stride,
        "padding": padding,
        "dilation": case.dilation,
        "groups": case.groups,
        "data_format": case.data_format,
        **(_size(case) if form == "static" else size),
    }


def _fluid(case: Case, form: str) -> Call:
    # the function is that of static programs
    words = _numbers(case, form) if form == "layer" else _paddle(case, "static")
    return {**words, "output_padding": None}


def _documented_fluid(case: Case, form: str) -> Call:
    # an argument of the class, not of its call
    return _fluid(case, form) | ({"keywords": _size(case)} if form == "layer" else {})


def _size(case: Case) -> Call:
    """Return the output size, where it is not the one that comes of itself."""
    geometry = case.geometry()
    return {"output_size": geometry.output_size} if any(geometry.output_padding) else {}


_OF_TORCH = (ASYMMETRIC, NEGATIVE_PADDING, NEGATIVE_OUTPUT_PADDING, BEYOND_STRIDE_AND_DILATION)
_OF_PADDLE = (UNBATCHED, NEGATIVE_PADDING, NEGATIVE_OUTPUT_PADDING, BEYOND_STRIDE_AND_DILATION)
_OF_FLUID = (UNBATCHED, NEGATIVE_OUTPUT_PADDING, BEYOND_STRIDE)
_OF_FLUID_LAYER = (*_OF_FLUID, ASYMMETRIC, CHANNELS_LAST)
_OF_MEGENGINE = (ASYMMETRIC, NEGATIVE_PADDING, NEGATIVE_OUTPUT_PADDING, BEYOND_STRIDE, CHANNELS_LAST)
_OF_ONEFLOW = (ASYMMETRIC,)
_REAL = ("float16", "bfloat16", "float32", "float64")

ENGINE = Api(_engine, {"function": ()})
TORCH = Api(_torch, {"layer": _OF_TORCH, "functional": _OF_TORCH})
PADDLE = Api(_paddle, {"layer": _OF_PADDLE, "functional": _OF_PADDLE, "static": (*_OF_PADDLE, BEYOND_STRIDE)}, _REAL)
FLUID = Api(
    _fluid, {"layer": (*_OF_FLUID_LAYER, OUTPUT_PADDING), "functional": _OF_FLUID}, ("float32", "float64"), bias=True
)
DOCUMENTED_FLUID = replace(FLUID, words=_documented_fluid, forms={"layer": _OF_FLUID_LAYER, "functional": _OF_FLUID})
MEGENGINE = Api(_numbers, {"layer": _OF_MEGENGINE, "functional": _OF_MEGENGINE}, ("float16", "float32"))
ONEFLOW = Api(_oneflow, {"layer": (*_OF_ONEFLOW, CHANNELS_LAST), "functional": _OF_ONEFLOW}, _REAL)
