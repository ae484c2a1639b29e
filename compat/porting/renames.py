"""Stated renames: which layer or tensor of the source is which one here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import PortingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Renames:
    """Names of the source to names here, of whole tensors or of layers with all that is below them.

    The longest fitting name counts. A rename that was never used is an error, raised by `check_used`.

    Args:
        pairs: from the source's name to the name here. A name is dotted, such as `encoder.0` or `head.weight`; the
            empty name is the model itself.

    Example:
        >>> renames = Renames({"enc": "encoder", "enc.last": "neck"})
        >>> renames("enc.0.weight"), renames("enc.last.weight"), renames("encode.weight")
        ('encoder.0.weight', 'neck.weight', 'encode.weight')
    """

    def __init__(self, pairs: Mapping[str, str] | None = None) -> None:
        self.pairs = dict(pairs or {})
        self._used: set[str] = set()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Renames:
        """Read `OLD=NEW` texts.

        Raises:
            PortingError: one is not of that form, or renames what another renames.
        """
        pairs: dict[str, str] = {}
        for text in texts:
            old, equals, new = text.partition("=")
            if not equals or "=" in new:
                msg = f"rename {text!r} is not OLD=NEW, such as 'enc=encoder' or 'enc.0.weight=encoder.stem.weight'."
                raise PortingError(msg)
            if old in pairs:
                msg = f"{old!r} is renamed twice, to {pairs[old]!r} and to {new!r}. Keep one."
                raise PortingError(msg)
            pairs[old] = new
        return cls(pairs)

    def __call__(self, name: str) -> str:
        """Return the name here."""
        parts = name.split(".") if name else []
        for count in range(len(parts), -1, -1):
            old = ".".join(parts[:count])
            if old in self.pairs:
                self._used.add(old)
                return ".".join([*filter(None, [self.pairs[old]]), *parts[count:]])
        return name

    def check_used(self, names: Iterable[str]) -> None:
        """Raise if a rename fitted no name.

        Args:
            names: what there was to rename, for the message.

        Raises:
            PortingError: it lists the renames that fitted nothing.
        """
        unused = [old for old in self.pairs if old not in self._used]
        if unused:
            known = sorted({name.rpartition(".")[0] for name in names})
            msg = f"renames of {unused} fit no name of the source. Its layers are {known}."
            raise PortingError(msg)
