"""Stated renames: which layer or tensor of the source is which one here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .errors import PortingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

REGEX = "re:"


class Renames:
    r"""Names of the source to names here, of whole tensors or of layers with all that is below them.

    The longest fitting name counts; where none fits, the first regular expression that does. A rename that was never
    used is an error, raised by `check_used`.

    Args:
        pairs: from the source's name to the name here. A name is dotted, such as `encoder.0` or `head.weight`; the
            empty name is the model itself. A compiled regular expression, to what `re.sub` takes, is searched for
            in the whole name of a tensor.

    Example:
        >>> renames = Renames({"enc": "encoder", "enc.last": "neck"})
        >>> renames("enc.0.weight"), renames("enc.last.weight"), renames("encode.weight")
        ('encoder.0.weight', 'neck.weight', 'encode.weight')
        >>> Renames({re.compile(r"^enc(\d+)_"): r"encoder.\1."})("enc12_weight")
        'encoder.12.weight'
    """

    def __init__(self, pairs: Mapping[str, str] | Mapping[str | re.Pattern[str], str] | None = None) -> None:
        given = dict[Any, str](pairs or {})
        self.pairs = {old: new for old, new in given.items() if isinstance(old, str)}
        self.patterns = {old: new for old, new in given.items() if isinstance(old, re.Pattern)}
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
        parts = name.split(".") if name else []
        for count in range(len(parts), -1, -1):
            old = ".".join(parts[:count])
            if old in self.pairs:
                self._used.add(old)
                return ".".join([*filter(None, [self.pairs[old]]), *parts[count:]])
        for pattern, replacement in self.patterns.items():
            found = _replaced(pattern, replacement, name)
            if found is not None:
                self._used.add(REGEX + pattern.pattern)
                return found
        return name

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


def _replaced(pattern: re.Pattern[str], replacement: str, name: str) -> str | None:
    """Return the name with all occurrences replaced; None where there is none."""
    try:
        found, count = pattern.subn(replacement, name)
    except (re.error, IndexError) as error:
        msg = f"{replacement!r} cannot replace what {pattern.pattern!r} finds in {name!r}: {error}."
        raise PortingError(msg) from error
    return found if count else None
