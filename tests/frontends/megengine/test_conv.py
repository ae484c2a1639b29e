"""`megengine.module.ConvTranspose3d`: constructor, attributes, initial values, forward, and life as a torch module."""

from __future__ import annotations

import copy
import inspect
import io
import math
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from tests.operands import integers
from tests.versions import traces_parameters

import fourfold.frontends.megengine.functional as F
from fourfold.frontends import megengine
from fourfold.frontends.megengine import module

# Chance that a right initialiser fails a distribution test; the seeds are fixed, so a run does not vary.
SIGNIFICANCE = 1e-4


def layer(**arguments: Any) -> module.ConvTranspose3d:
    """A grouped layer with small integers as parameters."""
    made = module.ConvTranspose3d(4, 6, 3, **{"stride": 2, "padding": 1, "output_padding": 1, "groups": 2, **arguments})
    made.load_state_dict({key: integers(value.shape, 1).numpy() for key, value in made.state_dict().items()})
    return made


def volume(batch: int = 2) -> torch.Tensor:
    return integers((batch, 4, 3, 3, 3), 0)


def test_constructor_takes_the_arguments_of_megengine_in_its_order() -> None:
    # measured: inspect.signature(megengine.module.ConvTranspose3d.__init__) of 1.13.0
    parameters = inspect.signature(module.ConvTranspose3d).parameters
    order = "in_channels out_channels kernel_size stride padding output_padding dilation groups bias"
    assert list(parameters) == order.split()
    assert [parameter.default for parameter in parameters.values()][3:] == [1, 0, 0, 1, 1, True]


def test_forward_takes_inp_alone() -> None:
    assert list(inspect.signature(module.ConvTranspose3d.forward).parameters) == ["self", "inp"]
    assert layer()(inp=volume()).shape == (2, 6, 6, 6, 6)


def test_both_paths_name_one_class() -> None:
    assert megengine.module.conv.ConvTranspose3d is megengine.module.ConvTranspose3d


@pytest.mark.parametrize("name", ["name", "conv_mode", "device", "dtype"])
def test_keyword_that_megengine_lacks_is_a_type_error(name: str) -> None:
    with pytest.raises(TypeError, match="unexpected keyword"):
        module.ConvTranspose3d(4, 6, 3, **{name: None})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("positional", "attribute", "value"),
    [
        pytest.param((2,), "stride", (2, 2, 2), id="stride"),
        pytest.param((1, 2), "padding", (2, 2, 2), id="padding"),
        pytest.param((3, 0, (1, 2, 0)), "output_padding", (1, 2, 0), id="output_padding"),
        pytest.param((1, 0, 0, 2), "dilation", (2, 2, 2), id="dilation"),
        pytest.param((1, 0, 0, 1, 2), "groups", 2, id="groups"),
        pytest.param((1, 0, 0, 1, 1, False), "bias", None, id="bias"),
    ],
)
def test_positional_arguments_reach_their_attribute(positional: tuple[Any, ...], attribute: str, value: Any) -> None:
    assert getattr(module.ConvTranspose3d(4, 6, 3, *positional), attribute) == value


def test_attributes_are_those_of_the_release() -> None:
    # measured: tuples of three ints, but output_padding as given, name None
    made = module.ConvTranspose3d(4, 6, [3, 5, 2], np.int64(2), 1, 1, groups=2)
    assert (made.in_channels, made.out_channels, made.groups) == (4, 6, 2)
    assert (made.kernel_size, made.stride, made.padding, made.dilation) == ((3, 5, 2), (2, 2, 2), (1, 1, 1), (1, 1, 1))
    assert {type(value) for value in (*made.kernel_size, *made.stride)} == {int}
    assert made.output_padding == 1
    assert made.name is None
    assert made.training


@pytest.mark.parametrize(
    ("arguments", "weight"),
    [
        pytest.param({}, (4, 6, 3, 5, 2), id="dense"),
        pytest.param({"groups": 2}, (2, 2, 3, 3, 5, 2), id="two-groups"),
        pytest.param({"groups": 1}, (4, 6, 3, 5, 2), id="one-group"),
    ],
)
def test_parameters_have_megengines_shapes_and_are_float32(arguments: dict[str, Any], weight: tuple[int, ...]) -> None:
    made = module.ConvTranspose3d(4, 6, (3, 5, 2), **arguments)
    assert made.bias is not None
    assert (made.weight.shape, made.bias.shape) == (weight, (1, 6, 1, 1, 1))
    assert (made.weight.dtype, made.bias.dtype) == (torch.float32, torch.float32)
    assert isinstance(made.weight, megengine.Parameter)


