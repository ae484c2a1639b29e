"""Mirrors `paddle.fluid.metrics`, whose metrics add up NumPy arrays."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

__all__ = [
    "Accuracy",
    "Auc",
    "ChunkEvaluator",
    "CompositeMetric",
    "EditDistance",
    "MetricBase",
    "Precision",
    "Recall",
]


def check_array(name: str, value: Any) -> Any:
    """Return a NumPy array.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, (np.ndarray, np.generic)):
        msg = f"The {name!r} must be a numpy ndarray; it is a {type(value).__name__}. Call numpy() of a tensor."
        raise ValueError(msg)
    return value


def is_number(value: Any) -> bool:
    """Whether a value is a number, or an array that holds one alone."""
    return isinstance(value, (int, np.int64, float)) or (isinstance(value, np.ndarray) and value.shape == (1,))


def check_number(name: str, value: Any, *, arrays: bool = False) -> None:
    """Raise ValueError unless a value is a number, or an array where that will do."""
    if not (is_number(value) or (arrays and isinstance(value, np.ndarray))):
        label = " or a numpy ndarray" if arrays else ""
        msg = f"The {name!r} must be a number(int, float){label}; it is a {type(value).__name__}."
        raise ValueError(msg)


def alone(value: Any) -> float:
    """Return the number that there is, in an array or by itself."""
    return float(np.asarray(value).item())


