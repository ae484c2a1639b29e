"""`paddle.Tensor` and `to_tensor`. "Measured" means: in paddlepaddle 3.3.1, CPU."""

from __future__ import annotations

import copy
import io
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from tests.versions import traces_parameters

from fourfold.frontends import paddle
from fourfold.frontends.paddle.tensor import Parameter, Tensor

# untyped: what operations return has habits that torch's stubs do not know
to_tensor: Any = paddle.to_tensor


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        pytest.param(1.0, "float32", id="float"),
        pytest.param([1, 2.5], "float32", id="mixed-list"),
        pytest.param(3, "int64", id="int"),
        pytest.param(True, "bool", id="bool"),
        pytest.param([1 + 2j], "complex64", id="complex"),
        pytest.param(np.zeros(2), "float64", id="float64-array"),
        pytest.param(np.zeros(2, "int32"), "int32", id="int32-array"),
        pytest.param(np.float64(2), "float64", id="numpy-scalar"),
        pytest.param([], "float32", id="empty"),
    ],
)
def test_dtype_is_the_one_measured(data: Any, dtype: str) -> None:
    tensor = to_tensor(data)
    assert tensor.dtype == getattr(paddle, dtype)
    assert np.array_equal(tensor.numpy(), np.asarray(data))


@pytest.mark.parametrize(("data", "dtype"), [(1.5, torch.float64), ([1j], torch.complex128)], ids=["float", "complex"])
def test_python_numbers_follow_the_default_dtype(data: Any, dtype: torch.dtype) -> None:
    paddle.set_default_dtype("float64")
    assert to_tensor(data).dtype == dtype


