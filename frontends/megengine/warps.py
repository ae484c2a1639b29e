"""Rows of pictures that are taken apart and put together elsewhere: `remap` and the warps; and of their colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...backend import OperatorError
from ..names import reads
from ..tensor import like, plain
from .arguments import ArgumentError
from .names import NAMES
from .operands import tensor_of

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function


def folded(place: Tensor, size: int, border: str) -> Tensor:
    """Return where values at integer places come from, those beyond the border too.

    Raises:
        RuntimeError: there is no such border (a ValueError too).
    """
    if border == "wrap":
        return torch.remainder(place, size)
    if border in ("replicate", "constant"):
        return torch.clamp(place, 0, size - 1)
    if border == "reflect":  # cba|abc|cba
        inside = torch.remainder(place, 2 * size)
        return torch.where(inside < size, inside, 2 * size - 1 - inside)
    if border == "reflect_101":  # cb|abc|ba
        inside = torch.remainder(place, max(2 * size - 2, 1))
        return torch.where(inside < size, inside, 2 * size - 2 - inside)
    msg = f"border_mode={border!r}; legal are 'replicate', 'reflect', 'reflect_101', 'wrap' and 'constant'."
    raise OperatorError(msg)


def sampled(planes: Tensor, x: Tensor, y: Tensor, border: str, value: float, interpolation: str) -> Tensor:
    """Return the values of planes `(N, C, H, W)` at places `(N, H_out, W_out)`.

    Raises:
        RuntimeError: there is no such border or interpolation; the batches differ (a ValueError too).
    """
    if interpolation not in ("linear", "nearest"):
        msg = f"interp_mode={interpolation!r}; legal are 'linear' and 'nearest'."
        raise OperatorError(msg)
    if planes.dim() != 4 or len(planes) != len(x):
        msg = f"inp has shape {tuple(planes.shape)}, for {len(x)} maps; it must be (N, C, H, W), N alike. Reshape it."
        raise OperatorError(msg)
    batch, channels, height, width = planes.shape
    flat = planes.reshape(batch, channels, height * width)

    def at(row: Tensor, column: Tensor) -> Tensor:
        where = (folded(row, height, border) * width + folded(column, width, border)).long()
        index = where.reshape(batch, 1, -1).expand(batch, channels, -1)
        found = torch.gather(flat, 2, index).reshape(batch, channels, *where.shape[1:])
        if border != "constant":
            return found
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        return torch.where(inside.unsqueeze(1), found, value)

    if interpolation == "nearest":
        return at(torch.round(y), torch.round(x))
    top, left = torch.floor(y).detach(), torch.floor(x).detach()
    down, right = (y - top).unsqueeze(1), (x - left).unsqueeze(1)
    above = at(top, left) * (1 - right) + at(top, left + 1) * right
    below = at(top + 1, left) * (1 - right) + at(top + 1, left + 1) * right
    return above * (1 - down) + below * down


def remap(
    input: Any, map_xy: Tensor, border_mode: str = "replicate", scalar: float = 0.0, interp_mode: str = "linear"
) -> Tensor:
    """Return the values of planes at places.

    Args:
        input: `(N, C, H, W)`.
        map_xy: `(N, H_out, W_out, 2)`, the column and the row of each place.
        border_mode: what is beyond the border: 'replicate', 'reflect', 'reflect_101', 'wrap' or 'constant'.
        scalar: the value there for 'constant'. Default: 0.
        interp_mode: 'linear' or 'nearest'. Default: 'linear'.

    Raises:
        AssertionError: the input is no tensor (a ValueError and RuntimeError too).
        RuntimeError: there is no such mode; the batches differ (a ValueError too).

    Example:
        >>> remap(torch.arange(4.0).reshape(1, 1, 2, 2), torch.tensor([[[[0.5, 0.0], [1.0, 1.0]]]])).tolist()
        [[[[0.5, 3.0]]]]
    """
    if not isinstance(input, torch.Tensor):
        msg = f"inp must be Tensor type; it is a {type(input).__name__}. Use megengine.tensor()."
        raise ArgumentError(msg)
    x, y = plain(tensor_of(map_xy, "map_xy")).unbind(-1)
    return like(sampled(plain(input), x, y, border_mode, scalar, interp_mode), input)


def size_of(shape: Any) -> list[int]:
    """Return the height and width of what comes out.

    Raises:
        TypeError: it is a number.
    """
    values = shape.tolist() if isinstance(shape, (torch.Tensor, np.ndarray)) else shape
    height, width = values
    return [int(height), int(width)]


def grid(size: list[int], device: torch.device) -> Tensor:
    """Return column, row and 1 of each pixel, `(3, H * W)`."""
    rows, columns = torch.meshgrid(*(torch.arange(float(each), device=device) for each in size), indexing="ij")
    return torch.stack([columns.reshape(-1), rows.reshape(-1), torch.ones_like(rows).reshape(-1)])


def warp_perspective(
    input: Tensor,
    mat: Tensor,
    out_shape: Any,
    mat_idx: Any = None,
    border_mode: str = "replicate",
    border_val: float = 0.0,
    format: str = "NCHW",
    interp_mode: str = "linear",
) -> Tensor:
    """Return what planes look like from elsewhere: each pixel is where its matrix `(N, 3, 3)` sends it.

    Args:
        input: `(N, C, H, W)`.
        mat: of each sample; or of those that `mat_idx` names.
        out_shape: height and width of what comes out.
        mat_idx: the sample of each matrix. Default: None, one each.
        border_mode: as in `remap`.
        border_val: as `scalar` in `remap`.
        format: only 'NCHW'.
        interp_mode: only 'linear', as in MegEngine.

    Raises:
        TypeError: `out_shape` is a number.
        RuntimeError: an argument that is not served (a ValueError too).
    """
    if format != "NCHW" or interp_mode != "linear":
        msg = f"format={format!r}, interp_mode={interp_mode!r}; served are 'NCHW' and 'linear'. Permute the axes."
        raise OperatorError(msg)
    size = size_of(out_shape)
    planes, matrices = plain(input), plain(tensor_of(mat, "mat"))
    if mat_idx is not None:
        planes = planes[torch.as_tensor(mat_idx, device=planes.device).as_subclass(torch.Tensor).long()]
    x, y, scale = (matrices.to(torch.float32) @ grid(size, planes.device)).unbind(1)
    shape = (len(planes), *size)
    x, y = (x / scale).reshape(shape), (y / scale).reshape(shape)
    return like(sampled(planes, x, y, border_mode, border_val, interp_mode), input)


def coarse(matrices: Tensor, size: list[int], interpolation: str) -> tuple[Tensor, Tensor]:
    """Return places as MegEngine has them of pictures in gray and of three colours: in 32nds of a pixel.

    It computes them in 1024ths, column by column and row by row.
    """
    across, down, shift = (each.unsqueeze(-1) for each in matrices.double().unbind(-1))
    column, row, _ = grid(size, matrices.device).double()
    place = torch.round(across * column * 1024) + torch.round((down * row + shift) * 1024)
    unit = 1024 if interpolation == "nearest" else 32
    x, y = (torch.floor((place + unit // 2) / unit) * unit / 1024).to(matrices.dtype).unbind(1)
    return x, y


def warp_affine(
    input: Tensor,
    mat: Tensor,
    out_shape: Any,
    border_mode: str = "replicate",
    border_val: float = 0.0,
    format: str = "NHWC",
    interp_mode: str = "linear",
) -> Tensor:
    """Return planes turned, sheared and moved: each pixel is where its matrix `(N, 2, 3)` sends it.

    Args:
        input: `(N, H, W, C)`, or `(N, C, H, W)` by `format`.
        mat: of each sample.
        out_shape: height and width of what comes out.
        border_mode: as in `remap`.
        border_val: as `scalar` in `remap`.
        format: 'NHWC' or 'NCHW'. Default: 'NHWC'.
        interp_mode: as in `remap`.

    Raises:
        TypeError: `out_shape` is a number.
        RuntimeError: there is no such mode (a ValueError too).
    """
    if format not in ("NHWC", "NCHW"):
        msg = f"format={format!r}; legal are 'NHWC' and 'NCHW'."
        raise OperatorError(msg)
    size, given = size_of(out_shape), plain(input)
    planes = given.permute(0, 3, 1, 2) if format == "NHWC" else given
    if format == "NHWC" and planes.shape[1] in (1, 3):
        x, y = coarse(plain(tensor_of(mat, "mat")), size, interp_mode)
    else:
        x, y = (plain(tensor_of(mat, "mat")) @ grid(size, planes.device)).unbind(1)
    shape = (len(planes), *size)
    result = sampled(planes, x.reshape(shape), y.reshape(shape), border_mode, border_val, interp_mode)
    return like(result.permute(0, 2, 3, 1) if format == "NHWC" else result, input)


LUMA = (0.299, 0.587, 0.114)  # of red, green and blue, ITU-R BT.601


def cvt_color(input: Tensor, mode: str = "") -> Tensor:
    """Return pictures `(N, H, W, C)` in other colours: 'RGB2GRAY', 'BGR2GRAY' or 'GRAY2RGB'.

    Raises:
        AssertionError: there is no such mode (a ValueError and RuntimeError too).
        NotImplementedError: it is another of MegEngine's.
    """
    name = mode.upper()
    if name in ("RGB2GRAY", "BGR2GRAY"):
        weights = torch.tensor(LUMA if name == "RGB2GRAY" else LUMA[::-1], device=input.device)
        if input.dtype == torch.uint8:  # in whole 16384ths, rounded
            total = (plain(input).int() * torch.round(weights * 16384).int()).sum(-1, keepdim=True)
            return like(((total + 8192) // 16384).to(torch.uint8), input)
        return like((plain(input) * weights).sum(-1, keepdim=True), input)
    if name == "GRAY2RGB":
        return torch.cat([input] * 3, -1)
    if name in ("RGB2YUV", "RGB2BGR", "BGR2RGB") or name.startswith("YUV"):
        msg = f"cvt_color: mode={mode!r} is not served; served are RGB2GRAY, BGR2GRAY and GRAY2RGB. Use a product."
        raise NotImplementedError(msg)
    msg = f"unspport mode for cvt_color: {mode!r}. Served are RGB2GRAY, BGR2GRAY and GRAY2RGB."
    raise ArgumentError(msg)


fn("functional.remap", remap, inp=reads(lambda inp: inp, "input"))
fn("functional.warp_affine", warp_affine)
fn("functional.warp_perspective", warp_perspective)
fn("functional.vision.cvt_color", cvt_color)
