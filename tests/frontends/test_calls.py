"""What a front end says of a call that cannot be: something else than a tensor, another's word, no size."""

from __future__ import annotations

import contextlib
import inspect
import types
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from fourfold.frontends import megengine, oneflow, paddle
from fourfold.frontends.calls import explained
from fourfold.frontends.paddle import fluid, fluid_1_8
from fourfold.frontends.torch import nn

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMESPACES: dict[str, tuple[types.ModuleType, ...]] = {
    "paddle": (paddle, paddle.nn.functional),
    "fluid": (fluid.layers,),
    "megengine": (megengine.functional, megengine.functional.nn, megengine.functional.loss),
    "oneflow": (oneflow, oneflow.nn.functional),
    "torch": (nn.functional,),
}
VOLUME = torch.ones(1, 4, 3, 3, 3)
ITSELF: list[Any] = []
ITSELF.append(ITSELF)
NO_TENSORS: dict[str, Any] = {
    "number": 3,
    "text": "a",
    "None": None,
    "array": np.ones((1, 4, 3, 3, 3), "float32"),
    "list-of-itself": ITSELF,
}
# what a call needs besides tensors
OTHERS = {"shape": [1], "axis": 0, "perm": [0, 1, 2, 3, 4], "normalized_shape": [3]}


def takes_tensors(parameter: inspect.Parameter) -> bool:
    return "Tensor" in str(parameter.annotation) and "Callable" not in str(parameter.annotation)


def functions() -> Iterator[Any]:
    """One entry per parameter that takes a tensor, of every public function that says what it takes."""
    seen = set()
    for framework, modules in NAMESPACES.items():
        for module in modules:
            for name in module.__all__:
                function = getattr(module, name)
                if isinstance(function, types.FunctionType) and function not in seen:
                    seen.add(function)
                    parameters = inspect.signature(function).parameters.values()
                    for parameter in filter(takes_tensors, parameters):
                        yield pytest.param(function, parameter, id=f"{framework}-{name}-{parameter.name}")


def operand(parameter: inspect.Parameter) -> Any:
    if not takes_tensors(parameter):
        return OTHERS.get(parameter.name, 1)
    kind = str(parameter.annotation)
    return [VOLUME, VOLUME] if "Sequence[" in kind or "list[" in kind.lower() else VOLUME


# what torch's own tensors say of arithmetic with arrays
@pytest.mark.filterwarnings("ignore:__array_wrap__ must accept:DeprecationWarning")
@pytest.mark.parametrize("value", NO_TENSORS)
@pytest.mark.parametrize(("function", "parameter"), [*functions()])
def test_something_else_than_a_tensor_is_no_error_from_inside(
    function: Any, parameter: inspect.Parameter, value: str
) -> None:
    given = {
        each.name: operand(each)
        for each in inspect.signature(function).parameters.values()
        if each.default is each.empty and each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    }
    with contextlib.suppress(ValueError, RuntimeError):  # or it works: some take a number or an array for a tensor
        function(**{**given, parameter.name: NO_TENSORS[value]})


LAYERS: dict[str, tuple[Any, ...]] = {
    "paddle-batch-norm": (paddle.nn.BatchNorm3D, 4),
    "paddle-softmax": (paddle.nn.Softmax,),
    "paddle-pool": (paddle.nn.MaxPool3D, 2),
    "paddle-transposed": (paddle.nn.Conv3DTranspose, 4, 4, 1),
    "fluid-batch-norm": (fluid.dygraph.BatchNorm, 4),
    "megengine-batch-norm": (megengine.module.BatchNorm2d, 4),
    "megengine-pool": (megengine.module.AvgPool2d, 2),
    "megengine-conv": (megengine.module.Conv3d, 4, 4, 1),
    "megengine-transposed": (megengine.module.ConvTranspose3d, 4, 4, 1),
    "oneflow-batch-norm": (oneflow.nn.BatchNorm3d, 4),
    "oneflow-flatten": (oneflow.nn.Flatten,),
    "oneflow-pool": (oneflow.nn.AdaptiveAvgPool3d, 1),
    "oneflow-conv": (oneflow.nn.Conv3d, 4, 4, 1),
    "oneflow-transposed": (oneflow.nn.ConvTranspose3d, 4, 4, 1),
    "torch-transposed": (nn.ConvTranspose3d, 4, 4, 1),
}
MAKERS = {
    "paddle": r"to_tensor\(\)",
    "fluid": r"fluid\.dygraph\.to_variable\(\)",
    "megengine": r"megengine\.tensor\(\)",
    "oneflow": r"oneflow\.tensor\(\)",
    "torch": r"torch\.as_tensor\(\)",
}


