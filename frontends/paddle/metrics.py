"""Mirrors `paddle.metric`: what is counted over batches, and what the counts say."""

from __future__ import annotations

import abc
from typing import Any

import numpy as np
import torch

from ..tensor import like, plain

__all__ = ["Accuracy", "Auc", "Metric", "Precision", "Recall"]


def _array(value: Any, name: str) -> np.ndarray[Any, Any]:
    if isinstance(value, torch.Tensor):
        return plain(value).detach().cpu().numpy()
    if not isinstance(value, np.ndarray):
        msg = f"The {name!r} must be a numpy ndarray or Tensor; it is a {type(value).__name__}."
        raise ValueError(msg)
    return value


class Metric(metaclass=abc.ABCMeta):
    """Base class of metrics.

    For each batch, what `compute` makes of outputs and labels is given to `update`; `accumulate` says what all of them
    since `reset` come to.
    """

    @abc.abstractmethod
    def reset(self) -> None:
        """Forget all batches."""

    @abc.abstractmethod
    def update(self, *args: Any) -> Any:
        """Count a batch."""

    @abc.abstractmethod
    def accumulate(self) -> Any:
        """Return what the counts come to."""

    @abc.abstractmethod
    def name(self) -> Any:
        """Return its name, or a list of names where `accumulate` returns several values."""

    def compute(self, *args: Any) -> Any:
        """Return what `update` takes of outputs and labels: these themselves, here."""
        return args


