"""Calls that nobody wrote: every function and method that a front end shares with its release, on generated operands.

They find what a front end means otherwise without a word: values, dtypes, containers, and who sees whose write. What
both refuse agrees. `fourfold agree --names` runs them there and here.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from ....frontends.names.signatures import Signatures
from ...activation.served import FRAMEWORKS, RELEASED_FLUID
from .comparison import difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .answers import Answer, Answerer

__all__ = ["generated", "unlike"]

RELEASES = {
    "paddle": ("paddle", "3.3.1", "paddle", "Tensor"),
    "fluid": ("paddle", "1.8.5", "paddle", "fluid.core.VarBase"),
    "megengine": ("megengine", "1.13.0", "megengine", "Tensor"),
    "oneflow": ("oneflow", "0.9.0", "oneflow", "Tensor"),
}
FLOATS, INTS, BOOLS = "T(2, 3)", 'T(2, 3, dtype="int64")', 'T(2, 3, dtype="bool")'
UNARY = (
    FLOATS,
    INTS,
    'T(2, 3, dtype="int32")',
    BOOLS,
    'T(2, 3, dtype="float64")',
    "T(values=2.5)",
    "T(1, 3)",
    "T(0, 3)",
)
BINARY = (
    (FLOATS, "T(3)"),
    (INTS, INTS),
    (FLOATS, INTS),
    (FLOATS, "2"),
    (INTS, "2"),
    (INTS, "-2"),
    (INTS, "2.5"),
    (BOOLS, BOOLS),
    (BOOLS, "2"),
    (BOOLS, "T(3)"),
)
AXES = ("axis", "dim")
KEEPS = ("keepdim", "keepdims", "keep_dim")
# drawn at random, about the process, or, of groups that do not divide channels, its end: nothing to compare
PASSED_OVER = (
    "rand",
    "normal",
    "uniform",
    "seed",
    "bernoulli",
    "multinomial",
    "empty",
    "dropout",
    "poisson",
    "cauchy_",
    "exponential_",
    "geometric_",
    "gumbel_softmax",
    "rrelu",
    "data_ptr",
    "register_hook",
    "switch",
    "set_device",
    "disable_static",
    "is_bf16_supported",
    "group_norm",
    "save",
    "load",
)


def generated(framework: str, here: Answerer) -> Iterator[str]:
    """Yield calls of everything that the front end of a framework serves and the release lists."""
    folder, release, root, tensor = RELEASES[framework]
    signatures = Signatures(folder, release)
    served = (RELEASED_FLUID if framework == "fluid" else FRAMEWORKS[folder]).modules
    seen = set()
    for path in served:
        for name in signatures:
            parent, _, last = name.rpartition(".")
            canonical = signatures.canonical(name)
            if parent != path or canonical in seen or any(word in last for word in PASSED_OVER) or last.startswith("_"):
                continue
            if signatures.kind(name) in ("def", "builtin") and _exists(here, root, name):
                seen.add(canonical)
                yield from _of_function(f"{root}.{name}", _parameters(signatures, name))
    prefix = f"{tensor}."
    kind = here.framework.kinds[0]
    for name in signatures:
        last = name[len(prefix) :]
        passed = any(word in last for word in PASSED_OVER) or last.startswith("_")
        if (
            name.startswith(prefix)
            and not passed
            and hasattr(kind, last)
            and signatures.kind(name) in ("def", "builtin")
        ):
            yield from _of_method(last, _parameters(signatures, name))


def unlike(there: Answer, here: Answer) -> str | None:
    """Return what differs between two answers, or None; two refusals are alike."""
    return None if "raised" in there and "raised" in here else difference(there, here)


def _exists(here: Answerer, root: str, name: str) -> bool:
    value: Any = here.modules[root]
    for part in name.split("."):
        value = vars(value).get(part) if inspect.ismodule(value) else getattr(value, part, None)
    return callable(value)


def _parameters(signatures: Signatures, name: str) -> list[inspect.Parameter] | None:
    try:
        return list(signatures.signature(name).parameters.values())
    except LookupError:
        return None


def _of_function(name: str, parameters: list[inspect.Parameter] | None) -> Iterator[str]:
    required = 1 if parameters is None else sum(each.default is each.empty for each in parameters)
    if required <= 1:
        yield from (f"{name}({operand})" for operand in UNARY)
        yield f"x = T(2, 3, grad=False); y = {name}(x); y[0] = 9.0; x"
        yield from (f"{name}({FLOATS}, {words})" for words in _axes(parameters))
    elif required == 2:
        yield from (f"{name}({one}, {two})" for one, two in BINARY)


def _of_method(name: str, parameters: list[inspect.Parameter] | None) -> Iterator[str]:
    required = 0 if parameters is None else sum(each.default is each.empty for each in parameters)
    if required == 0:
        yield from (f"{operand}.{name}()" for operand in UNARY)
        yield f"x = T(2, 3, grad=False); y = x.{name}(); y[0] = 9.0; x"
        yield from (f"{FLOATS}.{name}({words})" for words in _axes(parameters))
    elif required == 1:
        yield from (f"{one}.{name}({two})" for one, two in BINARY)


def _axes(parameters: list[inspect.Parameter] | None) -> Iterator[str]:
    names = [each.name for each in parameters or []]
    for axis in (each for each in AXES if each in names):
        yield from (f"{axis}=0", f"{axis}=-1", f"{axis}=[0, 1]", f"{axis}=2")
        yield from (f"{axis}=0, {keep}=True" for keep in KEEPS if keep in names)
