"""`megengine.tensor`, `Tensor`, `Parameter`: creation, MegEngine's habits, and what torch needs of them."""

from __future__ import annotations

import copy
import inspect
import io
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from tests.versions import traces_parameters

import fourfold.frontends.megengine as mge


def test_tensor_is_the_class() -> None:
    assert mge.tensor is mge.Tensor


@pytest.mark.parametrize("kind", [mge.Tensor, mge.Parameter])
def test_constructor_takes_the_arguments_of_megengine_in_its_order(kind: type) -> None:
    # measured: inspect.signature(megengine.Tensor.__init__) of 1.13.0
    parameters = list(inspect.signature(kind.__new__).parameters.values())[1:]
    positional = [parameter.name for parameter in parameters if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]
    assert positional == ["data", "dtype", "device", "is_const", "no_cache", "name", "format"]
    assert [parameter.default for parameter in parameters][1:7] == [None, None, False, False, None, "default"]


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        # measured: .dtype of megengine.tensor(data) in 1.13.0
        pytest.param([1, 2], torch.int32, id="ints"),
        pytest.param(1.5, torch.float32, id="float"),
        pytest.param([1, 2.5], torch.float32, id="mixed"),
        pytest.param([True], torch.bool, id="bools"),
        pytest.param([], torch.float32, id="empty"),
        pytest.param(np.ones(2), torch.float32, id="float64-array"),
        pytest.param(np.ones(2, "int64"), torch.int32, id="int64-array"),
        pytest.param(np.ones(2, "float16"), torch.float16, id="float16-array"),
        pytest.param(np.ones(2, "int8"), torch.int8, id="int8-array"),
        pytest.param(np.ones(2, "uint8"), torch.uint8, id="uint8-array"),
        pytest.param(np.ones(2, "int16"), torch.int16, id="int16-array"),
        pytest.param(torch.ones(2, dtype=torch.float64), torch.float32, id="float64-tensor"),
        pytest.param(torch.ones(2, dtype=torch.int64), torch.int32, id="int64-tensor"),
        # not in MegEngine
        pytest.param(torch.ones(2, dtype=torch.bfloat16), torch.bfloat16, id="bfloat16-tensor"),
        pytest.param(np.ones(2, "complex64"), torch.complex64, id="complex-array"),
        pytest.param(np.ones(2, ">f4"), torch.float32, id="big-endian-array"),
    ],
)
def test_dtype_follows_the_data_but_no_wider_than_megengine_has(data: Any, dtype: torch.dtype) -> None:
    assert mge.tensor(data).dtype == dtype


@pytest.mark.parametrize("dtype", ["float16", np.float16, np.dtype("float16"), torch.float16, "torch.float16"])
def test_dtype_can_be_named_in_each_way(dtype: Any) -> None:
    assert mge.tensor([1], dtype).dtype == torch.float16
    assert mge.tensor([1]).astype(dtype).dtype == torch.float16


@pytest.mark.parametrize("dtype", ["float64", "int64"])
def test_wide_dtypes_are_had_by_asking_for_them(dtype: str) -> None:
    assert mge.tensor([2], dtype=dtype).numpy().dtype == np.dtype(dtype)


@pytest.mark.parametrize("dtype", ["float31", "ones", object, 3, "U3"])
def test_dtype_that_there_is_not_is_a_runtime_error(dtype: Any) -> None:
    with pytest.raises(RuntimeError, match="unsupported numpy dtype"):
        mge.tensor([1], dtype=dtype)


@pytest.mark.parametrize("data", ["x", None, np.ones(1, "uint64"), np.ones(1, "uint32"), [object()]])
def test_data_of_no_dtype_is_a_runtime_error(data: Any) -> None:
    # the release makes an empty tensor of None
    with pytest.raises(RuntimeError, match="unsupported numpy dtype"):
        mge.tensor(data)


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1])
def test_integer_that_int32_cannot_hold_is_refused(value: int) -> None:
    # the release wraps round: 2**40 becomes 0
    with pytest.raises(ValueError, match="does not fit int32"):
        mge.tensor([value])
    assert mge.tensor([value], dtype="int64").item() == value


@pytest.mark.parametrize(
    "data",
    [np.ones(3, "float32"), torch.ones(3), mge.Tensor([1.0, 1.0, 1.0]), mge.Parameter([1.0, 1.0, 1.0])],
    ids=["array", "torch", "tensor", "parameter"],
)
def test_tensor_is_a_leaf_of_its_own_memory(data: Any) -> None:
    made = mge.tensor(data)
    made[0] = 5
    assert np.asarray(data.detach() if isinstance(data, torch.Tensor) else data).tolist() == [1, 1, 1]
    assert type(made) is mge.Tensor
    assert made.is_leaf
    assert not made.requires_grad


