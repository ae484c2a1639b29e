"""What torch's tools put in the place of a front end's parameters, and what they ask of its layers."""

from __future__ import annotations

import copy
import functools
import pickle
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch.nn.utils import parametrizations, parametrize, prune
from torch.nn.utils import spectral_norm as spectral_norm_by_hook

import fourfold
from fourfold.frontends import megengine, oneflow, paddle
from fourfold.frontends.module import TransposedConvolution
from fourfold.frontends.paddle import fluid, fluid_1_8
from fourfold.frontends.tensor import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TRANSPOSED: dict[str, Callable[..., Any]] = {
    "paddle": paddle.nn.Conv3DTranspose,
    "fluid": fluid.dygraph.Conv3DTranspose,
    "fluid_1_8": functools.partial(fluid_1_8.dygraph.Conv3DTranspose, bias_attr=True),
    "megengine": megengine.module.ConvTranspose3d,
    "oneflow": oneflow.nn.ConvTranspose3d,
}
LAYERS: dict[str, Callable[[], Any]] = {
    **{name: lambda kind=kind: kind(4, 6, 2) for name, kind in TRANSPOSED.items()},  # type: ignore[misc]
    "paddle-conv": lambda: paddle.nn.Conv3D(4, 6, 2),
    "paddle-linear": lambda: paddle.nn.Linear(4, 6),
    "paddle-norm": lambda: paddle.nn.BatchNorm3D(4),
    "fluid-conv": lambda: fluid.dygraph.Conv3D(4, 6, 2),
    "megengine-conv": lambda: megengine.module.Conv3d(4, 6, 2),
    "megengine-norm": lambda: megengine.module.BatchNorm2d(4),
    "oneflow-conv": lambda: oneflow.nn.Conv3d(4, 6, 2),
    "oneflow-norm": lambda: oneflow.nn.BatchNorm3d(4),
}


@pytest.fixture(params=LAYERS)
def layer(request: pytest.FixtureRequest) -> Any:
    torch.manual_seed(0)
    made = LAYERS[request.param]()
    made.weight.label = "of the caller"
    return made


@contextmanager
def future(setting: str) -> Iterator[None]:
    switch = getattr(torch.__future__, f"set_{setting}_module_params_on_conversion")
    switch(True)
    try:
        yield
    finally:
        switch(False)


def emptied(layer: Any) -> None:
    torch.nn.Sequential(layer).to("meta").to_empty(device="cpu")


def overwritten(layer: Any) -> None:
    with future("overwrite"):
        layer.double()


def swapped(layer: Any) -> None:
    with future("swap"):
        layer.double()


def state_of(layer: Any) -> dict[str, torch.Tensor]:
    return {f"0.{name}": torch.ones_like(value) for name, value in layer.state_dict(destination={}).items()}


def assigned(layer: Any) -> None:
    torch.nn.Sequential(layer).load_state_dict(state_of(layer), assign=True)


def assigned_plain(layer: Any) -> None:
    state = {name: value.as_subclass(torch.Tensor) for name, value in state_of(layer).items()}
    torch.nn.Sequential(layer).load_state_dict(state, assign=True)


def swapped_by_loading(layer: Any) -> None:
    with future("swap"):
        torch.nn.Sequential(layer).load_state_dict(state_of(layer))


@pytest.mark.parametrize("replace", [emptied, overwritten, swapped, assigned, assigned_plain, swapped_by_loading])
def test_parameters_and_buffers_that_torch_replaces_keep_class_and_attributes(layer: Any, replace: Any) -> None:
    before = {name: (type(tensor), dict(vars(tensor))) for name, tensor in [*tensors(layer)]}
    replace(layer)
    assert {name: (type(tensor), dict(vars(tensor))) for name, tensor in [*tensors(layer)]} == before
    assert layer.weight.label == "of the caller"
    assert isinstance(layer.weight, torch.nn.Parameter)
    assert layer.weight.requires_grad


def tensors(layer: torch.nn.Module) -> list[tuple[str, torch.Tensor]]:
    return [(name, tensor) for name, tensor in {**layer._parameters, **layer._buffers}.items() if tensor is not None]


