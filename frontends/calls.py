"""Say what is wrong with a call that failed: an argument that is no tensor, or a word of another framework.

Nothing is asked of a call that succeeds: what a front end computes with a number or a list it goes on computing with.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import types
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch

from ..backend import OperatorError, OperatorTypeError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["explain_calls", "explained", "no_tensor"]

F = TypeVar("F", bound="Callable[..., Any]")

# how a tensor is made, by the package that asks for one; the first that fits
MAKERS = {
    "frontends.paddle.fluid": "fluid.dygraph.to_variable()",
    "frontends.paddle": "paddle.to_tensor()",
    "frontends.megengine": "megengine.tensor()",
    "frontends.oneflow": "oneflow.tensor()",
    "frontends.torch": "torch.as_tensor()",
}

# words for the same thing in different frameworks
SYNONYMS = (
    ("in_channels", "num_channels"),
    ("out_channels", "num_filters"),
    ("kernel_size", "filter_size", "pool_size"),
    ("stride", "pool_stride"),
    ("padding", "pool_padding"),
    ("bias", "bias_attr"),
    ("weight_attr", "param_attr"),
    ("x", "input", "inp", "inputs", "xs", "tensors"),
    ("y", "other"),
    ("dim", "axis"),
    ("keepdim", "keepdims", "keep_dim"),
    ("eps", "epsilon"),
    ("num_features", "num_channels"),
    ("parameters", "parameter_list", "params"),
    ("lr", "learning_rate"),
)

# Not tensors, whatever else is one: symbolic values of torch.fx and variables of a program are of classes of their own.
OTHERS = (bool, int, float, complex, str, bytes, list, tuple, dict, set, np.ndarray, np.generic)
CONVERTIBLE = (int, float, complex, list, tuple, np.ndarray, np.generic)


def explain_calls(namespace: dict[str, Any]) -> None:
    """Put what `explained` gives in the place of a module's functions.

    They are those that its `__all__` names, imported ones too, and its own that take tensors.

    Args:
        namespace: the module's `globals()`, complete.
    """
    module = namespace["__name__"]
    for name, function in list(namespace.items()):
        if not isinstance(function, types.FunctionType) or getattr(function, "_maker", "") == _maker(module):
            continue
        takes_tensors = function.__module__ == module and any(map(_is_tensor, function.__annotations__.values()))
        if name in namespace["__all__"] or takes_tensors:
            namespace[name] = explained(getattr(function, "_explains", function), module)


def explained(function: F, module: str) -> F:
    """Return the function, with a TypeError that names argument and remedy where it fails for what it was given.

    Args:
        function: its parameters are annotated: one whose annotation names a Tensor takes tensors.
        module: the name of the module that it belongs to, which decides what the remedy is.
    """
    is_compiling, blame = torch.compiler.is_compiling, _blame

    def call(*args: Any, **kwargs: Any) -> Any:
        if is_compiling():
            return function(*args, **kwargs)
        try:
            return function(*args, **kwargs)
        except (AttributeError, IndexError, RecursionError, TypeError) as error:
            mistake = blame(error, function, args, kwargs, module)
            if mistake is None:
                raise
            raise mistake from error

    # of the globals of the function's module, because doctest takes other functions for imported ones
    made: Any = types.FunctionType(call.__code__, function.__globals__, closure=call.__closure__)
    functools.update_wrapper(made, function)
    made._explains, made._maker = function, _maker(module)
    return made  # type: ignore[no-any-return]


def no_tensor(function: str, parameter: str, position: int, value: Any, module: str, several: bool = False) -> str:
    """Return the message about an argument that is no tensor, in Paddle's words.

    >>> no_tensor("relu", "x", 0, 3, "fourfold.frontends.paddle.nn")
    "relu(): argument 'x' (position 0) must be Tensor, but got int. Convert it with paddle.to_tensor()."
    """
    maker = _maker(module)
    legal = "list of Tensors" if several else "Tensor"
    got = "None" if value is None else type(value).__name__
    if several and isinstance(value, (list, tuple)):
        got = f"{got} of {', '.join(sorted({type(item).__name__ for item in value})) or 'nothing'}"
    remedy = f"Convert it with {maker}."
    if several or not isinstance(value, CONVERTIBLE):
        remedy = f"Give what {maker} returns."
    return f"{function}(): argument {parameter!r} (position {position}) must be {legal}, but got {got}. {remedy}"


def _maker(module: str) -> str:
    return next(maker for package, maker in MAKERS.items() if package in module)


def _is_tensor(annotation: Any) -> bool:
    return "Tensor" in str(annotation) and "Callable" not in str(annotation)


def _blame(
    error: Exception, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], module: str
) -> Exception | None:
    """Return what to raise instead of an error, or None where the arguments do not tell."""
    signature = inspect.signature(function)
    is_method = next(iter(signature.parameters), "") == "self"
    name = function.__qualname__ if is_method else function.__name__
    if isinstance(error, OperatorError) and (is_method or not hasattr(error, "maker")):
        # a layer leaves the words to the function that it calls; functions that call others use their own
        text = str(error).replace(getattr(error, "maker", "the front end's tensor()"), _maker(module))
        return OperatorTypeError(text) if text != str(error) else None
    try:
        given = signature.bind(*args, **kwargs).arguments
    except TypeError:
        unknown = [word for word in kwargs if word not in signature.parameters]
        return _unknown(name, unknown[0], list(signature.parameters)) if unknown else None
    for position, (parameter, value) in enumerate(given.items()):
        kind = str(signature.parameters[parameter].annotation)
        if not _is_tensor(kind):
            continue
        several = "Sequence[" in kind or "list[" in kind.lower()
        if not _is_legal(value, kind, several):
            mistake: Any = OperatorTypeError(no_tensor(name, parameter, position - is_method, value, module, several))
            mistake.maker = _maker(module)
            return mistake  # type: ignore[no-any-return]
    return None


def _is_legal(value: Any, kind: str, several: bool) -> bool:
    if value is None:
        return "None" in kind or "Optional" in kind
    if isinstance(value, (int, float)) and "float" in kind:
        return True
    if several and isinstance(value, (list, tuple)):
        return bool(value) and not any(item is None or isinstance(item, OTHERS) for item in value)
    return not isinstance(value, OTHERS)


def _unknown(function: str, word: str, legal: list[str]) -> TypeError:
    legal = [each for each in legal if each != "self"]
    found = [each for group in SYNONYMS if word in group for each in group if each in legal]
    found = found or difflib.get_close_matches(word, legal, n=1)
    if word == "output_size":
        hint = (
            "fluid's documented layer takes an output size when it is made, those of Paddle and torch when they are "
            "called, and the others none: set the size by padding and output_padding"
        )
    elif found:
        hint = f"here it is called {found[0]!r}"
        if "bias" in word:
            none = "False" if function.endswith("__init__") else "None"
            hint += f", and {found[0]}={none} leaves the bias out"
    else:
        hint = f"legal: {', '.join(legal)}"
    msg = f"{function}() got an unexpected keyword argument {word!r}; {hint}."
    return TypeError(msg)
