"""Rows of what finds classes along a tree, sequences along another, and beams back to their root."""

from __future__ import annotations

import itertools
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ....backend import OperatorError
from ...names import Learned, kept
from ..names import NAMES
from ..nn.layer import Layer
from .basics import linear
from .layers_losses import same
from .losses import reduced

__all__: list[str] = []

fn: Any = NAMES.function
layer: Any = NAMES.layer
# Paddle bounds what goes into its logarithm of a sum of exponentials, and lets gradients through
BOUND = 40.0


def hsigmoid_loss(
    input: Tensor,
    label: Tensor,
    num_classes: int,
    weight: Tensor,
    bias: Tensor | None = None,
    path_table: Tensor | None = None,
    path_code: Tensor | None = None,
) -> Tensor:
    """Return the cross entropy of the turns on the way to a class, `(N, 1)`.

    Args:
        input: `(N, features)`.
        label: classes, `(N,)` or `(N, 1)`.
        num_classes: how many there are, 2 and above.
        weight: one row for each inner node.
        bias: likewise. Default: None.
        path_table: the nodes on the way to each sample's class, -1 after its end. Default: None, a complete tree.
        path_code: 1 for each turn to the right. Default: None, likewise.

    Raises:
        ValueError: there are fewer than two classes.
    """
    if num_classes < 2:
        msg = f"Expected num_classes >= 2 (got {num_classes})"
        raise ValueError(msg)
    if (path_table is None) != (path_code is None):
        msg = "path_table and path_code say one tree: give both, or none."
        raise OperatorError(msg)
    if path_table is None or path_code is None:
        # the leaf of a class is numbered class + num_classes; its bits below the first are the turns
        steps = torch.arange((num_classes - 1).bit_length(), device=input.device)
        leaves = label.reshape(-1, 1) + num_classes
        nodes = (leaves >> (steps + 1)) - 1
        turns = torch.bitwise_and(leaves >> steps, torch.ones_like(steps))
    else:
        # a tensor of `label`'s sizes may come with paths for all classes
        nodes, turns = path_table.reshape(input.shape[0], -1), path_code.reshape(input.shape[0], -1)
    on_way = torch.cumprod(torch.Tensor.to(nodes >= 0, torch.int64), 1) > 0
    chosen = torch.where(on_way, torch.Tensor.to(nodes, torch.int64), 0)
    scores = torch.sum(weight[chosen] * input[:, None], -1)
    if bias is not None:
        scores = scores + bias.flatten()[chosen]
    # steps after the end count log 2 each, as in Paddle
    scores = torch.where(on_way, scores, 0.0)
    bounded = scores + (torch.clamp(scores, -BOUND, BOUND) - scores).detach()
    right = torch.where(on_way, torch.Tensor.to(turns, input.dtype), 0.0)
    return torch.sum(F.softplus(bounded, threshold=BOUND) - right * bounded, 1, keepdim=True)


def ctc_loss(
    log_probs: Tensor,
    labels: Tensor,
    input_lengths: Tensor,
    label_lengths: Tensor,
    blank: int = 0,
    reduction: str = "mean",
    norm_by_times: bool = False,
    zero_infinity: bool = False,
) -> Tensor:
    """Return the negative log likelihood of labels over all their alignments.

    Args:
        log_probs: `(T, N, classes)`, of which the shares are computed here: scores.
        labels: `(N, labels)`.
        input_lengths: how many steps of `T` count, of each sample.
        label_lengths: how many labels do.
        blank: the class between labels. Default: 0.
        reduction: 'mean' of losses by labels, 'sum' or 'none'. Default: 'mean'.
        norm_by_times: whether gradients, not losses, are divided by the steps. Default: False.
        zero_infinity: taken; a loss of labels that do not fit is zero in Paddle without it. Default: False.
    """
    shares = F.log_softmax(log_probs, -1)
    lengths, counts = torch.Tensor.to(input_lengths, torch.int64), torch.Tensor.to(label_lengths, torch.int64)
    labels = torch.Tensor.to(labels, torch.int64)
    losses = F.ctc_loss(shares, labels, lengths, counts, blank, "none", zero_infinity=True)
    if norm_by_times:
        slow = losses / torch.Tensor.to(lengths, losses.dtype)
        losses = losses.detach() + (slow - slow.detach())
    if reduction not in ("mean", "sum", "none"):
        msg = f"reduction={reduction!r} should be 'mean', 'sum' or 'none'."
        raise AssertionError(msg)
    return reduced(losses / torch.Tensor.to(counts, losses.dtype) if reduction == "mean" else losses, reduction)


