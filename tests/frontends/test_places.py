"""Where new tensors are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from fourfold.frontends.places import make_default

if TYPE_CHECKING:
    from collections.abc import Iterator

modes: Any = torch.overrides  # untyped


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    torch.set_default_device(None)


def test_another_device_is_where_tensors_are_made() -> None:
    make_default(torch.device("meta"))
    assert torch.ones(2).device.type == "meta"


@pytest.mark.parametrize("device", [None, torch.device("cpu")], ids=str)
def test_the_cpu_is_torchs_own_default_and_no_mode(device: torch.device | None) -> None:
    make_default(torch.device("meta"))
    make_default(device)
    assert torch.ones(2).device.type == "cpu"
    assert modes._get_current_function_mode_stack() == []