class Accuracy(Metric):
    """The share of examples whose class is among the first k.

    Args:
        topk: several k. Default: (1,).
        name: Default: None, 'acc'; with several k, `acc_top1` and so on.
        *args: as in the release, of no meaning.
        **kwargs: likewise.
    """

    def __init__(self, topk: Any = (1,), name: str | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self.topk = topk
        self.maxk = max(topk)
        name = name or "acc"
        self._name = [f"{name}_top{k}" for k in topk] if self.maxk != 1 else [name]
        self.reset()

    def compute(self, pred: Any, label: Any, *args: Any) -> Any:
        """Return 1 where the class of that rank is the label, (..., largest k).

        Args:
            pred: scores, (..., classes).
            label: classes, (...) or (..., 1), or one-hot (..., classes).
            *args: as in the release, of no meaning.
        """
        ranked = torch.argsort(plain(pred), dim=-1, descending=True, stable=True)[..., : self.maxk]
        labels = plain(label)
        if labels.dim() == 1 or (labels.dim() == 2 and labels.shape[-1] == 1):
            labels = labels.reshape(-1, 1)
        elif labels.shape[-1] != 1:
            labels = torch.argmax(labels, -1, keepdim=True)
        return like((ranked == labels).to(torch.float32), pred)

    def update(self, correct: Any, *args: Any) -> Any:
        """Count what `compute` returned; return the shares of this batch, alone where there is one k."""
        found = _array(correct, "correct")
        examples = np.prod(np.array(found.shape[:-1]))
        shares = []
        for index, k in enumerate(self.topk):
            hits = found[..., :k].sum()
            shares.append(float(hits) / examples)
            self.total[index] += hits
            self.count[index] += examples
        return shares[0] if len(self.topk) == 1 else shares

    def reset(self) -> None:
        """Forget all batches."""
        self.total: list[Any] = [0.0] * len(self.topk)
        self.count: list[Any] = [0] * len(self.topk)

    def accumulate(self) -> Any:
        """Return the shares of all batches, alone where there is one k; 0.0 without any."""
        shares = [float(hits) / count if count > 0 else 0.0 for hits, count in zip(self.total, self.count, strict=True)]
        return shares[0] if len(self.topk) == 1 else shares

    def name(self) -> list[str]:
        """Return a name for each k."""
        return self._name


class _Binary(Metric):
    """What counts pairs of a prediction, of which above 0.5 is yes, and a label of 0 or 1."""

    def _pairs(self, preds: Any, labels: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        yes = np.floor(_array(preds, "preds") + 0.5).astype("int32").ravel()
        return yes, _array(labels, "labels").ravel()[: len(yes)]

    def name(self) -> Any:
        """Return its name."""
        return self._name

    _name: Any


class Precision(_Binary):
    """The share of those called 1 that are 1.

    Args:
        name: Default: 'precision'.
        *args: as in the release, of no meaning.
        **kwargs: likewise.
    """

    def __init__(self, name: Any = "precision", *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self.tp, self.fp = 0, 0
        self._name = name

    def update(self, preds: Any, labels: Any) -> None:
        """Count a batch of probabilities and labels."""
        yes, right = self._pairs(preds, labels)
        self.tp += int(((yes == 1) & (right == 1)).sum())
        self.fp += int(((yes == 1) & (right != 1)).sum())

    def reset(self) -> None:
        """Forget all batches."""
        self.tp, self.fp = 0, 0

    def accumulate(self) -> float:
        """Return the share; 0.0 where none is called 1."""
        called = self.tp + self.fp
        return float(self.tp) / called if called else 0.0


class Recall(_Binary):
    """The share of those that are 1 that are called so.

    Args:
        name: Default: 'recall'.
        *args: as in the release, of no meaning.
        **kwargs: likewise.
    """

    def __init__(self, name: Any = "recall", *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self.tp, self.fn = 0, 0
        self._name = name

    def update(self, preds: Any, labels: Any) -> None:
        """Count a batch of probabilities and labels."""
        yes, right = self._pairs(preds, labels)
        self.tp += int(((right == 1) & (yes == 1)).sum())
        self.fn += int(((right == 1) & (yes != 1)).sum())

    def reset(self) -> None:
        """Forget all batches."""
        self.tp, self.fn = 0, 0

    def accumulate(self) -> float:
        """Return the share; 0.0 where none is 1."""
        there = self.tp + self.fn
        return float(self.tp) / there if there else 0.0


class Auc(Metric):
    """The area below the curve of the share found over the share of false alarms, by thresholds at equal steps.

    Args:
        curve: kept, of no meaning in the release. Default: 'ROC'.
        num_thresholds: steps. Default: 4095.
        name: Default: 'auc'.
        *args: as in the release, of no meaning.
        **kwargs: likewise.
    """

    def __init__(
        self, curve: str = "ROC", num_thresholds: int = 4095, name: Any = "auc", *args: Any, **kwargs: Any
    ) -> None:
        super().__init__()
        self._curve, self._num_thresholds, self._name = curve, num_thresholds, name
        self.reset()

    def update(self, preds: Any, labels: Any) -> None:
        """Count a batch of probabilities of both classes, (N, 2), and labels of 0 or 1."""
        found, right = _array(preds, "preds"), _array(labels, "labels").ravel()
        places = (found[: len(right), 1] * self._num_thresholds).astype(int)
        if places.size and not (places.min() >= 0 and places.max() <= self._num_thresholds):
            msg = f"Auc takes probabilities; some of those of class 1 are not in [0, 1]: {found[:, 1].tolist()[:8]}."
            raise AssertionError(msg)
        np.add.at(self._stat_pos, places[right.astype(bool)], 1.0)
        np.add.at(self._stat_neg, places[~right.astype(bool)], 1.0)

    @staticmethod
    def trapezoid_area(x1: float, x2: float, y1: float, y2: float) -> float:
        """Return the area below a line from (x1, y1) to (x2, y2)."""
        return abs(x1 - x2) * (y1 + y2) / 2.0

    def accumulate(self) -> Any:
        """Return the area, a NumPy number; 0.0 where there is only one class."""
        # from the highest threshold down, each step adds a trapezoid
        found = np.concatenate([[0.0], np.cumsum(self._stat_pos[::-1])])
        alarms = np.concatenate([[0.0], np.cumsum(self._stat_neg[::-1])])
        area = self.trapezoid_area(alarms[:-1], alarms[1:], found[:-1], found[1:])  # type: ignore[arg-type]
        whole = found[-1] * alarms[-1]
        return np.sum(area) / whole if whole > 0.0 else 0.0

    def reset(self) -> None:
        """Forget all batches."""
        self._stat_pos = np.zeros(self._num_thresholds + 1)
        self._stat_neg = np.zeros(self._num_thresholds + 1)

    def name(self) -> Any:
        """Return its name."""
        return self._name
