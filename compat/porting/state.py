"""Porting a state: tensors from the layout of one framework to that of another."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch

from ...frontends.tensor import plain
from .conversion import Conversion, conversion
from .errors import PortingError
from .finding import UNTAKEN, Find, Patterns, check_rules, find, misfit
from .optimizers import refuse_optimizer_state
from .ordering import Stored
from .renames import Renames
from .report import PortedTensor, PortReport
from .wanted import Wanted, wanted_by

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from torch import nn

    from ..literals import Api
    from .wanted import Kinds

Shape = tuple[int, ...]
V = TypeVar("V")


def port_state(
    state: Mapping[str, V],
    *,
    source: Api,
    target: Api,
    module: nn.Module | Kinds | None = None,
    renames: Renames | Mapping[str, str] | Mapping[str | re.Pattern[str], str] | None = None,
    by_order: bool = False,
    passthrough: Sequence[str] = (),
    strict: bool = True,
) -> tuple[dict[str, V], PortReport]:
    """Move a state from the names, layouts and shapes of one framework to those of another. No value changes.

    What is done to a tensor follows from the kind of its layer, which the module or a map states. Nothing is told
    from a shape, and nothing reshaped to fit.

    Args:
        state: NumPy arrays or torch tensors by name. Dtypes and devices are kept, and so is the class of the values:
            arrays stay arrays. A tensor that lies alike in both frameworks is handed on without a copy.
        source: the framework that the state comes from: 'torch', 'paddle', 'fluid', 'megengine' or 'oneflow'.
        target: the framework whose state is wanted, likewise.
        module: the model: a module of torch's layers, of a front end's, or of both; its own values are not read. Or a
            map from names of layers to kinds: `{"head": "linear"}`; a kind is its name, that of a convolution with
            its groups (`"conv_transpose:2"`), a `fourfold.compat.porting.Layer`, or a torch layer.
        renames: names of the source, of tensors or of layers with all below them, to names in the model; or compiled
            regular expressions to the text that `re.sub` takes. They combine, as `Renames` says. Default: the names
            are the same.
        by_order: whether tensors that no name finds are taken in the order of the state, within equal last names and
            shapes, where there are equally many. Refused where the order is seen not to be that of the model. Not
            seen, a wrong order gives a wrong model: `fourfold verify` is the proof. Default: False.
        passthrough: patterns (`*`, `?`) of names in the model whose tensors have no layout rule and are taken as they
            are. Default: none.
        strict: whether missing and unexpected tensors raise; otherwise the report alone tells them. Default: True.

    Returns:
        The state in the target's layout, in the order of the model, and the report.

    Raises:
        PortingError: tensors are missing or unexpected (`strict`), of another shape than the rule gives, or without a
            rule; a rename or pattern fits nothing; a value is no tensor; the state is an optimizer's; or `by_order`
            is asked of a state that is sorted by name, or whose layers stand otherwise than the model's. (A
            ValueError too.)

    Example:
        >>> import numpy as np
        >>> from torch import nn
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3, affine=False))
        >>> paddle = {
        ...     "net.weight": np.arange(6.0).reshape(2, 3),
        ...     "net.bias": np.zeros(3),
        ...     "norm._mean": np.zeros(3),
        ...     "norm._variance": np.ones(3),
        ... }
        >>> state, report = port_state(
        ...     paddle, source="paddle", target="torch", module=model, renames={"net": "0", "norm": "1"})
        >>> list(state), state["0.weight"].tolist()
        (['0.weight', '0.bias', '1.running_mean', '1.running_var'], [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]])
        >>> report.transposed
        ['0.weight']
    """
    values = _checked(state)
    # a Renames remembers which of its pairs were used, and may serve more than once
    renames = renames.unused() if isinstance(renames, Renames) else Renames(renames)
    available = renames.of(values)
    shapes = {new: tuple(values[old].shape) for new, old in available.items()}
    wanted = wanted_by({} if module is None else module, shapes, source=source, target=target)
    passed = Patterns(passthrough)
    if module is None:
        tell = "module= tells the kinds of layers; without it, or "
        check_rules([name for name in available if not passed.fits(name)], source, target, tell)
    check_rules(passed.unruled(wanted), source, target)
    stored = [Stored(old, new, shapes[new], _dtype(values[old])) for new, old in available.items()]
    finds = find(wanted, available, stored if by_order else None)
    for name in [name for name in available if passed.fits(name)]:
        finds.append(Find(_unruled(name, shapes[name]), (available.pop(name),)))
    renames.check_used(values)
    passed.check_used(wanted)
    result, tensors = _convert(finds, values, source, target)
    tensors += [_unexpected(old, values[old], finds, source) for old in available.values()]
    report = PortReport(source, target, tuple(tensors))
    if strict and not report.ok:
        msg = f"{misfit(report, f'the model for {target}')} strict=False ports the rest."
        raise PortingError(msg)
    return result, report


def _checked(state: Any) -> dict[str, Any]:
    if not isinstance(state, Mapping):
        msg = f"the state is a {type(state).__name__}; give a mapping from names to arrays or tensors."
        raise PortingError(msg)
    refuse_optimizer_state(state)
    values = {}
    for name, value in state.items():
        if not isinstance(value, (np.ndarray, torch.Tensor)):
            msg = (
                f"{name!r} of the state is a {type(value).__name__}; it must be a NumPy array or a torch tensor. "
                f"Take it out, or take the state from where it is nested."
            )
            raise PortingError(msg)
        values[name] = plain(value).detach() if isinstance(value, torch.Tensor) else value
    return values


def _unruled(name: str, shape: Shape) -> Wanted:
    path, _, own = name.rpartition(".")
    return Wanted((path,), own, "no layer of the model", None, None, None, shape, False, None)


def _convert(
    finds: Sequence[Find], values: Mapping[str, Any], source: str, target: str
) -> tuple[dict[str, Any], list[PortedTensor]]:
    result: dict[str, Any] = {}
    tensors: list[PortedTensor] = []
    faults: list[str] = []
    for each in finds:
        one = each.wanted
        if not each.names:
            tensors += _missing(one, source)
            continue
        name = each.names[0]
        value = values[name]
        same = [other for other in each.names if not _equal(value, values[other])]
        if same:
            faults.append(f"{name!r} and {same[0]!r} are one tensor in the model, and differ in the state")
            continue
        if one.layer is not None and one.target is None:
            tensors.append(_without_target(one, name, value, target))
            continue
        try:
            found: Conversion = conversion(one, name, tuple(value.shape))
        except PortingError as error:
            faults.append(str(error).rstrip("."))
            continue
        converted = found.apply(value)
        names = _target_names(one, target)
        for full in names:
            if full in result:
                faults.append(f"{name!r} would be the second {full!r} of the target")
            result[full] = converted
            done = (*each.how, *found.done, *(("renamed",) if full != name and name not in names else ()))
            tensors.append(
                PortedTensor(
                    name,
                    full,
                    done or ("matched",),
                    tuple(value.shape),
                    tuple(converted.shape),
                    _dtype(value),
                    one.owner if one.layer is None else one.layer.kind.value,
                )
            )
    if faults:
        msg = f"{'; '.join(faults)}. Nothing is reshaped by guess: build the model with the sizes of the source."
        raise PortingError(msg)
    return result, tensors


def _target_names(wanted: Wanted, target: str) -> list[str]:
    names = wanted.names(wanted.target)
    if target != "megengine":
        return names
    # MegEngine lists a module that is shared within another under the first of its names alone, in sorted order
    parents: dict[str, str] = {}
    for path, name in sorted(zip(wanted.paths, names, strict=True)):
        parents.setdefault(path.rpartition(".")[0], name)
    return [name for name in names if name in parents.values()]


def _missing(wanted: Wanted, source: str) -> list[PortedTensor]:
    if wanted.optional or (wanted.layer is not None and wanted.target is None):
        return []
    kind = "no layer rule" if wanted.layer is None else wanted.layer.kind.value
    note = kind if wanted.layer is None or wanted.source is not None else f"{source}'s {kind} has none"
    target = wanted.names(wanted.target)[0]
    expected = wanted.torch_shape
    return [PortedTensor(None, target, ("missing",), None, expected, "", note)]


def _without_target(wanted: Wanted, name: str, value: Any, target: str) -> PortedTensor:
    kind = "" if wanted.layer is None else wanted.layer.kind.value
    done = "left out" if wanted.optional else "unexpected"
    note = f"{target}'s {kind} has none" + (", and needs none" if wanted.optional else "")
    return PortedTensor(name, None, (done,), tuple(value.shape), None, _dtype(value), note)


def _unexpected(name: str, value: Any, finds: Sequence[Find], source: str) -> PortedTensor:
    left = [each.wanted for each in finds if not each.names and not each.wanted.optional]
    near = get_close_matches(name, [first for one in left for first in one.names(one.source)[:1]], n=3)
    note = f"near {', '.join(near)}" if near else UNTAKEN
    return PortedTensor(name, None, ("unexpected",), tuple(value.shape), None, _dtype(value), note)


def _equal(left: Any, right: Any) -> bool:
    if left is right:
        return True
    if left.shape != right.shape or left.dtype != right.dtype:
        return False
    if isinstance(left, torch.Tensor) and isinstance(right, torch.Tensor):
        return bool(((left == right) | ((left != left) & (right != right))).all())  # noqa: PLR0124 - not a number
    return np.asarray(left).tobytes() == np.asarray(right).tobytes()


def _dtype(value: Any) -> str:
    return str(value.dtype).removeprefix("torch.")
