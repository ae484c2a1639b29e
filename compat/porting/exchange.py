"""Building the layer of another API that means what a layer means, with its tensors."""

from __future__ import annotations

import math
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import nn

from ...frontends.tensor import plain, rebuild_parameter
from .dialects import NEUTRAL, NOTES, REMEDIES, tensors_of
from .errors import PortingError
from .wanted import is_unmade

if TYPE_CHECKING:
    from .dialects import Meaning, Row
    from .wanted import Wanted


class Moved(NamedTuple):
    """A tensor that a new layer took over.

    Attributes:
        old: the tensor of the old layer.
        home: the parameters or the buffers of the new one.
        name: what it is called there.
        transposed: whether it lies transposed there.
    """

    old: torch.Tensor
    home: dict[str, Any]
    name: str
    transposed: bool


class Exchange(NamedTuple):
    """A layer that takes another's place, its tensors, and what of it is different from before."""

    layer: nn.Module
    moved: list[Moved]
    notes: list[str]


def exchange(old: nn.Module, source: Row, target: Row) -> Exchange:
    """Build the layer; the random generators stay where they are.

    What the new layer means is read off it again, and must be what the old one means.

    Args:
        old: of the source's class.
        source: the row of that class.
        target: the row of the new one.

    Raises:
        PortingError: the target cannot say what the layer means, or the layer has what a new one would lack.
    """
    _check_plain(old)
    meaning = source.read(old)
    shown = partial(source.shown, old)
    said = {one.word for one in target.says}
    _check({word: value for word, value in meaning.items() if word not in said}, NEUTRAL, shown)
    arguments = target.write(meaning, shown)
    try:
        with torch.random.fork_rng(devices=[]):
            new = target.type(**arguments)
    except (AssertionError, NotImplementedError, TypeError) as error:  # of whatever class its framework raises
        raise PortingError(str(error)) from error
    new.train(old.training)
    moved, notes = _move(old, new, frozen=meaning.get("frozen", False))
    now = {**NEUTRAL, **target.read(new)}
    _check(meaning, now, shown)
    if target.axes < source.axes:
        notes.append("takes volumes alone")
    for word, note in NOTES.items():
        before = meaning.get(word, NEUTRAL.get(word))
        if word in now and now[word] != before:
            notes.append(note.format(old=before, new=now[word]))
    return Exchange(new, moved, notes)


def _check_plain(old: nn.Module) -> None:
    """Raise unless a layer has the tensors of its kind, and nothing else that a new one would lack."""
    if is_unmade(old):
        msg = "it has no parameters yet. Call it once, so that they get their shapes"
        raise PortingError(msg)
    known = {one.name for one in tensors_of(old).values()}
    own = {**old._parameters, **old._buffers, **old._modules}
    extra = [name for name, one in own.items() if one is not None and name not in known]
    if extra:
        msg = (
            f"it has {', '.join(extra)} of its own, which a new layer would lack. If that is a weight or spectral "
            f"norm, remove it before porting"
        )
        raise PortingError(msg)


def _check(meaning: Meaning, now: Meaning, shown: partial[str]) -> None:
    """Raise where a word means something else now, and is not one that a plan notes."""
    faults = []
    for word, value in meaning.items():
        if word not in NOTES and not _is_same(now[word], value):
            remedy = f"; {REMEDIES[word]}" if word in REMEDIES else ""
            faults.append(f"{shown(word)} cannot be said there{remedy}")
    if faults:
        raise PortingError(", and ".join(faults))


def _is_same(found: Any, meant: Any) -> bool:
    """Whether a value is what it was; of 1 - 0.99, the other convention's momentum keeps all but the last bits."""
    if isinstance(found, float) and isinstance(meant, float):
        return math.isclose(found, meant, rel_tol=0, abs_tol=sys.float_info.epsilon)
    return bool(found == meant)


def _move(old: nn.Module, new: nn.Module, *, frozen: bool) -> tuple[list[Moved], list[str]]:
    """Give a new layer the tensors of the old one; return them, and what is to be noted of the others."""
    theirs, ours = tensors_of(old), tensors_of(new)
    moved = []
    for role, there in ours.items():
        home: dict[str, Any] = new._parameters if there.name in new._parameters else new._buffers
        here = theirs.get(role)
        if here is not None:
            values, learns = _converted(here, there), _tensor(here).requires_grad and not frozen
            home[there.name] = _like(_tensor(there), values, learns)
            moved.append(Moved(_tensor(here), home, there.name, here.form.transposed != there.form.transposed))
        elif theirs:
            # one that the old layer has not; its dtype and device are those of the rest
            other, one = _tensor(next(iter(theirs.values()))), _tensor(there)
            values = plain(one).detach().to(other.device, other.dtype if one.is_floating_point() else one.dtype)
            home[there.name] = _like(one, values, one.requires_grad)
    notes = []
    # the meaning is the same, so that these change nothing
    for text, tensors, others in (("left out", theirs, ours), ("added", ours, theirs)):
        idle = [one.name for role, one in tensors.items() if role not in others and not one.optional]
        if idle:
            notes.append(f"{', '.join(idle)} {text}: nothing reads {'them' if len(idle) > 1 else 'it'}")
    return moved, notes


def _converted(here: Wanted, there: Wanted) -> torch.Tensor:
    values = plain(_tensor(here)).detach()
    if there.form is here.form:
        return values.clone(memory_format=torch.preserve_format)
    assert here.torch_shape is not None
    assert there.layer is not None
    return there.form.from_torch(here.form.to_torch(values, here.torch_shape), there.layer)


def _tensor(wanted: Wanted) -> torch.Tensor:
    assert wanted.tensor is not None, "tensors_of() leaves out what a layer has not"
    return wanted.tensor


def _like(model: torch.Tensor, values: torch.Tensor, learns: bool) -> torch.Tensor:
    """Return values as a parameter or buffer of a model's class, with what the framework hangs on it."""
    if not isinstance(model, nn.Parameter):
        return values.as_subclass(type(model))
    own = {} if type(model) is nn.Parameter else dict(model.__dict__)
    return rebuild_parameter(type(model), values, learns, own)