@pytest.mark.parametrize("dtype", ["float16", np.float16, torch.float16, np.dtype("float16"), "paddle.float16"])
def test_dtype_can_be_named_in_every_way(dtype: Any) -> None:
    assert to_tensor([1], dtype=dtype).dtype == torch.float16


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        pytest.param(("abc",), TypeError, "Can't constructs a 'paddle.Tensor' with data type <class 'str'>", id="str"),
        pytest.param((None,), TypeError, "<class 'NoneType'>", id="none"),
        pytest.param((["a"],), TypeError, "Can't constructs a 'paddle.Tensor'", id="list-of-str"),
        pytest.param(([[1], [1, 2]],), ValueError, "inhomogeneous", id="ragged"),
        pytest.param(([1], "foo"), TypeError, "dtype must be any of .* but received 'foo'", id="dtype"),
        pytest.param(([1], None, "foo"), ValueError, "Paddle supports CPUPlace, CUDAPlace", id="place"),
    ],
)
def test_other_data_is_refused(arguments: tuple[Any, ...], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        to_tensor(*arguments)


def test_to_tensor_of_a_tensor_copies_and_says_what_is_better() -> None:
    source = to_tensor([1.0])
    with pytest.warns(UserWarning, match="To copy construct from a tensor"):
        copied = to_tensor(source)
    copied.zero_()
    assert source.item() == 1.0


def test_to_tensor_stacks_tensors() -> None:
    assert to_tensor([to_tensor([1.0]), to_tensor([2.0])]).shape == [2, 1]


def test_numpy_data_is_copied() -> None:
    array = np.ones(1)
    tensor = to_tensor(array)
    array[:] = 5
    assert tensor.item() == 1.0


# measured
@pytest.mark.parametrize(
    ("data", "dtype", "text"),
    [
        pytest.param([1.0, 2.0], None, "shape=[2], dtype=float32, ...\n       [1., 2.])", id="whole"),
        pytest.param([1.5], "bfloat16", "shape=[1], dtype=bfloat16, ...\n       [1.50000000])", id="fraction"),
        pytest.param(3, None, "shape=[], dtype=int64, ...\n       3)", id="0-d"),
        pytest.param(
            [[1], [2]], "float64", "shape=[2, 1], dtype=float64, ...\n       [[1.],\n        [2.]])", id="2-d"
        ),
    ],
)
def test_repr_is_paddles(data: Any, dtype: str | None, text: str) -> None:
    expected = "Tensor(" + text.replace("...", "place=Place(cpu), stop_gradient=True,")
    assert repr(to_tensor(data, dtype=dtype)) == expected


def test_parameter_repr_has_a_heading() -> None:
    assert repr(Parameter(torch.ones(1))) == (
        "Parameter containing:\nTensor(shape=[1], dtype=float32, place=Place(cpu), stop_gradient=False,\n       [1.])"
    )


def test_format_of_a_number() -> None:
    assert f"{to_tensor(3.0):.2f}" == "3.00"


def test_shape_is_a_list_equal_to_tuples_and_torch_sizes() -> None:
    shape: Any = to_tensor(np.zeros((2, 3))).shape
    assert issubclass(type(shape), list)
    assert shape == [2, 3]
    assert shape == (2, 3)
    assert shape == torch.Size([2, 3])
    assert shape != (2, 4)
    assert repr(shape) == "paddle.Size([2, 3])"
    assert (shape.numel(), shape[:1], (1, *shape[1:])) == (6, [2], (1, 3))
    assert (1,) + shape == shape[:0] + (1, 2, 3)  # noqa: RUF005


def test_shape_is_unhashable_as_in_paddle() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(to_tensor([1]).shape)


def test_size_is_a_number_and_torchs_method() -> None:
    tensor = to_tensor(np.zeros((2, 3)))
    assert tensor.size == 6
    assert tensor.size() == (2, 3)
    assert tensor.size(-1) == 3


def test_item_takes_flat_and_full_indices() -> None:
    tensor = to_tensor([[1.0, 2.0], [3.0, 4.0]])
    assert (tensor.item(2), tensor.item(0, 1)) == (3.0, 2.0)
    with pytest.raises(ValueError, match="only one element tensors can be converted"):
        tensor.item()


def test_gradients_accumulate_and_clear() -> None:
    x = to_tensor([1.0, 2.0], stop_gradient=False)
    assert x.gradient() is None
    (x * 2).backward()  # not a scalar: starts from ones, as in Paddle
    (x * 3).backward(to_tensor([1.0, 10.0]))
    gradient = x.gradient()
    assert isinstance(gradient, np.ndarray)
    assert gradient.tolist() == [5.0, 32.0]
    x.clear_gradient()
    assert x.grad is not None
    assert x.grad.tolist() == [0.0, 0.0]
    x.clear_grad(set_to_zero=False)
    assert x.grad is None


def test_gradient_is_a_paddle_tensor_and_stays_one_object() -> None:
    x = to_tensor([1.0], stop_gradient=False)
    x.backward()
    assert type(x.grad) is Tensor
    assert x.grad is x.grad


def test_backward_twice_needs_retain_graph() -> None:
    x = to_tensor([1.0], stop_gradient=False)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.gradient() == np.array([4.0])
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_stop_gradient_on_a_result_cuts_it_off() -> None:
    # measured: the gradient of a * 2, cut, times 3, plus a is 1
    a = to_tensor([1.0], stop_gradient=False)
    b = a * 2
    b.stop_gradient = True
    (b * 3 + a).backward()
    assert a.gradient() == np.array([1.0])


def test_stop_gradient_on_a_result_in_use_says_what_to_do() -> None:
    b = to_tensor([1.0], stop_gradient=False) * 2
    _square = b * b
    with pytest.raises(RuntimeError, match=r"another operation has used already; .*detach"):
        b.stop_gradient = True


def test_stop_gradient_mirrors_requires_grad() -> None:
    x = to_tensor([1.0])
    assert x.stop_gradient
    x.stop_gradient = False
    assert x.requires_grad
    assert not (x + 1).stop_gradient
    with paddle.no_grad():
        assert (x + 1).stop_gradient


def test_integers_say_that_they_take_gradients_and_get_none() -> None:
    x = to_tensor([1], stop_gradient=False)
    assert (x.stop_gradient, x.requires_grad) == (False, False)


@pytest.mark.parametrize("method", ["astype", "cast"])
def test_astype_casts_and_keeps_the_graph(method: str) -> None:
    x = to_tensor([1.5], stop_gradient=False)
    y = getattr(x, method)("float64")
    assert (type(y), y.dtype) == (Tensor, torch.float64)
    y.backward()
    assert x.gradient() == np.array([1.0])


def test_numpy_of_bfloat16_is_its_bits() -> None:
    # measured: 1.5 is 16320
    array = to_tensor([1.5], dtype="bfloat16").numpy()
    assert (array.dtype, array.tolist()) == (np.uint16, [16320])


def test_set_value_wants_shape_and_dtype() -> None:
    x = to_tensor([1.0, 2.0])
    x.set_value(np.array([3.0, 4.0], "float32"))
    assert x.tolist() == [3.0, 4.0]
    with pytest.raises(AssertionError, match="Variable Shape not match"):
        x.set_value(np.zeros(3, "float32"))
    with pytest.raises(AssertionError, match="Variable dtype not match"):
        x.set_value(np.zeros(2))
    with pytest.raises(AssertionError, match="arguments type only support Tensor, numpy"):
        x.set_value([1.0, 2.0])


def test_names_are_made_up_once_and_settable() -> None:
    x = to_tensor([1.0])
    assert x.name == x.name == "generated_tensor_0"
    x.name = "foo"
    assert x.name == "foo"


def test_place_is_the_device() -> None:
    place = to_tensor([1.0], place="cpu").place
    assert (repr(place), place.is_cpu_place()) == ("Place(cpu)", True)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"])
def test_copies_keep_class_values_and_stop_gradient(copied: Any) -> None:
    twin = copied(to_tensor([1.0, 2.0], stop_gradient=False))
    assert (type(twin), twin.tolist(), twin.stop_gradient) == (Tensor, [1.0, 2.0], False)


def test_saved_tensor_loads_with_weights_only() -> None:
    file = io.BytesIO()
    torch.save(to_tensor([1.0]), file)
    file.seek(0)
    assert type(torch.load(file, weights_only=True)) is Tensor


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(lambda x: x + 1, id="add"),
        pytest.param(lambda x: 2 * x, id="rmul"),
        pytest.param(lambda x: x[0], id="index"),
        pytest.param(lambda x: torch.cat([x, x]), id="cat"),
        pytest.param(lambda x: torch.max(x, 0).values, id="max"),
        pytest.param(torch.nn.Linear(2, 1), id="linear"),
    ],
)
def test_operations_keep_the_class(operation: Any) -> None:
    assert type(operation(to_tensor([[1.0, 2.0]]))) is Tensor


