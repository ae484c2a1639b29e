"""Control flow of `static.nn`: Python's where there are tensors, recorded where a program computes the condition."""

from __future__ import annotations

import functools
import math
import operator
from typing import TYPE_CHECKING, Any

import torch
from torch.utils._pytree import tree_flatten, tree_unflatten

from .. import unique_name
from ..names import NAMES
from ..tensor import to_tensor
from .derivatives import gradients
from .graph import Placeholder, Variable, reached, value_of, variables
from .training import append_backward

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["case", "cond", "switch_case", "while_loop"]


class Chosen(Variable):
    """One of two values, of which the other is not computed.

    Args:
        pred: of one element.
        yes: where it holds.
        no: where it does not.
    """

    def __init__(self, pred: Variable, yes: Any, no: Any) -> None:
        super().__init__(lambda: None, pred, yes, no)

    def needed(self, known: dict[int, torch.Tensor], device: torch.device | None) -> list[Variable]:
        """Return the condition, and the value once that is known."""
        pred = self._operands[0]
        return variables([pred] if id(pred) not in known else [pred, self._branch(known)])

    def result(self, known: dict[int, torch.Tensor], device: torch.device | None) -> torch.Tensor:
        """Return the value."""
        return value_of(self._branch(known), known, device)  # type: ignore[no-any-return]

    def _branch(self, known: dict[int, torch.Tensor]) -> Any:
        pred, yes, no = self._operands
        value = known[id(pred)]
        return yes if value.is_meta or bool(value) else no


class Repeated(Variable):
    """The values that a loop ends with, as a list.

    Args:
        inner: stand for the values at the beginning of a turn.
        pred: whether there is another turn, of these.
        after: the values at its end.
        values: in the beginning.
    """

    def __init__(
        self, inner: Sequence[Placeholder], pred: Variable, after: Sequence[Any], values: Sequence[Any]
    ) -> None:
        self._inner, self._pred, self._after = inner, pred, after
        # what does not change is computed once, outside
        turn = reached([pred, *after])
        changing = {id(each) for each in turn if any(each.needs(one) for one in inner)}
        parts = [each for node in turn if id(node) in changing for each in variables(node.operands)]
        fixed = {id(each): each for each in [*parts, *variables([pred, *after])] if id(each) not in changing}
        super().__init__(lambda: None, list(values), list(fixed.values()))

    def result(self, known: dict[int, torch.Tensor], device: torch.device | None) -> Any:
        """Return the values after the last turn; as many sizes as in the beginning where there are no values."""
        values, fixed = (value_of(each, known, device) for each in self._operands)
        outside = dict(zip(map(id, self._operands[1]), fixed, strict=True))
        while device is None or device.type != "meta":
            turn = {**outside, **{id(one): value for one, value in zip(self._inner, values, strict=True)}}
            if not bool(value_of(self._pred, turn, device)):
                break
            values = [value_of(each, turn, device) for each in self._after]
        return values


def cond(
    pred: Any,
    true_fn: Callable[[], Any] | None = None,
    false_fn: Callable[[], Any] | None = None,
    name: str | None = None,
    return_names: Any = None,
) -> Any:
    """Return what one of two functions gives; where a program will compute `pred`, both are called to write it.

    Raises:
        TypeError: a function that is to be called is none.
        AssertionError: `pred` is no tensor of one element.
        ValueError: in a program, both give results of different forms.
    """
    if isinstance(pred, Variable):
        results = []
        for label, function in (("true_fn", true_fn), ("false_fn", false_fn)):
            results.append(None if function is None else called(function, label))
        (yes, form), (no, other) = (tree_flatten(each) for each in results)
        if form != other or [each is None for each in yes] != [each is None for each in no]:
            msg = (
                f"Incompatible return values of true_fn and false_fn in cond: {form} and {other}. Return the same form."
            )
            raise ValueError(msg)
        return tree_unflatten(
            [
                None if one is None else Chosen(pred, constant(one), constant(another))
                for one, another in zip(yes, no, strict=True)
            ],
            form,
        )
    if not isinstance(pred, torch.Tensor):
        msg = f"The pred in cond must be Variable, or a tensor; it is {pred!r}."
        raise AssertionError(msg)
    if pred.numel() != 1:
        msg = f"condition input's numel should be 1; it has shape {list(pred.shape)}."
        raise AssertionError(msg)
    label, function = ("true_fn", true_fn) if bool(pred) else ("false_fn", false_fn)
    return None if function is None else called(function, label)


def called(function: Any, label: str) -> Any:
    """Return what a function gives.

    Raises:
        TypeError: it is none.
    """
    if not callable(function):
        msg = f"The {label} in cond must be callable, but received {type(function).__name__}."
        raise TypeError(msg)
    return function()


def constant(value: Any) -> Any:
    """Return a number as a tensor; tensors and variables as they are."""
    return value if isinstance(value, (torch.Tensor, Variable)) else to_tensor(value)


def case(
    pred_fn_pairs: Sequence[tuple[Any, Callable[[], Any]]],
    default: Callable[[], Any] | None = None,
    name: str | None = None,
) -> Any:
    """Return what the function of the first pair whose predicate holds gives, else the default, else the last.

    Raises:
        TypeError: something is no pair of a tensor and a function.
    """
    pairs = list(pred_fn_pairs)
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            msg = f"The elements of 'pred_fn_pairs' in case must be tuples of 2, but received {pair!r}."
            raise TypeError(msg)
        if not isinstance(pair[0], (torch.Tensor, Variable)) or not callable(pair[1]):
            msg = f"The pred of pred_fn_pairs in Op(case) must be a tensor, and the fn must be callable: {pair!r}."
            raise TypeError(msg)
    if default is None:
        default = pairs.pop()[1]
    if not callable(default):
        msg = f"The default in Op(case) must be callable; it is {default!r}."
        raise TypeError(msg)
    for pred, function in reversed(pairs):
        default = functools.partial(cond, pred, function, default)
    return default()


