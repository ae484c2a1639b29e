"""What two processes run in tests as a script would, its models sharded, beside the same without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from tests.operands import integers
from torch.distributed.device_mesh import init_device_mesh

from fourfold.compat.checkpoints.native import paddle as native
from fourfold.compat.sharding.files import saved_once
from fourfold.compat.sharding.models import models_sharded
from fourfold.frontends import megengine, oneflow, paddle
from fourfold.frontends.tensor import plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SIZE = (2, 2, 5, 4, 4)


class PaddleModel(paddle.nn.Layer):
    """Uses methods that torch's tensors have with another meaning."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = paddle.nn.Conv3D(2, 6, 3, padding=1)
        self.up = paddle.nn.Conv3DTranspose(6, 2, 4, stride=2, padding=1)

    def forward(self, x: Any) -> Any:
        first, second = self.conv(x).split(2, axis=1)  # torch would make three of two channels
        y = paddle.concat([second, paddle.nn.functional.relu(first)], axis=1)
        return self.up(paddle.nn.functional.max_pool3d(y, 2, 1)), y.shape


class MegEngineModel(megengine.module.Module):
    """Without pools, which MegEngine has not for volumes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = megengine.module.Conv3d(2, 6, 3, padding=1)
        self.up = megengine.module.ConvTranspose3d(6, 2, 4, stride=2, padding=1)

    def forward(self, x: Any) -> Any:
        y = megengine.functional.relu(self.conv(x))
        return self.up(megengine.functional.concat([y[:, 3:], y[:, :3]], axis=1)), y.shape


class OneFlowModel(oneflow.nn.Module):
    """A decoder with a pool."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = oneflow.nn.Conv3d(2, 6, 3, padding=1)
        self.up = oneflow.nn.ConvTranspose3d(6, 2, 4, stride=2, padding=1)

    def forward(self, x: Any) -> Any:
        y = oneflow.relu(self.conv(x))
        return self.up(oneflow.nn.functional.max_pool3d(y, 2, 1)), y.shape


class TorchModel(torch.nn.Module):
    """A decoder with a pool."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = torch.nn.Conv3d(2, 6, 3, padding=1)
        self.up = torch.nn.ConvTranspose3d(6, 2, 4, stride=2, padding=1)

    def forward(self, x: Any) -> Any:
        y = self.conv(x).relu()
        return self.up(torch.nn.functional.max_pool3d(y, 2, 1)), y.shape


MODELS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "torch": (TorchModel, torch.as_tensor),
    "paddle": (PaddleModel, lambda x: paddle.to_tensor(x, stop_gradient=False)),
    "megengine": (MegEngineModel, megengine.tensor),
    "oneflow": (OneFlowModel, oneflow.tensor),
}


def model_of(name: str) -> tuple[list[str], bool, bool]:
    """Return what differs of a sharded model; whether outputs are of the framework's class, and it was sharded."""
    make, tensor = MODELS[name]
    model, volume = make(), tensor(integers(SIZE, 9).numpy())
    parameters = list(torch.nn.Module.parameters(model))
    for index, parameter in enumerate(parameters):
        plain(parameter).detach().copy_(integers(tuple(parameter.shape), index))
    results: list[list[Any]] = []
    kinds = []
    with models_sharded(init_device_mesh("cpu", (2,))) as found:
        sharded = model(volume)
    for output, shape in (model(volume), sharded):
        gradients = torch.autograd.grad(plain(output).square().sum(), parameters)
        results.append([output, *gradients, torch.tensor([int(each) for each in shape])])
        kinds.append((type(output), type(shape)))
    differing = [
        str(index) for index, (one, other) in enumerate(zip(*results, strict=True)) if not torch.equal(one, other)
    ]
    return differing, kinds[0] == kinds[1], found == [model]


def of_other_data(what: str) -> None:
    """Call a model with data, or parameters, that are not the same in both processes."""
    model = torch.nn.Conv3d(2, 1, 1)
    with torch.no_grad():
        model.weight.fill_(torch.distributed.get_rank() if what == "state" else 1)
    volume = torch.full(SIZE, torch.distributed.get_rank() if what == "input" else 1.0)
    with models_sharded(init_device_mesh("cpu", (2,))):
        model(volume)


def loss_alone() -> int:
    """Return how many models were sharded where a loss, which has no parameters, was called."""
    with models_sharded(init_device_mesh("cpu", (2,))) as models:
        torch.nn.MSELoss()(torch.ones(SIZE), torch.zeros(SIZE))
    return len(models)


def saved(path: Path) -> tuple[bool, bool]:
    """Save a state by both processes; return whether this one wrote it, and whether it reads it."""
    wrote: list[bool] = []

    def recorded(*args: Any) -> None:
        wrote.append(True)
        save(*args)

    save = native._save_state
    native._save_state = recorded  # type: ignore[assignment]
    try:
        with saved_once():
            paddle.save({"a": paddle.to_tensor([1.0])}, str(path))
        return bool(wrote), paddle.load(str(path))["a"].tolist() == [1.0]
    finally:
        native._save_state = save