@pytest.mark.parametrize("bias", [False, None, 0, np.bool_(False)])
def test_layer_without_bias_has_neither_attribute_nor_key(bias: Any) -> None:
    made = module.ConvTranspose3d(4, 6, 3, bias=bias)
    assert made.bias is None
    assert list(made.state_dict()) == ["weight"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        # measured: repr() in MegEngine 1.13.0
        pytest.param({}, "ConvTranspose3d(4, 6, kernel_size=(3, 3, 3))", id="defaults"),
        pytest.param(
            {"stride": 2, "padding": 1, "dilation": 2, "groups": 2, "bias": False},
            "ConvTranspose3d(4, 6, kernel_size=(3, 3, 3), stride=(2, 2, 2), padding=(1, 1, 1), dilation=(2, 2, 2), "
            "groups=2, bias=False)",
            id="everything",
        ),
        pytest.param(
            {"stride": 2, "output_padding": 1},
            "ConvTranspose3d(4, 6, kernel_size=(3, 3, 3), stride=(2, 2, 2))",
            id="output-padding-is-never-shown",
        ),
    ],
)
def test_repr_is_megengines(arguments: dict[str, Any], text: str) -> None:
    assert repr(module.ConvTranspose3d(4, 6, 3, **arguments)) == text


@pytest.mark.parametrize("groups", [1, 4])
def test_weight_is_normal_with_a_variance_of_one_over_undivided_fan_in(groups: int) -> None:
    torch.manual_seed(0)
    made = module.ConvTranspose3d(64, 32, (3, 2, 4), groups=groups)
    deviation = math.sqrt(1 / (64 * 3 * 2 * 4))  # in_channels is not divided by groups
    assert stats.kstest(made.weight.numpy().ravel(), stats.norm(0, deviation).cdf).pvalue > SIGNIFICANCE


@pytest.mark.parametrize("wrong", [64 * 24 / 4, 32 * 24], ids=["divided-by-groups", "out-channels"])
def test_the_distribution_test_tells_other_variances_apart(wrong: float) -> None:
    torch.manual_seed(0)
    made = module.ConvTranspose3d(64, 32, (3, 2, 4), groups=4)
    deviation = math.sqrt(1 / wrong)
    assert stats.kstest(made.weight.numpy().ravel(), stats.norm(0, deviation).cdf).pvalue < SIGNIFICANCE


def test_bias_starts_at_zero() -> None:
    assert not module.ConvTranspose3d(4, 6, 3).state_dict()["bias"].any()


def test_reset_parameters_draws_anew_and_clears_the_bias() -> None:
    made = layer()
    before = made.state_dict()
    made.reset_parameters()
    assert not np.array_equal(made.state_dict()["weight"], before["weight"])
    assert not made.state_dict()["bias"].any()


