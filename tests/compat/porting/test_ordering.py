"""Order counts only when it is asked for, where it can be told, and where it is seen to be that of the model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.compat.porting.nets import model, paddle_state
from torch import nn

import fourfold
from fourfold.compat.porting import PortingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourfold.compat.literals import Format

DATA = Path(__file__).parents[2] / "data" / "checkpoints"
SORTED = "by_order: the source stands sorted by name"
TORN = "tears a layer or a block of layers apart"


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


def blocks(names: str, *layers: Callable[[], nn.Module]) -> nn.Module:
    """A model of blocks that hold equal layers, called 0, 1, ..."""
    return nn.ModuleDict({name: nn.Sequential(*(layer() for layer in layers)) for name in names.split()})


def convolution() -> nn.Module:
    return nn.Conv3d(2, 2, 1)


def norm() -> nn.Module:
    return nn.BatchNorm3d(2)


def state_of(module: nn.Module) -> dict[str, torch.Tensor]:
    """A state whose tensors hold the numbers of their places."""
    return {name: torch.full_like(one, place) for place, (name, one) in enumerate(module.state_dict().items())}


def by_order(state: Any, module: nn.Module, **options: Any) -> dict[str, Any]:
    ported, report = fourfold.port_state(state, source="torch", target="torch", module=module, by_order=True, **options)
    return {one.target: one.source for one in report.tensors if one.target in ported}


def by_dtype(name: str) -> tuple[bool, str]:
    return not name.endswith("tracked"), name


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(None, id="as-text"),
        pytest.param(lambda name: name.split("."), id="level-by-level"),
        pytest.param(by_dtype, id="by-dtype-first"),
    ],
)
def test_a_state_that_is_sorted_by_name_is_refused(key: Any) -> None:
    state = state_of(blocks("enc dec", convolution, norm))
    there = {name: state[name] for name in sorted(state, key=key)}
    with pytest.raises(PortingError, match=rf"{SORTED}.* which of 'dec\.0\.weight', 'enc\.0\.weight' is .* State"):
        by_order(there, blocks("down up", convolution, norm))
    assert by_order(state, blocks("down up", convolution, norm))["up.1.running_var"] == "dec.1.running_var"


@pytest.mark.parametrize("format", ["safetensors", "paddle-persistables"])
def test_formats_that_lose_the_order_are_refused(tmp_path: Path, format: Format) -> None:
    state = state_of(blocks("enc dec", convolution))
    if format == "safetensors":
        library = pytest.importorskip("safetensors.torch")
        library.save_file(state, tmp_path / "state")
    else:
        fourfold.save_checkpoint(state, tmp_path / "state", format=format)
    with pytest.raises(PortingError, match=SORTED):
        by_order(fourfold.load_checkpoint(tmp_path / "state").tensors, blocks("down up", convolution))


def test_positions_in_a_combined_file_are_the_order_of_names() -> None:
    found = fourfold.load_checkpoint(DATA / "fluid-1.8-combined").tensors
    state = {**found, **{str(place + 2): one for place, one in enumerate(found.values())}}
    layers = [nn.ConvTranspose3d(4, 6, (2, 3, 2), groups=2) for _ in range(2)]
    module = nn.ModuleDict({"a": layers[0], "b": layers[1]})
    with pytest.raises(PortingError, match=f"{SORTED}.* which of '1', '3' is which"):
        fourfold.port_state(state, source="fluid", target="torch", module=module, by_order=True)


def test_a_state_that_stands_backwards_is_refused() -> None:
    state = state_of(blocks("enc dec", convolution, norm))
    module = blocks("down up", convolution, norm)
    with pytest.raises(PortingError, match=r"by_order: the source stands backwards .* which of 'dec\.0\.weight'"):
        by_order(dict(reversed(state.items())), module)


def test_what_order_does_not_decide_may_stand_sorted() -> None:
    state = {"head.bias": torch.zeros(3), "head.weight": torch.zeros(3, 2)}
    assert by_order(state, nn.ModuleDict({"fc": nn.Linear(2, 3)})) == {
        "fc.weight": "head.weight",
        "fc.bias": "head.bias",
    }


def test_layers_that_are_numbered_may_stand_sorted() -> None:
    layers = [nn.Linear(2, 2, bias=False) for _ in range(12)]
    state = state_of(nn.ModuleDict({"body": nn.Sequential(*layers)}))
    expected = {f"net.{place}.weight": f"body.{place}.weight" for place in range(12)}
    assert by_order(state, nn.ModuleDict({"net": nn.Sequential(*layers)})) == expected
    with pytest.raises(PortingError, match=SORTED):
        by_order(dict(sorted(state.items())), nn.ModuleDict({"net": nn.Sequential(*layers)}))


def unlike(name: str) -> nn.Module:
    """A block whose first layer has the inputs of its own, and whose second is as in others."""
    return nn.Sequential(nn.Conv3d(len(name), 2, 1), nn.PReLU(2))


def test_a_block_does_not_scatter() -> None:
    state = state_of(nn.ModuleDict({name: unlike(name) for name in ("enc", "de")}))
    module = nn.ModuleDict({"up": unlike("de"), "down": unlike("enc")})
    with pytest.raises(PortingError, match=rf"by_order: '(enc|de)\..* would go to .*{TORN}"):
        by_order(state, module)


def test_a_layer_does_not_draw_from_several() -> None:
    state = {"scale.weight": torch.ones(2), "shift.bias": torch.ones(2)}
    with pytest.raises(PortingError, match=TORN):
        by_order(state, nn.ModuleDict({"norm": nn.BatchNorm3d(2, track_running_stats=False)}))


def test_blocks_may_be_nested_otherwise() -> None:
    state = state_of(blocks("enc dec", convolution, convolution))
    flat = nn.ModuleList([convolution() for _ in range(4)])
    assert list(by_order(state, nn.ModuleDict({"net": flat})).values()) == list(state)


def test_renames_settle_what_order_cannot() -> None:
    state = state_of(nn.ModuleDict({name: unlike(name) for name in ("enc", "de")}))
    module = nn.ModuleDict({"up": unlike("de"), "down": unlike("enc")})
    found = by_order(state, module, renames={"de": "up"})
    assert found["up.1.weight"] == "de.1.weight"
    assert found["down.1.weight"] == "enc.1.weight"


def test_equal_names_by_chance_do_not_pass_for_order() -> None:
    # 0, 2 and 4 of a Sequential with activations between are 0, 1 and 2 without: names would find 0 and 2
    state = state_of(nn.Sequential(convolution(), nn.ReLU(), convolution(), nn.ReLU(), convolution()))
    module = nn.Sequential(convolution(), convolution(), convolution())
    message = r"'4\.weight' would go to '1\.weight', and '2\.weight' to '2\.weight': names and order say different"
    with pytest.raises(PortingError, match=message):
        by_order(state, module)
    assert list(by_order(state, module, renames={"2": "1", "4": "2"}).values()) == list(state)
    assert list(by_order(state, nn.ModuleDict({"net": module})).values()) == list(state)


def test_names_may_stand_in_another_order_than_the_model() -> None:
    state = state_of(nn.ModuleDict({"dec": convolution(), "enc": convolution(), "last": nn.Linear(2, 2)}))
    module = nn.ModuleDict({"enc": convolution(), "dec": convolution(), "head": nn.Linear(2, 2)})
    assert by_order(state, module)["dec.weight"] == "dec.weight"


def test_the_report_says_what_proves_the_pairs() -> None:
    state = state_of(nn.ModuleDict({"a": convolution()}))
    _, report = fourfold.port_state(
        state, source="torch", target="torch", module=nn.ModuleDict({"b": convolution()}), by_order=True
    )
    assert report.caution.startswith("2 tensors paired by order, where no name tells that the pairs are right")
    assert "`fourfold verify`" in report.caution
    assert str(report).endswith(report.caution)
    assert report.as_json()["caution"] == report.caution
    assert {row.cells[3]: row.cells[0] for row in report.rows("by order")} == {
        "a.weight": "b.weight",
        "a.bias": "b.bias",
    }


def test_a_report_without_order_has_no_caution() -> None:
    _, report = fourfold.port_state({}, source="torch", target="paddle", module=nn.ReLU())
    assert report.caution == ""
    assert str(report).endswith("nothing to do")
