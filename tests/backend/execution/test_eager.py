"""The engine's own path as autograd sees it, whichever algorithms compute it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.backend.forced import SIZE, make, refuses
from tests.operands import apply, integers, operands
from torch.autograd import gradcheck, gradgradcheck

from fourfold.backend import conv_transpose3d
from fourfold.backend.algorithms import ALGORITHMS, GRADIENTS, Algorithm, Gradient
from fourfold.backend.planning import choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourfold.backend import ConvTranspose3dSpec

CHANNELS_LAST = torch.channels_last_3d
SPEC = make(stride=2, padding=((1, 0), (0, 1), (1, 1)))  # torch itself must crop


def native_or(algorithms: tuple[Any, ...], dtype: torch.dtype = torch.float32) -> list[Any]:
    """Return test parameters: torch's own operator, and the algorithms that take the dtype."""
    fitting = [each for each in algorithms if not refuses(each, SPEC, dtype=dtype)]
    return [pytest.param(None, id="native"), *(pytest.param(each, id=each.name) for each in fitting)]


FITTING = tuple(gradient for gradient in GRADIENTS if not refuses(gradient, SPEC))


def force(monkeypatch: pytest.MonkeyPatch, algorithm: Algorithm | None, gradient: Gradient = FITTING[-1]) -> None:
    """Make the engine take an algorithm (None is torch's own operator), and gradients of its own node."""
    monkeypatch.setattr(choice, "choose", lambda case: algorithm)
    monkeypatch.setattr(choice, "choose_gradient", lambda case: gradient)


