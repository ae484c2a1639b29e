"""Record what a framework computes: this one file, NumPy and the framework are all it needs (Python 3.7 and above).

As a tool, where an old model still runs (copy the file there, or put its folder on PYTHONPATH):

    from recorder import record
    record(model, inputs, "model.fourfold.zip")      # docs/bundle.md describes the file

As a worker, `python recorder.py --worker FRAMEWORK` reads cases from stdin and answers on stdout; `worker.py` drives
it. A frame is a 4-byte little-endian length, that many bytes of JSON, then the bytes of the arrays that the JSON lists
under "arrays" as [name, dtype, shape], one after the other in C order.

    to the worker    {"op": "case", "case": CASE}            arrays input; weight, bias, grad_output where given
                     {"op": "initialize", "case": CASE}      builds the layer, returns the parameters as it made them
    from the worker  {"event": "ready", versions} once, or {"event": "failed", "error": ERROR}; then per request
                     {"event": "stage", "stage": S}          about to start: layer, load, forward, backward
                     {"event": "output", "dtype": D}         array output
                     {"event": "done", "status": "ok"}       arrays grad_input, grad_weight, grad_bias (or weight, bias)
                     {"event": "done", "status": "refused", "error": ERROR}

Arrays travel in torch's layout whatever the framework: input and output (N, C, D, H, W), weight (C_in, C_out/groups,
kD, kH, kW), bias (C_out). CASE holds in_channels, out_channels, kernel_size and, as wanted, stride, padding (an int,
three, three (low, high) pairs or a string), output_padding, dilation, groups, bias (true or false: passed to the
framework; null: left out), output_size, data_format ("NDHWC": arrays are transposed around the call), dtype
("float32"), input_dtype (where it is another), form ("layer" or "functional"), parameter_seed, and keywords (passed on
under the framework's own names).
Other keys mean nothing here. A framework's call is made in its own spelling; options at the default that all frameworks
share are left out of it, and nothing is checked, corrected or worked around. There are no gradients where grad_output
is absent or the framework's output has another shape.

This is longer than other modules of this project because it is copied, alone, to machines that have none of them.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib
import json
import os
import platform
import re
import stat
import struct
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import BinaryIO

    Array = np.ndarray[Any, Any]
    Case = dict[str, Any]
    Arrays = dict[str, Array]
    Entry = dict[str, Any]
    Report = Callable[..., None]
    Gradients = Callable[[Sequence[Any], Sequence[Any]], Sequence[Any]]

BUNDLE_FORMAT = "fourfold-bundle"
BUNDLE_VERSION = 1
# In order, with the defaults that all frameworks share; None is never passed.
OPTIONS = {
    "stride": 1,
    "padding": 0,
    "output_padding": 0,
    "dilation": 1,
    "groups": 1,
    "bias": None,
    "output_size": None,
    "data_format": "NCDHW",
}


# --- the frameworks, each in its own spelling -----------------------------------------------------------------------


class Torch:
    """torch, whose API is the default of the others."""

    package = "torch"
    layer_name = "nn.ConvTranspose3d"
    function_name = "nn.functional.conv_transpose3d"
    bias_option = "bias"
    hook_method = "register_forward_hook"
    modules_method = "named_modules"
    children_method = "children"

    def __init__(self) -> None:
        self.root: Any = importlib.import_module(self.package)

    @property
    def version(self) -> str:
        return str(self.root.__version__)

    def find(self, name: str) -> Any:
        """Return a class or function of the framework."""
        found: Any = importlib.import_module(self.package)
        for part in name.split("."):
            found = getattr(found, part)
        return found

    # tensors

    def tensor(self, array: Any, dtype: str | None = None) -> Any:
        tensor = self.root.from_numpy(np.array(array, order="C"))  # a copy: torch warns about memory it may not write
        return tensor if dtype is None else tensor.to(getattr(self.root, dtype))

    def leaf(self, array: Any, dtype: str | None = None) -> Any:
        """Return a tensor whose gradient is wanted."""
        return self.tensor(array, dtype).requires_grad_(True)

    def is_tensor(self, value: Any) -> bool:
        return isinstance(value, self.root.Tensor)

    def dtype_name(self, tensor: Any) -> str:
        return str(tensor.dtype).split(".")[-1]

    def array(self, tensor: Any) -> Array:
        """Copy the values; a bfloat16 tensor, for which NumPy has no dtype, as float32."""
        tensor = tensor.detach().cpu().resolve_conj()
        tensor = tensor.float() if tensor.dtype == self.root.bfloat16 else tensor
        return np.array(tensor.numpy(), order="C")

    # one layer

    def seed(self, value: int) -> None:
        self.root.manual_seed(value)

    def options(self, case: Case, *without: str) -> dict[str, Any]:
        """Return the options of a case that are not at their defaults, under this framework's names."""
        given = {}
        for name, default in OPTIONS.items():
            value = case.get(name)
            if name in without or value is None or is_default(value, default):
                continue
            value = self.padding(value, channels_last(case)) if name == "padding" else as_tuple(value)
            given[self.bias_option if name == "bias" else name] = value
        given.update(case.get("keywords", {}))
        return given

    def padding(self, value: Any, last: bool) -> Any:
        return symmetric(value)

    def made(self, case: Case, **dtype: Any) -> Any:
        """Return the layer of a case as its class makes it."""
        return self.find(self.layer_name)(*leading(case), **self.options(case, "output_size"), **dtype)

    def layer(self, case: Case) -> Any:
        dtype = case_dtype(case)
        return self.made(case) if dtype == "float32" else self.made(case, dtype=getattr(self.root, dtype))

    def load(self, layer: Any, case: Case, values: Arrays) -> None:
        layer.load_state_dict({name: self.tensor(value, case_dtype(case)) for name, value in values.items()})

    def call(self, layer: Any, x: Any, case: Case) -> Any:
        size = case.get("output_size")
        return layer(x) if size is None else layer(x, output_size=size)

    def function(self, case: Case, x: Any, weight: Any, bias: Any) -> Any:
        return self.find(self.function_name)(x, weight, bias, **self.options(case, "bias"))

    def weight_in(self, weight: Array, case: Case) -> Array:
        return weight

    def bias_in(self, bias: Array) -> Array:
        return bias

    def weight_out(self, weight: Array) -> Array:
        return weight

    def bias_out(self, bias: Array) -> Array:
        return bias

    def run(self, case: Case, arrays: Arrays, report: Report) -> Arrays:
        """Run one case, with `report(event, stage or arrays)` on the way; return the gradients."""
        dtype, last = case_dtype(case), channels_last(case)
        report("stage", "layer")
        layer = self.layer(case) if case.get("form", "layer") == "layer" else None
        report("stage", "load")
        if layer is None:
            weight = self.leaf(self.weight_in(arrays["weight"], case), dtype)
            bias = self.leaf(self.bias_in(arrays["bias"]), dtype) if "bias" in arrays else None
        else:
            given: Arrays = {name: arrays[name] for name in ("weight", "bias") if name in arrays}
            if given:
                self.load(layer, case, given)
            weight, bias = layer.weight, layer.bias
        x = self.leaf(to_last(arrays["input"], last), case.get("input_dtype", dtype))
        wanted = {"grad_input": x, "grad_weight": weight, "grad_bias": bias}
        wanted = {name: tensor for name, tensor in wanted.items() if self.is_tensor(tensor)}
        with self.watch(list(wanted.values())) as gradients:
            report("stage", "forward")
            y = self.function(case, x, weight, bias) if layer is None else self.call(layer, x, case)
            output = from_last(self.array(y), last)
            report("output", {"output": output}, dtype=self.dtype_name(y))
            if not differentiable(arrays, output):
                return {}
            report("stage", "backward")
            values = gradients([y], [self.tensor(to_last(arrays["grad_output"], last), dtype)])
            return self.outgoing(wanted, [None if value is None else self.array(value) for value in values], last)

    def outgoing(self, names: Iterable[str], values: Iterable[Array | None], last: bool) -> Arrays:
        """Return named gradients in torch's layout; one without influence on the output is left out."""
        convert: dict[str, Callable[[Array], Array]] = {
            "grad_input": lambda value: from_last(value, last),
            "grad_weight": self.weight_out,
            "grad_bias": self.bias_out,
        }
        return {name: convert[name](value) for name, value in zip(names, values) if value is not None}  # noqa: B905

    def initial(self, case: Case, arrays: Arrays, report: Report) -> Arrays:
        """Return the parameters as the framework made them."""
        report("stage", "layer")
        if case.get("parameter_seed") is not None:
            self.seed(case["parameter_seed"])
        layer = self.layer(case)
        found = {"weight": self.weight_out(self.array(layer.weight))}
        if self.is_tensor(layer.bias):
            found["bias"] = self.bias_out(self.array(layer.bias))
        return found

    # models

    @contextlib.contextmanager
    def watch(self, tensors: Sequence[Any]) -> Iterator[Gradients]:
        """Give a function from outputs and their cotangents to the gradients of `tensors` (None: no influence)."""
        with self.root.enable_grad():
            yield lambda outputs, cotangents: self.root.autograd.grad(outputs, tensors, cotangents, allow_unused=True)

    def leaf_modules(self, model: Any) -> Iterator[tuple[str, Any]]:
        """Give the modules without modules inside, each once, under its first name."""
        seen = set()
        for name, module in [*getattr(model, self.modules_method)(), ("", model)]:
            if id(module) not in seen and not list(getattr(module, self.children_method)()):
                seen.add(id(module))
                yield name, module

    def hook(self, module: Any, function: Callable[[Any, Any, Any], None]) -> Callable[[], object]:
        """Have function(module, inputs, output) called after each call; return what takes it off again."""
        remove: Callable[[], object] = getattr(module, self.hook_method)(function).remove
        return remove

    def trainable(self, model: Any) -> list[tuple[str, Any]]:
        return [(name, value) for name, value in model.named_parameters() if value.requires_grad]

    def model_input(self, value: Any, model: Any) -> Any:
        """Return a fresh tensor on the device of the model, recording gradients where it can."""
        tensor = value.detach().clone() if self.is_tensor(value) else self.tensor(value)
        tensor = tensor.to(next((parameter.device for parameter in model.parameters()), tensor.device))
        return tensor.requires_grad_(True) if self.is_continuous(tensor) else tensor

    def is_continuous(self, tensor: Any) -> bool:
        return self.dtype_name(tensor).startswith(("float", "bfloat", "complex"))

    def cotangent(self, output: Any) -> Any:
        return self.tensor(fixed_array(tuple(output.shape)), self.dtype_name(output)).to(output.device)


