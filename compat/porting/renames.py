"""Stated renames: which layer or tensor of the source is which one here."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from .errors import PortingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

REGEX = "re:"


class Renames:
    r"""Names of the source to names here, of whole tensors or of layers with all that is below them.

    The longest fitting name counts. What it leaves of a tensor's name, or all of it where no name fits, is renamed by
    regular expressions, all that fit; but what one of them has replaced, none that is stated after it touches. A rename
    that was never used is an error, raised by `check_used`.

    Args:
        pairs: from the source's name to the name here. A name is dotted, such as `encoder.0` or `head.weight`; the
            empty name is the model itself. A compiled regular expression, to the text that `re.sub` takes, is searched
            for in the whole name of a tensor.

    Example:
        >>> renames = Renames({"enc": "encoder", "enc.last": "neck"})
        >>> renames("enc.0.weight"), renames("enc.last.weight"), renames("encode.weight")
        ('encoder.0.weight', 'neck.weight', 'encode.weight')
        >>> renames = Renames({"fc_0": "stem", re.compile(r"^fc_(\d)"): r"body.\1", re.compile("w_0$"): "weight"})
        >>> renames("fc_0.w_0"), renames("fc_1.w_0")
        ('stem.weight', 'body.1.weight')
    """

    def __init__(self, pairs: Mapping[str, str] | Mapping[str | re.Pattern[str], str] | None = None) -> None:
        given = dict[Any, str](pairs or {})
        self.pairs = {old: new for old, new in given.items() if isinstance(old, str)}
        self.patterns = {old: new for old, new in given.items() if isinstance(old, re.Pattern)}
        self._deepest = max((len(old.split(".")) for old in self.pairs), default=0)
        self._used: set[str] = set()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Renames:
        """Read `OLD=NEW` texts; `re:OLD=NEW` is a regular expression.

        Raises:
            PortingError: one is not of that form, or renames what another renames.
        """
        pairs: dict[str | re.Pattern[str], str] = {}
        for text in texts:
            old, equals, new = text.partition("=")
            if not equals or "=" in new:
                msg = f"rename {text!r} is not OLD=NEW, such as 'enc=encoder' or 'enc.0.weight=encoder.stem.weight'."
                raise PortingError(msg)
            key = _compiled(old) if old.startswith(REGEX) else old
            if key in pairs:
                msg = f"{old!r} is renamed twice, to {pairs[key]!r} and to {new!r}. Keep one."
                raise PortingError(msg)
            pairs[key] = new
        return cls(pairs)

    def __call__(self, name: str) -> str:
        """Return the name here."""
        old = self._longest(name)
        if old is None:
            return self._by_patterns(name, 0)
        self._used.add(old)
        new = self.pairs[old]
        if old == name:
            return new
        rest = self._by_patterns(name, len(old))
        if not old and new:
            return f"{new}.{rest}"
        return f"{new}{rest}" if new else rest.removeprefix(".")

    def _longest(self, name: str) -> str | None:
        """Return the longest of the stated names that is a tensor's, or that of a layer above it."""
        parts = name.split(".", self._deepest)[: self._deepest] if name else []
        candidates = (".".join(parts[:count]) for count in range(len(parts), -1, -1))
        return next((old for old in candidates if old in self.pairs), None)

    def _by_patterns(self, name: str, start: int) -> str:
        """Return a name from `start` on, with what the expressions find there replaced."""
        spans: list[tuple[int, int, str]] = []
        for pattern, replacement in self.patterns.items():
            for begin, end, text in _found(pattern, replacement, name):
                place = bisect_left(spans, (begin, end))
                beside = spans[max(place - 1, 0) : place + 1]
                if begin >= start and not any(_overlap((begin, end), other[:2]) for other in beside):
                    spans.insert(place, (begin, end, text))
                    self._used.add(REGEX + pattern.pattern)
        kept, parts = start, []
        for begin, end, text in spans:
            parts += [name[kept:begin], text]
            kept = end
        return "".join([*parts, name[kept:]])

    def of(self, names: Iterable[str]) -> dict[str, str]:
        """Return names of the source by what they are here.

        Raises:
            PortingError: two would have the same name here.
        """
        found: dict[str, str] = {}
        for name in names:
            new = self(name)
            if new in found:
                msg = f"{found[new]!r} and {name!r} of the source would both be {new!r} here. Rename one of them."
                raise PortingError(msg)
            found[new] = name
        return found

    def unused(self) -> Renames:
        """Return the same renames, none of them used yet."""
        return Renames(dict[Any, str]([*self.pairs.items(), *self.patterns.items()]))

    def joined(self, texts: Mapping[str, str]) -> Renames:
        """Return these renames and more: a name, or `re:` with a regular expression, to what it is here."""
        pairs: dict[Any, str] = {**self.pairs}
        pairs |= self.patterns
        return Renames(pairs | {_compiled(old) if old.startswith(REGEX) else old: new for old, new in texts.items()})

    def states(self, name: str) -> bool:
        """Whether a name, and not an expression, says what a tensor is here."""
        return self._longest(name) is not None

    def check_used(self, names: Iterable[str]) -> None:
        """Raise if a rename fitted no name.

        Args:
            names: what there was to rename, for the message.

        Raises:
            PortingError: it lists the renames that fitted nothing.
        """
        stated = [*self.pairs, *(REGEX + pattern.pattern for pattern in self.patterns)]
        unused = [old for old in stated if old not in self._used]
        if unused:
            known = sorted({name.rpartition(".")[0] for name in names})
            msg = f"renames of {unused} fit no name of the source. Its layers are {known}."
            raise PortingError(msg)


def _compiled(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text.removeprefix(REGEX))
    except re.error as error:
        msg = f"rename {text!r} is not a regular expression: {error}. Without 're:' it is a name."
        raise PortingError(msg) from error


def _found(pattern: re.Pattern[str], replacement: str, name: str) -> list[tuple[int, int, str]]:
    """Return where a pattern is in a name, and what is to stand there."""
    try:
        return [(*match.span(), match.expand(replacement)) for match in pattern.finditer(name)]
    except (re.error, IndexError) as error:
        msg = f"{replacement!r} cannot replace what {pattern.pattern!r} finds in {name!r}: {error}."
        raise PortingError(msg) from error


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two spans share a letter, or are one place between letters, or one is a place within the other."""
    return one == other or (one[0] < other[1] and other[0] < one[1])
