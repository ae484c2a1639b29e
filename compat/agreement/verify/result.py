"""What a verification found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...checkpoints.shown import visible
from ...porting.table import as_html, as_text
from .status import Status

if TYPE_CHECKING:
    from ...porting import Match
    from ..comparison import Comparison


@dataclass(frozen=True, slots=True)
class LayerResult:
    """One call of one layer.

    Attributes:
        name: the layer's name here; in the recording, where there is none here.
        call: 0 for its first call, 1 for the second, ...
        there: its class in the recording, without the module; empty where it was not recorded.
        here: its class here; empty where there is none.
        shape: of the recorded output.
        status: `COMPARED` unless there is a reason not to.
        rule: how the bound was made, one of the rules of `bounds`.
        comparison: against the recorded output, the worst of them where there are several.
        beyond: how many elements are outside the bound.
        coarseness: greatest difference in units of eps times the greatest recorded value, where it is in the bound.
        notes: what the differences have in common, what was viewed, what was raised.
    """

    name: str
    call: int
    there: str = ""
    here: str = ""
    shape: tuple[int, ...] = ()
    status: Status = Status.COMPARED
    rule: str = ""
    comparison: Comparison | None = None
    beyond: int = 0
    coarseness: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against this layer."""
        if self.status is Status.COMPARED:
            return self.comparison is not None and self.comparison.ok
        return self.status not in (Status.RAISED, Status.NOT_CALLED)

    @property
    def verdict(self) -> str:
        """A word for the table."""
        return self.comparison.verdict.value if self.comparison is not None else self.status.value

    @property
    def share(self) -> float:
        """The fraction of elements outside the bound, 0 to 1."""
        return self.beyond / self.comparison.elements if self.comparison and self.comparison.elements else 0.0


@dataclass(frozen=True, slots=True)
class TensorResult:
    """An output of the model, or a gradient.

    Attributes:
        name: of the output, of the input, or of the parameter here.
        comparison: against the recording.
        beyond: how many elements are outside the bound.
        sensitivity: how far float32 is from float64 here, in units of float32's eps, at least as far as `end` takes
            it to be; what the bound is made of.
    """

    name: str
    comparison: Comparison
    beyond: int
    sensitivity: float


@dataclass(frozen=True, slots=True, repr=False)
class Verification:
    """A replay of a bundle. `print(verification)` shows a table.

    Attributes:
        bundle: path of the bundle.
        framework: name and version of the framework that recorded it.
        api: whose layout rules the recording has.
        training: the mode that the model was replayed in.
        layers: in the order of the recording; what was not recorded comes last.
        free: the outputs of the model run from end to end on what its own layers give: how far the roundings of all
            layers add up. They have no bound.
        outputs: the outputs of the model where every layer gives what was recorded: what is after the layers.
        gradients: of the fixed scalar, with respect to the inputs and the parameters.
        matches: which recorded tensor was loaded into which parameter or buffer.
        complete: whether outputs and gradients could be computed.
        notes: what was not compared, and why.
    """

    bundle: str
    framework: str
    api: str
    training: bool
    layers: tuple[LayerResult, ...]
    free: tuple[TensorResult, ...] = ()
    outputs: tuple[TensorResult, ...] = ()
    gradients: tuple[TensorResult, ...] = ()
    matches: tuple[Match, ...] = ()
    complete: bool = True
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        first = "" if self.first is None else f" from {visible(self.first.name, 60)} on"
        word = "agrees" if self.ok else f"DIFFERS{first}"
        return f"<Verification of {visible(self.framework, 40)}: {len(self.layers)} layer calls; it {word}>"

    def __str__(self) -> str:
        from .report import END_HEADERS, LAYER_HEADERS, divergence, end_rows, layer_rows, summary

        tables = [(LAYER_HEADERS, layer_rows(self)), (END_HEADERS, end_rows(self))]
        said = [as_text(headers, rows) + "\n" for headers, rows in tables if rows]
        return "\n".join([*said, *divergence(self), *self.notes, summary(self)])

    def _repr_html_(self) -> str:
        from .report import LAYER_HEADERS, layer_rows, summary

        first = "" if self.first is None else f"{visible(self.first.name, 60)} is the first that diverges. "
        rows = sorted(layer_rows(self), key=lambda row: "bad" not in (row.style, *row.styles))
        return as_html(first + summary(self), LAYER_HEADERS, rows)

    @property
    def first(self) -> LayerResult | None:
        """The first layer, in the order of the recording, that diverges; None where none does."""
        return next((layer for layer in self.layers if not layer.ok), None)

    @property
    def ok(self) -> bool:
        """Whether every layer, output and gradient agrees, and at least one layer or output was compared."""
        ends = (*self.outputs, *self.gradients)
        compared = any(layer.comparison is not None for layer in self.layers) or bool(self.outputs)
        return self.complete and compared and self.first is None and all(end.comparison.ok for end in ends)

    @property
    def largest_rounding(self) -> float:
        """The largest error of a layer in units of eps * magnitude."""
        compared = [layer.comparison for layer in self.layers if layer.comparison is not None]
        return max((one.max_eps for one in compared if one.max_eps is not None), default=0.0)

    @property
    def largest_share(self) -> float:
        """The largest error of a layer as a share of its bound, at most 1 where all agree."""
        compared = [layer.comparison for layer in self.layers if layer.comparison is not None]
        return max((one.of_bound for one in compared if one.of_bound is not None), default=0.0)