class MetricBase:
    """What metrics share; what they have added up are attributes whose names begin with no underscore.

    Args:
        name: what it is called, or None for the name of the class.
    """

    def __init__(self, name: Any) -> None:
        self._name = type(self).__name__ if name is None else str(name)

    def __str__(self) -> str:
        return self._name

    def _states(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def reset(self) -> None:
        """Forget what was added up: numbers and arrays become zeros, anything else None."""
        for name, value in self._states().items():
            zeros: Any = np.zeros_like(value) if isinstance(value, (np.ndarray, np.generic)) else None
            if isinstance(value, (int, float)):
                zeros = 0 if isinstance(value, int) else 0.0
            setattr(self, name, zeros)

    def get_config(self) -> dict[str, Any]:
        """Return the name, and copies of what was added up."""
        return {"name": self._name, "states": copy.deepcopy(self._states())}

    def update(self, preds: Any, labels: Any) -> None:
        """Add the results of one batch; subclasses say how.

        Raises:
            NotImplementedError: this class does not.
        """
        msg = "Should not use it directly, please extend it: a metric says itself how it is updated."
        raise NotImplementedError(msg)

    def eval(self) -> Any:
        """Return what all batches give; subclasses say how.

        Raises:
            NotImplementedError: this class does not.
        """
        msg = "Should not use it directly, please extend it: a metric says itself what it gives."
        raise NotImplementedError(msg)


class CompositeMetric(MetricBase):
    """Several metrics of the same predictions.

    Args:
        name: as of every metric.
    """

    def __init__(self, name: Any = None) -> None:
        super().__init__(name)
        self._metrics: list[MetricBase] = []

    def add_metric(self, metric: MetricBase) -> None:
        """Add a metric.

        Raises:
            ValueError: it is none.
        """
        if not isinstance(metric, MetricBase):
            msg = f"SubMetric should be inherit from MetricBase; it is a {type(metric).__name__}."
            raise ValueError(msg)
        self._metrics.append(metric)

    def update(self, preds: Any, labels: Any) -> None:
        """Add the results of one batch to all."""
        for metric in self._metrics:
            metric.update(preds, labels)

    def eval(self) -> list[Any]:
        """Return what each of them gives."""
        return [metric.eval() for metric in self._metrics]


def pairs(preds: Any, labels: Any) -> tuple[Any, Any]:
    """Return predictions, rounded to integers, and labels, as many of both as there are labels."""
    wanted = check_array("labels", labels)
    found = np.rint(check_array("preds", preds)).astype("int32")[: wanted.shape[0]]
    return found.reshape(wanted.shape[0]), wanted.reshape(wanted.shape[0])


class Precision(MetricBase):
    """How many of the samples that were predicted to be 1 are so.

    Args:
        name: as of every metric.
    """

    def __init__(self, name: Any = None) -> None:
        super().__init__(name)
        self.tp = 0
        self.fp = 0

    def update(self, preds: Any, labels: Any) -> None:
        """Count the samples of one batch, which are probabilities of 1, and labels."""
        found, wanted = pairs(preds, labels)
        self.tp += int(((found == 1) & (wanted == 1)).sum())
        self.fp += int(((found == 1) & (wanted != 1)).sum())

    def eval(self) -> float:
        """Return the share; 0 of none."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0


class Recall(MetricBase):
    """How many of the samples that are 1 were predicted to be so.

    Args:
        name: as of every metric.
    """

    def __init__(self, name: Any = None) -> None:
        super().__init__(name)
        self.tp = 0
        self.fn = 0

    def update(self, preds: Any, labels: Any) -> None:
        """Count the samples of one batch, which are probabilities of 1, and labels."""
        found, wanted = pairs(preds, labels)
        self.tp += int(((found == 1) & (wanted == 1)).sum())
        self.fn += int(((found != 1) & (wanted == 1)).sum())

    def eval(self) -> float:
        """Return the share; 0 of none."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0


class Accuracy(MetricBase):
    """The weighted mean of accuracies.

    Args:
        name: as of every metric.
    """

    def __init__(self, name: Any = None) -> None:
        super().__init__(name)
        self.value: Any = 0.0
        self.weight: Any = 0.0

    def update(self, value: Any, weight: Any) -> None:
        """Add the accuracy of one batch, which counts as much as `weight` says.

        Raises:
            ValueError: one is no number, or the weight is negative.
        """
        check_number("value", value, arrays=True)
        check_number("weight", weight)
        if weight < 0:
            msg = f"The 'weight' can not be negative; it is {weight}."
            raise ValueError(msg)
        self.value = self.value + value * weight
        self.weight = self.weight + weight

    def eval(self) -> Any:
        """Return the mean.

        Raises:
            ValueError: there was nothing yet.
        """
        if self.weight == 0:
            msg = "There is no data in Accuracy Metrics. Call update() with what layers.accuracy gives first."
            raise ValueError(msg)
        return self.value / self.weight


class ChunkEvaluator(MetricBase):
    """How well chunks were found, from counts that are added up.

    Args:
        name: as of every metric.
    """

    def __init__(self, name: Any = None) -> None:
        super().__init__(name)
        self.num_infer_chunks: Any = 0
        self.num_label_chunks: Any = 0
        self.num_correct_chunks: Any = 0

    def update(  # type: ignore[override]
        self, num_infer_chunks: Any, num_label_chunks: Any, num_correct_chunks: Any
    ) -> None:
        """Add the counts of one batch: chunks found, chunks there, chunks found that are there."""
        check_number("num_infer_chunks", num_infer_chunks, arrays=True)
        check_number("num_label_chunks", num_label_chunks, arrays=True)
        check_number("num_correct_chunks", num_correct_chunks, arrays=True)
        self.num_infer_chunks = self.num_infer_chunks + num_infer_chunks
        self.num_label_chunks = self.num_label_chunks + num_label_chunks
        self.num_correct_chunks = self.num_correct_chunks + num_correct_chunks

    def eval(self) -> tuple[float, float, float]:
        """Return precision, recall and their harmonic mean; 0 of none."""
        correct = alone(self.num_correct_chunks)
        precision = correct / self.num_infer_chunks if self.num_infer_chunks else 0
        recall = correct / self.num_label_chunks if self.num_label_chunks else 0
        return precision, recall, 2 * precision * recall / (precision + recall) if correct else 0


class EditDistance(MetricBase):
    """The mean edit distance of sequences, and the share of those that are not right.

    Args:
        name: as of every metric.
    """

    def __init__(self, name: Any) -> None:
        super().__init__(name)
        self.total_distance: Any = 0.0
        self.seq_num: Any = 0
        self.instance_error: Any = 0

    def update(self, distances: Any, seq_num: Any) -> None:
        """Add the distances of one batch of so many sequences."""
        found = check_array("distances", distances)
        check_number("seq_num", seq_num)
        self.seq_num = self.seq_num + seq_num
        self.instance_error = self.instance_error + seq_num - np.sum(found == 0)
        self.total_distance = self.total_distance + np.sum(found)

    def eval(self) -> tuple[Any, Any]:
        """Return the mean distance, and the share of sequences with one.

        Raises:
            ValueError: there was nothing yet.
        """
        if self.seq_num == 0:
            msg = "There is no data in EditDistance Metric. Call update() with what layers.edit_distance gives first."
            raise ValueError(msg)
        return self.total_distance / self.seq_num, self.instance_error / alone(self.seq_num)


class Auc(MetricBase):
    """The area under the curve of true by false positives, from histograms of the scores.

    As in the release `reset()` keeps the histograms.

    Args:
        name: as of every metric.
        curve: has no effect in the release either: it is the one of true by false positives.
        num_thresholds: into how many parts scores are sorted. Default: 4095.
    """

    def __init__(self, name: Any, curve: str = "ROC", num_thresholds: int = 4095) -> None:
        super().__init__(name)
        self._curve = curve
        self._num_thresholds = num_thresholds
        self._positives = np.zeros(num_thresholds + 1)
        self._negatives = np.zeros(num_thresholds + 1)

    def update(self, preds: Any, labels: Any) -> None:
        """Count the samples of one batch; a prediction is a row, of which the second number is the score.

        Raises:
            AssertionError: a score is above 1.
        """
        wanted = check_array("labels", labels)
        scores = check_array("predictions", preds)[: len(wanted), 1]
        bins = (scores * self._num_thresholds).astype(int)
        if bins.size and bins.max() > self._num_thresholds:
            msg = f"a score of {scores.max()} is above 1; give probabilities."
            raise AssertionError(msg)
        positive = wanted.reshape(len(wanted)).astype(bool)
        np.add.at(self._positives, bins[positive], 1)
        np.add.at(self._negatives, bins[~positive], 1)

    @staticmethod
    def trapezoid_area(x1: float, x2: float, y1: float, y2: float) -> float:
        """Return the area between two points of a curve and the axis."""
        return abs(x1 - x2) * (y1 + y2) / 2.0

    def eval(self) -> float:
        """Return the area; 0 where one kind of label is missing."""
        # from the highest score down, every part adds one trapezoid
        positives, negatives = (
            np.concatenate([[0.0], np.cumsum(each[::-1])]) for each in (self._positives, self._negatives)
        )
        if not (positives[-1] > 0 and negatives[-1] > 0):
            return 0.0
        area = np.sum(np.diff(negatives) * (positives[1:] + positives[:-1]) / 2)
        return float(area / positives[-1] / negatives[-1])
