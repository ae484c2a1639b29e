"""What porting a state did, tensor by tensor."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from ..cli.table import Row
from .table import as_html, as_text

ACTIONS = (
    "matched",
    "transposed",
    "reshaped",
    "renamed",
    "by order",
    "tied",
    "passed through",
    "left out",
    "missing",
    "unexpected",
)
FAULTS = ("missing", "unexpected")
HEADERS = ("tensor", "done", "shape", "from", "dtype", "note")
# What a narrow terminal goes without, and what it breaks into lines.
OPTIONAL, FOLDED = ("dtype",), "note"


@dataclass(frozen=True, slots=True)
class PortedTensor:
    """What became of one tensor.

    Attributes:
        source: its name in the source, or None where it is missing there.
        target: its name in the target, or None where the target takes no such tensor.
        done: some of `ACTIONS`; `("matched",)` alone is a tensor that is the same in both.
        source_shape: its shape in the source, where it is there.
        target_shape: its shape in the target, where it is known.
        dtype: of the values, which porting never changes.
        note: the kind of the layer, or what to do.
    """

    source: str | None
    target: str | None
    done: tuple[str, ...]
    source_shape: tuple[int, ...] | None = None
    target_shape: tuple[int, ...] | None = None
    dtype: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        """Its name in the target, or in the source where it has none there."""
        return self.target if self.target is not None else str(self.source)


@dataclass(frozen=True, slots=True, repr=False)
class PortReport:
    """What `port_state` did: a line per tensor. `print(report)` shows a table.

    Attributes:
        source: the framework that the state came from.
        target: the framework whose layout it has now.
        tensors: one per tensor, those of the module first, in its order.

    Example:
        >>> import fourfold
        >>> import numpy as np
        >>> _, report = fourfold.port_state(
        ...     {"weight": np.zeros((2, 3))}, source="paddle", target="torch", module={"": "linear"})
        >>> report.transposed, report.ok
        (['weight'], True)
    """

    source: str
    target: str
    tensors: tuple[PortedTensor, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is missing and nothing unexpected."""
        return not (self.missing or self.unexpected)

    @property
    def matched(self) -> list[str]:
        """Names of the tensors that are in the target, whatever was done to them."""
        return [one.name for one in self.tensors if one.source is not None and one.target is not None]

    @property
    def transposed(self) -> list[str]:
        """Names here and below: in the target. Tensors whose axes were swapped."""
        return self.done("transposed")

    @property
    def reshaped(self) -> list[str]:
        """Tensors whose values lie in the same order under another shape, by rule."""
        return self.done("reshaped")

    @property
    def renamed(self) -> list[str]:
        """Tensors that have another name in the source, by rule or as stated."""
        return self.done("renamed")

    @property
    def by_order(self) -> list[str]:
        """Tensors that were found by their place in the source."""
        return self.done("by order")

    @property
    def passed_through(self) -> list[str]:
        """Tensors without a rule that were taken as they are, as stated."""
        return self.done("passed through")

    @property
    def left_out(self) -> list[str]:
        """Names in the source of tensors that the target's layer does not have and does not need."""
        return self.done("left out")

    @property
    def missing(self) -> list[str]:
        """Tensors that the target needs and the source lacks."""
        return self.done("missing")

    @property
    def unexpected(self) -> list[str]:
        """Names in the source of tensors that nothing takes."""
        return self.done("unexpected")

    def done(self, action: str) -> list[str]:
        """Return the names of the tensors to which something was done.

        Args:
            action: one of `ACTIONS`.
        """
        return [one.name for one in self.tensors if action in one.done]

    @property
    def caution(self) -> str:
        """What the report cannot vouch for: tensors that were paired by order. Empty where there are none."""
        count = len(self.by_order)
        if not count:
            return ""
        return (
            f"{count} tensor{'' if count == 1 else 's'} paired by order, where no name tells that the pairs are right: "
            f"`fourfold verify` with a recording of the model is the proof"
        )

    def rows(self, action: str | None = None) -> list[Row]:
        """Return the lines of the table whose columns are `HEADERS`.

        Args:
            action: one of `ACTIONS`, to which alone the lines are. Default: all lines.
        """
        return [
            Row(
                (one.name, ", ".join(one.done), _sizes(one), _origin(one), one.dtype, one.note),
                "bad" if set(one.done) & set(FAULTS) else "dim" if one.done == ("matched",) else "",
            )
            for one in self.tensors
            if action is None or action in one.done
        ]

    def summary(self) -> str:
        """Return one line: how many tensors, and what was done to them. Each is counted once."""
        counts = Counter(one.done for one in self.tensors)
        missing = counts.pop(("missing",), 0)
        done = [
            f"{counts[actions]} {' and '.join(actions)}"
            for actions in sorted(counts, key=lambda actions: [ACTIONS.index(action) for action in actions])
        ]
        count = counts.total()
        text = f"{self.source} to {self.target}: {count} tensor{'' if count == 1 else 's'}: "
        return text + (", ".join(done) or "nothing to do") + (f"; and {missing} missing" if missing else "")

    def as_json(self) -> dict[str, Any]:
        """Return the report as what JSON can hold."""
        return {
            "source": self.source,
            "target": self.target,
            "ok": self.ok,
            "caution": self.caution,
            "tensors": [
                {
                    "source": one.source,
                    "target": one.target,
                    "done": list(one.done),
                    "source_shape": None if one.source_shape is None else list(one.source_shape),
                    "target_shape": None if one.target_shape is None else list(one.target_shape),
                    "dtype": one.dtype,
                    "note": one.note,
                }
                for one in self.tensors
            ],
        }

    def __repr__(self) -> str:
        return f"<PortReport: {self.summary()}>"

    def __str__(self) -> str:
        return "\n".join(filter(None, (as_text(HEADERS, self.rows()), self.summary(), self.caution)))

    def _repr_html_(self) -> str:
        caption = ". ".join(filter(None, (self.summary(), self.caution)))
        return as_html(caption, HEADERS, sorted(self.rows(), key=lambda row: row.style != "bad"))


def _origin(one: PortedTensor) -> str:
    """Return the name in the source where it is another."""
    return "" if one.source is None or one.source == one.name else one.source


def _sizes(one: PortedTensor) -> str:
    """Return the shape, or where it is another in the target, both."""
    before, after = _size(one.source_shape), _size(one.target_shape)
    return f"{before} -> {after}" if before and after and before != after else before or after


def _size(shape: tuple[int, ...] | None) -> str:
    if shape is None:
        return ""
    return " x ".join(map(str, shape)) or "scalar"
