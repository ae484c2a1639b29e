"""Rows of losses as layers."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...names import Kept, kept
from ..names import NAMES
from . import basics, classification  # noqa: F401, whose rows the layers call
from .losses import checked

__all__: list[str] = []

layer: Any = NAMES.layer


def reduction(name: str, attribute: str = "reduction") -> Kept:
    """Keep a reduction, 'mean', 'sum' or 'none', under the release's attribute."""
    return kept(attribute, read=partial(_checked, name=name))


def _checked(value: Any, name: str) -> Any:
    checked(value, name)
    return value


def same(*arguments: str) -> dict[str, Kept]:
    """Keep arguments under their own names."""
    return {argument: kept(argument) for argument in arguments}


for name, function, options in (
    ("MSELoss", "mse_loss", ""),
    ("L1Loss", "l1_loss", ""),
    ("BCEWithLogitsLoss", "binary_cross_entropy_with_logits", "weight pos_weight"),
    ("SmoothL1Loss", "smooth_l1_loss", "delta is_huber"),
    ("BCELoss", "binary_cross_entropy", "weight"),
    ("MarginRankingLoss", "margin_ranking_loss", "margin"),
    ("HingeEmbeddingLoss", "hinge_embedding_loss", "margin"),
    ("CosineEmbeddingLoss", "cosine_embedding_loss", "margin"),
    ("SoftMarginLoss", "soft_margin_loss", ""),
    ("MultiLabelSoftMarginLoss", "multi_label_soft_margin_loss", "weight"),
    ("TripletMarginLoss", "triplet_margin_loss", "margin p epsilon swap"),
    ("GaussianNLLLoss", "gaussian_nll_loss", "full epsilon"),
    ("MultiMarginLoss", "multi_margin_loss", "p margin weight"),
):
    layer(f"nn.{name}", f"nn.functional.{function}", reduction=reduction(name), **same(*options.split()))
layer(
    "nn.CrossEntropyLoss",
    "nn.functional.cross_entropy",
    kind="",  # torch's divides by the labels that are not ignored, where ignore_index is negative too
    reduction=reduction("CrossEntropyLoss"),
    **same(*["weight", "ignore_index", "soft_label", "axis", "use_softmax", "label_smoothing"]),
)

# its reductions are more, and the function looks at them
layer("nn.KLDivLoss", "nn.functional.kl_div", **same("reduction", "log_target"))
layer("nn.NLLLoss", "nn.functional.nll_loss", reduction=reduction("nll_loss", "_reduction"))
layer("nn.PoissonNLLLoss", "nn.functional.poisson_nll_loss", reduction=reduction("poisson_nll_loss", "_reduction"))
layer("nn.CosineSimilarity", "nn.functional.cosine_similarity")