def test_a_paddle_parameter_keeps_what_its_attribute_said() -> None:
    attr = paddle.ParamAttr(name="up", learning_rate=0.1, trainable=False, need_clip=False)
    layer = paddle.nn.Conv3DTranspose(4, 6, 2, weight_attr=attr)
    emptied(layer)
    weight = layer.weight
    found = (weight.name, weight.optimize_attr, weight.trainable, weight.stop_gradient, weight.need_clip)
    assert found == ("up", {"learning_rate": 0.1}, False, True, False)


@pytest.mark.parametrize("replace", [overwritten, swapped])
def test_a_gradient_stays_with_a_replaced_parameter(layer: Any, replace: Any) -> None:
    layer.weight.grad = torch.full_like(layer.weight, 2.0)
    replace(layer)
    assert layer.weight.grad.dtype == torch.float64
    assert bool((layer.weight.grad.numpy() == 2).all())


def test_values_survive_the_replacement(layer: Any) -> None:
    before = layer.weight.numpy().copy()
    overwritten(layer)
    assert layer.weight.numpy().dtype == np.float64
    assert np.array_equal(layer.weight.numpy(), before.astype("float64"))


def test_the_original_of_a_parametrization_keeps_its_attributes() -> None:
    layer: Any = paddle.nn.Conv3DTranspose(4, 6, 2, weight_attr=paddle.ParamAttr(name="v", learning_rate=0.1))
    parametrizations.weight_norm(layer)
    emptied(layer)
    original = layer.parametrizations.weight.original1
    assert type(original) is paddle.tensor.Parameter
    assert (original.name, original.optimize_attr) == ("v", {"learning_rate": 0.1})


# -- torch.nn.Parameter --------------------------------------------------------------------------------------------

MADE: dict[str, Callable[[], Any]] = {
    "paddle": lambda: paddle.to_tensor([1.0, 2.0]),
    "fluid": lambda: fluid.dygraph.to_variable(np.array([1.0, 2.0], "float32")),
    "megengine": lambda: megengine.tensor([1.0, 2.0]),
    "oneflow": lambda: oneflow.tensor([1.0, 2.0]),
}
PARAMETERS = {
    "paddle": paddle.tensor.Parameter,
    "fluid": fluid.tensor.ParamBase,
    "megengine": megengine.Parameter,
    "oneflow": oneflow.nn.Parameter,
}


@pytest.mark.parametrize("requires_grad", [True, False])
@pytest.mark.parametrize("name", MADE)
def test_torchs_parameter_of_a_front_ends_tensor_is_the_front_ends_parameter(name: str, requires_grad: bool) -> None:
    source = MADE[name]()
    made = torch.nn.Parameter(source, requires_grad)
    assert type(made) is PARAMETERS[name]
    assert isinstance(made, torch.nn.Parameter)
    assert made.requires_grad is requires_grad
    assert torch.Tensor.data_ptr(made) == torch.Tensor.data_ptr(source)
    assert type(source) is not type(made)
    assert type(made * 2) is type(source)


@pytest.mark.parametrize("requires_grad", [True, False])
def test_torchs_parameter_of_a_front_ends_parameter_is_one_too(layer: Any, requires_grad: bool) -> None:
    made: Any = torch.nn.Parameter(layer.weight, requires_grad)
    assert made is not layer.weight
    assert type(made) is type(layer.weight)
    assert made.label == "of the caller"
    assert made.requires_grad is requires_grad
    assert layer.weight.requires_grad
    assert torch.Tensor.data_ptr(made) == torch.Tensor.data_ptr(layer.weight)


def test_a_detached_parameter_is_a_tensor(layer: Any) -> None:
    assert not isinstance(layer.weight.detach(), torch.nn.Parameter)
    assert not isinstance(torch.Tensor.requires_grad_(layer.weight.detach()), torch.nn.Parameter)


def test_a_paddle_parameter_made_by_torch_has_paddles_attributes() -> None:
    made: Any = torch.nn.Parameter(paddle.to_tensor([1.0]))
    assert (made.optimize_attr, made.regularizer, made.need_clip, made.trainable) == (
        {"learning_rate": 1.0},
        None,
        True,
        True,
    )


@pytest.mark.parametrize(
    "duplicate",
    [
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(lambda parameter: pickle.loads(pickle.dumps(parameter)), id="pickle"),
    ],
)
@pytest.mark.parametrize("name", MADE)
def test_copies_of_a_parameter_made_by_torch_are_parameters(name: str, duplicate: Any) -> None:
    made = duplicate(torch.nn.Parameter(MADE[name]()))
    assert type(made) is PARAMETERS[name]
    assert (made.numpy().tolist(), made.requires_grad) == ([1, 2], True)


