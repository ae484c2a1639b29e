"""Weights that were downloaded before."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

import fourfold.frontends.megengine as mge
import fourfold.frontends.megengine.module as M

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://nowhere.invalid/weights/linear.pkl"


def model() -> M.Linear:
    """Return a layer."""
    return M.Linear(2, 1)


def test_pretrained_weights_come_from_the_cache_of_the_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MGE_HOME", str(tmp_path))
    folder = tmp_path / "serialized"
    folder.mkdir()
    state = {"bias": np.ones(1, "float32"), "weight": np.full((1, 2), 3, "float32")}
    mge.save(state, str(folder / f"{hashlib.sha256(URL.encode()).hexdigest()[:6]}_linear.pkl"))
    assert mge.hub.pretrained(URL)(model)(pretrained=True).weight.numpy().tolist() == [[3.0, 3.0]]


def test_what_is_not_in_the_cache_is_named_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MGE_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"downloads nothing.*linear\.pkl"):
        mge.hub.load_serialized_obj_from_url(URL)
