"""Ask a front end what the real framework was asked: the same calls, made by the same code (`recorder.py`)."""

from __future__ import annotations

import contextlib
import functools
import importlib
import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import torch

from ....frontends.torch import nn
from .. import recorder
from ..data import STORAGE
from ..subjects.base import array as values_of
from ..subjects.fluid import Keeping
from .vector import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..data import Array
    from ..request import Request

    Case = dict[str, Any]
    Arrays = dict[str, Array]


class Here(recorder.Torch):
    """What all front ends share: their tensors are torch's, and so is their autograd."""

    def is_tensor(self, value: Any) -> bool:
        return isinstance(value, torch.Tensor)

    def dtype_name(self, tensor: Any) -> str:
        return str(tensor.dtype).rpartition(".")[2]

    def array(self, tensor: Any) -> Array:
        return values_of(tensor).copy()

    def seed(self, value: int) -> None:
        torch.manual_seed(value)

    @contextlib.contextmanager
    def watch(self, tensors: Sequence[Any]) -> Iterator[Callable[..., Any]]:
        yield lambda outputs, cotangents: torch.autograd.grad(outputs, tensors, cotangents, allow_unused=True)


class Torch(Here):
    """`fourfold.frontends.torch`: layers and functions; tensors and dtypes are torch's."""

    def __init__(self) -> None:
        dtypes = {name: getattr(torch, name) for name in STORAGE}
        self.root = SimpleNamespace(nn=nn, from_numpy=torch.from_numpy, **dtypes)


class Paddle(Here, recorder.Paddle):
    """`fourfold.frontends.paddle`."""

    package = "fourfold.frontends.paddle"


class Fluid(Here, recorder.Fluid):
    """A fluid front end. It is eager: the function runs in dygraph mode, where the release needs a program."""

    package = "fourfold.frontends.paddle.fluid_1_8"

    def __init__(self) -> None:
        self.root = self.fluid = importlib.import_module(self.package)

    def run(self, case: Case, arrays: Arrays, report: recorder.Report) -> Arrays:
        execute = super(recorder.Fluid, self).run if case.get("form", "layer") == "layer" else self.run_function
        return self.in_dygraph(execute, case, arrays, report)

    def run_function(self, case: Case, arrays: Arrays, report: recorder.Report) -> Arrays:
        """Run the functional form, which makes its own parameters."""
        last = recorder.channels_last(case)
        x = self.leaf(recorder.to_last(arrays["input"], last), case.get("input_dtype", recorder.case_dtype(case)))
        made = {name: Keeping(arrays[name]) for name in ("weight", "bias") if name in arrays}
        options = {"param_attr": made.get("weight"), "bias_attr": made.get("bias", False)}
        y = self.fluid.layers.conv3d_transpose(x, case["out_channels"], **options, **self.function_options(case))
        output = recorder.from_last(self.array(y), last)
        report("output", {"output": output})
        if not recorder.differentiable(arrays, output):
            return {}
        upstream = self.tensor(recorder.to_last(arrays["grad_output"], last), recorder.case_dtype(case))
        wanted = {"grad_input": x, **{f"grad_{name}": kept.parameter for name, kept in made.items()}}
        found = torch.autograd.grad([y], list(wanted.values()), [upstream], allow_unused=True)
        return self.outgoing(wanted, [None if value is None else self.array(value) for value in found], last)


class DocumentedFluid(Fluid):
    """`fourfold.frontends.paddle.fluid`."""

    package = "fourfold.frontends.paddle.fluid"


class MegEngine(Here, recorder.MegEngine):
    """`fourfold.frontends.megengine`."""

    package = "fourfold.frontends.megengine"

    def leaf(self, array: Any, dtype: str | None = None) -> Any:
        return self.tensor(array, dtype).requires_grad_()


class OneFlow(Here, recorder.OneFlow):
    """`fourfold.frontends.oneflow`."""

    package = "fourfold.frontends.oneflow"


# Front end -> how to call it, and the recordings that it must agree with.
FRONT_ENDS: dict[str, tuple[type[Here], tuple[str, ...]]] = {
    "torch": (Torch, ("torch",)),
    "paddle": (Paddle, ("paddle", "paddle-2.6")),
    "fluid_1_8": (Fluid, ("fluid",)),
    "fluid": (DocumentedFluid, ("fluid",)),
    "megengine": (MegEngine, ("megengine",)),
    "oneflow": (OneFlow, ("oneflow",)),
}


def replay(front_end: str, request: Request) -> Outcome:
    """Return what a front end does with a request.

    Args:
        front_end: a key of `FRONT_ENDS`.
        request: what the framework was asked.

    Example:
        >>> from fourfold.compat.agreement.vectors.record import chosen
        >>> (stride_0,) = chosen("megengine", ["functional/edge/stride-0"])
        >>> replay("megengine", stride_0).kind
        'ArgumentError'
    """
    found: Arrays = {}

    def report(event: str, value: Any, **_: Any) -> None:
        if event == "output":
            found.update(value)

    adapter = _adapter(front_end)
    execute = adapter.initial if request.initial else adapter.run
    try:
        with warnings.catch_warnings():
            # the frameworks' warnings are not recorded
            warnings.simplefilter("ignore")
            found.update(execute(dict(request.call), request.operands(), report))
    except Exception as error:  # a refusal is a result
        ancestors = tuple(ancestor.__name__ for ancestor in type(error).__mro__ if ancestor is not object)
        return Outcome.of(request, "refused", found, kind=type(error).__name__, ancestors=ancestors, message=str(error))
    return Outcome.of(request, "ok", found)


@functools.cache
def _adapter(front_end: str) -> Here:
    return FRONT_ENDS[front_end][0]()
