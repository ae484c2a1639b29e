"""The recorder's drivers over the front ends: one spelling of a case for a framework and for what mirrors it here."""

from __future__ import annotations

import contextlib
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ....backend import ConvTranspose3dSpec, conv_transpose3d
from ....frontends.paddle.nn.initializer import Assign
from .. import recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..data import Array

    Case = dict[str, Any]
    Arrays = dict[str, Array]


class Here(recorder.Torch):
    """What all front ends share: their tensors are torch's, and so is their autograd."""

    @property
    def version(self) -> str:
        return torch.__version__

    def is_tensor(self, value: Any) -> bool:
        return isinstance(value, torch.Tensor)

    def dtype_name(self, tensor: Any) -> str:
        return str(tensor.dtype).rpartition(".")[2]

    def array(self, tensor: Any) -> Array:
        return array(tensor).copy()

    def seed(self, value: int) -> None:
        torch.manual_seed(value)

    @contextlib.contextmanager
    def watch(self, tensors: Sequence[Any]) -> Iterator[Callable[..., Any]]:
        yield lambda outputs, cotangents: torch.autograd.grad(outputs, tensors, cotangents, allow_unused=True)

    def run_making(
        self, function: Callable[..., Any], options: Case, case: Case, arrays: Arrays, report: recorder.Report
    ) -> Arrays:
        """Run a function that makes its own parameters, at once, where a release needs a program."""
        last, dtype = recorder.channels_last(case), recorder.case_dtype(case)
        x = self.leaf(recorder.to_last(arrays["input"], last), case.get("input_dtype", dtype))
        made = {name: Keeping(arrays[name]) for name in ("weight", "bias") if name in arrays}
        attributes = {"param_attr": made.get("weight"), "bias_attr": made.get("bias", False)}
        y = function(x, case["out_channels"], **attributes, **options)
        output = recorder.from_last(self.array(y), last)
        report("output", {"output": output})
        if not recorder.differentiable(arrays, output):
            return {}
        upstream = self.tensor(recorder.to_last(arrays["grad_output"], last), dtype)
        wanted = {"grad_input": x, **{f"grad_{name}": kept.parameter for name, kept in made.items()}}
        found = torch.autograd.grad([y], list(wanted.values()), [upstream], allow_unused=True)
        return self.outgoing(wanted, [None if value is None else self.array(value) for value in found], last)


class Torch(Here):
    """`fourfold.frontends.torch`: layers and functions; tensors and dtypes are torch's, and so is channels last."""

    package = "fourfold.frontends.torch"

    def __init__(self) -> None:
        super().__init__()
        self.root = torch

    def tensor(self, array: Any, dtype: str | None = None) -> Any:
        tensor = torch.from_numpy(np.array(array))  # as it lies in memory
        return tensor if dtype is None else tensor.to(getattr(torch, dtype))

    def run(self, case: Case, arrays: Arrays, report: recorder.Report) -> Arrays:
        if case.get("memory_format") == "channels_last_3d":
            arrays = {**arrays, "input": np.moveaxis(recorder.to_last(arrays["input"], True), -1, -4)}
        return super().run(case, arrays, report)


class PyTorch(Torch):
    """PyTorch's own operator."""

    package = "torch"


class Engine(Torch):
    """The engine itself: it can say everything, so every front end is compared with it."""

    def function(self, case: Case, x: Any, weight: Any, bias: Any) -> Any:
        spec = ConvTranspose3dSpec(**{each.name: case[each.name] for each in fields(ConvTranspose3dSpec)})
        return conv_transpose3d(x, weight, bias, spec)


class Paddle(Here, recorder.Paddle):
    """`fourfold.frontends.paddle`."""

    package = "fourfold.frontends.paddle"

    def layer(self, case: Case) -> Any:
        return super().layer(case).to(dtype=recorder.case_dtype(case))  # an author's may know no default dtype

    def load(self, layer: Any, case: Case, values: Arrays) -> None:
        layer.set_state_dict({name: self.tensor(value, recorder.case_dtype(case)) for name, value in values.items()})

    def run(self, case: Case, arrays: Arrays, report: recorder.Report) -> Arrays:
        if case.get("form") != "static":
            return super().run(case, arrays, report)
        with self.root.static.program_guard(self.root.static.Program()):
            function = self.root.static.nn.conv3d_transpose
            return self.run_making(function, self.making_options(case), case, arrays, report)


class Fluid(Here, recorder.Fluid):
    """A fluid front end."""

    package = "fourfold.frontends.paddle.fluid_1_8"
    layer_name = "dygraph.Conv3DTranspose"

    def __init__(self) -> None:
        super(recorder.Fluid, self).__init__()
        self.fluid = self.root

    def run(self, case: Case, arrays: Arrays, report: recorder.Report) -> Arrays:
        if case.get("form", "layer") == "layer":
            return self.in_dygraph(super(recorder.Fluid, self).run, case, arrays, report)
        function, options = self.fluid.layers.conv3d_transpose, self.making_options(case)
        return self.in_dygraph(self.run_making, function, options, case, arrays, report)


class DocumentedFluid(Fluid):
    """`fourfold.frontends.paddle.fluid`."""

    package = "fourfold.frontends.paddle.fluid"


class MegEngine(Here, recorder.MegEngine):
    """`fourfold.frontends.megengine`."""

    package = "fourfold.frontends.megengine"

    def leaf(self, array: Any, dtype: str | None = None) -> Any:
        return self.tensor(array, dtype).requires_grad_()

    def load(self, layer: Any, case: Case, values: Arrays) -> None:
        dtype = recorder.case_dtype(case)
        layer.load_state_dict(
            {name: value.reshape(tuple(getattr(layer, name).shape)).astype(dtype) for name, value in values.items()}
        )


class OneFlow(Here, recorder.OneFlow):
    """`fourfold.frontends.oneflow`, whose function takes channels last as the documentation has it."""

    package = "fourfold.frontends.oneflow"

    def function(self, case: Case, x: Any, weight: Any, bias: Any) -> Any:
        if case.get("keywords", {}).get("data_format") != "channels_last":
            return super().function(case, x, weight, bias)
        # it is the layout of the weight as well: (in, kD, kH, kW, out / groups)
        x, weight = (each.movedim(1, -1).contiguous() for each in (x, weight))
        return super().function(case, x, weight, bias).movedim(-1, 1)


class Keeping(Assign):
    """Give a parameter its values and remember it: the function returns its parameters to nobody."""

    parameter: torch.Tensor

    def __call__(self, param: torch.Tensor, block: Any = None) -> torch.Tensor:
        """Fill the parameter."""
        self.parameter = super().__call__(param, block)
        return self.parameter


def array(values: torch.Tensor) -> Array:
    """Return a tensor's values as the comparison holds them (bfloat16 in float32)."""
    plain = values.detach().as_subclass(torch.Tensor).resolve_conj()
    result: Array = plain.float().numpy() if plain.dtype == torch.bfloat16 else plain.numpy()
    return result


def ask(driver: Here, call: Case, arrays: Arrays, found: Arrays, *, initial: bool = False) -> None:
    """Have a driver run a call in this process, or make a layer; what it gives before it raises is in `found`."""

    def report(event: str, value: Any, **_: Any) -> None:
        if event == "output":
            found.update(value)

    found.update((driver.initial if initial else driver.run)(call, arrays, report))
