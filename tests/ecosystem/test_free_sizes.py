"""Sizes that a graph leaves free: one graph for all of them, in every tool, whatever way they reach the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import torch
import torch._dynamo.testing
from tests.operands import integers
from tests.thorough import some_by_default
from tests.versions import tells_free_sizes

import fourfold
from fourfold.frontends import megengine, oneflow, paddle
from fourfold.frontends.paddle import fluid, fluid_1_8
from fourfold.frontends.torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [
    tells_free_sizes,
    pytest.mark.usefixtures("one_thread"),
    # the older exporters warn of every check; torch's exporters meet deprecations of their own
    pytest.mark.filterwarnings(
        "ignore::torch.jit.TracerWarning", "ignore::DeprecationWarning", "ignore::FutureWarning"
    ),
]
trace: Any = torch.jit.trace  # untyped
DYNAMIC, AUTO = torch.export.Dim.DYNAMIC, torch.export.Dim.AUTO
# Sizes of a volume, and how many voxels less than twice that are asked for. No two lengths of the first are equal, or
# compilers would tie them. One axis is free in most tests, for each costs seconds of algebra.
ONE_AXIS = [((4, 5, 7), (0, 0, 0)), ((5, 5, 7), (1, 0, 0)), ((9, 5, 7), (0, 0, 0)), ((6, 5, 7), (1, 0, 0))]
ALL_AXES = [((4, 5, 7), (0, 0, 0)), ((5, 4, 8), (1, 0, 1)), ((9, 10, 6), (0, 1, 0)), ((6, 7, 4), (1, 1, 1))]


class Case(NamedTuple):
    """A layer and a call of it that may ask for the size of a second volume."""

    make: Callable[[], Any]
    call: Callable[[Any, torch.Tensor, torch.Tensor], torch.Tensor]
    channels_last: bool = False

    def module(self) -> Model:
        """Return the layer in a module, integer-valued."""
        return Model(self)

    def inputs(self, sizes: Any = ONE_AXIS) -> list[tuple[torch.Tensor, ...]]:
        """Return volumes and the second volumes, of all sizes."""
        order = (0, 2, 3, 4, 1) if self.channels_last else (0, 1, 2, 3, 4)
        return [
            tuple(
                integers((1, channels, *lengths), seed).permute(order).contiguous()
                for channels, lengths in ((2, size), (1, [2 * n - one for n, one in zip(size, less, strict=True)]))
            )
            for seed, (size, less) in enumerate(sizes)
        ]

    @property
    def first(self) -> int:
        """The axis of the depth."""
        return 1 if self.channels_last else 2

    def free(self, size: Any, axes: int = 1) -> Any:
        """Return what `torch.export` calls the dynamic shapes of both."""
        return ({self.first + axis: size for axis in range(axes)},) * 2


class Model(torch.nn.Module):
    def __init__(self, case: Case) -> None:
        super().__init__()
        self.layer, self.call = case.make(), case.call
        self.requires_grad_(False)
        for seed, parameter in enumerate(self.parameters()):
            torch.Tensor.copy_(parameter, integers(tuple(parameter.shape), seed))

    def forward(self, x: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        return self.call(self.layer, x, skip)


ARGUMENTS: dict[str, Any] = {"stride": 2, "padding": 1}


def accelerated() -> torch.nn.Module:
    layer = torch.nn.ConvTranspose3d(2, 3, 3, **ARGUMENTS)
    fourfold.accelerate(layer)
    return layer


def alone(layer: Any, x: torch.Tensor, skip: torch.Tensor) -> Any:
    return layer(x)


def asked(layer: Any, x: torch.Tensor, skip: torch.Tensor) -> Any:
    return layer(x, output_size=skip.shape[-3:])


def asked_last(layer: Any, x: torch.Tensor, skip: torch.Tensor) -> Any:
    return layer(x, output_size=list(skip.shape[1:4]))


def extra(x: torch.Tensor, skip: torch.Tensor) -> list[int]:
    """Return the output padding of ARGUMENTS and a kernel of 3 that gives the size of `skip`."""
    return [wanted - (2 * length - 1) for length, wanted in zip(x.shape[2:], skip.shape[2:], strict=True)]


conv3d_transpose = paddle.nn.functional.conv3d_transpose
Paddle, Fluid = paddle.nn.Conv3DTranspose, fluid.dygraph
ASKED = {
    "torch": Case(lambda: nn.ConvTranspose3d(2, 3, 3, **ARGUMENTS), asked),
    "torch-dilated": Case(lambda: nn.ConvTranspose3d(2, 3, 3, stride=2, padding=3, dilation=3), asked),
    "torch-function": Case(
        lambda: nn.ConvTranspose3d(2, 3, 3),
        lambda layer, x, skip: nn.functional.conv_transpose3d(x, layer.weight, layer.bias, 2, 1, extra(x, skip)),
    ),
    "accelerated": Case(accelerated, lambda layer, x, skip: layer(x, output_size=[x.shape[0], 3, *skip.shape[2:]])),
    "paddle": Case(lambda: Paddle(2, 3, 3, **ARGUMENTS), asked),
    "paddle-ndhwc": Case(lambda: Paddle(2, 3, 3, **ARGUMENTS, data_format="NDHWC"), asked_last, channels_last=True),
    "paddle-same": Case(
        lambda: Paddle(2, 3, 3, stride=2, padding="SAME"),
        lambda layer, x, skip: layer(x, output_size=[2 * length - length % 2 for length in x.shape[2:]]),
    ),
    "paddle-function": Case(
        lambda: Paddle(2, 3, 3),
        lambda layer, x, skip: conv3d_transpose(x, layer.weight, layer.bias, **ARGUMENTS, output_size=skip.shape[2:]),
    ),
    "megengine-function": Case(
        lambda: megengine.module.ConvTranspose3d(2, 3, 3),
        lambda layer, x, skip: megengine.functional.conv_transpose3d(
            x, layer.weight, layer.bias, **ARGUMENTS, output_padding=extra(x, skip)
        ),
    ),
    "oneflow-function": Case(
        lambda: oneflow.nn.ConvTranspose3d(2, 3, 3),
        lambda layer, x, skip: oneflow.nn.functional.conv_transpose3d(
            x, layer.weight, layer.bias, **ARGUMENTS, output_padding=extra(x, skip)
        ),
    ),
}
SAME = {
    "paddle": Case(lambda: Paddle(2, 3, 3, stride=2, padding="SAME"), alone),
    "paddle-output-padding": Case(lambda: Paddle(2, 3, 3, stride=2, padding="SAME", output_padding=1), alone),
    "paddle-kernel-below-stride": Case(lambda: Paddle(2, 3, 2, stride=3, padding="SAME"), alone),
    "paddle-mixed-axes": Case(lambda: Paddle(2, 3, (4, 1, 3), stride=(3, 2, 1), padding="SAME"), alone),
    "paddle-ndhwc": Case(
        lambda: Paddle(2, 3, 3, stride=2, padding="SAME", data_format="NDHWC"), alone, channels_last=True
    ),
    "paddle-convolution": Case(lambda: paddle.nn.Conv3D(2, 3, 3, stride=2, padding="SAME"), alone),
    "paddle-convolution-ndhwc": Case(
        lambda: paddle.nn.Conv3D(2, 3, 2, stride=3, padding="SAME", data_format="NDHWC"), alone, channels_last=True
    ),
    "fluid-convolution": Case(lambda: Fluid.Conv3D(2, 3, 3, stride=2, padding="SAME"), alone),
    "fluid-operator": Case(
        lambda: Fluid.Conv3DTranspose(2, 3, 3),
        lambda layer, x, skip: fluid.operator.conv3d_transpose(
            x, layer.weight, layer.bias, stride=2, padding="SAME", dilation=1, groups=1
        ),
    ),
}
PLAIN = {
    "fluid": Case(lambda: Fluid.Conv3DTranspose(2, 3, 3, **ARGUMENTS), alone),
    "fluid_1_8": Case(lambda: fluid_1_8.dygraph.Conv3DTranspose(2, 3, 3, **ARGUMENTS, bias_attr=True), alone),
    "megengine": Case(lambda: megengine.module.ConvTranspose3d(2, 3, 3, **ARGUMENTS, output_padding=1), alone),
    "oneflow": Case(lambda: oneflow.nn.ConvTranspose3d(2, 3, 3, **ARGUMENTS, output_padding=3), alone),
}
CASES = {f"asked-{name}": case for name, case in ASKED.items()} | {f"same-{name}": case for name, case in SAME.items()}

# what the default run has: an output size that is asked for, and paddings that follow the size
KEPT = {"asked-torch", "same-paddle-mixed-axes", "torch", "megengine-interpolate-by-1.5"}


def parameters(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", some_by_default({name: CASES[name] for name in names or CASES}, KEPT))


def assert_same(function: Any, model: Model, inputs: list[tuple[torch.Tensor, ...]]) -> None:
    found = [function(*pair) for pair in inputs]
    wanted = [model(*pair) for pair in inputs]
    assert [tuple(each.shape) for each in found] == [tuple(each.shape) for each in wanted]
    assert [torch.equal(*pair) for pair in zip(found, wanted, strict=True)] == [True] * len(wanted)


def compiled(case: Case, backend: str, sizes: Any = ONE_AXIS) -> int:
    """Compare what is compiled once for all with the model, at every size, and return the number of graphs."""
    torch._dynamo.reset()
    model, counter = case.module(), torch._dynamo.testing.CompileCounterWithBackend(backend)
    inputs = case.inputs(sizes)
    if sizes is ONE_AXIS:
        for volume in inputs[0]:
            torch._dynamo.mark_dynamic(volume, case.first)
    dynamic = None if sizes is ONE_AXIS else True
    assert_same(torch.compile(model, dynamic=dynamic, fullgraph=True, backend=counter), model, inputs)
    return counter.frame_count


# Compilers see one operator whatever asks for it: every signature here, and the other ways to SAME in an export.
COMPILED = {**ASKED, **PLAIN, "same-convolution": SAME["paddle-convolution"], "same-operator": SAME["fluid-operator"]}


@pytest.mark.parametrize("case", some_by_default(COMPILED, KEPT))
def test_one_compiled_graph_serves_every_size(case: Case) -> None:
    assert compiled(case, "eager") == 1


def test_an_output_size_that_is_the_layer_s_leaves_the_batch_free() -> None:
    torch._dynamo.reset()
    layer = fluid.dygraph.Conv3DTranspose(2, 3, 3, output_size=[8, 10, 13], **ARGUMENTS)
    counter = torch._dynamo.testing.CompileCounterWithBackend("eager")
    compiled = torch.compile(layer, dynamic=True, fullgraph=True, backend=counter)
    batches = [integers((batch, 2, 4, 5, 7), batch) for batch in (3, 6, 8)]
    assert [torch.equal(compiled(each), layer(each)) for each in batches] == [True] * 3
    assert counter.frame_count == 1


@parameters("asked-paddle-ndhwc", "same-paddle-kernel-below-stride")
def test_one_graph_of_aot_autograd_serves_every_size(case: Case) -> None:
    assert compiled(case, "aot_eager") == 1


@parameters("asked-accelerated", "same-paddle")
def test_one_graph_of_inductor_serves_every_size(case: Case) -> None:
    assert compiled(case, "inductor") == 1


@parameters("asked-torch", "same-paddle-mixed-axes")
def test_one_graph_serves_every_size_of_all_axes(case: Case) -> None:
    assert compiled(case, "eager", ALL_AXES) == 1


@parameters()
def test_a_program_exported_with_free_sizes_serves_every_size(case: Case) -> None:
    model, inputs = case.module(), case.inputs()
    program = torch.export.export(model, inputs[0], dynamic_shapes=case.free(DYNAMIC))
    assert_same(program.module(), model, inputs)
    assert {node.target.namespace for node in program.graph.nodes if hasattr(node.target, "namespace")} == {"aten"}


@parameters("same-paddle-mixed-axes")
def test_so_does_one_that_dynamo_traced(case: Case) -> None:
    model, inputs = case.module(), case.inputs(ALL_AXES)
    program = torch.export.export(model, inputs[0], dynamic_shapes=case.free(AUTO, 3), strict=True)
    assert_same(program.module(), model, inputs)


@parameters()
def test_a_trace_serves_every_size(case: Case) -> None:
    model, inputs = case.module(), case.inputs(ALL_AXES)
    assert_same(trace(model, inputs[0]), model, inputs)


NEIGHBOURS = {
    "paddle-interpolate": lambda x, skip: paddle.nn.functional.interpolate(x, size=skip.shape[2:]),
    "megengine-interpolate": lambda x, skip: megengine.functional.vision.interpolate(
        x, skip.shape[2:], mode="trilinear"
    ),
    "megengine-interpolate-by-2": lambda x, skip: megengine.functional.vision.interpolate(
        x, None, 2.0, mode="trilinear"
    ),
    "megengine-interpolate-by-1.5": lambda x, skip: megengine.functional.vision.interpolate(
        x, None, 1.5, mode="trilinear"
    ),
    "oneflow-interpolate": lambda x, skip: oneflow.nn.functional.interpolate(x, size=skip.shape[2:]),
    "paddle-pool": lambda x, skip: paddle.nn.functional.avg_pool3d(x, 2, ceil_mode=True),
}


@pytest.mark.parametrize("function", some_by_default(NEIGHBOURS, KEPT))
def test_what_stands_beside_the_layer_is_exported_with_free_sizes(function: Any) -> None:
    case = Case(torch.nn.Identity, lambda layer, x, skip: function(x, skip))
    model, inputs = case.module(), case.inputs()
    program = torch.export.export(model, inputs[0], dynamic_shapes=case.free(DYNAMIC))
    assert [program.module()(*pair).shape for pair in inputs] == [model(*pair).shape for pair in inputs]


def too_large() -> tuple[torch.Tensor, torch.Tensor]:
    """Return a volume, and one more voxel of depth than it may give."""
    return integers((1, 2, 9, 5, 7), 0), torch.zeros(1, 1, 19, 10, 14)


def test_a_compiled_graph_refuses_a_size_out_of_range_as_the_layer_does() -> None:
    torch._dynamo.reset()
    case = CASES["asked-torch"]
    compiled = torch.compile(case.module(), dynamic=True, backend="eager")
    compiled(*case.inputs()[0])
    with pytest.raises(ValueError, match=r"requested an output size of \[19, 10, 14\]"):
        compiled(*too_large())


def test_an_exported_program_refuses_a_size_out_of_range() -> None:
    case = CASES["asked-torch"]
    program = torch.export.export(case.module(), case.inputs()[0], dynamic_shapes=case.free(DYNAMIC))
    with pytest.raises(AssertionError, match="Guard failed"):
        program.module()(*too_large())


def test_a_trace_fails_on_a_size_that_is_too_large() -> None:
    case = CASES["asked-torch"]
    traced = trace(case.module(), case.inputs()[0])
    with pytest.raises((RuntimeError, IndexError), match="out of range"):
        traced(*too_large())


def run_onnx(path: Path) -> Any:
    """Check a file and return the function that runs it."""
    onnx = pytest.importorskip("onnx", reason="needs the onnx extra")
    runtime = pytest.importorskip("onnxruntime", reason="needs the onnx extra")
    onnx.checker.check_model(path, full_check=True)
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]

    def run(*operands: torch.Tensor) -> torch.Tensor:
        (output,) = session.run(None, {name: each.numpy() for name, each in zip(names, operands, strict=False)})
        return torch.from_numpy(output)

    return run


@parameters()
def test_the_older_onnx_exporter_serves_every_size(case: Case, tmp_path: Path) -> None:
    pytest.importorskip("onnxscript", reason="needs the onnx extra")
    model, inputs, path = case.module().eval(), case.inputs(ALL_AXES), tmp_path / "model.onnx"
    names = ["x", "skip"]
    axes = {name: {axis: f"{name}_{axis}" for axis in case.free(None, 3)[0]} for name in names}
    torch.onnx.export(model, inputs[0], path, dynamo=False, input_names=names, dynamic_axes=axes)
    assert_same(run_onnx(path), model, inputs)


@parameters("asked-torch", "same-paddle-mixed-axes", "same-paddle-convolution")
def test_the_onnx_exporter_serves_every_size(case: Case, tmp_path: Path) -> None:
    pytest.importorskip("onnxscript", reason="needs the onnx extra")
    model, inputs, path = case.module().eval(), case.inputs(), tmp_path / "model.onnx"
    torch.onnx.export(model, inputs[0], path, dynamo=True, dynamic_shapes=case.free(DYNAMIC), verbose=False)
    assert_same(run_onnx(path), model, inputs)