class Paddle(Torch):
    """Paddle 2 and 3."""

    package = "paddle"
    layer_name = "nn.Conv3DTranspose"
    function_name = "nn.functional.conv3d_transpose"
    bias_option = "bias_attr"
    hook_method = "register_forward_post_hook"
    modules_method = "named_sublayers"
    children_method = "sublayers"

    def tensor(self, array: Any, dtype: str | None = None) -> Any:
        return self.root.to_tensor(np.asarray(array), dtype=dtype)

    def leaf(self, array: Any, dtype: str | None = None) -> Any:
        tensor = self.tensor(array, dtype)
        tensor.stop_gradient = False
        return tensor

    def array(self, tensor: Any) -> Array:
        tensor = tensor.astype("float32") if self.dtype_name(tensor) == "bfloat16" else tensor
        return np.array(tensor.numpy(), order="C")

    def seed(self, value: int) -> None:
        self.root.seed(value)

    def padding(self, value: Any, last: bool) -> Any:
        """Spell unequal pairs as Paddle's users do, in lists: six numbers, or a pair for each axis of NDHWC."""
        value = symmetric(value)
        if not is_pairs(value):
            return value
        return [[0, 0], *map(list, value), [0, 0]] if last else [pad for pair in value for pad in pair]

    def layer(self, case: Case) -> Any:
        before = self.root.get_default_dtype()
        self.root.set_default_dtype(case_dtype(case))
        try:
            return self.made(case)
        finally:
            self.root.set_default_dtype(before)

    def load(self, layer: Any, case: Case, values: Arrays) -> None:
        for name, value in values.items():
            getattr(layer, name).set_value(self.tensor(value, case_dtype(case)))

    def making_options(self, case: Case) -> dict[str, Any]:
        """Return the options of a function that makes its own parameters."""
        options = self.options(case, "bias")
        if case.get("kernel_size") is not None:
            options["filter_size"] = as_tuple(case["kernel_size"])
        if isinstance(options.get("output_size"), tuple):
            options["output_size"] = list(options["output_size"])  # it takes no tuple
        return options

    @contextlib.contextmanager
    def watch(self, tensors: Sequence[Any]) -> Iterator[Gradients]:
        yield lambda outputs, cotangents: self.root.grad(outputs, tensors, grad_outputs=cotangents, allow_unused=True)

    def trainable(self, model: Any) -> list[tuple[str, Any]]:
        return [(name, value) for name, value in model.named_parameters() if not value.stop_gradient]

    def model_input(self, value: Any, model: Any) -> Any:
        tensor = self.tensor(value.numpy() if self.is_tensor(value) else value)
        tensor.stop_gradient = not self.is_continuous(tensor)
        return tensor

    def cotangent(self, output: Any) -> Any:
        return self.tensor(fixed_array(tuple(output.shape)), self.dtype_name(output))


