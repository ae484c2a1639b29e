"""What there is to import beside a release's public names is what they stand for, or a placeholder."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pytest

from fourfold.compat.activation.activation import activate
from fourfold.compat.activation.further import further
from fourfold.compat.activation.served import FRAMEWORKS, RELEASED_FLUID

if TYPE_CHECKING:
    from fourfold.compat.literals import Fluid, Served

RELEASES = [
    pytest.param("paddle", "documented", 10000, id="paddle"),
    pytest.param("paddle", "1.8", 1000, id="fluid 1.8"),
    pytest.param("megengine", "documented", 1000, id="megengine"),
    pytest.param("oneflow", "documented", 1000, id="oneflow"),
]
SEGMENTATION = """
import paddle
from paddle import nn
from paddle.distributed.fleet.utils import recompute
from paddle.nn.layer import activation
from paddle.nn.layer.conv import _ConvNd
from paddle.nn.layer.norm import _BatchNormBase

kinds = {each.lower(): each for each in activation.__dict__}
net = nn.Sequential(nn.Conv2D(1, 2, 1), nn.BatchNorm2D(2), getattr(activation, kinds["swish"])())
found = [type(each).__name__ for each in net if isinstance(each, (_BatchNormBase, _ConvNd))]
assert found == ["Conv2D", "BatchNorm2D"]
assert type(net[2]) is nn.Swish
"""
VIDEO = """
import paddle
from paddle.base import framework
from paddle.framework import core
from paddle.io.dataloader.batch_sampler import DistributedBatchSampler
from paddle.nn.initializer.normal import Normal
from paddle.optimizer.optimizer import Optimizer
from paddle.vision.models.resnet import resnet50

assert isinstance(paddle.optimizer.Adam(parameters=[paddle.create_parameter([1], "float32")]), Optimizer)
assert isinstance(paddle.ones([1]), core.eager.Tensor)
assert Normal is paddle.nn.initializer.Normal
"""
VOLUMES = """
import paddle
from paddle import _C_ops
from paddle.nn.functional.common import interpolate
from paddle.nn.functional.pooling import max_pool3d
from paddle.tensor.manipulation import concat
from paddle.tensor.math import exp, sum as total

assert concat([paddle.ones([2, 1]), paddle.ones([3, 1])]).shape == [5, 1]
assert max_pool3d is paddle.nn.functional.max_pool3d
assert exp is _C_ops.exp is paddle.exp
assert float(total(paddle.ones([3]))) == 3
"""
SCIENCE = """
import paddle
from paddle.autograd.autograd import jacobian
from paddle.base.framework import EagerParamBase, Variable
from paddle.incubate.autograd import primapi
from paddle.jit.api import to_static
from paddle.nn.utils.weight_norm_hook import weight_norm
from paddle.optimizer.adam import Adam

assert isinstance(paddle.nn.Linear(1, 1).weight, EagerParamBase)
assert isinstance(paddle.ones([1]), Variable)
assert not isinstance(1.0, Variable)
assert weight_norm is paddle.nn.utils.weight_norm
"""
FLUID = """
from paddle import fluid
from paddle.fluid import core
from paddle.fluid.dygraph.base import to_variable
from paddle.fluid.framework import _dygraph_tracer, in_dygraph_mode
from paddle.fluid.layers.nn import conv3d, relu
from paddle.fluid.layers.tensor import concat

assert relu is fluid.layers.relu
assert concat is fluid.layers.concat
"""
DETECTION = """
import megengine
import megengine.module as M
from megengine.core._imperative_rt.core2 import Tensor, apply
from megengine.core.ops import builtin
from megengine.module.batchnorm import _BatchNorm
from megengine.module.conv import _ConvNd
from megengine.optimizer.optimizer import Optimizer

assert isinstance(M.BatchNorm2d(1), _BatchNorm)
assert not isinstance(M.BatchNorm2d(1), _ConvNd)
assert isinstance(megengine.Tensor([1.0]), Tensor)
assert Optimizer is megengine.optimizer.Optimizer
"""
LANGUAGE = """
import oneflow
from oneflow import _C
from oneflow.framework.tensor import Tensor
from oneflow.nn.modules.batchnorm import _BatchNorm
from oneflow.nn.modules.utils import _pair
from oneflow.nn.optimizer.adamw import AdamW

