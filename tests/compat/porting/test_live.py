"""The real frameworks' batch normalisation after two steps, beside what `port_module` makes of the front end's."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import fourfold
from fourfold.compat.agreement.environments import environment
from fourfold.compat.porting import plan_module
from fourfold.frontends.megengine import module as megengine
from fourfold.frontends.oneflow import nn as oneflow
from fourfold.frontends.paddle import nn as paddle
from fourfold.frontends.paddle.fluid import dygraph as fluid

EPS = float(np.finfo(np.float32).eps)
BATCHES = """
import json
import numpy as np

random = np.random.RandomState(0)
batches = [random.randint(-4, 5, {shape}).astype("float32") for _ in range(2)]


def report(mean, variance, output):
    print(json.dumps([np.asarray(one).ravel().tolist() for one in (mean, variance, output)]))

"""
SCRIPTS = {
    "paddle": """
import paddle
layer = paddle.nn.BatchNorm3D(2, momentum=0.7, epsilon=1e-3)
for x in batches:
    layer(paddle.to_tensor(x))
layer.eval()
report(layer._mean.numpy(), layer._variance.numpy(), layer(paddle.to_tensor(x)).numpy())
""",
    "fluid": """
import paddle.fluid as fluid
with fluid.dygraph.guard():
    layer = fluid.dygraph.BatchNorm(2, momentum=0.7, epsilon=1e-3)
    for x in batches:
        layer(fluid.dygraph.to_variable(x))
    layer.eval()
    report(layer._mean.numpy(), layer._variance.numpy(), layer(fluid.dygraph.to_variable(x)).numpy())
""",
    "megengine": """
import megengine
layer = megengine.module.BatchNorm2d(2, momentum=0.7, eps=1e-3)
layer.train()
for x in batches:
    layer(megengine.tensor(x))
layer.eval()
report(layer.running_mean.numpy(), layer.running_var.numpy(), layer(megengine.tensor(x)).numpy())
""",
    "oneflow": """
import oneflow
layer = oneflow.nn.BatchNorm3d(2, momentum=0.3, eps=1e-3)
for x in batches:
    layer(oneflow.tensor(x))
layer.eval()
report(layer.running_mean.numpy(), layer.running_var.numpy(), layer(oneflow.tensor(x)).numpy())
""",
}
LAYERS: dict[str, Any] = {
    "paddle": lambda: paddle.BatchNorm3D(2, momentum=0.7, epsilon=1e-3),
    "fluid": lambda: fluid.BatchNorm(2, momentum=0.7, epsilon=1e-3),
    "megengine": lambda: megengine.BatchNorm2d(2, momentum=0.7, eps=1e-3),
    "oneflow": lambda: oneflow.BatchNorm3d(2, momentum=0.3, eps=1e-3),
}


def real(name: str, shape: tuple[int, ...]) -> list[torch.Tensor]:
    command, variables = environment(name).command(["-c", BATCHES.format(shape=shape) + SCRIPTS[name]])
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True, timeout=300)
    return [torch.tensor(one) for one in json.loads(done.stdout.splitlines()[-1])]


@pytest.mark.live
@pytest.mark.parametrize("name", LAYERS)
def test_torchs_running_statistics_are_the_real_ones_or_differ_as_the_plan_says(name: str) -> None:
    shape = (2, 2, 3, 2) if name == "megengine" else (2, 2, 1, 3, 2)
    mean, variance, output = real(name, shape)
    random = np.random.RandomState(0)
    batches = [torch.from_numpy(random.randint(-4, 5, shape).astype("float32")) for _ in range(2)]
    layer = LAYERS[name]()
    ported: Any = fourfold.port_module(layer, target="torch.nn")
    assert isinstance(ported, nn.BatchNorm2d if name == "megengine" else nn.BatchNorm3d)
    for x in batches:
        ported(x)
    assert ported.running_var is not None
    torch.testing.assert_close(ported.running_mean, mean, rtol=4 * EPS, atol=4 * EPS)
    biased = (
        "follow the batch's unbiased variance, not the biased one"
        in plan_module(layer, target="torch.nn").layers[0].note
    )
    # what begins as one and is kept is the same; of a batch, torch adds n / (n - 1) times the variance
    share, count = 0.7**2, 12
    factor = (count - 1) / count if biased else 1
    torch.testing.assert_close((ported.running_var - share) * factor + share, variance, rtol=8 * EPS, atol=8 * EPS)
    assert biased == (name in ("paddle", "fluid"))
    # in eval(), with the same tensors, nothing differs
    ported.running_var.copy_(variance)
    found = ported.eval()(batches[1]).detach().flatten()
    torch.testing.assert_close(found, output, rtol=8 * EPS, atol=8 * EPS)
