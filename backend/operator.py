"""`conv_transpose3d`: check the operands, choose an algorithm, run it."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import torch

from .algorithms.native import native
from .arguments import AXES, IntOrTriple, Pads, Triple, integer
from .caching import remembered
from .distributed.detection import is_sharded
from .errors import OperatorError, OperatorTypeError
from .execution import compiled, eager, free, shortcut
from .execution.layout import is_channels_last_3d, moved
from .spec import UnknownNumbersError

if TYPE_CHECKING:
    from .spec import ConvTranspose3dSpec


_SPARSE = (torch.sparse_coo, torch.sparse_csr, torch.sparse_csc, torch.sparse_bsr, torch.sparse_bsc)


def conv_transpose3d(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    spec: ConvTranspose3dSpec,
    *,
    output_size: IntOrTriple | None = None,
    max_workspace: int | None = None,
) -> torch.Tensor:
    """Apply the transposed convolution that `spec` describes.

    Differentiable twice, in forward mode too; works under vmap, autocast, `torch.compile(fullgraph=True)`,
    `torch.export`, with meta and fake tensors, and for every dtype that torch convolves.

    Args:
        input: the volume, batched or not. A channels_last_3d input gives a channels_last_3d output.
        weight: in torch's layout, not flipped.
        bias: one value per output channel, added everywhere, or None.
        spec: the operator.
        output_size: the spatial size wanted, within `spec.output_size_range`; it replaces the spec's
            output_padding. Default: None, the size that the spec gives.
        max_workspace: bytes that the intermediate result of one slab may take, 1 and above; a slab is one stride
            thick at the least. A copy of the slab's input, one of the weight and, in the backward pass, temporaries
            of that order come on top. CPU tensors outside transforms and exporters only.
            Default: None, up to 96 MiB, or what torch's own operator takes where that is faster.

    Shape:
        - input: `(N, C_in, D, H, W)` or `(C_in, D, H, W)`; N may be 0
        - weight: `(C_in, C_out / groups, kD, kH, kW)`
        - bias: `(C_out,)`
        - output: `(N, C_out, D_out, H_out, W_out)` or `(C_out, D_out, H_out, W_out)`

    Raises:
        ValueError: a shape or size does not fit (it is a RuntimeError too).
        TypeError: an operand is not a tensor, or dtypes differ outside autocast (ValueError, RuntimeError too).

    Example:
        >>> import torch
        >>> from fourfold.backend import ConvTranspose3dSpec
        >>> spec = ConvTranspose3dSpec(in_channels=2, out_channels=3, kernel_size=2, stride=2)
        >>> conv_transpose3d(torch.randn(1, 2, 4, 4, 4), torch.randn(2, 3, 2, 2, 2), torch.zeros(3), spec).shape
        torch.Size([1, 3, 8, 8, 8])
    """
    if output_size is None and max_workspace is None:
        try:
            output = shortcut.call(input, weight, bias, spec)
            if output is not None:
                return output
        except (RuntimeError, UnknownNumbersError):  # other dtypes, devices, shapes of bias: the checks below say which
            pass
    _check_operands(input, weight, bias, spec)
    if max_workspace is not None and integer(max_workspace, "max_workspace", 2**63 - 1) < 1:
        msg = f"max_workspace={max_workspace} is not legal; it must be 1 and above. Give a number of bytes, or None."
        raise OperatorError(msg)
    size = cast("Triple", tuple(input.shape[-3:]))
    extreme = _is_extreme(spec)
    if output_size is not None:
        spec = replace(spec, output_padding=spec.output_padding_for(size, output_size))
    if extreme:
        _check_output_size(input, spec, size)
    if is_sharded(input, weight):
        from .distributed.transposed import conv_transpose3d as of_shards

        return of_shards(partial(conv_transpose3d, max_workspace=max_workspace), input, weight, bias, spec)
    if extreme:
        empty = [axis for axis, length in enumerate(spec.output_size(size)) if length < 1]
        if empty:
            return _empty(input, weight, bias, spec, empty)
    return _run(input, weight, bias, spec, max_workspace)


def _run(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    spec: ConvTranspose3dSpec,
    max_workspace: int | None,
) -> torch.Tensor:
    """Compute checked operands, on which something is left to compute, where they can be computed."""
    if eager.applies(input, weight, bias) and (max_workspace is None or input.device.type == "cpu"):
        return eager.run(input, weight, bias, spec, max_workspace)
    if compiled.applies(input, weight, bias):
        return compiled.run(input, weight, bias, spec, max_workspace)
    if max_workspace is not None:
        msg = (
            f"max_workspace={max_workspace} can be kept for plain CPU tensors only, outside transforms and exporters; "
            f"leave it out."
        )
        raise OperatorError(msg)
    output = free.native(input, weight, bias, spec) if spec.is_free else native(input, weight, bias, spec)
    if is_channels_last_3d(input):
        # not contiguous(memory_format=...): vmap has no rule for that
        output = moved(moved(output, 1, -1).contiguous(), -1, 1)
    return output


def _check_operands(input: Any, weight: Any, bias: Any, spec: ConvTranspose3dSpec) -> None:
    if not isinstance(input, torch.Tensor) or not isinstance(weight, torch.Tensor):
        name, value = ("weight", weight) if isinstance(input, torch.Tensor) else ("input", input)
        msg = f"{name} is a {type(value).__name__}; it must be a tensor. Convert it with the front end's tensor()."
        raise OperatorTypeError(msg)
    for name, operand in (("input", input), ("weight", weight), ("bias", bias)):
        if isinstance(operand, torch.Tensor) and operand.layout in _SPARSE:
            msg = f"{name} is stored as {operand.layout}; it must be dense. Convert it with .to_dense()."
            raise OperatorError(msg)
        if isinstance(operand, torch.Tensor) and operand.is_quantized:
            msg = (
                f"{name} is quantized, {operand.dtype}; it must hold plain numbers. Convert it with .dequantize(), or "
                f"quantise a model with torch's own layers."
            )
            raise OperatorTypeError(msg)
    if input.dim() not in (4, 5):
        msg = (
            f"input has {input.dim()} dimensions, shape {tuple(input.shape)}; legal are 5, (N, C, D, H, W), "
            f"or 4, (C, D, H, W). Reshape it, for example with unsqueeze()."
        )
        raise OperatorError(msg)
    if input.shape[-4] != spec.in_channels:
        msg = (
            f"input of shape {tuple(input.shape)} has {input.shape[-4]} channels; the operator has "
            f"in_channels={spec.in_channels}. Give that many, or build the layer for {input.shape[-4]}."
        )
        raise OperatorError(msg)
    for axis, length in zip(AXES, input.shape[-3:], strict=True):
        if length == 0:
            msg = f"input of shape {tuple(input.shape)} has size 0 along {axis}; legal sizes are 1 and above."
            raise OperatorError(msg)
    if tuple(weight.shape) != spec.weight_shape:
        msg = (
            f"weight has shape {tuple(weight.shape)}; the operator needs {spec.weight_shape}: "
            f"(in_channels, out_channels / groups, kernel_size). Permute or reshape it."
        )
        raise OperatorError(msg)
    _check_same("weight", weight, input)
    if bias is not None:
        if not isinstance(bias, torch.Tensor):
            msg = (
                f"bias is a {type(bias).__name__}; it must be a tensor or None. Pass None for no bias, or convert it "
                f"with the front end's tensor()."
            )
            raise OperatorTypeError(msg)
        if tuple(bias.shape) != (spec.out_channels,):
            msg = (
                f"bias has shape {tuple(bias.shape)}; the operator needs ({spec.out_channels},): out_channels. "
                f"Reshape it."
            )
            raise OperatorError(msg)
        _check_same("bias", bias, input)


def _check_same(name: str, operand: torch.Tensor, input: torch.Tensor) -> None:
    if operand.dtype != input.dtype and not torch.is_autocast_enabled(input.device.type):
        msg = (
            f"input is {input.dtype} and {name} is {operand.dtype}; they must be the same. "
            f"Convert one with .to(dtype), or run under torch.autocast."
        )
        raise OperatorTypeError(msg)
    if operand.device != input.device:
        msg = f"input is on {input.device} and {name} on {operand.device}; move both to one device with .to(device)."
        raise OperatorError(msg)


@remembered
def _is_extreme(spec: ConvTranspose3dSpec) -> bool:
    """Whether some input size leaves nothing, or overflows; if not, no size needs to be known, nor traced.

    Whatever the output padding, for an output size may replace it. Each number is looked at alone: min() and max()
    would tie those that a graph leaves open to each other.
    """
    one_voxel = spec.output_size((1, 1, 1))
    return any(
        length - extra < 1 or length > 2**20 or step > 2**20
        for length, extra, step in zip(one_voxel, spec.output_padding, spec.stride, strict=True)
    )


def _check_output_size(input: torch.Tensor, spec: ConvTranspose3dSpec, size: Triple) -> None:
    sizes = spec.output_size(size)
    for axis, length, full in zip(AXES, sizes, spec.full_size(size), strict=True):
        if length < 0:
            msg = (
                f"the output would have size {length} along {axis}: padding={spec.padding} cuts more than the {full} "
                f"voxels that an input of {size} gives there. The output size is too small; reduce padding."
            )
            raise OperatorError(msg)
    elements = math.prod(input.shape[:-4]) * spec.out_channels * math.prod(sizes)
    if elements >= 2**59:  # 16 bytes each; tracing knows no 2**63
        msg = (
            f"an input of {size} with kernel_size={spec.kernel_size}, stride={spec.stride}, padding={spec.padding} and "
            f"dilation={spec.dilation} gives an output of {sizes}, {elements} elements in all; legal are less than "
            f"2**59. Use a smaller stride, dilation or negative padding."
        )
        raise OperatorError(msg)


def _empty(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    spec: ConvTranspose3dSpec,
    empty: list[int],
) -> torch.Tensor:
    """Output of size 0 along some axes, where the padding cuts exactly everything; gradients are zero."""
    padding = cast("Pads", tuple((0, 0) if axis in empty else pad for axis, pad in enumerate(spec.padding)))
    extra = cast("Triple", tuple(0 if axis in empty else value for axis, value in enumerate(spec.output_padding)))
    output = native(input, weight, bias, replace(spec, padding=padding, output_padding=extra))
    for axis in empty:
        output = output.narrow(axis - 3, 0, 0)
    return output.clone()  # in memory of its own: none
