"""oneDNN's convolution and deconvolution, called without the thresholds of `torch.nn.functional`.

These are the operators that `torch.compile` calls. They are not documented; where a torch lacks them, the algorithms
that use them refuse every case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..execution.geometry import Window
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
    if spec.groups > 1 and max(spec.dilation) == 1:
        return _grouped(input, weight, bias, spec, window)
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


def _grouped(
    input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, spec: ConvTranspose3dSpec, window: Window
) -> torch.Tensor:
    """Return it as the input gradient of a convolution, for which oneDNN has faster code with groups."""
    sizes = (
        (n - 1) * s + k - 2 * p + extra
        for n, s, k, p, extra in zip(
            input.shape[2:], spec.stride, spec.kernel_size, window.padding, window.output_padding, strict=True
        )
    )
    # only the shape of the convolution's input is read
    shape_of = torch.empty((), device="cpu").expand(input.size(0), spec.out_channels, *sizes)
    result: torch.Tensor = torch.ops.aten.convolution_backward(
        input,
        shape_of,
        weight.contiguous(memory_format=torch.channels_last_3d),
        None,
        spec.stride,
        window.padding,
        spec.dilation,
        False,
        (0, 0, 0),
        spec.groups,
        (True, False, False),
    )[0]
    return result if bias is None else result.add_(bias.reshape(-1, 1, 1, 1))
