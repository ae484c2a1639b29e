"""How one tensor gets from the source's layout to the target's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import PortingError
from .forms import FLAT, SAME, Form
from .kinds import Kind, Layer
from .wanted import Wanted, axes_in_torch

if TYPE_CHECKING:
    from .layouts import Slot

Shape = tuple[int, ...]
AS_IS = Layer(Kind.EMBEDDING)


@dataclass(frozen=True, slots=True)
class Conversion:
    """What is done to a tensor.

    Attributes:
        layer: the layer that owns it.
        source: how it lies in the source.
        target: how it is to lie.
        torch_shape: its shape in torch's layout.
        done: `("transposed",)`, `("reshaped",)`, `("passed through",)`, or nothing.
    """

    layer: Layer
    source: Form
    target: Form
    torch_shape: Shape
    done: tuple[str, ...]

    def apply(self, values: Any) -> Any:
        """Return the values in the target's layout; the same object where nothing is to be done."""
        if not self.done or self.done == ("passed through",):
            return values
        return self.source.to(self.target, values, self.torch_shape, self.layer)


def conversion(wanted: Wanted, name: str, shape: Shape, form: Form | None = None) -> Conversion:
    """Return how a tensor of the source gets to the target.

    Args:
        wanted: the tensor of the model.
        name: what the source calls it.
        shape: its shape there.
        form: how it is to lie. Default: as the target writes it.

    Raises:
        PortingError: that is none of the shapes that the rule allows.
    """
    if wanted.layer is None or wanted.target is None:
        if wanted.torch_shape is not None and wanted.torch_shape != shape:
            msg = (
                f"{name!r} has shape {shape}; {wanted.full_name!r} ({wanted.owner}) needs {wanted.torch_shape}, and "
                f"is passed through."
            )
            raise PortingError(msg)
        return Conversion(AS_IS, SAME, SAME, shape, ("passed through",))
    # a tensor that is stated by a rename, though the source's framework has none, lies as in torch
    forms = (SAME,) if wanted.source is None else wanted.source.forms
    source, torch_shape = _form(wanted, forms, name, shape)
    target = wanted.target.written(torch_shape) if form is None else form
    return Conversion(wanted.layer, source, target, torch_shape, _done(source, target, torch_shape, wanted.layer))


def _done(source: Form, target: Form, torch_shape: Shape, layer: Layer) -> tuple[str, ...]:
    if source is target:
        return ()
    if source.transposed != target.transposed:
        return ("transposed",)
    there, here = source.shape(torch_shape, layer), target.shape(torch_shape, layer)
    return () if there == here else ("reshaped",)


def _form(wanted: Wanted, forms: tuple[Form, ...], name: str, shape: Shape) -> tuple[Form, Shape]:
    """Return the form that a shape of the source has, and the shape in torch."""
    layer = wanted.layer
    assert layer is not None
    assert wanted.target is not None
    legal = []
    for form in forms:
        torch_shape = wanted.torch_shape
        if torch_shape is None:
            torch_shape = _told_by(form, wanted.target, layer, wanted.name, shape)
            if torch_shape is None:
                continue
        if form.shape(torch_shape, layer) == shape:
            return form, torch_shape
        legal.append(str(form.shape(torch_shape, layer)))
    if wanted.torch_shape is None:
        ask = "; state a torch layer in place of its kind" if layer.kind is Kind.LAYER_NORM else ""
        msg = f"{name!r} has shape {shape}, which is not that of the {wanted.name} of a {layer.kind.value}{ask}."
    else:
        needs = " or ".join(legal)
        msg = f"{name!r} has shape {shape}; {wanted.full_name!r} ({layer.kind.value}) needs {needs} there."
    raise PortingError(msg)


def _told_by(form: Form, target: Slot, layer: Layer, role: str, shape: Shape) -> Shape | None:
    """Return torch's shape if a form and a shape tell it, and it has the axes that the tensor has in torch."""
    if form is FLAT:
        return shape if target.written(shape) is FLAT else None
    assert form.torch_shape is not None
    torch_shape = form.torch_shape(shape, layer)
    if layer.kind is Kind.LAYER_NORM:
        return torch_shape
    return torch_shape if len(torch_shape) == axes_in_torch(layer, role) else None
