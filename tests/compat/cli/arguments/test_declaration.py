"""Options of several values."""

from __future__ import annotations

import argparse

import pytest

from fourfold.compat.cli.arguments.declaration import Listed, add_list, pairs


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_list(parser, "--dtype", "DTYPE", "of the operands", legal=("float32", "float64"))
    add_list(parser, "--rename", "OLD=NEW", "names", split=pairs)
    parser.add_argument("--peers", action=Listed, nargs="?", const="all")
    parser.add_argument("names", action=Listed, nargs="*", default=[])
    return parser.parse_args(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--dtype", "float32,float64"], id="commas"),
        pytest.param(["--dtype", "float32", "--dtype", "float64"], id="repeats"),
        pytest.param(["--dtype=float32, float64,"], id="blanks and a comma too many"),
    ],
)
def test_commas_and_repeats_say_the_same(arguments: list[str]) -> None:
    assert parsed(*arguments).dtype == ["float32", "float64"]


def test_positions_take_commas_too() -> None:
    assert parsed("paddle,fluid", "oneflow").names == ["paddle", "fluid", "oneflow"]


def test_a_second_call_does_not_see_the_first() -> None:
    assert parsed("--dtype", "float32").dtype == ["float32"]
    assert parsed().dtype == []


def test_an_option_without_its_value_has_the_constant() -> None:
    assert parsed("--peers").peers == ["all"]
    assert parsed().peers is None


def test_one_wrong_word_of_several_is_named_with_what_was_meant() -> None:
    with pytest.raises(argparse.ArgumentError, match=r"'float23' is not known; there are float32, float64\. Did"):
        parsed("--dtype", "float32,float23")


def test_a_comma_in_a_regular_expression_or_a_pattern_s_brackets_is_its_own() -> None:
    assert parsed("--rename", r"re:conv(\d{1,2})=c\1", "--rename", "a=b,c=d").rename == [
        r"re:conv(\d{1,2})=c\1",
        "a=b",
        "c=d",
    ]
    assert parsed("head[0,1].*,tail").names == ["head[0,1].*", "tail"]
