"""Make a layer from a row: a class with the release's constructor, whose forward calls a function of the front end."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .generate import accepted, compiled, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Kept", "Layer", "Learned", "kept", "kept_by", "layer_class"]


@dataclass(frozen=True)
class Kept:
    """What becomes of one argument of a constructor.

    Attributes:
        attribute: the release's name of the attribute that holds it; None where it is not held.
        means: the parameter of the layer's function that takes it; '' for one of the same name, None for none.
        read: applied to the value first, or None.
        reason: why an argument that is taken has no effect; '' for one that has.
    """

    attribute: str | None
    means: str | None = ""
    read: Callable[[Any], Any] | None = None
    reason: str = ""


def kept(attribute: str | None, means: str | None = "", read: Callable[[Any], Any] | None = None) -> Kept:
    """Keep an argument under the release's attribute, for the function's parameter `means`."""
    return Kept(attribute, means, read)


@dataclass(frozen=True)
class Learned:
    """A parameter or buffer that the constructor makes.

    Attributes:
        name: the attribute, such as 'weight'; the function's parameter of that name takes it unless `means` says.
        make: called with the layer and the constructor's arguments by name; returns the parameter, or None.
        arguments: the constructor's arguments that it reads.
        means: the function's parameter that takes it; None for none.
        role: what it is in any framework: 'weight', 'bias', 'scale', 'shift', 'running_mean', ...
    """

    name: str
    make: Callable[..., Any]
    arguments: tuple[str, ...] = ()
    means: str | None = ""
    role: str = ""


@dataclass(frozen=True)
class Layer:
    """A row: a recorded class, the function that its forward calls, and what is kept.

    Attributes:
        name: relative to the framework's root, such as 'nn.GroupNorm'.
        function: what forward calls; its first parameters take those of forward. None in a row that a class written
            by hand has as its attribute `row`, for what is told of it alone.
        kind: what the layer is in any framework, by torch's name of its class, such as 'ConvTranspose3d'
            (`../kinds.py`); None where the names are the same, '' where what has the same name is something else.
        arguments: what becomes of each argument of the constructor.
        learned: what it learns or keeps, in the order of its state.
        extra: further arguments of the function, computed from the layer at each call: `training`.
        shown: text of `extra_repr` from the layer, or None for the base class's.
        base: its base class, built as all layers of the framework are; None for theirs. If it has `reset_parameters`,
            the constructor ends with that.
        through: the release's method that forward calls with what is learned: 'calc_conv'; '' for none.
    """

    name: str
    function: Callable[..., Any] | None = None
    kind: str | None = None
    arguments: Mapping[str, Kept] = field(default_factory=dict)
    learned: tuple[Learned, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    shown: Callable[[Any], str] | None = None
    base: type | None = None
    through: str = ""


def layer_class(
    row: Layer,
    base: type,
    constructor: inspect.Signature,
    forward: inspect.Signature,
    *,
    where: str,
    module: str,
    attribute: Callable[[str], str],
    common: Mapping[str, Kept],
    doc: str,
    through: inspect.Signature | None = None,
) -> type:
    """Return the class of a row.

    Args:
        row: the row.
        base: the framework's base class of layers, whose constructor is called.
        constructor: the recorded signature of the class.
        forward: the recorded signature of its forward.
        where: its name in messages.
        module: its `__module__`.
        attribute: the framework's rule for the attribute that keeps an argument.
        common: what becomes of arguments that mean the same in all layers, such as `name`.
        doc: its docstring.
        through: the recorded signature of the method of that name in the row.
    """
    name = row.name.rpartition(".")[2]
    assert row.function is not None, "a class that is written by hand is not made"
    bound: dict[str, Any] = {"_base": base, "_function": row.function}
    body = ["_base.__init__(self)"]
    passed, tensors = [], []
    used = {argument for learned in row.learned for argument in learned.arguments}
    for parameter in constructor.parameters.values():
        argument = parameter.name
        how = kept_by(row, argument, attribute, common)
        if how is None:
            if argument not in used:
                body += refusal(parameter, bound, where)
            continue
        value = argument
        if how.read is not None:
            bound[f"_read_{argument}"] = how.read
            value = f"_read_{argument}({argument})"
        if how.attribute is None:
            continue
        body.append(f"self.{how.attribute} = {value}")
        if how.means is not None:
            passed.append(f"{how.means or argument}=self.{how.attribute}")
    for learned in row.learned:
        bound[f"_make_{learned.name}"] = learned.make
        given = ", ".join(["self", *(f"{argument}={argument}" for argument in learned.arguments)])
        body.append(f"_make_{learned.name}({given})")
        if learned.means is not None:
            tensors.append((learned.means or learned.name, learned.name))
    parent = row.base or base
    if hasattr(parent, "reset_parameters"):
        body.append("self.reset_parameters()")
    passed += [f"{parameter}={source}" for parameter, source in row.extra.items()]
    itself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    inputs = [*map(_given, forward.parameters.values())]
    held = [f"{each}=self.{attribute}" for each, attribute in tensors]
    made: dict[str, Any] = {}
    call = f"_function({', '.join([*inputs, *passed, *held])})"
    if through is not None:
        made_of = {learned.means or learned.name for learned in row.learned}
        inner = [f"{each}={each}" if each in made_of else each for each in through.parameters]
        made[row.through] = compiled(
            row.through,
            _with(itself, through),
            [f"return _function({', '.join([*sorted(inner, key=lambda each: '=' in each), *passed])})"],
            bound,
            module=module,
            doc=f"Apply the layer with other parameters; `{where}` says how.",
            qualname=f"{name}.{row.through}",
        )
        call = f"self.{row.through}({', '.join([*inputs, *held])})"
    apply = compiled(
        "forward",
        _with(itself, forward),
        [f"return {call}"],
        bound,
        module=module,
        doc=f"Apply the layer; `{where}` says how.",
        qualname=f"{name}.forward",
    )
    apply.__annotations__ = dict.fromkeys(list(forward.parameters)[:1], "Tensor")  # for messages: calls.py
    made |= {
        "__init__": compiled(
            "__init__", _with(itself, constructor), body, bound, module=module, doc="", qualname=f"{name}.__init__"
        ),
        "forward": apply,
        "__module__": module,
        "__doc__": doc,
        "__qualname__": name,
        "row": row,
    }
    if row.shown is not None:
        made["extra_repr"] = row.shown
    return type(parent)(name, (parent,), made)


def kept_by(row: Layer, argument: str, attribute: Callable[[str], str], common: Mapping[str, Kept]) -> Kept | None:
    """Return what becomes of an argument of the constructor of a row; None where it is refused off its default.

    Args:
        row: the row.
        argument: of the constructor.
        attribute: as in `layer_class`.
        common: likewise.
    """
    how = row.arguments.get(argument) or common.get(argument)
    # what is learned takes the place of the argument, but for what is only checked
    made_of = {learned.means or learned.name for learned in row.learned if learned.means is not None}
    if how is None and row.function is not None and argument not in made_of:
        takes, rest = accepted(row.function)
        how = Kept(attribute(argument)) if rest or argument in takes else None
    return how


def _given(parameter: inspect.Parameter) -> str:
    return f"*{parameter.name}" if parameter.kind is parameter.VAR_POSITIONAL else parameter.name


def _with(itself: inspect.Parameter, signature: inspect.Signature) -> inspect.Signature:
    return signature.replace(parameters=[itself, *signature.parameters.values()])
