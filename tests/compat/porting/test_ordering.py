"""Order counts only when it is asked for, and where it can be told."""

from __future__ import annotations

import pytest
from tests.compat.porting.nets import model, paddle_state

import fourfold
from fourfold.compat.porting import PortingError


@pytest.mark.parametrize("as_in_fluid", [False, True], ids=["last-names", "shapes-alone"])
def test_order_counts_only_when_asked(as_in_fluid: bool) -> None:
    state = paddle_state(("linear_7", "batch_norm_2", "linear_9"), as_in_fluid=as_in_fluid)
    with pytest.raises(PortingError, match=r"lacks 0\.weight"):
        fourfold.port_state(state, source="paddle", target="torch", module=model())
    ported, report = fourfold.port_state(state, source="paddle", target="torch", module=model(), by_order=True)
    assert {name: one.flat[0] for name, one in ported.items()} == {
        "0.weight": 1,
        "0.bias": 2,
        "1.weight": 3,
        "1.bias": 4,
        "1.running_mean": 5,
        "1.running_var": 6,
        "2.weight": 7,
        "2.bias": 8,
    }
    assert len(report.by_order) == 8


def test_order_does_not_pair_groups_of_unequal_size() -> None:
    state = paddle_state(("a", "b", "c"))
    del state["a.weight"]
    with pytest.raises(PortingError, match=r"lacks 0\.weight .*2\.weight .* takes c\.weight"):
        fourfold.port_state(state, source="paddle", target="torch", module=model(), by_order=True)


def test_order_does_not_tear_a_layer_apart() -> None:
    state = paddle_state(("a", "b", "c"))
    shuffled = {name: state[name] for name in ("c.weight", *(one for one in state if one != "c.weight"))}
    with pytest.raises(PortingError, match="the layers do not stand in the same order"):
        fourfold.port_state(shuffled, source="paddle", target="torch", module=model(), by_order=True)