def test_read_only_and_reversed_arrays_are_taken() -> None:
    array = np.arange(3, dtype="float32")[::-1]
    array.setflags(write=False)
    assert mge.tensor(array).tolist() == [2, 1, 0]


def test_zero_dimensional_array_stays_zero_dimensional() -> None:
    assert mge.tensor(np.float32(3)).shape == ()


def test_torch_tensor_that_requires_grad_is_refused_as_by_megengine() -> None:
    with pytest.raises(RuntimeError, match="Can't call numpy\\(\\) on Tensor that requires grad"):
        mge.tensor(torch.ones(1, requires_grad=True))


@pytest.mark.parametrize("arguments", [{"is_const": True}, {"format": "nhwc"}])
def test_argument_without_a_meaning_here_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedError, match="legal are is_const=False and format='default'"):
        mge.tensor([1], **arguments)


def test_no_cache_changes_nothing() -> None:
    assert torch.equal(mge.tensor([1.0], no_cache=True), mge.tensor([1.0]))


def test_device_is_torchs_default_or_the_one_asked_for() -> None:
    with torch.device("meta"):
        assert mge.tensor([1]).device.type == "meta"
        assert mge.tensor([1], device="cpu0").device.type == "cpu"
    assert mge.tensor([1]).to("cpu0").device.type == "cpu"
    assert mge.tensor([1]).to(device="xpux", dtype=torch.int8).dtype == torch.int8


def test_to_with_a_dtype_name_is_a_value_error() -> None:
    # measured: ValueError "invalid device name float32. ..."
    with pytest.raises(ValueError, match="invalid device name"):
        mge.tensor([1]).to("float32")


def test_name_is_kept_and_can_change() -> None:
    named = mge.tensor([1], name="first")
    assert (named.name, mge.tensor([1]).name, mge.Parameter([1.0], name="w").name) == ("first", "", "w")
    named.name = "second"
    assert named.name == "second"


def test_shape_is_a_plain_tuple() -> None:
    assert type(mge.tensor([[1, 2, 3]]).shape) is tuple
    assert mge.tensor([[1, 2, 3]]).shape == (1, 3)


def test_size_is_an_int_that_torchs_code_can_call() -> None:
    made = mge.tensor([[1, 2, 3]])
    assert (made.size, made.size + 1, made.ndim) == (3, 4, 2)
    assert (made.size(), made.size(1), made.size(dim=-1)) == (torch.Size([1, 3]), 3, 3)  # type: ignore[operator]


def test_numpy_is_a_read_only_snapshot() -> None:
    # measured: flags.writeable is False, and later updates do not show
    made = mge.tensor([1.0])
    array = made.numpy()
    made.add_(1)
    assert array.tolist() == [1.0]
    assert not array.flags.writeable


def test_numpy_reads_a_tensor_that_records_gradients() -> None:
    product = mge.Parameter([2.0]) * 3
    assert product.requires_grad
    assert product.numpy().tolist() == [6.0]
    assert np.asarray(product, dtype="float64").dtype == np.float64


@pytest.mark.parametrize(
    ("operation", "gradient"),
    [
        pytest.param(lambda x, a: x + a, [1.0, 1.0], id="add"),
        pytest.param(lambda x, a: a + x, [1.0, 1.0], id="array-first"),
        pytest.param(lambda x, a: a - x, [-1.0, -1.0], id="subtract"),
        pytest.param(lambda x, a: a * x, [3.0, 4.0], id="multiply"),
        pytest.param(lambda x, a: np.float32(2) * x, [2.0, 2.0], id="numpy-scalar"),
    ],
)
def test_arithmetic_with_arrays_records_gradients(operation: Any, gradient: list[float]) -> None:
    weight = mge.Parameter([1.0, 2.0])
    result = operation(weight, np.array([3.0, 4.0], "float32"))
    (found,) = torch.autograd.grad(result.sum(), weight)
    assert type(result) is mge.Tensor
    assert (result.dtype, found.tolist()) == (torch.float32, gradient)


def test_comparison_with_an_array_is_elementwise() -> None:
    assert (np.array([1.0, 3.0], "float32") == mge.tensor([1.0, 2.0])).tolist() == [True, False]


def test_other_functions_of_numpy_get_the_values() -> None:
    given = mge.Parameter([1.0, 4.0])
    total = np.zeros(2, "float32")
    total += given
    assert np.sqrt(given).tolist() == [1.0, 2.0]
    assert total.tolist() == [1.0, 4.0]
    assert np.maximum.reduce(given) == 4


def test_array_without_a_copy_is_refused() -> None:
    with pytest.raises(ValueError, match="NumPy gets a copy"):
        mge.tensor([1.0]).__array__(copy=False)


def test_item_reads_one_element() -> None:
    # measured: 2.0; item(1) of [5, 6] is 6.0
    assert (mge.tensor([2.0]).item(), mge.tensor([5.0, 6.0]).item(1), mge.tensor([[1, 2]]).item(0, -1)) == (2.0, 6.0, 2)


