"""Building the layer of another API that means what a layer means, and laying its tensors out there."""

from __future__ import annotations

import math
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import nn

from ...frontends.module import tree
from ...frontends.tensor import plain, rebuild_parameter
from .dialects import NOTES, REMEDIES, tensors_of
from .errors import PortingError
from .kinds import layer_of
from .wanted import is_unmade, tensors_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from .dialects import Meaning, Row
    from .wanted import Wanted


# in every API, of the tensors that the old layer may lack
FIRST_VALUES = {"running_mean": 0, "running_var": 1, "num_batches_tracked": 0, "bias": 0}


class Part(NamedTuple):
    """A tensor of a new layer, which is on the meta device until it is made.

    Attributes:
        homes: where it is kept: in the parameters or the buffers of the new layer or of its parts, by its name there.
        name: what it is called there.
        old: the tensor of the old layer that it is; None where the old layer has none.
        transposed: whether that lies transposed there.
        make: makes it; `old` is copied once.
    """

    homes: list[tuple[dict[str, Any], str]]
    name: str
    old: torch.Tensor | None
    transposed: bool
    make: Callable[[], torch.Tensor]


class Exchange(NamedTuple):
    """A layer that takes another's place, its tensors, and what of it is different from before."""

    layer: nn.Module
    parts: list[Part]
    notes: list[str]


def exchange(old: nn.Module, source: Row, target: Row) -> Exchange:
    """Build the layer, on the meta device: without memory for its tensors, and without random numbers.

    What the new layer means is read off it again, and must be what the old one means.

    Args:
        old: of the source's class.
        source: the row of that class.
        target: the row of the new one.

    Raises:
        PortingError: the target cannot say what the layer means, or the layer has what a new one would lack.
    """
    if is_unmade(old):
        msg = "it has no parameters yet. Call it once, so that they get their shapes"
        raise PortingError(msg)
    meaning = source.read(old)
    _check_plain(old)
    shown = partial(source.shown, old)
    meant = {word: value for word, value in meaning.items() if not word.startswith("_")}
    said = {one.word for one in target.says}
    neutral = source.neutral()
    _check({word: value for word, value in meant.items() if word not in said}, neutral, shown)
    arguments = target.write(meaning, shown)
    try:
        with torch.device("meta"):
            new = target.type(**arguments)
    except (AssertionError, NotImplementedError, TypeError) as error:  # of whatever class its framework raises
        raise PortingError(str(error)) from error
    for module in tree(new):
        module.training = old.training
    parts, notes = _parts(old, new, frozen=meaning.get("frozen", False))
    now = {**neutral, **target.read(new)}
    _check(meant, now, shown)
    if target.axes < source.axes:
        notes.append("takes volumes alone")
    for word, note in NOTES.items():
        before = meaning.get(word, neutral.get(word))
        if word in now and now[word] != before:
            notes.append(note.format(old=before, new=now[word]))
    return Exchange(new, parts, notes)


def _check_plain(old: nn.Module) -> None:
    """Raise unless a layer has the tensors of its kind, and nothing else that a new one would lack."""
    tensors = tensors_of(old).values()
    names = [name for one in tensors for name in (one.name, *(one.source.also if one.source is not None else ()))]
    known = {name.partition(".")[0] for name in names}
    own = {**old._parameters, **old._buffers, **old._modules}
    extra = [name for name, one in own.items() if one is not None and name not in known]
    extra += [name for name in tensors_in(old, layer_of(old)) if "." in name and name not in names]
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
        if word not in NOTES and not (word in now and _is_same(now[word], value)):
            remedy = f"; {REMEDIES[word]}" if word in REMEDIES else ""
            faults.append(f"{shown(word)} cannot be said there{remedy}")
    if faults:
        raise PortingError(", and ".join(faults))


def _is_same(found: Any, meant: Any) -> bool:
    """Whether a value is what it was; of 1 - 0.99, the other convention's momentum keeps all but the last bits."""
    if isinstance(found, float) and isinstance(meant, float):
        return math.isclose(found, meant, rel_tol=0, abs_tol=sys.float_info.epsilon)
    return bool(found == meant)


def _parts(old: nn.Module, new: nn.Module, *, frozen: bool) -> tuple[list[Part], list[str]]:
    """Return the tensors of a new layer, and what is to be noted of those that one of the two has not."""
    theirs, ours = tensors_of(old), tensors_of(new)
    other = _tensor(next(iter(theirs.values()))) if theirs else None
    parts = []
    for role, there in ours.items():
        here, one = theirs.get(role), _tensor(there)
        homes = _homes(new, one)
        if here is None:
            parts.append(Part(homes, there.name, None, False, partial(_added, role, one, other)))
            continue
        learns = _tensor(here).requires_grad and not frozen
        turned = here.form.transposed != there.form.transposed
        model = _like(one, plain(one).detach(), learns)
        for home, name in homes:
            home[name] = model
        parts.append(Part(homes, there.name, _tensor(here), turned, partial(_converted, here, there, learns)))
    notes = []
    # the meaning is the same, so that these change nothing
    for text, tensors, others in (("left out", theirs, ours), ("added", ours, theirs)):
        idle = [one.name for role, one in tensors.items() if role not in others and not one.optional]
        if idle:
            notes.append(f"{', '.join(idle)} {text}: nothing reads {'them' if len(idle) > 1 else 'it'}")
    return parts, notes


def _homes(layer: nn.Module, tensor: torch.Tensor) -> list[tuple[dict[str, Any], str]]:
    """Return where a layer and its parts keep a tensor."""
    stores: list[dict[str, Any]] = [store for one in tree(layer) for store in (one._parameters, one._buffers)]
    return [(store, name) for store in stores for name, one in store.items() if one is tensor]


def _converted(here: Wanted, there: Wanted, learns: bool) -> torch.Tensor:
    values = plain(_tensor(here)).detach()
    if there.form is here.form:
        values = values.clone(memory_format=torch.preserve_format)
    else:
        assert here.torch_shape is not None
        assert there.layer is not None
        values = here.form.to(there.form, values, here.torch_shape, there.layer)
    return _like(_tensor(there), values, learns)


def _added(role: str, one: torch.Tensor, other: torch.Tensor | None) -> torch.Tensor:
    """Return a tensor that the old layer has not; its dtype and device are those of the rest, where there is any."""
    dtype, device = one.dtype, None
    if other is not None:
        dtype, device = other.dtype if dtype.is_floating_point else dtype, other.device
    values = torch.full(
        tuple(one.shape), FIRST_VALUES[role.partition("_ih")[0].partition("_hh")[0]], dtype=dtype, device=device
    )
    return _like(one, values, one.requires_grad)


def _tensor(wanted: Wanted) -> torch.Tensor:
    assert wanted.tensor is not None, "tensors_of() leaves out what a layer has not"
    return wanted.tensor


def _like(model: torch.Tensor, values: torch.Tensor, learns: bool) -> torch.Tensor:
    """Return values as a parameter or buffer of a model's class, with what the framework hangs on it."""
    if not isinstance(model, nn.Parameter):
        return values.as_subclass(type(model))
    own = {} if type(model) is nn.Parameter else dict(model.__dict__)
    return rebuild_parameter(type(model), values, learns, own)
