"""Pictures where Pillow is not installed, and what is drawn at random."""

from __future__ import annotations

import random
import sys
from typing import Any

import numpy as np
import pytest

from fourfold.frontends import paddle as package
from fourfold.frontends.paddle.pictures import pillow

transforms: Any = package.vision.transforms


def test_without_pillow_arrays_go_on_and_images_say_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    pillow.part.cache_clear()
    array = np.arange(12, dtype="uint8").reshape(3, 4, 1)
    assert transforms.hflip(array)[0, :, 0].tolist() == [3, 2, 1, 0]
    with pytest.raises(ImportError, match=r"pip install pillow"):
        pillow.opened("a.png")


def test_python_s_seed_decides_what_is_drawn() -> None:
    array = np.arange(300, dtype="uint8").reshape(10, 10, 3)
    crop = transforms.RandomCrop(4)
    random.seed(3)
    first = [crop(array) for _ in range(3)]
    random.seed(3)
    assert all(np.array_equal(one, crop(array)) for one in first)


def test_a_crop_is_drawn_from_everywhere() -> None:
    array = np.arange(3, dtype="uint8").reshape(1, 3, 1)
    found = {int(transforms.RandomCrop((1, 1))(array)[0, 0, 0]) for _ in range(100)}
    assert found == {0, 1, 2}


def test_the_same_is_drawn_for_all_that_belongs_together() -> None:
    array = np.arange(300, dtype="uint8").reshape(10, 10, 3)
    one, other = transforms.RandomCrop(4, keys=("image", "image"))((array, array))
    np.testing.assert_array_equal(one, other)


def test_an_array_that_opencv_would_change_is_refused_by_name() -> None:
    with pytest.raises(ImportError, match=r"resize of an array is OpenCV's.*PIL\.Image\.fromarray"):
        transforms.resize(np.zeros((3, 4, 3), "uint8"), 2)
