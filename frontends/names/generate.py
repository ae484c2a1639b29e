"""Make a function from a row: a real `def` with the release's parameters, whose one line calls the target.

The source stands in `linecache`, so that tracebacks, debuggers and `inspect.getsource` show it. This is the only module
that executes text; the text comes from rows and recordings that ship with fourfold, checked to be names and literals.
"""

from __future__ import annotations

import functools
import inspect
import linecache
import math
import re
from typing import TYPE_CHECKING, Any

import torch

from .signatures import Opaque

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .words import Word

__all__ = ["accepted", "again", "compiled", "function", "refusal", "same"]

_DOCUMENTED = re.compile(r"^(?:\.\. function:: )?(?:\w+\.)*\w+\((?P<parameters>[^()]*)\)\s*->", re.MULTILINE)


def function(
    name: str,
    signature: inspect.Signature,
    target: Callable[..., Any],
    words: Mapping[str, Word],
    *,
    where: str,
    module: str,
    doc: str,
    qualname: str = "",
    tensors: frozenset[str] = frozenset(),
    kinds: tuple[type, ...] = (torch.Tensor,),
    refuse: Callable[[str, str, int, Any], Exception] | None = None,
    errors: Mapping[type[Exception], type[Exception]] | None = None,
    otherwise: Callable[..., Any] | None = None,
) -> Any:
    """Return a function of this signature that calls the target.

    Args:
        name: what it is called, such as 'concat'.
        signature: the recorded one.
        target: what computes it.
        words: what becomes of each parameter; one that is not there is refused off its default.
        where: its name in messages, such as 'paddle.concat'.
        module: its `__module__`.
        doc: its docstring.
        qualname: its `__qualname__`; '' for the name.
        tensors: parameters that take nothing but a tensor.
        kinds: classes of what the target takes for a tensor.
        refuse: makes the error about another value, from `where`, the parameter, its position and the value.
        errors: what is raised in place of what the target raises, by exact class.
        otherwise: what is called where there are keywords that the signature has not.
    """
    bound: dict[str, Any] = {"_target": target}
    refusals: list[str] = []
    arguments = []
    if refuse is not None and tensors:
        bound.update(_kinds=kinds[0] if len(kinds) == 1 else kinds, _other=_other(where, refuse))
        refusals += _tensor_checks(signature, tensors)
    for index, parameter in enumerate(signature.parameters.values()):
        word = words.get(parameter.name)
        if word is None:
            refusals += refusal(parameter, bound, where)
            continue
        if word.keyword is None:
            continue
        value = parameter.name
        if word.read is not None:
            bound[f"_read_{value}"] = word.read
            value = f"_read_{value}({value})"
        if parameter.kind is parameter.VAR_POSITIONAL:
            arguments.append(f"*{value}")
        elif parameter.kind is parameter.VAR_KEYWORD:
            arguments.append(f"**{value}")
        elif index == 0:
            arguments.append(value)
        else:
            arguments.append(f"{word.keyword or parameter.name}={value}")
    call = f"return _target({', '.join(arguments)})"
    if errors:
        bound.update(_refused=tuple(errors), _again=_again(where, errors))
        call = f"try: {call}\nexcept _refused as error: _again(error)"
    body = [*refusals, *call.split("\n")]
    stated = None
    if otherwise is not None and not any(each.kind is each.VAR_KEYWORD for each in signature.parameters.values()):
        given = ", ".join(f"{each}={each}" for each in signature.parameters)
        bound["_otherwise"] = _otherwise(otherwise, signature)
        body.insert(0, f"if _others: return _otherwise(dict({given}), _others)")
        others = inspect.Parameter("_others", inspect.Parameter.VAR_KEYWORD)
        stated, signature = signature, signature.replace(parameters=[*signature.parameters.values(), others])
    made = compiled(name, signature, body, bound, module=module, doc=doc, qualname=qualname)
    if stated is not None:
        made.__signature__ = stated
    return _gathering(made, signature, words)


def _gathering(made: Any, signature: inspect.Signature, words: Mapping[str, Word]) -> Any:
    """Return the function, which takes numbers one after the other where a word says so."""
    gathered = (each for each in enumerate(signature.parameters) if each[1] in words and words[each[1]].gather)
    index, parameter = next(gathered, (0, ""))
    gather = words[parameter].gather if parameter else None
    if gather is None:
        return made

    @functools.wraps(made)
    def gathering(*args: Any, **kwargs: Any) -> Any:
        if len(args) > index + 1:
            sizes = args[index:]
            # what makes a tensor may have its dtype next, which is no size after a list or a tensor
            starts = isinstance(sizes[0], (int, torch.SymInt))
            if starts if not index else all(hasattr(size, "__index__") for size in sizes):
                return made(*args[:index], gather(sizes), **kwargs)
        return made(*args, **kwargs)

    gathering.__dict__["__fourfold_gathers__"] = True  # more arguments by position than its signature has
    return gathering


def _tensor_checks(signature: inspect.Signature, tensors: frozenset[str]) -> list[str]:
    """Return the lines that look whether parameters are tensors."""
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    named = [each.name for each in signature.parameters.values() if each.kind not in variadic]
    given = ", ".join(f"{each}={each}" for each in named)
    return [
        f"if not isinstance({each}, _kinds): return _other(_called, {each!r}, {index}, dict({given}))"
        for index, each in enumerate(signature.parameters)
        if each in tensors
    ]