# their weights are computed before each forward, and are no leaves
COMPUTED: dict[str, Callable[[], Any]] = {
    "paddle": lambda: paddle.nn.utils.weight_norm(paddle.nn.Linear(3, 2)),
    "fluid": lambda: prune.identity(fluid.dygraph.Linear(3, 2), "weight"),  # type: ignore[no-untyped-call]
    "megengine": lambda: prune.identity(megengine.module.Linear(3, 2), "weight"),  # type: ignore[no-untyped-call]
    "oneflow": lambda: oneflow.nn.utils.weight_norm(oneflow.nn.Linear(3, 2)),  # type: ignore[attr-defined]
}


@pytest.mark.parametrize("name", COMPUTED)
def test_a_layer_whose_weight_is_computed_can_be_copied_and_learns_alone(name: str) -> None:
    layer, values = COMPUTED[name](), torch.ones(4, 3)
    expected = plain(layer(values))
    copied = copy.deepcopy(layer)
    result = plain(copied(values))
    assert result.tolist() == expected.tolist()
    result.sum().backward()  # type: ignore[no-untyped-call]
    assert [each.grad is None for each in copied.parameters()] == [False] * len(list(copied.parameters()))
    assert [each.grad for each in layer.parameters()] == [None] * len(list(layer.parameters()))


# -- torch.nn.utils ------------------------------------------------------------------------------------------------


class Doubled(torch.nn.Module):
    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values * 2

    def right_inverse(self, values: torch.Tensor) -> torch.Tensor:
        return values / 2


def doubled(layer: Any) -> None:
    parametrize.register_parametrization(layer, "weight", Doubled())


def undo_parametrization(layer: Any) -> None:
    parametrize.remove_parametrizations(layer, "weight")


def pruned(layer: Any) -> None:
    prune.random_unstructured(layer, "weight", 0.0)  # type: ignore[no-untyped-call]


def undo_pruning(layer: Any) -> None:
    prune.remove(layer, "weight")  # type: ignore[no-untyped-call]


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated:FutureWarning")
@pytest.mark.parametrize(
    ("apply", "undo"),
    [
        pytest.param(parametrizations.weight_norm, undo_parametrization, id="weight_norm"),
        pytest.param(torch.nn.utils.weight_norm, torch.nn.utils.remove_weight_norm, id="weight_norm-by-hook"),
        pytest.param(doubled, undo_parametrization, id="register_parametrization"),
        pytest.param(pruned, undo_pruning, id="prune"),
    ],
)
@pytest.mark.parametrize("name", TRANSPOSED)
def test_a_reparametrisation_keeps_the_function_trains_and_goes(name: str, apply: Any, undo: Any) -> None:
    torch.manual_seed(0)
    layer = TRANSPOSED[name](4, 6, 2)
    x = torch.randn(2, 4, 3, 3, 3)
    before, kind = layer(x), type(layer.weight)
    apply(layer)
    torch.testing.assert_close(layer(x), before)
    layer(x).sum().backward()
    assert all(parameter.grad is not None for parameter in layer.parameters())
    assert all(type(parameter) is kind for parameter in layer.parameters())
    undo(layer)
    assert type(layer.weight) is kind
    torch.testing.assert_close(layer(x), before)


def test_paddles_optimizer_trains_a_weight_norm() -> None:
    layer = paddle.nn.Conv3DTranspose(4, 6, 2)
    parametrizations.weight_norm(layer)
    before = [parameter.numpy().copy() for parameter in layer.parameters()]
    optimizer = paddle.optimizer.SGD(learning_rate=0.1, parameters=layer.parameters())
    layer(paddle.ones([1, 4, 2, 2, 2])).square().sum().backward()
    optimizer.step()
    assert all((now.numpy() != then).any() for now, then in zip(layer.parameters(), before, strict=True))


@pytest.mark.parametrize("fill", ["uniform_", "normal_", "ones_", "xavier_normal_", "kaiming_uniform_", "orthogonal_"])
def test_torchs_initial_values_fill_in_place(layer: Any, fill: str) -> None:
    weight = layer.weight
    if len(weight.shape) < 2:
        weight = weight.unsqueeze(0).detach().clone()
    assert getattr(torch.nn.init, fill)(weight) is weight


