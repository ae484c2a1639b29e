"""A request: the call of one case as a framework gets it, right or wrong, and the operands that go with it."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .cases import Case
from .data import operands

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .data import Array, Operands

OPERANDS = ("input", "weight", "bias", "grad_output")


@dataclass(frozen=True, slots=True)
class Request:
    """What a framework is asked.

    Attributes:
        id: `form/family/what`, with the kind of data for values: `layer/option/stride-2/normal`.
        case: the operator that the operands belong to; the neutral terms.
        call: the call, as `recorder.py` takes it: the case in the framework's options, and whatever is wrong in it.
        shapes: operands that have another shape than the case says; its values are repeated to fill it.
        given: the operands that are sent. Without a weight the parameters are whatever the framework drew, and of the
            output only shape and dtype are kept.
        initial: whether the question is for the parameters that the framework draws.
    """

    id: str
    case: Case
    call: Mapping[str, Any]
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    given: tuple[str, ...] = OPERANDS
    initial: bool = False

    def operands(self) -> dict[str, Array]:
        """Make the operands, by name; the same ones on every machine."""
        if self.initial:
            return {}
        named = dict(zip(OPERANDS, _operands(self.case), strict=True))
        return {
            name: np.resize(value, self.shapes[name]) if name in self.shapes else value
            for name, value in named.items()
            if value is not None and name in self.given
        }

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON; what is at its default is left out."""
        # id and source are those of the vector
        case = {name: value for name, value in self.case.stated().items() if name not in ("id", "source")}
        fields: dict[str, Any] = {"id": self.id, "case": case, "call": dict(self.call)}
        if self.shapes:
            fields["shapes"] = {name: list(shape) for name, shape in self.shapes.items()}
        if self.given != OPERANDS:
            fields["given"] = list(self.given)
        if self.initial:
            fields["initial"] = True
        return fields

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Request:
        """Make the request again from `to_json()`, also after a trip through JSON text."""
        return cls(
            fields["id"],
            Case(id=fields["id"], source="recorded", **fields["case"]),
            fields["call"],
            {name: tuple(shape) for name, shape in fields.get("shapes", {}).items()},
            tuple(fields.get("given", OPERANDS)),
            fields.get("initial", False),
        )


@functools.lru_cache(maxsize=512)
def _operands(case: Case) -> Operands:
    # all forms and frameworks share the cases, and these are small
    return operands(case)
