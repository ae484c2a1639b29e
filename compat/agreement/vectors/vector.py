"""A vector: what a framework was asked, and what it did."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from ..cases import Case
from ..data import operands

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..data import Array, Operands

Status: TypeAlias = Literal["ok", "refused", "crashed", "timeout"]

OPERANDS = ("input", "weight", "bias", "grad_output")


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is kept of parameters that a framework drew: moments and extremes, not values.

    Attributes:
        shape: in torch's layout.
        min: the least value.
        max: the greatest value.
        mean: of all values.
        std: standard deviation, divided by the count.
        kurtosis: fourth central moment over std**4: 1.8 where uniform, 3 where normal, 0 for a constant.
    """

    shape: tuple[int, ...]
    min: float
    max: float
    mean: float
    std: float
    kurtosis: float

    @classmethod
    def of(cls, values: Array) -> Statistics:
        """Summarise values.

        >>> Statistics.of(np.array([1.0, -1.0])).kurtosis
        1.0
        """
        wide = values.astype(np.float64)
        mean, std = float(wide.mean()), float(wide.std())
        kurtosis = float(((wide - mean) ** 4).mean()) / std**4 if std > 0 else 0.0
        return cls(values.shape, float(wide.min()), float(wide.max()), mean, std, kurtosis)

    @property
    def count(self) -> int:
        """How many values there were."""
        return int(np.prod(self.shape))


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
        fields: dict[str, Any] = {"id": self.id, "case": _brief(self.case), "call": dict(self.call)}
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a framework, or a front end in its place, did with a request.

    Attributes:
        status: `ok`; `refused` (it raised); `crashed` (the process died); `timeout`.
        arrays: output and gradients by name, in torch's layout.
        output_shape: where the output's values mean nothing.
        kind: name of the exception's class.
        ancestors: names of that class and its base classes, `object` left out.
        message: its text, shortened.
        death: how the process ended: `SIGFPE`, `exit code 3`.
        statistics: of the drawn parameters, by name.
    """

    status: Status
    arrays: Mapping[str, Array] = field(default_factory=dict)
    output_shape: tuple[int, ...] | None = None
    kind: str | None = None
    ancestors: tuple[str, ...] = ()
    message: str | None = None
    death: str | None = None
    statistics: Mapping[str, Statistics] = field(default_factory=dict)

    @classmethod
    def of(cls, request: Request, status: Status, arrays: Mapping[str, Array], **others: Any) -> Outcome:
        """Keep of the arrays what means something: drawn parameters as statistics, and no values made with them."""
        if request.initial:
            return cls(status, statistics={name: Statistics.of(array) for name, array in arrays.items()}, **others)
        if "weight" not in request.given:
            return cls(status, output_shape=arrays["output"].shape if "output" in arrays else None, **others)
        return cls(status, arrays, **others)

    def __str__(self) -> str:
        """Return it in one line.

        >>> str(Outcome("refused", kind="ValueError", message="stride=0"))
        'refused (ValueError: stride=0)'
        """
        detail = f"{self.kind}: {self.message}" if self.status == "refused" else self.death
        return f"{self.status} ({detail})" if detail else self.status

    def to_json(self) -> dict[str, Any]:
        """Return everything but the arrays as JSON; what is at its default is left out."""
        fields: dict[str, Any] = {"status": self.status}
        for name in ("output_shape", "kind", "ancestors", "message", "death"):
            value = getattr(self, name)
            if value:
                fields[name] = list(value) if isinstance(value, tuple) else value
        if self.statistics:
            fields["statistics"] = {name: asdict(value) for name, value in self.statistics.items()}
        return fields

    @classmethod
    def from_json(cls, fields: Mapping[str, Any], arrays: Mapping[str, Array]) -> Outcome:
        """Make the outcome again from `to_json()` and the arrays."""
        shape = fields.get("output_shape")
        return cls(
            fields["status"],
            arrays,
            None if shape is None else tuple(shape),
            fields.get("kind"),
            tuple(fields.get("ancestors", ())),
            fields.get("message"),
            fields.get("death"),
            {
                name: Statistics(**{**values, "shape": tuple(values["shape"])})
                for name, values in fields.get("statistics", {}).items()
            },
        )


@dataclass(frozen=True, slots=True)
class Vector:
    """A request with its recorded outcome.

    Attributes:
        request: what was asked.
        outcome: what came back.
        operands: sha256 of the operands that were sent.
    """

    request: Request
    outcome: Outcome
    operands: str


def digest(arrays: Mapping[str, Array]) -> str:
    """Return the sha256 of named arrays: names, dtypes, shapes and bytes.

    >>> digest({"one": np.ones(1, "<f4")})[:12]
    '8e9f59781a2f'
    """
    content = hashlib.sha256()
    for name in sorted(arrays):
        values = np.ascontiguousarray(arrays[name])
        little = values.astype(values.dtype.newbyteorder("<"), copy=False)
        content.update(f"{name} {little.dtype.str} {values.shape}\n".encode())
        content.update(little.tobytes())
    return content.hexdigest()


@functools.lru_cache(maxsize=512)
def _operands(case: Case) -> Operands:
    # all forms and frameworks share the cases, and these are small
    return operands(case)


def _brief(case: Case) -> dict[str, Any]:
    """Return the fields of a case that are not at their defaults; id and source are those of the vector."""
    fields = case.to_json()
    required = ("in_channels", "out_channels", "kernel_size", "input_size")
    plain = Case(id="", source="", **{name: fields[name] for name in required}).to_json()
    return {
        name: value
        for name, value in fields.items()
        if name in required or (name not in ("id", "source") and value != plain[name])
    }
