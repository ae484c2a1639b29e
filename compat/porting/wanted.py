"""What tensors a model has, by layer kind: read off a module, or off a stated map of names to kinds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from torch import nn
from torch.nn.parameter import is_lazy

from .errors import PortingError
from .forms import GROUPED, SAME, Form
from .kinds import Kind, Layer, layer_of, normalized_shape
from .layouts import Slot, layout, slots
from .owners import join, own_tensors, owners

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch

Shape = tuple[int, ...]
CONVOLUTIONS = (Kind.CONV, Kind.CONV_TRANSPOSE)
NORMS = (Kind.BATCH_NORM, Kind.INSTANCE_NORM, Kind.GROUP_NORM, Kind.LAYER_NORM)
Kinds: TypeAlias = "Mapping[str, Kind | str | Layer | nn.Module]"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A tensor of a model.

    Attributes:
        paths: the names of its layer; more than one where the layer is shared.
        name: what the model itself calls the tensor in its layer.
        owner: the class of the layer, or its kind, for messages.
        layer: the layer, or None where there is no rule for this tensor.
        source: the source's name and forms of it; None: the source has no such tensor.
        target: likewise of the target.
        torch_shape: its shape in torch's layout, or None where the source's shape tells it.
        optional: whether a state may lack it.
        tensor: the model's own, which two layers may share; None where there is a kind alone.
        form: how that tensor lies; as in torch where there is no rule.
    """

    paths: tuple[str, ...]
    name: str
    owner: str
    layer: Layer | None
    source: Slot | None
    target: Slot | None
    torch_shape: Shape | None
    optional: bool
    tensor: torch.Tensor | None
    form: Form = SAME

    def names(self, slot: Slot | None) -> list[str]:
        """Return the full names under a slot's name; of the model itself where there is no rule."""
        if slot is None and self.layer is not None:
            return []
        own = (self.name,) if slot is None else (slot.name, *slot.also)
        return [join(path, name) for path in self.paths for name in own]

    def take(self, available: dict[str, str]) -> tuple[str, ...]:
        """Take its names out of those of the source, which are listed by what they are here.

        More than one, where a framework lists a shared tensor under each of its names.
        """
        candidates = self.names(self.source)
        # a stated name may be the model's own, or the target's
        stated = [*self.names(self.target), *(join(path, self.name) for path in self.paths)]
        candidates += [name for name in stated if available.get(name, name) != name]
        return tuple(available.pop(name) for name in dict.fromkeys(candidates) if name in available)

    @property
    def full_name(self) -> str:
        """The first name of the tensor in the model itself."""
        return join(self.paths[0], self.name)


def wanted_by(module: nn.Module | Kinds, shapes: Mapping[str, Shape], *, source: str, target: str) -> list[Wanted]:
    """Return the tensors of a model in its order.

    Args:
        module: a torch module, or a map from the names of layers to kinds. A kind is a `Kind`, its name (`"linear"`,
            `"conv_transpose"`, with groups `"conv_transpose:2"`), a `Layer`, or a module of that kind.
        shapes: of the source's tensors, by their names after renames; of a map, they say which tensors there are.
        source: one of `APIS`.
        target: likewise.

    Raises:
        PortingError: the map holds no kinds, or a layer has no tensors yet.
    """
    for api in (source, target):
        layout(Kind.LINEAR, api)
    if isinstance(module, nn.Module):
        return list(_of_module(module, "", source, target))
    if not isinstance(module, Mapping):
        msg = (
            f"module={module!r} tells no layer kinds; give the torch module whose state it is, or a map from names of "
            f"layers to kinds, such as {{'head': 'linear'}}."
        )
        raise PortingError(msg)
    found: list[Wanted] = []
    for prefix, kind in module.items():
        if isinstance(kind, nn.Module):
            found += _of_module(kind, prefix, source, target)
        else:
            found += _of_kind(prefix, kind, shapes, source, target)
    return found