class Fluid(Paddle):
    """Paddle 1.x: layers in dygraph mode; the function, which makes its own parameters, as a static program."""

    layer_name = "fluid.dygraph.Conv3DTranspose"

    def __init__(self) -> None:
        super().__init__()
        self.fluid: Any = importlib.import_module("paddle.fluid")

    def tensor(self, array: Any, dtype: str | None = None) -> Any:
        return self.fluid.dygraph.to_variable(np.asarray(array, dtype=dtype))

    def is_tensor(self, value: Any) -> bool:
        return isinstance(value, (self.fluid.framework.Variable, self.fluid.core.VarBase))

    def dtype_name(self, tensor: Any) -> str:
        return str(self.fluid.data_feeder.convert_dtype(tensor.dtype))

    def seed(self, value: int) -> None:
        self.fluid.default_startup_program().random_seed = value
        self.fluid.default_main_program().random_seed = value

    def layer(self, case: Case) -> Any:
        return self.made(case, dtype=case_dtype(case))

    def load(self, layer: Any, case: Case, values: Arrays) -> None:
        for name, value in values.items():
            getattr(layer, name).set_value(value.astype(case_dtype(case)))

    def run(self, case: Case, arrays: Arrays, report: Report) -> Arrays:
        if case.get("form", "layer") == "layer":
            return self.in_dygraph(super().run, case, arrays, report)
        program, startup = self.fluid.Program(), self.fluid.Program()
        with self.fluid.scope_guard(self.fluid.core.Scope()), self.fluid.program_guard(program, startup):
            return self.run_program(case, arrays, report, program, startup)

    def initial(self, case: Case, arrays: Arrays, report: Report) -> Arrays:
        return self.in_dygraph(super().initial, case, arrays, report)

    def in_dygraph(self, execute: Callable[..., Arrays], *arguments: Any) -> Arrays:
        found: Arrays = {}
        error: Exception | None = None
        with self.fluid.dygraph.guard(self.fluid.CPUPlace()):
            # An exception that passes the guard would leave the process in dygraph mode.
            try:
                found = execute(*arguments)
            except Exception as raised:
                error = raised
        if error is not None:
            raise error
        return found

    def run_program(self, case: Case, arrays: Arrays, report: Report, program: Any, startup: Any) -> Arrays:
        """Run the functional form."""
        fluid, dtype, last = self.fluid, case_dtype(case), channels_last(case)

        def feed(name: str) -> Any:
            kind = case.get("input_dtype", dtype) if name == "input" else dtype
            feeds[name] = to_last(arrays[name], last).astype(kind)
            return fluid.data(name, list(feeds[name].shape), kind)

        feeds: Arrays = {}
        report("stage", "layer")
        x = feed("input")
        x.stop_gradient = False
        options = self.making_options(case)
        names = [name for name in ("weight", "bias") if name in arrays]
        attributes = {"param_attr": fluid.ParamAttr("weight"), "bias_attr": "bias" in names and fluid.ParamAttr("bias")}
        y = fluid.layers.conv3d_transpose(x, case["out_channels"], **dict(attributes, **options))
        executor = fluid.Executor(fluid.CPUPlace())
        report("stage", "load")
        executor.run(startup)
        for name in names:  # its initializers take no float64
            fluid.global_scope().var(name).get_tensor().set(arrays[name].astype(dtype), fluid.CPUPlace())
        report("stage", "forward")
        (output,) = executor.run(program, feed=feeds, fetch_list=[y])
        output = from_last(output, last)
        report("output", {"output": output}, dtype=str(output.dtype))
        if not differentiable(arrays, output):
            return {}
        report("stage", "backward")
        block = program.global_block()
        wanted = {"grad_input": x, **{"grad_" + name: block.var(name) for name in names}}
        found = fluid.gradients([y], list(wanted.values()), target_gradients=[feed("grad_output")])
        values = executor.run(program, feed=feeds, fetch_list=found)
        return self.outgoing(wanted, values, last)

    @contextlib.contextmanager
    def watch(self, tensors: Sequence[Any]) -> Iterator[Gradients]:
        grad = self.fluid.dygraph.grad
        # Layer.eval() turns the recording of gradients off for the whole process.
        with self.fluid.dygraph.base._switch_tracer_mode_guard_(is_train=True):
            yield lambda outputs, cotangents: grad(outputs, tensors, grad_outputs=cotangents, allow_unused=True)


