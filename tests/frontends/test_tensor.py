"""The base of every front end's tensors and parameters."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
import torch

from fourfold.backend import ConvTranspose3dSpec
from fourfold.frontends.tensor import FrontendParameter, FrontendTensor, like, plain, run


class Tensor(FrontendTensor):
    pass


class Parameter(FrontendParameter, Tensor):
    tensor_type = Tensor


def tensor(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float32).as_subclass(Tensor)


def test_numpy_reads_a_tensor_that_requires_grad_and_shares_its_memory() -> None:
    values = tensor(1, 2).requires_grad_()
    array = values.numpy()
    with torch.no_grad():
        values[0] = 5
    assert array.tolist() == [5, 2]


def test_numpy_resolves_conjugate_views() -> None:
    values = torch.tensor([1 + 2j]).as_subclass(Tensor).conj()
    np.testing.assert_array_equal(values.numpy(), [1 - 2j])


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(lambda t: t + 1, id="add"),
        pytest.param(lambda t: 2 * t, id="right-multiply"),
        pytest.param(torch.relu, id="function"),
        pytest.param(lambda t: t.reshape(2, 1), id="method"),
        pytest.param(lambda t: t[0], id="index"),
        pytest.param(lambda t: t.to(torch.float64), id="dtype"),
        pytest.param(lambda t: torch.cat([t, torch.ones(1)]), id="with-a-plain-tensor"),
        pytest.param(lambda t: t.max(dim=0).values, id="structured"),
        pytest.param(lambda t: t.split(1)[0], id="list"),
        pytest.param(lambda t: t.detach(), id="detach"),
    ],
)
@pytest.mark.parametrize("make", [tensor, lambda *values: Parameter(torch.tensor(values))], ids=["tensor", "parameter"])
def test_operators_give_the_front_end_s_tensor(operation: Any, make: Any) -> None:
    assert type(operation(make(1.0, 2.0))) is Tensor


def test_autograd_goes_through_both_classes() -> None:
    values, parameter = tensor(1, 2).requires_grad_(), Parameter(torch.tensor([3.0, 4.0]))
    (values * parameter).sum().backward()  # type: ignore[no-untyped-call]
    assert values.grad is not None
    assert parameter.grad is not None
    assert (values.grad.tolist(), parameter.grad.tolist()) == ([3, 4], [1, 2])


def test_a_parameter_changed_in_place_is_the_same_parameter() -> None:
    parameter = Parameter(torch.zeros(2))
    with torch.no_grad():
        assert parameter.add_(1) is parameter
    assert parameter.requires_grad_(False) is parameter


def test_modules_register_it_and_optimizers_step_it() -> None:
    module = torch.nn.Module()
    module.weight = Parameter(torch.tensor([1.0]))
    optimizer = torch.optim.SGD(module.parameters(), lr=0.5)
    module.weight.sum().backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    assert dict(module.named_parameters())["weight"].tolist() == [0.5]


@pytest.mark.parametrize(
    "duplicate",
    [
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(lambda p: pickle.loads(pickle.dumps(p)), id="pickle"),
    ],
)
@pytest.mark.parametrize("make", [tensor, lambda *values: Parameter(torch.tensor(values), False)], ids=["t", "p"])
def test_copies_keep_class_values_and_attributes(duplicate: Any, make: Any) -> None:
    original = make(1.0, 2.0)
    original.label = "w_0"
    copied = duplicate(original)
    assert type(copied) is type(original)
    assert (copied.tolist(), copied.label, copied.requires_grad) == ([1, 2], "w_0", False)
    assert copied.data_ptr() != original.data_ptr()


def test_a_copy_of_a_module_shares_what_it_shared() -> None:
    module = torch.nn.Module()
    module.first = module.second = Parameter(torch.zeros(1))
    copied = copy.deepcopy(module)
    assert copied.first is copied.second


def test_a_deep_copied_tensor_keeps_its_gradient() -> None:
    values = tensor(1, 2).requires_grad_()
    (values * 3).sum().backward()  # type: ignore[no-untyped-call]
    copied = copy.deepcopy(values)
    assert copied.requires_grad
    assert copied.grad is not None
    assert copied.grad.tolist() == [3, 3]


def test_a_deep_copy_of_what_was_computed_has_no_history() -> None:
    weight = tensor(3.0).requires_grad_()
    copied = copy.deepcopy(weight * 2)
    assert (copied.tolist(), copied.is_leaf, copied.requires_grad) == ([6.0], True, False)


SPEC = ConvTranspose3dSpec(in_channels=1, out_channels=1, kernel_size=1)


@pytest.mark.parametrize(
    ("wrap", "expected"),
    [
        pytest.param(lambda t: t, torch.Tensor, id="plain"),
        pytest.param(lambda t: t.as_subclass(Tensor), Tensor, id="tensor"),
        pytest.param(Parameter, Tensor, id="parameter"),
    ],
)
def test_the_input_decides_the_class_of_the_result(wrap: Any, expected: type[torch.Tensor]) -> None:
    weight, bias = Parameter(torch.ones(1, 1, 1, 1, 1)), Parameter(torch.ones(1))
    output = run(wrap(torch.ones(1, 1, 2, 2, 2)), weight, bias, SPEC)
    assert type(output) is expected
    assert output.tolist() == torch.full((1, 1, 2, 2, 2), 2.0).tolist()


def test_plain_and_like_undo_each_other() -> None:
    values = tensor(1, 2)
    assert type(plain(values)) is torch.Tensor
    assert type(like(plain(values), values)) is Tensor
    assert plain(values).data_ptr() == values.data_ptr()


class OtherMeaning(FrontendTensor):
    """A tensor whose methods mean something else than torch's."""

    def split(self, *args: Any, **kwargs: Any) -> Any:
        raise AssertionError

    softmax = relu_ = split


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(lambda t: torch.split(t, 1)[0], id="torch.functional"),
        pytest.param(lambda t: torch.nn.functional.softmax(t, 0), id="torch.nn.functional"),
        pytest.param(lambda t: torch.functional.meshgrid([t, t], indexing="ij")[0], id="in-a-list"),
    ],
)
def test_torch_s_functions_in_python_do_not_meet_methods_of_another_meaning(function: Any) -> None:
    assert type(function(torch.ones(2).as_subclass(OtherMeaning))) is OtherMeaning


def test_a_function_in_place_returns_its_operand() -> None:
    values = torch.tensor([-1.0]).as_subclass(OtherMeaning)
    assert torch.nn.functional.relu(values, inplace=True) is values
    assert values.item() == 0
