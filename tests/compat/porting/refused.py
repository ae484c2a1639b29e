"""Layers that a target cannot say: the error names the layer, what cannot be said there, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from torch import nn

import fourfold
from fourfold.compat.porting import PortingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fourfold.compat.literals import Target


def refusals(rows: Sequence[tuple[nn.Module, str, str]]) -> pytest.MarkDecorator:
    """Give a test layers, targets and patterns of messages."""
    named = [pytest.param(*row, id=f"{type(row[0]).__name__}-{row[1]}-{place}") for place, row in enumerate(rows)]
    return pytest.mark.parametrize(("layer", "target", "message"), named)


def assert_refused(layer: nn.Module, target: Target, message: str) -> None:
    """Port a model with the layer in vain; then keep the layer, as the message advises."""
    model = nn.ModuleDict({"one": layer})
    ending = r"; keep=\['one'\] leaves it as it is\.$"
    with pytest.raises(PortingError, match=rf"^one \(.*\) cannot become {target}'s: .*({message}).*{ending}"):
        fourfold.port_module(model, target=target)
    kept: Any = fourfold.port_module(model, target=target, keep=["one"])
    assert type(kept["one"]) is type(layer)