def _of_module(module: nn.Module, prefix: str, source: str, target: str) -> Iterator[Wanted]:
    within = parts_of_stacks(module)
    for below, owner in owners(module):
        if id(owner) in within:
            continue
        layer = layer_of(owner)
        paths = tuple(".".join(filter(None, (prefix, path))) for path in below)
        own = {} if layer is None else {slot.name: slot for slot in slots(layer, layer.api).values()}
        if layer is not None and "weight" in own and is_unmade(owner):
            msg = (
                f"{paths[0] or 'the module'} ({type(owner).__name__}) has no parameters yet. Call it once, so that "
                f"they get their shapes."
            )
            raise PortingError(msg)
        for name, tensor in tensors_in(owner, layer).items():
            slot = own.get(name)
            shape = tuple(tensor.shape)
            if slot is None or layer is None:
                yield Wanted(paths, name, type(owner).__name__, None, None, None, shape, False, tensor)
                continue
            form, torch_shape = _form(owner, layer, slot, shape)
            there, here = slots(layer, target).get(slot.role), slots(layer, source).get(slot.role)
            optional = slot.optional
            yield Wanted(paths, name, type(owner).__name__, layer, here, there, torch_shape, optional, tensor, form)
        if layer is not None:
            yield from _beyond(layer, paths, type(owner).__name__, source, target)


def _form(owner: nn.Module, layer: Layer, slot: Slot, shape: Shape) -> tuple[Form, Shape]:
    """Return how a tensor of a module lies, and its shape in torch."""
    for form in slot.forms:
        if layer.kind is Kind.LAYER_NORM:
            torch_shape = normalized_shape(owner)
        else:
            assert form.torch_shape is not None, f"only a layer normalisation is {form.name}"
            torch_shape = form.torch_shape(shape, layer)
            if len(torch_shape) != axes_in_torch(layer, slot.role):
                continue
        if form.shape(torch_shape, layer) == shape:
            return form, torch_shape
    msg = (
        f"the {slot.name} of a {type(owner).__name__} in the model has shape {shape}, which that of a "
        f"{layer.kind.value} never has. Build it anew, with a tensor of the shape that its class makes."
    )
    raise PortingError(msg)


def _beyond(layer: Layer, paths: tuple[str, ...], owner: str, source: str, target: str) -> Iterator[Wanted]:
    """Yield what a state may hold of a layer, though the model's own framework has no such tensor."""
    there, own = slots(layer, target), slots(layer, layer.api)
    for role, slot in slots(layer, source).items():
        if slot.optional and role not in own:
            yield Wanted(paths, role, owner, layer, slot, there.get(role), (), True, None)


def parts_of_stacks(module: nn.Module) -> set[int]:
    """Return what recurrent layers hold in modules of their own, which are told of with them."""
    stacks = [one for _, one in owners(module) if (layer := layer_of(one)) is not None and layer.kind is Kind.RECURRENT]
    return {id(part) for one in stacks for _, part in owners(one) if part is not one}


def tensors_in(owner: nn.Module, layer: Layer | None) -> dict[str, torch.Tensor]:
    """Return the tensors of a layer by its own names; Paddle's recurrent layers have them in cells."""
    if layer is None or layer.kind is not Kind.RECURRENT or layer.api != "paddle":
        return own_tensors(owner)
    every = nn.Module.named_parameters(owner, remove_duplicate=False)
    return {name: one for name, one in every if "." in name}


def _counted(layer: Layer, prefix: str, shapes: Mapping[str, Shape]) -> Layer:
    """Return recurrent layers with their number, and that of their directions, as the names of tensors tell them."""
    start = re.escape(f"{prefix}." if prefix else "")
    numbers = [
        re.fullmatch(rf"{start}(?:weight_ih_l)?(\d+)(?:\.cell\w*\.weight_ih|_reverse)?", name) for name in shapes
    ]
    both = any(re.fullmatch(rf"{start}(weight_ih_l0_reverse|0\.cell_bw\.weight_ih)", name) for name in shapes)
    layers = 1 + max((int(found[1]) for found in numbers if found), default=0)
    return replace(layer, layers=layers, directions=1 + both)


