"""The two models in torch: those of `here.py` with torch's own operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

if TYPE_CHECKING:
    from tests.compat.models import here
else:
    import here  # beside this file, where that runs


class UNet(here.UNet):
    def __init__(self) -> None:
        super().__init__(nn.ConvTranspose3d)


class VNet(here.VNet):
    def __init__(self) -> None:
        super().__init__(nn.ConvTranspose3d, here.group_norm)
