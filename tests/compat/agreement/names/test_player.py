"""An example is played statement by statement, and what is drawn at random does not spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from fourfold.compat.agreement.names.here import served
from fourfold.compat.agreement.names.player import Player, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

DRAWN = "import paddle\nx = paddle.rand([3])\ny = x + 1\nlist_ = [x, y]"


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    with served("paddle"):
        yield Player("paddle")


def play(player: Player, code: str, seed: int = 1, **given: Any) -> dict[str, Any]:
    return player.answer({"code": code, "seed": seed, **given})


def test_a_statement_s_leaves_are_those_that_it_changed(player: Player) -> None:
    played = play(player, "import paddle\nx = paddle.ones([2])\ny = 2\nx.add_(x)")
    assert [sorted(leaves) for leaves in played["changed"]] == [
        [],
        ["x", "x takes gradients"],
        ["y"],
        ["_", "x"],
    ]


def test_gradients_are_leaves(player: Player) -> None:
    code = "import paddle\nx = paddle.to_tensor([3.0], stop_gradient=False)\n(x * x).backward()"
    assert unpacked(play(player, code)["changed"][2]["x.grad"]["array"]) == [6.0]


def test_what_is_printed_is_a_value_too(player: Player) -> None:
    assert play(player, "print(1 + 1)")["changed"] == [
        {"_": {"value": "2", "type": "int"}, "printed": {"value": "2\n", "type": "str"}}
    ]


def test_what_is_raised_ends_it(player: Player) -> None:
    played = play(player, "x = 1\ny = x / 0\nz = 2")
    assert (len(played["changed"]), played["raised"][0]) == (1, "ZeroDivisionError")


def test_only_what_is_drawn_itself_is_said_to_be(player: Player) -> None:
    first = play(player, DRAWN)
    assert play(player, DRAWN, 2, changed=first["changed"])["drawn"] == [[], ["x"], [], []]


def test_what_is_drawn_is_given_its_first_values(player: Player) -> None:
    first = play(player, DRAWN)
    again = play(player, DRAWN, 3, changed=first["changed"], drawn=[[], ["x"], [], []])
    assert first["changed"][1]["x"] != again["changed"][1]["x"]
    assert first["changed"][2:] == again["changed"][2:]


def test_large_arrays_are_described_by_some_values(player: Player) -> None:
    leaf = play(player, "import numpy as np\nx = np.arange(1 << 20)")["changed"][1]["x"]
    assert leaf["shape"] == [1 << 20]
    assert unpacked(leaf["array"]).tolist() == np.arange(0, 1 << 20, 16).tolist()


def test_an_example_leaves_the_mode_as_it_was(player: Player) -> None:
    play(player, "import paddle\npaddle.set_default_dtype('float64')")
    assert play(player, "import paddle\npaddle.ones([1])")["changed"][1]["_"]["dtype"] == "float32"


def test_a_second_draw_that_was_the_same_the_first_time_is_drawn_too(player: Player) -> None:
    code = "import paddle\npaddle.seed({0})\nx = paddle.rand([3])\npaddle.seed({0})\nx = paddle.rand([3])"
    first = play(player, code.format(1))
    assert play(player, code.format(2), 2, changed=first["changed"])["drawn"] == [[], [], ["x"], [], ["x"]]
