"""Losses of classes that have parameters of their own, and what stands out in maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

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