assert isinstance(oneflow.nn.BatchNorm3d(1), _BatchNorm)
assert AdamW is oneflow.optim.AdamW
assert Tensor is oneflow.Tensor
"""


@pytest.mark.parametrize(("root", "fluid", "least"), RELEASES)
def test_every_module_is_imported_and_has_its_names(root: Served, fluid: Fluid, least: int) -> None:
    recorded = (RELEASED_FLUID if fluid == "1.8" else FRAMEWORKS[root]).further
    with activate(root, fluid=fluid):
        found = {
            f"{path}.{name}": getattr(importlib.import_module(f"{root}.{path}".rstrip(".")), name)
            for path, module in recorded.items()
            for name in [*module.held, *module.modules]
        }
    assert len(found) > least


@pytest.mark.parametrize(("root", "fluid", "least"), RELEASES)
def test_a_public_name_is_the_very_object(root: Served, fluid: Fluid, least: int) -> None:
    recorded = (RELEASED_FLUID if fluid == "1.8" else FRAMEWORKS[root]).further
    pairs = [(f"{path}.{name}", public) for path, module in recorded.items() for name, public in module.names.items()]
    mirrored = [(name, public) for name, public in pairs if fluid != "1.8" or public.startswith("fluid.")]

    def there(name: str) -> Any:
        path, _, last = f"{root}.{name}".replace("..", ".").rpartition(".")
        return getattr(importlib.import_module(path), last)

    with activate(root, fluid=fluid):
        others = [
            (name, public)
            for name, public in mirrored
            if (not name.startswith("fluid.") or public.startswith("fluid.")) and there(name) is not there(public)
        ]
    assert others == []
    assert len(mirrored) > least / 3


@pytest.mark.parametrize(
    ("root", "fluid", "script"),
    [
        pytest.param("paddle", "documented", SEGMENTATION, id="segmentation"),
        pytest.param("paddle", "documented", VIDEO, id="video"),
        pytest.param("paddle", "documented", VOLUMES, id="volumes"),
        pytest.param("paddle", "documented", SCIENCE, id="science"),
        pytest.param("paddle", "documented", FLUID, id="fluid"),
        pytest.param("paddle", "1.8", FLUID, id="fluid 1.8"),
        pytest.param("megengine", "documented", DETECTION, id="detection"),
        pytest.param("oneflow", "documented", LANGUAGE, id="language"),
    ],
)
def test_scripts_import_from_inner_modules(root: Served, fluid: Fluid, script: str) -> None:
    with activate(root, fluid=fluid):
        exec(script, {})


def test_what_has_no_public_name_raises_when_it_is_called() -> None:
    with activate("paddle"):
        function = importlib.import_module("paddle.tensor.math")._get_reduce_axis
        kind = importlib.import_module("paddle.nn.layer.conv")._ConvNd
        with pytest.raises(NotImplementedError, match=r"has no '_get_reduce_axis'; reason: it is no public name of"):
            function(1, 2)
        with pytest.raises(
            NotImplementedError, match=r"'paddle\.nn\.layer\.conv' as fourfold serves it has no '_ConvNd'"
        ):
            kind()


def test_whether_something_is_of_a_class_without_a_public_name_is_not_guessed() -> None:
    with activate("paddle", fluid="1.8"):
        kind = importlib.import_module("paddle.fluid.framework").ParamBase
        fluid = importlib.import_module("paddle.fluid")
        assert not isinstance(fluid.dygraph.Linear(1, 1), kind)
        with pytest.raises(NotImplementedError, match=r"is a paddle\.fluid\.framework\.ParamBase is not known"):
            isinstance(fluid.dygraph.Linear(1, 1).weight, kind)


def test_a_module_does_not_take_the_place_of_a_function_of_its_name() -> None:
    with activate("paddle"):
        paddle, module = importlib.import_module("paddle"), importlib.import_module("paddle.batch")
        assert module.batch is paddle.batch
        assert paddle.batch is not module


def test_import_star_gives_no_more_than_the_release() -> None:
    names: dict[str, Any] = {}
    with activate("paddle"):
        exec("from paddle.tensor.math import *", names)  # its `__all__` is empty
    assert names.keys() == {"__builtins__"}


def test_a_renamed_name_is_read() -> None:
    math = further("paddle", "3.3.1")["tensor.math"]
    assert (math.names["divide"], math.names["inverse"], "nothing" in math) == ("div", "linalg.inv", False)
    assert further("paddle", "1.8.5", "fluid").keys() < further("paddle", "1.8.5").keys()


@pytest.mark.parametrize("release", ["paddle/3.3.1", "paddle/1.8.5", "megengine/1.13.0", "oneflow/0.9.0"])
def test_nothing_of_the_recording_machine_is_recorded(release: str) -> None:
    root, _, number = release.partition("/")
    recorded = [value for module in further(root, number).values() for value in module.values.values()]
    assert [value for value in recorded if "/" in value] == []
    assert len(recorded) > 10


def test_paddles_module_of_tensors_is_a_function_too() -> None:
    with activate("paddle"):
        package: Any = importlib.import_module("paddle")
        made = package.tensor([1.0, 2.0], dtype="float64", requires_grad=True)
        assert (made.tolist(), made.stop_gradient) == ([1.0, 2.0], False)
        assert package.tensor.math.add is package.add