class MegEngine(Torch):
    """Weights are (groups, in/groups, out/groups, kD, kH, kW) where groups > 1, biases (1, C_out, 1, 1, 1)."""

    package = "megengine"
    layer_name = "module.ConvTranspose3d"
    function_name = "functional.conv_transpose3d"

    def __init__(self) -> None:
        super().__init__()
        for name in ("module", "functional"):
            importlib.import_module(self.package + "." + name)

    def tensor(self, array: Any, dtype: str | None = None) -> Any:
        return self.root.Tensor(np.asarray(array) if dtype is None else np.asarray(array).astype(dtype))

    def leaf(self, array: Any, dtype: str | None = None) -> Any:
        return self.tensor(array, dtype)

    def dtype_name(self, tensor: Any) -> str:
        return str(np.dtype(tensor.dtype))

    def array(self, tensor: Any) -> Array:
        return np.array(tensor.numpy(), order="C")

    def seed(self, value: int) -> None:
        importlib.import_module("megengine.random").seed(value)

    def options(self, case: Case, *without: str) -> dict[str, Any]:
        options = super().options(case, *without)
        if "output_padding" in options:  # which the function accepts only where these are sequences
            options.setdefault("padding", (0, 0, 0))
            options.setdefault("dilation", (1, 1, 1))
        return options

    def layer(self, case: Case) -> Any:
        return self.made(case)

    def load(self, layer: Any, case: Case, values: Arrays) -> None:
        # load_state_dict would do, but for a float64 array it raises; Parameter() makes it float32.
        if "weight" in values:
            layer.weight = self.root.Parameter(self.weight_in(values["weight"], case).astype(case_dtype(case)))
        if "bias" in values:
            layer.bias = self.root.Parameter(self.bias_in(values["bias"]).astype(case_dtype(case)))

    def weight_in(self, weight: Array, case: Case) -> Array:
        groups = case.get("groups", 1)
        if groups <= 1 or weight.shape[0] % groups:
            return weight
        return weight.reshape((groups, weight.shape[0] // groups, *weight.shape[1:]))

    def bias_in(self, bias: Array) -> Array:
        return bias.reshape(1, -1, 1, 1, 1)

    def weight_out(self, weight: Array) -> Array:
        return weight.reshape((-1, *weight.shape[2:])) if weight.ndim == 6 else weight

    def bias_out(self, bias: Array) -> Array:
        return bias.reshape(-1)

    @contextlib.contextmanager
    def watch(self, tensors: Sequence[Any]) -> Iterator[Gradients]:
        manager = importlib.import_module("megengine.autodiff").GradManager()
        manager.attach(list(tensors))

        def gradients(outputs: Sequence[Any], cotangents: Sequence[Any]) -> Sequence[Any]:
            manager.backward(outputs, cotangents)
            return [tensor.grad for tensor in tensors]

        with own_gradients(tensors), manager:
            yield gradients

    def trainable(self, model: Any) -> list[tuple[str, Any]]:
        return list(model.named_parameters())

    def model_input(self, value: Any, model: Any) -> Any:
        return self.tensor(value.numpy() if self.is_tensor(value) else value)

    def cotangent(self, output: Any) -> Any:
        return self.tensor(fixed_array(tuple(output.shape)), self.dtype_name(output))


class OneFlow(Torch):
    """Torch's API; but its layers take no dtype, and autograd.grad refuses tensors without influence."""

    package = "oneflow"

    def tensor(self, array: Any, dtype: str | None = None) -> Any:
        return self.root.tensor(np.array(array, order="C"), dtype=None if dtype is None else getattr(self.root, dtype))

    def array(self, tensor: Any) -> Array:
        return np.array(tensor.detach().numpy(), order="C")

    def layer(self, case: Case) -> Any:
        return self.made(case).to(getattr(self.root, case_dtype(case)))

    @contextlib.contextmanager
    def watch(self, tensors: Sequence[Any]) -> Iterator[Gradients]:
        def gradients(outputs: Sequence[Any], cotangents: Sequence[Any]) -> Sequence[Any]:
            self.root.autograd.backward(outputs, cotangents)
            return [tensor.grad for tensor in tensors]

        with own_gradients(tensors), self.root.set_grad_enabled(True):
            yield gradients

    def hook(self, module: Any, function: Callable[[Any, Any, Any], None]) -> Callable[[], object]:
        module.register_forward_hook(function)  # gives no handle
        (key,) = (key for key, value in module._forward_hooks.items() if value is function)
        return lambda: module._forward_hooks.pop(key)


FRAMEWORKS: dict[str, Callable[[], Torch]] = {
    "torch": Torch,
    "paddle": Paddle,
    "fluid": Fluid,
    "megengine": MegEngine,
    "oneflow": OneFlow,
}


@contextlib.contextmanager
def own_gradients(tensors: Sequence[Any]) -> Iterator[None]:
    """Clear the gradients of tensors for a while, for frameworks that can only accumulate into `.grad`."""
    before = [tensor.grad for tensor in tensors]
    for tensor in tensors:
        tensor.grad = None
    try:
        yield
    finally:
        for tensor, grad in zip(tensors, before):  # noqa: B905
            tensor.grad = grad


# --- small conversions ----------------------------------------------------------------------------------------------


def leading(case: Case) -> tuple[Any, ...]:
    return case["in_channels"], case["out_channels"], as_tuple(case["kernel_size"])


def case_dtype(case: Case) -> str:
    return str(case.get("dtype", "float32"))


def channels_last(case: Case) -> bool:
    return bool(case.get("data_format") == "NDHWC")


def is_default(value: Any, default: Any) -> bool:
    """Whether an option says the default, as one number, as three or as pairs; True is not 1."""
    if isinstance(value, (list, tuple)):
        return len(value) > 0 and all(is_default(item, default) for item in value)
    return type(value) is type(default) and bool(value == default)


def as_tuple(value: Any) -> Any:
    """JSON has lists only; every framework takes tuples."""
    return tuple(as_tuple(item) for item in value) if isinstance(value, (list, tuple)) else value


def is_pairs(value: Any) -> bool:
    return (
        isinstance(value, (list, tuple))
        and len(value) > 0
        and all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in value)
    )


def symmetric(value: Any) -> Any:
    """Spell (low, high) pairs that are equal as one number per axis."""
    if is_pairs(value) and all(low == high for low, high in value):
        return tuple(low for low, _ in value)
    return as_tuple(value)


def differentiable(arrays: Arrays, output: Array) -> bool:
    return "grad_output" in arrays and arrays["grad_output"].shape == output.shape


def to_last(array: Array, last: bool) -> Array:
    """Move the channels of (N, C, D, H, W) or (C, D, H, W) to the end."""
    return np.ascontiguousarray(np.moveaxis(array, -4, -1)) if last and array.ndim >= 4 else array


def from_last(array: Array, last: bool) -> Array:
    return np.ascontiguousarray(np.moveaxis(array, -1, -4)) if last and array.ndim >= 4 else array


def fixed_array(shape: tuple[int, ...]) -> Array:
    """Return the weights of the outputs in the recorded scalar.

    Element i in C order is (2 * h - 15) / 16 with h = (i * 2654435761 mod 2**32) >> 28: exact in every floating dtype.
    """
    count = int(np.prod(shape, dtype=np.int64))
    mixed = np.arange(count, dtype=np.uint64) * np.uint64(2654435761) % np.uint64(2**32)
    values: Array = (2 * (mixed >> np.uint64(28)).astype(np.float32) - 15) / 16
    return values.reshape(shape)


def describe_error(error: BaseException) -> dict[str, Any]:
    """Return class, ancestors, message and cause of an exception as JSON."""
    described: dict[str, Any] = {
        "class": type(error).__name__,
        "module": type(error).__module__,
        "mro": [ancestor.__name__ for ancestor in type(error).__mro__ if ancestor is not object],
        "message": short_message(str(error)),
    }
    if error.__cause__ is not None:
        described["cause"] = describe_error(error.__cause__)
    return described


def short_message(text: str, limit: int = 3000) -> str:
    """Drop terminal colours; of a long text keep the two ends, since C++ traces put the point last."""
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text).strip()
    return text if len(text) <= limit else text[: limit // 2] + "\n[...]\n" + text[-limit // 2 :]


def versions(framework: Torch) -> dict[str, Any]:
    return {
        "version": framework.version,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "platform": platform.system() + "-" + platform.machine(),
    }


# --- the worker -----------------------------------------------------------------------------------------------------


def write_frame(stream: BinaryIO, header: dict[str, Any], arrays: Arrays) -> None:
    """Write one frame; its header lists the arrays."""
    little = {name: np.asarray(array, dtype=array.dtype.newbyteorder("<")) for name, array in arrays.items()}
    listed = [[name, array.dtype.str, list(array.shape)] for name, array in little.items()]
    text = json.dumps(dict(header, arrays=listed)).encode()
    stream.write(struct.pack("<I", len(text)) + text)
    for array in little.values():
        stream.write(array.tobytes())
    stream.flush()


def read_frame(stream: BinaryIO) -> tuple[dict[str, Any], Arrays] | None:
    """Read the header and the arrays of one frame; None where the stream ends instead."""
    start = stream.read(4)
    if not start:
        return None
    header = json.loads(read_exactly(stream, struct.unpack("<I", start)[0]).decode())
    arrays = {}
    for name, dtype, shape in header.pop("arrays"):
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        arrays[name] = np.frombuffer(bytearray(read_exactly(stream, size)), dtype).reshape(shape)
    return header, arrays


def read_exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        msg = "the stream ended {} bytes early".format(size - len(data))  # noqa: UP032
        raise EOFError(msg)
    return data


def own_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout for the frames; whatever the framework prints goes to stderr, even from C++."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return requests, answers


def work(name: str) -> int:
    """Answer requests until stdin ends."""
    requests, answers = own_standard_streams()
    # Beside this file lie modules whose names a framework's own dependencies may bear.
    here = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != here]
    try:
        framework = FRAMEWORKS[name]()
    except Exception as error:
        write_frame(answers, {"event": "failed", "error": describe_error(error)}, {})
        return 1
    write_frame(answers, dict(versions(framework), event="ready", framework=name), {})
    while True:
        frame = read_frame(requests)
        if frame is None:
            return 0
        respond(framework, *frame, answers)


