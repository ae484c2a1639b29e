"""Find for every tensor of a module its source, and load it through the layout rules."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy.typing as npt
import torch
from torch import nn

from ...frontends.tensor import plain
from .errors import PortingError
from .forms import SAME, Form
from .kinds import APIS, Layer, layer_of
from .layouts import Slot, layout
from .renames import Renames

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Array = npt.NDArray[Any]
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A tensor of a module and its source.

    Attributes:
        source: its name in the source.
        target: its name here; of a shared tensor, the first of them.
        source_forms: how the source may lay it out.
        target_form: how the module lays it out.
        torch_shape: its shape in torch's layout.
        layer: the layer that owns it, or None where it is passed through.
        tensor: the parameter or buffer.
    """

    source: str
    target: str
    source_forms: tuple[Form, ...]
    target_form: Form
    torch_shape: Shape
    layer: Layer | None
    tensor: torch.Tensor

    def convert(self, array: Array) -> Array:
        """Lay a source's array, the tensor or its gradient, out as the module does; no value changes.

        Raises:
            PortingError: it has none of the shapes that the rule allows.
        """
        form = self.form_of(array)
        values = form.to_torch(array, self.torch_shape)
        return values if self.layer is None else self.target_form.from_torch(values, self.layer)

    def form_of(self, array: Array) -> Form:
        """Return which of the allowed forms an array has.

        Raises:
            PortingError: none.
        """
        legal = []
        for form in self.source_forms:
            shape = self.torch_shape if self.layer is None else form.shape(self.torch_shape, self.layer)
            if array.shape == shape:
                return form
            legal.append(str(shape))
        kind = "passed through" if self.layer is None else self.layer.kind.value
        msg = (
            f"{self.source!r} has shape {array.shape}; {self.target!r} ({kind}) needs {' or '.join(legal)} there. "
            f"Nothing is reshaped by guess: build the layer with the sizes of the source."
        )
        raise PortingError(msg)

    @property
    def rule(self) -> str:
        """What `convert` does, for a report: `as is`, or how the two sides lie, as `transposed -> as is`."""
        there = " or ".join(form.name for form in self.source_forms)
        if self.layer is None:
            return "passed through"
        return there if there == self.target_form.name else f"{there} -> {self.target_form.name}"

    def load(self, array: Array) -> None:
        """Copy an array of the source into the tensor.

        Raises:
            PortingError: the shape is not one that the rule allows, or a value would change in the tensor's dtype.
        """
        values = torch.from_numpy(self.convert(array))
        converted = values.to(self.tensor.dtype)
        if not _same_values(converted.to(values.dtype), values):
            msg = (
                f"{self.source!r} is {array.dtype}, and its values change in the {self.tensor.dtype} of "
                f"{self.target!r}. Build the module with the dtype of the source."
            )
            raise PortingError(msg)
        with torch.no_grad():
            plain(self.tensor).copy_(converted)


def match_state(
    module: nn.Module,
    names: Sequence[str],
    *,
    source: str,
    renames: Renames | None = None,
    passthrough: Sequence[str] = (),
) -> list[Match]:
    """Find for every parameter and buffer of a module its name in a source.

    Args:
        module: a torch module; its layers may be torch's or of a front end.
        names: the tensors of the source.
        source: the framework that they come from, one of `fourfold.compat.porting.APIS`.
        renames: names of the source to names here. Default: none, the names are the same.
        passthrough: patterns (`*`, `?`) of names here of tensors that have no rule, and lie here as in the source.

    Raises:
        PortingError: tensors here have no rule, or no source, or names of the source have no tensor here, or two
            have the same one. The message lists them.

    Example:
        >>> import numpy as np
        >>> (match,) = match_state(nn.Linear(2, 3, bias=False), ["weight"], source="paddle")
        >>> match.convert(np.arange(6).reshape(2, 3)).tolist()
        [[0, 3], [1, 4], [2, 5]]
    """
    renames = renames or Renames()
    available = _renamed(names, renames)
    matches: list[Match] = []
    missing: list[str] = []
    unruled: list[str] = []
    for paths, owner in _owners(module):
        layer = layer_of(owner)
        for role, tensor in _own_tensors(owner).items():
            targets = [_join(path, role) for path in paths]
            slots = _slots(layer, role, source)
            if slots is None and not any(fnmatchcase(target, one) for target in targets for one in passthrough):
                unruled.append(f"{targets[0]} ({type(owner).__name__})")
                continue
            name = role if slots is None else slots[0].name if slots[0] else None
            candidates = [] if name is None else [_join(path, name) for path in paths]
            candidates += [target for target in targets if target in renames.pairs.values()]
            # some frameworks list a shared tensor under each of its names
            found = [available.pop(one) for one in dict.fromkeys(candidates) if one in available]
            if found:
                ruled = None if slots is None else layer
                matches += [_match(name, targets[0], ruled, slots, tensor) for name in found]
            elif slots is None or not slots[1].optional:
                missing.append(targets[0] if slots is None or slots[0] is None else _join(paths[0], slots[0].name))
    renames.check_used(names)
    _complain(source, missing, sorted(available.values()), unruled)
    return matches


