"""Renames that are proposed: those that leave no choice, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn

from fourfold.compat.porting import Renames, port_state
from fourfold.compat.porting.proposals import propose_renames

if TYPE_CHECKING:
    from fourfold.compat.literals import Api


class Block(nn.Sequential):
    def __init__(self, inside: int, outside: int) -> None:
        super().__init__(nn.Conv3d(inside, outside, 1), nn.BatchNorm3d(outside))


def model() -> nn.Module:
    return nn.ModuleDict({"first": Block(1, 2), "second": Block(2, 3), "head": nn.Linear(3, 5)})


def alike() -> nn.Module:
    return nn.ModuleDict({"first": Block(2, 2), "second": Block(2, 2), "head": nn.Linear(3, 5)})


def renamed(module: nn.Module, **names: str) -> dict[str, torch.Tensor]:
    """The module's state, with layers renamed; a name that is empty takes the layer away."""
    found = {}
    for name, tensor in module.state_dict().items():
        layer, _, rest = name.partition(".")
        if names.get(layer, layer):
            found[f"{names.get(layer, layer)}.{rest}"] = tensor
    return found


def proposed(state: dict[str, Any], module: nn.Module, source: Api = "torch", **options: Any) -> Any:
    return propose_renames(state, source=source, target="torch", module=module, **options)


NAMES: list[Any] = [
    pytest.param(renamed(model(), first="a", second="b"), model(), ("a=first", "b=second"), id="layers"),
    pytest.param(
        {f"module.{name}": one for name, one in model().state_dict().items()}, model(), ("module=",), id="wrapped"
    ),
    pytest.param(
        model().state_dict(), nn.ModuleDict({"net": nn.ModuleDict({"x": model()})}), ("=net.x",), id="unwrapped"
    ),
    pytest.param(renamed(model(), head="x.y"), model(), ("x.y=head",), id="deeper"),
    # either could be either
    pytest.param(renamed(alike(), first="a", second="b"), alike(), (), id="alike"),
    # the blocks are alike, and stand below one name that is not
    pytest.param(
        {f"old.{name}": one for name, one in alike().state_dict().items()},
        nn.ModuleDict({"new": alike()}),
        ("old=new",),
        id="alike-below",
    ),
    # one of two alike is found by name, so that the other has no choice
    pytest.param(renamed(alike(), first="a"), alike(), ("a=first",), id="one-of-two"),
    pytest.param(
        {("head.kernel" if name == "head.weight" else name): one for name, one in model().state_dict().items()},
        model(),
        ("head.kernel=head.weight",),
        id="tensor",
    ),
    pytest.param(renamed(model(), head="a=b"), model(), (), id="not-statable"),
    pytest.param(model().state_dict(), model(), (), id="nothing-to-do"),
]


@pytest.mark.parametrize(("state", "module", "renames"), NAMES)
def test_what_leaves_no_choice_is_proposed(state: Any, module: nn.Module, renames: tuple[str, ...]) -> None:
    assert proposed(state, module).renames == renames


@pytest.mark.parametrize(
    ("state", "module", "renames"), [row for row in NAMES if row.id not in ("alike", "not-statable")]
)
def test_what_is_proposed_finds_every_tensor(state: Any, module: nn.Module, renames: tuple[str, ...]) -> None:
    proposal = proposed(state, module)
    assert (proposal.missing, proposal.unexpected) == ((), ())
    _, report = port_state(state, source="torch", target="torch", module=module, renames=Renames.parse(renames))
    assert report.ok


def test_what_is_left_is_listed() -> None:
    proposal = proposed(renamed(model(), first="a", head=""), model())
    assert (proposal.renames, proposal.missing) == (("a=first",), ("head.weight", "head.bias"))
    assert proposal.found == len(model()["first"].state_dict())  # type: ignore[index]


def test_stated_renames_stay_and_are_not_proposed_again() -> None:
    state = renamed(model(), first="a", second="b")
    assert proposed(state, model(), renames=Renames({"b": "second"})).renames == ("a=first",)


def test_tensors_that_are_passed_through_are_no_layer_to_place() -> None:
    state = renamed(model(), first="a") | {"step": torch.ones(1)}
    assert proposed(state, model()).unexpected == ("step",)
    assert proposed(state, model(), passthrough=["step"]).unexpected == ()


def test_a_wrong_shape_is_no_fit() -> None:
    state = renamed(model(), head="last") | {"last.weight": torch.zeros(3, 5)}
    assert proposed(state, model()).renames == ("last.bias=head.bias",)
    assert proposed(state, model(), source="paddle").unexpected[:1] == ("first.1.running_mean",)


def test_paddles_names_of_parameters_are_known_by_what_they_are_called() -> None:
    norm, head = (2,), (3, 5)
    state = {
        "conv3d_0.w_0": torch.zeros(2, 1, 1, 1, 1),
        "conv3d_0.b_0": torch.zeros(norm),
        **{f"batch_norm_0.{name}": torch.zeros(norm) for name in ("w_0", "b_0", "w_1", "w_2")},
        "linear_0.w_0": torch.zeros(head),
        "linear_0.b_0": torch.zeros(5),
    }
    module = nn.ModuleDict({"first": Block(1, 2), "head": nn.Linear(3, 5)})
    proposal = proposed(state, module, source="fluid")
    assert (proposal.missing, proposal.unexpected) == ((), ())
    assert proposal.renames == (
        r"re:\.w_0$=.weight",
        r"re:\.b_0$=.bias",
        r"re:\.w_1$=._mean",
        r"re:\.w_2$=._variance",
        "conv3d_0=first.0",
        "batch_norm_0=first.1",
        "linear_0=head",
    )


def test_expressions_that_place_nothing_are_left_out() -> None:
    state = {"norm.w_0": torch.zeros(7), **renamed(model(), first="a")}
    state = {
        name.replace("running_mean", "_mean").replace("running_var", "_variance"): one for name, one in state.items()
    }
    state = {name: one.T if name == "head.weight" else one for name, one in state.items() if "batches" not in name}
    assert proposed(state, model(), source="paddle").renames == ("a=first",)