def respond(framework: Torch, request: dict[str, Any], arrays: Arrays, stream: BinaryIO) -> None:
    """Run one request and write its events."""

    def report(event: str, value: Any, **more: Any) -> None:
        if event == "stage":
            write_frame(stream, {"event": "stage", "stage": value}, {})
        else:
            write_frame(stream, dict(more, event=event), value)

    execute = framework.initial if request["op"] == "initialize" else framework.run
    try:
        found = execute(request["case"], arrays, report)
    except Exception as error:  # a refusal is a result
        write_frame(stream, {"event": "done", "status": "refused", "error": describe_error(error)}, {})
    else:
        write_frame(stream, {"event": "done", "status": "ok"}, found)


# --- bundles --------------------------------------------------------------------------------------------------------


def framework_of(model: Any) -> Torch:
    """Return the framework from whose module class a model is derived."""
    for ancestor in type(model).__mro__:
        package = ancestor.__module__.split(".")[0]
        if ancestor.__name__ == "Module" and package in ("torch", "megengine", "oneflow"):
            return FRAMEWORKS[package]()
        if ancestor.__name__ == "Layer" and package == "paddle":
            version = importlib.import_module("paddle").__version__
            return Fluid() if version.startswith("1.") else Paddle()
    msg = "model is a {}; it must be a module (layer) of torch, paddle, megengine or oneflow."
    raise TypeError(msg.format(class_name(model)))