def load_state(
    module: nn.Module,
    state: Mapping[str, Array],
    *,
    source: str,
    renames: Renames | None = None,
    passthrough: Sequence[str] = (),
) -> list[Match]:
    """Load arrays of another framework into a module, in place; return what went where.

    Args:
        module: see `match_state`.
        state: arrays by the source's names. One is read at a time.
        source: see `match_state`.
        renames: see `match_state`.
        passthrough: see `match_state`.

    Raises:
        PortingError: as `match_state`, or an array has a shape or values that do not fit. Names are checked before
            anything is loaded.

    Example:
        >>> import numpy as np
        >>> layer = nn.Linear(2, 1, bias=False)
        >>> [match.target for match in load_state(layer, {"weight": np.float32([[3], [4]])}, source="paddle")]
        ['weight']
        >>> layer.weight.tolist()
        [[3.0, 4.0]]
    """
    matches = match_state(module, list(state), source=source, renames=renames, passthrough=passthrough)
    for match in matches:
        match.load(state[match.source])
    return matches


def _owners(module: nn.Module) -> list[tuple[list[str], nn.Module]]:
    """Return every module once, with all its names."""
    names: dict[int, tuple[list[str], nn.Module]] = {}
    for name, one in nn.Module.named_modules(module, remove_duplicate=False):
        names.setdefault(id(one), ([], one))[0].append(name)
    return list(names.values())


def _own_tensors(module: nn.Module) -> dict[str, torch.Tensor]:
    """Return the parameters and buffers of a module that belong to its state, without those of its children."""
    buffers = {name: one for name, one in module._buffers.items() if name not in module._non_persistent_buffers_set}
    return {name: tensor for name, tensor in {**module._parameters, **buffers}.items() if tensor is not None}


def _slots(layer: Layer | None, own_name: str, source: str) -> tuple[Slot | None, Slot] | None:
    """Return the slots of the source (None: it has no such tensor) and here; None where there is no rule."""
    if source not in APIS:
        msg = f"source={source!r} is not a framework with layout rules; there are {', '.join(APIS)}."
        raise PortingError(msg)
    if layer is None:
        return None
    here = next((slot for slot in layout(layer.kind, layer.api).values() if slot.name == own_name), None)
    return None if here is None else (layout(layer.kind, source).get(here.role), here)


def _renamed(names: Sequence[str], renames: Renames) -> dict[str, str]:
    """Return the source's names by what they are called here."""
    available: dict[str, str] = {}
    for name in names:
        new = renames(name)
        if new in available:
            msg = f"{available[new]!r} and {name!r} of the source would both be {new!r} here. Rename one of them."
            raise PortingError(msg)
        available[new] = name
    return available


def _match(
    name: str, target: str, layer: Layer | None, slots: tuple[Slot | None, Slot] | None, tensor: torch.Tensor
) -> Match:
    shape = tuple(tensor.shape)
    if slots is None or slots[0] is None or layer is None:
        return Match(name, target, (SAME,), SAME, shape, None, tensor)
    form = slots[1].forms[0]
    assert form.torch_shape is not None, f"no front end has a layer whose {slots[1].name} is {form.name}"
    return Match(name, target, slots[0].forms, form, form.torch_shape(shape, layer), layer, tensor)


def _complain(source: str, missing: list[str], unexpected: list[str], unruled: list[str]) -> None:
    parts = []
    if unruled:
        parts.append(
            f"there is no layout rule for {', '.join(unruled)}: if such tensors lie here as in {source}, name them in "
            f"passthrough"
        )
    if missing:
        parts.append(f"the source lacks {', '.join(missing)}")
    if unexpected:
        parts.append(f"nothing here takes {', '.join(unexpected)} of the source")
    if missing and unexpected:
        parts.append("if layers have other names here, rename them (OLD=NEW)")
    if parts:
        msg = f"the state of {source} does not fit the module: {'; '.join(parts)}."
        raise PortingError(msg)


def _same_values(left: torch.Tensor, right: torch.Tensor) -> bool:
    return torch.equal(left, right) or bool(((left == right) | (left.isnan() & right.isnan())).all())


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
