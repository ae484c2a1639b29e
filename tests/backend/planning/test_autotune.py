"""`autotune`: the operator runs what was measured, where it is asked to, and gives the same results."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.backend.forced import CONFIGURATIONS, known, make
from tests.operands import apply, operands

from fourfold.backend import OperatorTypeError, autotune, conv_transpose3d, plan
from fourfold.backend.algorithms import ALGORITHMS, GRADIENTS
from fourfold.backend.planning import tuning
from fourfold.backend.planning.case import case_of

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {"native", *(each.name for each in ALGORITHMS)}
pytestmark = pytest.mark.usefixtures("untuned")


def choices(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))["choices"]


def test_autotune_keeps_its_file_in_the_cache_directory(tmp_path: Path) -> None:
    autotune()
    apply(operands(make(), (2, 2, 2)), make())
    assert (tmp_path / "cache" / "fourfold" / "tuning.json").exists()


def test_autotune_keeps_the_file_it_is_given(path: Path, tmp_path: Path) -> None:
    autotune(path=str(path))
    apply(operands(make(), (2, 2, 2)), make())
    assert path.exists()
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(("records", "measured"), [(False, {"forward"}), (True, {"forward", "backward"})])
def test_gradients_are_measured_where_they_are_recorded(path: Path, records: bool, measured: set[str]) -> None:
    autotune(path=path)
    input, weight, bias = operands(make(), (2, 2, 2))
    apply((input, weight.requires_grad_(records), bias), make())
    assert {key.split()[0] for key in choices(path)} == measured


@pytest.mark.parametrize("value", ["tuning.json", None, 1], ids=repr)
def test_autotune_takes_a_bool_only(value: Any) -> None:
    with pytest.raises(OperatorTypeError, match=f"enabled={value!r} is not a bool") as raised:
        autotune(value)
    assert isinstance(raised.value, TypeError)
    assert tuning.active() is None


def test_every_algorithm_that_applies_is_measured(ran: list[str]) -> None:
    autotune()
    spec = make(stride=2)
    given = operands(spec, (2, 2, 2))
    apply(given, spec)
    case = case_of(spec, given.input)
    assert set(ran) == {"native", *(each.name for each in ALGORITHMS if each.refusal(case) is None)}


@pytest.mark.parametrize("name", sorted(NAMES - {"voxel", "fft"}))
def test_the_measured_choice_is_what_runs(name: str, ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    autotune()
    spec = make(kernel_size=2, stride=2)  # to which all others apply
    given = operands(spec, (2, 2, 2))
    chosen = {each.name: each for each in ALGORITHMS}.get(name)
    monkeypatch.setattr(tuning, "_median", lambda call: 0.0 if call.args[0] is chosen else 1.0)
    output = apply(given, spec)
    assert ran == [name]
    assert torch.equal(output, torch.nn.functional.conv_transpose3d(*given, stride=2))


def test_autotune_false_goes_back_to_the_cost_model(path: Path, ran: list[str]) -> None:
    autotune(path=path)
    autotune(False)
    apply(operands(make(), (2, 2, 2)), make())
    assert not path.exists()
    assert ran == ["native"]  # once: nothing was measured


def test_deterministic_mode_asks_the_cost_model(path: Path, ran: list[str]) -> None:
    autotune(path=path)
    torch.use_deterministic_algorithms(True)
    apply(operands(make(), (2, 2, 2)), make())
    assert not path.exists()
    assert ran == ["native"]  # once: nothing was measured
    torch.use_deterministic_algorithms(False)
    apply(operands(make(), (2, 2, 2)), make())
    assert path.exists()


def test_a_choice_in_the_file_of_an_unknown_algorithm_is_measured_again(path: Path) -> None:
    autotune(path=path)
    given = operands(make(), (2, 2, 2))
    expected = apply(given, make())
    path.write_text(path.read_text().replace('": "', '": "unknown-'))
    assert all(each.startswith("unknown-") for each in choices(path).values())
    autotune(path=path)
    assert plan(make(), given.input).algorithm in NAMES
    assert torch.equal(apply(given, make()), expected)
    kept = choices(path)
    assert {kept[key] for key in kept if key.startswith("forward")} <= NAMES
    assert {kept[key] for key in kept if key.startswith("backward")} <= {each.name for each in GRADIENTS}


def test_a_call_made_before_autotune_is_measured_after_it(path: Path) -> None:
    given = operands(make(), (2, 2, 2))
    apply(given, make())
    autotune(path=path)
    apply(given, make())
    assert path.exists()


@pytest.mark.parametrize("options", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_outputs_and_gradients_equal_the_definition_s(options: dict[str, Any]) -> None:
    autotune()
    case = known(make(**options))
    input, weight, bias = case.given
    input, weight = input.clone().requires_grad_(), weight.clone().requires_grad_()
    output = conv_transpose3d(input, weight, bias, make(**options))
    found = torch.autograd.grad(output, [input, weight], case.gradient)
    assert torch.equal(output, case.output)
    assert torch.equal(found[0], case.of_input)
    assert torch.equal(found[1], case.of_weight)


def test_measuring_records_no_gradients_and_changes_no_operand() -> None:
    autotune()
    given = [tensor.requires_grad_() for tensor in operands(make(), (2, 2, 2))]
    before = [tensor.detach().clone() for tensor in given]
    apply(given, make())
    assert [tensor.grad for tensor in given] == [None] * 3
    assert [torch.equal(*pair) for pair in zip(given, before, strict=True)] == [True] * 3
