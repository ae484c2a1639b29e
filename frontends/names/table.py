"""The rows of one framework, and the functions, layers, methods and modules that they make."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from .derived import Derived
from .generate import accepted, again, function
from .layers import Kept, Layer, Learned, kept_by, layer_class
from .missing import Lacking
from .words import Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

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
        layer: the base class of layers, once it is known.
        options: what becomes of constructor arguments that mean the same in all layers, such as `name`.
        attribute: the framework's rule for the attribute that keeps a constructor's argument.
        tensors: required parameters that take nothing but a tensor, unless a row says what becomes of them.
        kinds: classes of what targets take for a tensor.
        refuse: makes the error about another value, from the function's name, the parameter, its position, the value.
        errors: what is raised in place of what targets raise, by exact class.
    """

    def __init__(
        self,
        root: str,
        package: str,
        signatures: Signatures,
        words: Mapping[str, str | Word],
        *,
        options: Mapping[str, Kept] | None = None,
        attribute: Callable[[str], str] = str,
        tensors: str = "",
        kinds: tuple[type, ...] = (torch.Tensor,),
        refuse: Callable[[str, str, int, Any], Exception] | None = None,
        errors: Mapping[type[Exception], type[Exception]] | None = None,
    ) -> None:
        self.root = root
        self.package = package
        self.signatures = signatures
        self.words = {name: _word(word) for name, word in words.items()}
        self.options = dict(options or {})
        self.attribute = attribute
        self.tensors = frozenset(tensors.split())
        self.kinds = kinds
        self.refuse = refuse
        self.errors = errors
        self.numbers: frozenset[str] = frozenset()
        self.base: type = object
        self.rows: dict[str, Function | Layer | Derived] = {}
        self.given: dict[str, Any] = {}  # what is written by hand, by name
        self._made: dict[str, Any] = {}

    # -- rows ---------------------------------------------------------------------------------------------------

    def function(self, name: str, target: Callable[..., Any], /, **words: str | Word) -> None:
        """Serve a function: `target` computes it, `words` say what becomes of parameters that differ.

        Raises:
            LookupError: the release has no such name.
            ValueError: a row has it already, or a word names no parameter.
        """
        self._check_words(name, words)
        self.rows[self._new(name)] = Function(name, target, {key: _word(word) for key, word in words.items()})

    def functions(self, source: Any, names: str, prefix: str = "") -> None:
        """Serve functions that a module such as `torch` has under the same names, separated by spaces."""
        for name in names.split():
            self.function(f"{prefix}{name}", getattr(source, name))

    def layer(
        self,
        name: str,
        target: Callable[..., Any] | str,
        /,
        *,
        kind: str | None = None,
        learned: tuple[Learned, ...] = (),
        extra: Mapping[str, str] | None = None,
        shown: Callable[[Any], str] | None = None,
        base: type | None = None,
        through: str = "",
        **arguments: Kept,
    ) -> None:
        """Serve a layer whose forward calls a function, or the function of another row by its name.

        Its kind, by which it is ported and verified, is torch's name of the class where that is another one.

        Raises:
            LookupError: the release has no such name, or no row has the function.
            ValueError: a row has it already, or an argument is none of the constructor's.
        """
        called = self.get(target) if isinstance(target, str) else target
        self._check_words(name, {**arguments, **{each: None for one in learned for each in one.arguments}})
        self.rows[self._new(name)] = Layer(name, called, kind, arguments, learned, extra or {}, shown, base, through)

    def add(self, row: Derived) -> None:
        """Serve a class that says itself how it is made, such as a schedule or an optimizer."""
        self.rows[self._new(row.name)] = row

    def by_hand(self, path: str, *rooms: ModuleType) -> None:
        """Serve what modules written by hand list in their `__all__`, under a path of the release.

        Raises:
            LookupError: the release has no such name there.
        """
        for room in rooms:
            for name in room.__all__:
                full, value = f"{path}.{name}" if path else name, getattr(room, name)
                if self.given.get(self.signatures.canonical(full)) is not value:  # by another name already
                    self.given[self._new(full)] = value

    def variant(self, package: str, signatures: Signatures, *rooms: tuple[str, ModuleType]) -> Names:
        """Return the names of another release, which has the very functions and classes of this one but for some.

        Args:
            package: the front end's package.
            signatures: what the other release calls its names.
            *rooms: what it has of its own: a path and a module written by hand, as `by_hand` takes them.
        """
        made = Names(self.root, package, signatures, self.words, options=self.options, attribute=self.attribute)
        for path, room in rooms:
            made.by_hand(path, room)
        for name in (*self.given, *self.rows):
            if name in signatures and name not in made.given:
                made.given[name] = self.get(name)
        return made

    def _check_words(self, name: str, words: Mapping[str, Any]) -> None:
        unknown = set(words) - set(self.signatures.signature(name).parameters)
        if unknown:
            msg = f"{self.root}.{name}: the release has no parameter {', '.join(sorted(unknown))}."
            raise ValueError(msg)

    def _new(self, name: str) -> str:
        canonical = self.signatures.canonical(name)
        if canonical not in self.signatures:
            msg = f"{self.root} {self.signatures.release} has no {name!r}."
            raise LookupError(msg)
        if canonical in self.rows or canonical in self.given:
            msg = f"{self.root}.{name} has a row already."
            raise ValueError(msg)
        return canonical

    def again(self, where: str, error: Exception) -> None:
        """Raise an error of torch's again, in the framework's class, as the functions of rows do."""
        again(where, self.errors or {}, error)

    # -- what they make -----------------------------------------------------------------------------------------

    def serves(self, name: str) -> bool:
        """Whether a name, or what it is another name of, is served."""
        canonical = self.signatures.canonical(name)
        return canonical in self.rows or canonical in self.given

    def served(self, path: str = "") -> list[str]:
        """Return the names, without the path, that a module of the release serves, sorted."""
        prefix = f"{path}." if path else ""
        below = (name for name in self.signatures if name.startswith(prefix) and "." not in name[len(prefix) :])
        return sorted(name[len(prefix) :] for name in below if self.serves(name))

    def paths(self) -> Iterator[str]:
        """Yield the paths of the release's modules, parents first."""
        yield from sorted(name for name in self.signatures if self.signatures.lines[name] == "module")

    def get(self, name: str) -> Any:
        """Return what stands under a name.

        Raises:
            LookupError: no row has it.
        """
        canonical = self.signatures.canonical(name)
        if canonical in self.given:
            return self.given[canonical]
        if canonical not in self._made:
            if canonical not in self.rows:
                msg = f"no row serves {self.root}.{name}."
                raise LookupError(msg)
            row = self.rows[canonical]
            if isinstance(row, Derived):
                self._made[canonical] = row.make(self.package, self.root, self.signatures)
            else:
                self._made[canonical] = self._layer(row) if isinstance(row, Layer) else self._function(row)
        return self._made[canonical]

    def _function(self, row: Function) -> Any:
        path, _, name = row.name.rpartition(".")
        where = f"{self.root}.{row.name}"
        return function(
            name,
            self.signatures.signature(row.name),
            row.target,
            self.words_of(row),
            where=where,
            module=f"{self.package}.{path}" if path else self.package,
            doc=f"`{where}` of {self.root} {self.signatures.release}, computed by `{_title(row.target)}`.",
            tensors=self._tensors(row, row.name),
            kinds=self.kinds,
            refuse=self.refuse,
            errors=self.errors,
        )

    def _tensors(self, row: Function, name: str) -> frozenset[str]:
        parameters = self.signatures.signature(name).parameters.values()
        required = {each.name for each in parameters if each.default is each.empty}
        return (self.tensors & required) - set(row.words)

    def _layer(self, row: Layer) -> type:
        path, _, _ = row.name.rpartition(".")
        canonical, where = self.signatures.canonical(row.name), f"{self.root}.{row.name}"
        return layer_class(
            row,
            self.base,
            self.signatures.signature(canonical),
            self.signatures.signature(f"{canonical}.forward"),
            where=where,
            module=f"{self.package}.{path}" if path else self.package,
            attribute=self.attribute,
            common=self.options,
            doc=f"`{where}` of {self.root} {self.signatures.release}: a layer of `{_title(row.function)}`.",
            through=self.signatures.signature(f"{canonical}.{row.through}") if row.through else None,
        )

    def words_of(self, row: Function, name: str = "") -> dict[str, Word]:
        """Return what becomes of each parameter that is served, of a function or of a method that is one."""
        takes, rest = accepted(row.target)
        words = {}
        for index, parameter in enumerate(self.signatures.signature(name or row.name).parameters):
            word = row.words.get(parameter)
            common = self.words.get(parameter)
            # a common word counts where the target has it
            if word is None and common and (common.keyword is None or (common.keyword or parameter) in takes):
                word = common
            if word is None and (parameter in takes or (index == 0 and not name)):
                word = Word()
            if word is None and rest:
                word = common or Word()
            if word is not None:
                words[parameter] = word
        return words

    def refused(self, name: str) -> frozenset[str]:
        """Return the parameters of a row's function or class that are refused off their defaults.

        What is written by hand refuses in its code, of which nothing is known here.
        """
        row = self.rows.get(self.signatures.canonical(name))
        if row is None:
            return frozenset()
        parameters = frozenset(self.signatures.signature(row.name).parameters)
        if isinstance(row, Function):
            return parameters - set(self.words_of(row))
        if isinstance(row, Derived):
            return parameters - row.takes - set(row.words)
        kept = {each for each in parameters if kept_by(row, each, self.attribute, self.options)}
        return parameters - kept - {each for learned in row.learned for each in learned.arguments}

    # -- methods ------------------------------------------------------------------------------------------------

    def add_methods(
        self,
        kind: type,
        recorded: str = "Tensor",
        places: tuple[str, ...] = ("",),
        written: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None,
        *,
        numbers: str = "",
        otherwise: bool = False,
    ) -> None:
        """Give a tensor class the release's methods: the functions of the same names, with the tensor as their first.

        What the class defines itself stays, and a row of the method's own name goes first. A method that ends in `_`
        writes what the function gives into the tensor.

        Args:
            kind: the class.
            recorded: the release's name of it.
            places: where functions are looked for, such as 'nn.functional.'.
            written: makes of a function the one in place. Default: None, one that copies values into the tensor.
            numbers: parameters that may be numbers in methods, though not in functions, since torch's own Python code
                gives them: its optimizers multiply by them.
            otherwise: whether keywords that only torch has make a call torch's, so that its own Python code goes on
                working on these tensors. Default: False, they are refused.
        """
        written = written or _written
        self.numbers = frozenset(numbers.split())
        prefix = f"{recorded}."
        for name in [each[len(prefix) :] for each in self.signatures if each.startswith(prefix)]:
            if name in vars(kind) or not self.signatures.lines[prefix + name].startswith("def ("):
                continue
            candidates = [(prefix + name, False)]
            for place in places:
                candidates.append((place + name, False))
                candidates.append((place + name.removesuffix("_"), name.endswith("_")))
            for candidate, in_place in candidates:
                row = self.rows.get(self.signatures.canonical(candidate))
                if isinstance(row, Function):
                    target = written(row.target) if in_place else row.target
                    self._add_method(kind, prefix + name, row, target, otherwise)
                    break

    def refuse_methods(self, kind: type, recorded: str, kept: str) -> None:
        """Refuse, by name, what the release lists of a tensor class and this one does not define.

        Args:
            kind: the class.
            recorded: the release's name of it.
            kept: names that mean the same in torch.
        """
        prefix = f"{recorded}."
        listed = [each[len(prefix) :] for each in self.signatures if each.startswith(prefix)]
        ours = [each for each in kind.__mro__ if issubclass(each, torch.Tensor) and each is not torch.Tensor]
        served = {name for name in listed if any(name in vars(each) for each in ours)}
        for name in listed:
            if name not in served and not name.startswith("__") and name not in kept.split():
                setattr(kind, name, Lacking(f"{self.root}.{recorded}", name, served))

    def _add_method(self, kind: type, name: str, row: Function, target: Callable[..., Any], otherwise: bool) -> None:
        signature = self.signatures.signature(name)
        itself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        method = function(
            name.rpartition(".")[2],
            signature.replace(parameters=[itself, *signature.parameters.values()]),
            target,
            {"self": Word(), **self.words_of(row, name)},
            where=f"{self.root}.{name}",
            module=kind.__module__,
            doc=f"`{self.root}.{row.name}` of this tensor.",
            qualname=f"{kind.__qualname__}.{name.rpartition('.')[2]}",
            tensors=self._tensors(row, name) - self.numbers,
            kinds=self.kinds,
            refuse=self.refuse,
            errors=self.errors,
            otherwise=getattr(torch.Tensor, name.rpartition(".")[2], None) if otherwise else None,
        )
        setattr(kind, method.__name__, method)


def _written(target: Callable[..., Any]) -> Callable[..., Any]:
    def in_place(tensor: Any, *args: Any, **kwargs: Any) -> Any:
        return tensor.copy_(target(tensor, *args, **kwargs))

    return in_place


def _word(word: str | Word) -> Word:
    return Word(word) if isinstance(word, str) else word


def _title(target: Any) -> str:
    module = getattr(target, "__module__", None) or "torch"
    return f"{module}.{getattr(target, '__qualname__', None) or getattr(target, '__name__', '?')}"
