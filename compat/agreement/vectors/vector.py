"""A vector: what a framework was asked (`request.py`), and what it did."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from ..request import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..data import Array

__all__ = ["Outcome", "Request", "Statistics", "Status", "Vector", "digest"]

Status: TypeAlias = Literal["ok", "refused", "crashed", "timeout"]


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
