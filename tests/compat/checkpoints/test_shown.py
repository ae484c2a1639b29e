"""Whatever a file holds, a message about it is short, made at once, and steers no terminal."""

from __future__ import annotations

from typing import Any

import pytest

from fourfold.compat.checkpoints.shown import reason, shown, visible


def shared(depth: int) -> list[Any]:
    """Lists that each hold the next one twice: 2**depth values, of which there are `depth`."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value, value]
    return value


def holding_itself() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


class Loud:
    def __repr__(self) -> str:
        msg = "nobody may ask"
        raise RuntimeError(msg)


PLAIN = [
    pytest.param(value, id=repr(value))
    for value in (None, True, 3, -2.5, 1j, "it's", b"x", [], (), (1,), [1, (2, 3)], {"a": [1], 2: None}, {7})
]


@pytest.mark.parametrize("value", PLAIN)
def test_short_values_read_as_python_writes_them(value: object) -> None:
    assert shown(value) == repr(value)


LARGE = [
    pytest.param(shared(60), id="shared"),
    pytest.param(holding_itself(), id="holding-itself"),
    pytest.param([[]] * 10**7, id="wide"),
    pytest.param("\x1b" * 10**7, id="text"),
    pytest.param(bytes(10**7), id="bytes"),
    pytest.param(1 << 10**6, id="integer"),
    pytest.param({"a" * 10**6: shared(60)}, id="dictionary"),
    pytest.param({frozenset(range(10**5))}, id="set"),
    pytest.param(Loud(), id="object"),
]


@pytest.mark.parametrize("value", LARGE)
@pytest.mark.parametrize("letters", [10, 80, 500])
def test_no_value_makes_a_long_text(value: object, letters: int) -> None:
    text = shown(value, letters)
    assert len(text) <= letters
    assert text.isprintable()


@pytest.mark.parametrize(
    "letter",
    ["\x1b", "\n", "\r", "\x9b", "\u202e", "\u2066", "\u200f", "\x00", "\x7f", "\ud800", "\u2028"],
    ids=lambda letter: f"U+{ord(letter):04X}",
)
def test_what_steers_a_terminal_is_written_out(letter: str) -> None:
    assert visible(f"a{letter}b") == f"a{ascii(letter)[1:-1]}b"
    assert visible(visible(letter)) == visible(letter)


def test_an_error_s_reason_is_bounded_too() -> None:
    assert reason(ValueError("a\nb")) == "ValueError: a\\nb"
    assert len(reason(KeyError((tuple(shared(40)),)))) < 100