def is_unmade(owner: Any) -> bool:
    """Whether a layer waits for its first input to make its weight; an affine norm without one does not."""
    weight = owner._parameters.get("weight")
    return is_lazy(weight) or (weight is None and getattr(owner, "_num_filters", None) is not None)


def _of_kind(
    prefix: str, given: Kind | str | Layer, shapes: Mapping[str, Shape], source: str, target: str
) -> Iterator[Wanted]:
    layer = given if isinstance(given, Layer) else layer_from(given, prefix)
    if layer.kind is Kind.RECURRENT:
        layer = _counted(layer, prefix, shapes)
    found = slots(layer, source)
    if layer.kind in CONVOLUTIONS and not layer.axes:
        axes_of_groups = layer.groups > 1 and found["weight"].forms[0] is GROUPED
        rank = len(shapes.get(join(prefix, "weight"), ()))
        axes = rank - 2 - axes_of_groups
        if rank and axes not in (1, 2, 3):
            stated = f"{layer.kind.value} of {layer.groups} group{'s' * (layer.groups != 1)}"
            msg = (
                f"{join(prefix, 'weight')!r} has {rank} axes, which a {stated} has not. State the groups: "
                f"'{layer.kind.name.lower()}:GROUPS' for {prefix!r}."
            )
            raise PortingError(msg)
        layer = replace(layer, axes=axes if rank else 0)
    present = [role for role, slot in found.items() if join(prefix, slot.name) in shapes]
    for role, slot in found.items():
        # a norm may have statistics alone
        needed = role.startswith(("weight_ih", "weight_hh")) or (
            role == "weight" and not (layer.kind in NORMS and present)
        )
        if needed or role in present:
            there = slots(layer, target).get(role)
            yield Wanted((prefix,), role, layer.kind.value, layer, slot, there, None, slot.optional, None)


def layer_from(given: Any, name: str) -> Layer:
    """Return the layer that a `Kind`, its value (`"batch normalisation"`) or its name (`"batch_norm"`) states.

    Args:
        given: the kind; the name of a convolution's may end in its groups, `"conv_transpose:2"`.
        name: of the layer, for the message.

    Raises:
        PortingError: it is none; the message says which there are.

    >>> layer_from("linear", "head").kind
    <Kind.LINEAR: 'linear'>
    >>> layer_from("conv:4", "stem").groups
    4
    """
    if isinstance(given, Kind):
        return Layer(given)
    text, colon, groups = given.partition(":") if isinstance(given, str) else ("", "", "")
    for kind in Kind:
        if text.lower() not in (kind.value.lower(), kind.name.lower()):
            continue
        if not colon:
            return Layer(kind)
        if kind in CONVOLUTIONS and groups.isdecimal() and int(groups) > 0:
            return Layer(kind, groups=int(groups))
        msg = f"{given!r} for {name!r}: after the colon stand the groups of a convolution, 1 and above."
        raise PortingError(msg)
    legal = ", ".join(kind.name.lower() for kind in Kind)
    msg = f"{given!r} for {name!r} is not a kind of layer; there are {legal}. Others need passthrough."
    raise PortingError(msg)


def axes_in_torch(layer: Layer, role: str) -> int:
    """Return how many axes torch's tensor of a role has; not of a layer normalisation, which has any number."""
    if role == "num_batches_tracked":
        return 0
    if role.startswith("weight_"):  # of recurrent layers
        return 2
    if role != "weight":
        return 1
    if layer.kind in (Kind.CONV, Kind.CONV_TRANSPOSE):
        return layer.axes + 2
    return 2 if layer.kind in (Kind.LINEAR, Kind.EMBEDDING) else 1
