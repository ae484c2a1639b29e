"""Layers for which torch 2.13 computes wrong numbers or writes beyond memory (`planning/faults.py`): ours are right.

The right ones are torch's in float64 on contiguous operands, where oneDNN has no part; operands are small integers, so
that a result summed in float32 is the exact one, rounded once. On processors whose torch has no such fault the tests
hold too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.operands import integers
from torch.autograd import forward_ad

from fourfold.backend import ConvTranspose3dSpec, conv_transpose3d
from fourfold.backend.algorithms.native import narrow, native
from fourfold.backend.convolution import conv3d
from fourfold.backend.execution import slabwise
from fourfold.backend.planning import faults
from fourfold.backend.planning.case import case_of
from fourfold.frontends import megengine, oneflow, paddle

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    Pair = tuple[torch.Tensor, torch.Tensor]

CONTIGUOUS, LAST = torch.contiguous_format, torch.channels_last_3d
HALVES = [torch.bfloat16, torch.float16]
EVERY = [*HALVES, torch.float32, torch.float64]
# options, size and batch of the input, layouts of input, weight and gradient
THIN: dict[str, tuple[dict[str, Any], tuple[int, int, int], int, tuple[Any, Any, Any]]] = {
    "depth-2": (
        {"in_channels": 16, "out_channels": 2, "kernel_size": 3, "padding": 1},
        (2, 3, 12),
        2,
        (CONTIGUOUS, CONTIGUOUS, CONTIGUOUS),
    ),
    "height-1": (
        {"in_channels": 16, "out_channels": 8, "kernel_size": 3, "stride": 2, "padding": 1},
        (4, 1, 4),
        2,
        (CONTIGUOUS, CONTIGUOUS, CONTIGUOUS),
    ),
    "cut-beyond": (
        {
            "in_channels": 2,
            "out_channels": 1,
            "kernel_size": (3, 4, 3),
            "stride": (4, 1, 1),
            "padding": ((3, 3), (3, 3), (0, -2)),
            "dilation": (3, 1, 1),
        },
        (1, 4, 4),
        1,
        (LAST, CONTIGUOUS, LAST),
    ),
    "one-voxel": (
        {"in_channels": 3, "out_channels": 16, "kernel_size": (2, 5, 4), "stride": (4, 3, 4), "padding": (0, 2, 1)},
        (1, 1, 1),
        1,
        (CONTIGUOUS, CONTIGUOUS, CONTIGUOUS),
    ),
    "grouped": (
        {
            "in_channels": 16,
            "out_channels": 4,
            "kernel_size": (1, 5, 3),
            "stride": (4, 1, 1),
            "padding": (0, 2, 1),
            "groups": 2,
        },
        (2, 1, 1),
        1,
        (CONTIGUOUS, LAST, CONTIGUOUS),
    ),
    "input-gradient": (
        {"in_channels": 4, "out_channels": 1, "kernel_size": (2, 4, 5), "stride": (1, 4, 2), "padding": (1, 2, 2)},
        (2, 2, 2),
        2,
        (LAST, CONTIGUOUS, CONTIGUOUS),
    ),
    "one-column": (
        {"in_channels": 4, "out_channels": 1, "kernel_size": (1, 2, 3), "stride": (1, 1, 4)},
        (3, 2, 1),
        3,
        (LAST, CONTIGUOUS, CONTIGUOUS),
    ),
    "long-padding": (
        {"in_channels": 2, "out_channels": 2, "kernel_size": (5, 4, 5), "stride": (2, 2, 3), "padding": (3, 1, 3)},
        (4, 2, 9),
        1,
        (CONTIGUOUS, CONTIGUOUS, CONTIGUOUS),
    ),
}


class Case:
    """One layer, its operands and the right results."""

    def __init__(self, name: str) -> None:
        options, size, batch, self.stored = THIN[name]
        self.spec = ConvTranspose3dSpec(**options)
        self.input = integers((batch, self.spec.in_channels, *size), 1, torch.float64)
        self.weight = integers(self.spec.weight_shape, 2, torch.float64)
        shape = (batch, self.spec.out_channels, *self.spec.output_size(size))
        self.gradient = integers(shape, 3, torch.float64)
        leaves = self.input.requires_grad_(), self.weight.requires_grad_()
        self.output = self.ours(*leaves)
        self.gradients = torch.autograd.grad(self.output, leaves, self.gradient)

    def ours(self, input: torch.Tensor, weight: torch.Tensor, **options: Any) -> torch.Tensor:
        return conv_transpose3d(input, weight, None, self.spec, **options)

    def given(self, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        operands = (self.input, self.weight, self.gradient)
        input, weight, gradient = (
            each.detach().to(dtype).contiguous(memory_format=layout)
            for each, layout in zip(operands, self.stored, strict=True)
        )
        return input, weight, gradient


@pytest.fixture(params=THIN)
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param)


def equal(found: Any, right: Any, rounded: torch.dtype) -> list[bool]:
    """Whether results are the right ones, rounded once to a dtype."""
    return [
        torch.equal(one.detach(), two.detach().to(rounded).to(one.dtype)) for one, two in zip(found, right, strict=True)
    ]


def plain(function: Function, input: torch.Tensor, weight: torch.Tensor, gradient: torch.Tensor) -> Pair:
    leaves = input.requires_grad_(), weight.requires_grad_()
    return torch.autograd.grad(function(*leaves), leaves, gradient)  # type: ignore[return-value]


def functional(function: Function, input: torch.Tensor, weight: torch.Tensor, gradient: torch.Tensor) -> Pair:
    _, pull = torch.func.vjp(function, input, weight)  # type: ignore[misc]  # no has_aux: two
    return pull(gradient)  # type: ignore[no-any-return]


def mapped(function: Function, input: torch.Tensor, weight: torch.Tensor, gradient: torch.Tensor) -> Pair:
    def one(input: torch.Tensor, weight: torch.Tensor, gradient: torch.Tensor) -> Pair:
        return functional(function, input, weight, gradient)

    of_input, of_weight = torch.vmap(one, (0, None, 0))(input.unsqueeze(0), weight, gradient.unsqueeze(0))
    return of_input[0], of_weight[0]


def checkpointed(function: Function, input: torch.Tensor, weight: torch.Tensor, gradient: torch.Tensor) -> Pair:
    from torch.utils.checkpoint import checkpoint

    return plain(lambda *leaves: checkpoint(function, *leaves, use_reentrant=False), input, weight, gradient)


class _Subclass(torch.Tensor):
    pass


def subclassed(function: Function, input: torch.Tensor, weight: torch.Tensor, gradient: torch.Tensor) -> Pair:
    return plain(function, input.as_subclass(_Subclass), weight, gradient)


def graph_kept(function: Function, input: torch.Tensor, weight: torch.Tensor, gradient: torch.Tensor) -> Pair:
    leaves = input.requires_grad_(), weight.requires_grad_()
    return torch.autograd.grad(function(*leaves), leaves, gradient, create_graph=True)  # type: ignore[return-value]


WAYS = [plain, functional, mapped, checkpointed, subclassed, graph_kept]


@pytest.mark.parametrize("dtype", EVERY, ids=str)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_gradients_are_exact_in_every_dtype_however_they_are_asked_for(
    way: Any, dtype: torch.dtype, case: Case
) -> None:
    assert equal(way(case.ours, *case.given(dtype)), case.gradients, dtype) == [True, True]


@pytest.mark.parametrize("dtype", EVERY, ids=str)
def test_the_second_call_of_a_layer_is_as_exact_as_the_first(dtype: torch.dtype, case: Case) -> None:
    found = [plain(case.ours, *case.given(dtype)) for _ in range(3)]
    assert [equal(each, case.gradients, dtype) for each in found] == [[True, True]] * 3


@pytest.mark.parametrize("dtype", EVERY, ids=str)
def test_so_are_the_gradients_of_bounded_workspaces(dtype: torch.dtype, case: Case) -> None:
    def bounded(input: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return case.ours(input, weight, max_workspace=10_000)

    assert equal(plain(bounded, *case.given(dtype)), case.gradients, dtype) == [True, True]


@pytest.mark.parametrize("dtype", HALVES, ids=str)
@pytest.mark.parametrize("way", [plain, functional, subclassed], ids=lambda way: way.__name__)
def test_autocast_of_float32_operands_computes_as_exactly(way: Any, dtype: torch.dtype, case: Case) -> None:
    def cast(input: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", dtype):
            return case.ours(input, weight)

    input, weight, gradient = case.given(torch.float32)
    case.ours(input, weight)  # the shortcut knows it without autocast
    assert equal([cast(input, weight)], [case.output], dtype) == [True]
    assert equal(way(cast, input, weight, gradient.to(dtype)), case.gradients, dtype) == [True, True]


@pytest.mark.parametrize("dtype", HALVES, ids=str)
def test_second_derivatives_are_exact(dtype: torch.dtype, case: Case) -> None:
    def second(given: Any) -> tuple[torch.Tensor, ...]:
        input, weight, gradient = (each.detach().requires_grad_() for each in given)
        first = torch.autograd.grad(case.ours(input, weight), (input, weight), gradient, create_graph=True)
        by_input = torch.autograd.grad(first[0], (gradient, weight), given[0].detach(), retain_graph=True)
        return (*by_input, *torch.autograd.grad(first[1], (gradient, input), given[1].detach()))

    right = second((case.input, case.weight, case.gradient))
    assert equal(second(case.given(dtype)), right, dtype) == [True] * 4


@pytest.mark.parametrize("dtype", HALVES, ids=str)
def test_forward_mode_is_exact(dtype: torch.dtype, case: Case) -> None:
    input, weight, _ = case.given(dtype)
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(input, input)  # type: ignore[no-untyped-call]
        tangent = forward_ad.unpack_dual(case.ours(dual, weight)).tangent  # type: ignore[no-untyped-call]
    assert equal([tangent], [case.output], dtype) == [True]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32], ids=str)
@pytest.mark.parametrize("name", ["depth-2", "input-gradient", "long-padding"])
def test_compiled_gradients_are_exact(name: str, dtype: torch.dtype) -> None:
    case = Case(name)
    torch._dynamo.reset()
    compiled = torch.compile(case.ours, backend="aot_eager", fullgraph=True)
    assert equal(plain(compiled, *case.given(dtype)), case.gradients, dtype) == [True, True]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32], ids=str)
@pytest.mark.parametrize("autocast", [False, True], ids=["", "autocast"])
@pytest.mark.parametrize("name", ["depth-2", "long-padding"])
def test_so_are_those_of_exported_programs(name: str, autocast: bool, dtype: torch.dtype) -> None:
    case = Case(name)

    class Layer(torch.nn.Module):
        def forward(self, input: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
            with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
                return case.ours(input, weight)

    input, weight, gradient = case.given(dtype)
    program = torch.export.export(Layer(), (input.requires_grad_(), weight.requires_grad_())).module()
    rounded = torch.bfloat16 if autocast else dtype
    found = plain(program, input, weight, gradient.to(rounded))
    assert equal(found, case.gradients, rounded) == [True, True]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.complex32], ids=str)
@pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental")
def test_half_precisions_are_not_rounded_between_products(dtype: torch.dtype) -> None:
    spec = ConvTranspose3dSpec(in_channels=1, out_channels=1, kernel_size=(1, 1, 3), padding=(0, 0, 2))
    wide = torch.complex64 if dtype.is_complex else torch.float32
    taps = torch.tensor([40000.0, 40000.0, -40000.0], dtype=wide).to(dtype)
    volume = torch.ones(1, 1, 1, 1, 3, dtype=wide).to(dtype)
    output = conv_transpose3d(volume, taps.reshape(1, 1, 1, 1, 3), None, spec)
    assert output.to(wide).item() == taps[0].to(wide).item()


def test_the_shortcut_never_takes_half_precisions_of_a_cpu() -> None:
    from fourfold.backend.execution import shortcut

    case = Case("depth-2")
    input, weight, _ = case.given(torch.bfloat16)
    for _ in range(2):
        case.ours(input, weight)
    assert shortcut.call(input, weight, None, case.spec) is None


# Weights whose axes of size 1 have other strides: torch and oneDNN disagree about them.


def permuted(tensor: torch.Tensor, axes: tuple[int, ...]) -> torch.Tensor:
    back = [axes.index(axis) for axis in range(5)]
    return tensor.permute(axes).contiguous().permute(back)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32], ids=str)
@pytest.mark.parametrize("axes", [(0, 3, 4, 1, 2), (0, 4, 3, 1, 2), (4, 0, 3, 1, 2)], ids=str)
def test_grouped_weights_may_be_permuted(axes: tuple[int, ...], dtype: torch.dtype) -> None:
    spec = ConvTranspose3dSpec(in_channels=6, out_channels=6, kernel_size=(1, 3, 1), stride=(1, 3, 2), groups=3)
    input, weight = integers((1, 6, 3, 2, 2), 1, torch.float64), integers(spec.weight_shape, 2, torch.float64)
    gradient = integers((1, 6, *spec.output_size((3, 2, 2))), 3, torch.float64)

    def apply(input: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return conv_transpose3d(input, weight, None, spec)

    right = plain(apply, input, weight, gradient)
    last = input.detach().to(dtype).contiguous(memory_format=LAST)
    apply(last, weight.detach().to(dtype))  # the shortcut knows the layer
    odd = permuted(weight.detach().to(dtype), axes)
    assert equal([apply(last, odd) for _ in range(2)], [apply(input, weight)] * 2, dtype) == [True] * 2
    assert equal(plain(apply, last, odd, gradient.to(dtype)), right, dtype) == [True, True]


def test_weights_in_order_are_not_copied() -> None:
    weight = torch.zeros(6, 2, 1, 3, 1)
    assert faults.ordered(weight) is weight
    last = weight.contiguous(memory_format=LAST)
    assert faults.ordered(last) is last
    odd = permuted(weight, (0, 4, 3, 1, 2))
    assert faults.ordered(odd).stride() == weight.stride()


# The ordinary convolution, whose faults are the same.

ORDINARY: dict[str, dict[str, Any]] = {
    "depth-1": {"channels": (16, 2), "kernel": (4, 3, 1), "padding": (2, 0, 0), "size": (1, 4, 4), "batch": 3},
    "thin": {"channels": (2, 8), "kernel": (5, 3, 5), "stride": (2, 3, 4), "padding": (2, 1, 3), "size": (9, 2, 2)},
    "long-padding": {
        "channels": (4, 8),
        "kernel": (4, 2, 5),
        "stride": (2, 3, 3),
        "padding": (3, 1, 6),
        "size": (2, 1, 1),
    },
    "grouped": {"channels": (48, 9), "kernel": (2, 3, 1), "stride": (1, 3, 2), "padding": (1, 1, 0), "size": (1, 2, 9)},
    "dilated": {
        "channels": (4, 4),
        "kernel": (2, 2, 4),
        "stride": (1, 4, 1),
        "padding": (1, 2, 2),
        "dilation": (1, 3, 1),
        "size": (5, 4, 12),
    },
}
GROUPS = {"grouped": 3, "dilated": 2}


def by_backend(input: torch.Tensor, weight: torch.Tensor, *sizes: Any) -> torch.Tensor:
    return conv3d(input, weight, None, *sizes)


def by_paddle(input: torch.Tensor, weight: torch.Tensor, *sizes: Any) -> torch.Tensor:
    output: torch.Tensor = paddle.nn.functional.conv3d(input, weight, None, *sizes)
    return output


def by_megengine(input: torch.Tensor, weight: torch.Tensor, *sizes: Any) -> torch.Tensor:
    groups = sizes[-1]
    kernel = weight if groups == 1 else torch.unflatten(weight, 0, (groups, -1))
    output: torch.Tensor = megengine.functional.conv3d(input, kernel, None, *sizes)
    return output


def by_oneflow(input: torch.Tensor, weight: torch.Tensor, *sizes: Any) -> torch.Tensor:
    output: torch.Tensor = oneflow.nn.functional.conv3d(input, weight, None, *sizes)
    return output


def by_a_layer_of_oneflow(input: torch.Tensor, weight: torch.Tensor, *sizes: Any) -> torch.Tensor:
    build: Any = oneflow.nn.Conv3d
    layer = build(input.shape[1], weight.shape[0], tuple(weight.shape[2:]), *sizes, False)
    return torch.func.functional_call(layer, {"weight": weight}, (input,))  # type: ignore[no-any-return]


@pytest.mark.parametrize("dtype", EVERY, ids=str)
@pytest.mark.parametrize("stored", [CONTIGUOUS, LAST], ids=["contiguous", "channels-last"])
@pytest.mark.parametrize("name", ORDINARY)
@pytest.mark.parametrize(
    "function", [by_backend, by_paddle, by_megengine, by_oneflow, by_a_layer_of_oneflow], ids=lambda each: each.__name__
)
def test_ordinary_convolutions_of_the_front_ends_are_exact(
    function: Any, name: str, stored: torch.memory_format, dtype: torch.dtype
) -> None:
    row, groups = ORDINARY[name], GROUPS.get(name, 1)
    stride, padding, dilation = (row.get(each, (1, 1, 1)) for each in ("stride", "padding", "dilation"))
    channels, filters = row["channels"]
    input = integers((row.get("batch", 1), channels, *row["size"]), 1, torch.float64)
    weight = integers((filters, channels // groups, *row["kernel"]), 2, torch.float64)

    def right(input: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv3d(input, weight, None, stride, padding, dilation, groups)

    def found(input: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return function(input, weight, stride, padding, dilation, groups)  # type: ignore[no-any-return]

    output = right(input, weight)
    gradient = integers(tuple(output.shape), 3, torch.float64)
    ours = input.to(dtype).contiguous(memory_format=stored), weight.to(dtype)
    assert equal([found(*ours)], [output], dtype) == [True]
    expected = plain(right, input, weight, gradient)
    given = gradient.to(dtype).contiguous(memory_format=stored)
    assert equal(plain(found, *ours, given), expected, dtype) == [True, True]


# What torch's own operator is given in bfloat16 as it is, forward; and some of what it is not.
FORWARD: dict[str, dict[str, Any]] = {
    "kernel-is-stride": {"kernel_size": 2, "stride": 2},
    "stride-2": {"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1},
    "stride-1": {"kernel_size": 3, "padding": 1},
    "groups": {"kernel_size": 4, "stride": 2, "padding": 1, "groups": 4},
    "output-padding-beyond-the-padding": {"kernel_size": 3, "stride": 3, "output_padding": (1, 0, 0)},
    "output-padding-beyond-the-stride": {"kernel_size": 3, "dilation": 2, "output_padding": 1},
    "dilation": {"kernel_size": (2, 4, 5), "dilation": (3, 1, 1), "padding": (1, 0, 4)},
    "extended": {"kernel_size": 2, "stride": 2, "padding": ((0, 0), (0, 0), (-1, -1))},
}


@pytest.mark.usefixtures("bfloat16_operands")
@pytest.mark.parametrize("size", [(1, 2, 9), (4, 5, 6)], ids=str)
@pytest.mark.parametrize("options", FORWARD.values(), ids=FORWARD)
def test_torch_s_operator_rounds_bfloat16_once(options: dict[str, Any], size: tuple[int, int, int]) -> None:
    spec = ConvTranspose3dSpec(in_channels=32, out_channels=16, **options)
    generator = torch.Generator().manual_seed(0)
    input, weight, bias = (
        torch.randint(-40, 41, shape, generator=generator).bfloat16()
        for shape in ((2, 32, *size), spec.weight_shape, (16,))
    )
    exact = native(input.double(), weight.double(), bias.double(), spec)  # sums are below 2**24
    assert torch.equal(slabwise.compute(None, case_of(spec, input), input, weight, bias), exact.float().bfloat16())


def test_without_onednn_torch_s_operator_gets_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = ConvTranspose3dSpec(in_channels=1, out_channels=1, kernel_size=(1, 1, 3), padding=(0, 0, 2))
    weight = torch.tensor([2.0**9, 1.0, -(2.0**9)]).bfloat16().reshape(spec.weight_shape)
    monkeypatch.setattr(torch._C, "_get_mkldnn_enabled", lambda: False)
    assert narrow(torch.ones(1, 1, 1, 1, 3).bfloat16(), weight, None, spec).item() == 1
