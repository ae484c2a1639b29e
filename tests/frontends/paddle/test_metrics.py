"""`paddle.metric`, beside definitions of what is measured."""

from __future__ import annotations

import numpy as np
import pytest

from fourfold.frontends import paddle


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    # probabilities far enough apart that no two share a step
    found = np.array([0.1, 0.35, 0.4, 0.8, 0.6])
    right = np.array([0, 1, 0, 1, 1])
    auc = paddle.metric.Auc()
    auc.update(np.stack([1 - found, found], 1), right)
    pairs = [(one, two) for one in found[right == 1] for two in found[right == 0]]
    assert auc.accumulate() == sum(one > two for one, two in pairs) / len(pairs)


def test_a_number_that_is_no_probability_is_refused() -> None:
    with pytest.raises(AssertionError, match="not in \\[0, 1\\]"):
        paddle.metric.Auc().update(np.array([[0.0, 1.5]]), np.array([1]))


def test_accuracy_counts_over_batches_of_unequal_size() -> None:
    accuracy = paddle.metric.Accuracy()
    accuracy.update(np.ones((3, 1), np.float32))
    accuracy.update(np.zeros((1, 1), np.float32))
    assert accuracy.accumulate() == 0.75
