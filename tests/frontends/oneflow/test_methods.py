"""Methods of `oneflow.Tensor`: all that the release has, and torch's own code beside them."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn as torch_nn

import fourfold.frontends.oneflow as flow
from fourfold.frontends.oneflow.framework.methods import OPERATORS
from fourfold.frontends.oneflow.names import NAMES

RECORDED = [name.removeprefix("Tensor.") for name in NAMES.signatures if name.startswith("Tensor.")]
MODULES = {"flow": "", "nn": "nn."}


def test_no_recorded_method_is_torch_s_by_accident() -> None:
    kinds = flow.Tensor.__mro__[: flow.Tensor.__mro__.index(torch.Tensor)]
    ours = {name for kind in kinds for name in vars(kind)} | set(OPERATORS.split()) | set(dir(object))
    assert set(RECORDED) - ours == set()


@pytest.mark.parametrize("name", ["check_meta_consistency", "to_consistent", "global_id"])
def test_what_is_not_served_says_so_by_its_name(name: str) -> None:
    with pytest.raises(NotImplementedError, match=rf"oneflow\.Tensor\.{name} of OneFlow 0\.9 is not served"):
        getattr(flow.ones(2), name)()


@pytest.mark.parametrize("name", ["placement", "sbp"])
def test_what_global_tensors_have_is_refused(name: str) -> None:
    with pytest.raises(RuntimeError, match=f"Only global tensors have '{name}'"):
        getattr(flow.ones(2), name)


WEIGHT: Any = flow.nn.Parameter(flow.tensor([-5.0, 5.0, 2.0]))
OPTIMIZERS: list[Any] = [
    torch.optim.SGD,
    torch.optim.Adam,
    torch.optim.AdamW,
    torch.optim.RMSprop,
    torch.optim.Adagrad,
    torch.optim.Adadelta,
    torch.optim.NAdam,
    torch.optim.LBFGS,
]


def _trained(optimizer: Any, parameter: torch.Tensor) -> torch.Tensor:
    steps = optimizer([parameter], lr=0.1)

    def loss() -> torch.Tensor:
        steps.zero_grad()
        value = (parameter * parameter).sum()
        torch.autograd.backward(value)
        return value

    for _ in range(3):
        steps.step(loss)
    return parameter.detach()


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda kind: kind.__name__)
def test_torch_s_optimizers_work_on_these_tensors(optimizer: Any) -> None:
    values = torch.tensor([1.0, -2.0, 0.5])
    ours = _trained(optimizer, flow.nn.Parameter(flow.tensor(values)))
    assert torch.equal(ours, _trained(optimizer, torch_nn.Parameter(values.clone())))


def test_torch_s_own_layers_take_these_tensors() -> None:
    torch.manual_seed(0)
    layer = torch_nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    x = torch.randn(2, 3, 8)
    assert torch.equal(layer(flow.tensor(x)), layer(x))


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda x: torch.max(x, 1).values, id="max"),
        pytest.param(lambda x: torch.split(x, 2)[0], id="split"),
        pytest.param(torch.norm, id="norm"),
        pytest.param(lambda x: torch.einsum("ij->ji", x), id="einsum"),
        pytest.param(lambda x: torch.nn.functional.interpolate(x[None, None], scale_factor=2), id="interpolate"),
        pytest.param(lambda x: torch.nn.functional.cosine_similarity(x, x), id="cosine"),
        pytest.param(torch.linalg.svdvals, id="svdvals"),
        pytest.param(lambda x: torch.stack(list(x)), id="iteration"),
        pytest.param(lambda x: torch.fmod(x, 2) + torch.remainder(x, 2), id="remainder"),
    ],
)
def test_torch_s_functions_keep_torch_s_meaning(call: Any) -> None:
    x = torch.arange(12.0).reshape(4, 3) - 5
    assert torch.equal(call(flow.tensor(x)), call(x))


def test_the_gradient_is_one_object_of_this_class() -> None:
    x = flow.ones(2, requires_grad=True)
    torch.autograd.backward((x * 2).sum())
    assert type(x.grad) is flow.Tensor
    assert x.grad is x.grad
    x.grad = None
    assert x.grad is None


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda x: -(x % 2) // 3 + x**2, id="operators"),
        pytest.param(lambda x: (3 - x) * 2.0**x + 1 / (x + 9), id="numbers-on-the-left"),
        pytest.param(lambda x: WEIGHT % 2 * x + 3 - WEIGHT**2, id="parameter"),
        pytest.param(lambda x: ((x > 0) & (x < 3) | (x == -1)).float() * x, id="logic"),
        pytest.param(lambda x: flow.max(x, 1)[0].clamp(0, 1).square(), id="max-clamp-square"),
        pytest.param(lambda x: flow.softmax(x.reshape(3, 4).permute(1, 0)).sum((0, 1)), id="shapes-softmax-sum"),
        pytest.param(lambda x: flow.where(x > 0, x, -x).std(1, unbiased=False), id="where-std"),
        pytest.param(lambda x: flow.cat([x, flow.relu(x)], dim=1).split(2, dim=1)[1], id="cat-split"),
        pytest.param(lambda x: flow.nn.functional.gelu(x, approximate="tanh").norm(dim=1), id="gelu-norm"),
    ],
)
def test_chains_of_names_trace_whole(call: Any) -> None:
    x = flow.tensor(torch.arange(12.0).reshape(4, 3) - 5, requires_grad=True)
    compiled: Any = torch.compile(call, fullgraph=True, backend="aot_eager")
    ours, wanted = compiled(x), call(x)
    assert torch.equal(ours, wanted)
    assert torch.equal(torch.autograd.grad(ours.sum(), x)[0], torch.autograd.grad(wanted.sum(), x)[0])


def test_networks_of_planes_trace_whole() -> None:
    nn = flow.nn
    network = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.LeakyReLU(0.1),
        nn.MaxPool2d(2),
        nn.ConvTranspose2d(4, 2, 2, stride=2),
        nn.GroupNorm(1, 2),
        nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Softmax(1),
    ).eval()
    x = flow.randn(2, 1, 8, 8)
    torch.testing.assert_close(torch.compile(network, fullgraph=True, backend="aot_eager")(x), network(x))
