"""JSON of strangers. Python's parser makes 25 bytes of objects of each byte of a text such as `[{},{},{},...`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# Lists and objects that a text may begin: some, and one for so many of its letters. The descriptions of tensors that
# safetensors, Paddle's programs and bundles hold begin one for 15 and more.
BRACKETS = 1000
LETTERS_PER_BRACKET = 8


def parsed(text: bytes, object_pairs_hook: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Any:
    """Return what a JSON text says.

    Args:
        text: in UTF-8.
        object_pairs_hook: of `json.loads`.

    Raises:
        ValueError: it is no JSON, or begins more lists and objects than tensors need.
    """
    brackets = text.count(b"{") + text.count(b"[")
    if brackets > BRACKETS + len(text) // LETTERS_PER_BRACKET:
        msg = f"{brackets} brackets in {len(text)} bytes of JSON are more than descriptions of tensors have"
        raise ValueError(msg)
    return json.loads(text.decode("utf-8"), object_pairs_hook=object_pairs_hook, parse_constant=_refuse_constant)


def _refuse_constant(text: str) -> None:
    msg = f"{text} in JSON"
    raise ValueError(msg)
