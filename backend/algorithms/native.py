"""torch's own operator, plus a crop or zeros where its arguments cannot say what the spec says.

Cost: that of `torch.nn.functional.conv_transpose3d`; one copy of the result more for asymmetric padding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import torch

from ..caching import remembered

if TYPE_CHECKING:
    from ..arguments import Triple
    from ..spec import ConvTranspose3dSpec


class Window(NamedTuple):
    """Arguments for torch's operator, and what is left to do on its result.

    `extend` and `crop` are for `torch.nn.functional.pad`, last axis first. Zeros come first: a window that lies
    wholly outside the full result is cut out of them.
    """

    padding: Triple
    output_padding: Triple
    extend: tuple[int, ...]
    crop: tuple[int, ...]


@remembered
def window(spec: ConvTranspose3dSpec) -> Window:
    """Express [lo, lo + out) of the full result through torch's symmetric padding p and output padding t.

    torch gives [p, full - p + t) with 0 <= t < max(stride, dilation). Start from p = lo, for which t = p - hi + op.
    """
    axes = []
    for (low, high), extra, stride, dilation in zip(
        spec.padding, spec.output_padding, spec.stride, spec.dilation, strict=True
    ):
        limit = max(stride, dilation) - 1
        pad = max(low, 0)
        tail = pad - high + extra
        shift = min(pad, max(tail - limit, 0))  # too long a tail: cut less on both sides, then crop the front
        pad, tail = pad - shift, tail - shift
        front = -min(low, 0) - shift
        native_tail = tail if 0 <= tail <= limit else 0
        axes.append((pad, native_tail, front, tail - native_tail))
    rest = [amount for _, _, front, back in reversed(axes) for amount in (front, back)]
    extend = tuple(max(amount, 0) for amount in rest)
    crop = tuple(min(amount, 0) for amount in rest)
    depth, height, width = axes
    return Window(
        (depth[0], height[0], width[0]),
        (depth[1], height[1], width[1]),
        extend if any(extend) else (),
        crop if any(crop) else (),
    )


@dataclass(frozen=True)
class Native:
    """torch's operator; it applies to everything."""

    name: str = "native"

    def refusal(self, spec: ConvTranspose3dSpec, input: torch.Tensor) -> str | None:
        """Nothing is refused."""
        return None

    def run(
        self, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, spec: ConvTranspose3dSpec
    ) -> torch.Tensor:
        """Compute the output; shapes as in `conv_transpose3d`."""
        plan = window(spec)
        output = torch.nn.functional.conv_transpose3d(
            input,
            weight,
            None if plan.extend else bias,  # the bias covers the zeros too, so there it comes after them
            spec.stride,
            plan.padding,
            plan.output_padding,
            spec.groups,
            spec.dilation,
        )
        if plan.extend:
            output = torch.nn.functional.pad(output, plan.extend)
            if bias is not None:
                output = output + bias.to(output.dtype).reshape(-1, 1, 1, 1)
        if plan.crop:
            output = torch.nn.functional.pad(output, plan.crop)
        return output
