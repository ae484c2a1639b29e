"""`oneflow.Tensor`, `Size`, `Parameter` and the functions that make tensors."""

from __future__ import annotations

import copy
import io
import pickle
from typing import Any

import numpy as np
import pytest
import torch

import fourfold.frontends.oneflow as flow
from fourfold.frontends.oneflow import nn


def test_size_prints_as_oneflow_s_and_is_a_tuple() -> None:
    size = flow.Size([2, 3])
    assert repr(size) == "oneflow.Size([2, 3])"
    assert (size.numel(), flow.Size().numel()) == (6, 1)
    assert hash(size) == hash((2, 3))
    assert size == (2, 3)
    assert torch.ones(2, 3).shape == size


@pytest.mark.parametrize(
    ("made", "text"),
    [
        # measured: the same expressions in OneFlow 0.9.0
        pytest.param(flow.Size((2, 3))[0:1], "oneflow.Size([2])", id="slice"),
        pytest.param(flow.Size((2,)) + (3,), "oneflow.Size([2, 3])", id="plus-tuple"),  # noqa: RUF005
        pytest.param(flow.Size([2]) * 2, "oneflow.Size([2, 2])", id="times"),
        pytest.param((1,) + flow.Size([2]), "(1, 2)", id="tuple-plus"),  # noqa: RUF005
        pytest.param(flow.Size((2, 3))[1], "3", id="item"),
    ],
)
def test_size_arithmetic_gives_sizes(made: Any, text: str) -> None:
    assert repr(made) == text


def test_size_refuses_what_is_not_an_integer() -> None:
    with pytest.raises(TypeError, match=r"takes an iterable of 'int', but item '1' is 'float': 1\.5"):
        flow.Size([1, 1.5])  # type: ignore[list-item]


def test_shape_and_size_are_sizes() -> None:
    x = flow.ones(2, 3)
    assert repr((x.shape, x.size(), x.size(1), x.dim(), x.ndim, x.numel())) == (
        "(oneflow.Size([2, 3]), oneflow.Size([2, 3]), 3, 2, 2, 6)"
    )


@pytest.mark.parametrize(
    ("made", "text"),
    [
        # measured: repr() of the same tensors in OneFlow 0.9.0
        pytest.param(flow.tensor([1.0, 2.0]), "tensor([1., 2.], dtype=oneflow.float32)", id="float32"),
        pytest.param(flow.tensor([1, 2]), "tensor([1, 2], dtype=oneflow.int64)", id="int64"),
        pytest.param(flow.tensor([True]), "tensor([True], dtype=oneflow.bool)", id="bool"),
        pytest.param(flow.tensor(3.0), "tensor(3., dtype=oneflow.float32)", id="scalar"),
        pytest.param(
            flow.tensor([[1.5, 2], [3, 4]], dtype=flow.float64),
            "tensor([[1.5000, 2.0000],\n        [3.0000, 4.0000]], dtype=oneflow.float64)",
            id="float64",
        ),
        pytest.param(flow.zeros(0), "tensor([], dtype=oneflow.float32)", id="empty"),
        pytest.param(flow.zeros(0, 3), "tensor([], size=(0, 3), dtype=oneflow.float32)", id="empty-2-d"),
        pytest.param(flow.ones(2000), "tensor([1., 1., 1.,  ..., 1., 1., 1.], dtype=oneflow.float32)", id="long"),
        pytest.param(
            flow.ones(13).requires_grad_(),
            "tensor([1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.],\n"
            "       dtype=oneflow.float32, requires_grad=True)",
            id="wrapped",
        ),
        pytest.param(
            nn.Parameter(flow.ones(2)), "tensor([1., 1.], dtype=oneflow.float32, requires_grad=True)", id="parameter"
        ),
    ],
)
def test_repr_is_oneflow_s(made: torch.Tensor, text: str) -> None:
    assert repr(made) == text


def test_repr_names_the_gradient_function_and_the_device() -> None:
    computed = flow.ones(2, requires_grad=True) * 2
    assert repr(computed).startswith("tensor([2., 2.], dtype=oneflow.float32, grad_fn=<")
    meta = flow.ones(2, device="meta")
    assert repr(meta) == "tensor(..., device='meta', size=(2,), dtype=oneflow.float32)"


def test_numpy_works_with_gradients_and_shares_memory() -> None:
    x = flow.tensor([1.0, 2.0], requires_grad=True)
    x.numpy()[0] = 9
    assert x.tolist() == [9.0, 2.0]
    assert (x * 2).numpy().tolist() == [18.0, 4.0]


def test_item_of_several_elements_is_a_runtime_error() -> None:
    assert flow.tensor([2.5]).item() == 2.5
    with pytest.raises(RuntimeError):
        flow.tensor([1.0, 2.0]).item()


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        # measured: oneflow.tensor(data).dtype of 0.9.0
        pytest.param(1.5, flow.float32, id="float"),
        pytest.param([1], flow.int64, id="int"),
        pytest.param(True, flow.bool, id="bool"),
        pytest.param(np.arange(3.0), flow.float64, id="numpy-float64"),
        pytest.param(np.ones(1, np.float16), flow.float16, id="numpy-float16"),
        pytest.param(np.int32(3), flow.int32, id="numpy-int32"),
    ],
)
def test_tensor_takes_the_dtype_of_the_data(data: Any, dtype: torch.dtype) -> None:
    made = flow.tensor(data)
    assert type(made) is flow.Tensor
    assert made.dtype == dtype


@pytest.mark.parametrize(
    "source", [np.arange(3.0), torch.arange(3.0), flow.arange(3.0)], ids=["numpy", "torch", "oneflow"]
)
def test_tensor_copies(source: Any) -> None:
    made = flow.tensor(source, requires_grad=True)
    source[0] = 7
    assert made.tolist() == [0.0, 1.0, 2.0]
    assert made.is_leaf
    assert made.requires_grad


