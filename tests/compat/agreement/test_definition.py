from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests import reference

from fourfold.compat.agreement import definition
from fourfold.compat.agreement.catalogue import OPTIONS
from fourfold.compat.agreement.data import Operands, operands
from fourfold.compat.agreement.expectation import define

if TYPE_CHECKING:
    from fourfold.compat.agreement.cases import Case


def shrunk(case: Case) -> Case:
    """The case on a smaller volume, where it is legal there: nested loops take microseconds per product."""
    if case.output_size is not None:
        return case
    smaller = case.replace(input_size=tuple(min(length, 2 + axis % 2) for axis, length in enumerate(case.input_size)))
    return smaller if min(smaller.geometry().output_size) > 0 else case


SMALL = [shrunk(case) for case in OPTIONS if case.batch is not None]


def loops(case: Case, values: Operands) -> list[np.ndarray[Any, Any]]:
    """Output and gradients of input and weight, from tests/reference.py."""
    geometry = case.geometry()
    wide = np.complex128 if np.iscomplexobj(values.input) else np.float64
    input, weight, upstream = (array.astype(wide) for array in (values.input, values.weight, values.upstream))
    arguments: dict[str, Any] = {**geometry._asdict(), "groups": case.groups}
    del arguments["output_size"]
    output = reference.conv_transpose3d(input, weight, values.bias, **arguments)
    return [output, *reference.gradients(upstream, input, weight, **arguments)]


@pytest.mark.parametrize("case", [case for case in SMALL if case.multiplications < 20_000], ids=lambda case: case.id)
def test_definition_by_taps_equals_the_nested_loops(case: Case) -> None:
    values = operands(case)
    output, grad_input, grad_weight, grad_bias = loops(case, values)
    actual = define(case, values)
    np.testing.assert_array_equal(actual.output, output)
    np.testing.assert_array_equal(actual.grad_input, grad_input)
    np.testing.assert_array_equal(actual.grad_weight, grad_weight)
    if case.bias:
        np.testing.assert_array_equal(actual.grad_bias, grad_bias)
    else:
        assert actual.grad_bias is None


def test_unbatched_input_is_a_batch_of_one() -> None:
    (case,) = (case for case in OPTIONS if case.id == "option/unbatched")
    values = operands(case)
    alone = define(case, values)
    batched = define(case, values._replace(input=values.input[None], upstream=values.upstream[None]))
    np.testing.assert_array_equal(alone.output, batched.output[0])
    np.testing.assert_array_equal(alone.grad_input, batched.grad_input[0])
    np.testing.assert_array_equal(alone.grad_weight, batched.grad_weight)


@pytest.mark.parametrize("block", [1, 50, 130], ids=["one plane", "part of a volume", "one volume"])
def test_values_do_not_depend_on_the_size_of_blocks(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    (case,) = (case for case in OPTIONS if case.id == "option/padding-asymmetric-stride")
    values = operands(case)
    whole = define(case, values)
    monkeypatch.setattr(definition, "BLOCK", block)
    parts = define(case, values)
    for name in definition.Values._fields:
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))