def switch_case(
    branch_index: Any,
    branch_fns: Mapping[int, Callable[[], Any]] | Sequence[Any],
    default: Callable[[], Any] | None = None,
    name: str | None = None,
) -> Any:
    """Return what the function of a number gives, else the default, else that of the greatest number.

    Raises:
        TypeError: a number is none, or a function.
        ValueError: a number is there twice.
    """
    if not isinstance(branch_index, (torch.Tensor, Variable)):
        msg = f"The branch_index in switch_case must be a tensor; it is {branch_index!r}. Convert it with to_tensor()."
        raise TypeError(msg)
    branches: dict[int, Any] = {}
    pairs = branch_fns.items() if isinstance(branch_fns, dict) else enumerate(branch_fns)
    for number, given in pairs:
        key, function = given if isinstance(given, tuple) and len(given) == 2 else (number, given)
        if not isinstance(key, int) or not callable(function):
            msg = f"branch_fns in switch_case must be functions by int; {key!r} has {function!r}."
            raise TypeError(msg)
        if key in branches:
            msg = f"The key in 'branch_fns' must be unique, but '{key}' appears more than once."
            raise ValueError(msg)
        branches[key] = function
    return case([(branch_index == key, branches[key]) for key in sorted(branches)], default)


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Sequence[Any],
    is_test: bool = False,
    name: str | None = None,
) -> Any:
    """Return what `body` gives of what it gave last, from `loop_vars` on, as long as `cond` of that holds.

    Tensors among `loop_vars` that take no gradient get these values, as in Paddle. `is_test` is about memory alone.

    Raises:
        TypeError: a function is none, or `cond` gives no bool of one element.
        ValueError: there are no `loop_vars`, or `body` gives others.
    """
    for label, function in (("cond", cond), ("body", body)):
        if not callable(function):
            msg = f"{label} in while_loop should be callable; it is {function!r}."
            raise TypeError(msg)
    if not isinstance(loop_vars, (list, tuple)):
        msg = f"loop_vars in while_loop should be a list or tuple; it is a {type(loop_vars).__name__}."
        raise AssertionError(msg)
    if not loop_vars:
        msg = "loop_vars in while_loop should not be empty. Give what changes."
        raise ValueError(msg)
    if variables(tree_flatten(loop_vars)[0]) or isinstance(cond(*loop_vars), Variable):
        return recorded(cond, body, loop_vars)
    values: Any = loop_vars
    while checked(cond(*values)):
        values = turned(body(*values), loop_vars)
    given, form = tree_flatten(loop_vars)
    return tree_unflatten([assigned(*each) for each in zip(given, tree_flatten(values)[0], strict=True)], form)


def checked(pred: Any) -> Any:
    """Return what says whether there is another turn.

    Raises:
        TypeError: it is no single value, or in a program no bool.
    """
    size = math.prod(pred.shape)
    if size != 1:
        msg = f"the shape of the variable returned by cond should be [1], but given shape as {list(pred.shape)}."
        raise TypeError(msg)
    if isinstance(pred, Variable) and pred.dtype != torch.bool:
        msg = (
            f"The data type of 'var of cond returned' in static.nn.while_loop must be bool, but received {pred.dtype}."
        )
        raise TypeError(msg)
    return pred


def turned(made: Any, loop_vars: Sequence[Any]) -> Any:
    """Return what a body gives, in the form of what it takes.

    Raises:
        ValueError: it has another.
    """
    found = list(made) if isinstance(made, (list, tuple)) else [made]
    leaves, given = tree_flatten(found), tree_flatten(list(loop_vars))
    if leaves[1] != given[1]:
        msg = (
            f"body in while_loop should return the same arity (length and structure) and types as loop_vars; it "
            f"returned {leaves[1]}, they are {given[1]}."
        )
        raise ValueError(msg)
    return tuple(found) if isinstance(loop_vars, tuple) else found


def assigned(before: Any, after: Any) -> Any:
    """Write a value over what it was in the beginning, where that takes no gradient; return what has it."""
    tensors = isinstance(before, torch.Tensor) and isinstance(after, torch.Tensor)
    if not tensors or before.requires_grad or after.requires_grad or before.shape != after.shape:
        return after
    return before.copy_(after)


def recorded(cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Sequence[Any]) -> Any:
    """Return what a loop will end with, in a program."""
    values, form = tree_flatten(loop_vars)
    values = [constant(each) for each in values]
    inner = [Placeholder(unique_name.generate("while"), each.shape, each.dtype, _class_of(each)) for each in values]
    turn = tree_unflatten(inner, form)
    pred = checked(cond(*turn))
    if not isinstance(pred, Variable):
        msg = "cond in while_loop does not depend on loop_vars, so that it would never end, or never begin."
        raise TypeError(msg)
    after = tree_flatten(turned(body(*turn), loop_vars))[0]
    found = Repeated(inner, pred, [constant(each) for each in after], values)
    return tree_unflatten([Variable(operator.getitem, found, index) for index in range(len(values))], form)


def _class_of(value: Any) -> type[torch.Tensor]:
    return type(value._example(61)) if isinstance(value, Variable) else type(value)


for _function in (cond, case, switch_case, while_loop):
    NAMES.function(f"static.nn.{_function.__name__}", _function, name="name")
NAMES.function("static.gradients", gradients)
NAMES.function("static.append_backward", append_backward)