class HashingWriter:
    """A stream that hashes what passes."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.hash.update(data)
        written: int = self.stream.write(data)
        return written


class BundleWriter:
    """Writes tensors into the archive as they come, so that no copies pile up."""

    def __init__(self, archive: zipfile.ZipFile, framework: Torch) -> None:
        self.archive = archive
        self.framework = framework
        self.counts: dict[str, int] = {}
        self.layers: list[Entry] = []

    def add(self, group: str, name: str, value: Any) -> Entry:
        """Write one tensor or array as GROUP/NUMBER.npy; return its entry in the manifest."""
        if isinstance(value, np.ndarray):
            array, dtype = np.array(value, order="C"), str(value.dtype)
        else:
            array, dtype = self.framework.array(value), self.framework.dtype_name(value)
        if array.dtype.kind not in "biufc":
            msg = "{!r} has dtype {}; a bundle holds numbers and booleans."
            raise TypeError(msg.format(name, array.dtype))
        number = self.counts[group] = self.counts.get(group, -1) + 1
        information = zipfile.ZipInfo("{}/{:05d}.npy".format(group, number))  # noqa: UP032
        information.compress_type = zipfile.ZIP_DEFLATED
        with self.archive.open(information, "w", force_zip64=True) as stream:
            writer: Any = HashingWriter(stream)
            np.lib.format.write_array(writer, array, version=(1, 0), allow_pickle=False)
        return {
            "name": name,
            "member": information.filename,
            "dtype": array.dtype.str,
            "framework_dtype": dtype,
            "shape": list(array.shape),
            "sha256": writer.hash.hexdigest(),
        }

    def add_all(self, group: str, named: Iterable[tuple[str, Any]]) -> list[Entry]:
        return [self.add(group, name, value) for name, value in named]

    def layer_hook(self, name: str) -> Callable[[Any, Any, Any], None]:
        """Return a forward hook that records the outputs of a layer."""

        def hook(module: Any, arguments: Any, output: Any) -> None:
            call = sum(layer["name"] == name for layer in self.layers)
            found = self.add_all("layers", tensors_in(self.framework, output, "output"))
            self.layers.append({"name": name, "class": class_name(module), "call": call, "outputs": found})

        return hook


def tensors_in(framework: Torch, value: Any, name: str) -> list[tuple[str, Any]]:
    """Return the tensors in nested lists, tuples and dicts, with dotted names."""
    if framework.is_tensor(value):
        return [(name, value)]
    if isinstance(value, dict):
        items = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, (list, tuple)):
        items = [(str(index), item) for index, item in enumerate(value)]
    else:
        return []
    return [found for key, item in items for found in tensors_in(framework, item, name + "." + key)]


def record(model: Any, inputs: Any, path: Any, gradients: bool = True) -> dict[str, Any]:
    """Run a model once and write everything that a comparison needs to one file. Returns its manifest.

    The model runs in the mode it is in: call `model.eval()` first unless its behaviour in training is what is wanted.
    With Paddle 1.x, call this inside `fluid.dygraph.guard()`.

    Args:
        model: a torch, Paddle, MegEngine or OneFlow module (in Paddle 1.x a `fluid.dygraph.Layer`).
        inputs: an array or tensor, a list of them (positional arguments) or a dict (keyword arguments).
        path: the file to write; an existing one is replaced once the new one is complete.
        gradients: record the gradients of the sum of output * fixed_array(output.shape) over all floating-point
            outputs, with respect to the floating-point inputs and the trainable parameters.

    Raises:
        TypeError: the model or an input is of no known framework, or holds no numbers.
        Exception: whatever the model raises. No file is left then.
    """
    framework = framework_of(model)
    by_name = isinstance(inputs, dict)
    items = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    named = list(inputs.items()) if by_name else [(str(index), value) for index, value in enumerate(items)]
    path = Path(path).resolve()
    # As checkpoints/atomic.py does it, which is not here: this file stands alone.
    if path.exists() and not path.is_file():
        msg = "{} is no file, and a bundle is one. Name a file.".format(path)  # noqa: UP032
        raise OSError(msg)
    mode = stat.S_IMODE(path.stat().st_mode) & 0o777 if path.exists() else None
    temporary = path.with_name(".{}.{}.part".format(path.name[:40], os.urandom(4).hex()))  # noqa: UP032
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(str(temporary), flags, 0o666 if mode is None else 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            with zipfile.ZipFile(stream, "w") as archive:
                writer = BundleWriter(archive, framework)
                tensors = [(name, framework.model_input(value, model)) for name, value in named]
                manifest: dict[str, Any] = {"format": BUNDLE_FORMAT, "format_version": BUNDLE_VERSION}
                name = next(name for name, kind in FRAMEWORKS.items() if type(framework) is kind)
                manifest["framework"] = dict(versions(framework), name=name)
                manifest["model"] = {"class": class_name(model), "training": bool(model.training)}
                manifest["arguments"] = "keyword" if by_name else "positional"
                manifest["inputs"] = writer.add_all("inputs", tensors)
                manifest["state"] = writer.add_all("state", model.state_dict().items())
                manifest.update(run_model(framework, model, tensors, by_name, writer, gradients))
                archive.writestr(zipfile.ZipInfo("manifest.json"), json.dumps(manifest, indent=1))
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise
    return manifest


def run_model(
    framework: Torch,
    model: Any,
    tensors: list[tuple[str, Any]],
    by_name: bool,
    writer: BundleWriter,
    gradients: bool,
) -> dict[str, Any]:
    """Run forward with hooks, then backward; return the manifest's layers, outputs and gradients."""
    watched = [("inputs", name, tensor) for name, tensor in tensors if framework.is_continuous(tensor)]
    watched += [("parameters", name, tensor) for name, tensor in framework.trainable(model)]
    removers = []
    with framework.watch([tensor for _, _, tensor in watched] if gradients else []) as backward:
        try:
            for name, module in framework.leaf_modules(model):
                removers.append(framework.hook(module, writer.layer_hook(name)))
            result = model(**dict(tensors)) if by_name else model(*[tensor for _, tensor in tensors])
        finally:
            for remove in removers:
                remove()
        outputs = tensors_in(framework, result, "output")
        found: dict[str, Any] = {"layers": writer.layers, "outputs": writer.add_all("outputs", outputs)}
        continuous = [value for _, value in outputs if framework.is_continuous(value)]
        found["gradients"] = {"status": "skipped"}
        if gradients and watched and continuous:
            found["gradients"] = run_backward(framework, backward, continuous, watched, writer)
    return found