@pytest.mark.parametrize("error", [AssertionError, RuntimeError, ValueError])
def test_item_of_several_elements_is_an_assertion_error(error: type[Exception]) -> None:
    with pytest.raises(error, match="item\\(\\) needs one element; there are 2"):
        mge.tensor([1, 2]).item()


def test_gradients_go_through_astype() -> None:
    weight = mge.Parameter([2.0])
    (gradient,) = torch.autograd.grad((weight.astype("float64") * 3).sum(), weight)
    assert (gradient.dtype, gradient.tolist()) == (torch.float32, [3.0])


@pytest.mark.parametrize(
    ("axes", "shape"),
    [
        # measured in MegEngine 1.13.0
        pytest.param((2, 0, 1), (4, 2, 3), id="permutation"),
        pytest.param((), (4, 3, 2), id="reversed"),
        pytest.param(((2, 0, 1),), (4, 2, 3), id="tuple"),
    ],
)
def test_transpose_permutes_all_axes(axes: tuple[Any, ...], shape: tuple[int, ...]) -> None:
    assert mge.tensor(np.ones((2, 3, 4))).transpose(*axes).shape == shape


def test_t_reverses_the_axes() -> None:
    assert mge.tensor(np.ones((2, 3, 4))).T.shape == (4, 3, 2)


@pytest.mark.parametrize("arguments", [(3, 1), ((3, 1),), (-1, 1)])
def test_reshape_takes_sizes_and_tuples(arguments: Any) -> None:
    assert mge.tensor([1, 2, 3]).reshape(*arguments).shape == (3, 1)


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(lambda x: x + 1, id="add"),
        pytest.param(lambda x: 2 * x, id="multiply"),
        pytest.param(lambda x: x[0], id="index"),
        pytest.param(lambda x: x.detach(), id="detach"),
        pytest.param(lambda x: x.sum(axis=0, keepdims=True), id="sum"),
        pytest.param(torch.relu, id="torch-function"),
        pytest.param(lambda x: x.max(axis=0), id="max"),
        pytest.param(lambda x: torch.split(x, 1)[0], id="tuple"),
    ],
)
@pytest.mark.parametrize("kind", [mge.Tensor, mge.Parameter])
def test_operations_give_a_tensor(kind: Any, operation: Any) -> None:
    assert type(operation(kind([[1.0, 2.0]]))) is mge.Tensor


@pytest.mark.parametrize(
    "data", [pytest.param([1.0], id="list"), pytest.param(np.ones(1), id="array"), pytest.param(1, id="int")]
)
def test_parameter_is_made_of_anything_floating(data: Any) -> None:
    made = mge.Parameter(data, dtype="float32")
    assert isinstance(made, mge.Tensor)
    assert isinstance(made, torch.nn.Parameter)
    assert made.requires_grad


def test_parameter_takes_requires_grad_where_torch_puts_it() -> None:
    assert not mge.Parameter(torch.ones(1), False).requires_grad
    assert not mge.Parameter([1.0], requires_grad=False).requires_grad


def test_parameter_shares_the_torch_tensor_it_is_made_of() -> None:
    data = torch.ones(1)
    assert mge.Parameter(data).data_ptr() == data.data_ptr()


def test_parameter_without_data_is_empty() -> None:
    assert mge.Parameter().numel() == 0


@pytest.mark.parametrize("kind", [mge.Tensor, mge.Parameter])
@pytest.mark.parametrize(
    "again",
    [pytest.param(copy.deepcopy, id="deepcopy"), pytest.param(lambda x: pickle.loads(pickle.dumps(x)), id="pickle")],
)
def test_copies_keep_class_values_and_name(kind: Any, again: Any) -> None:
    made = kind([1.0, 2.0], name="w")
    other = again(made)
    assert (type(other), other.name, other.requires_grad) == (kind, "w", made.requires_grad)
    assert torch.equal(other, made)
    assert other.data_ptr() != made.data_ptr()


@pytest.mark.parametrize("kind", [mge.Tensor, mge.Parameter])
def test_torch_load_takes_them_with_weights_only(kind: Any) -> None:
    file = io.BytesIO()
    torch.save(kind([1.0]), file)
    file.seek(0)
    assert type(torch.load(file, weights_only=True)) is kind


@traces_parameters
def test_shape_size_and_operators_compile_in_one_graph() -> None:
    def flat(x: Any) -> Any:
        return x.reshape(x.shape[0], -1).transpose(1, 0) * x.size

    given = mge.tensor(np.ones((2, 3, 4)))
    assert torch.equal(torch.compile(flat, backend="eager", fullgraph=True)(given), flat(given))


def test_text_is_torchs_with_the_class_name() -> None:
    assert repr(mge.tensor([1.0, 2.0])) == "Tensor([1., 2.])"