@pytest.mark.parametrize(
    ("positional", "error", "match"),
    [
        # error classes and the words in them as measured in MegEngine 1.13.0, where not noted otherwise
        pytest.param((4, 6, (3, 3)), AssertionError, r"tuple len is not equal to n: \(3, 3\)", id="two-taps"),
        pytest.param((4, 6, 0), AssertionError, r"invalid value: \(0, 0, 0\)", id="kernel-0"),
        pytest.param((4, 6, 3, 0), AssertionError, r"invalid value: \(0, 0, 0\)", id="stride-0"),
        pytest.param((4, 6, 3, 1, -1), AssertionError, r"invalid value: \(-1, -1, -1\)", id="padding-negative"),
        pytest.param((4, 6, 3, 1, 0, 0, 0), AssertionError, r"invalid value: \(0, 0, 0\)", id="dilation-0"),
        pytest.param((4, 6, 3, 1, 0, 0, 1, 3), ValueError, "in_channels must be divisible by groups", id="in"),
        pytest.param((4, 5, 3, 1, 0, 0, 1, 2), ValueError, "out_channels must be divisible by groups", id="out"),
        pytest.param((4, 6, 3, 1, 0, 0, 1, 0), ZeroDivisionError, "integer division or modulo by zero", id="groups-0"),
        pytest.param((0, 6, 3), ZeroDivisionError, "in_channels=0: .*division", id="no-inputs"),
        pytest.param((-4, 6, 3), ValueError, "in_channels=-4 is not legal", id="negative-inputs"),
        pytest.param((4, 6, 3, 1, 0, 0, 1, -2), ValueError, "groups=-2 is not legal", id="negative-groups"),
        pytest.param((4, 6, None), TypeError, "kernel_size=None", id="no-kernel"),
        pytest.param((4.0, 6, 3), TypeError, "in_channels=4.0 is a float", id="float-channels"),
        pytest.param((4, 6, 3, 1, 0, 0, 1, 2.0), TypeError, "groups=2.0 is a float", id="float-groups"),
        # at forward in the release
        pytest.param((4, 0, 3), RuntimeError, "out_channels=0 is not legal", id="no-outputs"),
        pytest.param((4, 6, 3, 1, 0, 1), AssertionError, r"less than stride\[0\]", id="output-padding-at-stride"),
        pytest.param((4, 6, 3, 2, 0, 2, 3), AssertionError, r"less than stride\[0\]", id="below-dilation"),
        pytest.param((4, 6, 3, 2, 0, -1), RuntimeError, "should be 0 or above", id="output-padding-negative"),
        pytest.param((4, 6, 3, 2, 0, (1, 1)), AssertionError, "tuple len is not equal to n", id="two-output-paddings"),
        # taken by the release
        pytest.param((4, 6, 3.7), TypeError, "kernel_size=3.7 is not a whole number", id="fraction"),
        pytest.param((4, 6, True), TypeError, "kernel_size=True is a bool", id="bool"),
        pytest.param((4, 6, "333"), TypeError, "kernel_size='333' is a str", id="str"),
        pytest.param((4, 6, 3, 1, 0, 0, 1, 1, "x"), TypeError, "bias='x' is a str", id="bias"),
    ],
)
def test_illegal_argument_raises_the_class_of_the_release(
    positional: tuple[Any, ...], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        module.ConvTranspose3d(*positional)


@pytest.mark.parametrize("kernel", [3.0, [3, 3, 3], np.array([3, 3, 3]), np.int64(3), (3.0, 3, np.float32(3))])
def test_other_spellings_of_three_are_taken(kernel: Any) -> None:
    assert module.ConvTranspose3d(4, 6, kernel).kernel_size == (3, 3, 3)


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("batched", [True, False], ids=["batched", "unbatched"])
def test_output_and_gradients_are_torchs_bit_for_bit(groups: int, batched: bool) -> None:
    made = layer(groups=groups)
    twin = torch.nn.ConvTranspose3d(4, 6, 3, 2, 1, 1, groups)
    state = {key: torch.from_numpy(value.copy()) for key, value in made.state_dict().items()}
    twin.load_state_dict({"weight": state["weight"].reshape(twin.weight.shape), "bias": state["bias"].reshape(6)})
    inputs = [(volume() if batched else volume()[0]).requires_grad_() for _ in range(2)]
    outputs = [made(inputs[0]), twin(inputs[1])]
    upstream = integers(tuple(outputs[1].shape), 5)
    outputs[0].backward(upstream)
    outputs[1].backward(upstream)
    assert torch.equal(outputs[0], outputs[1])
    assert torch.equal(inputs[0].grad, inputs[1].grad)  # type: ignore[arg-type]
    assert torch.equal(made.weight.grad.reshape(twin.weight.shape), twin.weight.grad)  # type: ignore[union-attr, arg-type]
    assert torch.equal(made.bias.grad.reshape(6), twin.bias.grad)  # type: ignore[union-attr, arg-type]


@pytest.mark.parametrize(
    ("attribute", "value", "arguments"),
    [
        pytest.param("stride", (3, 3, 3), {"stride": 3}, id="stride"),
        pytest.param("padding", (0, 1, 0), {"padding": (0, 1, 0)}, id="padding"),
        pytest.param("output_padding", 0, {"output_padding": 0}, id="output_padding"),
        pytest.param("dilation", [2, 1, 2], {"dilation": (2, 1, 2)}, id="dilation"),
    ],
)
def test_forward_follows_edited_attributes(attribute: str, value: Any, arguments: dict[str, Any]) -> None:
    edited = layer()
    setattr(edited, attribute, value)
    assert torch.equal(edited(volume()), layer(**arguments)(volume()))


def test_illegal_edit_is_refused_at_forward() -> None:
    edited = layer()
    edited.output_padding = 2
    with pytest.raises(AssertionError, match=r"less than stride\[0\]"):
        edited(volume())


def test_parameters_are_not_copied_on_the_way_to_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def spy(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, *rest: Any) -> torch.Tensor:
        seen.extend([weight.data_ptr(), bias.data_ptr()])
        return input

    monkeypatch.setattr("fourfold.frontends.megengine.functional.nn.run", spy)
    made = layer()
    made(volume())
    assert made.bias is not None
    assert seen == [made.weight.data_ptr(), made.bias.data_ptr()]


@pytest.mark.filterwarnings("ignore:Complex modules are a new feature")
@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16, torch.complex64])
def test_layer_converts_to_other_dtypes_and_stays_exact(dtype: torch.dtype) -> None:
    made = module.ConvTranspose3d(2, 1, 1, bias=False)
    torch.nn.init.ones_(made.weight)
    output = made.to(dtype)(torch.ones(1, 2, 2, 2, 2, dtype=dtype))
    assert torch.equal(output, torch.full((1, 1, 2, 2, 2), 2, dtype=dtype))
    assert isinstance(made.weight, megengine.Parameter)


