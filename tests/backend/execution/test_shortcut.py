"""Calls that were torch's own before go to torch's operator at once: the same results and the same refusals."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import weakref
from typing import Any

import pytest
import torch
from tests.backend.forced import make
from tests.operands import apply, integers, operands

from fourfold.backend import ConvTranspose3dSpec, OperatorError, OperatorTypeError, conv_transpose3d
from fourfold.backend.execution import shortcut
from fourfold.backend.planning.case import case_of
from fourfold.backend.planning.planner import plan

SPEC = make(stride=2, padding=1)
SIZE = (3, 4, 3)


def right(given: Any, spec: ConvTranspose3dSpec = SPEC) -> torch.Tensor:
    input, weight, bias = given
    padding = [low for low, _ in spec.padding]
    return torch.nn.functional.conv_transpose3d(input, weight, bias, spec.stride, padding)


@pytest.fixture(autouse=True)
def _filled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start with a shortcut that knows a call, with gradients and without."""
    monkeypatch.setattr(shortcut, "remembered", {})
    input, weight, bias = operands(SPEC, SIZE)
    conv_transpose3d(input, weight, bias, SPEC)
    conv_transpose3d(input, weight, None, SPEC)
    conv_transpose3d(input, weight.requires_grad_(), bias, SPEC)
    assert len(shortcut.remembered) == 1  # torch itself looks at the bias


