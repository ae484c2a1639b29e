"""Losses of classes that have parameters of their own, and what stands out in maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ...tensor import like, plain
from ..static.graph import Variable, recording
from .names import NAMES, row
from .parameters import Parameters

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []


def centred(input: Tensor, label: Tensor, centers: Tensor, alpha: Any, update_center: bool) -> Tensor:
    """Return half the squared distances to the labels' centres, which go there by `alpha` of the mean distance."""
    places, fixed = label.reshape(-1), plain(centers).detach()
    apart = input - fixed[places]
    loss = (apart * apart).sum(1, keepdim=True) / 2
    if update_center and not plain(centers).is_meta:
        with torch.no_grad():
            # a centre counts among those that it is the mean of
            count = fixed.new_ones(len(fixed)).index_add_(0, places, fixed.new_ones(len(places)))
            total = torch.zeros_like(fixed).index_add_(0, places, plain(apart).detach())
            plain(centers).add_(alpha * total / count.unsqueeze(1))
    return loss


def center_loss(
    input: Any, label: Any, num_classes: int, alpha: Any, param_attr: Any, update_center: bool = True
) -> Any:
    """Return half the squared distances to centres of classes, which are parameters, and move.

    Raises:
        AssertionError: `alpha` is neither a float nor a tensor.
    """
    if not isinstance(alpha, (float, torch.Tensor, Variable)):
        msg = f"alpha of center_loss must be a float or a tensor; it is {alpha!r}."
        raise AssertionError(msg)
    centers = Parameters("center_loss", None, input).create_parameter([num_classes, int(input.shape[1])], param_attr)
    centers.stop_gradient = True
    return recording(centred)(input, label, centers, alpha, update_center)


NAMES.function("layers.center_loss", center_loss)


@row("similarity_focus")
def similarity_focus(input: Tensor, axis: int, indexes: Any) -> Tensor:
    """Return ones where a plane at one of the indexes has its greatest values, one in a row and column at most.

    Shape:
        (N, A, B, C) -> the same: planes are across `axis`, 1 to 3, and what is found holds all along it.

    Raises:
        ValueError: there is no such axis or plane, or none is asked for.
    """
    if axis not in (1, 2, 3) or not indexes or max(indexes) >= input.shape[axis] or min(indexes) < 0:
        msg = f"axis={axis!r} must be 1, 2 or 3, and indexes={indexes!r} can not be empty, nor beyond {input.shape}."
        raise ValueError(msg)
    planes = plain(input).detach().movedim(axis, 1)
    found = torch.zeros_like(planes[:, 0])
    for index in indexes:
        for plane, ones in zip(planes[:, index], found, strict=True):
            left = plane.clone()
            for _ in range(min(plane.shape)):
                place = divmod(int(left.argmax()), plane.shape[1])
                ones[place] = 1
                left[place[0]], left[:, place[1]] = -torch.inf, -torch.inf
    return like(found.unsqueeze(1).expand(planes.shape).movedim(1, axis).clone(), input)


def along(label: Tensor, num_classes: int) -> tuple[Tensor, Tensor]:
    """Return the nodes on the way from each label's leaf to the root, -1 beyond it, and the sides that it turns to.

    Leaves are numbered as in a heap: leaf `num_classes` + label is below node half of that, and the root is 1.

    Raises:
        ValueError: there is no such label.
    """
    if not plain(label).is_meta and not bool(((label >= 0) & (label < num_classes)).all()):
        msg = f"label has {int(label.min())} to {int(label.max())}; legal are 0 to {num_classes - 1}."
        raise ValueError(msg)
    steps = torch.arange((num_classes - 1).bit_length(), device=label.device)
    leaf = plain(label).reshape(-1, 1) + num_classes
    return (leaf >> (steps + 1)) - 1, (leaf >> steps) & 1


def descended(
    input: Tensor, label: Tensor, weight: Tensor, bias: Tensor | None, num_classes: int, table: Any, code: Any
) -> Tensor:
    """Return the cross entropy of the decisions on the way to labels, (N, D) -> (N, 1).

    As in the release a step that a way does not need counts log(2).
    """
    nodes, sides = along(label, num_classes) if table is None else (plain(table), plain(code))
    x, used = plain(input), nodes >= 0
    place = torch.where(used, nodes, 0)
    score = (plain(weight)[place] * x.unsqueeze(1)).sum(-1)
    score = score if bias is None else score + plain(bias).reshape(-1)[place]
    score = torch.where(used, score, 0.0)
    # scores count within 40 alone, without a change of the gradient
    score = score + (score.clamp(-40, 40) - score).detach()
    loss = F.softplus(score, threshold=50.0) - torch.where(used, sides, 0) * score
    return like(loss.sum(1, keepdim=True), input)


def hsigmoid(
    input: Any,
    label: Any,
    num_classes: int,
    param_attr: Any = None,
    bias_attr: Any = None,
    name: str | None = None,
    path_table: Any = None,
    path_code: Any = None,
    is_custom: bool = False,
    is_sparse: bool = False,
) -> Any:
    """Return the cross entropy of decisions in a tree of classes, whose nodes are learned.

    `is_sparse` is about memory alone.

    Raises:
        ValueError: there are too few classes, or half of a tree is given, or one without `is_custom`.
    """
    tree = [path_table is not None, path_code is not None]
    if tree != [is_custom, is_custom] or num_classes is None or (num_classes < 2 and not is_custom):
        msg = (
            f"num_classes={num_classes} must not be less than 2 with the default tree; with is_custom=True path_table "
            f"and path_code must be given, else neither; is_custom={is_custom}, and they are {tree}."
        )
        raise ValueError(msg)
    parameters = Parameters("hierarchical_sigmoid", name, input)
    nodes = num_classes if is_custom else num_classes - 1
    weight = parameters.create_parameter([nodes, int(input.shape[1])], param_attr)
    bias = parameters.create_parameter([nodes, 1], bias_attr, is_bias=True)
    return recording(descended)(input, label, weight, bias, num_classes, path_table, path_code)


NAMES.function("layers.hsigmoid", hsigmoid, name="name")