def test_layer_is_built_in_float32_under_another_default_dtype() -> None:
    torch.set_default_dtype(torch.float64)
    try:
        made = module.ConvTranspose3d(2, 1, 1)
    finally:
        torch.set_default_dtype(torch.float32)
    assert {parameter.dtype for parameter in made.parameters()} == {torch.float32}


def test_pickled_and_deep_copied_layers_compute_the_same() -> None:
    made = layer()
    copies = [copy.deepcopy(made), pickle.loads(pickle.dumps(made))]
    assert all(torch.equal(other(volume()), made(volume())) for other in copies)
    assert {type(other.weight) for other in copies} == {megengine.Parameter}


def test_parameters_survive_torch_load_with_weights_only() -> None:
    made, file = layer(), io.BytesIO()
    torch.save(dict(made.named_parameters()), file)
    file.seek(0)
    loaded = torch.load(file, weights_only=True)
    assert {key: type(value) for key, value in loaded.items()} == dict.fromkeys(("bias", "weight"), megengine.Parameter)
    assert torch.equal(loaded["weight"], made.weight)


def test_optimizer_moves_the_parameters_in_place() -> None:
    made = layer()
    before, identity = made.state_dict(), made.weight
    made(volume()).sum().backward()
    torch.optim.SGD(made.parameters(), lr=1.0).step()
    assert made.weight is identity
    assert made.weight.grad is not None
    assert np.array_equal(made.weight.numpy(), before["weight"] - made.weight.grad.numpy())


def test_hooks_see_inputs_and_outputs() -> None:
    made, seen = layer(), []
    first = made.register_forward_pre_hook(lambda _, inputs: (inputs[0] * 2,))
    second = made.register_forward_hook(lambda _, inputs, output: seen.append((inputs[0], output)))
    doubled = made(volume())
    first.remove()
    second.remove()
    assert torch.equal(doubled, made(volume() * 2))
    assert torch.equal(seen[0][0], volume() * 2)
    assert len(seen) == 1


@traces_parameters
def test_plain_input_compiles_in_one_graph() -> None:
    made = layer()
    assert torch.equal(torch.compile(made, backend="aot_eager", fullgraph=True)(volume()), made(volume()))


@traces_parameters
def test_compiled_layer_trains() -> None:
    made, twin = layer(), layer()
    torch.compile(made, backend="aot_eager", fullgraph=True)(volume()).sum().backward()
    twin(volume()).sum().backward()
    assert torch.equal(made.weight.grad, twin.weight.grad)  # type: ignore[arg-type]


@traces_parameters
def test_megengine_input_compiles_in_one_graph() -> None:
    made, input = layer(), megengine.tensor(volume())
    output = torch.compile(made, backend="eager", fullgraph=True)(input)
    assert type(output) is megengine.Tensor
    assert torch.equal(output, made(input))


@traces_parameters
def test_exported_program_computes_the_same() -> None:
    made = layer()
    assert torch.equal(torch.export.export(made, (volume(),)).module()(volume()), made(volume()))


def test_functional_call_takes_other_parameters() -> None:
    made = layer()
    zeros = {name: torch.zeros_like(parameter) for name, parameter in made.named_parameters()}
    assert not torch.func.functional_call(made, zeros, (volume(),)).any()


def test_vmap_over_volumes_equals_a_batch() -> None:
    made = layer()
    assert torch.equal(torch.func.vmap(made)(volume()), made(volume()))


def test_functional_and_layer_are_one_operator() -> None:
    made = layer()
    assert torch.equal(made(volume()), F.conv_transpose3d(volume(), made.weight, made.bias, 2, 1, 1, 1, 2))
