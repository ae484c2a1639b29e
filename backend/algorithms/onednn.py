"""oneDNN's convolution and deconvolution, called without the thresholds of `torch.nn.functional`.

These are the operators that `torch.compile` calls. They are not documented; where a torch lacks them, the algorithms
that use them refuse every case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..geometry import Window
    from ..spec import ConvTranspose3dSpec

_NAMES = ("_convolution_pointwise", "_convolution_transpose_pointwise")
available: bool = torch.backends.mkldnn.is_available() and all(  # type: ignore[no-untyped-call]
    hasattr(torch.ops.mkldnn, name) for name in _NAMES
)


def convolution(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    padding: Sequence[int],
    dilation: Sequence[int],
    groups: int,
) -> torch.Tensor:
    """Return the convolution at stride 1, channels-last as its input."""
    result: torch.Tensor = torch.ops.mkldnn._convolution_pointwise(
        input, weight, bias, padding, [1, 1, 1], dilation, groups, "none", [], ""
    )
    return result


def deconvolution(
    input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, spec: ConvTranspose3dSpec, window: Window
) -> torch.Tensor:
    """Return the transposed convolution with the padding of a window, channels-last as its input."""
    result: torch.Tensor = torch.ops.mkldnn._convolution_transpose_pointwise(
        input,
        weight,
        bias,
        window.padding,
        window.output_padding,
        spec.stride,
        spec.dilation,
        spec.groups,
        "none",
        [],
        "",
    )
    return result
