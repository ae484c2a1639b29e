"""What `import fourfold` offers, and how its results show themselves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from torch import nn

import fourfold
from fourfold.backend import ConvTranspose3dSpec, plan
from fourfold.compat.agreement.assertion import compare_layer

if TYPE_CHECKING:
    from collections.abc import Callable

STATE = {f"{index}.weight": np.zeros((50, 60), np.float32) for index in range(40)}

SPEC = ConvTranspose3dSpec(in_channels=2, out_channels=2, kernel_size=2, stride=2)


def model() -> nn.Module:
    return nn.Sequential(*(nn.ConvTranspose3d(2, 2, 2) for _ in range(20)))


def checkpoint(folder: Path) -> fourfold.Checkpoint:
    fourfold.save_checkpoint(STATE, folder / "model.pkl", format="megengine")
    return fourfold.load_checkpoint(folder / "model.pkl")


def report(_: Path) -> Any:
    kinds = dict.fromkeys(map(str, range(40)), "linear")
    return fourfold.port_state(STATE, source="paddle", target="torch", module=kinds)[1]


RESULTS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "checkpoint": (checkpoint, "<Checkpoint: 40 tensors of 120,000 values; megengine, by "),
    "report": (report, "<PortReport: paddle to torch: 40 tensors: 40 transposed>"),
    "plan of a module": (
        lambda _: fourfold.plan_module(model(), target="megengine"),
        "<ModulePlan to megengine: 20 of 20 layers are rebuilt>",
    ),
    "acceleration": (
        lambda _: fourfold.accelerate(model()),
        "<Acceleration: 20 of 20 transposed convolutions swapped>",
    ),
    "plan": (
        lambda _: plan(SPEC, torch.ones(1, 2, 3, 3, 3)),
        "<Plan: ",
    ),
}


def verification(folder: Path) -> Any:
    fourfold.record(model(), np.ones((1, 2, 1, 1, 1), np.float32), folder / "x.zip", gradients=False)
    return fourfold.verify(folder / "x.zip", model())


RESULTS["verification"] = (verification, "<Verification of torch ")
TABLES = {
    "checkpoint": ("0.weight  50 x 60  float32", "40 tensors of 120,000 values; megengine"),
    "report": ("transposed", "paddle to torch: 40 tensors: 40 transposed"),
    "plan of a module": ("ConvTranspose3d", "megengine ConvTranspose3d"),
    "acceleration": ("19: ConvTranspose3d(2, 2", "20 of 20 transposed convolutions swapped"),
    "plan": ("native", "ms predicted"),
    "verification": ("ConvTranspose3d", "agreement with torch"),
}


@pytest.mark.parametrize("name", [name for name in fourfold.__all__ if name != "__version__"])
def test_what_is_offered_is_there(name: str) -> None:
    assert getattr(fourfold, name).__name__.rpartition(".")[2] == name


@pytest.mark.parametrize(("make", "begins"), RESULTS.values(), ids=RESULTS)
def test_a_result_shows_itself_in_one_line(make: Callable[[Path], Any], begins: str, tmp_path: Path) -> None:
    shown = repr(make(tmp_path))
    assert shown.startswith(begins)
    assert len(shown) < 120
    assert "\n" not in shown


@pytest.mark.parametrize("name", RESULTS)
def test_printed_it_is_a_table(name: str, tmp_path: Path) -> None:
    shown = str(RESULTS[name][0](tmp_path))
    assert shown.count("\n") >= 5
    assert all(part in shown for part in TABLES[name])


AGREEMENTS: dict[str, Callable[[Path], Any]] = {
    "agreement": lambda _: compare_layer(nn.ConvTranspose3d(2, 2, 2), "definition"),
    "disagreement": lambda _: compare_layer(
        lambda *given: nn.functional.conv_transpose3d(*given) + 1,
        "definition",
        operator={"in_channels": 2, "out_channels": 2, "kernel_size": 2},
    ),
}


@pytest.mark.parametrize(
    "make", [*(make for make, _ in RESULTS.values()), *AGREEMENTS.values()], ids=[*RESULTS, *AGREEMENTS]
)
def test_a_notebook_shows_it_as_a_table_without_markup_of_its_own(make: Callable[[Path], Any], tmp_path: Path) -> None:
    shown = ElementTree.fromstring(make(tmp_path)._repr_html_())
    assert shown.tag == "table"
    assert shown.findtext("caption")
    assert {one.tag for one in shown.iter()} == {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    widths = {len(row) for row in shown.iter("tr")}
    assert widths == {len(shown.findall("thead/tr/th"))}


def test_a_notebook_shows_first_and_bold_what_does_not_agree(tmp_path: Path) -> None:
    shown = ElementTree.fromstring(AGREEMENTS["disagreement"](tmp_path)._repr_html_())
    rows = [(row.get("style"), row.findtext("td[2]"), row.findtext("td[3]")) for row in shown.iterfind("tbody/tr")]
    # the sum is off by one, and its derivatives are right
    bold = ("font-weight: bold", "output", "different")
    assert rows[:2] == [bold, bold]
    assert {verdict for _, _, verdict in rows[2:]} == {"identical", "within rounding"}


def many(count: int, name: str) -> fourfold.Checkpoint:
    tensors = {f"{name}.{index}": torch.ones(1) for index in range(count)}
    return fourfold.Checkpoint(tensors, "torch", name, None, {}, {}, {})


def test_what_a_notebook_shows_is_bounded_and_nothing_of_a_file_is_markup() -> None:
    shown = many(1000, "<script>alert(1)</script>\u202e" + 9 * "long")._repr_html_()
    assert "<script" not in shown
    assert "\u202e" not in shown
    assert "and 940 more: print() shows all" in shown
    assert len(shown) < 20_000
    assert len(many(3, 10**6 * "x")._repr_html_()) < 2_000


def test_what_is_public_is_stated_on_its_page() -> None:
    page = (Path(__file__).parents[1] / "docs" / "python.md").read_text()
    stated = re.findall(r"^\| `(\w+)[^`]*` \|", page, re.MULTILINE)
    assert sorted(stated) == [name for name in fourfold.__all__ if name not in ("backend", "compat", "frontends")]
