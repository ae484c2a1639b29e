"""torch's older ONNX exporter, which knows fewer operators: layers and functions of every front end in every layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.operands import integers

from fourfold.frontends import megengine, oneflow, paddle
from fourfold.frontends.paddle import fluid, fluid_1_8
from fourfold.frontends.torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.filterwarnings(
        "ignore::torch.jit.TracerWarning", "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore:Constant fold"
    ),
]
FIRST, LAST = (2, 4, 5, 6, 7), (2, 5, 6, 7, 4)
ARGUMENTS: dict[str, Any] = {"stride": 2, "padding": 1}
WEIGHT = integers((4, 3, 3, 3, 2), 1)


class Function(torch.nn.Module):
    def __init__(self, function: Callable[[torch.Tensor], Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x)  # type: ignore[no-any-return]


def fluid_layers(x: torch.Tensor) -> torch.Tensor:
    weight, bias = (
        fluid.ParamAttr(name=name, initializer=fluid.initializer.Constant(2.0), trainable=False)
        for name in ("of_an_exported_function.w", "of_an_exported_function.b")
    )
    return fluid.layers.conv3d_transpose(
        x,
        3,
        filter_size=3,
        padding="SAME",
        stride=2,
        param_attr=weight,
        bias_attr=bias,
        act="relu",
        data_format="NDHWC",
    )


Paddle, Fluid, MegEngine, OneFlow = paddle.nn, fluid.dygraph, megengine.module, oneflow.nn
LAYERS: dict[str, tuple[Callable[[], torch.nn.Module], tuple[int, ...]]] = {
    "torch": (lambda: nn.ConvTranspose3d(4, 6, 3, **ARGUMENTS), FIRST),
    "paddle": (lambda: Paddle.Conv3DTranspose(4, 6, 3, stride=2, padding=[1, 0, 1, 1, 0, 1], groups=2), FIRST),
    "paddle-ndhwc": (lambda: Paddle.Conv3DTranspose(4, 6, 3, **ARGUMENTS, data_format="NDHWC"), LAST),
    "paddle-same-ndhwc": (
        lambda: Paddle.Conv3DTranspose(4, 6, 3, stride=2, padding="SAME", data_format="NDHWC"),
        LAST,
    ),
    "paddle-convolution-ndhwc": (lambda: Paddle.Conv3D(4, 6, 3, stride=2, padding="SAME", data_format="NDHWC"), LAST),
    "paddle-mean-pool-ndhwc": (lambda: Paddle.AvgPool3D(2, data_format="NDHWC"), LAST),
    "paddle-pool-ndhwc": (lambda: Paddle.MaxPool3D(2, data_format="NDHWC"), LAST),
    "paddle-adaptive-pool-ndhwc": (lambda: Paddle.AdaptiveAvgPool3D(1, data_format="NDHWC"), LAST),
    "paddle-prelu-ndhwc": (lambda: Paddle.PReLU(4, data_format="NDHWC"), LAST),
    "paddle-upsample-ndhwc": (lambda: Paddle.Upsample(scale_factor=2, data_format="NDHWC"), LAST),
    "paddle-linear": (lambda: Paddle.Linear(7, 5), FIRST),
    "paddle-matmul": (lambda: Function(lambda x: paddle.matmul(x, x, transpose_y=True)), FIRST),
    "fluid": (lambda: Fluid.Conv3DTranspose(4, 6, 3, **ARGUMENTS, act="relu"), FIRST),
    "fluid-function-ndhwc": (lambda: Function(fluid_layers), LAST),
    "fluid-linear": (lambda: Fluid.Linear(7, 5), FIRST),
    "fluid_1_8": (lambda: fluid_1_8.dygraph.Conv3DTranspose(4, 6, 3, **ARGUMENTS, bias_attr=True), FIRST),
    "megengine": (lambda: MegEngine.ConvTranspose3d(4, 6, 3, **ARGUMENTS, groups=2), FIRST),
    "megengine-matmul": (lambda: Function(lambda x: megengine.functional.matmul(x, x, transpose_b=True)), FIRST),
    "oneflow": (lambda: OneFlow.ConvTranspose3d(4, 6, 3, **ARGUMENTS, output_padding=4), FIRST),
    "oneflow-channels-last": (
        lambda: Function(
            lambda x: oneflow.nn.functional.conv_transpose3d(x, WEIGHT, **ARGUMENTS, data_format="channels_last")
        ),
        LAST,
    ),
}


@pytest.mark.parametrize(("make", "shape"), [pytest.param(*each, id=name) for name, each in LAYERS.items()])
def test_the_file_is_valid_and_computes_the_same(make: Any, shape: tuple[int, ...], tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="needs the onnx extra")
    runtime = pytest.importorskip("onnxruntime", reason="needs the onnx extra")
    path, model, x = tmp_path / "layer.onnx", make().eval().requires_grad_(False), integers(shape, 2)
    for seed, parameter in enumerate(model.parameters()):
        torch.Tensor.copy_(parameter, integers(tuple(parameter.shape), seed))
    wanted = model(x)
    torch.onnx.export(model, (x,), path, dynamo=False)
    onnx.checker.check_model(path, full_check=True)
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    assert torch.equal(torch.from_numpy(found), wanted)