def of_alignments(
    log_probs: Tensor,
    labels: Tensor,
    input_lengths: Tensor,
    label_lengths: Tensor,
    norm_by_times: bool,
    blank: int,
    reduction: str,
    zero_infinity: bool,
) -> Tensor:
    """Return the loss of labels over all their alignments."""
    return ctc_loss(log_probs, labels, input_lengths, label_lengths, blank, reduction, norm_by_times, zero_infinity)


def gather_tree(ids: Tensor, parents: Tensor) -> Tensor:
    """Return the whole of each beam, `(T, N, beams)`, from what was chosen at each step and from which beam."""
    if ids.dim() != 3 or ids.dim() != parents.dim():
        msg = "The input ids must be a 3D tensor with shape [length, batch_size, beam_size], and parents' the same."
        raise ValueError(msg)
    found = [ids[-1]]
    beams = torch.Tensor.to(parents[-1], torch.int64)
    for step in reversed(range(ids.shape[0] - 1)):
        found.append(torch.gather(ids[step], -1, beams))
        beams = torch.gather(torch.Tensor.to(parents[step], torch.int64), -1, beams)
    return torch.stack(found[::-1])


def adaptive_log_softmax_with_loss(
    input: Tensor, label: Tensor, head_weight: Tensor, tail_weights: Any, cutoffs: Any, head_bias: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return the log likelihood of each label, rare ones by way of their cluster, and the mean of their negatives.

    Args:
        input: `(N, features)`, or `(features,)`.
        label: `(N,)`, or `()`.
        head_weight: `(features, frequent classes + clusters)`.
        tail_weights: two matrices for each cluster.
        cutoffs: the first class of each cluster, and the number of classes.
        head_bias: as many as `head_weight` has columns. Default: None.

    Raises:
        ValueError: the sizes do not fit, or a label is no class.
    """
    if label.dim() > 1 or input.dim() != label.dim() + 1 or (label.dim() and input.shape[0] != label.shape[0]):
        msg = (
            f"0D or 1D label tensor expected, and input with one axis more and the same size in the batch dimension; "
            f"label is {list(label.shape)}, input {list(input.shape)}."
        )
        raise ValueError(msg)
    batch, classes = input.reshape(-1, input.shape[-1]), torch.Tensor.to(label.reshape(-1), torch.int64)
    if classes.numel() and (int(classes.min()) < 0 or int(classes.max()) >= cutoffs[-1]):
        msg = (
            f"label values should be in [0, n_classes - 1], but values in range [{int(classes.min())}, "
            f"{int(classes.max())}] were found."
        )
        raise ValueError(msg)
    places = torch.where(classes < cutoffs[0], classes, 0)
    found = torch.zeros(classes.shape, dtype=input.dtype, device=input.device)
    for index, weights in enumerate(tail_weights[: len(cutoffs) - 1]):
        low, high = cutoffs[index], cutoffs[index + 1]
        inside = (classes >= low) & (classes < high)
        places = torch.where(inside, cutoffs[0] + index, places)
        shares = F.log_softmax(linear(linear(batch, weights[0]), weights[1]), 1)
        chosen = torch.where(inside, classes - low, 0)
        found = torch.where(inside, torch.gather(shares, 1, chosen[:, None])[:, 0], found)
    head = F.log_softmax(linear(batch, head_weight, head_bias), 1)
    found = found + torch.gather(head, 1, places[:, None])[:, 0]
    return found.reshape(label.shape), torch.mean(-found)


fn("nn.functional.hsigmoid_loss", hsigmoid_loss)
fn("nn.functional.ctc_loss", ctc_loss)
fn("nn.functional.gather_tree", gather_tree)
fn("nn.functional.adaptive_log_softmax_with_loss", adaptive_log_softmax_with_loss)


def check_classes(layer: Any, num_classes: int, is_custom: bool) -> None:
    """Refuse a complete tree of one class."""
    if num_classes < 2 and not is_custom:
        msg = f"num_classes must not be less than 2 with default tree; it is {num_classes}."
        raise ValueError(msg)


def nodes(layer: Any, feature_size: int, num_classes: int, is_custom: bool, weight_attr: Any) -> None:
    """Make a row for each inner node of a tree; of a user's own tree, as many as there are classes."""
    count = num_classes if is_custom else num_classes - 1
    layer.add_parameter("weight", layer.create_parameter([count, feature_size], weight_attr))


def node_biases(layer: Any, num_classes: int, is_custom: bool, bias_attr: Any) -> None:
    """Make a bias for each inner node."""
    count = num_classes if is_custom else num_classes - 1
    layer.add_parameter("bias", layer.create_parameter([count, 1], bias_attr, is_bias=True))


def of_tree(
    input: Tensor, label: Tensor, path_table: Any, path_code: Any, num_classes: int, weight: Tensor, bias: Any
) -> Tensor:
    """Return the cross entropy of the turns on the way to a class."""
    return hsigmoid_loss(input, label, num_classes, weight, bias, path_table, path_code)


class Clusters(Layer):
    """A base of the layer whose rare classes are in clusters: what it says of all classes."""

    head_weight: Tensor
    head_bias: Tensor | None
    tail_weights: list[list[Tensor]]
    cutoffs: list[int]

    def log_prob(self, input: Tensor) -> Tensor:
        """Return the log likelihood of every class, `(N, n_classes)`."""
        head = F.log_softmax(linear(input, self.head_weight, self.head_bias), 1)
        count = self.cutoffs[0]
        parts = [head[:, :count]]
        for index, weights in enumerate(self.tail_weights):
            shares = F.log_softmax(linear(linear(input, weights[0]), weights[1]), 1)
            parts.append(shares + head[:, count + index, None])
        return torch.cat(parts, 1)

    def predict(self, input: Tensor) -> Tensor:
        """Return the likeliest class of each sample: floats, unless all are rare, as in Paddle."""
        found = torch.argmax(linear(input, self.head_weight, self.head_bias), 1)
        rare = found >= self.cutoffs[0]
        if bool(rare.any()):
            found = torch.where(rare, torch.argmax(self.log_prob(input), 1), found)
        return found if rare.numel() and bool(rare.all()) else torch.Tensor.to(found, torch.float32)


def clusters(layer: Any, in_features: int, n_classes: int, cutoffs: Any, div_value: float, weight_attr: Any) -> None:
    """Make the matrix of frequent classes and clusters, and two for each cluster, which are no parameters of it."""
    cutoffs = list(cutoffs)
    if (
        not cutoffs
        or cutoffs != sorted({int(each) for each in cutoffs})
        or not 0 < min(cutoffs) <= cutoffs[-1] < n_classes
    ):
        msg = (
            f"cutoffs={cutoffs} should be a sequence of unique, positive integers sorted in an increasing order, where "
            f"each value is between 1 and n_classes-1."
        )
        raise ValueError(msg)
    layer.cutoffs = [*cutoffs, n_classes]
    layer.shortlist_size, layer.n_clusters = cutoffs[0], len(cutoffs)
    layer.head_size = cutoffs[0] + len(cutoffs)
    layer.add_parameter("head_weight", layer.create_parameter([in_features, layer.head_size], weight_attr))
    tails = []
    for index, (low, high) in enumerate(itertools.pairwise(layer.cutoffs), 1):
        between = int(in_features // div_value**index)
        shapes = ([in_features, between], [between, high - low])
        tails.append([layer.create_parameter(shape, weight_attr) for shape in shapes])
    layer.tail_weights = tails


def cluster_bias(layer: Any, head_bias: bool, bias_attr: Any) -> None:
    """Make the bias of frequent classes and clusters, where one is wanted."""
    bias = layer.create_parameter([layer.head_size], bias_attr, is_bias=True) if head_bias else None
    layer.add_parameter("head_bias", bias)


layer(
    "nn.HSigmoidLoss",
    of_tree,
    learned=(
        Learned("classes", check_classes, ("num_classes", "is_custom"), means=None),
        Learned("weight", nodes, ("feature_size", "num_classes", "is_custom", "weight_attr"), role="weight"),
        Learned("bias", node_biases, ("num_classes", "is_custom", "bias_attr"), role="bias"),
    ),
    feature_size=kept("_feature_size", None),
    is_custom=kept("_is_custom", None),
    is_sparse=kept("_is_sparse", None),
)
# torch's takes logarithms of shares, where this one takes scores
layer("nn.CTCLoss", of_alignments, kind="", **same("blank", "reduction", "zero_infinity"))
layer(
    "nn.AdaptiveLogSoftmaxWithLoss",
    "nn.functional.adaptive_log_softmax_with_loss",
    kind="",  # the matrices of its clusters are in no state
    base=Clusters,
    learned=(
        Learned(
            "head_weight", clusters, ("in_features", "n_classes", "cutoffs", "div_value", "weight_attr"), role="weight"
        ),
        Learned("head_bias", cluster_bias, ("head_bias", "bias_attr"), role="bias"),
    ),
    extra={"tail_weights": "self.tail_weights", "cutoffs": "self.cutoffs"},
    in_features=kept("in_features", None),
    n_classes=kept("n_classes", None),
    cutoffs=kept(None),
    div_value=kept("div_value", None),
    head_bias=kept("is_head_bias", None),
)
