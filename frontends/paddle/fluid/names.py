"""fluid's names: the recorded signatures of 1.8.5, what the documentation says instead, and the rows that they make."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from ....backend import OperatorTypeError
from ... import calls
from ...names import Kept, Names, Signatures, nothing, reads
from ..dtype import to_torch_dtype
from ..static.graph import Variable, recording
from ..values import single

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...names import Word

__all__ = ["NAMES", "RELEASED", "row", "rows"]

F = TypeVar("F", bound="Callable[..., Any]")

# What 1.8.5 has, but lists in no module's `__all__`.
UNLISTED = {
    "load_dygraph": "is dygraph.load_dygraph",
    "save_dygraph": "is dygraph.save_dygraph",
    "dygraph.learning_rate_scheduler.LearningRateDecay": "class (begin=0, step=1, dtype='float32')",
}
RELEASED = Signatures("paddle", "1.8.5", UNLISTED, below="fluid")
# What the documentation of 1.x gives other parameters than 1.8.5 has.
DOCUMENTED = {
    # output_size third, a name, and no dtype before it: the release has padding there, and no name
    "dygraph.Conv3DTranspose": "class (num_channels, num_filters, filter_size, output_size=None, padding=0, stride=1, "
    "dilation=1, groups=None, param_attr=None, bias_attr=None, use_cudnn=True, act=None, name=None, dtype='float32')",
}


def dtype_of(dtype: Any) -> torch.dtype | None:
    """Return torch's name of a dtype; None stays None."""
    return None if dtype is None else to_torch_dtype(dtype)


def no_tensor(where: str, name: str, position: int, value: Any) -> Exception:
    """Return the error about something that is no tensor, where one is needed."""
    return OperatorTypeError(calls.no_tensor(where, name, position, value, __name__))


NAMES = Names(
    "fluid",
    __name__.rpartition(".")[0],
    Signatures("paddle", "1.8.5", {**UNLISTED, **DOCUMENTED}, below="fluid"),
    words={
        "x": "input",
        "y": "other",
        "dtype": reads(dtype_of),
        "name": nothing("a name means something in static graphs only"),
        "use_cudnn": nothing("it chooses what computes, not what is computed"),
        "force_cpu": nothing("it chooses where, which the default device does here"),
    },
    options={
        "name": Kept(None, reason="a name means something in static graphs only"),
        "dtype": Kept("_dtype", None, dtype_of),
        "use_cudnn": Kept("_use_cudnn", None),
    },
    attribute=lambda argument: f"_{argument}",
    tensors="x y input label logits index",
    kinds=(torch.Tensor, Variable),
    refuse=no_tensor,
)


def singly(target: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that takes numbers as operators of the release do: rounded to float32, beside float64 too."""

    @functools.wraps(target)
    def called(*operands: Any, **options: Any) -> Any:
        return target(*map(_single, operands), **{name: _single(value) for name, value in options.items()})

    return called


def writing(target: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that gives what it would write into a variable of a program, which is read no more."""
    if not inspect.isfunction(inspect.unwrap(target)):  # torch's own, which have no signature
        return target
    parameters = inspect.signature(target)
    places = [name for name in ("out", "output") if name in parameters.parameters]
    if not places or parameters.parameters[places[0]].default is not None:
        return target

    @functools.wraps(target)
    def called(*operands: Any, **options: Any) -> Any:
        given = parameters.bind(*operands, **options)
        place = given.arguments.get(places[0])
        if not isinstance(place, Variable):
            return target(*operands, **options)
        del given.arguments[places[0]]
        found = target(*given.args, **given.kwargs)
        place.is_overwritten = True
        return found

    return called


def _single(value: Any) -> Any:
    return single(value) if isinstance(value, float) else value


def row(
    name: str, /, *, several: bool = False, recorded: bool = True, exact: bool = False, **words: str | Word
) -> Callable[[F], F]:
    """Return a decorator that serves a function as `fluid.layers.<name>`, which records what it meets of a program.

    Args:
        name: below `fluid.layers`.
        several: whether it returns a list or tuple.
        exact: whether numbers keep their float64. Default: False, they are rounded to float32.
        recorded: whether this makes it one that programs record. Default: True; False where it does so itself.
        **words: what becomes of parameters that differ.
    """

    def decorated(target: F) -> F:
        known = target if exact else singly(target)
        made = writing(recording(known, several=several)) if recorded else known
        NAMES.function(f"layers.{name}", made, **words)
        return target

    return decorated


def rows(source: Any, names: str) -> None:
    """Serve functions of a module such as `torch` as those of the same names in `fluid.layers`."""
    for name in names.split():
        row(name)(getattr(source, name))