@traces_parameters
def test_habits_work_inside_compiled_code() -> None:
    def double(x: Any) -> Any:
        return x.reshape([x.shape[1], -1]).astype("float64") * x.size

    x = to_tensor([[1.0, 2.0]])
    output = torch.compile(double, fullgraph=True, backend="eager")(x)
    assert (type(output), output.tolist()) == (Tensor, [[2.0], [4.0]])


def test_trainable_and_stop_gradient_are_one() -> None:
    parameter = Parameter(torch.ones(1))
    assert (parameter.trainable, parameter.persistable, parameter.is_leaf) == (True, True, True)
    parameter.stop_gradient = True
    assert not parameter.trainable
    parameter.trainable = True
    assert not parameter.stop_gradient
    with pytest.raises(ValueError, match="The type of trainable MUST be bool"):
        parameter.trainable = 1  # type: ignore[assignment]


def test_operations_on_a_parameter_give_tensors() -> None:
    assert type(Parameter(torch.ones(1)) * 2) is Tensor


OPTIMIZERS = [
    torch.optim.SGD,
    torch.optim.Adam,
    torch.optim.AdamW,
    torch.optim.Adagrad,
    torch.optim.Adadelta,
    torch.optim.RMSprop,
    torch.optim.NAdam,
    torch.optim.Adamax,
    torch.optim.LBFGS,
]


@pytest.mark.parametrize("kind", OPTIMIZERS, ids=lambda kind: kind.__name__)
def test_torch_s_optimizers_do_the_same_on_paddle_s_parameters(kind: Any) -> None:
    ours, theirs = Parameter(torch.tensor([1.0, -2.0])), torch.nn.Parameter(torch.tensor([1.0, -2.0]))
    for parameter in (ours, theirs):
        optimizer = kind([parameter], lr=0.1)
        for _ in range(3):

            def loss(parameter: Any = parameter, optimizer: Any = optimizer) -> Any:
                optimizer.zero_grad()
                value = torch.sum(parameter * parameter)
                torch.autograd.backward([value])
                return value

            optimizer.step(loss)
    assert ours.tolist() == theirs.tolist()


def test_torch_clips_gradients_of_paddle_s_parameters() -> None:
    parameter = Parameter(torch.tensor([3.0, 4.0]))
    (parameter * parameter).sum().backward()  # type: ignore[no-untyped-call]
    assert float(torch.nn.utils.clip_grad_norm_([parameter], 1.0)) == 10.0


@pytest.mark.parametrize("name", ["resize_", "to_sparse_csr", "top_p_sampling"])
def test_a_method_of_paddle_that_is_not_served_says_so(name: str) -> None:
    with pytest.raises(AttributeError, match=rf"paddle\.Tensor\.{name} is not served by fourfold"):
        getattr(to_tensor([1.0]), name)


@traces_parameters
@pytest.mark.parametrize(
    "function",
    [
        pytest.param(lambda x, y: x[:, ::-1] + y[0], id="negative-step"),
        pytest.param(lambda x, y: x.max(axis=1).unsqueeze([0, 2]) * 2 ** y.sum(), id="methods"),
        pytest.param(lambda x, y: x.split(2, 1)[0] // 2 + x % 2, id="split"),
        pytest.param(lambda x, y: paddle.where((x > 0) & (y < 1), x, y), id="comparisons"),
    ],
)
def test_operators_and_methods_mean_the_same_in_compiled_code(function: Any) -> None:
    x, y = to_tensor([[1.0, -2.0], [3.0, 0.5]]), to_tensor([[0.5, 1.0], [-1.0, 2.0]])
    compiled: Any = torch.compile(function, fullgraph=True, backend="eager")
    assert compiled(x, y).tolist() == function(x, y).tolist()


@traces_parameters
def test_an_operator_that_assigns_makes_a_new_tensor_in_compiled_code_too() -> None:
    def residual(x: Any) -> Any:
        skip = x * 1
        y = skip
        y += 1
        y[0] = 5.0
        return skip, y

    skip, y = torch.compile(residual, fullgraph=True, backend="eager")(to_tensor([1.0, 2.0]))
    assert (skip.tolist(), y.tolist()) == ([1.0, 2.0], [5.0, 3.0])


def test_places_are_classes() -> None:
    assert isinstance(paddle.CPUPlace(), paddle.CPUPlace)
    assert paddle.CPUPlace() == to_tensor([1.0]).place
    assert paddle.CPUPlace() != paddle.CUDAPlace(0)
