"""What becomes of each layer of a module."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from ...frontends.megengine.module import rnn
from ..cli.console import Row as Line
from .dialects import TARGETS, nearest, rows_for
from .errors import NoCounterpartError, PortingError
from .exchange import Exchange, exchange
from .owners import owners
from .table import as_html, as_text
from .wanted import parts_of_stacks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .dialects import Row


HEADERS = ("layer", "class", "becomes", "note")
# they hold layers and compute by themselves: torch's with the tensors of these, MegEngine's without
COMPOSITES = (nn.MultiheadAttention, nn.TransformerEncoderLayer, rnn.RNNBase)


@dataclass(frozen=True, slots=True)
class PlannedLayer:
    """What becomes of one layer.

    Attributes:
        names: where it stands in the tree; more than one where it is shared.
        kind: its class.
        becomes: the class that takes its place, or None where it stays.
        note: why it stays, or what changes.
    """

    names: tuple[str, ...]
    kind: str
    becomes: str | None
    note: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class ModulePlan:
    """What `port_module` does, layer by layer; `print(plan)` shows a table.

    Attributes:
        target: a name in `fourfold.compat.porting.TARGETS`.
        layers: modules with tensors of their own, and those without modules below them.
    """

    target: str
    layers: tuple[PlannedLayer, ...]

    @property
    def rebuilt(self) -> list[str]:
        """First names of the layers that the target's class takes the place of."""
        return [one.names[0] for one in self.layers if one.becomes is not None]

    def __repr__(self) -> str:
        return f"<ModulePlan to {self.target}: {len(self.rebuilt)} of {len(self.layers)} layers are rebuilt>"

    def __str__(self) -> str:
        return as_text(HEADERS, self._lines())

    def _repr_html_(self) -> str:
        return as_html(repr(self)[1:-1], HEADERS, self._lines())

    def _lines(self) -> list[Line]:
        return [
            Line((", ".join(one.names) or "(itself)", one.kind, one.becomes or "stays", one.note))
            for one in self.layers
        ]


Exchanges = dict[int, Exchange]


def exchanges(module: Any, target: str, keep: Sequence[str]) -> tuple[Exchanges, ModulePlan]:
    """Build the layers that take others' places, by the identity of those; their tensors are not made yet.

    Args:
        module: as in `port_module`.
        target: likewise.
        keep: likewise.

    Raises:
        PortingError: as `port_module`.
        TypeError: likewise.
    """
    _check(module, target)
    if isinstance(keep, str):
        msg = f"keep={keep!r} is one string; give a list of patterns, such as [{keep!r}]."
        raise PortingError(msg)
    found: Exchanges = {}
    layers: list[PlannedLayer] = []
    faults: list[str] = []
    stuck: list[str] = []
    unused = dict.fromkeys(keep)
    parts = {
        id(part): whole for _, whole in owners(module) if isinstance(whole, COMPOSITES) for part in whole.modules()
    }
    within = parts_of_stacks(module)
    for paths, one in owners(module):
        if id(one) in within:
            continue
        kept = patterns_of(paths, keep)
        for pattern in kept:
            unused.pop(pattern, None)
        kind = type(one).__name__
        try:
            decision = "as asked" if kept else _decision(one, parts.get(id(one), one), target)
        except ValueError as error:  # the engine's and the front ends' errors are ValueErrors as well
            faults.append(f"{paths[0] or 'the module'} ({kind}) cannot become {target}'s: {str(error).rstrip('.')}")
            stuck.append(paths[0])
            continue
        if not isinstance(decision, str):
            found[id(one)] = decision
            becomes = f"{target} {type(decision.layer).__name__}"
            layers.append(PlannedLayer(tuple(paths), kind, becomes, "; ".join(decision.notes)))
        elif one._parameters or one._buffers or not one._modules:
            layers.append(PlannedLayer(tuple(paths), kind, None, decision))
    if stuck and stuck != [""]:
        faults.append(f"keep={stuck!r} leaves {'them as they are' if len(stuck) > 1 else 'it as it is'}")
    if unused:
        faults.append(f"keep={list(unused)} fits no layer")
    if faults:
        raise PortingError("; ".join(faults) + ".")
    return found, ModulePlan(target, tuple(layers))


def patterns_of(paths: Sequence[str], keep: Sequence[str]) -> list[str]:
    """Return the patterns that fit one of the names of a module."""
    return [pattern for pattern in keep if any(fnmatchcase(path, pattern) for path in paths)]


def _check(module: Any, target: str) -> None:
    if target not in TARGETS:
        msg = f"target={target!r} is not an API with layers; there are {', '.join(TARGETS)}."
        raise PortingError(msg)
    if not isinstance(module, nn.Module):
        out = "Porting optimizers is out of scope. " if hasattr(module, "param_groups") else ""
        msg = f"module is a {type(module).__name__}; it must be a torch.nn.Module. {out}Give the model."
        raise TypeError(msg)
    scripted = [name for name, one in module.named_modules() if isinstance(one, torch.jit.ScriptModule)]
    if scripted:
        msg = (
            f"{scripted[0] or 'the module'} is a TorchScript module, whose layers cannot be exchanged. Port its source."
        )
        raise PortingError(msg)
    for name, one in module.named_modules():
        if any(map(is_lazy, (*one._parameters.values(), *one._buffers.values()))):
            msg = (
                f"{name or 'the module'} ({type(one).__name__}) has no parameters yet. Call it once, so that they get "
                f"their shapes."
            )
            raise PortingError(msg)


def _decision(module: nn.Module, whole: nn.Module, target: str) -> Exchange | str:
    """Return what takes the place of a module, or why it stays.

    Raises:
        ValueError: it would be exchanged, and cannot be.
    """
    if whole is not module:
        return f"{type(whole).__name__} computes with its tensors"
    source = nearest(module)
    if source is not None and target in source.targets:
        return "the target's already" if type(module) is source.type else "a subclass of the target's"
    rows = [] if source is None else rows_for(source, target)
    if source is None or not rows:
        return f"{target} has no counterpart"
    if type(module) is not source.type:
        if not module._parameters and not module._buffers:
            return f"a subclass of {source.type.__name__}"
        remedy = ". Remove its parametrizations first" if hasattr(module, "parametrizations") else ""
        msg = f"it is of a subclass of {source.type.__name__}, whose own behaviour a new layer would lack{remedy}"
        raise PortingError(msg)
    try:
        return _first(module, source, rows)
    except NoCounterpartError as error:
        return f"{target} has no counterpart: {error}"


def _first(module: nn.Module, source: Row, rows: list[Row]) -> Exchange:
    """Return the first exchange that says what a layer means; where none does, raise what the first raises."""
    first, *others = rows
    try:
        return exchange(module, source, first)
    except ValueError:
        for row in others:
            with contextlib.suppress(ValueError):
                return exchange(module, source, row)
        raise
