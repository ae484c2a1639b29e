"""What the rounding bound catches: faults that are put into results on random normal data, and are called different."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from fourfold.compat.agreement.catalogue import select
from fourfold.compat.agreement.comparison import Verdict
from fourfold.compat.agreement.data import Operands, operands, round_bfloat16
from fourfold.compat.agreement.expectation import QUANTITIES, define, judge, sums
from fourfold.compat.agreement.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourfold.compat.agreement.cases import Case
    from fourfold.compat.agreement.definition import Values
    from fourfold.compat.agreement.expectation import Quantity
    from fourfold.compat.agreement.rounding import Sums

Array = np.ndarray[Any, Any]

EVERY = (slice(None), slice(None))

# sums of a few terms and of up to 129, and in the gradients up to 891
CASES = ["option/kernel-3", "option/stride-2", "option/groups-2", "option/dilation-2", "documented/torch", "W11/k7"]
LONGEST = "W10/124-4"  # 4913 terms in the gradient of the input, 32768 in that of the bias


@lru_cache(maxsize=32)
def known(name: str, dtype: str = "float32") -> tuple[Case, Operands, Values, dict[Quantity, Sums]]:
    (case,) = select([name])
    case = case.replace(data="normal", dtype=dtype)
    drawn = operands(case)
    return case, drawn, define(case, drawn), sums(case, drawn)


def verdicts(name: str, values: Values, dtype: str = "float32") -> dict[Quantity, Verdict]:
    """Judge results against the definition, rounded to the dtype."""
    case, _, definition, added = known(name, dtype)
    return {
        quantity: judge(
            case,
            added[quantity],
            FORMATS[dtype].round(getattr(values, quantity)),
            getattr(definition, quantity),
            defined=True,
            stored=True,
        ).verdict
        for quantity in QUANTITIES
    }


def without(weight: Array, *place: slice | int) -> Array:
    changed = weight.copy()
    changed[place] = 0
    return changed


def tap(weight: Array) -> tuple[int, ...]:
    return tuple(length // 2 for length in weight.shape[2:])


def round_tf32(array: Array) -> Array:
    """Round to the 10 bits after the point that tensor cores take."""
    bits = np.ascontiguousarray(array).view(np.uint32)
    return ((bits + np.uint32(0x1000)) & np.uint32(0xFFFFE000)).view(np.float32)


def with_bias(drawn: Operands, times: int) -> Operands:
    assert drawn.bias is not None
    return drawn._replace(bias=times * drawn.bias)


def rounded(drawn: Operands, by: Callable[[Array], Array]) -> Operands:
    assert drawn.bias is not None
    return Operands(by(drawn.input), by(drawn.weight), drawn.bias, by(drawn.upstream))


FAULTS: dict[str, Callable[[Operands], Operands]] = {
    "a tap is lost": lambda drawn: drawn._replace(weight=without(drawn.weight, *EVERY, *tap(drawn.weight))),
    "the bias twice": lambda drawn: with_bias(drawn, 2),
    "no bias": lambda drawn: with_bias(drawn, 0),
    "the kernel is flipped": lambda drawn: drawn._replace(weight=np.flip(drawn.weight, (2, 3, 4)).copy()),
    "two channels change places": lambda drawn: drawn._replace(weight=np.roll(drawn.weight, 1, 0)),
}
FINE: dict[str, Callable[[Operands], Operands]] = {
    "one weight is lost": lambda drawn: drawn._replace(weight=without(drawn.weight, 0, 0, *tap(drawn.weight))),
}
SHORT: dict[str, Callable[[Array], Array]] = {"TF32": round_tf32, "bfloat16": round_bfloat16}


@pytest.mark.parametrize("fault", [*FAULTS, *FINE])
@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_no_rounding(name: str, fault: str) -> None:
    case, drawn, _, _ = known(name)
    assert verdicts(name, define(case, (FAULTS | FINE)[fault](drawn)))["output"] is Verdict.DIFFERENT


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("option/")])
def test_a_fault_is_no_rounding_of_half_precisions_either(name: str, fault: str, dtype: str) -> None:
    case, drawn, _, _ = known(name, dtype)
    assert verdicts(name, define(case, FAULTS[fault](drawn)), dtype)["output"] is Verdict.DIFFERENT


@pytest.mark.parametrize("precision", SHORT)
@pytest.mark.parametrize("name", [*CASES, LONGEST])
def test_operands_of_fewer_bits_are_no_rounding_of_float32(name: str, precision: str) -> None:
    case, drawn, _, _ = known(name)
    found = verdicts(name, define(case, rounded(drawn, SHORT[precision])))
    assert {found[quantity] for quantity in QUANTITIES} == {Verdict.DIFFERENT}


@pytest.mark.parametrize("name", CASES)
def test_an_output_that_is_stored_in_bfloat16_for_a_while_is_no_rounding_of_float32(name: str) -> None:
    _, _, definition, _ = known(name)
    halved = definition._replace(output=round_bfloat16(definition.output.astype(np.float32)))
    assert verdicts(name, halved)["output"] is Verdict.DIFFERENT


@pytest.mark.parametrize("axis", [-3, -2, -1])
@pytest.mark.parametrize("name", CASES)
def test_a_crop_that_is_off_by_one_is_no_rounding(name: str, axis: int) -> None:
    _, _, definition, _ = known(name)
    shifted = definition._replace(output=np.roll(definition.output, 1, axis))
    assert verdicts(name, shifted)["output"] is Verdict.DIFFERENT


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("name", CASES)
def test_the_last_volume_that_is_left_out_of_a_gradient_is_no_rounding(name: str, quantity: Quantity) -> None:
    case, drawn, _, _ = known(name)
    last = Operands(*(without(drawn.input, -1), drawn.weight, drawn.bias, without(drawn.upstream, -1)))
    assert verdicts(name, define(case, last))[quantity] is Verdict.DIFFERENT


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("name", CASES)
def test_the_definition_rounded_once_is_within_the_bound(name: str, dtype: str) -> None:
    assert Verdict.DIFFERENT not in verdicts(name, known(name, dtype)[2], dtype).values()