def compiled(
    name: str,
    signature: inspect.Signature,
    body: list[str],
    bound: dict[str, Any],
    *,
    module: str,
    doc: str,
    qualname: str = "",
) -> Any:
    """Return the function that a signature and the lines of a body make, with the names that these use."""
    header, defaults = _header(signature)
    names = {**bound, **defaults}
    # a closure, not globals: dynamo looks those up in the module that the function says it is from
    lines = [f"def _with({', '.join(names)}):", f"    def {name}{header}:", *(f"        {line}" for line in body)]
    # under another name too, which no parameter has
    source = "\n".join([*lines, f"    _called = {name}", f"    return {name}", ""])
    filename = f"<fourfold {module}.{qualname or name}>"
    namespace: dict[str, Any] = {"__name__": module}
    exec(compile(source, filename, "exec"), namespace)
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    made = namespace["_with"](**names)
    made.__doc__ = doc
    made.__qualname__ = qualname or name
    return made


def accepted(target: Callable[..., Any]) -> tuple[frozenset[str], bool]:
    """Return the keywords that a function takes by name, and whether it takes any other.

    torch's functions written in C state their parameters in their documentation, one overload a line.
    """
    try:
        parameters = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):
        stated = _DOCUMENTED.findall(target.__doc__ or "")
        return frozenset(re.findall(r"(?:^|,)\s*\*?(\w+)", ",".join(stated))), False
    return frozenset(each.name for each in parameters), any(each.kind is each.VAR_KEYWORD for each in parameters)


def _header(signature: inspect.Signature) -> tuple[str, dict[str, Any]]:
    """Return the parameters as source, and the defaults that are no literals by the names that they have in it."""
    defaults: dict[str, Any] = {}
    shown = []
    for parameter in signature.parameters.values():
        default = parameter.default
        literal = type(default) in (int, bool, str, type(None)) or (type(default) is float and math.isfinite(default))
        if default is not parameter.empty and not literal:
            name = f"_default_{parameter.name}"
            defaults[name] = default
            shown.append(parameter.replace(default=_Name(name)))
        else:
            shown.append(parameter)
    return str(inspect.Signature(shown)), defaults


class _Name(str):
    """Prints without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def refusal(parameter: inspect.Parameter, bound: dict[str, Any], where: str) -> list[str]:
    """Return the lines that refuse a parameter off its default, and bind the names that they use."""
    bound.update(_refuse=_refuse(where), _same=same)
    name, default = parameter.name, parameter.default
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        return [f"if {name}: _refuse({name!r}, {name}, None)"]
    if default is parameter.empty:
        return [f"_refuse({name!r}, {name}, None)"]
    if default is None or isinstance(default, bool):
        return [f"if {name} is not {default}: _refuse({name!r}, {name}, {default})"]
    bound[f"_default_{name}"] = default
    return [f"if not _same({name}, _default_{name}): _refuse({name!r}, {name}, _default_{name})"]


def _other(where: str, refuse: Callable[[str, str, int, Any], Exception]) -> Callable[..., Any]:
    # closures: dynamo knows no functools.partial here
    def other(called: Callable[..., Any], name: str, index: int, given: dict[str, Any]) -> Any:
        """Hand a call on to what stands for a tensor, such as a program's variable; refuse what does not."""
        value = given[name]
        if hasattr(type(value), "__torch_function__"):
            return torch.overrides.handle_torch_function(called, (value,), **given)
        raise refuse(where, name, index, value)

    return other


def _otherwise(called: Callable[..., Any], signature: inspect.Signature) -> Callable[..., Any]:
    parameters = [(each.name, each.default) for each in signature.parameters.values()]

    def otherwise(given: dict[str, Any], others: dict[str, Any]) -> Any:
        """Call another function with what was given off its default: by position as far as there are no gaps."""
        positional: list[Any] = []
        named = {}
        for index, (name, default) in enumerate(parameters):
            if same(given[name], default):
                continue
            if len(positional) == index:
                positional.append(given[name])
            else:
                named[name] = given[name]
        return called(*positional, **named, **others)

    return otherwise


def _again(where: str, errors: Mapping[type[Exception], type[Exception]]) -> Callable[[Exception], None]:
    def raise_again(error: Exception) -> None:
        again(where, errors, error)

    return raise_again


def again(where: str, errors: Mapping[type[Exception], type[Exception]], error: Exception) -> None:
    """Raise an error again, in the framework's class."""
    kind = errors.get(type(error))
    if kind is None:
        raise error
    msg = f"{where}: {error}"
    raise kind(msg) from error


def same(value: Any, default: Any) -> bool:
    """Whether an argument is its default, so that a parameter that is not served may have it."""
    if value is default:
        return True
    return not isinstance(value, torch.Tensor) and type(value) is type(default) and bool(value == default)


def _refuse(where: str) -> Callable[[str, Any, Any], None]:
    def refuse(name: str, value: Any, default: Any) -> None:
        shown = type(value).__name__ if isinstance(value, torch.Tensor) else repr(value)
        only = default.text if isinstance(default, Opaque) else repr(default)
        msg = f"{where}: {name}={shown[:200]} is not served here; only {only} is. Leave it out."
        raise NotImplementedError(msg)

    return refuse