@pytest.fixture
def long_way(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows with each call that the shortcut does not know."""
    seen: list[int] = []
    call = shortcut.call

    def record(*args: Any) -> Any:
        found = call(*args)
        if found is None:
            seen.append(1)
        return found

    monkeypatch.setattr(shortcut, "call", record)
    return seen


@pytest.mark.parametrize("with_bias", [True, False], ids=["bias", "no-bias"])
def test_a_second_call_takes_the_shortcut_to_the_same_bits(with_bias: bool, long_way: list[int]) -> None:
    given = [*operands(SPEC, SIZE, seed=7)[:2], integers((2,), 9) if with_bias else None]
    leaves = [None if each is None else each.clone().requires_grad_() for each in given]
    output, expected = apply(leaves, SPEC), right(given)  # type: ignore[arg-type]
    assert long_way == []
    assert torch.equal(output, expected)
    wanted = [each for each in leaves if each is not None]
    found = torch.autograd.grad(output.square().sum(), wanted)
    straight = torch.autograd.grad(right(leaves).square().sum(), wanted)
    assert [torch.equal(*pair) for pair in zip(found, straight, strict=True)] == [True] * len(wanted)


def test_channels_last_volumes_take_a_shortcut_of_their_own_and_keep_their_layout(long_way: list[int]) -> None:
    input, weight, bias = operands(SPEC, SIZE)
    input = input.contiguous(memory_format=torch.channels_last_3d)
    output = [conv_transpose3d(input, weight, bias, SPEC) for _ in range(2)]
    assert long_way == [1]
    assert output[1].is_contiguous(memory_format=torch.channels_last_3d)
    assert torch.equal(output[1], right((input, weight, bias)))


def test_channels_last_volumes_that_torch_corrupts_never_take_the_shortcut(long_way: list[int]) -> None:
    spec = make(groups=2, dilation=2, padding=1)
    input, weight, bias = operands(spec, SIZE)
    for _ in range(2):
        conv_transpose3d(input.contiguous(memory_format=torch.channels_last_3d), weight, bias, spec)
    assert long_way == [1, 1]


def test_an_equal_spec_made_anew_takes_the_shortcut(long_way: list[int]) -> None:
    again = make(stride=[2, 2, 2], padding=((1, 1), (1, 1), (1, 1)))
    assert torch.equal(apply(operands(SPEC, SIZE), again), right(operands(SPEC, SIZE)))
    assert long_way == []


def test_the_shortcut_keeps_no_operand_alive() -> None:
    given = operands(SPEC, SIZE)
    references = [weakref.ref(tensor) for tensor in given]
    apply(given, SPEC)
    del given
    assert [reference() for reference in references] == [None] * 3


def test_the_shortcut_remembers_a_limited_number_of_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortcut, "MOST", 3)
    counts = []
    for length in range(1, 9):
        apply(operands(SPEC, (3, 3, length)), SPEC)
        counts.append(len(shortcut.remembered))
    assert max(counts) == 3


def _wrong() -> dict[str, tuple[Any, type[Exception], str]]:
    input, weight, bias = operands(SPEC, SIZE)
    double = torch.float64
    return {
        "input-float64": ((input.double(), weight, bias), OperatorTypeError, "input is torch.float64 and weight"),
        "weight-float64": ((input, weight.double(), bias), OperatorTypeError, "and weight is torch.float64"),
        "bias-float64": ((input, weight, bias.to(double)), OperatorTypeError, "and bias is torch.float64"),
        "bias-half": ((input, weight, bias.half()), OperatorTypeError, "and bias is torch.float16"),
        "input-int": ((input.int(), weight, bias), OperatorTypeError, "input is torch.int32"),
        "input-channels": ((input[:, :3], weight, bias), OperatorError, "has 3 channels"),
        "input-6-dimensions": ((input[None], weight, bias), OperatorError, "input has 6 dimensions"),
        "input-3-dimensions": ((input[0, 0], weight, bias), OperatorError, "input has 3 dimensions"),
        "input-size-0": ((input[:, :, :0], weight, bias), OperatorError, "size 0 along depth"),
        "weight-shape": ((input, weight[..., :2], bias), OperatorError, "weight has shape"),
        "weight-swapped": ((input, weight.transpose(0, 1), bias), OperatorError, "weight has shape"),
        "bias-shape": ((input, weight, bias[:1]), OperatorError, "bias has shape"),
        "bias-2-dimensions": ((input, weight, bias[None]), OperatorError, "bias has shape"),
        "bias-0-dimensions": ((input, weight, bias[0]), OperatorError, "bias has shape"),
        "bias-list": ((input, weight, [1.0, 2.0]), OperatorTypeError, "bias is a list"),
        "bias-number": ((input, weight, 0), OperatorTypeError, "bias is a int"),
        "bias-array": ((input, weight, bias.numpy()), OperatorTypeError, "bias is a ndarray"),
        "weight-array": ((input, weight.numpy(), bias), OperatorTypeError, "weight is a ndarray"),
        "weight-none": ((input, None, bias), OperatorTypeError, "weight is a NoneType"),
        "input-none": ((None, weight, bias), OperatorTypeError, "input is a NoneType"),
        "input-list": (([1.0], weight, bias), OperatorTypeError, "input is a list"),
        "input-on-meta": ((input.to("meta"), weight, bias), OperatorError, "input is on meta and weight on cpu"),
        "weight-on-meta": ((input, weight.to("meta"), bias), OperatorError, "and weight on meta"),
        "bias-on-meta": ((input, weight, bias.to("meta")), OperatorError, "and bias on meta"),
    }


@pytest.mark.parametrize(("given", "error", "message"), _wrong().values(), ids=_wrong())
def test_wrong_operands_are_refused_as_before(given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        apply(given, SPEC)


def test_another_spec_of_the_same_operands_is_another_call() -> None:
    given = operands(SPEC, SIZE)
    assert torch.equal(apply(given, make()), right(given, make()))
    assert torch.equal(apply(given, SPEC), right(given))


def test_arguments_beside_the_operands_go_the_long_way() -> None:
    given = operands(SPEC, SIZE)
    _, greatest = SPEC.output_size_range(SIZE)
    assert apply(given, SPEC, output_size=greatest).shape[2:] == greatest
    with pytest.raises(OperatorError, match="max_workspace=0"):
        apply(given, SPEC, max_workspace=0)


def test_a_new_number_of_threads_is_planned_anew(long_way: list[int]) -> None:
    given, before = operands(SPEC, SIZE), torch.get_num_threads()
    torch.set_num_threads(before + 1)
    try:
        output = apply(given, SPEC)
    finally:
        torch.set_num_threads(before)
    assert torch.equal(output, right(given))
    assert long_way == [1]


def test_a_channels_last_input_still_gives_a_channels_last_output(long_way: list[int]) -> None:
    input, weight, bias = operands(SPEC, SIZE)
    output = conv_transpose3d(input.contiguous(memory_format=torch.channels_last_3d), weight, bias, SPEC)
    assert output.is_contiguous(memory_format=torch.channels_last_3d)
    assert torch.equal(output, right([input, weight, bias]))
    assert long_way == [1]


def test_an_input_of_other_strides_gives_the_same_bits(long_way: list[int]) -> None:
    input, weight, bias = operands(SPEC, SIZE)
    wide = torch.zeros(2, 4, 3, 4, 6)
    wide[..., ::2] = input
    assert torch.equal(conv_transpose3d(wide[..., ::2], weight, bias, SPEC), right([input, weight, bias]))
    assert long_way == [1]


@pytest.mark.parametrize("requires_grad", [True, False])
def test_parameters_take_the_shortcut(requires_grad: bool, long_way: list[int]) -> None:
    input, weight, bias = operands(SPEC, SIZE)
    output = conv_transpose3d(
        input, torch.nn.Parameter(weight, requires_grad), torch.nn.Parameter(bias, requires_grad), SPEC
    )
    assert long_way == []
    assert output.requires_grad == requires_grad


class Counting(torch.Tensor):
    """Counts the functions that it intercepts."""

    seen: list[str] = []  # noqa: RUF012

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        cls.seen.append(getattr(func, "__name__", ""))
        return super().__torch_function__(func, types, args, kwargs)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("index", [0, 1, 2], ids=["input", "weight", "bias"])
def test_a_subclass_intercepts_the_operator_and_is_returned(index: int) -> None:
    given = [*operands(SPEC, SIZE)]
    expected = right(given)
    given[index] = given[index].as_subclass(Counting)
    Counting.seen.clear()
    output = apply(given, SPEC)
    assert type(output) is Counting
    assert "conv_transpose3d" in Counting.seen
    assert torch.equal(output.as_subclass(torch.Tensor), expected)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_autocast_computes_in_its_dtype(dtype: torch.dtype) -> None:
    given = [tensor.requires_grad_() for tensor in operands(SPEC, SIZE)]
    by_hand = apply([tensor.detach().to(dtype) for tensor in given], SPEC)
    with torch.autocast("cpu", dtype=dtype):
        output = apply(given, SPEC)
    assert output.dtype == dtype
    assert torch.equal(output, by_hand)
    gradients = torch.autograd.grad(output.float().sum(), given)
    assert [each.dtype for each in gradients] == [torch.float32] * 3


def test_autocast_takes_mixed_dtypes_and_outside_it_they_are_refused() -> None:
    input, weight, bias = operands(SPEC, SIZE)
    mixed = [input, weight.bfloat16(), bias]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        outputs = [apply(mixed, SPEC) for _ in range(2)]
    assert torch.equal(outputs[0], outputs[1])
    with pytest.raises(OperatorTypeError, match="must be the same"):
        apply(mixed, SPEC)


def test_vmap_equals_one_call_each() -> None:
    input, weight, bias = operands(SPEC, SIZE)
    volumes = torch.stack([input, 2 * input, -input])
    mapped = torch.vmap(lambda volume: conv_transpose3d(volume, weight, bias, SPEC))(volumes)
    assert torch.equal(mapped, torch.stack([right([volume, weight, bias]) for volume in volumes]))


def test_a_functional_gradient_equals_autograd_s() -> None:
    input, weight, bias = operands(SPEC, SIZE)
    leaf = weight.clone().requires_grad_()
    (expected,) = torch.autograd.grad(right([input, leaf, bias]).square().sum(), leaf)
    found = torch.func.grad(lambda each: conv_transpose3d(input, each, bias, SPEC).square().sum())(weight)
    assert torch.equal(found, expected)


def test_forward_mode_is_linear_in_the_weight() -> None:
    input, weight, bias = operands(SPEC, SIZE)
    tangent = torch.func.jvp(lambda each: conv_transpose3d(input, each, bias, SPEC), (weight,), (2 * weight,))[1]
    assert torch.equal(tangent, right([input, 2 * weight, None]))


def test_compiled_calls_equal_eager_ones() -> None:
    given = operands(SPEC, SIZE)
    compiled = torch.compile(lambda *each: apply(each, SPEC), backend="eager", fullgraph=True)
    assert torch.equal(compiled(*given), right(given))


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning", "ignore:.*torch.jit:DeprecationWarning")
def test_a_traced_call_serves_other_sizes() -> None:
    given = operands(SPEC, SIZE)
    traced = torch.jit.trace(lambda *each: apply(each, SPEC), tuple(given))  # type: ignore[no-untyped-call]
    other = operands(SPEC, (2, 5, 4), seed=3)
    assert torch.equal(traced(*other), right(other))


def test_meta_operands_give_the_shape() -> None:
    output = apply([tensor.to("meta") for tensor in operands(SPEC, SIZE)], SPEC)
    assert output.device.type == "meta"
    assert output.shape == right(operands(SPEC, SIZE)).shape


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"padding": ((0, 1), (0, 0), (0, 0))}, id="cropped"),
        pytest.param({"padding": -1}, id="extended"),
    ],
)
def test_what_torch_s_arguments_cannot_say_is_not_remembered(options: dict[str, Any]) -> None:
    spec = make(**options)
    given = operands(spec, SIZE)
    outputs = [apply(given, spec) for _ in range(2)]
    assert torch.equal(*outputs)
    assert len(shortcut.remembered) == 1


def test_calls_that_the_engine_computes_itself_are_not_remembered() -> None:
    spec = ConvTranspose3dSpec(in_channels=8, out_channels=8, kernel_size=2, stride=2)
    input, weight, bias = operands(spec, (32, 32, 32), batch=1)
    assert plan(spec, input).algorithm != "native"
    conv_transpose3d(input, weight, bias, spec)
    assert case_of(spec, input).size == (32, 32, 32)
    assert len(shortcut.remembered) == 1


@pytest.mark.parametrize(
    "same",
    [
        pytest.param(lambda spec: make(stride=(2, 2, 2), padding=[1, 1, 1]), id="made-anew"),
        pytest.param(copy.copy, id="copied"),
        pytest.param(copy.deepcopy, id="copied-deeply"),
        *(
            pytest.param(lambda spec, p=protocol: pickle.loads(pickle.dumps(spec, p)), id=f"pickled-{protocol}")
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
        ),
    ],
)
def test_equal_specs_hash_equal(same: Any) -> None:
    assert same(SPEC) == SPEC
    assert hash(same(SPEC)) == hash(SPEC)
    assert {SPEC: "found"}[same(SPEC)] == "found"


def test_specs_that_differ_in_one_argument_are_different_keys() -> None:
    specs = [make(), make(stride=2), make(padding=1), make(dilation=2), make(groups=2), make(in_channels=6)]
    assert len(set(specs)) == len(specs)


_PROCESS = """
import pickle, sys
from fourfold.backend import ConvTranspose3dSpec
spec = pickle.loads(bytes.fromhex(sys.argv[1]))
made = ConvTranspose3dSpec(**{name: getattr(spec, name) for name in spec.__dataclass_fields__})
print({made: "found"}.get(spec))
"""


@pytest.mark.thorough
def test_a_spec_from_a_process_of_another_hash_seed_is_found_among_equal_ones() -> None:
    found = subprocess.run(
        [sys.executable, "-c", _PROCESS, pickle.dumps(SPEC).hex()],
        env={**os.environ, "PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "found"
