"""Networks of several layers compile whole on the front ends' own tensors, and give their tensors and gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from fourfold.frontends import megengine, oneflow, paddle
from fourfold.frontends.paddle import fluid

if TYPE_CHECKING:
    from collections.abc import Callable


def paddle_network() -> Any:
    nn: Any = paddle.nn
    return nn.Sequential(
        nn.Conv3DTranspose(2, 4, 2, stride=2),
        nn.BatchNorm3D(4),
        nn.ReLU(),
        nn.Conv3D(4, 4, 3),
        nn.Conv3DTranspose(4, 1, 2),
    )


def fluid_network() -> Any:
    nn: Any = fluid.dygraph
    return nn.Sequential(
        nn.Conv3DTranspose(2, 4, 2, stride=2),
        nn.BatchNorm(4),
        nn.Conv3D(4, 4, 3, act="relu"),
        nn.Conv3DTranspose(4, 1, 2),
    )


def megengine_network() -> Any:
    nn: Any = megengine.module
    return nn.Sequential(
        nn.ConvTranspose3d(2, 4, 2, stride=2),
        nn.ReLU(),
        nn.Conv3d(4, 4, 3),
        nn.LeakyReLU(),
        nn.ConvTranspose3d(4, 1, 2),
    )


def oneflow_network() -> Any:
    nn: Any = oneflow.nn
    return nn.Sequential(
        nn.ConvTranspose3d(2, 4, 2, stride=2),
        nn.BatchNorm3d(4),
        nn.ReLU(),
        nn.Conv3d(4, 4, 3),
        nn.ConvTranspose3d(4, 1, 2),
    )


VALUES = torch.randn(2, 2, 4, 4, 4, generator=torch.Generator().manual_seed(0))
NETWORKS = [
    pytest.param(paddle_network, paddle.to_tensor(VALUES.numpy()), id="paddle"),
    pytest.param(fluid_network, paddle.to_tensor(VALUES.numpy()), marks=pytest.mark.thorough, id="fluid"),
    pytest.param(megengine_network, megengine.tensor(VALUES.numpy()), id="megengine"),
    pytest.param(oneflow_network, oneflow.tensor(VALUES.numpy()), marks=pytest.mark.thorough, id="oneflow"),
]


@pytest.mark.parametrize(("build", "x"), NETWORKS)
def test_a_network_compiles_whole(build: Callable[[], Any], x: Any) -> None:
    check(build, x, "aot_eager")


def test_inductor_compiles_one() -> None:  # what it gets is the same for every front end
    check(paddle_network, paddle.to_tensor(VALUES.numpy()), "inductor")


def check(build: Callable[[], Any], x: Any, backend: str) -> None:
    torch._dynamo.reset()
    network = build().eval()  # the gradient of a bias before a norm of the batch is nothing but rounding
    compiled: Any = torch.compile(network, fullgraph=True, backend=backend)
    (eager, by_eager), (output, by_compiled) = computed(network, network, x), computed(compiled, network, x)
    assert type(output) is type(eager)
    # inductor sums in another order
    torch.testing.assert_close(plain(output), plain(eager), rtol=1e-5, atol=1e-5)
    for one, two in zip(by_eager, by_compiled, strict=True):
        torch.testing.assert_close(plain(two), plain(one), rtol=1e-4, atol=1e-4)


def computed(run: Any, network: Any, x: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the output and the gradients of the parameters."""
    output = run(x)
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    return output, torch.autograd.grad(plain(output).sum(), parameters)


def plain(tensor: Any) -> Any:
    return tensor.as_subclass(torch.Tensor)
