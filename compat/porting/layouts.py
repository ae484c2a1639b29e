"""The layout rules: for each kind of layer and each framework, what its tensors are called and how they lie.

One row says it for one tensor. `role` is torch's name of the tensor. Checked in Paddle 3.3.1 and 1.8.5, MegEngine
1.13.0, OneFlow 0.9.0 and torch 2.13.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from .errors import PortingError
from .forms import CHANNEL_AXIS, CHANNEL_OF_FOUR, FLAT, GROUPED, SAME, TRANSPOSED, Form
from .kinds import APIS, Kind, Layer

ALL = APIS
PADDLES = ("paddle", "fluid")
TORCHES = ("torch", "oneflow")


@dataclass(frozen=True, slots=True)
class Slot:
    """One tensor of a layer in one framework.

    Attributes:
        role: torch's name of it.
        name: the framework's.
        forms: how it may lie; the first is the one to write. `state_dict` and `named_parameters` of MegEngine
            disagree about some shapes, so that a gradient may have another form than its parameter.
        optional: whether a state may lack it, because no value that a layer computes depends on it.
        also: other names under which the framework lists the same tensor.
    """

    role: str
    name: str
    forms: tuple[Form, ...] = (SAME,)
    optional: bool = False
    also: tuple[str, ...] = ()

    def written(self, torch_shape: tuple[int, ...]) -> Form:
        """Return the form to write a tensor of this shape in torch in."""
        return SAME if self.forms == SLOPES and torch_shape == (1,) else self.forms[0]


# one slope for all channels is (1); a slope per channel has four axes, whatever the input has
SLOPES = (CHANNEL_OF_FOUR, SAME)


@dataclass(frozen=True, slots=True)
class Row:
    """A slot of a kind, for the frameworks that share it."""

    kind: Kind
    apis: tuple[str, ...]
    slot: Slot


OF_CELLS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
ROWS = (
    Row(Kind.CONV_TRANSPOSE, (*TORCHES, *PADDLES), Slot("weight", "weight")),
    Row(Kind.CONV_TRANSPOSE, (*TORCHES, *PADDLES), Slot("bias", "bias")),
    Row(Kind.CONV_TRANSPOSE, ("megengine",), Slot("weight", "weight", (GROUPED,))),
    Row(Kind.CONV_TRANSPOSE, ("megengine",), Slot("bias", "bias", (CHANNEL_AXIS,))),
    Row(Kind.CONV, (*TORCHES, *PADDLES), Slot("weight", "weight")),
    Row(Kind.CONV, (*TORCHES, *PADDLES), Slot("bias", "bias")),
    Row(Kind.CONV, ("megengine",), Slot("weight", "weight", (GROUPED,))),
    Row(Kind.CONV, ("megengine",), Slot("bias", "bias", (CHANNEL_AXIS,))),
    Row(Kind.LINEAR, (*TORCHES, "megengine"), Slot("weight", "weight")),
    Row(Kind.LINEAR, PADDLES, Slot("weight", "weight", (TRANSPOSED,))),
    Row(Kind.LINEAR, ALL, Slot("bias", "bias")),
    Row(Kind.BATCH_NORM, (*TORCHES, *PADDLES), Slot("weight", "weight")),
    Row(Kind.BATCH_NORM, (*TORCHES, *PADDLES), Slot("bias", "bias")),
    Row(Kind.BATCH_NORM, TORCHES, Slot("running_mean", "running_mean")),
    Row(Kind.BATCH_NORM, TORCHES, Slot("running_var", "running_var")),
    Row(Kind.BATCH_NORM, TORCHES, Slot("num_batches_tracked", "num_batches_tracked", optional=True)),
    Row(Kind.BATCH_NORM, PADDLES, Slot("running_mean", "_mean")),
    Row(Kind.BATCH_NORM, PADDLES, Slot("running_var", "_variance")),
    Row(Kind.BATCH_NORM, ("megengine",), Slot("weight", "weight", (SAME, CHANNEL_OF_FOUR))),
    Row(Kind.BATCH_NORM, ("megengine",), Slot("bias", "bias", (SAME, CHANNEL_OF_FOUR))),
    Row(Kind.BATCH_NORM, ("megengine",), Slot("running_mean", "running_mean", (SAME, CHANNEL_OF_FOUR))),
    Row(Kind.BATCH_NORM, ("megengine",), Slot("running_var", "running_var", (SAME, CHANNEL_OF_FOUR))),
    Row(Kind.INSTANCE_NORM, (*TORCHES, "megengine"), Slot("weight", "weight")),
    Row(Kind.INSTANCE_NORM, PADDLES, Slot("weight", "scale")),
    Row(Kind.INSTANCE_NORM, ALL, Slot("bias", "bias")),
    Row(Kind.INSTANCE_NORM, TORCHES, Slot("running_mean", "running_mean")),
    Row(Kind.INSTANCE_NORM, TORCHES, Slot("running_var", "running_var")),
    Row(Kind.INSTANCE_NORM, TORCHES, Slot("num_batches_tracked", "num_batches_tracked", optional=True)),
    Row(Kind.GROUP_NORM, ALL, Slot("weight", "weight")),
    Row(Kind.GROUP_NORM, ALL, Slot("bias", "bias")),
    Row(Kind.LAYER_NORM, TORCHES, Slot("weight", "weight")),
    Row(Kind.LAYER_NORM, TORCHES, Slot("bias", "bias")),
    Row(Kind.LAYER_NORM, PADDLES, Slot("weight", "weight", (FLAT,))),
    Row(Kind.LAYER_NORM, PADDLES, Slot("bias", "bias", (FLAT,))),
    Row(Kind.LAYER_NORM, ("megengine",), Slot("weight", "weight", (FLAT, SAME))),
    Row(Kind.LAYER_NORM, ("megengine",), Slot("bias", "bias", (FLAT, SAME))),
    Row(Kind.PRELU, TORCHES, Slot("weight", "weight")),
    Row(Kind.PRELU, ("paddle",), Slot("weight", "_weight")),
    Row(Kind.PRELU, ("fluid", "megengine"), Slot("weight", "weight", SLOPES)),
    Row(Kind.EMBEDDING, ALL, Slot("weight", "weight")),
    *(Row(Kind.RECURRENT_CELL, (*TORCHES, "paddle", "megengine"), Slot(name, name)) for name in OF_CELLS),
    # of each layer and direction, see `slots`; MegEngine has all weights in one tensor
    *(Row(Kind.RECURRENT, (*TORCHES, "paddle"), Slot(name, name)) for name in OF_CELLS),
    Row(Kind.RECURRENT, TORCHES, Slot("weight_hr", "weight_hr")),
)


@cache
def layout(kind: Kind, api: str) -> dict[str, Slot]:
    """Return the tensors of a kind of layer in a framework, by role.

    Args:
        kind: of the layer.
        api: one of `APIS`.

    Raises:
        PortingError: there is no such framework.

    Example:
        >>> [slot.name for slot in layout(Kind.BATCH_NORM, "paddle").values()]
        ['weight', 'bias', '_mean', '_variance']
    """
    if api not in APIS:
        msg = f"{api!r} is not a framework with layout rules; there are {', '.join(APIS)}."
        raise PortingError(msg)
    return {row.slot.role: row.slot for row in ROWS if row.kind is kind and api in row.apis}


def slots(layer: Layer, api: str) -> dict[str, Slot]:
    """Return the tensors of a layer in a framework, by role: those of each recurrent layer and direction by itself.

    Args:
        layer: what is known of it.
        api: one of `APIS`.

    Example:
        >>> both = Layer(Kind.RECURRENT, directions=2)
        >>> list(slots(both, "torch"))[4:6], slots(both, "paddle")["weight_ih_l0_reverse"].name
        (['weight_hr_l0', 'weight_ih_l0_reverse'], '0.cell_bw.weight_ih')
    """
    found = layout(layer.kind, api)
    if layer.kind is not Kind.RECURRENT:
        return found
    made = {}
    for number in range(layer.layers):
        for side in range(layer.directions):
            cell = f"{number}.{'cell' if layer.directions == 1 else ('cell_fw', 'cell_bw')[side]}"
            for name, slot in found.items():
                role = f"{name}_l{number}{'_reverse' * side}"
                # Paddle lists what its cells have under torch's names too
                paddles = replace(slot, role=role, name=f"{cell}.{name}", also=(role,))
                made[role] = paddles if api == "paddle" else replace(slot, role=role, name=role)
    return made
