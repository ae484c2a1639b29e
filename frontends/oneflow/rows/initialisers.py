"""Rows of initialisers: torch's, of channels first alone."""

from __future__ import annotations

import math
from typing import Any

import torch.nn.init

from ..names import NAMES

__all__: list[str] = []

NAMES.functions(torch.nn.init, "calculate_gain constant_ eye_ ones_ orthogonal_ zeros_ normal_ uniform_", "nn.init.")
NAMES.functions(torch.nn.init, "kaiming_normal_ kaiming_uniform_ trunc_normal_", "nn.init.")
NAMES.functions(torch.nn.init, "xavier_normal_ xavier_uniform_", "nn.init.")


def data_format(data_format: str) -> str:
    """Return 'channels_first' or 'channels_last' for a layout such as 'NCHW', and '' for ''.

    Raises:
        AssertionError: it is none.
    """
    if data_format.startswith("NC"):
        return "channels_first"
    if data_format and not (data_format.startswith("N") and data_format.endswith("C")):
        msg = f"data_format={data_format!r}: must be one such as NCHW, NHWC, or ''."
        raise AssertionError(msg)
    return "channels_last" if data_format else ""


def fan(shape: Any, mode: str, data_format: str) -> float:
    """Return how many inputs a unit of a weight has, how many outputs, or both together.

    Raises:
        AssertionError: the weight has less than two axes.
        NotImplementedError: there is no such mode or layout.
    """
    if len(shape) < 2:
        msg = f"shape={tuple(shape)}: fan in and fan out need 2 dimensions."
        raise AssertionError(msg)
    spaces = {"channels_first": shape[2:], "channels_last": shape[1:-1]}
    if len(shape) > 2 and data_format not in spaces:
        msg = f"data_format={data_format!r}: only support 'channels_first' and 'channels_last' data format."
        raise NotImplementedError(msg)
    inputs = float(math.prod(shape[1:]))
    outputs = float(shape[0] * (math.prod(spaces[data_format]) if len(shape) > 2 else 1))
    found = {"fan_in": inputs, "fan_out": outputs, "fan_sum": inputs + outputs}
    if mode not in found:
        msg = f"mode={mode!r}: only support 'fan_in', 'fan_out' and 'fan_sum' mode."
        raise NotImplementedError(msg)
    return found[mode]


NAMES.function("nn.init.get_data_format", data_format)
NAMES.function("nn.init.calc_fan", fan)
