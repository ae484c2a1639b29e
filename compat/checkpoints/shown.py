"""Values of a file as text for messages: bounded work, bounded length, and nothing that steers a terminal.

`repr(value)[:80]` writes the whole value first. A few hundred bytes of lists that hold each other twice, forty deep,
never come to an end of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

LETTERS = 80
DEPTH = 20
INTEGER_BITS = 256
BRACKETS = {list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}"), frozenset: ("{", "}"), dict: ("{", "}")}
ATOMS = (float, complex, bool, type(None))


class VisibleError(ValueError):
    """An error whose message may have names of a file in it: nothing in it steers a terminal or begins a line."""

    def __init__(self, message: str) -> None:
        super().__init__(visible(message))


def shown(value: Any, letters: int = LETTERS) -> str:
    r"""Return a value as Python would write it, cut where it is longer or nested more than 20 deep.

    Args:
        value: anything that a reader makes of a file.
        letters: how long the text may be. No more than about as many parts of the value are looked at.

    >>> shown(["a\x1b[2J", 1.5]), shown(b"\0" * 100, 12), shown([[]] * 10**6, 10)
    ("['a\\x1b[2J', 1.5]", "b'\\x00\\x0...", '[[], []...')
    """
    found, length = list[str](), 0
    for piece in _pieces(value, letters):
        found.append(piece)
        length += len(piece)
        if length > letters:
            return "".join(found)[: letters - 3] + "..."
    return "".join(found)


def visible(text: str, letters: int | None = None) -> str:
    r"""Return a text without what would steer a terminal: each letter that is not printable as Python writes it.

    Args:
        text: of a file, or with parts of one.
        letters: how long it may be. Default: as long as it is.

    >>> visible("a\x1b[2J\n\u202eb"), visible("abcdef", 5)
    ('a\\x1b[2J\\n\\u202eb', 'ab...')
    """
    if letters is not None:
        text = text[: letters + 1]
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
    return text if letters is None or len(text) <= letters else text[: letters - 3] + "..."


def visible_lines(text: str) -> str:
    """Return `visible` of each line of a text that is known to have several."""
    return "\n".join(map(visible, text.split("\n")))


def reason(error: BaseException) -> str:
    """Return what an error that a file caused says, for a message about the file."""
    # KeyError writes its whole key
    said = shown(error.args[0]) if isinstance(error, KeyError) and error.args else visible(str(error), 200)
    return f"{type(error).__name__}: {said}"


def _pieces(value: Any, letters: int, depth: int = DEPTH) -> Iterator[str]:
    """Yield a value's text in pieces, none of them empty: who stops listening after so many has bounded the work."""
    if isinstance(value, (str, bytes)):
        yield repr(value[: letters + 1])
    elif isinstance(value, ATOMS):
        yield repr(value)
    elif isinstance(value, int):
        bits = value.bit_length()
        yield repr(value) if bits <= INTEGER_BITS else f"<an integer of {bits} bits>"
    elif isinstance(value, tuple(BRACKETS)):
        begin, end = next(pair for kind, pair in BRACKETS.items() if isinstance(value, kind))
        yield begin
        if depth:
            yield from _items(value, letters, depth - 1)
        else:
            yield "..."
        yield "," + end if isinstance(value, tuple) and len(value) == 1 else end
    else:
        # a class that is not known here could do anything in its repr
        yield f"<{type(value).__name__}>"


def _items(values: Any, letters: int, depth: int) -> Iterator[str]:
    for index, each in enumerate(values):
        if index:
            yield ", "
        yield from _pieces(each, letters, depth)
        if isinstance(values, dict):
            yield ": "
            yield from _pieces(values[each], letters, depth)
