"""Rows of initialisers: torch's, of channels first alone."""

from __future__ import annotations

import torch.nn.init

from ..names import NAMES

__all__: list[str] = []

NAMES.functions(torch.nn.init, "calculate_gain constant_ eye_ ones_ orthogonal_ zeros_ normal_ uniform_", "nn.init.")
NAMES.functions(torch.nn.init, "kaiming_normal_ kaiming_uniform_ trunc_normal_", "nn.init.")
NAMES.functions(torch.nn.init, "xavier_normal_ xavier_uniform_", "nn.init.")