@pytest.fixture(params=native_or(ALGORITHMS))
def algorithm(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Force each algorithm in turn."""
    force(monkeypatch, request.param)
    return request.param


def leaves(dtype: torch.dtype = torch.float32, *, batch: int | None = 2) -> list[torch.Tensor]:
    return [tensor.requires_grad_() for tensor in operands(SPEC, SIZE, batch=batch, dtype=dtype)]


def by_torch(given: list[torch.Tensor], spec: ConvTranspose3dSpec = SPEC) -> torch.Tensor:
    """Compute the same by torch's operator on the whole result, cut out by slicing."""
    input, weight, bias = given
    full = torch.nn.functional.conv_transpose3d(input, weight, None, spec.stride, 0, 0, spec.groups, spec.dilation)
    (front, back), (top, bottom), (left, right) = spec.padding
    depth, height, width = full.shape[2:]
    cut = full[:, :, front : depth - back, top : height - bottom, left : width - right]
    return cut + bias.reshape(-1, 1, 1, 1)


@pytest.mark.parametrize("gradient", FITTING, ids=lambda gradient: gradient.name)
def test_all_gradients_equal_torch_s(algorithm: Any, gradient: Gradient, monkeypatch: pytest.MonkeyPatch) -> None:
    force(monkeypatch, algorithm, gradient)
    given = leaves()
    output, expected = apply(given, SPEC), by_torch(given)
    grad_output = integers(tuple(output.shape), 5)
    found = torch.autograd.grad(output, given, grad_output)
    right = torch.autograd.grad(expected, given, grad_output)
    assert torch.equal(output, expected)
    assert [torch.equal(*pair) for pair in zip(found, right, strict=True)] == [True] * 3


@pytest.mark.parametrize("wanted", [(0,), (1,), (2,), (0, 2), (1, 2)], ids=str)
@pytest.mark.usefixtures("algorithm")
def test_only_operands_that_require_it_get_a_gradient(wanted: tuple[int, ...]) -> None:
    given = list(operands(SPEC, SIZE))
    for index in wanted:
        given[index].requires_grad_()
    apply(given, SPEC).sum().backward()  # type: ignore[no-untyped-call]
    assert tuple(index for index, tensor in enumerate(given) if tensor.grad is not None) == wanted


@pytest.mark.parametrize("forced", native_or(ALGORITHMS, torch.float64))
@pytest.mark.parametrize(
    "options", [{"stride": 2, "padding": 1}, {"groups": 2, "padding": ((0, 1), (-1, 0), (0, 0))}], ids=str
)
def test_first_and_second_derivatives_are_those_of_differences(
    forced: Algorithm | None, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    force(monkeypatch, forced)
    spec = make(in_channels=2, out_channels=2, kernel_size=(2, 1, 2), **options)
    given = [tensor.requires_grad_() for tensor in operands(spec, (2, 2, 2), batch=1, dtype=torch.float64)]
    assert gradcheck(lambda *each: apply(each, spec), given)
    assert gradgradcheck(lambda *each: apply(each, spec), given)


def second_order(
    function: Callable[[list[torch.Tensor]], torch.Tensor], given: list[torch.Tensor]
) -> list[torch.Tensor]:
    output = function(given)
    grad_output = integers(tuple(output.shape), 5).requires_grad_()
    first = torch.autograd.grad(output, given, grad_output, create_graph=True)
    with torch.no_grad():
        weights = [integers(tuple(each.shape), 7) for each in first]
    loss = sum(((each * factor).sum() for each, factor in zip(first, weights, strict=True)), torch.zeros(()))
    return list(torch.autograd.grad(loss, [grad_output, *given[:2]]))


@pytest.mark.usefixtures("algorithm")
def test_second_derivatives_equal_torch_s() -> None:
    given = leaves()
    found, expected = second_order(lambda each: apply(each, SPEC), given), second_order(by_torch, given)
    assert [torch.equal(*pair) for pair in zip(found, expected, strict=True)] == [True] * 3


@pytest.mark.parametrize("index", [0, 1], ids=["input", "weight"])
@pytest.mark.usefixtures("algorithm")
def test_changing_a_saved_operand_in_place_is_an_error_in_backward(index: int) -> None:
    given = leaves()
    output = apply(given, SPEC)
    with torch.no_grad():
        given[index].add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        output.sum().backward()  # type: ignore[no-untyped-call]


@pytest.mark.usefixtures("algorithm")
def test_a_new_value_of_the_weight_is_used_at_once() -> None:
    input, weight, bias = operands(SPEC, SIZE)
    before = conv_transpose3d(input, weight, None, SPEC)
    weight.mul_(2)
    assert torch.equal(conv_transpose3d(input, weight, None, SPEC), 2 * before)
    weight.data = weight.data * 2
    assert torch.equal(conv_transpose3d(input, weight, bias * 0, SPEC), 4 * before)


@pytest.mark.parametrize("batch", [2, None], ids=["batched", "unbatched"])
@pytest.mark.usefixtures("algorithm")
def test_the_output_can_be_changed_in_place_and_differentiated(batch: int | None) -> None:
    given = leaves(batch=batch)
    output = apply(given, SPEC)
    output += 1
    output *= 2
    output.sum().backward()  # type: ignore[no-untyped-call]
    assert given[2].grad is not None
    assert given[2].grad.tolist() == [2.0 * output.numel() / 2] * 2


@pytest.mark.usefixtures("algorithm")
def test_an_output_made_without_gradients_can_be_changed_in_place_with_them() -> None:
    given = leaves()
    with torch.no_grad():
        output = apply(given, SPEC)
    assert not output.requires_grad
    factor = torch.full((), 2.0, requires_grad=True)
    before = output.clone()
    output *= factor
    (gradient,) = torch.autograd.grad(output.sum(), factor)
    assert gradient == before.sum()


@pytest.mark.usefixtures("algorithm")
def test_the_output_is_a_leaf_where_nothing_requires_gradients() -> None:
    output = apply(operands(SPEC, SIZE), SPEC)
    assert output.is_leaf
    assert not output._is_view()


@pytest.mark.usefixtures("algorithm")
def test_a_graph_that_is_retained_gives_the_same_gradients_twice() -> None:
    given = leaves()
    loss = apply(given, SPEC).square().sum()
    first = torch.autograd.grad(loss, given, retain_graph=True)
    second = torch.autograd.grad(loss, given)
    assert [torch.equal(*pair) for pair in zip(first, second, strict=True)] == [True] * 3
    with pytest.raises(RuntimeError, match="a second time"):
        torch.autograd.grad(loss, given)


@pytest.mark.usefixtures("algorithm")
def test_hooks_see_and_change_the_gradients() -> None:
    given = leaves()
    output = apply(given, SPEC)
    seen = []
    output.register_hook(lambda gradient: gradient * 3)  # type: ignore[no-untyped-call]
    given[0].register_hook(lambda gradient: seen.append(gradient.clone()))  # type: ignore[no-untyped-call]
    output.sum().backward()  # type: ignore[no-untyped-call]
    (expected,) = torch.autograd.grad(3 * by_torch(given).sum(), given[0])
    assert torch.equal(seen[0], expected)


@pytest.mark.usefixtures("algorithm")
def test_hooks_on_saved_tensors_are_asked_for_them() -> None:
    given = leaves()
    packed: list[tuple[int, ...]] = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        packed.append(tuple(tensor.shape))
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = apply(given, SPEC)
    output.sum().backward()  # type: ignore[no-untyped-call]
    assert {tuple(given[0].shape), tuple(given[1].shape)} <= set(packed)


@pytest.mark.usefixtures("algorithm")
def test_inference_mode_gives_an_inference_tensor_of_the_same_values() -> None:
    given = leaves()
    with torch.inference_mode():
        output = apply(given, SPEC)
    assert output.is_inference()
    assert torch.equal(output, by_torch(given))


@pytest.mark.usefixtures("algorithm")
def test_an_inference_input_serves_outside_inference_mode() -> None:
    input, weight, bias = operands(SPEC, SIZE)
    with torch.inference_mode():
        input = input.clone()
    with torch.no_grad():
        assert torch.equal(conv_transpose3d(input, weight, bias, SPEC), by_torch([input, weight, bias]))


@pytest.mark.parametrize("layout", [torch.contiguous_format, CHANNELS_LAST], ids=str)
@pytest.mark.parametrize("gradient", FITTING, ids=lambda gradient: gradient.name)
def test_gradients_are_stored_as_their_operands(
    algorithm: Any, gradient: Gradient, layout: torch.memory_format, monkeypatch: pytest.MonkeyPatch
) -> None:
    force(monkeypatch, algorithm, gradient)
    input, weight, bias = operands(SPEC, SIZE)
    given = [input.to(memory_format=layout).requires_grad_(), weight.requires_grad_(), bias.requires_grad_()]
    output = apply(given, SPEC)
    assert output.is_contiguous(memory_format=layout)
    output.square().sum().backward()  # type: ignore[no-untyped-call]
    strides = [(tensor.stride(), tensor.grad.stride()) for tensor in given if tensor.grad is not None]
    assert [own == of_gradient for own, of_gradient in strides] == [True] * 3


@pytest.mark.parametrize("layout", [torch.contiguous_format, CHANNELS_LAST], ids=str)
@pytest.mark.parametrize("gradient", FITTING, ids=lambda gradient: gradient.name)
def test_no_bit_depends_on_the_strides_of_the_output_s_gradient(
    gradient: Gradient, layout: torch.memory_format, monkeypatch: pytest.MonkeyPatch
) -> None:
    force(monkeypatch, ALGORITHMS[1], gradient)
    draw = torch.Generator().manual_seed(0)
    size = (8, 16, 16)
    shapes = [(1, 4, *size), SPEC.weight_shape, (2,), (1, 2, *SPEC.output_size(size))]
    input, weight, bias, contiguous = (torch.randn(shape, generator=draw) for shape in shapes)
    given = [input.to(memory_format=layout).requires_grad_(), weight.requires_grad_(), bias.requires_grad_()]
    output = apply(given, SPEC)
    last = contiguous.to(memory_format=CHANNELS_LAST)
    one, two = (torch.autograd.grad(output, given, each, retain_graph=True) for each in (contiguous, last))
    assert [torch.equal(*pair) for pair in zip(one, two, strict=True)] == [True] * 3


@pytest.mark.usefixtures("algorithm")
def test_autocast_equals_casting_by_hand_also_where_backward_runs_inside() -> None:
    given = leaves()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = apply(given, SPEC)
        grad_output = integers(tuple(output.shape), 5, torch.bfloat16)
        inside = torch.autograd.grad(output, given, grad_output, retain_graph=True)
    outside = torch.autograd.grad(output, given, grad_output)
    halves = [tensor.detach().bfloat16().requires_grad_() for tensor in given]
    by_hand = apply(halves, SPEC)
    expected = torch.autograd.grad(by_hand, halves, grad_output)
    assert output.dtype == torch.bfloat16
    assert torch.equal(output, by_hand)
    assert [each.dtype for each in inside] == [torch.float32] * 3
    assert [torch.equal(one, two.float()) for one, two in zip(inside, expected, strict=True)] == [True] * 3
    assert [torch.equal(one, two.float()) for one, two in zip(outside, expected, strict=True)] == [True] * 3


def test_autocast_leaves_float64_alone() -> None:
    given = operands(SPEC, SIZE, dtype=torch.float64)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = apply(given, SPEC)
    assert output.dtype == torch.float64
    assert torch.equal(output, apply(given, SPEC))


@pytest.mark.parametrize("device", ["meta", "cpu"])
@pytest.mark.usefixtures("algorithm")
def test_the_default_device_does_not_matter(device: str) -> None:
    given = leaves()
    expected = torch.autograd.grad(by_torch(given).square().sum(), given)
    with torch.device(device):
        found = torch.autograd.grad(apply(given, SPEC).square().sum(), given)
    assert [torch.equal(*pair) for pair in zip(found, expected, strict=True)] == [True] * 3


@pytest.mark.usefixtures("algorithm")
def test_the_default_dtype_does_not_matter() -> None:
    given = operands(SPEC, SIZE)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        output = apply(given, SPEC)
    finally:
        torch.set_default_dtype(before)
    assert output.dtype == torch.float32
    assert torch.equal(output, by_torch(list(given)))


@pytest.mark.parametrize("gradient", FITTING, ids=lambda gradient: gradient.name)
def test_an_empty_batch_trains(algorithm: Any, gradient: Gradient, monkeypatch: pytest.MonkeyPatch) -> None:
    force(monkeypatch, algorithm, gradient)
    given = leaves(batch=0)
    found = torch.autograd.grad(apply(given, SPEC).sum(), given)
    assert [each.shape for each in found] == [tensor.shape for tensor in given]
    assert [bool(each.any()) for each in found] == [False] * 3


@pytest.mark.usefixtures("algorithm")
def test_checkpointing_recomputes_the_same_gradients() -> None:
    from torch.utils.checkpoint import checkpoint

    given = leaves()
    output = checkpoint(lambda *each: apply(each, SPEC), *given, use_reentrant=False)
    assert isinstance(output, torch.Tensor)
    found = torch.autograd.grad(output.square().sum(), given)
    expected = torch.autograd.grad(by_torch(given).square().sum(), given)
    assert [torch.equal(*pair) for pair in zip(found, expected, strict=True)] == [True] * 3
