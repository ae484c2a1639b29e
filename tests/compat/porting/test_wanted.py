"""Which tensors a model has: stated by a map of kinds, or read off a module whose layers share them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import fourfold
from fourfold.compat.porting import Kind, Layer, PortingError


@pytest.mark.parametrize(
    "kind",
    ["linear", "Linear", Kind.LINEAR, Layer(Kind.LINEAR), nn.Linear(2, 3)],
    ids=["name", "case", "Kind", "Layer", "module"],
)
def test_a_map_states_kinds(kind: Any) -> None:
    state = {"enc.fc.weight": np.zeros((2, 3)), "enc.fc.bias": np.zeros(3)}
    ported, _ = fourfold.port_state(state, source="paddle", target="torch", module={"enc.fc": kind})
    assert ported["enc.fc.weight"].shape == (3, 2)


@pytest.mark.parametrize(
    "kind", ["conv_transpose:2", Layer(Kind.CONV_TRANSPOSE, axes=3, groups=2)], ids=["text", "Layer"]
)
def test_a_map_states_groups(kind: Any) -> None:
    state = {"up.weight": np.zeros((2, 2, 3, 1, 1, 1)), "up.bias": np.zeros((1, 6, 1, 1, 1))}
    ported, _ = fourfold.port_state(state, source="megengine", target="torch", module={"up": kind})
    assert {name: one.shape for name, one in ported.items()} == {"up.weight": (4, 3, 1, 1, 1), "up.bias": (6,)}


def test_a_map_of_norms_takes_the_tensors_that_are_there() -> None:
    state = {"n._mean": np.zeros(3), "n._variance": np.ones(3)}
    ported, _ = fourfold.port_state(state, source="paddle", target="torch", module={"n": "batch_norm"})
    assert list(ported) == ["n.running_mean", "n.running_var"]


@pytest.mark.parametrize(
    ("state", "kinds", "message"),
    [
        pytest.param(
            {"a.weight": (4, 4, 1, 1, 1, 1)}, {"a": "conv"}, r"6 axes, .* State the groups: 'conv:GROUPS'", id="groups"
        ),
        pytest.param({"a.weight": (4,)}, {"a": "lstm"}, "'lstm' for 'a' is not a kind of layer; there are", id="kind"),
        pytest.param({"a.weight": (12,)}, {"a": "layer_norm"}, "state a torch layer in place of its kind", id="flat"),
        pytest.param({"a.weight": (4, 4, 4)}, {"a": "linear"}, r"\(4, 4, 4\), which is not that of", id="axes"),
        pytest.param({"b.weight": (4, 4)}, {"a": "linear"}, r"lacks a\.weight .* takes b\.weight", id="prefix"),
        pytest.param({"a.weight": (4, 4)}, None, r"no layout rule for a\.weight: module= tells the kinds", id="none"),
        pytest.param({"a.weight": (4, 4)}, 3, "module=3 tells no layer kinds", id="number"),
    ],
)
def test_what_a_map_cannot_tell_is_refused(state: dict[str, Any], kinds: Any, message: str) -> None:
    arrays = {name: np.zeros(shape) for name, shape in state.items()}
    with pytest.raises(PortingError, match=message):
        fourfold.port_state(arrays, source="paddle", target="torch", module=kinds)


class Tied(nn.Module):
    """A layer under two names, and a weight in two layers of different layout in Paddle."""

    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Linear(3, 3)
        self.a = self.b
        self.words = nn.Embedding(5, 3)
        self.logits = nn.Linear(3, 5, bias=False)
        self.logits.weight = self.words.weight


def test_shared_tensors_are_written_under_all_their_names() -> None:
    state, _ = fourfold.port_state(Tied().state_dict(), source="torch", target="paddle", module=Tied())
    assert sorted(state) == ["a.bias", "a.weight", "b.bias", "b.weight", "logits.weight", "words.weight"]
    assert state["logits.weight"].shape == (3, 5)


def test_megengine_lists_a_shared_layer_once_under_its_first_name() -> None:
    # measured in MegEngine 1.13.0: state_dict() of a module with b = Linear and a = b
    state, _ = fourfold.port_state(Tied().state_dict(), source="torch", target="megengine", module=Tied())
    assert [name for name in state if name[0] in "ab"] == ["a.weight", "a.bias"]


def test_a_shared_tensor_may_stand_in_the_source_once() -> None:
    module = Tied()
    state = {name: one for name, one in module.state_dict().items() if name[0] not in "al"}
    ported, report = fourfold.port_state(state, source="torch", target="paddle", module=module)
    assert report.done("tied") == ["logits.weight"]
    assert torch.equal(ported["logits.weight"], module.words.weight.T)
    assert torch.equal(ported["a.weight"], ported["b.weight"])


def test_a_shared_tensor_must_not_have_two_values() -> None:
    module = Tied()
    state = module.state_dict() | {"a.bias": torch.full((3,), 9.0)}
    with pytest.raises(PortingError, match=r"'b\.bias' and 'a\.bias' are one tensor in the model, and differ"):
        fourfold.port_state(state, source="torch", target="paddle", module=module)