def test_tensor_reads_negative_strides() -> None:
    assert flow.tensor(np.arange(4)[::-1]).tolist() == [3, 2, 1, 0]


def test_tensor_converts_a_tensor() -> None:
    made = flow.tensor(torch.ones(2), dtype=flow.float64, device="meta")
    assert (made.dtype, made.device.type) == (flow.float64, "meta")


def test_from_numpy_shares_and_refuses_lists() -> None:
    array = np.zeros(2)
    made = flow.from_numpy(array)
    array[0] = 7
    assert made.tolist() == [7.0, 0.0]
    with pytest.raises(TypeError, match=r"expected np\.ndarray, but got list"):
        flow.from_numpy([1])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param((2, 3), id="sizes"),
        pytest.param((flow.Size((2, 3)),), id="size"),
        pytest.param(([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]],), id="values"),
        pytest.param((np.arange(6).reshape(2, 3),), id="numpy"),
    ],
)
def test_constructor_takes_sizes_or_values_and_gives_float32(arguments: tuple[Any, ...]) -> None:
    made = flow.Tensor(*arguments)
    assert (type(made), made.shape, made.dtype) == (flow.Tensor, (2, 3), flow.float32)


@pytest.mark.parametrize(
    "make", [flow.randn, flow.rand, flow.zeros, flow.ones, flow.empty], ids=lambda make: make.__name__
)
def test_makers_take_sizes_and_options(make: Any) -> None:
    made = make(2, 3, dtype=flow.float64, requires_grad=True)
    assert (type(made), made.shape, made.dtype) == (flow.Tensor, (2, 3), flow.float64)
    assert made.is_leaf
    assert made.requires_grad
    assert make([2, 3]).shape == make(flow.Size([2, 3])).shape == (2, 3)


def test_makers_refuse_placements_that_are_none_and_other_processes() -> None:
    with pytest.raises(AssertionError, match=r"placement='cpu', sbp=None, device=None: give an oneflow.placement"):
        flow.ones(2, placement="cpu")
    with pytest.raises(NotImplementedError, match=r"ranks \[0, 1\]: there is one process here"):
        flow.ones(2, placement=flow.placement("cpu", [0, 1]), sbp=flow.sbp.broadcast)


def test_makers_with_values() -> None:
    assert flow.full((2,), 3.5).tolist() == [3.5, 3.5]
    assert flow.arange(0, 1, 0.25).tolist() == [0.0, 0.25, 0.5, 0.75]
    assert flow.ones_like(flow.zeros(2)).tolist() == [1.0, 1.0]
    assert type(flow.zeros_like(torch.ones(2))) is flow.Tensor


def test_is_tensor_knows_torch_s_too() -> None:
    assert [flow.is_tensor(item) for item in (flow.ones(1), torch.ones(1), np.ones(1))] == [True, True, False]


def test_manual_seed_repeats_draws() -> None:
    flow.manual_seed(3)
    first = flow.randn(4)
    flow.manual_seed(3)
    assert torch.equal(first, flow.randn(4))


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(lambda x: x + 1, id="add"),
        pytest.param(lambda x: x[0], id="index"),
        pytest.param(lambda x: x.detach(), id="detach"),
        pytest.param(lambda x: x.double(), id="double"),
        pytest.param(lambda x: torch.cat([x, x.detach()]), id="cat"),
        pytest.param(torch.nn.functional.relu, id="relu"),
        pytest.param(lambda x: x.max(0).values, id="max"),
    ],
)
@pytest.mark.parametrize("source", [flow.ones(2, 2), nn.Parameter(flow.ones(2, 2))], ids=["tensor", "parameter"])
def test_operations_give_tensors(operation: Any, source: torch.Tensor) -> None:
    result = operation(source)
    assert type(result) is flow.Tensor
    assert type(result.shape) is flow.Size


def test_detach_shares_storage() -> None:
    x = flow.zeros(2, requires_grad=True)
    x.detach()[0] = 5
    assert x.tolist() == [5.0, 0.0]


def test_parameter_shares_data_and_records_gradients() -> None:
    x = flow.zeros(2)
    parameter = nn.Parameter(x)
    x[0] = 5
    assert parameter.tolist() == [5.0, 0.0]
    assert isinstance(parameter, (flow.Tensor, torch.nn.Parameter))
    assert parameter.requires_grad
    assert not nn.Parameter(x, requires_grad=False).requires_grad


@pytest.mark.parametrize(
    "value",
    [flow.arange(3.0), flow.ones(3, requires_grad=True), nn.Parameter(flow.ones(3)), flow.Size([2, 3])],
    ids=["tensor", "leaf", "parameter", "size"],
)
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["copy", "pickle"])
def test_copies_keep_class_values_and_requires_grad(value: Any, duplicate: Any) -> None:
    made = duplicate(value)
    assert type(made) is type(value)
    assert list(made) == list(value)
    assert getattr(made, "requires_grad", None) == getattr(value, "requires_grad", None)


def test_torch_load_reads_them_with_weights_only() -> None:
    file = io.BytesIO()
    torch.save({"x": flow.arange(3.0), "shape": flow.Size([3]), "p": nn.Parameter(flow.ones(2))}, file)
    file.seek(0)
    loaded = torch.load(file, weights_only=True)
    assert [type(value) for value in loaded.values()] == [flow.Tensor, flow.Size, nn.Parameter]
    assert loaded["x"].tolist() == [0.0, 1.0, 2.0]


def test_public_names_exist() -> None:
    assert [name for name in flow.__all__ if not hasattr(flow, name)] == []