def test_vectors_to_parameters_and_back(layer: Any) -> None:
    parameters = list(layer.parameters())
    count = len(torch.nn.utils.parameters_to_vector(parameters))
    torch.nn.utils.vector_to_parameters(torch.arange(float(count)), parameters)
    assert torch.nn.utils.parameters_to_vector(parameters).numpy().tolist() == list(range(count))


# -- spectral norm -------------------------------------------------------------------------------------------------


def singular_value(weight: torch.Tensor) -> float:
    """The largest one of the matrix whose rows are output channels, of a weight in torch's transposed layout."""
    matrix = weight.detach().as_subclass(torch.Tensor).transpose(0, 1).flatten(1)
    return float(torch.linalg.matrix_norm(matrix, 2))


@pytest.mark.parametrize("normalise", [parametrizations.spectral_norm, spectral_norm_by_hook], ids=["new", "by-hook"])
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("name", [name for name in TRANSPOSED if name != "megengine"])
def test_spectral_norm_is_that_of_torchs_layer(name: str, groups: int, normalise: Any) -> None:
    torch.manual_seed(0)
    layer = TRANSPOSED[name](4, 6, 2, groups=groups)
    twin = torch.nn.ConvTranspose3d(4, 6, 2, groups=groups, dtype=torch.float32)
    with torch.no_grad():
        twin.weight.copy_(layer.weight.detach().as_subclass(torch.Tensor))
    for module in (layer, twin):
        torch.manual_seed(1)
        normalise(module, n_power_iterations=50)
        module(torch.zeros(1, 4, 2, 2, 2))
    assert torch.equal(layer.weight.detach().as_subclass(torch.Tensor), twin.weight.detach())
    assert singular_value(layer.weight) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("normalise", [parametrizations.spectral_norm, spectral_norm_by_hook], ids=["new", "by-hook"])
@pytest.mark.parametrize(("groups", "options"), [(1, {}), (2, {"dim": 2})], ids=["one", "grouped"])
def test_spectral_norm_of_megengines_layer_is_over_the_outputs(groups: int, options: Any, normalise: Any) -> None:
    torch.manual_seed(0)
    layer = megengine.module.ConvTranspose3d(4, 6, 2, groups=groups)
    normalise(layer, n_power_iterations=50, **options)
    layer(torch.zeros(1, 4, 2, 2, 2))
    weight = layer.weight.reshape(4, 6 // groups, 2, 2, 2)  # torch's layout
    assert singular_value(weight) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("normalise", [parametrizations.spectral_norm, spectral_norm_by_hook], ids=["new", "by-hook"])
@pytest.mark.parametrize(
    ("kind", "match"),
    [
        pytest.param(megengine.module.ConvTranspose3d, r"dim=1 .* Pass dim=2\.", id="transposed"),
        pytest.param(megengine.module.Conv3d, r"dim=0 .* No single axis does: use groups=1", id="conv"),
    ],
)
def test_spectral_norm_of_a_grouped_megengine_weight_says_which_axis(kind: Any, match: str, normalise: Any) -> None:
    layer = kind(4, 6, 2, groups=2)
    normalise(layer)
    with pytest.raises(ValueError, match=match):
        layer(torch.zeros(1, 4, 2, 2, 2))


@pytest.mark.parametrize("name", TRANSPOSED)
def test_a_transposed_convolution_is_torchs_and_has_nothing_else_of_it(name: str) -> None:
    layer = TRANSPOSED[name](4, 6, 2)
    assert isinstance(layer, torch.nn.ConvTranspose3d)
    own = {method for kind in type(layer).__mro__ if "fourfold" in kind.__module__ for method in vars(kind)}
    added = {method for kind in torch.nn.ConvTranspose3d.__mro__[:3] for method in vars(kind) if method[0] != "_"}
    assert added - own <= {"forward"}
    assert hasattr(layer, "reset_parameters") is (name in ("megengine", "oneflow"))
    assert "padding_mode" not in vars(pickle.loads(pickle.dumps(layer)))


@pytest.mark.parametrize("name", TRANSPOSED)
def test_accelerating_leaves_a_front_ends_layer_alone(name: str) -> None:
    layer = TRANSPOSED[name](4, 6, 2)
    assert isinstance(layer, TransposedConvolution)
    assert dict(fourfold.accelerate(layer).left) == {"": "it runs on fourfold already"}
