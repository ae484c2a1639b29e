"""Boxes of objects in images: how they overlap, their code beside other boxes, and what YOLO's scores say of them.

A box is `(x1, y1, x2, y2)`. Where boxes are not normalised, their last pixel is inside, and adds 1 to their sizes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..static.graph import Variable
from .names import row

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []


def four(name: str, boxes: Tensor, axes: int = 2) -> None:
    """Raise ValueError unless the last of so many axes holds four numbers."""
    if boxes.dim() != axes or boxes.shape[-1] != 4:
        msg = f"{name} has the shape {list(boxes.shape)}; {axes} axes are needed, of which the last holds 4 numbers."
        raise ValueError(msg)


@row("iou_similarity")
def iou_similarity(x: Tensor, y: Tensor, box_normalized: bool = True) -> Tensor:
    """Return by how much of their union boxes overlap, (N, 4) and (M, 4) -> (N, M), without gradients."""
    four("x", x)
    four("y", y)
    x, y = x.detach().unsqueeze(1), y.detach()
    beyond = 0 if box_normalized else 1
    common = torch.minimum(x[..., 2:], y[..., 2:]) - torch.maximum(x[..., :2], y[..., :2]) + beyond
    shared = common.clamp(min=0).prod(-1)
    union = (x[..., 2:] - x[..., :2] + beyond).prod(-1) + (y[..., 2:] - y[..., :2] + beyond).prod(-1) - shared
    # boxes without area share nothing, where 0 / 0 would be no number
    return torch.where(union == 0, union, shared / union)


def centred(boxes: Tensor, beyond: int) -> tuple[Tensor, Tensor]:
    """Return sizes of boxes, and centres that are half a size from their first corners."""
    size = boxes[..., 2:] - boxes[..., :2] + beyond
    return boxes[..., :2] + size / 2, size


@row("box_coder", prior_box_var="prior_box_var")
def box_coder(
    prior_box: Tensor,
    prior_box_var: Any,
    target_box: Tensor,
    code_type: str = "encode_center_size",
    box_normalized: bool = True,
    axis: int = 0,
) -> Tensor:
    """Return the code of boxes beside priors, in variances, or what boxes such a code means; without gradients.

    Shape:
        `prior_box` (M, 4). To encode `target_box` (N, 4) -> (N, M, 4); to decode (N, M, 4), or (M, N, 4) where `axis`
        is 1, -> the same.

    Raises:
        TypeError: the variances are neither a tensor nor a list.
        ValueError: they are not four, or an option is none there is.
    """
    if not isinstance(prior_box_var, (torch.Tensor, Variable, list)):
        msg = f"Input variance of box_coder must be a tensor or a list of 4 numbers; it is {prior_box_var!r}."
        raise TypeError(msg)
    if isinstance(prior_box_var, list) and len(prior_box_var) != 4:
        msg = f"Size of attribute 'variance' of BoxCoder operator should be 4; received {prior_box_var}."
        raise ValueError(msg)
    if code_type not in ("encode_center_size", "decode_center_size") or axis not in (0, 1):
        msg = (
            f"code_type={code_type!r} and axis={axis!r}: box_coder knows 'encode_center_size' and "
            "'decode_center_size', and the axes 0 and 1."
        )
        raise ValueError(msg)
    encoding = code_type == "encode_center_size"
    four("prior_box", prior_box)
    four("target_box", target_box, 2 if encoding else 3)
    prior, target = prior_box.detach(), target_box.detach()
    scale = prior_box_var.detach() if isinstance(prior_box_var, torch.Tensor) else prior.new_tensor(prior_box_var)
    if axis and not encoding:
        prior = prior.unsqueeze(1)
        scale = scale.unsqueeze(1) if scale.dim() == 2 else scale
    beyond = 0 if box_normalized else 1
    middle, size = centred(prior, beyond)
    if encoding:
        target = target.unsqueeze(1)
        centre = (target[..., :2] + target[..., 2:]) / 2
        ratio = (target[..., 2:] - target[..., :2] + beyond) / size
        return torch.cat([(centre - middle) / size, torch.log(torch.abs(ratio))], -1) / scale
    code = scale * target
    centre = code[..., :2] * size + middle
    size = torch.exp(code[..., 2:]) * size
    return torch.cat([centre - size / 2, centre + size / 2 - beyond], -1)


@row("polygon_box_transform")
def polygon_box_transform(input: Tensor) -> Tensor:
    """Return corners from distances to places four pixels apart, x and y in turn: (N, 2 K, H, W), without gradients.

    Raises:
        ValueError: the channels are not even in number.
    """
    if input.dim() != 4 or input.shape[1] % 2 or not input.is_floating_point():
        msg = f"input is {input.dtype} of the shape {list(input.shape)}; (N, an even number, H, W) of floats is needed."
        raise ValueError(msg)
    height, width = input.shape[2:]
    rows, columns = (torch.arange(size, device=input.device, dtype=input.dtype) * 4 for size in (height, width))
    places = torch.stack([columns.expand(height, width), rows.unsqueeze(1).expand(height, width)])
    return places.repeat(input.shape[1] // 2, 1, 1) - input.detach()


@row("yolo_box", several=True)
def yolo_box(
    x: Tensor,
    img_size: Tensor,
    anchors: Any,
    class_num: int,
    conf_thresh: float,
    downsample_ratio: int,
    clip_bbox: bool = True,
    scale_x_y: float = 1.0,
) -> tuple[Tensor, Tensor]:
    """Return boxes in pixels and scores of classes, 0 where no object is likely, without gradients.

    Shape:
        x: (N, S * (5 + classes), H, W), img_size: (N, 2), heights and widths -> (N, S * H * W, 4) and
        (N, S * H * W, classes).

    Raises:
        TypeError: an argument is of another type.
        ValueError: the channels do not fit the anchors and classes.
    """
    kinds: dict[str, tuple[Any, Any]] = {
        "anchors": (anchors, (list, tuple)),
        "class_num": (class_num, int),
        "conf_thresh": (conf_thresh, float),
    }
    for name, (value, kind) in kinds.items():
        if not isinstance(value, kind):
            msg = f"{name} of yolo_box is {value!r}, a {type(value).__name__}; give a {kind}."
            raise TypeError(msg)
    count, (batch, channels, height, width) = len(anchors) // 2, x.shape
    if channels != count * (5 + class_num):
        msg = f"x has {channels} channels; {count} anchors of {class_num} classes need {count * (5 + class_num)}."
        raise ValueError(msg)
    parts = x.detach().reshape(batch, count, 5 + class_num, height, width).permute(0, 1, 3, 4, 2)
    # all that is a pair from here on is along x, then along y
    image = img_size.flip(1).reshape(batch, 1, 1, 1, 2).to(x.dtype)
    cells = torch.stack(torch.meshgrid(torch.arange(width), torch.arange(height), indexing="xy"), -1).to(x)
    anchor = x.new_tensor(anchors).reshape(count, 1, 1, 2)
    # as in the release, there are as many places along x as along y
    centre = (cells + torch.sigmoid(parts[..., :2]) * scale_x_y - 0.5 * (scale_x_y - 1)) * image / height
    size = torch.exp(parts[..., 2:4]) * anchor * image / (downsample_ratio * height)
    low, high = centre - size / 2, centre + size / 2
    if clip_bbox:
        low, high = low.clamp(min=0), torch.minimum(high, image - 1)
    confidence = torch.sigmoid(parts[..., 4:5])
    likely = confidence >= conf_thresh
    boxes = torch.where(likely, torch.cat([low, high], -1), 0.0)
    scores = torch.where(likely, confidence * torch.sigmoid(parts[..., 5:]), 0.0)
    return boxes.reshape(batch, -1, 4), scores.reshape(batch, -1, class_num)
