"""The recorder in the real frameworks: `fourfold env create --all`, then `pytest -m live`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tests.compat.agreement.arranged import arranged
from tests.environments import ready

from fourfold.compat.agreement import recorder
from fourfold.compat.agreement.bundle import Bundle
from fourfold.compat.agreement.environments import SPECIFICATIONS, examine
from fourfold.compat.agreement.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = pytest.mark.live


@pytest.fixture(scope="module", params=list(SPECIFICATIONS))
def worker(request: pytest.FixtureRequest) -> Iterator[Worker]:
    found = ready(request.param)
    with Worker(found.specification.framework, found) as started:
        yield started


def start(name: str) -> Worker:
    found = ready(name)
    return Worker(found.specification.framework, found)


# --- environments ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_the_doctor_finds_the_pinned_release_working(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    found = examine(ready(name))
    assert found.problem == ""
    assert found.version == SPECIFICATIONS[name].release
    output = capfd.readouterr()
    assert output.out + output.err == ""


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_every_pin_is_installed_as_written(name: str) -> None:
    argv, variables = ready(name).command(["-m", "pip", "list", "--format", "json", "--disable-pip-version-check"])
    listed = json.loads(subprocess.run(argv, env=variables, capture_output=True, text=True, check=True).stdout)
    installed = {normal(package["name"]): package["version"] for package in listed}
    specification = SPECIFICATIONS[name]
    files = (*specification.requirements, *specification.without_dependencies)
    lines = [line for path in files for line in path.read_text().splitlines() if "==" in line]
    pins = {normal(pin): version for pin, version in (line.split("==") for line in lines)}
    assert {pin: installed.get(pin) for pin in pins} == pins


def normal(name: str) -> str:
    return name.lower().replace("_", "-")


# --- the worker: integer data, so that every right answer has the same bits -----------------------------------------


SUPPORTED = [
    pytest.param({}, id="defaults"),
    pytest.param({"stride": [2, 1, 3], "padding": [1, 0, 1]}, id="stride-padding"),
    pytest.param({"dilation": [1, 2, 1], "stride": 2, "padding": [[1, 1], [1, 1], [0, 0]]}, id="dilation"),
    pytest.param({"bias": False}, id="no-bias"),
    pytest.param({"groups": 2, "form": "functional"}, id="groups-functional"),
    pytest.param({"stride": 2, "padding": 1, "form": "functional"}, id="functional"),
]


@pytest.mark.parametrize("options", SUPPORTED)
def test_every_framework_gives_the_bits_of_torch(worker: Worker, options: dict[str, Any]) -> None:
    case = {"in_channels": 4, "out_channels": 6, "kernel_size": [3, 2, 3], "bias": True, **options}
    arrays, expected = arranged(case)
    answer = worker.run(case, arrays)
    assert str(answer) == "ok"
    assert set(answer.arrays) == set(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(answer.arrays[name], value, err_msg=name)


OPTIONAL = [
    pytest.param({"stride": 2, "output_padding": 1}, {"fluid"}, id="output-padding"),
    pytest.param({"stride": 2, "output_padding": 1, "form": "functional"}, {"fluid"}, id="output-padding-functional"),
    pytest.param({"groups": 2}, {"megengine"}, id="groups"),
    pytest.param({"data_format": "NDHWC"}, {"fluid", "megengine", "oneflow"}, id="channels-last"),
]


@pytest.mark.parametrize(("options", "refusing"), OPTIONAL)
def test_what_some_lack_is_refused_by_them_and_right_elsewhere(
    worker: Worker, options: dict[str, Any], refusing: set[str]
) -> None:
    case = {"in_channels": 4, "out_channels": 6, "kernel_size": [3, 2, 3], "bias": True, **options}
    arrays, expected = arranged(case)
    answer = worker.run(case, arrays)
    assert answer.status == ("refused" if worker.framework in refusing else "ok")
    for name, value in answer.arrays.items():
        np.testing.assert_array_equal(value, expected[name], err_msg=name)


@pytest.mark.parametrize(
    ("name", "case", "verdict"),
    [
        pytest.param("fluid", {"stride": 0}, "crashed: SIGFPE (forward)", id="fluid-stride-0"),
        pytest.param(
            "megengine", {"stride": 0, "form": "functional"}, "crashed: SIGFPE (forward)", id="megengine-stride-0"
        ),
        pytest.param("oneflow", {"kernel_size": [3, 3]}, "crashed: SIGABRT (forward)", id="oneflow-two-sizes"),
    ],
)
def test_a_release_that_kills_its_process_is_recorded_and_goes_on(
    name: str, case: dict[str, Any], verdict: str
) -> None:
    case = {"in_channels": 1, "out_channels": 1, "kernel_size": [3, 3, 3], "bias": False, **case}
    arrays = {"input": np.ones((1, 1, 2, 2, 2), np.float32), "weight": np.ones((1, 1, 3, 3, 3), np.float32)}
    if len(case["kernel_size"]) == 2:
        del arrays["weight"]
    with start(name) as one:
        assert str(one.run(case, arrays)) == verdict
        assert one.run({**case, "stride": 1, "kernel_size": [3, 3, 3]}, arrays).status == "ok"


def test_fluid_ignores_the_bias_that_nobody_asked_for() -> None:
    case: dict[str, Any] = {"in_channels": 4, "out_channels": 6, "kernel_size": [3, 2, 3]}
    arrays, expected = arranged(case)
    with start("fluid") as one:
        answer = one.run(case, arrays)
    np.testing.assert_array_equal(answer.arrays["output"], expected["output"] - arrays["bias"].reshape(1, 6, 1, 1, 1))
    assert "grad_bias" not in answer.arrays


def test_an_exception_in_fluid_does_not_leave_it_in_dygraph_mode() -> None:
    case: dict[str, Any] = {"in_channels": 4, "out_channels": 6, "kernel_size": [3, 2, 3], "bias": True}
    arrays, expected = arranged(case)
    with start("fluid") as one:
        assert one.run({**case, "kernel_size": [3, 3]}, arrays).status == "refused"
        answer = one.run({**case, "form": "functional"}, arrays)
    np.testing.assert_array_equal(answer.arrays["output"], expected["output"])


def test_initial_parameters_come_in_the_layout_of_torch(worker: Worker) -> None:
    groups = 2
    case = {"in_channels": 4, "out_channels": 6, "kernel_size": 3, "groups": groups, "parameter_seed": 1}
    first, second = worker.initialize(case), worker.initialize(case)
    assert first.arrays["weight"].shape == (4, 6 // groups, 3, 3, 3)
    assert first.arrays["bias"].shape == (6,)
    np.testing.assert_array_equal(first.arrays["weight"], second.arrays["weight"])


# --- models ---------------------------------------------------------------------------------------------------------

# One decoder in each framework: an upsampling layer with weights 0, 1, 2, ... mod 5, called inside a block, then relu.
MODELS = {
    "paddle": """
        import paddle
        class Net(paddle.nn.Layer):
            def __init__(self):
                super().__init__()
                self.up = paddle.nn.Sequential(paddle.nn.Conv3DTranspose(2, 3, 2, stride=2))
                self.act = paddle.nn.ReLU()
            def forward(self, x): return self.act(self.up(x))
        model = Net()
        for value in model.parameters(): value.set_value(counted(value.shape))
        record(model, counted((1, 2, 2, 2, 2)) - 2, path)
    """,
    "fluid": """
        import paddle.fluid as fluid
        class Net(fluid.dygraph.Layer):
            def __init__(self):
                super().__init__()
                self.up = fluid.dygraph.Sequential(fluid.dygraph.Conv3DTranspose(2, 3, 2, stride=2, bias_attr=True))
                self.act = Act()
            def forward(self, x): return self.act(self.up(x))
        class Act(fluid.dygraph.Layer):
            def forward(self, x): return fluid.layers.relu(x)
        with fluid.dygraph.guard(fluid.CPUPlace()):
            model = Net()
            for value in model.parameters(): value.set_value(counted(value.shape))
            model.eval()
            record(model, counted((1, 2, 2, 2, 2)) - 2, path)
    """,
    "megengine": """
        import megengine, megengine.module as M
        class Net(M.Module):
            def __init__(self):
                super().__init__()
                self.up = [M.ConvTranspose3d(2, 3, 2, stride=2)]
                self.act = M.ReLU()
            def forward(self, x): return self.act(self.up[0](x))
        model = Net()
        for value in model.parameters(): value[...] = counted(value.shape)
        record(model, counted((1, 2, 2, 2, 2)) - 2, path)
    """,
    "oneflow": """
        import oneflow
        class Net(oneflow.nn.Module):
            def __init__(self):
                super().__init__()
                self.up = oneflow.nn.Sequential(oneflow.nn.ConvTranspose3d(2, 3, 2, stride=2))
                self.act = oneflow.nn.ReLU()
            def forward(self, x): return self.act(self.up(x))
        model = Net()
        for value in model.parameters(): value.data.copy_(oneflow.tensor(counted(value.shape)))
        record(model, counted((1, 2, 2, 2, 2)) - 2, path)
        assert not any(module._forward_hooks for module in model.modules())
    """,
}
MODELS["paddle-2.6"] = MODELS["paddle"]
PROLOGUE = """
import sys
import numpy as np
from recorder import record
path = sys.argv[1]
def counted(shape): return (np.arange(np.prod(shape)) % 5).astype("float32").reshape(shape)
"""


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_a_model_is_recorded_where_it_lives(name: str, tmp_path: Path) -> None:
    bundle = recorded(name, MODELS[name], tmp_path)
    weight, bias, x = counted((2, 3, 2, 2, 2)), counted((3,)), (counted((1, 2, 2, 2, 2)) - 2).requires_grad_()
    up = torch.nn.functional.conv_transpose3d(x, weight.requires_grad_(), bias.requires_grad_(), stride=2)
    scalar = (torch.relu(up) * torch.tensor(recorder.fixed_array(tuple(up.shape)))).sum()
    expected = torch.autograd.grad(scalar, [x, weight, bias])
    with bundle:
        bundle.verify()
        assert bundle.framework["version"] == SPECIFICATIONS[name].release
        assert [layer.name for layer in bundle.layers] == ["up.0", "act"]
        np.testing.assert_array_equal(bundle.layers[0].outputs["output"], up.detach().numpy())
        np.testing.assert_array_equal(bundle.outputs["output"], torch.relu(up).detach().numpy())
        assert set(bundle.state) == {"up.0.weight", "up.0.bias"}
        # sixteenths times small integers: exact as well
        assert bundle.gradients == "recorded"
        np.testing.assert_array_equal(bundle.input_gradients["0"], expected[0].numpy())
        np.testing.assert_array_equal(bundle.parameter_gradients["up.0.weight"], expected[1].numpy())
        np.testing.assert_array_equal(bundle.parameter_gradients["up.0.bias"].reshape(-1), expected[2].numpy())


def test_a_gradient_that_fluid_refuses_in_eval_mode_is_recorded(tmp_path: Path) -> None:
    script = """
        import paddle.fluid as fluid
        with fluid.dygraph.guard(fluid.CPUPlace()):
            model = fluid.dygraph.Dropout(0.5)
            model.eval()
            record(model, counted((2, 3)), path)
    """
    with recorded("fluid", script, tmp_path) as bundle:
        assert bundle.gradients == "refused"
        assert bundle.gradient_error is not None
        assert bundle.gradient_error["class"] == "EnforceNotMet"
        assert list(bundle.outputs) == ["output"]


def recorded(name: str, script: str, folder: Path) -> Bundle:
    """Run a script with a copy of the recorder beside it, as a user would; read what it wrote."""
    import textwrap

    (folder / "recorder.py").write_bytes(Path(recorder.__file__).read_bytes())
    (folder / "script.py").write_text(PROLOGUE + textwrap.dedent(script))
    argv, variables = ready(name).command([str(folder / "script.py"), str(folder / "model.fourfold.zip")])
    done = subprocess.run(argv, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Bundle(folder / "model.fourfold.zip")


def counted(shape: tuple[int, ...]) -> torch.Tensor:
    return (torch.arange(int(np.prod(shape))) % 5).float().reshape(shape)
