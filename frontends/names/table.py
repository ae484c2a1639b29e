"""The rows of one framework, and the modules that they make."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .generate import accepted, function
from .words import Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .signatures import Signatures

__all__ = ["Function", "Names"]


@dataclass(frozen=True)
class Function:
    """A row: a recorded name, what computes it, and the words that differ.

    Attributes:
        name: relative to the framework's root, such as 'nn.functional.gelu'.
        target: the function that computes it; its first parameter takes the first of the release.
        words: what becomes of parameters that are not passed on under the same name or a common word.
    """

    name: str
    target: Callable[..., Any]
    words: Mapping[str, Word] = field(default_factory=dict)


class Names:
    """The rows of one framework.

    Args:
        root: what the framework is called in code, such as 'paddle'.
        package: the front end's package.
        signatures: what the release calls its names.
        words: common words: the release's name of a parameter, to torch's, or to what becomes of it.
    """

    def __init__(self, root: str, package: str, signatures: Signatures, words: Mapping[str, str | Word]) -> None:
        self.root = root
        self.package = package
        self.signatures = signatures
        self.words = {name: _word(word) for name, word in words.items()}
        self.rows: dict[str, Function] = {}
        self.given: dict[str, Any] = {}  # what is written by hand, by name
        self._made: dict[str, Any] = {}

    # -- rows ---------------------------------------------------------------------------------------------------

    def function(self, name: str, target: Callable[..., Any], **words: str | Word) -> None:
        """Serve a function: `target` computes it, `words` say what becomes of parameters that differ.

        Raises:
            LookupError: the release has no such name.
            ValueError: a row has it already, or a word names no parameter.
        """
        canonical = self._new(name)
        unknown = set(words) - set(self.signatures.signature(canonical).parameters)
        if unknown:
            msg = f"{self.root}.{name}: the release has no parameter {', '.join(sorted(unknown))}."
            raise ValueError(msg)
        self.rows[canonical] = Function(name, target, {key: _word(word) for key, word in words.items()})

    def by_hand(self, **values: Any) -> None:
        """Serve objects that are written by hand, under names with `__` for the dots of their paths."""
        for name, value in values.items():
            self.given[self._new(name.replace("__", "."))] = value

    def _new(self, name: str) -> str:
        canonical = self.signatures.canonical(name)
        if canonical not in self.signatures:
            msg = f"{self.root} {self.signatures.release} has no {name!r}."
            raise LookupError(msg)
        if canonical in self.rows or canonical in self.given:
            msg = f"{self.root}.{name} has a row already."
            raise ValueError(msg)
        return canonical

    # -- what they make -----------------------------------------------------------------------------------------

    def served(self, path: str = "") -> Iterator[str]:
        """Yield the names, without the path, that a module of the release serves; aliases of served names are served."""
        prefix = f"{path}." if path else ""
        for name in self.signatures:
            rest = name[len(prefix) :]
            if name.startswith(prefix) and "." not in rest:
                canonical = self.signatures.canonical(name)
                if canonical in self.rows or canonical in self.given:
                    yield rest

    def get(self, name: str) -> Any:
        """Return what stands under a name.

        Raises:
            LookupError: no row has it.
        """
        canonical = self.signatures.canonical(name)
        if canonical in self.given:
            return self.given[canonical]
        if canonical not in self._made:
            self._made[canonical] = self._function(self.rows[canonical])
        return self._made[canonical]

    def _function(self, row: Function) -> Any:
        signature = self.signatures.signature(row.name)
        path, _, name = row.name.rpartition(".")
        module = f"{self.package}.{path}" if path else self.package
        where = f"{self.root}.{row.name}"
        words = self.words_of(row)
        doc = f"`{where}` of {self.root} {self.signatures.release}, computed by `{_title(row.target)}`."
        return function(name, signature, row.target, words, where=where, module=module, doc=doc)

    def words_of(self, row: Function) -> dict[str, Word]:
        """Return what becomes of each parameter of a row that is served."""
        takes = accepted(row.target)
        words = {}
        for index, name in enumerate(self.signatures.signature(row.name).parameters):
            word = row.words.get(name) or self.words.get(name)
            if word is not None and name not in row.words and takes is not None and word.keyword:
                # a common word counts where the target has it
                word = word if word.keyword in takes or index == 0 else None
            if word is None and (takes is None or name in takes or index == 0):
                word = Word()
            if word is not None:
                words[name] = word
        return words

    def fill(self, namespace: dict[str, Any], path: str = "") -> list[str]:
        """Put what a module of the release serves into a namespace; return its names, sorted."""
        names = sorted(self.served(path))
        prefix = f"{path}." if path else ""
        namespace.update((name, self.get(f"{prefix}{name}")) for name in names)
        return names

    def module(self, path: str, doc: str) -> ModuleType:
        """Make the module of a path and register it, so that it can be imported."""
        module = ModuleType(f"{self.package}.{path}", doc)
        module.__dict__["__all__"] = self.fill(module.__dict__, path)
        sys.modules[module.__name__] = module
        return module


def _word(word: str | Word) -> Word:
    return Word(word) if isinstance(word, str) else word


def _title(target: Any) -> str:
    module = getattr(target, "__module__", None) or "torch"
    return f"{module}.{getattr(target, '__qualname__', None) or getattr(target, '__name__', '?')}"