def run_backward(
    framework: Torch,
    backward: Gradients,
    outputs: list[Any],
    watched: list[tuple[str, str, Any]],
    writer: BundleWriter,
) -> dict[str, Any]:
    """Return the manifest's gradients; a tensor without influence on the outputs has none."""
    try:
        values = backward(outputs, [framework.cotangent(output) for output in outputs])
        for value in values:
            if value is not None:
                framework.array(value)  # a framework that computes late fails here, not below
    except Exception as error:  # an operator without a gradient is worth recording too
        return {"status": "refused", "error": describe_error(error)}
    found: dict[str, Any] = {"status": "recorded", "inputs": [], "parameters": []}
    for (kind, name, _), value in zip(watched, values):  # noqa: B905
        if value is not None:
            found[kind].append(writer.add("gradients/" + kind, name, value))
    return found


def class_name(module: Any) -> str:
    return type(module).__module__ + "." + type(module).__qualname__


def main() -> int:
    """Command line of the worker."""
    parser = argparse.ArgumentParser(description="Answer cases on stdin and stdout with a framework.")
    parser.add_argument("--worker", required=True, choices=sorted(FRAMEWORKS), metavar="FRAMEWORK")
    return work(parser.parse_args().worker)


if __name__ == "__main__":
    raise SystemExit(main())
