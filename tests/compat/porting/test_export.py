"""The end of the road: a ported model, exported and saved, names nothing of fourfold."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest
import torch

from fourfold import port_module
from fourfold.frontends import megengine, oneflow, paddle
from fourfold.frontends.paddle import fluid_1_8

if TYPE_CHECKING:
    from collections.abc import Callable

MODELS = {
    "paddle": lambda: paddle.nn.Sequential(paddle.nn.Conv3DTranspose(2, 3, 2, stride=2), paddle.nn.ReLU()),
    "fluid": lambda: fluid_1_8.dygraph.Sequential(fluid_1_8.dygraph.Conv3DTranspose(2, 3, 2, stride=2)),
    "megengine": lambda: megengine.module.Sequential(
        megengine.module.ConvTranspose3d(2, 3, 2, stride=2), megengine.module.LeakyReLU()
    ),
    "oneflow": lambda: oneflow.nn.Sequential(oneflow.nn.ConvTranspose3d(2, 3, 2, stride=2), oneflow.nn.ReLU()),
}


@pytest.mark.parametrize("build", [pytest.param(build, id=name) for name, build in MODELS.items()])
def test_a_ported_model_is_saved_without_a_trace_of_fourfold(build: Callable[[], torch.nn.Module]) -> None:
    ported = port_module(build(), target="torch.nn").eval()
    file = io.BytesIO()
    torch.export.save(torch.export.export(ported, (torch.ones(1, 2, 2, 2, 2),)), file)
    with zipfile.ZipFile(file) as archive:
        naming = [name for name in archive.namelist() if b"fourfold" in archive.read(name)]
    assert naming == []
