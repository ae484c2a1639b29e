"""What was probably meant by a word that there is not."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["did_you_mean"]


def did_you_mean(given: str, legal: Iterable[str]) -> str:
    """Return a sentence that follows the message, or '' where nothing is near.

    Args:
        given: the word.
        legal: those that there are. Case makes no difference.

    Example:
        >>> did_you_mean("Padle", ["paddle", "oneflow"])
        ' Did you mean paddle?'
        >>> did_you_mean("caffe", ["paddle", "oneflow"])
        ''
    """
    folded = {word.lower(): word for word in legal}
    near = difflib.get_close_matches(given.lower(), folded, 1)
    return f" Did you mean {folded[near[0]]}?" if near else ""