@pytest.mark.parametrize("value", [name for name in NO_TENSORS if name != "list-of-itself"])
@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_given_something_else_says_what_makes_a_tensor(layer: str, value: str) -> None:
    kind, *arguments = LAYERS[layer]
    with pytest.raises(TypeError, match=MAKERS[layer.split("-", maxsplit=1)[0]]) as caught:
        kind(*arguments)(NO_TENSORS[value])
    assert isinstance(caught.value, (ValueError, RuntimeError))


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature:UserWarning")
def test_a_lazy_layer_given_something_else_says_so_too() -> None:
    with pytest.raises(TypeError, match=r"argument 'input'.*got int. Convert it with torch\.as_tensor\(\)"):
        nn.LazyConvTranspose3d(4, 1)(3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(
            lambda: paddle.nn.functional.relu(NO_TENSORS["number"]),
            "paddle.nn.functional.relu(): argument 'x' (position 0) must be Tensor, but got int. "
            "Convert it with paddle.to_tensor().",
            id="number",
        ),
        pytest.param(
            lambda: paddle.nn.functional.mse_loss(VOLUME, NO_TENSORS["None"]),
            "paddle.nn.functional.mse_loss(): argument 'label' (position 1) must be Tensor, but got None. "
            "Give what paddle.to_tensor() returns.",
            id="second",
        ),
        pytest.param(
            lambda: paddle.concat([VOLUME, NO_TENSORS["number"]]),
            "concat(): argument 'x' (position 0) must be Tensor, but got int. Convert it with paddle.to_tensor().",
            id="in-a-list",
        ),
        pytest.param(
            lambda: fluid.layers.exp(NO_TENSORS["text"]),
            "fluid.layers.exp(): argument 'x' (position 0) must be Tensor, but got str. "
            "Give what fluid.dygraph.to_variable() returns.",
            id="paddles-function-in-fluid",
        ),
        pytest.param(
            lambda: fluid.layers.elementwise_add(VOLUME, NO_TENSORS["number"]),
            "fluid.layers.elementwise_add(): argument 'y' (position 1) must be Tensor, but got int. "
            "Convert it with fluid.dygraph.to_variable().",
            id="fluids-second",
        ),
        pytest.param(
            lambda: nn.functional.conv_transpose3d(VOLUME, torch.ones(4, 4, 1, 1, 1), NO_TENSORS["number"]),
            "bias is a int; it must be a tensor or None. Pass None for no bias, or convert it with torch.as_tensor().",
            id="the-engines-message",
        ),
    ],
)
def test_the_message_names_argument_and_remedy(call: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == message


def test_what_the_front_end_computes_with_it_computes_with_still() -> None:
    assert megengine.functional.maximum(VOLUME, 2).tolist() == (VOLUME * 2).tolist()


def test_an_error_of_another_cause_stays_what_it_is() -> None:
    def refuse(x: torch.Tensor) -> None:
        msg = "another cause"
        raise AttributeError(msg)

    with pytest.raises(AttributeError, match="another cause"):
        explained(refuse, paddle.__name__)(VOLUME)


# -- words ---------------------------------------------------------------------------------------------------------

TRANSPOSED: dict[str, Any] = {
    "paddle": paddle.nn.Conv3DTranspose,
    "fluid": fluid.dygraph.Conv3DTranspose,
    "fluid_1_8": fluid_1_8.dygraph.Conv3DTranspose,
    "megengine": megengine.module.ConvTranspose3d,
    "oneflow": oneflow.nn.ConvTranspose3d,
    "torch": nn.ConvTranspose3d,
}
FUNCTIONS: dict[str, Any] = {
    "paddle": paddle.nn.functional.conv3d_transpose,
    "megengine": megengine.functional.conv_transpose3d,
    "oneflow": oneflow.nn.functional.conv_transpose3d,
    "torch": nn.functional.conv_transpose3d,
}


@pytest.mark.parametrize(
    ("framework", "word", "hint"),
    [
        ("paddle", "bias", "'bias'; here it is called 'bias_attr', and bias_attr=False leaves the bias out"),
        ("fluid", "bias", "'bias'; here it is called 'bias_attr', and bias_attr=False leaves the bias out"),
        ("fluid_1_8", "bias", "'bias'; here it is called 'bias_attr', and bias_attr=False leaves the bias out"),
        ("megengine", "bias_attr", "'bias_attr'; here it is called 'bias', and bias=False leaves the bias out"),
        ("oneflow", "bias_attr", "'bias_attr'; here it is called 'bias', and bias=False leaves the bias out"),
        ("torch", "bias_attr", "'bias_attr'; here it is called 'bias', and bias=False leaves the bias out"),
        ("paddle", "num_filters", "here it is called 'out_channels'"),
        ("fluid", "kernel_size", "here it is called 'filter_size'"),
        ("fluid", "weight_attr", "here it is called 'param_attr'"),
        ("megengine", "strides", "here it is called 'stride'"),
        ("oneflow", "group", "here it is called 'groups'"),
        ("torch", "dilatation", "here it is called 'dilation'"),
        ("megengine", "output_size", "set the size by padding and output_padding"),
        ("megengine", "data_format", "legal: in_channels, out_channels, kernel_size, stride"),
    ],
)
def test_a_word_of_another_framework_is_named_as_it_is_called_here(framework: str, word: str, hint: str) -> None:
    with pytest.raises(TypeError, match="got an unexpected keyword argument") as caught:
        TRANSPOSED[framework](4, 4, 3, **{word: False})
    assert hint in str(caught.value)


@pytest.mark.parametrize("framework", FUNCTIONS)
def test_functions_name_their_words_too(framework: str) -> None:
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'strides'; here it is called 'stride'\."):
        FUNCTIONS[framework](VOLUME, VOLUME, strides=2)


@pytest.mark.parametrize("framework", FUNCTIONS)
def test_a_function_without_a_bias_is_given_none(framework: str) -> None:
    with pytest.raises(TypeError, match=r"here it is called 'bias', and bias=None leaves the bias out\."):
        FUNCTIONS[framework](VOLUME, VOLUME, bias_attr=False)


def test_signatures_and_names_are_those_of_the_functions() -> None:
    parameters = inspect.signature(paddle.nn.Conv3DTranspose.__init__).parameters
    assert list(parameters)[:4] == ["self", "in_channels", "out_channels", "kernel_size"]
    assert paddle.nn.functional.relu.__name__ == "relu"
    assert paddle.nn.functional.conv3d_transpose.__module__ == "fourfold.frontends.paddle.nn.functional"


# -- sizes that are none -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: paddle.nn.Conv3D(4, 4, 0), ValueError, r"kernel_size=\[0, 0, 0\] is not legal; it must be 1"),
        (lambda: paddle.nn.Conv3D(0, 4, 3), ValueError, "in_channels=0 is not legal"),
        (lambda: fluid.dygraph.Conv3D(4, 4, 0), ValueError, r"filter_size=\[0, 0, 0\] is not legal"),
        (lambda: fluid_1_8.dygraph.Conv3D(4, 4, [3, 0, 3]), ValueError, r"filter_size=\[3, 0, 3\] is not legal"),
        (lambda: fluid_1_8.dygraph.Conv3D(0, 4, 3), ValueError, "num_channels=0 is not legal"),
        (lambda: fluid.dygraph.Conv2D(4, 4, 0), ValueError, r"filter_size=\[0, 0\] is not legal"),
        (lambda: fluid.dygraph.Conv2D(0, 4, 3), ValueError, "num_channels=0 is not legal"),
        (lambda: fluid.dygraph.Conv2DTranspose(4, 4, [0, 3]), ValueError, r"filter_size=\[0, 3\] is not legal"),
        (lambda: fluid.layers.conv2d(VOLUME[0], 4, 0), ValueError, r"filter_size=\[0, 0\] is not legal"),
        (lambda: fluid.layers.conv3d(VOLUME, 4, [3, 0, 3]), ValueError, r"filter_size=\[3, 0, 3\] is not legal"),
        (lambda: fluid.dygraph.Embedding([3]), ValueError, r"size=\[3\] must be two sizes"),
        (lambda: fluid.embedding(VOLUME.long(), [3]), ValueError, r"size=\[3\] must be two sizes"),
        # MegEngine and OneFlow raise these classes too
        (lambda: megengine.module.GroupNorm(0, 4), ZeroDivisionError, "num_groups=0.*must be 1 and above"),
        (lambda: megengine.module.Linear(0, 4), ZeroDivisionError, "in_features=0.*must be 1 and above"),
        (lambda: oneflow.nn.GroupNorm(0, 4), AssertionError, "num_groups must larger than zero"),
        (lambda: oneflow.nn.Embedding(4, 4, 1.5), TypeError, "padding_idx=1.5 is a float"),
        (lambda: FUNCTIONS["torch"](VOLUME, torch.ones(4, 4, 1, 1, 1), groups=0), RuntimeError, "^groups=0 is not"),
        (lambda: FUNCTIONS["torch"](VOLUME, torch.ones(4, 4, 1, 1, 1), groups=-1), RuntimeError, "^groups=-1 is not"),
        (lambda: FUNCTIONS["paddle"](VOLUME, torch.ones(4, 4, 1, 1, 1), groups=-1), ValueError, "^groups=-1"),
    ],
)
def test_an_illegal_size_is_named(make: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        make()


PLAIN_WORDS = ["stride", "padding", "dilation", "groups"]


@pytest.mark.parametrize("word", PLAIN_WORDS)
@pytest.mark.parametrize("framework", FUNCTIONS)
@pytest.mark.parametrize("value", [ITSELF, (ITSELF,) * 3], ids=["list", "three"])
def test_a_list_that_holds_itself_is_refused_in_a_function(framework: str, word: str, value: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="|".join([word, r"\[\.\.\.\]"])):
        FUNCTIONS[framework](VOLUME, torch.ones(4, 4, 1, 1, 1), **{word: value})


@pytest.mark.parametrize("word", PLAIN_WORDS)
@pytest.mark.parametrize("framework", TRANSPOSED)
def test_a_list_that_holds_itself_is_refused_in_a_layer(framework: str, word: str) -> None:
    with pytest.raises((ValueError, TypeError), match="|".join([word, r"\[\.\.\.\]"])):
        TRANSPOSED[framework](4, 4, 3, **{word: ITSELF})


@pytest.mark.parametrize("framework", ["paddle", "fluid", "fluid_1_8"])
def test_attributes_in_a_list_that_holds_itself_are_refused(framework: str) -> None:
    with pytest.raises(AssertionError, match="give a single ParamAttr"):
        TRANSPOSED[framework](4, 4, 3, bias_attr=ITSELF)
